//! Every setting of hushed on one page: its key in `hushed.toml`, its flag, its variables, and what it
//! means. The manual, the check for unknown keys and the merge all read this. It holds no values.

use std::ffi::OsStr;

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
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its key in `hushed.toml`.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// Its flag, if it has one.
    pub flag: Option<&'static str>,
    /// The variables that set it, the strongest first.
    pub variables: &'static [&'static str],
    /// What it means, for the manual.
    pub doc: &'static str,
}

/// What a section of the file is about.
#[derive(Debug)]
pub struct Section {
    /// Its heading in the file.
    pub heading: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [&'static Key],
}

macro_rules! keys {
    ($($id:ident = $name:literal $kind:ident $flag:expr, [$($variable:literal),*], $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub static $id: Key = Key {
                name: $name, kind: Kind::$kind, flag: $flag, variables: &[$($variable),*], doc: $doc,
            };
        )*
    };
}

keys! {
    // [run]
    SOURCE = "source" List Some("--source"), ["HUSHED_SOURCE"],
        "The sources to use, in order; a later one wins. Without it: all of the project's file, in the order in which they stand there.";
    ENV_FILE = "env-file" Paths Some("--env-file"), ["HUSHED_ENV_FILE"],
        "Dotenv files to use after all other sources, in order; the later wins.";
    ONLY = "only" List Some("--only"), ["HUSHED_ONLY"],
        "Use only the secrets whose name in the store matches one of these globs (`*`, `?`).";
    EXCLUDE = "exclude" List Some("--exclude"), ["HUSHED_EXCLUDE"],
        "Leave out the secrets whose name in the store matches one of these globs.";
    PREFIX = "prefix" Text Some("--prefix"), ["HUSHED_PREFIX"],
        "Put this before every variable's name that `rename` does not give.";
    RENAME = "rename" Map Some("--rename"), ["HUSHED_RENAME"],
        "Give the secret A the variable B. Neither `transform` nor `prefix` acts on it.";
    TRANSFORM = "transform" Text Some("--transform"), ["HUSHED_TRANSFORM"],
        "Spell all names anew: `upper-snake`, `camel`, `lower-kebab`, `tf-var` or `dotnet`.";
    REQUIRE = "require" List Some("--require"), ["HUSHED_REQUIRE"],
        "Variables that must come from a source and not be empty, or nothing is started.";
    PRESERVE_ENV = "preserve-env" SwitchOrList Some("--preserve-env"), ["HUSHED_PRESERVE_ENV"],
        "Let the inherited value win over a secret: for all variables, or for those named.";
    CLEAN_ENV = "clean-env" Switch Some("--clean-env"), ["HUSHED_CLEAN_ENV"],
        "Start the command with nothing inherited but what `keep` names.";
    KEEP = "keep" List Some("--keep"), ["HUSHED_KEEP"],
        "Globs of the inherited variables that `clean-env` keeps.";
    ALLOW_RESERVED = "allow-reserved" List Some("--allow-reserved"), ["HUSHED_ALLOW_RESERVED"],
        "Reserved variables that a source may set all the same.";
    PASS_CREDENTIALS = "pass-credentials" Switch Some("--pass-credentials"), ["HUSHED_PASS_CREDENTIALS"],
        "Leave the variables that hold hushed's own credentials in the command's environment.";
    ALLOW_EMPTY = "allow-empty" Switch Some("--allow-empty"), ["HUSHED_ALLOW_EMPTY"],
        "Accept an environment or folder that is missing, or holds no secret.";
    TIMEOUT = "timeout" Text Some("--timeout"), ["HUSHED_TIMEOUT"],
        "How long logging in and fetching may take in all: `30s`, `1m`, `500ms`. 30 seconds by default.";
    DISK_FREE = "disk-free" SwitchOrText Some("--disk-free"), ["HUSHED_DISK_FREE"],
        "Write nothing, and have the kernel hold the fetch to that; what would write is refused. `best-effort`: also where the kernel cannot do all of it.";
    REDACT = "redact" Switch Some("--redact"), ["HUSHED_REDACT"],
        "Stay as the command's parent and put a label in the place of every secret in its output.";
    REVOKE_TOKEN = "revoke-token" Switch Some("--revoke-token"), ["HUSHED_REVOKE_TOKEN"],
        "End the access token that hushed logged in for: before the command starts, or after it where hushed stays as its parent. In `[run]` for all sources.";
    INIT = "init" Switch Some("--init"), ["HUSHED_INIT"],
        "Do the duties of PID 1: reap orphans, and end what the command leaves behind.";
    KILL_AFTER = "kill-after" Text Some("--kill-after"), ["HUSHED_KILL_AFTER", "HUSHED_GRACE"],
        "Send SIGKILL to the command this long after SIGTERM: `10s`, `1m`. With `init` 10 seconds by default, otherwise never.";
    GRACE = "grace" Text None, [],
        "The former name of `kill-after`.";
    TERMINAL = "terminal" Text Some("--terminal"), ["HUSHED_TERMINAL"],
        "What a redacted command gets in place of a terminal: `shared` (it keeps the real terminal for its keys), `inner` (a terminal and a session of its own), or `off` (pipes). By default `inner` for an interactive shell that is alone on its terminal, otherwise `shared`.";
    NO_REDACT = "no-redact" List Some("--no-redact"), ["HUSHED_NO_REDACT"],
        "Secrets whose values may be seen in the output.";
    REDACT_ALSO = "redact-also" List Some("--redact-also"), ["HUSHED_REDACT_ALSO"],
        "Values to keep out of the output as well: names of inherited variables, or files (what has a slash in it).";
    REDACT_MIN = "redact-min" Text Some("--redact-min"), ["HUSHED_REDACT_MIN"],
        "Values shorter than this many bytes are not looked for; a warning names them. 6 by default.";
    REDACT_ENCODINGS = "redact-encodings" List Some("--redact-encodings"), ["HUSHED_REDACT_ENCODINGS"],
        "The encodings of each value that are looked for: `raw`, `lines`, `crlf`, `trim`, `base64`, `base64url`, `hex`, `percent`, `json`, `shell`, `xml`. All by default.";
    REDACT_LABEL = "redact-label" Text Some("--redact-label"), ["HUSHED_REDACT_LABEL"],
        "What stands in the place of a value. `[hushed:NAME]` by default.";
    REDACT_REPORT = "redact-report" Path Some("--redact-report"), ["HUSHED_REDACT_REPORT"],
        "A file that says, at the end, which name was redacted how often on which stream. It holds no value.";
    // [run], and [source.NAME] of a type that asks a server
    CACHE = "cache" Text Some("--cache"), ["HUSHED_CACHE"],
        "Keep what the server gave, sealed: `fallback` uses it when the server cannot be reached, `ttl=5m` asks no server for so long, `off` (the default) keeps nothing. From a file of the project it counts only after `hushed trust`, as do all keys of the cache.";
    CACHE_MAX_AGE = "cache-max-age" Text Some("--cache-max-age"), ["HUSHED_CACHE_MAX_AGE"],
        "How old what is kept may be when it stands in for a server: `30m`, `24h`. 24 hours by default.";
    OFFLINE = "offline" Switch Some("--offline"), ["HUSHED_OFFLINE"],
        "Ask no server: use what the cache has, up to `cache-max-age`, or fail.";
    CACHE_KEY = "cache-key" Text Some("--cache-key"), ["HUSHED_CACHE_KEY"],
        "What opens the cache: `credential` (the machine credential itself, the default where it stays the same and cannot be guessed), `keyring` (the kernel's), `file`, `systemd` (the systemd credential `hushed-cache-key`) or `passphrase`.";
    CACHE_KEY_FILE = "cache-key-file" Path Some("--cache-key-file"), ["HUSHED_CACHE_KEY_FILE"],
        "The key file of the cache, outside its directory; it is made when there is none.";
    CACHE_PASSPHRASE_FILE = "cache-passphrase-file" Path Some("--cache-passphrase-file"), [],
        "A file that holds the passphrase of the cache.";
    CACHE_TOKEN = "cache-token" Switch Some("--cache-token"), ["HUSHED_CACHE_TOKEN"],
        "Keep the access token of a login too, as long as it is valid.";
    CACHE_DIR = "cache-dir" Path Some("--cache-dir"), ["HUSHED_CACHE_DIR"],
        "The directory of the cache, which must be yours alone. By default `hushed` in systemd's `CACHE_DIRECTORY`, or in the user's cache folder (`~/.cache`).";
    // [source.NAME], any type
    TYPE = "type" Text None, [],
        "What the source is: `infisical`, `local` or `dotenv`.";
    // infisical
    DOMAIN = "domain" Text Some("--domain"), ["HUSHED_DOMAIN", "INFISICAL_DOMAIN", "INFISICAL_API_URL"],
        "The server. Infisical's US cloud by default. From a file of the project it counts only for Infisical's cloud, or after `hushed trust`.";
    PROJECT = "project" Text Some("--project"), ["HUSHED_PROJECT", "INFISICAL_PROJECT_ID"],
        "The project: its id or its slug.";
    ENV = "env" Text Some("--env"), ["HUSHED_ENV"],
        "The slug of the environment. `dev` by default.";
    PATH = "path" List Some("--path"), ["HUSHED_PATH"],
        "The folders, in order; a later one wins. `/` by default.";
    RECURSIVE = "recursive" Switch Some("--recursive"), ["HUSHED_RECURSIVE"],
        "Take the folders below as well; of two secrets with one name the deeper wins.";
    TAGS = "tags" List Some("--tags"), ["HUSHED_TAGS"],
        "Take only secrets with one of these tags (slugs).";
    INCLUDE_IMPORTS = "include-imports" Switch Some("--include-imports"), ["HUSHED_INCLUDE_IMPORTS"],
        "Take what the folders import, below their own secrets. True by default.";
    EXPAND = "expand" Switch Some("--expand"), ["HUSHED_EXPAND"],
        "Let the server resolve references such as `${prod.db.PASSWORD}`. True by default.";
    SECRET_OVERRIDING = "secret-overriding" Switch Some("--secret-overriding"), ["HUSHED_SECRET_OVERRIDING"],
        "Let personal secrets win over shared ones. True by default.";
    ORGANIZATION = "organization" Text Some("--organization-slug"), ["HUSHED_ORGANIZATION", "INFISICAL_AUTH_ORGANIZATION_SLUG"],
        "The slug of the (sub-)organisation to log in to. The identity's own by default.";
    CA_FILE = "ca-file" Path Some("--ca-file"), ["HUSHED_CA_FILE"],
        "Trust only the certificate authorities in this PEM file. Before it: nothing; after it: `SSL_CERT_FILE`, the system's bundle, Mozilla's list.";
    INSECURE_HTTP = "insecure-http" Switch Some("--insecure-http"), ["HUSHED_INSECURE_HTTP"],
        "Allow http:// to a host that is not this machine. Everyone on the way can read the credentials.";
    METHOD = "method" Text Some("--method"), ["HUSHED_METHOD"],
        "How to log in: `universal-auth`, `kubernetes`, `oidc-auth`, `jwt-auth`, `ldap-auth` or `token`. Found out from the credentials by default.";
    IDENTITY_ID = "identity-id" Text Some("--machine-identity-id"), [],
        "The machine identity to log in as, for kubernetes, oidc-auth, jwt-auth and ldap-auth.";
    IDENTITY_ID_FILE = "identity-id-file" Path Some("--machine-identity-id-file"), [],
        "A file that holds the machine identity's id.";
    CLIENT_ID = "client-id" Text Some("--client-id"), [],
        "The client id, for universal-auth. It is no secret, and may stand here.";
    CLIENT_ID_FILE = "client-id-file" Path Some("--client-id-file"), [],
        "A file that holds the client id.";
    CLIENT_SECRET_ITSELF = "client-secret" Text Some("--client-secret"), [],
        "The client secret itself: on the command line only, where `ps` shows it.";
    TOKEN_ITSELF = "token" Text Some("--token"), [],
        "A token itself: on the command line only, where `ps` shows it.";
    JWT_ITSELF = "jwt" Text Some("--jwt"), [],
        "The JWT itself: on the command line only, where `ps` shows it.";
    CLIENT_SECRET_FILE = "client-secret-file" Path Some("--client-secret-file"), [],
        "A file that holds the client secret.";
    TOKEN_FILE = "token-file" Path Some("--token-file"), [],
        "A file that holds a ready access token or a service token.";
    JWT_FILE = "jwt-file" Path Some("--jwt-file"), [],
        "A file that holds the JWT, for oidc-auth and jwt-auth.";
    KUBERNETES_TOKEN_FILE = "service-account-token-path" Path Some("--service-account-token-path"), ["INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH"],
        "The service account's token, for kubernetes. `/var/run/secrets/kubernetes.io/serviceaccount/token` by default.";
    LDAP_USERNAME = "ldap-username" Text Some("--ldap-username"), [],
        "The user name, for ldap-auth.";
    LDAP_USERNAME_FILE = "ldap-username-file" Path Some("--ldap-username-file"), [],
        "A file that holds the user name, for ldap-auth.";
    LDAP_PASSWORD_FILE = "ldap-password-file" Path Some("--ldap-password-file"), [],
        "A file that holds the password, for ldap-auth.";
    // local and dotenv
    FILE = "file" Path None, [],
        "The file: the sealed store (`secrets.hushed` by default), or the dotenv file (`.env`).";
    KEY_FILE = "key-file" Path Some("--key-file"), ["HUSHED_KEY_FILE"],
        "The key of the store, outside the project. `hushed/key` in the user's configuration folder by default. A systemd credential `hushed-key` is used before it.";
    PASSPHRASE_FILE = "passphrase-file" Path Some("--passphrase-file"), [],
        "A file that holds the passphrase of the store, in place of a key file.";
}

/// The keys of `[run]`.
pub static RUN: &[&Key] = &[
    &SOURCE,
    &ENV_FILE,
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

/// The keys of an `infisical` source.
pub static INFISICAL: &[&Key] = &[
    &TYPE,
    &DOMAIN,
    &PROJECT,
    &ENV,
    &PATH,
    &RECURSIVE,
    &TAGS,
    &INCLUDE_IMPORTS,
    &EXPAND,
    &SECRET_OVERRIDING,
    &ORGANIZATION,
    &METHOD,
    &CLIENT_ID,
    &CLIENT_ID_FILE,
    &CLIENT_SECRET_FILE,
    &TOKEN_FILE,
    &IDENTITY_ID,
    &IDENTITY_ID_FILE,
    &JWT_FILE,
    &KUBERNETES_TOKEN_FILE,
    &LDAP_USERNAME,
    &LDAP_USERNAME_FILE,
    &LDAP_PASSWORD_FILE,
    &REVOKE_TOKEN,
    &CA_FILE,
    &INSECURE_HTTP,
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_TOKEN,
    &CACHE_DIR,
];

/// The keys of a `local` source.
pub static LOCAL: &[&Key] = &[&TYPE, &FILE, &KEY_FILE, &PASSPHRASE_FILE];

/// The keys of a `dotenv` source.
pub static DOTENV: &[&Key] = &[&TYPE, &FILE];

/// Whether some section has a key of this name.
pub(super) fn is_key(name: &str) -> bool {
    SECTIONS.iter().any(|section| section.keys.iter().any(|key| key.name == name))
}

/// The sections of the file, for the manual.
pub static SECTIONS: &[Section] = &[
    Section {
        heading: "[run]",
        doc: "Which secrets become which variables, and what the command inherits.",
        keys: RUN,
    },
    Section {
        heading: "[source.NAME], type = \"infisical\"",
        doc: "A place in Infisical. No secret stands in this file: the client secret, tokens and \
              passwords come from the environment, from files, or from systemd credentials.",
        keys: INFISICAL,
    },
    Section {
        heading: "[source.NAME], type = \"local\"",
        doc: "A sealed file that hushed keeps itself; `hushed secrets` changes it.",
        keys: LOCAL,
    },
    Section {
        heading: "[source.NAME], type = \"dotenv\"",
        doc: "A dotenv file. hushed-dotenv(5) describes what may stand in it.",
        keys: DOTENV,
    },
];

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
    /// The name of a systemd credential that holds it; the variables' names work as well.
    pub systemd: &'static str,
}

impl CredentialKey {
    /// The variable that a message names: the strongest, but for a token the one that all know.
    pub fn usual(&self) -> &'static str {
        let known = self.variables.iter().find(|name| **name == "INFISICAL_TOKEN");
        known.or(self.variables.first()).copied().unwrap_or_default()
    }
}

