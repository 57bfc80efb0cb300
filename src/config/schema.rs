//! The schema of the configuration: the definition of a setting, and the settings of `[run]` and of the
//! cache, each with its key in `hushed.toml`, flag, environment variables and description. A store defines
//! its own settings in its folder. The command line, the manual, the JSON Schema and the parser of
//! `hushed.toml` are made from it. It holds no values.

/// The type of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// A path; relative to the file that holds it, or to the working directory.
    Path,
    /// `true` or `false`.
    Switch,
    /// A list of texts, or one text. In a variable, separated by commas.
    List,
    /// A list of paths, or one path.
    Paths,
    /// A table of texts. On the command line and in a variable: `A=B`.
    Map,
    /// `true`, `false`, or a list of texts.
    SwitchOrList,
    /// `true`, `false`, or one text.
    SwitchOrText,
    /// A secret, on the command line only.
    Secret,
}

/// The command-line flag of a setting.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// The long form, with the dashes.
    pub long: &'static str,
    /// The short form.
    pub short: Option<char>,
    /// A hidden alias.
    pub alias: Option<&'static str>,
    /// An alias that `--help` shows.
    pub visible_alias: Option<&'static str>,
    /// The placeholder of its value in `--help`.
    pub value_name: &'static str,
    /// Whether a value is split at commas.
    pub commas: bool,
    /// The key of a setting that cannot be combined with it.
    pub conflicts_with: Option<&'static str>,
    /// The description in `--help`.
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

/// A setting.
#[derive(Debug)]
pub struct SettingKey {
    /// Its key in `hushed.toml`.
    pub name: &'static str,
    /// The type of its value.
    pub kind: ValueKind,
    /// Its flag, if it has one.
    pub flag: Option<Flag>,
    /// The variables that set it, the strongest first.
    pub variables: &'static [&'static str],
    /// The description for the manual.
    pub doc: &'static str,
}

impl SettingKey {
    /// The long form of its flag, if it has one.
    pub fn flag_name(&self) -> Option<&'static str> {
        self.flag.map(|flag| flag.long)
    }
}

/// A section of the file, for the manual.
#[derive(Debug)]
pub struct SchemaSection {
    /// Its heading in the file.
    pub heading: String,
    /// The description.
    pub doc: &'static str,
    /// Its keys.
    pub keys: Vec<&'static SettingKey>,
}

/// Defines settings: `NAME = "key" ValueKind flag, [variables], "what it means";`.
macro_rules! keys {
    ($($id:ident = $name:literal $kind:ident $flag:expr, [$($variable:literal),*], $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub static $id: $crate::config::schema::SettingKey = $crate::config::schema::SettingKey {
                name: $name, kind: $crate::config::schema::ValueKind::$kind, flag: $flag, variables: &[$($variable),*], doc: $doc,
            };
        )*
    };
}

pub(crate) use keys;

