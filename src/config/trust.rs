//! What a project's files may do: whoever can write one must not choose where credentials go, nor weaken
//! what protects them, unless the user ran `hushed trust`. What the user trusts is one line each in a
//! file of the user's own. It asks nobody.

use std::io;
use std::path::{Path, PathBuf};

use url::Url;

use super::layer::{Layer, Layers, Origin, RawValue, Setting};
use super::schema::{self, SettingKey};
use super::{Error, user_dirs};

/// What the user trusts: pairs of an origin and the file that may name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustRecords(Vec<(String, String)>);

/// The file that the user's trust is kept in (XDG base directory specification).
pub fn trust_file() -> Option<PathBuf> {
    Some(user_dirs::base_directories()?.data_dir().join("hushed").join("trust"))
}

impl TrustRecords {
    /// Reads the file; without one nothing is trusted.
    pub fn read(path: &Path) -> io::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Self {
        let pair = |line: &str| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect())
    }

    /// The text of the file.
    pub fn format(&self) -> String {
        let head = "# Hosts that project files may name: written by `hushed trust`.\n";
        let lines = self.0.iter().map(|(origin, file)| format!("{origin} {file}\n"));
        std::iter::once(head.to_owned()).chain(lines).collect()
    }

    /// Whether the user vouched for this pair.
    pub fn has(&self, origin: &str, file: &Path) -> bool {
        let file = canonical(file);
        self.0.iter().any(|(trusted, by)| trusted == origin && *by == file)
    }

    /// Adds a pair; false if it was there.
    pub fn add(&mut self, origin: &str, file: &Path) -> bool {
        let new = !self.has(origin, file);
        if new {
            self.0.push((origin.to_owned(), canonical(file)));
        }
        new
    }

    /// Removes all pairs of a file; false if there was none.
    pub fn remove(&mut self, file: &Path) -> bool {
        let before = self.0.len();
        let file = canonical(file);
        self.0.retain(|(_, by)| *by != file);
        self.0.len() != before
    }
}

/// Settings of `[run]` that a project's file may make only when the user vouched for it.
const WEAKENING: &[(&SettingKey, &str)] = &[
    (&schema::ALLOW_RESERVED, "lets a source set variables that can take over the command"),
    (&schema::PASS_CREDENTIALS, "passes hushed's own credentials on to the command"),
    (&schema::REDACT_REPORT, "has hushed write a file"),
];

/// Settings of `[run]` by which a project's file could take back the redaction that the user's own file
/// asks for. Where that asks for none, they are the project's affair.
const LOOSENING: &[&SettingKey] =
    &[&schema::REDACT, &schema::NO_REDACT, &schema::REDACT_MIN, &schema::REDACT_ENCODINGS];
const LOOSENS: &str = "shows what your own file keeps out of the output";

/// What a project's file would do that takes back what the user's own file promises of the disk.
const BREAKS: &str = "changes what your own file promises of the disk";

/// What stands in the place of a server where a file is vouched for because of its own settings.
const SETTINGS: &str = "settings";

/// Whoever can write a project's file must not take down what stands between its secrets and the
/// command, nor between our credentials and it.
pub(super) fn refuse_untrusted_run(run: &Layers<'_>, trust: &TrustRecords) -> Result<(), Error> {
    for (key, what) in weakening(&run.tables) {
        let Some(setting) = run.raw(key)? else { continue };
        let file = setting.origin.project_file();
        if weakens(key, &setting.value) && file.is_some_and(|file| !trust.has(SETTINGS, file)) {
            return Err(Error::Untrusted { origin: setting.origin, what: what.to_owned(), key });
        }
    }
    Ok(())
}

/// The keys that a project's file needs trust for, and what they do.
fn weakening(tables: &[&Layer]) -> impl Iterator<Item = (&'static SettingKey, &'static str)> {
    let own = |setting: &Setting<RawValue>| setting.origin.project_file().is_none();
    let redacts = |said: &&Setting<RawValue>| said.value == RawValue::Switch(true) && own(said);
    let keeps_out =
        tables.iter().filter_map(|table| table.get(&schema::REDACT)).any(|s| redacts(&s));
    let loosening = LOOSENING.iter().filter(move |_| keeps_out).map(|key| (*key, LOOSENS));
    let promises = |said: &&Setting<RawValue>| said.value != RawValue::Switch(false) && own(said);
    let is_promised =
        tables.iter().filter_map(|table| table.get(&schema::DISK_FREE)).any(|s| promises(&s));
    let breaking = is_promised.then_some((&schema::DISK_FREE, BREAKS));
    WEAKENING.iter().copied().chain(loosening).chain(breaking)
}

/// Whether a value has the effect for which its key is among those: a switch, as it is not by default.
fn weakens(key: &SettingKey, value: &RawValue) -> bool {
    if std::ptr::eq(key, &raw const schema::DISK_FREE) {
        return *value != RawValue::Switch(true);
    }
    let without = std::ptr::eq(key, &raw const schema::REDACT);
    !matches!(value, RawValue::Switch(on) if *on == without)
}

/// What each key of the cache would do in a project's file that nobody vouched for.
const CACHING: &[(&SettingKey, &str)] = &[
    (&schema::CACHE, "keeps secrets on this machine"),
    (&schema::OFFLINE, "takes secrets from the cache alone"),
    (&schema::CACHE_MAX_AGE, "says how old secrets may be"),
    (&schema::CACHE_TOKEN, "keeps a login on this machine"),
    (&schema::CACHE_KEY, "chooses what opens the cache"),
    (&schema::CACHE_KEY_FILE, "chooses what opens the cache"),
    (&schema::CACHE_PASSPHRASE_FILE, "chooses what opens the cache"),
    (&schema::CACHE_DIR, "chooses where the cache is written"),
];

