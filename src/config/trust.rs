//! What a project's files may do: whoever can write one must not choose where credentials go, nor weaken
//! what protects them, unless the user ran `hushed trust`. What the user trusts is one line each in a
//! file of the user's own. It asks nobody.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use url::Url;

use super::file::{ConfigFile, ConfigTables};
use super::layer::{Layer, Layers, Origin, RawValue, Setting};
use super::schema::{self, SettingKey};
use super::{ConfigFiles, CredentialReference, Error, user_dirs};

/// What the user trusts: servers and settings, each with the file that may name it and the fingerprint of
/// that file's guarded settings. When one of them changes, the record is void.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustRecords {
    records: Vec<Record>,
    /// The fingerprints of the project's files as they are now.
    current: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    origin: String,
    fingerprint: String,
    file: String,
}

/// Settings of a source that decide only which secrets are read, so that changing them voids no trust.
const HARMLESS: &[&str] = &[
    "type",
    "project",
    "env",
    "path",
    "recursive",
    "tags",
    "include-imports",
    "expand",
    "secret-overriding",
    "file",
    "secret",
    "secrets",
    "name-prefix",
    "all",
    "filter",
    "parameters",
    "label",
    "json",
    "region",
    "label-selector",
    "namespace",
    "context",
    "in-cluster",
    "config",
    "item",
];

/// The settings of a file that need trust or could come to need it, as lines of text: those of `[run]` that
/// weaken something, and all of a source that are not listed in `HARMLESS`.
pub fn guarded_settings(file: &ConfigFile) -> Vec<String> {
    let mut lines = Vec::new();
    let profiles = file.profiles.iter().map(|(_, tables)| tables);
    let mut sources = std::iter::once(&file.base).chain(profiles).flat_map(|it| &it.sources);
    // Where the file takes a credential from a source, all settings decide what that is.
    let all = sources.any(|(_, layer)| references(layer).next().is_some());
    list_guarded(&file.base, "", all, &mut lines);
    for (name, tables) in &file.profiles {
        list_guarded(tables, &format!("profile.{}.", name.escape_debug()), all, &mut lines);
    }
    lines
}

/// The credentials of a table that are references.
fn references(layer: &Layer) -> impl Iterator<Item = &Setting<RawValue>> {
    let settings = layer.iter().map(|(_, setting)| setting);
    settings.filter(|setting| matches!(setting.value, RawValue::Reference(_)))
}

fn list_guarded(tables: &ConfigTables, prefix: &str, all: bool, lines: &mut Vec<String>) {
    let in_run = |key: &SettingKey| {
        let weakening = WEAKENING.iter().chain(CACHING).map(|(key, _)| *key);
        let others = LOOSENING.iter().chain(ACCEPTING).copied();
        let mut guarded = weakening.chain(others).chain([&schema::DISK_FREE]);
        guarded.any(|known| std::ptr::eq(known, key))
    };
    let run = tables.run.iter().filter(|(key, _)| in_run(key));
    lines.extend(run.map(|(key, setting)| line(&format!("{prefix}run"), key, setting)));
    for (name, layer) in &tables.sources {
        let heading = format!("{prefix}source.{}", name.escape_debug());
        lines.extend(lines_of(layer, &heading, all));
    }
}

/// The guarded settings of a source's table, or of the project file of a store's own command line.
pub(super) fn guarded_lines(layer: &Layer, heading: &str) -> Vec<String> {
    lines_of(layer, heading, false)
}

fn lines_of(layer: &Layer, heading: &str, all: bool) -> Vec<String> {
    let guarded = layer.iter().filter(|(key, _)| all || !HARMLESS.contains(&key.name));
    guarded.map(|(key, setting)| line(heading, key, setting)).collect()
}

fn line(heading: &str, key: &SettingKey, setting: &Setting<RawValue>) -> String {
    let value = match &setting.value {
        RawValue::Text(text) => format!("{text:?}"),
        RawValue::List(list) => format!("{list:?}"),
        RawValue::Switch(switch) => switch.to_string(),
        RawValue::Map(map) => format!("{map:?}"),
        RawValue::Reference(text) => format!("{{ ref = {text:?} }}"),
        // No file holds one.
        RawValue::Secret(_) => "?".to_owned(),
    };
    format!("[{heading}] {} = {value}", key.name)
}