/// The client id of universal auth.
pub static CLIENT_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "client id",
    direct: Some(&CLIENT_ID),
    secret: false,
    file: &CLIENT_ID_FILE,
    variables: &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_CLIENT_ID"],
    systemd: "infisical-client-id",
};

/// The machine identity of the methods that prove it by a token or a password.
pub static IDENTITY_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "machine identity id",
    direct: Some(&IDENTITY_ID),
    secret: false,
    file: &IDENTITY_ID_FILE,
    variables: &[
        "INFISICAL_MACHINE_IDENTITY_ID",
        "INFISICAL_KUBERNETES_IDENTITY_ID",
        "INFISICAL_OIDC_AUTH_IDENTITY_ID",
        "INFISICAL_LDAP_AUTH_IDENTITY_ID",
    ],
    systemd: "infisical-identity-id",
};

/// The user name of LDAP login.
pub static LDAP_USERNAME_CREDENTIAL: CredentialKey = CredentialKey {
    what: "LDAP user name",
    direct: Some(&LDAP_USERNAME),
    secret: false,
    file: &LDAP_USERNAME_FILE,
    variables: &["INFISICAL_LDAP_USERNAME"],
    systemd: "infisical-ldap-username",
};

/// The client secret of universal auth.
pub static CLIENT_SECRET: CredentialKey = CredentialKey {
    what: "client secret",
    direct: Some(&CLIENT_SECRET_ITSELF),
    secret: true,
    file: &CLIENT_SECRET_FILE,
    variables: &[
        "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
        "INFISICAL_UNIVERSAL_CLIENT_SECRET",
        "INFISICAL_CLIENT_SECRET",
    ],
    systemd: "infisical-client-secret",
};

