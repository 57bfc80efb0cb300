//! Objects for references: a secret or a parameter by its name, `aws-sm://app/db?stage=AWSPREVIOUS#password`. Without
//! a path, everything that the source reads.

use std::sync::Arc;

use super::configure::Selection;
use super::error::Error;
use super::secrets_manager::{SecretRef, Version};
use super::source::AwsSource;
use super::{parameter_store, secrets_manager};
use crate::provider::{self, ObjectsRead, ReadObjects, UnknownOption};
use crate::secret::{Object, ObjectAddress, ObjectContent, Value};

/// The option that selects a version of a secret by its staging label.
const STAGE: &str = "stage";
/// The option that selects a version of a parameter by its label.
pub(super) const LABEL: &str = "label";

impl ReadObjects for AwsSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            let options: &'static [&'static str] = match self.selection() {
                Selection::Secrets(_) => &["version", STAGE],
                Selection::Parameters(_) => &["version", LABEL],
            };
            for address in addresses {
                UnknownOption::check(address, options)?;
            }
            self.objects(addresses).await.map_err(provider::Error::from)
        })
    }
}

impl AwsSource {
    async fn objects(&self, addresses: &[ObjectAddress]) -> Result<Vec<Option<Object>>, Error> {
        let api = self.api()?;
        let with_path: Vec<_> =
            addresses.iter().filter(|address| !address.path.is_empty()).collect();
        let found = match self.selection() {
            Selection::Secrets(_) => {
                let secrets: Vec<_> = with_path.iter().map(|address| secret(address)).collect();
                secrets_manager::values(api, &secrets).await?
            }
            Selection::Parameters(_) => {
                let names: Vec<_> = with_path.iter().map(|address| parameter(address)).collect();
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                parameter_store::values(api, &names).await?
            }
        };
        let mut found = found.into_iter();
        let mut objects = Vec::with_capacity(addresses.len());
        for address in addresses {
            objects.push(if address.path.is_empty() {
                let content = ObjectContent::Members(self.members().await?);
                Some(self.object(address, content, None))
            } else {
                let value = |(value, version): (Value, Option<String>)| {
                    self.object(address, ObjectContent::Value(value), version)
                };
                found.next().flatten().map(value)
            });
        }
        Ok(objects)
    }

    /// Everything that the source reads by its own settings.
    async fn members(&self) -> Result<Vec<(String, Value)>, Error> {
        let secrets = self.read().await?.into_iter();
        Ok(secrets.map(|secret| (secret.name.as_str().to_owned(), secret.value)).collect())
    }

    fn object(
        &self,
        address: &ObjectAddress,
        content: ObjectContent,
        version: Option<String>,
    ) -> Object {
        let source = Arc::clone(self.source_name());
        Object { source, address: address.clone(), content, version, age: None }
    }
}

pub(super) fn option<'a>(address: &'a ObjectAddress, name: &str) -> Option<&'a str> {
    let found = address.options.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

pub(super) fn secret(address: &ObjectAddress) -> SecretRef {
    let stage = option(address, STAGE).map(|stage| Version::Stage(stage.to_owned()));
    let version = address.version.as_deref().map(Version::parse);
    SecretRef { id: address.path.clone(), version: version.or(stage) }
}

/// The name of a parameter. One of a hierarchy begins with a slash, which a reference leaves out.
pub(super) fn parameter(address: &ObjectAddress) -> String {
    let path = &address.path;
    let is_full = path.starts_with('/') || path.starts_with("arn:") || !path.contains('/');
    let name = if is_full { path.clone() } else { format!("/{path}") };
    let selector = address.version.as_deref().or_else(|| option(address, LABEL));
    selector.map_or_else(|| name.clone(), |selector| format!("{name}:{selector}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(path: &str, version: Option<&str>, options: &[(&str, &str)]) -> ObjectAddress {
        let options = options.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        ObjectAddress {
            path: path.to_owned(),
            version: version.map(str::to_owned),
            options: options.collect(),
        }
    }

    #[test]
    fn a_reference_names_a_secret_or_a_parameter() {
        for (path, version, options, want) in [
            ("app/db", None, &[][..], "app/db"),
            ("app/db", Some("AWSPREVIOUS"), &[], "app/db?stage=AWSPREVIOUS"),
            ("app/db", None, &[("stage", "blue")], "app/db?stage=blue"),
        ] {
            assert_eq!(secret(&address(path, version, options)).text(), want);
        }
        let arn = "arn:aws:ssm:eu-west-1:1:parameter/a";
        for (path, version, options, want) in [
            ("app/db", None, &[][..], "/app/db"),
            ("/app/db", None, &[], "/app/db"),
            ("flat", Some("3"), &[], "flat:3"),
            ("app/db", None, &[("label", "prod")], "/app/db:prod"),
            (arn, None, &[], arn),
        ] {
            assert_eq!(parameter(&address(path, version, options)), want);
        }
    }
}
