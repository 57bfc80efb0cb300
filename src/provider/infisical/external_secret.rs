//! Infisical in the manifests of External Secrets: the provider `infisical`. A store is one folder of one environment;
//! the key of a secret is its name in that folder, or a path from the root.

use serde_json::{Value as Json, json};

use super::configure::{DEFAULT_DOMAIN, DEFAULT_ENVIRONMENT};
use super::schema::{
    self, CLIENT_ID_CREDENTIAL, CLIENT_SECRET, IDENTITY_ID_CREDENTIAL, JWT, LDAP_PASSWORD, TOKEN,
};
use super::settings::normalise;
use crate::config::Layers;
use crate::config::credential::find;
use crate::config::schema as common;
use crate::provider::external_secret::store::{ScopeEntry, gjson_path};
use crate::provider::external_secret::{AuthSecret, ManifestError, ManifestStore, RemoteRef};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `infisical`.
#[derive(Debug)]
pub(super) struct Manifests;

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let project = layers.text(&schema::PROJECT)?.map(|setting| setting.value);
        let project = project.ok_or_else(|| {
            ManifestError::new("it has no project", "set `project` to the slug of the project")
        })?;
        if is_uuid(&project) {
            return Err(ManifestError::new(
                "the manifest needs the slug of the project, not its ID",
                "set `project` to the slug, which the settings of the project show",
            ));
        }
        let environment = layers.text(&schema::ENV)?.map(|setting| setting.value);
        let mut scope = json!({
            "projectSlug": project,
            "environmentSlug": environment.as_deref().unwrap_or(DEFAULT_ENVIRONMENT),
            "secretsPath": folders(layers)?.into_iter().next().unwrap_or_else(|| "/".into()),
            "recursive": layers.switch(&schema::RECURSIVE, false)?,
            "expandSecretReferences": layers.switch(&schema::EXPAND, true)?,
        });
        if let Some(organization) = layers.text(&schema::ORGANIZATION)?
            && let Some(scope) = scope.as_object_mut()
        {
            scope.insert("organizationSlug".into(), organization.value.into());
        }
        let mut block = json!({ "auth": login(layers, auth)?, "secretsScope": scope });
        if let Some(block) = block.as_object_mut() {
            let domain = layers.text(&schema::DOMAIN)?.map(|setting| setting.value);
            let domain = domain.unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
            let host = domain.trim_end_matches('/').trim_end_matches("/api");
            let host =
                if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
            block.insert("hostAPI".into(), format!("{host}/api").into());
            if layers.path(&common::CA_FILE)?.is_some() {
                block.insert("caProvider".into(), auth.ca());
            }
        }
        Ok(json!({ "infisical": block }))
    }

    fn remote_ref(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        if let Some((option, _)) = address.options.first() {
            return Err(ManifestError::new(
                format!(
                    "a store has one environment, so `{option}=` cannot be part of a reference"
                ),
                "define another source for the other environment",
            ));
        }
        let (name, property) = match property {
            Property::Key(name) => (name.clone(), None),
            Property::Pointer(tokens) => match tokens.as_slice() {
                [] => return Err(whole()),
                [name] => (name.clone(), None),
                [name, rest @ ..] => (name.clone(), gjson_path(&Property::Pointer(rest.to_vec()))),
            },
            Property::Whole => return Err(whole()),
        };
        let key = match address.path.as_str() {
            "" => {
                single_folder(layers)?;
                name
            }
            folder => format!("{}/{name}", normalise(folder).trim_end_matches('/')),
        };
        Ok(RemoteRef { key, property, version: None })
    }

    fn extract(&self, _: &Layers<'_>, _: &ObjectAddress) -> Result<RemoteRef, ManifestError> {
        Err(ManifestError::new(
            "the operator cannot read all secrets of a folder that is not the store's own",
            "define a source with this `path`, or refer to the secrets one by one",
        ))
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        single_folder(layers)?;
        if layers.list(&schema::TAGS)?.is_some() {
            return Err(ManifestError::new(
                "the operator cannot select secrets by tags in Infisical",
                "remove `tags`, or refer to the secrets one by one in [env]",
            ));
        }
        Ok(vec![ScopeEntry::DataFrom(json!({ "find": { "name": { "regexp": ".*" } } }))])
    }
}

fn whole() -> ManifestError {
    ManifestError::new("the reference names no secret of its folder", "write the name behind `#`")
}

fn folders(layers: &Layers<'_>) -> Result<Vec<String>, ManifestError> {
    let folders = layers.list(&schema::PATH)?.map(|setting| setting.value).unwrap_or_default();
    Ok(folders.iter().map(|folder| normalise(folder)).collect())
}

fn single_folder(layers: &Layers<'_>) -> Result<(), ManifestError> {
    match folders(layers)?.len() {
        0 | 1 => Ok(()),
        count => Err(ManifestError::new(
            format!("it has {count} folders, and a store of External Secrets has one"),
            "define a source for each folder",
        )),
    }
}

/// The login: that of `method`, or of the credentials that are set.
fn login(layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
    let method = layers.text(&schema::METHOD)?.map(|setting| setting.value);
    let method = match method {
        Some(method) => method,
        None if find(&TOKEN, layers)?.is_some() => "token".into(),
        None if find(&LDAP_PASSWORD, layers)?.is_some() => "ldap-auth".into(),
        None if find(&JWT, layers)?.is_some() => "jwt-auth".into(),
        None if find(&IDENTITY_ID_CREDENTIAL, layers)?.is_some()
            && find(&CLIENT_SECRET, layers)?.is_none()
            && find(&CLIENT_ID_CREDENTIAL, layers)?.is_none() =>
        {
            "kubernetes".into()
        }
        None => "universal-auth".into(),
    };
    let (name, keys): (_, &[_]) = match method.as_str() {
        "universal-auth" => ("universalAuthCredentials", &["clientId", "clientSecret"]),
        "kubernetes" => ("kubernetesAuthCredentials", &["identityId"]),
        "jwt-auth" => ("jwtAuthCredentials", &["identityId", "jwt"]),
        "ldap-auth" => ("ldapAuthCredentials", &["identityId", "ldapUsername", "ldapPassword"]),
        "token" => ("tokenAuthCredentials", &["accessToken"]),
        other => {
            return Err(ManifestError::new(
                format!("the operator has no login `{other}` for Infisical"),
                "set `method` to universal-auth, kubernetes, jwt-auth, ldap-auth or token",
            ));
        }
    };
    let keys: serde_json::Map<_, _> =
        keys.iter().map(|key| ((*key).to_owned(), auth.key(key))).collect();
    Ok(json!({ name: keys }))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
