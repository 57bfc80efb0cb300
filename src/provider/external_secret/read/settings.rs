//! The settings of the source that a store in a manifest becomes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fields::{Fault, Fields};
use crate::config::schema::{CredentialKey, SettingKey};
use crate::config::{ConfigScope, Environment, FileLocation, Layer, Origin, RawValue};
#[cfg(feature = "azure")]
use crate::message::shown_path;
#[cfg(feature = "azure")]
use crate::seal::private_file;
use crate::secret::{ObjectAddress, Value};

/// The longest text of a key that is no secret, in bytes.
#[cfg(feature = "azure")]
const MAX_TEXT: u64 = 4096;

/// Where a key of a manifest is in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The object.
    pub address: ObjectAddress,
    /// The key in it, if the manifest's key means one of several.
    pub member: Option<String>,
}

impl Location {
    /// An object as a whole.
    pub fn object(path: &str, version: Option<&str>) -> Self {
        let version = version.map(str::to_owned);
        let address = ObjectAddress { path: path.to_owned(), version, options: Vec::new() };
        Self { address, member: None }
    }
}

/// The settings of a source, as the block of its provider has them.
#[derive(Debug)]
pub struct InnerSettings<'a> {
    pub(super) layer: Layer,
    pub(super) file: Arc<Path>,
    pub(super) credentials: &'a Credentials,
    pub(super) environment: &'a Environment,
    /// What a host cannot honor.
    pub(super) notes: Vec<(usize, String)>,
}

/// What stands for a key of a Secret on this host.
enum Place {
    Variable(String),
    File(PathBuf),
}

/// Where the keys of Kubernetes Secrets are on this host.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    /// `NAME/KEY`, and the file, `env:NAME` or `systemd:ID`.
    pub(super) map: Vec<(String, String)>,
    /// The directory of the file that has the map.
    pub(super) base: PathBuf,
    /// A directory with a file NAME/KEY for each.
    pub(super) directory: Option<PathBuf>,
}

