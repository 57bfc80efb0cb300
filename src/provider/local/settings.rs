//! What a local store is configured with: its file, and what opens it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::LocalStore;
use crate::config::credential::{self, FoundCredential};
use crate::config::schema::{CredentialKey, FILE, Flag, SourceSchema, keys};
use crate::config::{self, Credential, Error, Layers, RunSettings};
use crate::provider::doctor::{self, Check, reading};
use crate::provider::{
    self, Checks, Configured, Example, ImpliedSource, InitContext, MergeConflict, SealedStore,
    Source, SourceInputs, StoreRecipient, StoreType, StoreVersions, Write, Writes,
};
use crate::seal::{Argon2Cost, Key, KeySource, X25519Recipient};
use crate::secret::Value;

/// The type `local`.
#[derive(Debug)]
pub struct LocalType;

impl StoreType for LocalType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let file = inputs.layers.path(&FILE)?;
        let file = file.map_or_else(|| PathBuf::from(DEFAULT_FILE), |setting| setting.value);
        let (name, key) = (Arc::clone(&inputs.name), local_key(&inputs.layers)?);
        Ok(Box::new(Local { name, file, key, timeout: inputs.layers.timeout() }))
    }

    /// It takes part where there is a store in the working directory, or its key is given.
    fn is_implied(&self, implied: &ImpliedSource<'_>) -> Result<bool, Error> {
        let key = implied.layers.flag(&KEY_FILE).is_some();
        Ok(key || config::path_exists(Path::new(DEFAULT_FILE)))
    }

    fn example(&self, found: &InitContext<'_>) -> Option<Example> {
        super::example::table(found)
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((LOCAL_KEY_CREDENTIAL, "key"))
    }

    fn writes(&self) -> Writes {
        Writes::Implied
    }
}

/// What a local store can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "local",
    heading: "Local store",
    doc: "A sealed file that hushed keeps itself; `hushed secrets` changes it.",
    keys: &[&FILE, &KEY_FILE, &PASSPHRASE_FILE],
    credentials: &[&KEY, &PASSPHRASE],
};

keys! {
    KEY_FILE = "key-file" Path Some(Flag::new("--key-file", "FILE", "Key file of the local store")), ["HUSHED_KEY_FILE"],
        "The key file of the store, outside the project. `hushed init` creates one for each new store, `hushed/keys/NAME.key` in the user's configuration directory. Without this setting, all stores use `hushed/key` there. `HUSHED_KEY` and a systemd credential `hushed-key` take precedence over this setting.";
    PASSPHRASE_FILE = "passphrase-file" Path Some(Flag::new("--passphrase-file", "FILE", "Read the passphrase of the local store from FILE").conflicts_with("key-file")), [],
        "A file that holds the passphrase of the store, in place of a key file.";
}

/// The passphrase of a local store.
pub static PASSPHRASE: CredentialKey = CredentialKey {
    what: "passphrase",
    direct: None,
    secret: true,
    file: &PASSPHRASE_FILE,
    variables: &["HUSHED_PASSPHRASE"],
    usual: None,
    systemd: "hushed-passphrase",
};

/// The key of a local store.
pub static KEY: CredentialKey = CredentialKey {
    what: "key",
    direct: None,
    secret: true,
    file: &KEY_FILE,
    variables: &["HUSHED_KEY"],
    usual: None,
    systemd: "hushed-key",
};

/// The store that is used when no configuration names one.
pub const DEFAULT_FILE: &str = "secrets.hushed";

/// A sealed file.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The file.
    pub file: PathBuf,
    /// What opens it.
    pub key: LocalKey,
    /// How long to wait for a key that comes through a pipe.
    pub timeout: Duration,
}

/// What opens a sealed file.
#[derive(Clone, Debug)]
pub enum LocalKey {
    /// A key file.
    File(PathBuf),
    /// A passphrase.
    Passphrase(Credential),
    /// A systemd credential with the text of a key file, at this path.
    Systemd(PathBuf),
    /// The key itself, from the environment.
    Text(Credential),
}

/// The systemd credential that holds the key of a local store.
pub const LOCAL_KEY_CREDENTIAL: &str = KEY.systemd;