keys! {
    // Outside of any table
    EXTENDS = "extends" Path None, [],
        "Another configuration file to build on, such as `../../hushed.toml` in a monorepo. Its settings, sources and profiles apply where this file does not set the same. It can extend a file in turn.";
    // [run]
    SOURCE = "source" List Some(Flag::new("--source", "NAME", "Use only this source; repeat to use several, in this order")), ["HUSHED_SOURCE"],
        "The sources to use, in order; later sources win. By default, all sources of the project's file, in the order of the file.";
    SET = "set" List Some(Flag::new("--set", "NAME.KEY=VALUE", "Set one setting of one source; may be repeated")), [],
        "Set one setting of one source: `NAME.key=value`. On the command line only.";
    ENV_FILE = "env-file" Paths Some(Flag::new("--env-file", "FILE", "Read this dotenv file after all other sources; may be repeated")), ["HUSHED_ENV_FILE"],
        "Dotenv files to read after all other sources, in order; later files win.";
    ENV_FILE_DIALECT = "env-file-dialect" Text Some(Flag::new("--env-file-dialect", "DIALECT", "Dialect: strict (default), node, dotenv, python, ruby, compose, docker or systemd")), ["HUSHED_ENV_FILE_DIALECT"],
        "The dialect of the files of `env-file`: `strict` (the default), `node`, `dotenv`, `python`, `ruby`, `compose`, `docker` or `systemd`.";
    REFERENCES = "references" Switch Some(Flag::new("--references", "BOOL", "Fetch what values of dotenv files and inherited variables refer to")), ["HUSHED_REFERENCES"],
        "Fetch the secrets that values of dotenv files and inherited variables refer to: a value that is, as a whole, a reference such as `vault://secret/app#password`. See **hushed-references**(7).";
    ONLY = "only" List Some(Flag::new("--only", "GLOBS", "Use only the secrets whose names match one of these globs").commas()), ["HUSHED_ONLY"],
        "Use only the secrets whose name in the store matches one of these globs (`*`, `?`).";
    EXCLUDE = "exclude" List Some(Flag::new("--exclude", "GLOBS", "Ignore the secrets whose names match one of these globs").commas()), ["HUSHED_EXCLUDE"],
        "Ignore the secrets whose name in the store matches one of these globs.";
    PREFIX = "prefix" Text Some(Flag::new("--prefix", "TEXT", "Prefix every variable name with TEXT")), ["HUSHED_PREFIX"],
        "Prefix every variable name with this text, except names set by `rename`.";
    RENAME = "rename" Map Some(Flag::new("--rename", "A=B", "Pass secret A as variable B; may be repeated").commas()), ["HUSHED_RENAME"],
        "Pass the secret A as the variable B. Neither `transform` nor `prefix` changes B.";
    TRANSFORM = "transform" Text Some(Flag::new("--transform", "NAME", "Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet")), ["HUSHED_TRANSFORM"],
        "Convert all names to one spelling: `upper-snake`, `camel`, `lower-kebab`, `tf-var` or `dotnet`.";
    REQUIRE = "require" List Some(Flag::new("--require", "NAMES", "Start nothing unless a source gives these variables a value").commas()), ["HUSHED_REQUIRE"],
        "Variables that a source must set to a value that is not empty. If one is missing, the command is not started.";
    PRESERVE_ENV = "preserve-env" SwitchOrList Some(Flag::new("--preserve-env", "NAMES", "Keep the inherited value when a name is set in both").commas()), ["HUSHED_PRESERVE_ENV"],
        "Keep the inherited value when a name is set in both the environment and a source: for all variables, or for the listed ones.";
    CLEAN_ENV = "clean-env" Switch Some(Flag::new("--clean-env", "BOOL", "Inherit only the variables that --keep matches")), ["HUSHED_CLEAN_ENV"],
        "Start the command with an empty environment, except for the variables in `keep`.";
    KEEP = "keep" List Some(Flag::new("--keep", "GLOBS", "Variables to inherit in spite of --clean-env").commas()), ["HUSHED_KEEP"],
        "Globs of the inherited variables to keep with `clean-env`.";
    ALLOW_RESERVED = "allow-reserved" List Some(Flag::new("--allow-reserved", "NAMES", "Let a source set these reserved variables").commas()), ["HUSHED_ALLOW_RESERVED"],
        "Reserved variables that a source may set.";
    SECRET_FILES = "secret-files" Text Some(Flag::new("--secret-files", "KIND", "Secrets as files: auto (default), memfd, namespace, tmpfs or fifo")), ["HUSHED_SECRET_FILES"],
        "Where the variables of `[env]` with `deliver = \"file\"` are written: `memfd` (a descriptor that the command inherits), `tmpfs` (a private directory in memory, removed when the command has ended; requires `redact` or `init`), or `auto`: `tmpfs` where hushed stays as the parent of the command and there is one, otherwise `memfd`.";
    PASS_CREDENTIALS = "pass-credentials" Switch Some(Flag::new("--pass-credentials", "BOOL", "Pass hushed's own credentials on to the command")), ["HUSHED_PASS_CREDENTIALS"],
        "Pass the variables with the login secrets of hushed and of secret stores to the command.";
    ALLOW_EMPTY = "allow-empty" Switch Some(Flag::new("--allow-empty", "BOOL", "Accept an environment or folder that is missing or empty")), ["HUSHED_ALLOW_EMPTY"],
        "Accept an environment or folder that does not exist or holds no secret.";
    KMS_KEY = "kms-key" Text None, ["HUSHED_KMS_KEY"],
        "The key of `hushed kms`, unless `--key` names another one.";
    KMS_ACCEPT = "kms-accept" List None, ["HUSHED_KMS_ACCEPT"],
        "The schemes that `hushed kms verify` accepts, such as `transit:ECDSA_SHA_256` or `local:HMAC_SHA_256`. Without it, none is accepted.";
    KMS_FALLBACK = "kms-fallback" Text None, ["HUSHED_KMS_FALLBACK"],
        "With `local`, `hushed kms sign` and `hmac` use the local store if the service cannot be reached. The default is `none`.";
    KMS_LOCAL_KEY = "kms-local-key" Text None, ["HUSHED_KMS_LOCAL_KEY"],
        "The secret of the local store that is the key of HMACs.";
    PROTECTED = "protected" Switch None, [],
        "Ask before a command changes a store under this profile, such as `hushed secrets set`. Without a terminal, `--yes` is required.";
    SPREAD = "spread" Switch Some(Flag::new("--spread", "BOOL", "Spread rate-limited retries, if many runs start together")), ["HUSHED_SPREAD"],
        "Spread retries over a longer time if the server limits the request rate, because many runs start together. Without it, a run retries when the server asks it to, unless the response shows that others use the limit too.";
    TIMEOUT = "timeout" Text Some(Flag::new("--timeout", "TIME", "Time limit for logging in and fetching [default: 30s]")), ["HUSHED_TIMEOUT"],
        "Time limit for logging in and fetching, together: `30s`, `1m`, `500ms`. The default is 30 seconds.";
    DISK_FREE = "disk-free" SwitchOrText Some(Flag::new("--disk-free", "MODE", "Write nothing to disk, enforced by the kernel; or `best-effort`")), ["HUSHED_DISK_FREE"],
        "Write nothing to disk, and let the kernel enforce this for the fetch. Settings that would write are rejected. `best-effort` accepts a kernel that cannot enforce all of it.";
    REDACT = "redact" Switch Some(Flag::new("--redact", "BOOL", "Replace every secret in the output of the command by a label")), ["HUSHED_REDACT"],
        "Stay as the parent of the command, and replace every secret in its output with a label.";
    REVOKE_TOKEN = "revoke-token" Switch Some(Flag::new("--revoke-token", "BOOL", "Revoke the access token when it is no longer needed")), ["HUSHED_REVOKE_TOKEN"],
        "Revoke the access token that hushed logged in for: before the command starts, or after it ends if hushed stays as its parent. In `[run]`, for all sources.";
    INIT = "init" Switch Some(Flag::new("--init", "BOOL", "Act as PID 1: reap orphans, and end what the command leaves behind")), ["HUSHED_INIT"],
        "Act as process 1: reap orphans, and terminate the processes that the command leaves behind.";
    KILL_AFTER = "kill-after" Text Some(Flag::new("--kill-after", "TIME", "Send SIGKILL this long after SIGTERM [default: never; 10s with --init]").alias("grace")), ["HUSHED_KILL_AFTER", "HUSHED_GRACE"],
        "Send SIGKILL to the command this long after SIGTERM: `10s`, `1m`. The default is 10 seconds with `init`, otherwise never.";
    GRACE = "grace" Text None, [],
        "The former name of `kill-after`.";
    TERMINAL = "terminal" Text Some(Flag::new("--terminal", "MODE", "Terminal of a redacted command: auto, shared, inner or off")), ["HUSHED_TERMINAL"],
        "The terminal of a redacted command: `shared` (it keeps the real terminal for input), `inner` (a PTY and session of its own), or `off` (pipes). The default is `inner` for an interactive shell that is alone on its terminal, otherwise `shared`.";
    NO_REDACT = "no-redact" List Some(Flag::new("--no-redact", "NAMES", "Do not redact these variables; globs are allowed").commas()), ["HUSHED_NO_REDACT"],
        "Variables that are not redacted: names or globs.";
    REDACT_NAME = "redact-name" List Some(Flag::new("--redact-name", "NAMES", "Redact these variables, whatever their values are").commas()), ["HUSHED_REDACT_NAME"],
        "Variables that are redacted whatever their values and sources are: names or globs, also of inherited variables. Takes precedence over `no-redact`.";
    REDACT_VALUE_OF = "redact-value-of" List Some(Flag::new("--redact-value-of", "ENV|FILE", "Redact the value of this variable or file too; may be repeated").alias("redact-also")), ["HUSHED_REDACT_VALUE_OF", "HUSHED_REDACT_ALSO"],
        "Additional values to redact: names of inherited variables, or paths of files (anything with a slash).";
    REDACT_ALSO = "redact-also" List None, [],
        "The former name of `redact-value-of`.";
    REDACT_ALL = "redact-all" Switch Some(Flag::new("--redact-all", "BOOL", "Redact ordinary words and values too")), ["HUSHED_REDACT_ALL"],
        "Redact all values of the sources, also ordinary ones such as `production`. Sources with `redact = false` and the variables of `no-redact` remain.";
    REDACT_INHERITED = "redact-inherited" SwitchOrText Some(Flag::new("--redact-inherited", "MODE", "Redact inherited variables: auto (default), true or false")), ["HUSHED_REDACT_INHERITED"],
        "Which inherited variables are redacted: `auto` (the default: those whose name or value looks secret), `true` (all but ordinary words) or `false`.";
    REDACT_MIN = "redact-min" Text Some(Flag::new("--redact-min", "BYTES", "Redact values of at least this length [default: 6]")), ["HUSHED_REDACT_MIN"],
        "Minimum length of redacted values, in bytes. A warning lists the secrets that are shorter. The default is 6.";
    REDACT_ENCODINGS = "redact-encodings" List Some(Flag::new("--redact-encodings", "NAMES", "Look for these encodings of each value [default: all]").commas()), ["HUSHED_REDACT_ENCODINGS"],
        "The encodings of each value to redact: `raw`, `lines`, `crlf`, `trim`, `base64`, `base64url`, `hex`, `percent`, `json`, `shell`, `xml`. The default is all.";
    REDACT_LABEL = "redact-label" Text Some(Flag::new("--redact-label", "TEXT", "Replace values by TEXT [default: `[hushed:NAME]`]")), ["HUSHED_REDACT_LABEL"],
        "The text that replaces a value. The default is `[hushed:NAME]`.";
    REDACT_REPORT = "redact-report" Path Some(Flag::new("--redact-report", "FILE", "Write to FILE how often each name was redacted")), ["HUSHED_REDACT_REPORT"],
        "Write to this file, at the end, how often each name was redacted on each stream. The report holds no values.";
    // [run], and [source.NAME] of a type that asks a server
    CACHE = "cache" Text Some(Flag::new("--cache", "MODE", "Keep what a server returns: off (default), fallback, ttl=TIME")), ["HUSHED_CACHE"],
        "Cache the secrets of the server, encrypted: `fallback` uses them if the server cannot be reached, `ttl=5m` uses them for this long without a request, `off` (the default) caches nothing. In a project's file, all cache settings require `hushed trust`.";
    CACHE_MAX_AGE = "cache-max-age" Text Some(Flag::new("--cache-max-age", "TIME", "Use cached secrets up to this age [default: 24h]")), ["HUSHED_CACHE_MAX_AGE"],
        "Maximum age of cached secrets that are used instead of the server's: `30m`, `24h`. The default is 24 hours.";
    OFFLINE = "offline" Switch Some(Flag::new("--offline", "BOOL", "Use the cache alone; contact no server")), ["HUSHED_OFFLINE"],
        "Contact no server: use the cached secrets up to `cache-max-age`, or fail.";
    CACHE_KEY = "cache-key" Text Some(Flag::new("--cache-key", "KEY", "Key: credential, keyring, file, systemd or passphrase")), ["HUSHED_CACHE_KEY"],
        "The key of the cache: `credential` (the machine credential itself, the default where it is long-lived and cannot be guessed), `keyring` (of the kernel), `file`, `systemd` (the systemd credential `hushed-cache-key`) or `passphrase`.";
    CACHE_KEY_FILE = "cache-key-file" Path Some(Flag::new("--cache-key-file", "FILE", "Key file of the cache; created if missing")), ["HUSHED_CACHE_KEY_FILE"],
        "The key file of the cache, outside its directory. It is created if it does not exist.";
    CACHE_PASSPHRASE_FILE = "cache-passphrase-file" Path Some(Flag::new("--cache-passphrase-file", "FILE", "Read the passphrase of the cache from FILE")), [],
        "A file with the passphrase of the cache.";
    CACHE_TOKEN = "cache-token" Switch Some(Flag::new("--cache-token", "BOOL", "Cache the access token too")), ["HUSHED_CACHE_TOKEN"],
        "Cache the access token of a login too, until it expires.";
    CACHE_DIR = "cache-dir" Path Some(Flag::new("--cache-dir", "DIR", "Directory of the cache [default: ~/.cache/hushed]")), ["HUSHED_CACHE_DIR"],
        "The directory of the cache, which no other user may access. The default is `hushed` in systemd's `CACHE_DIRECTORY`, or in the user's cache directory (`~/.cache`).";
    // [source.NAME], any type
    TYPE = "type" Text None, [],
        "The type of the source. It determines the other settings.";
    OVERRIDE = "override" Switch None, [],
        "Whether a secret of this source replaces an inherited variable of the same name. By default false for dotenv files, as their usual readers do, and true for stores. Where several sources have the name, the one that wins decides.";
    SOURCE_REDACT = "redact" SwitchOrText None, [],
        "What `redact` in `[run]` redacts of this source: `true` (all values but ordinary words), `auto` (values whose name or shape looks secret) or `false`. The default is `auto` for dotenv files, and `true` for stores. See **hushed-redact**(1).";
    WITHHOLD = "withhold" Switch None, [],
        "Do not pass the variables with this source's login to the command, also where other programs use the same ones: `AWS_*`, `AZURE_*`, `GOOGLE_*`, `KUBECONFIG`, `BAO_TOKEN`, `VAULT_TOKEN`. hushed always withholds all others.";
    DELIVER = "deliver" Switch None, [],
        "Whether all secrets in the scope of this source become variables. With `false`, only the references in `[env]` use it. The default is true.";
    // [source.NAME] of a type that asks a server
    ID_TOKEN = "id-token" Text None, ["HUSHED_ID_TOKEN"],
        "Log in with the ID token (OIDC) of a CI job: `github` requests one from GitHub Actions, `env:NAME` takes it from the variable NAME, such as one of GitLab's `id_tokens`, and `file:PATH` from a file.";
    ID_TOKEN_AUDIENCE = "id-token-audience" Text None, [],
        "The audience of the ID token that hushed requests with `id-token = \"github\"`. The default is the usual one of the store, or else that of GitHub: the address of the repository's owner.";
    CA_FILE = "ca-file" Path Some(Flag::new("--ca-file", "FILE", "Trust only the certificate authorities in this PEM file")), ["HUSHED_CA_FILE"],
        "Trust only the certificate authorities in this PEM file. By default: those of `SSL_CERT_FILE`, else of the system, else Mozilla's list.";
    INSECURE_HTTP = "insecure-http" Switch Some(Flag::new("--insecure-http", "BOOL", "Allow http:// to a host other than this machine")), ["HUSHED_INSECURE_HTTP"],
        "Allow http:// to a host other than this machine. Everyone on the network path can read the credentials.";
    // [source.NAME] of a type that reads a file
    FILE = "file" Path None, [],
        "The file: the encrypted store (default `secrets.hushed`), the dotenv file (default `.env`), or the file that sops or age encrypted.";
}