impl InnerSettings<'_> {
    fn origin(&self, line: usize) -> Origin {
        let (file, scope) = (Arc::clone(&self.file), ConfigScope::User);
        Origin::File(FileLocation { file, scope, line, column: 1 })
    }

    /// Sets a text.
    pub fn text(&mut self, key: &'static SettingKey, value: impl Into<String>, line: usize) {
        let origin = self.origin(line);
        self.layer.push(key, RawValue::Text(value.into()), origin);
    }

    /// Sets a text to that of a field, if it has one.
    pub fn copy(
        &mut self,
        key: &'static SettingKey,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<(), Fault> {
        if let Some(value) = fields.text(name)?.filter(|value| !value.is_empty()) {
            self.text(key, value, fields.line_of(name));
        }
        Ok(())
    }

    /// Sets a list.
    pub fn list(&mut self, key: &'static SettingKey, value: Vec<String>, line: usize) {
        let origin = self.origin(line);
        self.layer.push(key, RawValue::List(value), origin);
    }

    /// Turns a switch on or off.
    pub fn switch(&mut self, key: &'static SettingKey, value: bool, line: usize) {
        let origin = self.origin(line);
        self.layer.push(key, RawValue::Switch(value), origin);
    }

    /// Notes something that a host cannot honor.
    pub fn note(&mut self, line: usize, what: impl Into<String>) {
        self.notes.push((line, what.into()));
    }

    /// Sets a credential to what stands for the key of a Secret that a field selects.
    pub fn credential(
        &mut self,
        key: &'static CredentialKey,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<(), Fault> {
        self.select(key.file, key.direct, fields, name)
    }

    /// Sets a path to the file that stands for the key of a Secret, or a `ConfigMap`, that a field selects.
    pub fn file(
        &mut self,
        key: &'static SettingKey,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<(), Fault> {
        self.select(key, None, fields, name)
    }

    /// Sets a text that is no secret to what stands for the key of a Secret that a field selects.
    #[cfg(feature = "azure")]
    pub fn text_from(
        &mut self,
        key: &'static SettingKey,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<(), Fault> {
        let (place, wanted, line) = self.place(fields, name)?;
        let value = match place {
            Place::Variable(variable) => self.variable(&variable, &wanted, line)?,
            Place::File(path) => {
                let file = private_file::read(&path, MAX_TEXT).map_err(|_| {
                    let path = shown_path(&path);
                    Fault::new(line, format!("cannot read `{path}` for `{wanted}`"))
                })?;
                let text = file.bytes.expose_str().map(|text| text.trim().to_owned());
                text.unwrap_or_default()
            }
        };
        if value.is_empty() {
            return Err(Fault::new(line, format!("`{wanted}` is empty, or not text")));
        }
        self.text(key, value, line);
        Ok(())
    }

    fn select(
        &mut self,
        file: &'static SettingKey,
        direct: Option<&'static SettingKey>,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<(), Fault> {
        let (place, wanted, line) = self.place(fields, name)?;
        match place {
            Place::Variable(variable) => self.of_variable(direct, &variable, &wanted, line),
            Place::File(path) => {
                let fault = || Fault::new(line, format!("the path of `{wanted}` is not UTF-8"));
                let path = path.to_str().ok_or_else(fault)?.to_owned();
                self.text(file, path, line);
                Ok(())
            }
        }
    }

    /// What stands for the key of a Secret that a field selects, with `NAME/KEY` and the line.
    fn place(&self, fields: &Fields<'_>, name: &str) -> Result<(Place, String, usize), Fault> {
        let missing = || Fault::new(fields.line, format!("`{name}` is missing"));
        let selector = fields.map(name)?.ok_or_else(missing)?;
        selector.refuse_others(&["name", "key", "namespace", "type"])?;
        let (secret, member) = (selector.required("name")?, selector.required("key")?);
        if [&secret, &member].iter().any(|part| part.contains('/') || part.starts_with("..")) {
            return Err(Fault::new(
                selector.line,
                "a Secret and its key have no `/` in their names",
            ));
        }
        let wanted = format!("{secret}/{member}");
        let line = selector.line;
        let place = self.credentials.map.iter().find(|(known, _)| *known == wanted);
        let path = match (place, &self.credentials.directory) {
            (Some((_, place)), _) => {
                if let Some(variable) = place.strip_prefix("env:") {
                    return Ok((Place::Variable(variable.to_owned()), wanted, line));
                }
                if let Some(id) = place.strip_prefix("systemd:") {
                    let directory = self.environment.text("CREDENTIALS_DIRECTORY");
                    let directory = directory.ok_or_else(|| {
                        Fault::new(
                            line,
                            format!(
                                "the credential `{wanted}` comes from systemd, which passes none"
                            ),
                        )
                    })?;
                    Path::new(directory).join(id)
                } else {
                    self.credentials.base.join(place)
                }
            }
            (None, Some(directory)) => directory.join(&secret).join(&member),
            (None, None) => {
                let what = format!(
                    "a host has no Secret `{secret}`: set `credentials` to the place of `{wanted}`, or `credential-directory`"
                );
                return Err(Fault::new(line, what));
            }
        };
        Ok((Place::File(path), wanted, line))
    }

    fn variable(&self, variable: &str, wanted: &str, line: usize) -> Result<String, Fault> {
        let value = self.environment.text(variable).and_then(|text| text.to_str());
        value.map(str::to_owned).ok_or_else(|| {
            let variable = variable.escape_debug();
            Fault::new(line, format!("the variable `{variable}` for `{wanted}` is not set"))
        })
    }

    fn of_variable(
        &mut self,
        direct: Option<&'static SettingKey>,
        variable: &str,
        wanted: &str,
        line: usize,
    ) -> Result<(), Fault> {
        let Some(direct) = direct else {
            return Err(Fault::new(
                line,
                format!("`{wanted}` must be a file: this store reads no variable for it"),
            ));
        };
        let value = self.variable(variable, wanted, line)?;
        let origin = self.origin(line);
        self.layer.push(direct, RawValue::Secret(Value::from(value)), origin);
        Ok(())
    }
}