/// A ready token.
pub static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: Some(&TOKEN_ITSELF),
    secret: true,
    file: &TOKEN_FILE,
    variables: &[
        "INFISICAL_UNIVERSAL_AUTH_ACCESS_TOKEN",
        "INFISICAL_TOKEN",
        "INFISICAL_ACCESS_TOKEN",
    ],
    systemd: "infisical-token",
};

/// The JWT of OIDC and JWT login.
pub static JWT: CredentialKey = CredentialKey {
    what: "JWT",
    direct: Some(&JWT_ITSELF),
    secret: true,
    file: &JWT_FILE,
    variables: &["INFISICAL_JWT", "INFISICAL_OIDC_AUTH_JWT"],
    systemd: "infisical-jwt",
};

/// The password of LDAP login.
pub static LDAP_PASSWORD: CredentialKey = CredentialKey {
    what: "LDAP password",
    direct: None,
    secret: true,
    file: &LDAP_PASSWORD_FILE,
    variables: &["INFISICAL_LDAP_PASSWORD"],
    systemd: "infisical-ldap-password",
};

/// The passphrase of a local store.
pub static PASSPHRASE: CredentialKey = CredentialKey {
    what: "passphrase",
    direct: None,
    secret: true,
    file: &PASSPHRASE_FILE,
    variables: &["HUSHED_PASSPHRASE"],
    systemd: "hushed-passphrase",
};

