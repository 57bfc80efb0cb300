//! Credentials: found in a flag, a variable, a file that one of them names, or a systemd credential.
//! Each knows where it came from. It logs in to nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Error;
use super::layer::{Layers, Origin, RawValue, Setting, resolve_path};
use super::schema::{CredentialKey, SettingKey};
use super::systemd::credentials_directory;
use super::user_dirs::expand_home;
use crate::message::shown_path;
use crate::seal::private_file::read_within;
use crate::secret::Value;

/// A credential and where it was read from, for hints.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its value.
    pub value: Value,
    /// Where it was read from: `INFISICAL_TOKEN`, `/run/credentials/app.service/infisical-token`.
    pub origin: String,
    /// The file that it was read from, if that is the user's own: its mode is to be looked at.
    pub file: Option<PathBuf>,
}

/// How strong the place is in which a credential was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialPrecedence {
    /// A configuration file.
    File,
    /// A variable, or a systemd credential.
    Environment,
    /// A flag.
    Flag,
}

impl CredentialPrecedence {
    /// The tier of a setting.
    pub fn from_origin(origin: &Origin) -> Self {
        match origin {
            Origin::Flag(_) => Self::Flag,
            Origin::Variable(_) => Self::Environment,
            Origin::File(_) | Origin::ForeignFile(_) | Origin::Default => Self::File,
        }
    }
}

/// Where a credential was found. Its file is not read yet: it may be a pipe, which can be read once.
#[derive(Clone, Debug)]
pub struct FoundCredential {
    key: &'static CredentialKey,
    place: CredentialLocation,
    /// How strong that place is.
    pub tier: CredentialPrecedence,
    /// The variable or flag that gave it.
    pub variable: Option<&'static str>,
}

/// The largest file of a credential that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// What names the file of a systemd credential.
const SYSTEMD: &str = "systemd";

/// Where a credential is.
#[derive(Clone, Debug)]
enum CredentialLocation {
    /// In a flag, a variable or a setting.
    Here { value: Value, origin: String },
    /// In another source; without a value, it was not fetched.
    Reference { reference: String, origin: Origin, found: Option<(Value, String)> },
    /// In a file, which `named_by` names.
    File { path: PathBuf, named_by: String, origin: String, timeout: Duration },
}

impl FoundCredential {
    /// The file that it is in, and whether systemd put it there.
    pub fn file(&self) -> Option<(&Path, bool)> {
        match &self.place {
            CredentialLocation::Here { .. } | CredentialLocation::Reference { .. } => None,
            CredentialLocation::File { path, named_by, .. } => Some((path, named_by == SYSTEMD)),
        }
    }

    /// The reference to a secret of another source, if it is one, and where it is configured.
    pub fn reference(&self) -> Option<(&str, &Origin)> {
        match &self.place {
            CredentialLocation::Reference { reference, origin, .. } => Some((reference, origin)),
            _ => None,
        }
    }

    /// Reads the credential.
    pub fn take(self) -> Result<Credential, Error> {
        match self.place {
            CredentialLocation::Here { value, origin } => checked(self.key, value, origin),
            CredentialLocation::Reference { found: Some((value, place)), .. } => {
                checked(self.key, value, place)
            }
            CredentialLocation::Reference { origin, found: None, .. } => {
                Err(Error::UnfetchedCredential { origin, what: self.key.what })
            }
            CredentialLocation::File { path, named_by, origin, timeout } => {
                let credential = read(self.key, &path, &named_by, origin, timeout)?;
                // Who may read a systemd credential is systemd's business.
                let file = (named_by != SYSTEMD).then_some(path);
                Ok(Credential { file, ..credential })
            }
        }
    }
}

/// Looks for a credential in all its locations, the strongest first.
pub fn find(
    key: &'static CredentialKey,
    layers: &Layers<'_>,
) -> Result<Option<FoundCredential>, Error> {
    if let Some(found) = in_flags(key, layers) {
        return Ok(Some(found));
    }
    let own = layers.source.as_ref().and_then(|source| source.variable(key.name()));
    for (name, variable) in own
        .iter()
        .map(|name| (name.as_str(), None))
        .chain(key.variables.iter().map(|name| (*name, Some(*name))))
    {
        if let Some(found) = in_variable(key, name, variable, layers)? {
            return Ok(Some(found));
        }
    }
    if let Some(path) = systemd(key, layers) {
        let origin = path.display().to_string();
        let named_by = SYSTEMD.to_owned();
        let timeout = layers.timeout();
        let place = CredentialLocation::File { path, named_by, origin, timeout };
        return Ok(Some(FoundCredential {
            key,
            place,
            tier: CredentialPrecedence::Environment,
            variable: None,
        }));
    }
    Ok(in_tables(key, layers))
}