/// What `[env]` is, for the manual.
pub const ENV_DOC: &str = "Variables, each defined by text, by a reference to one secret, or by a template of several; see hushed-references(7). They take precedence over the sources, but not over the files of `env-file`.";

/// The settings of sources of any type.
pub static COMMON: &[&SettingKey] = &[&TYPE, &DELIVER, &OVERRIDE, &SOURCE_REDACT, &WITHHOLD];

/// Those that can be specified for one source without a file.
pub static COMMON_SETTINGS: &[&SettingKey] = &[&DELIVER, &OVERRIDE, &SOURCE_REDACT, &WITHHOLD];

/// The keys of `[run]`.
pub static RUN: &[&SettingKey] = &[
    &SOURCE,
    &ENV_FILE,
    &ENV_FILE_DIALECT,
    &REFERENCES,
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
    &SECRET_FILES,
    &KMS_KEY,
    &KMS_ACCEPT,
    &KMS_FALLBACK,
    &KMS_LOCAL_KEY,
    &PASS_CREDENTIALS,
    &ALLOW_EMPTY,
    &TIMEOUT,
    &SPREAD,
    &REVOKE_TOKEN,
    &DISK_FREE,
    &REDACT,
    &INIT,
    &KILL_AFTER,
    &GRACE,
    &TERMINAL,
    &NO_REDACT,
    &REDACT_NAME,
    &REDACT_VALUE_OF,
    &REDACT_ALSO,
    &REDACT_ALL,
    &REDACT_INHERITED,
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

/// The settings of the cache, in `[run]` or for one source.
pub static CACHING: &[&SettingKey] = &[
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_TOKEN,
    &CACHE_DIR,
];

/// The settings of `[run]` that require redaction.
pub static REDACTION: &[&SettingKey] = &[
    &TERMINAL,
    &NO_REDACT,
    &REDACT_NAME,
    &REDACT_VALUE_OF,
    &REDACT_ALL,
    &REDACT_INHERITED,
    &REDACT_MIN,
    &REDACT_ENCODINGS,
    &REDACT_LABEL,
    &REDACT_REPORT,
];

/// The settings and credentials of a type of source.
#[derive(Debug)]
pub struct SourceSchema {
    /// Its name: the value of `type`.
    pub name: &'static str,
    /// The heading of its flags in help.
    pub heading: &'static str,
    /// What it is, for the manual.
    pub doc: &'static str,
    /// Its settings, beside `type`.
    pub keys: &'static [&'static SettingKey],
    /// Its credentials.
    pub credentials: &'static [&'static CredentialKey],
}

