//! What holds for the sealed cache of one source: when it is used, what opens it, where it is. It
//! opens nothing, and makes no directory.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::credential::{self, Credential, would_do};
use super::layer::{Layers, Origin, Setting};
use super::schema;
use super::systemd::{credentials_directory, explain_missing};
use super::trust::refuse_untrusted_cache;
use super::{ConfigInputs, Environment, Error, TrustRecords, duration, user_dirs};
use crate::secret::Value;

/// How old an entry may be that is used because the server is away, unless it is said.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The cache of a source.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    /// When it is used.
    pub mode: CacheMode,
    /// Whether nothing but the cache is used, whatever the mode.
    pub offline: bool,
    /// Where it was asked for.
    pub origin: Origin,
    /// How old an entry may be that stands in for a server.
    pub max_age: Duration,
    /// Whether logins are kept too.
    pub token: bool,
    /// What opens it.
    pub key: CacheKey,
    /// Where it is: a directory of hushed's own.
    pub directory: PathBuf,
    /// A directory that is said to be in memory only, for what must be forgotten.
    pub runtime: Option<PathBuf>,
}

/// When the cache of a source is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMode {
    /// Never; nothing is written.
    Off,
    /// When the server cannot be reached.
    Fallback,
    /// Without asking the server, for this long after it was asked.
    Ttl(Duration),
}

/// What opens the cache.
#[derive(Clone, Debug)]
pub enum CacheKey {
    /// What proves who we are to the server: who could fetch can read.
    Credential,
    /// A key in the kernel's keyring.
    Keyring,
    /// A key file of the user's own.
    File(PathBuf),
    /// A systemd credential with the text of a key file, at this path.
    Systemd(PathBuf),
    /// A passphrase.
    Passphrase(Credential),
}

impl CacheKey {
    const NAMES: [&'static str; 5] = ["credential", "keyring", "file", "systemd", "passphrase"];

    /// Its name, as `cache-key` has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Keyring => "keyring",
            Self::File(_) => "file",
            Self::Systemd(_) => "systemd",
            Self::Passphrase(_) => "passphrase",
        }
    }
}

impl fmt::Display for CacheMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Fallback => f.write_str("fallback"),
            Self::Ttl(time) => {
                let (number, unit) = match time.as_secs() {
                    _ if time.subsec_millis() > 0 => (time.as_millis(), "ms"),
                    seconds if seconds % 3600 == 0 => (u128::from(seconds / 3600), "h"),
                    seconds if seconds % 60 == 0 => (u128::from(seconds / 60), "m"),
                    seconds => (u128::from(seconds), "s"),
                };
                write!(f, "ttl={number}{unit}")
            }
        }
    }
}

/// What an entry of the cache is bound to, and what proves who we are to the server.
#[derive(Clone, Debug)]
pub struct CacheIdentity {
    /// What decides who logs in, and where: the type of the store, the server's address, the method, and
    /// what is public of the identity. `None` is a field that is not configured.
    pub login: Vec<Option<Vec<u8>>>,
    /// What decides which secrets the server answers with, beside who logs in.
    pub scope: Vec<Option<Vec<u8>>>,
    /// The secret that proves the identity.
    pub proof: Value,
    /// Whether a login is made, whose token can be kept.
    pub logs_in: bool,
}

