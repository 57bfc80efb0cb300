//! The schema of the configuration: what a setting is, and the settings of `[run]` and of the cache, each
//! with its key in `hushed.toml`, its flag, its variables and its meaning. Those of a store stand with the
//! store. The manual, the check for unknown keys and the merge all read this. It holds no values.

/// What a setting's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A path; relative to the file that holds it, or to the working directory.
    Path,
    /// `true` or `false`.
    Switch,
    /// A list of texts, or one text. In a variable they are parted by commas.
    List,
    /// A list of paths, or one path.
    Paths,
    /// A table of texts. On the command line and in a variable: `A=B`.
    Map,
    /// `true`, `false`, or a list of texts.
    SwitchOrList,
    /// `true`, `false`, or one text.
    SwitchOrText,
    /// A secret: on the command line only.
    Secret,
}

/// The flag of a setting.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its long form, with the dashes.
    pub long: &'static str,
    /// Its short form.
    pub short: Option<char>,
    /// Another long form, which help does not show.
    pub alias: Option<&'static str>,
    /// Another long form, which help shows.
    pub visible_alias: Option<&'static str>,
    /// What stands for its value in help.
    pub value_name: &'static str,
    /// Whether commas separate values.
    pub commas: bool,
    /// The key of a setting that excludes it.
    pub conflicts_with: Option<&'static str>,
    /// What help says.
    pub help: &'static str,
}

impl Flag {
    pub(crate) const fn new(
        long: &'static str,
        value_name: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            long,
            short: None,
            alias: None,
            visible_alias: None,
            value_name,
            commas: false,
            conflicts_with: None,
            help,
        }
    }

    pub(crate) const fn short(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }

    pub(crate) const fn alias(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    pub(crate) const fn visible_alias(self, alias: &'static str) -> Self {
        Self { visible_alias: Some(alias), ..self }
    }

    pub(crate) const fn commas(self) -> Self {
        Self { commas: true, ..self }
    }

    pub(crate) const fn conflicts_with(self, key: &'static str) -> Self {
        Self { conflicts_with: Some(key), ..self }
    }
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its key in `hushed.toml`.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// Its flag, if it has one.
    pub flag: Option<Flag>,
    /// The variables that set it, the strongest first.
    pub variables: &'static [&'static str],
    /// What it means, for the manual.
    pub doc: &'static str,
}

impl Key {
    /// The long form of its flag, if it has one.
    pub fn flag_name(&self) -> Option<&'static str> {
        self.flag.map(|flag| flag.long)
    }
}

/// What a section of the file is about.
#[derive(Debug)]
pub struct Section {
    /// Its heading in the file.
    pub heading: String,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys.
    pub keys: Vec<&'static Key>,
}

/// Defines settings: `NAME = "key" Kind flag, [variables], "what it means";`.
macro_rules! keys {
    ($($id:ident = $name:literal $kind:ident $flag:expr, [$($variable:literal),*], $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub static $id: $crate::config::schema::Key = $crate::config::schema::Key {
                name: $name, kind: $crate::config::schema::Kind::$kind, flag: $flag, variables: &[$($variable),*], doc: $doc,
            };
        )*
    };
}

pub(crate) use keys;

