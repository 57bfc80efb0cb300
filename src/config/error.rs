//! Why the configuration does not hold. Places and names, never a value that may be a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::layer::{Origin, Place};
use super::schema::Key;
use super::systemd::{VALID_IDS, names_invalid_credential};
use crate::message::shown_path;

/// Why the configuration does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A fault at a place in a file.
    #[error("{place}: {fault}\n  | {}\n  | {}^", .excerpt, " ".repeat(.place.column.saturating_sub(1)))]
    File {
        /// Where.
        place: Place,
        /// The line, with what may be a secret in it made unreadable.
        excerpt: String,
        /// What.
        fault: Fault,
    },
    /// A file cannot be read.
    #[error("the configuration `{}` cannot be read", shown_path(path))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The project file of a store's own command line is damaged.
    #[error("`{}` is not {what}", path.display())]
    ForeignFile {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// Why: a position, no content.
        #[source]
        error: serde_json::Error,
        /// What the user can do.
        hint: &'static str,
    },
    /// A variable holds something else than its setting wants.
    #[error("the variable {name} does not hold {wanted}")]
    Variable {
        /// Which.
        name: String,
        /// What it should hold.
        wanted: &'static str,
    },
    /// A value is none of those that there are.
    #[error("{origin}: `{value}` is not a {what}; {}", there_are(known))]
    Choice {
        /// Where it was said.
        origin: Origin,
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A value is not of the form that it needs, which is said with its article.
    #[error("{origin}: `{value}` is not {what}")]
    Form {
        /// Where it was said.
        origin: Origin,
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// A key that does not belong to the type of its source.
    #[error("{origin}: `{key}` means nothing to a source of type `{kind}`")]
    Misplaced {
        /// Where it was said.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The source's type.
        kind: &'static str,
    },
    /// A flag for a kind of source that takes no part.
    #[error("{flag} is given, and no {kind} source takes part")]
    Unused {
        /// The flag.
        flag: &'static str,
        /// The kind of source that it is for.
        kind: &'static str,
    },
    /// A flag that means nothing without another.
    #[error("{flag} is given, and {without} is not")]
    Alone {
        /// The flag.
        flag: &'static str,
        /// The other one.
        without: &'static str,
    },
    /// No source at all.
    #[error("nothing says where the secrets are")]
    NoSource {
        /// How to name one without a file, store by store.
        ways: String,
    },
    /// A source without a type.
    #[error("the source `{name}` has no `type`")]
    NoType {
        /// Its name.
        name: String,
        /// The types that there are.
        types: Vec<&'static str>,
    },
    /// Only in a file that nobody vouched for.
    #[error("{origin} {what}, and only this file says so")]
    Untrusted {
        /// The file.
        origin: Origin,
        /// What it would have us do.
        what: String,
        /// The setting that would.
        key: &'static Key,
    },
    /// No credential.
    #[error("no credentials for {store}")]
    NoCredentials {
        /// The store.
        store: &'static str,
        /// Variables that would do.
        variables: String,
        /// Why a systemd credential may be missing, where systemd started us.
        systemd: Option<String>,
    },
    /// A part of a login is missing.
    #[error("{method}: the {what} is missing")]
    Incomplete {
        /// The method.
        method: &'static str,
        /// What is missing.
        what: &'static str,
        /// What would do.
        would_do: String,
        /// Why a systemd credential may be missing, where systemd started us.
        systemd: Option<String>,
    },
    /// One credential in two ways.
    #[error("{name} and {name}_FILE are both set")]
    Both {
        /// The variable.
        name: String,
    },
    /// A variable of one source that could be another's as well.
    #[error("{name} could set `{}` or `{}`", settings[0], settings[1])]
    AmbiguousVariable {
        /// The variable.
        name: String,
        /// Two settings that it could set.
        settings: [String; 2],
    },
    /// A secret on the command line.
    #[error("{origin} would put a secret on the command line, where `ps` shows it")]
    SecretInArgument {
        /// Where.
        origin: Origin,
        /// The key that names a file.
        file: &'static str,
    },
    /// A file that a credential is read from.
    #[error("the {what} cannot be read from `{}` (named by {origin})", shown_path(path))]
    CredentialFile {
        /// What.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Who named it.
        origin: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A credential that holds nothing.
    #[error("the {what} from {origin} is empty")]
    EmptyCredential {
        /// What.
        what: &'static str,
        /// Where from.
        origin: String,
    },
    /// A setting that a store cannot do without.
    #[error("no {what} is given")]
    Required {
        /// What it is.
        what: &'static str,
        /// How to give it.
        hint: &'static str,
    },
    /// Two settings of which a store takes one, from equally strong places.
    #[error("{what}")]
    Conflict {
        /// Which.
        what: &'static str,
    },
    /// A login is to be kept and to be ended.
    #[error("{origin} ends the login of a run, and --cache-token keeps it for the next")]
    KeptAndRevoked {
        /// Where it was said that it is ended.
        origin: Origin,
    },
    /// A cache cannot be opened by what proves the identity.
    #[error("{method} {why}, so the cache needs a key of its own")]
    UnfitCacheKey {
        /// The method of login.
        method: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No place for the user's files.
    #[error("there is no home directory, so there is no place for {0}")]
    NoHome(&'static str),
}

/// What is wrong at a place in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// No TOML.
    Syntax(String),
    /// A key that there is not.
    UnknownKey {
        /// The key.
        key: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A value of the wrong kind.
    Kind {
        /// Its key.
        key: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// Something else than a table.
    NotATable {
        /// Its heading.
        heading: String,
    },
    /// A secret where none belongs.
    SecretInFile {
        /// The key that names a file.
        file: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => write!(f, "{}", message.lines().next().unwrap_or_default()),
            Self::UnknownKey { key, .. } => write!(f, "unknown key `{key}`"),
            Self::Kind { key, wanted } => write!(f, "`{key}` wants {wanted}"),
            Self::NotATable { heading } => {
                write!(f, "`{heading}` is a table: write {}", table(heading))
            }
            Self::SecretInFile { .. } => f.write_str("a secret does not belong in this file"),
        }
    }
}

/// How a table is opened; those of these two kinds have names.
fn table(heading: &str) -> String {
    match heading {
        "source" | "profile" => format!("[{heading}.NAME]"),
        _ => format!("[{heading}]"),
    }
}

/// What may be said instead.
fn there_are(known: &[String]) -> String {
    let quoted: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "there is none".to_owned(),
        [one] => format!("there is {one}"),
        _ => format!("there are {}", quoted.join(", ")),
    }
}

fn with_second_hint(hint: String, second: Option<&str>) -> String {
    match second {
        Some(second) => format!("{hint}\n  hint: {second}"),
        None => hint,
    }
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::File { fault, .. } => return fault.hint(),
            Self::Unreadable { .. } => "check that it exists and that you may read it".into(),
            Self::Variable { name, .. } => format!("correct {name}, or unset it"),
            Self::Choice { value, known, .. } => {
                return crate::message::nearest(value, known.iter().map(String::as_str))
                    .map(|nearest| format!("did you mean `{nearest}`?"));
            }
            Self::Alone { without, .. } => format!("add {without}"),
            Self::Form { .. } => return None,
            Self::Unused { flag, kind } => {
                format!("leave {flag} out, or add a source of type \"{kind}\" to hushed.toml")
            }
            Self::EmptyCredential { what, .. } => format!("put the {what} there, or name none"),
            Self::Misplaced { .. } => "take it out, or correct the source's `type`".into(),
            Self::NoSource { ways } => {
                format!("write a hushed.toml (`hushed init`), {ways}, or name a file with --env-file")
            }
            Self::NoType { name, types } => {
                let types: Vec<_> = types.iter().map(|name| format!("\"{name}\"")).collect();
                format!("add `type` to [source.{name}]: {}", types.join(", "))
            }
            Self::Untrusted { key, .. } => {
                let own: Vec<_> =
                    key.flag_name().into_iter().chain(key.variables.first().copied()).collect();
                format!(
                    "if you know that file, run `hushed trust` once; or say it yourself, by {} or \
                     --config",
                    own.join(", ")
                )
            }
            Self::NoCredentials { variables, systemd, .. } => {
                let hint = format!(
                    "set {variables}; a variable with _FILE at its end names a file instead, and a \
                     systemd credential works as well"
                );
                with_second_hint(hint, systemd.as_deref())
            }
            Self::Incomplete { would_do, systemd, .. } => {
                with_second_hint(would_do.clone(), systemd.as_deref())
            }
            Self::Both { .. } => "unset one of the two".to_owned(),
            Self::CredentialFile { path, .. } if names_invalid_credential(path) => {
                format!("systemd ignores a credential with this ID: {VALID_IDS}")
            }
            Self::CredentialFile { .. } => "check the path and its permissions".into(),
            Self::ForeignFile { hint, .. } | Self::Required { hint, .. } => (*hint).to_owned(),
            Self::AmbiguousVariable { .. } => "rename one of the sources".into(),
            Self::SecretInArgument { file, .. } => {
                format!("put it into a file that only you can read, and set {file}")
            }
            Self::KeptAndRevoked { .. } => "leave one of the two out".into(),
            Self::Conflict { .. } => "leave one of them out".into(),
            Self::UnfitCacheKey { .. } => {
                "choose one with --cache-key: `keyring`, `file` (--cache-key-file), `systemd` or `passphrase`"
                    .into()
            }
            Self::NoHome("the cache") => {
                "say --cache-dir, or let systemd give one (CacheDirectory=)".into()
            }
            Self::NoHome(_) => "set HOME or XDG_CONFIG_HOME".into(),
        };
        Some(hint)
    }
}

impl Fault {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::UnknownKey { nearest: None, .. } => {
                Some("hushed.toml(5) lists the keys that there are".into())
            }
            Self::SecretInFile { file } => {
                Some(format!("put it into a file that only you can read, and name that: {file}"))
            }
            Self::Syntax(_) | Self::Kind { .. } | Self::NotATable { .. } => None,
        }
    }
}