fn fingerprint(lines: &[String]) -> String {
    let digest = Sha256::digest(lines.join("\n"));
    digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

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
        // Lines of former versions, without a fingerprint, are no longer valid.
        let record = |line: &str| {
            let (origin, rest) = line.split_once(' ')?;
            let (fingerprint, file) = rest.split_once(' ')?;
            let is_hash =
                fingerprint.len() == 64 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
            let [origin, fingerprint, file] = [origin, fingerprint, file].map(str::to_owned);
            is_hash.then_some(Record { origin, fingerprint, file })
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self { records: lines.filter_map(record).collect(), current: Vec::new() }
    }

    /// The text of the file.
    pub fn format(&self) -> String {
        let head = "# Settings of project files that you trust: written by `hushed trust`.\n";
        let lines = self
            .records
            .iter()
            .map(|record| format!("{} {} {}\n", record.origin, record.fingerprint, record.file));
        std::iter::once(head.to_owned()).chain(lines).collect()
    }

    /// The same records, checked against these files as they are now.
    #[must_use]
    pub fn checked_against(self, files: &ConfigFiles) -> Self {
        if self.records.is_empty() {
            return self;
        }
        self.with_current(files)
    }

    /// The same records, to add some for these files.
    #[must_use]
    pub fn with_current(self, files: &ConfigFiles) -> Self {
        let own = files.project.iter().chain(&files.extended);
        let own = own.map(|(path, file)| (path, guarded_settings(file)));
        let foreign = files.foreign.iter().map(|file| (&file.path, guarded_lines(&file.layer, "")));
        let current = own
            .chain(foreign)
            .map(|(path, lines)| (canonical(path), fingerprint(&lines)))
            .collect();
        Self { records: self.records, current }
    }

    /// Whether the user trusts this file with this server or these settings, as the file is now.
    pub fn has(&self, origin: &str, file: &Path) -> bool {
        let file = canonical(file);
        let is_valid = |record: &&Record| {
            record.origin == origin
                && record.file == file
                && self
                    .current
                    .iter()
                    .any(|(path, now)| *path == file && *now == record.fingerprint)
        };
        self.records.iter().any(|record| is_valid(&record))
    }

    /// Adds a record; false if there is a valid one.
    pub fn add(&mut self, origin: &str, file: &Path) -> bool {
        if self.has(origin, file) {
            return false;
        }
        let file = canonical(file);
        let Some((_, now)) = self.current.iter().find(|(path, _)| *path == file) else {
            return false;
        };
        let (origin, fingerprint) = (origin.to_owned(), now.clone());
        self.records.retain(|record| record.file != file || record.origin != origin);
        self.records.push(Record { origin, fingerprint, file });
        true
    }

    /// Removes all records of a file, which need not exist any more; false if there was none.
    pub fn remove(&mut self, file: &Path) -> bool {
        let before = self.records.len();
        let file = canonical(file);
        self.records.retain(|record| record.file != file);
        self.records.len() != before
    }

    /// The files in a directory and those above it that have records.
    pub fn files_above(&self, directory: &Path) -> Vec<PathBuf> {
        let mut files: Vec<_> =
            self.records.iter().map(|record| PathBuf::from(&record.file)).collect();
        files.retain(|file| file.parent().is_some_and(|parent| directory.starts_with(parent)));
        files.sort();
        files.dedup();
        files
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
const LOOSENING: &[&SettingKey] = &[
    &schema::REDACT,
    &schema::NO_REDACT,
    &schema::REDACT_INHERITED,
    &schema::REDACT_MIN,
    &schema::REDACT_ENCODINGS,
];
const LOOSENS: &str = "shows what your own file keeps out of the output";

/// Settings by which a project's file could change which signatures the user's own file accepts. Where that accepts
/// none, they are the project's affair.
const ACCEPTING: &[&SettingKey] =
    &[&schema::KMS_ACCEPT, &schema::KMS_FALLBACK, &schema::KMS_KEY, &schema::KMS_LOCAL_KEY];
const ACCEPTS: &str = "changes which signatures your own file accepts";

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
    let keeps_out = user_redacts(tables);
    let loosening = LOOSENING.iter().filter(move |_| keeps_out).map(|key| (*key, LOOSENS));
    let promises = |said: &&Setting<RawValue>| said.value != RawValue::Switch(false) && own(said);
    let is_promised =
        tables.iter().filter_map(|table| table.get(&schema::DISK_FREE)).any(|s| promises(&s));
    let breaking = is_promised.then_some((&schema::DISK_FREE, BREAKS));
    let accepts = tables.iter().filter_map(|table| table.get(&schema::KMS_ACCEPT)).any(own);
    let accepting = ACCEPTING.iter().filter(move |_| accepts).map(|key| (*key, ACCEPTS));
    WEAKENING.iter().copied().chain(loosening).chain(breaking).chain(accepting)
}

/// Whether the user's own file asks for redaction.
fn user_redacts(tables: &[&Layer]) -> bool {
    let own = |setting: &Setting<RawValue>| setting.origin.project_file().is_none();
    let mut settings = tables.iter().filter_map(|table| table.get(&schema::REDACT));
    settings.any(|setting| setting.value == RawValue::Switch(true) && own(setting))
}

/// Rejects a setting of a project's file that redacts less of a source than by default, where the user's
/// own file asks for redaction.
pub(super) fn refuse_untrusted_scope(
    run: &Layers<'_>,
    origin: &Origin,
    trust: &TrustRecords,
) -> Result<(), Error> {
    let is_untrusted = origin.project_file().is_some_and(|file| !trust.has(SETTINGS, file));
    if is_untrusted && user_redacts(&run.tables) {
        let (origin, what) = (origin.clone(), LOOSENS.to_owned());
        return Err(Error::Untrusted { origin, what, key: &schema::SOURCE_REDACT });
    }
    Ok(())
}

/// Whoever can write a project's file must not have a secret of one store sent to another.
pub(super) fn refuse_untrusted_reference(
    reference: &CredentialReference,
    trust: &TrustRecords,
) -> Result<(), Error> {
    let file = reference.origin.project_file();
    if file.is_some_and(|file| !trust.has(SETTINGS, file)) {
        let what = "sends a secret of one source to another as a credential".to_owned();
        let (origin, key) = (reference.origin.clone(), reference.key.file);
        return Err(Error::Untrusted { origin, what, key });
    }
    Ok(())
}

/// Whether a value has the effect for which its key is among those: a switch, as it is not by default.
fn weakens(key: &SettingKey, value: &RawValue) -> bool {
    if std::ptr::eq(key, &raw const schema::DISK_FREE) {
        return *value != RawValue::Switch(true);
    }
    if std::ptr::eq(key, &raw const schema::REDACT_INHERITED) {
        return *value == RawValue::Switch(false);
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
    let references = all.iter().flat_map(|table| references(table));
    files.extend(references.filter_map(|setting| setting.origin.project_file()));
    if user_redacts(run) {
        let scopes = all.iter().filter_map(|table| table.get(&schema::SOURCE_REDACT));
        let scopes = scopes.filter(|setting| setting.value != RawValue::Switch(true));
        files.extend(scopes.filter_map(|setting| setting.origin.project_file()));
    }
    files.into_iter().map(|file| (SETTINGS.to_owned(), file.to_owned())).collect()
}

/// The file's real path, with line breaks made harmless, so that one line is one pair.
fn canonical(file: &Path) -> String {
    let missing = || {
        // Its directory may be there still.
        let directory = file.parent().and_then(|parent| parent.canonicalize().ok());
        directory.zip(file.file_name()).map(|(directory, name)| directory.join(name))
    };
    let real = file.canonicalize().ok().or_else(missing).unwrap_or_else(|| file.to_owned());
    real.display().to_string().replace(['\n', '\r'], "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(fingerprint: char) -> Vec<(String, String)> {
        vec![("/p/hushed.toml".to_owned(), fingerprint.to_string().repeat(64))]
    }

    #[test]
    fn a_server_in_a_file_is_trusted_until_the_guarded_settings_change() {
        let file = Path::new("/p/hushed.toml");
        let mut trust = TrustRecords { records: Vec::new(), current: current('a') };
        assert!(trust.add("https://a.example", file));
        assert!(!trust.add("https://a.example", file));
        let read = TrustRecords::parse(&trust.format());
        assert!(!read.has("https://a.example", file), "nothing is known of the file");
        let mut trust = TrustRecords { current: current('a'), ..read };
        for (server, file, want) in [
            ("https://a.example", "/p/hushed.toml", true),
            ("https://a.example:8443", "/p/hushed.toml", false),
            ("http://a.example", "/p/hushed.toml", false),
            ("https://a.example", "/q/hushed.toml", false),
            ("https://b.example", "/p/hushed.toml", false),
        ] {
            assert_eq!(trust.has(server, Path::new(file)), want, "{server} {file}");
        }
        trust.current = current('b');
        assert!(!trust.has("https://a.example", file), "a setting has changed");
        assert_eq!(trust.files_above(Path::new("/p/deep")), [file]);
        assert_eq!(trust.files_above(Path::new("/q")), [""; 0].map(PathBuf::from));
        assert!(trust.remove(file) && !trust.remove(file));
    }

    #[test]
    fn a_record_of_a_former_version_is_void() {
        let text = "https://a.example /p/hushed.toml\nsettings /p/a b/hushed.toml\n";
        assert!(TrustRecords::parse(text).records.is_empty());
    }
}