impl SourceSchema {
    /// Whether this key's flag is for sources of this type: a setting, or a credential itself.
    pub fn has_flag(&self, key: &SettingKey) -> bool {
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
pub fn sections(types: &[&'static SourceSchema]) -> Vec<SchemaSection> {
    let run = SchemaSection {
        heading: "[run]".to_owned(),
        doc: "Which secrets become which variables, and what the command inherits.",
        keys: RUN.to_vec(),
    };
    let source = |schema: &&'static SourceSchema| SchemaSection {
        heading: format!("[source.NAME], type = \"{}\"", schema.name),
        doc: schema.doc,
        keys: COMMON.iter().chain(schema.keys).copied().collect(),
    };
    let top = SchemaSection { heading: "Top level".to_owned(), doc: "", keys: vec![&EXTENDS] };
    [top, run].into_iter().chain(types.iter().map(source)).collect()
}

/// A credential. A secret one is never in `hushed.toml` itself.
#[derive(Debug)]
pub struct CredentialKey {
    /// Its name in messages.
    pub what: &'static str,
    /// The setting that holds the value itself. For a secret, a flag for compatibility with the store's own
    /// command line; it belongs to no section of the file.
    pub direct: Option<&'static SettingKey>,
    /// Whether it is secret.
    pub secret: bool,
    /// The setting that names a file with it.
    pub file: &'static SettingKey,
    /// The environment variables that hold it, the strongest first. `NAME_FILE` names a file instead.
    pub variables: &'static [&'static str],
    /// The variable to name in messages, if not the first.
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
    what: "cache passphrase",
    direct: None,
    secret: true,
    file: &CACHE_PASSPHRASE_FILE,
    variables: &["HUSHED_CACHE_PASSPHRASE"],
    usual: None,
    systemd: "hushed-cache-passphrase",
};