keys! {
    // [run]
    SOURCE = "source" List Some(Flag::new("--source", "NAME", "Use only this source; repeat to use several, in this order")), ["HUSHED_SOURCE"],
        "The sources to use, in order; a later one wins. Without it: all of the project's file, in the order in which they stand there.";
    SET = "set" List Some(Flag::new("--set", "NAME.KEY=VALUE", "Set one setting of one source; may be repeated")), [],
        "A setting of one source: `NAME.key=value`. On the command line only.";
    ENV_FILE = "env-file" Paths Some(Flag::new("--env-file", "FILE", "Read this dotenv file after all other sources; may be repeated")), ["HUSHED_ENV_FILE"],
        "Dotenv files to use after all other sources, in order; the later wins.";
    ENV_FILE_DIALECT = "env-file-dialect" Text Some(Flag::new("--env-file-dialect", "DIALECT", "Read the files of --env-file as this program does: strict (default), node, dotenv, python, ruby, compose, docker or systemd")), ["HUSHED_ENV_FILE_DIALECT"],
        "The dialect of the files of `env-file`: `strict` (the default), `node`, `dotenv`, `python`, `ruby`, `compose`, `docker` or `systemd`.";
    ONLY = "only" List Some(Flag::new("--only", "GLOBS", "Use only the secrets whose names match one of these globs").commas()), ["HUSHED_ONLY"],
        "Use only the secrets whose name in the store matches one of these globs (`*`, `?`).";
    EXCLUDE = "exclude" List Some(Flag::new("--exclude", "GLOBS", "Leave out the secrets whose names match one of these globs").commas()), ["HUSHED_EXCLUDE"],
        "Leave out the secrets whose name in the store matches one of these globs.";
    PREFIX = "prefix" Text Some(Flag::new("--prefix", "TEXT", "Prefix every variable name with TEXT")), ["HUSHED_PREFIX"],
        "Put this before every variable's name that `rename` does not give.";
    RENAME = "rename" Map Some(Flag::new("--rename", "A=B", "Pass secret A as variable B; may be repeated").commas()), ["HUSHED_RENAME"],
        "Give the secret A the variable B. Neither `transform` nor `prefix` acts on it.";
    TRANSFORM = "transform" Text Some(Flag::new("--transform", "NAME", "Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet")), ["HUSHED_TRANSFORM"],
        "Spell all names anew: `upper-snake`, `camel`, `lower-kebab`, `tf-var` or `dotnet`.";
    REQUIRE = "require" List Some(Flag::new("--require", "NAMES", "Start nothing unless a source gives these variables a value").commas()), ["HUSHED_REQUIRE"],
        "Variables that must come from a source and not be empty, or nothing is started.";
    PRESERVE_ENV = "preserve-env" SwitchOrList Some(Flag::new("--preserve-env", "NAMES", "Keep the inherited value when a name is set in both").commas()), ["HUSHED_PRESERVE_ENV"],
        "Let the inherited value win over a secret: for all variables, or for those named.";
    CLEAN_ENV = "clean-env" Switch Some(Flag::new("--clean-env", "BOOL", "Inherit only the variables that --keep matches")), ["HUSHED_CLEAN_ENV"],
        "Start the command with nothing inherited but what `keep` names.";
    KEEP = "keep" List Some(Flag::new("--keep", "GLOBS", "Variables to inherit in spite of --clean-env").commas()), ["HUSHED_KEEP"],
        "Globs of the inherited variables that `clean-env` keeps.";
    ALLOW_RESERVED = "allow-reserved" List Some(Flag::new("--allow-reserved", "NAMES", "Let a source set these reserved variables").commas()), ["HUSHED_ALLOW_RESERVED"],
        "Reserved variables that a source may set all the same.";
    PASS_CREDENTIALS = "pass-credentials" Switch Some(Flag::new("--pass-credentials", "BOOL", "Pass hushed's own credentials on to the command")), ["HUSHED_PASS_CREDENTIALS"],
        "Leave the variables that hold hushed's own credentials in the command's environment.";
    ALLOW_EMPTY = "allow-empty" Switch Some(Flag::new("--allow-empty", "BOOL", "Accept an environment or folder that is missing or empty")), ["HUSHED_ALLOW_EMPTY"],
        "Accept an environment or folder that is missing, or holds no secret.";
    TIMEOUT = "timeout" Text Some(Flag::new("--timeout", "TIME", "Time limit for logging in and fetching [default: 30s]")), ["HUSHED_TIMEOUT"],
        "How long logging in and fetching may take in all: `30s`, `1m`, `500ms`. 30 seconds by default.";
    DISK_FREE = "disk-free" SwitchOrText Some(Flag::new("--disk-free", "MODE", "Write nothing to disk, enforced by the kernel; or `best-effort`")), ["HUSHED_DISK_FREE"],
        "Write nothing, and have the kernel hold the fetch to that; what would write is refused. `best-effort`: also where the kernel cannot do all of it.";
    REDACT = "redact" Switch Some(Flag::new("--redact", "BOOL", "Replace every secret in the output of the command by a label")), ["HUSHED_REDACT"],
        "Stay as the command's parent and put a label in the place of every secret in its output.";
    REVOKE_TOKEN = "revoke-token" Switch Some(Flag::new("--revoke-token", "BOOL", "Revoke the access token when it is no longer needed")), ["HUSHED_REVOKE_TOKEN"],
        "End the access token that hushed logged in for: before the command starts, or after it where hushed stays as its parent. In `[run]` for all sources.";
    INIT = "init" Switch Some(Flag::new("--init", "BOOL", "Act as PID 1: reap orphans, and end what the command leaves behind")), ["HUSHED_INIT"],
        "Do the duties of PID 1: reap orphans, and end what the command leaves behind.";
    KILL_AFTER = "kill-after" Text Some(Flag::new("--kill-after", "TIME", "Send SIGKILL this long after SIGTERM [default: never; 10s with --init]").alias("grace")), ["HUSHED_KILL_AFTER", "HUSHED_GRACE"],
        "Send SIGKILL to the command this long after SIGTERM: `10s`, `1m`. With `init` 10 seconds by default, otherwise never.";
    GRACE = "grace" Text None, [],
        "The former name of `kill-after`.";
    TERMINAL = "terminal" Text Some(Flag::new("--terminal", "MODE", "Terminal of a redacted command: auto, shared, inner or off")), ["HUSHED_TERMINAL"],
        "What a redacted command gets in place of a terminal: `shared` (it keeps the real terminal for its keys), `inner` (a terminal and a session of its own), or `off` (pipes). By default `inner` for an interactive shell that is alone on its terminal, otherwise `shared`.";
    NO_REDACT = "no-redact" List Some(Flag::new("--no-redact", "NAMES", "Do not redact these secrets").commas()), ["HUSHED_NO_REDACT"],
        "Secrets whose values may be seen in the output.";
    REDACT_ALSO = "redact-also" List Some(Flag::new("--redact-also", "VARIABLE|FILE", "Redact the value of this variable or file too; may be repeated")), ["HUSHED_REDACT_ALSO"],
        "Values to keep out of the output as well: names of inherited variables, or files (what has a slash in it).";
    REDACT_MIN = "redact-min" Text Some(Flag::new("--redact-min", "BYTES", "Redact values of at least this length [default: 6]")), ["HUSHED_REDACT_MIN"],
        "Values shorter than this many bytes are not looked for; a warning names them. 6 by default.";
    REDACT_ENCODINGS = "redact-encodings" List Some(Flag::new("--redact-encodings", "NAMES", "Look for these encodings of each value [default: all]").commas()), ["HUSHED_REDACT_ENCODINGS"],
        "The encodings of each value that are looked for: `raw`, `lines`, `crlf`, `trim`, `base64`, `base64url`, `hex`, `percent`, `json`, `shell`, `xml`. All by default.";
    REDACT_LABEL = "redact-label" Text Some(Flag::new("--redact-label", "TEXT", "Replace values by TEXT [default: `[hushed:NAME]`]")), ["HUSHED_REDACT_LABEL"],
        "What stands in the place of a value. `[hushed:NAME]` by default.";
    REDACT_REPORT = "redact-report" Path Some(Flag::new("--redact-report", "FILE", "Write to FILE how often each name was redacted")), ["HUSHED_REDACT_REPORT"],
        "A file that says, at the end, which name was redacted how often on which stream. It holds no value.";
    // [run], and [source.NAME] of a type that asks a server
    CACHE = "cache" Text Some(Flag::new("--cache", "MODE", "Keep what a server returns: off (default), fallback, ttl=TIME")), ["HUSHED_CACHE"],
        "Keep what the server gave, sealed: `fallback` uses it when the server cannot be reached, `ttl=5m` asks no server for so long, `off` (the default) keeps nothing. From a file of the project it counts only after `hushed trust`, as do all keys of the cache.";
    CACHE_MAX_AGE = "cache-max-age" Text Some(Flag::new("--cache-max-age", "TIME", "Use cached secrets up to this age [default: 24h]")), ["HUSHED_CACHE_MAX_AGE"],
        "How old what is kept may be when it stands in for a server: `30m`, `24h`. 24 hours by default.";
    OFFLINE = "offline" Switch Some(Flag::new("--offline", "BOOL", "Use the cache alone; contact no server")), ["HUSHED_OFFLINE"],
        "Ask no server: use what the cache has, up to `cache-max-age`, or fail.";
    CACHE_KEY = "cache-key" Text Some(Flag::new("--cache-key", "KEY", "Key: credential, keyring, file, systemd or passphrase")), ["HUSHED_CACHE_KEY"],
        "What opens the cache: `credential` (the machine credential itself, the default where it stays the same and cannot be guessed), `keyring` (the kernel's), `file`, `systemd` (the systemd credential `hushed-cache-key`) or `passphrase`.";
    CACHE_KEY_FILE = "cache-key-file" Path Some(Flag::new("--cache-key-file", "FILE", "Key file of the cache; created if missing")), ["HUSHED_CACHE_KEY_FILE"],
        "The key file of the cache, outside its directory; it is made when there is none.";
    CACHE_PASSPHRASE_FILE = "cache-passphrase-file" Path Some(Flag::new("--cache-passphrase-file", "FILE", "Read the passphrase of the cache from FILE")), [],
        "A file that holds the passphrase of the cache.";
    CACHE_TOKEN = "cache-token" Switch Some(Flag::new("--cache-token", "BOOL", "Cache the access token too")), ["HUSHED_CACHE_TOKEN"],
        "Keep the access token of a login too, as long as it is valid.";
    CACHE_DIR = "cache-dir" Path Some(Flag::new("--cache-dir", "DIR", "Directory of the cache [default: ~/.cache/hushed]")), ["HUSHED_CACHE_DIR"],
        "The directory of the cache, which must be yours alone. By default `hushed` in systemd's `CACHE_DIRECTORY`, or in the user's cache folder (`~/.cache`).";
    // [source.NAME], any type
    TYPE = "type" Text None, [],
        "The type of the source, which decides which other keys it has.";
    OVERRIDE = "override" Switch None, [],
        "Whether a secret of this source replaces an inherited variable of the same name. By default false for dotenv files, as their usual readers do, and true for stores. Where several sources have the name, the one that wins decides.";
    // [source.NAME] of a type that asks a server
    CA_FILE = "ca-file" Path Some(Flag::new("--ca-file", "FILE", "Trust only the certificate authorities in this PEM file")), ["HUSHED_CA_FILE"],
        "Trust only the certificate authorities in this PEM file. Before it: nothing; after it: `SSL_CERT_FILE`, the system's bundle, Mozilla's list.";
    INSECURE_HTTP = "insecure-http" Switch Some(Flag::new("--insecure-http", "BOOL", "Allow http:// to a host other than this machine")), ["HUSHED_INSECURE_HTTP"],
        "Allow http:// to a host that is not this machine. Everyone on the way can read the credentials.";
    // [source.NAME] of a type that reads a file
    FILE = "file" Path None, [],
        "The file: the sealed store (`secrets.hushed` by default), or the dotenv file (`.env`).";
}