/// The passphrase of the cache.
pub static CACHE_PASSPHRASE: CredentialKey = CredentialKey {
    what: "passphrase of the cache",
    direct: None,
    secret: true,
    file: &CACHE_PASSPHRASE_FILE,
    variables: &["HUSHED_CACHE_PASSPHRASE"],
    systemd: "hushed-cache-passphrase",
};

/// The credentials of hushed; the command gets none of their variables.
pub static CREDENTIALS: &[&CredentialKey] = &[
    &CLIENT_ID_CREDENTIAL,
    &CLIENT_SECRET,
    &TOKEN,
    &IDENTITY_ID_CREDENTIAL,
    &JWT,
    &LDAP_USERNAME_CREDENTIAL,
    &LDAP_PASSWORD,
    &PASSPHRASE,
    &CACHE_PASSPHRASE,
];

/// The credentials that no server asks for.
pub(super) static OWN: &[&CredentialKey] = &[&PASSPHRASE, &CACHE_PASSPHRASE];

/// Whether this variable holds a credential of ours.
pub(super) fn is_credential(variable: &OsStr) -> bool {
    CREDENTIALS.iter().flat_map(|key| key.variables).any(|name| variable == *name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_flags_and_variables_are_used_once() {
        let all = || [RUN, INFISICAL, LOCAL, DOTENV].into_iter().flatten().copied();
        let mut keys: Vec<&Key> = Vec::new();
        for key in all() {
            if !keys.iter().any(|known| std::ptr::eq(*known, key)) {
                keys.push(key);
            }
        }
        let names: BTreeSet<_> = all().map(|key| key.name).collect();
        assert_eq!(names.len(), keys.len(), "two keys share a name");
        let mut said: Vec<_> =
            keys.iter().flat_map(|key| key.flag.iter().chain(key.variables)).collect();
        let count = said.len();
        said.sort_unstable();
        said.dedup();
        assert_eq!(count, said.len(), "two keys share a flag or a variable");
    }
}