/// Whoever can write a project's file must not have secrets written to this machine, nor older ones
/// used.
pub(super) fn refuse_untrusted_cache(
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<(), Error> {
    for (key, what) in CACHING {
        let Some(setting) = layers.raw(key)? else { continue };
        let file = setting.origin.project_file();
        if !is_off(&setting.value) && file.is_some_and(|file| !trust.has(SETTINGS, file)) {
            return Err(Error::Untrusted { origin: setting.origin, what: (*what).to_owned(), key });
        }
    }
    Ok(())
}

fn is_off(value: &RawValue) -> bool {
    *value == RawValue::Switch(false) || *value == RawValue::Text("off".into())
}

/// The files of the project that say something of the cache in these tables.
fn configuring_cache<'a>(tables: &'a [&Layer]) -> impl Iterator<Item = &'a Path> {
    let said = |key: &&SettingKey| {
        tables.iter().flat_map(|table| table.iter()).find(|(known, _)| std::ptr::eq(*known, *key))
    };
    CACHING.iter().filter_map(move |(key, _)| said(key)?.1.origin.project_file())
}

/// A server that a source would send credentials to, and the settings that weaken the way there.
#[derive(Debug)]
pub struct TrustSubject {
    /// Its address.
    pub server: Url,
    /// Where its address is configured.
    pub origin: Origin,
    /// The key that its address is configured by.
    pub key: &'static SettingKey,
    /// The origins of servers that any file may name: the store's own cloud.
    pub cloud: &'static [&'static str],
    /// Settings that a project's file may make only for a server that the user trusts it with.
    pub weakening: &'static [&'static SettingKey],
}

impl TrustSubject {
    /// Refuses a server that a project's file names and the user did not trust it with, and settings
    /// that weaken the way there.
    pub fn check(&self, layers: &Layers<'_>, trust: &TrustRecords) -> Result<(), Error> {
        let server = self.server.origin().ascii_serialization();
        let is_untrusted =
            |origin: &Origin| origin.project_file().is_some_and(|file| !trust.has(&server, file));
        let untrusted = |origin: Origin, what, key| Err(Error::Untrusted { origin, what, key });
        if is_untrusted(&self.origin) && !self.cloud.contains(&&*server) {
            let address = self.server.as_str().trim_end_matches('/');
            let what = format!("sends the credentials to {address}");
            return untrusted(self.origin.clone(), what, self.key);
        }
        if let Some(Setting { value, origin }) = layers.path(&schema::CA_FILE)?
            && is_untrusted(&origin)
        {
            let what = format!("trusts the authorities in `{}` alone", value.display());
            return untrusted(origin, what, &schema::CA_FILE);
        }
        if let Some(origin) = layers.on(&schema::INSECURE_HTTP)?
            && is_untrusted(&origin)
        {
            return untrusted(origin, "allows plain http".into(), &schema::INSECURE_HTTP);
        }
        Ok(())
    }

    /// The project's files that name the server or weaken the way to it, each with the server's origin.
    pub fn files(&self, layers: &Layers<'_>) -> Vec<(String, PathBuf)> {
        let server = self.server.origin().ascii_serialization();
        let weakening = self.weakening.iter().filter_map(|key| Some(layers.table(key)?.origin));
        let origins = std::iter::once(self.origin.clone()).chain(weakening);
        let file = |origin: Origin| Some((server.clone(), origin.project_file()?.to_owned()));
        origins.filter_map(file).collect()
    }
}

/// The project's files whose own settings need trust in these tables, each with a word for them.
pub(super) fn files_with_settings(run: &[&Layer], all: &[&Layer]) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for (key, _) in weakening(run) {
        let setting = run.iter().find_map(|table| table.get(key));
        let setting = setting.filter(|setting| weakens(key, &setting.value));
        files.extend(setting.and_then(|setting| setting.origin.project_file()));
    }
    files.extend(configuring_cache(all));
    files.into_iter().map(|file| (SETTINGS.to_owned(), file.to_owned())).collect()
}

/// The file's real path, with line breaks made harmless, so that one line is one pair.
fn canonical(file: &Path) -> String {
    let real = file.canonicalize().unwrap_or_else(|_missing| file.to_owned());
    real.display().to_string().replace(['\n', '\r'], "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_trusted_and_nothing_else() {
        let url = |text| Url::parse(text).unwrap();
        let mut trust = TrustRecords::default();
        assert!(trust.add("https://a.example", Path::new("/p/hushed.toml")));
        assert!(!trust.add("https://a.example", Path::new("/p/hushed.toml")));
        let trust = TrustRecords::parse(&trust.format());
        for (server, file, want) in [
            ("https://a.example/x", "/p/hushed.toml", true),
            ("https://a.example:8443", "/p/hushed.toml", false),
            ("http://a.example", "/p/hushed.toml", false),
            ("https://a.example", "/q/hushed.toml", false),
            ("https://b.example", "/p/hushed.toml", false),
        ] {
            let origin = url(server).origin().ascii_serialization();
            assert_eq!(trust.has(&origin, Path::new(file)), want, "{server} {file}");
        }
    }
}