/// The keys that a source of any type has.
pub static COMMON: &[&Key] = &[&TYPE, &OVERRIDE];

/// The keys of `[run]`.
pub static RUN: &[&Key] = &[
    &SOURCE,
    &ENV_FILE,
    &ENV_FILE_DIALECT,
    &ONLY,
    &EXCLUDE,
    &PREFIX,
    &RENAME,
    &TRANSFORM,
    &REQUIRE,
    &PRESERVE_ENV,
    &CLEAN_ENV,
    &KEEP,
    &ALLOW_RESERVED,
    &PASS_CREDENTIALS,
    &ALLOW_EMPTY,
    &TIMEOUT,
    &REVOKE_TOKEN,
    &DISK_FREE,
    &REDACT,
    &INIT,
    &KILL_AFTER,
    &GRACE,
    &TERMINAL,
    &NO_REDACT,
    &REDACT_ALSO,
    &REDACT_MIN,
    &REDACT_ENCODINGS,
    &REDACT_LABEL,
    &REDACT_REPORT,
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_TOKEN,
    &CACHE_DIR,
];

/// The keys that say what is kept of what a server gave, in `[run]` or for one source.
pub static CACHING: &[&Key] = &[
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_TOKEN,
    &CACHE_DIR,
];

/// The keys of `[run]` that say how output is redacted, and mean nothing where it is not.
pub static REDACTION: &[&Key] = &[
    &TERMINAL,
    &NO_REDACT,
    &REDACT_ALSO,
    &REDACT_MIN,
    &REDACT_ENCODINGS,
    &REDACT_LABEL,
    &REDACT_REPORT,
];