/// Why what proves the identity cannot open a cache later.
#[derive(Clone, Copy, Debug)]
pub struct UnsuitableProof {
    /// The method of login.
    pub method: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Builds the cache of a source; none where it is off. The source's own tables win over `[run]`.
pub fn build_cache(
    layers: &Layers<'_>,
    run: &Layers<'_>,
    unfit: Option<UnsuitableProof>,
    trust: &TrustRecords,
) -> Result<Option<CacheSettings>, Error> {
    let tables = layers.tables.iter().chain(&run.tables).copied().collect();
    let layers = &Layers { tables, ..layers.clone() };
    refuse_untrusted_cache(layers, trust)?;
    let (mode, offline) = (mode(layers)?, layers.on(&schema::OFFLINE)?);
    let said = layers.raw(&schema::CACHE)?.filter(|_| mode != CacheMode::Off);
    let Some(origin) = offline.clone().or(said.map(|said| said.origin)) else { return Ok(None) };
    let offline = offline.is_some();
    let max_age = match layers.text(&schema::CACHE_MAX_AGE)? {
        Some(setting) => time(setting)?,
        None => MAX_AGE,
    };
    let token = layers.switch(&schema::CACHE_TOKEN, false)?;
    let key = key(layers, unfit)?;
    let (directory, runtime) = (directory(layers)?, runtime(layers.environment));
    Ok(Some(CacheSettings { mode, offline, origin, max_age, token, key, directory, runtime }))
}

fn mode(layers: &Layers<'_>) -> Result<CacheMode, Error> {
    let Some(setting) = layers.text(&schema::CACHE)? else { return Ok(CacheMode::Off) };
    match setting.value.as_str() {
        "off" => Ok(CacheMode::Off),
        "fallback" => Ok(CacheMode::Fallback),
        other => match other.strip_prefix("ttl=") {
            Some(text) => {
                let value = text.to_owned();
                Ok(CacheMode::Ttl(time(Setting { value, origin: setting.origin })?))
            }
            None => Err(Error::Choice {
                origin: setting.origin,
                what: "mode of the cache",
                value: setting.value,
                known: ["off", "fallback", "ttl=5m"].map(str::to_owned).into(),
            }),
        },
    }
}

fn time(setting: Setting<String>) -> Result<Duration, Error> {
    let parsed = duration::parse(&setting.value).filter(|time| !time.is_zero());
    parsed.ok_or(Error::Form {
        origin: setting.origin,
        what: "a duration, such as 5m or 24h",
        value: setting.value,
    })
}

/// What opens the cache: what is said; what a file is named for; the machine credential, where it
/// stays the same and cannot be guessed.
fn key(layers: &Layers<'_>, unfit: Option<UnsuitableProof>) -> Result<CacheKey, Error> {
    let file = layers.path(&schema::CACHE_KEY_FILE)?;
    let said = layers.text(&schema::CACHE_KEY)?;
    let name = match (&said, &file) {
        (Some(said), _) => said.value.as_str(),
        (None, Some(_)) => "file",
        (None, None) => "credential",
    };
    let missing = |what, would_do: String| {
        let systemd = explain_missing(layers.environment);
        Error::Incomplete { method: "cache", what, would_do, systemd }
    };
    match name {
        "credential" => match unfit {
            None => Ok(CacheKey::Credential),
            Some(UnsuitableProof { method, why }) => Err(Error::UnfitCacheKey { method, why }),
        },
        "keyring" => Ok(CacheKey::Keyring),
        "file" => file
            .map(|file| CacheKey::File(file.value))
            .ok_or_else(|| missing("key file", "pass --cache-key-file".to_owned())),
        "systemd" => systemd_key(layers).map(CacheKey::Systemd).ok_or_else(|| {
            missing(
                "systemd credential `hushed-cache-key`",
                "add LoadCredentialEncrypted=hushed-cache-key to the unit".to_owned(),
            )
        }),
        "passphrase" => {
            let key = &schema::CACHE_PASSPHRASE;
            let found = credential::find(key, layers)?;
            let found = found.ok_or_else(|| missing(key.what, would_do(key)))?;
            found.take().map(CacheKey::Passphrase)
        }
        _ => Err(Error::Choice {
            origin: said.as_ref().map_or(Origin::Default, |said| said.origin.clone()),
            what: "key of the cache",
            value: name.to_owned(),
            known: CacheKey::NAMES.map(str::to_owned).into(),
        }),
    }
}

fn systemd_key(layers: &Layers<'_>) -> Option<PathBuf> {
    let directory = credentials_directory(layers.environment)?;
    Some(directory.join("hushed-cache-key")).filter(|path| path.exists())
}

/// The directory of the cache: what is said, else a directory of ours in that of the service
/// (systemd.exec(5), `CacheDirectory=`), else in that of the user (XDG base directory specification).
fn directory(layers: &Layers<'_>) -> Result<PathBuf, Error> {
    if let Some(setting) = layers.path(&schema::CACHE_DIR)? {
        return Ok(setting.value);
    }
    if let Some(directory) = first(layers.environment, "CACHE_DIRECTORY") {
        return Ok(directory.join("hushed"));
    }
    let base = user_dirs::base_directories().ok_or(Error::NoHome("the cache"))?;
    Ok(base.cache_dir().join("hushed"))
}

/// Where the cache is, for a command that needs no source.
pub fn cache_directory(inputs: &ConfigInputs<'_>) -> Result<PathBuf, Error> {
    let layers = inputs.run();
    refuse_untrusted_cache(&layers, inputs.trust)?;
    directory(&layers)
}

fn runtime(environment: &Environment) -> Option<PathBuf> {
    first(environment, "RUNTIME_DIRECTORY").or_else(|| first(environment, "XDG_RUNTIME_DIR"))
}

/// The first path of a list that systemd gives.
fn first(environment: &Environment, name: &str) -> Option<PathBuf> {
    let list = environment.text(name)?.to_str()?;
    list.split(':').next().filter(|path| path.starts_with('/')).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_shown_as_it_is_said() {
        for (milliseconds, want) in [
            (500, "ttl=500ms"),
            (1000, "ttl=1s"),
            (90_000, "ttl=90s"),
            (300_000, "ttl=5m"),
            (7_200_000, "ttl=2h"),
        ] {
            let mode = CacheMode::Ttl(Duration::from_millis(milliseconds));
            assert_eq!(mode.to_string(), want);
            let said = want.strip_prefix("ttl=").and_then(duration::parse);
            assert_eq!(said, Some(Duration::from_millis(milliseconds)));
        }
        assert_eq!(CacheMode::Off.to_string(), "off");
    }

    #[test]
    fn a_directory_of_systemds_is_the_first_of_its_list_and_absolute() {
        for (value, want) in [
            ("/var/cache/a:/var/cache/b", Some("/var/cache/a")),
            ("/run/a", Some("/run/a")),
            ("relative", None),
            ("", None),
        ] {
            let environment = Environment::from_iter([("CACHE_DIRECTORY", value)]);
            assert_eq!(first(&environment, "CACHE_DIRECTORY"), want.map(PathBuf::from));
        }
    }
}