/// What opens the store: the strongest of passphrase and key file.
fn local_key(layers: &Layers<'_>) -> Result<LocalKey, Error> {
    let passphrase = credential::find(&PASSPHRASE, layers)?;
    let key = credential::find(&KEY, layers)?;
    // A systemd credential is there for every command of a unit; what is set for this one wins.
    let strength = |found: &FoundCredential| {
        let is_systemd = found.file().is_some_and(|(_, is_systemd)| is_systemd);
        (found.tier, !is_systemd)
    };
    match (passphrase, key) {
        (Some(passphrase), Some(key)) if strength(&passphrase) == strength(&key) => {
            Err(Error::Conflict { what: "both a key and a passphrase are set for the local store" })
        }
        (Some(passphrase), key)
            if key.as_ref().is_none_or(|key| strength(&passphrase) > strength(key)) =>
        {
            passphrase.take().map(LocalKey::Passphrase)
        }
        (_, Some(key)) => match key.file() {
            Some((path, true)) => Ok(LocalKey::Systemd(path.to_owned())),
            Some((path, false)) => Ok(LocalKey::File(path.to_owned())),
            None => key.take().map(LocalKey::Text),
        },
        (_, None) => default_key_file().map(LocalKey::File),
    }
}

fn default_key_file() -> Result<PathBuf, Error> {
    let base = config::base_directories().ok_or(Error::NoHome("the key file"))?;
    Ok(base.config_dir().join("hushed").join("key"))
}

impl Local {
    pub(super) fn store(&self) -> LocalStore {
        let key = match self.key.clone() {
            LocalKey::File(path) => KeySource::File(path),
            LocalKey::Systemd(path) => KeySource::Credential(path),
            LocalKey::Text(key) => KeySource::Text { text: key.value, origin: key.origin },
            LocalKey::Passphrase(passphrase) => KeySource::Passphrase {
                passphrase: passphrase.value,
                cost: Argon2Cost::RECOMMENDED,
            },
        };
        LocalStore::new(Arc::clone(&self.name), self.file.clone(), key)
            .with_key_timeout(self.timeout)
    }

    fn checks(&self) -> Vec<Check> {
        let mut checks: Vec<_> =
            doctor::unchangeable("file mode", &self.file).into_iter().collect();
        match &self.key {
            LocalKey::File(path) => checks.extend(doctor::private("key", path)),
            LocalKey::Systemd(path) => {
                checks.push(Check::ok("key", format!("systemd credential {}", path.display())));
            }
            LocalKey::Text(key) => checks.push(Check::ok("key", format!("from {}", key.origin))),
            LocalKey::Passphrase(passphrase) => {
                checks.push(Check::ok("key", format!("passphrase from {}", passphrase.origin)));
                checks.extend(doctor::credential(passphrase));
            }
        }
        checks.push(reading(&self.store()));
        checks
    }
}

impl Configured for Local {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        match &self.key {
            LocalKey::Passphrase(secret) | LocalKey::Text(secret) => vec![&secret.value],
            LocalKey::File(_) | LocalKey::Systemd(_) => Vec::new(),
        }
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.store()))
    }

    fn open_for_writing(&self, _: &RunSettings) -> Result<Option<Box<dyn Write>>, provider::Error> {
        Ok(Some(Box::new(self.clone())))
    }

    fn open_keys(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::key_service::KeyService>>, provider::Error> {
        Ok(Some(Box::new(provider::key_service::HmacKeys::new(self.open(run)?))))
    }

    fn as_sealed_store(&self) -> Option<&dyn SealedStore> {
        Some(self)
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async { self.checks() })
    }
}

impl SealedStore for Local {
    fn place(&self) -> String {
        self.file.display().to_string()
    }

    fn create_key(&self) -> Result<X25519Recipient, provider::Error> {
        Ok(self.store().create_key()?)
    }

    fn recipients(&self) -> Result<Vec<StoreRecipient>, provider::Error> {
        Ok(self.store().recipients()?)
    }

    fn grant(&self, recipients: &[X25519Recipient]) -> Result<Vec<bool>, provider::Error> {
        Ok(self.store().grant(recipients)?)
    }

    fn revoke(&self, recipients: &[X25519Recipient]) -> Result<(), provider::Error> {
        Ok(self.store().revoke(recipients)?)
    }

    fn rekey(&self, new: &Key) -> Result<(), provider::Error> {
        Ok(self.store().rekey(new)?)
    }

    fn merge(&self, versions: &StoreVersions<'_>) -> Result<Vec<MergeConflict>, provider::Error> {
        Ok(self.store().merge(versions)?)
    }
}