/// What a type of source can be configured with.
#[derive(Debug)]
pub struct SourceSchema {
    /// Its name: the value of `type`.
    pub name: &'static str,
    /// The heading of its flags in help.
    pub heading: &'static str,
    /// What it is, for the manual.
    pub doc: &'static str,
    /// Its settings, beside `type`.
    pub keys: &'static [&'static Key],
    /// Its credentials.
    pub credentials: &'static [&'static CredentialKey],
}

impl SourceSchema {
    /// Whether this key's flag is for sources of this type: a setting, or a credential itself.
    pub fn has_flag(&self, key: &Key) -> bool {
        let credentials = self.credentials.iter().filter_map(|credential| credential.direct);
        self.keys.iter().copied().chain(credentials).any(|known| std::ptr::eq(known, key))
    }

    /// Whether it has a setting of this name.
    pub fn has_name(&self, name: &str) -> bool {
        COMMON.iter().chain(self.keys).any(|known| known.name == name)
    }

    /// The names of all credentials' variables; each also works as `NAME_FILE`.
    pub fn credential_variables(&self) -> impl Iterator<Item = &'static str> {
        self.credentials.iter().flat_map(|key| key.variables).copied()
    }
}

/// The sections of `hushed.toml`, for the manual.
pub fn sections(types: &[&'static SourceSchema]) -> Vec<Section> {
    let run = Section {
        heading: "[run]".to_owned(),
        doc: "Which secrets become which variables, and what the command inherits.",
        keys: RUN.to_vec(),
    };
    let source = |schema: &&'static SourceSchema| Section {
        heading: format!("[source.NAME], type = \"{}\"", schema.name),
        doc: schema.doc,
        keys: COMMON.iter().chain(schema.keys).copied().collect(),
    };
    std::iter::once(run).chain(types.iter().map(source)).collect()
}