fn in_flags(key: &'static CredentialKey, layers: &Layers<'_>) -> Option<FoundCredential> {
    let found =
        |place| FoundCredential { key, place, tier: CredentialPrecedence::Flag, variable: None };
    if let Some(Setting { value, origin }) = key.direct.and_then(|direct| layers.flag(direct))
        && let Some(value) = match value {
            RawValue::Secret(value) => Some(value.clone()),
            RawValue::Text(text) => Some(Value::from(text.as_str())),
            _ => None,
        }
    {
        return Some(found(CredentialLocation::Here { value, origin: origin.to_string() }));
    }
    let Setting { value: RawValue::Text(path), origin } = layers.flag(key.file)? else {
        return None;
    };
    let (named_by, origin) = (origin.to_string(), format!("`{}`", shown_path(Path::new(path))));
    let (path, timeout) = (expand_home(path), layers.timeout());
    Some(found(CredentialLocation::File { path, named_by, origin, timeout }))
}

fn in_variable(
    key: &'static CredentialKey,
    name: &str,
    variable: Option<&'static str>,
    layers: &Layers<'_>,
) -> Result<Option<FoundCredential>, Error> {
    let named_by = [name, "_FILE"].concat();
    let value = layers.environment.get(name);
    let file = layers.environment.text(&named_by);
    let place = match (value, file) {
        (Some(_), Some(_)) => return Err(Error::Both { name: name.to_owned() }),
        (Some(value), None) => {
            CredentialLocation::Here { value: value.clone(), origin: name.to_owned() }
        }
        (None, Some(path)) => {
            let path = path.to_str().map_or_else(|| PathBuf::from(path), expand_home);
            let origin = format!("`{}`, named by {named_by}", shown_path(&path));
            CredentialLocation::File { path, named_by, origin, timeout: layers.timeout() }
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(FoundCredential { key, place, tier: CredentialPrecedence::Environment, variable }))
}

fn in_tables(key: &'static CredentialKey, layers: &Layers<'_>) -> Option<FoundCredential> {
    let found =
        |place| FoundCredential { key, place, tier: CredentialPrecedence::File, variable: None };
    let direct = key.direct.and_then(|direct| layers.table(direct));
    if let Some(Setting { value: RawValue::Text(text), origin }) = direct {
        let (value, origin) = (Value::from(text), origin.to_string());
        return Some(found(CredentialLocation::Here { value, origin }));
    }
    let Setting { value, origin } = layers.table(key.file)?;
    let path = match value {
        RawValue::Text(path) => path,
        RawValue::Reference(reference) => {
            let name = layers.source.as_ref().map_or("", |source| &source.name);
            let secret = layers.credentials.find(name, key);
            let place = CredentialLocation::Reference { reference, origin, found: secret };
            return Some(found(place));
        }
        _ => return None,
    };
    let named_by = origin.to_string();
    let path = resolve_path(Setting { value: path, origin }).value;
    let origin = format!("`{}`", shown_path(&path));
    Some(found(CredentialLocation::File { path, named_by, origin, timeout: layers.timeout() }))
}

/// The file of a systemd credential (systemd.exec(5), `LoadCredential=`): under the name that is
/// ours, or under that of a variable.
pub fn systemd(key: &CredentialKey, layers: &Layers<'_>) -> Option<PathBuf> {
    let directory = credentials_directory(layers.environment)?;
    let names = std::iter::once(&key.systemd).chain(key.variables);
    names.map(|name| directory.join(name)).find(|path| path.exists())
}

/// Reads a credential from a file, without the line ending at its end. One that comes through a pipe may
/// take as long as the timeout.
pub fn read(
    key: &CredentialKey,
    path: &Path,
    named_by: &str,
    origin: String,
    timeout: Duration,
) -> Result<Credential, Error> {
    let content =
        read_within(path, MAX_SIZE, || timeout).map_err(|error| Error::CredentialFile {
            what: key.what,
            path: path.to_owned(),
            origin: named_by.to_owned(),
            error: error.into(),
        })?;
    checked(key, Value::from(content.bytes.expose()).without_final_newline(), origin)
}

fn checked(key: &CredentialKey, value: Value, origin: String) -> Result<Credential, Error> {
    if value.is_empty() {
        return Err(Error::EmptyCredential { what: key.what, origin });
    }
    Ok(Credential { value, origin, file: None })
}

/// A warning for a secret that stands on the command line.
pub fn warning(key: &CredentialKey, layers: &Layers<'_>) -> Option<String> {
    let direct = key.direct.filter(|_| key.secret)?;
    let flag = direct.flag_name().filter(|_| layers.flags.get(direct).is_some())?;
    Some(format!(
        "{flag} puts the {} on the command line, where `ps` shows it to everyone on this machine; \
         use {} or the variable {}",
        key.what,
        key.file.flag_name().unwrap_or(key.file.name),
        key.usual_variable(),
    ))
}

/// The origin for messages about where one was expected.
pub fn would_do(key: &CredentialKey) -> String {
    let flag = key.file.flag_name().or(key.direct.and_then(SettingKey::flag_name));
    let other = flag.map_or_else(|| format!("`{}`", key.file.name), str::to_owned);
    format!("set {} (or {other})", key.usual_variable())
}