/// A credential: secret, so it is never in `hushed.toml` itself.
#[derive(Debug)]
pub struct CredentialKey {
    /// What it is, for messages.
    pub what: &'static str,
    /// The setting that holds it itself. A secret has one only where Infisical's own command line
    /// has such a flag, and that setting belongs to no section of the file.
    pub direct: Option<&'static Key>,
    /// Whether it is a secret, rather than a name.
    pub secret: bool,
    /// The setting that names a file with it.
    pub file: &'static Key,
    /// The variables that hold it, the strongest first. Each also works as `NAME_FILE`.
    pub variables: &'static [&'static str],
    /// The variable that a message names, where it is not the strongest.
    pub usual: Option<&'static str>,
    /// The name of a systemd credential that holds it; the variables' names work as well.
    pub systemd: &'static str,
}

impl CredentialKey {
    /// The variable that a message names.
    pub fn usual_variable(&self) -> &'static str {
        self.usual.or(self.variables.first().copied()).unwrap_or_default()
    }

    /// Its name as a setting: that of its file's setting without `-file`.
    pub fn name(&self) -> &'static str {
        self.file.name.trim_end_matches("-file").trim_end_matches("-path")
    }
}

/// The passphrase of the cache.
pub static CACHE_PASSPHRASE: CredentialKey = CredentialKey {
    what: "passphrase of the cache",
    direct: None,
    secret: true,
    file: &CACHE_PASSPHRASE_FILE,
    variables: &["HUSHED_CACHE_PASSPHRASE"],
    usual: None,
    systemd: "hushed-cache-passphrase",
};
