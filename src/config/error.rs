//! Configuration errors. They carry file locations and names, never a value that may be a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::layer::{FileLocation, Origin};
use super::schema::SettingKey;
use super::systemd::{VALID_IDS, names_invalid_credential};
use crate::message::shown_path;

/// An error in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error at a location in a configuration file.
    #[error("{place}: {fault}\n  | {}\n  | {}^", .excerpt, " ".repeat(.place.column.saturating_sub(1)))]
    File {
        /// The location.
        place: FileLocation,
        /// The line, with everything that may be a secret masked.
        excerpt: String,
        /// What is wrong there.
        fault: FileFault,
    },
    /// A file cannot be read.
    #[error("cannot read the configuration `{}`", shown_path(path))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file that another one extends cannot be read.
    #[error("{origin}: cannot extend `{}`", path.display())]
    Extends {
        /// Where it is named.
        origin: Origin,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The project file of a store's own command line cannot be parsed.
    #[error("`{}` is not {what}", path.display())]
    ForeignFile {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// The parse error: a position, no content.
        #[source]
        error: serde_json::Error,
        /// What the user can do.
        hint: &'static str,
    },
    /// An environment variable has a value of the wrong type.
    #[error("{name} must be {wanted}")]
    Variable {
        /// Which.
        name: String,
        /// The expected value.
        wanted: &'static str,
    },
    /// A value is none of the accepted ones.
    #[error("{origin}: `{value}` is not a {what}; {}", expected_one_of(known))]
    Choice {
        /// Where it is set.
        origin: Origin,
        /// What the value should be.
        what: &'static str,
        /// The value.
        value: String,
        /// The accepted values.
        known: Vec<String>,
    },
    /// A value does not have the form that its setting needs; `what` includes the article.
    #[error("{origin}: `{value}` is not {what}")]
    Form {
        /// Where it is set.
        origin: Origin,
        /// What the value should be.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// A setting that the type of its source does not have.
    #[error("{origin}: a source of type `{kind}` has no setting `{key}`")]
    Misplaced {
        /// Where it is set.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The source's type.
        kind: &'static str,
    },
    /// A flag for a type of source of which none is in use.
    #[error("{flag} is set, but no {kind} source is in use")]
    Unused {
        /// The flag.
        flag: &'static str,
        /// The type of source that it is for.
        kind: &'static str,
    },
    /// A variable of `[env]` whose reference or template cannot be read.
    #[error("{origin}: the {what} of `{variable}` cannot be used: {why}")]
    EnvVariable {
        /// Where it is set.
        origin: Origin,
        /// The variable.
        variable: String,
        /// `reference` or `template`.
        what: &'static str,
        /// What is wrong with it, without its text.
        why: String,
    },
    /// A value outside of `hushed.toml` that begins like a reference and is none.
    #[error("{origin}: the reference of `{variable}` cannot be used: {why}")]
    WrittenReference {
        /// Where it is written.
        origin: Origin,
        /// The variable.
        variable: String,
        /// What is wrong with it, without its text.
        why: String,
    },
    /// A reference to a source that does not exist.
    #[error("{origin}: `{variable}` refers to `{wanted}://`, and there is no such source")]
    NoSuchSource {
        /// Where it is set.
        origin: Origin,
        /// The variable.
        variable: String,
        /// What stands before `://`.
        wanted: String,
    },
    /// A reference to a type of store of which there are several sources.
    #[error("{origin}: `{kind}://` could be the source {}", names.join(" or "))]
    AmbiguousSource {
        /// Where it is set.
        origin: Origin,
        /// The type.
        kind: &'static str,
        /// The names of the sources, in quotes.
        names: Vec<String>,
    },
    /// A source with the name of a URL scheme.
    #[error("a source cannot be named `{name}`, since values begin with `{name}://`")]
    SourceName {
        /// The name.
        name: String,
    },
    /// A flag that requires another one.
    #[error("{flag} requires {without}")]
    Alone {
        /// The flag.
        flag: &'static str,
        /// The other one.
        without: &'static str,
    },
    /// No source at all.
    #[error("nothing says where the secrets are")]
    NoSource {
        /// How to specify one without a file, for each store.
        ways: String,
    },
    /// A source without a type.
    #[error("the source `{name}` has no `type`")]
    NoType {
        /// Its name.
        name: String,
        /// The known types.
        types: Vec<&'static str>,
    },
    /// A setting that a project's file may make only after `hushed trust`.
    #[error("{origin} {what}, and this project file is not trusted")]
    Untrusted {
        /// The file.
        origin: Origin,
        /// What the setting does.
        what: String,
        /// The setting.
        key: &'static SettingKey,
    },
    /// No credential was found.
    #[error("no credentials for {store}")]
    NoCredentials {
        /// The store.
        store: &'static str,
        /// Environment variables that would provide one.
        variables: String,
        /// Why a systemd credential may be missing, where systemd started us.
        systemd: Option<String>,
    },
    /// A login lacks one of its settings.
    #[error("{method}: missing {what}")]
    Incomplete {
        /// The method.
        method: &'static str,
        /// What is missing.
        what: &'static str,
        /// How to specify it.
        would_do: String,
        /// Why a systemd credential may be missing, where systemd started us.
        systemd: Option<String>,
    },
    /// A credential is specified both directly and as a file.
    #[error("{name} and {name}_FILE are both set")]
    Both {
        /// The variable.
        name: String,
    },
    /// A variable that could belong to two sources.
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
        /// The setting that names a file with it.
        file: &'static str,
    },
    /// A credential's file cannot be read.
    #[error("cannot read the {what} from `{}` (set by {origin})", shown_path(path))]
    CredentialFile {
        /// What.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Where the path is set.
        origin: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A credential that is a reference, for a command that does not fetch it.
    #[error("{origin}: the {what} is a reference, which was not fetched")]
    UnfetchedCredential {
        /// Where it is configured.
        origin: Origin,
        /// What.
        what: &'static str,
    },
    /// A credential from a source whose own credential is a reference as well.
    #[error("{origin}: `{credential}` comes from the source `{source_name}`, and {why}")]
    CredentialChain {
        /// Where it is configured.
        origin: Origin,
        /// The credential.
        credential: String,
        /// The source that it comes from.
        source_name: String,
        /// What is wrong with that source.
        why: String,
    },
    /// A credential is empty.
    #[error("the {what} from {origin} is empty")]
    EmptyCredential {
        /// What.
        what: &'static str,
        /// Where from.
        origin: String,
    },
    /// The configuration that a store shares with its own programs cannot be used.
    #[error("{error}")]
    Store {
        /// Why not.
        #[source]
        error: Box<dyn std::error::Error + Send + Sync>,
        /// What the user can do.
        hint: String,
    },
    /// A credential was found, but is of a kind that cannot be used.
    #[error("the {what} from {origin} {problem}")]
    UnusableCredential {
        /// What.
        what: &'static str,
        /// Where from.
        origin: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// A required setting of a store is missing.
    #[error("no {what} specified")]
    Required {
        /// What it is.
        what: &'static str,
        /// How to specify it.
        hint: &'static str,
    },
    /// Two settings that exclude each other, of equal precedence.
    #[error("{what}")]
    Conflict {
        /// Which.
        what: &'static str,
    },
    /// The token of a login is to be both cached and revoked.
    #[error("{origin} revokes the token of a run, but --cache-token keeps it for the next run")]
    KeptAndRevoked {
        /// Where revocation is configured.
        origin: Origin,
    },
    /// The login's proof of identity cannot serve as the key of the cache.
    #[error("{method} {why}, so the cache needs a key of its own")]
    UnfitCacheKey {
        /// The method of login.
        method: &'static str,
        /// Why it is unsuitable.
        why: &'static str,
    },
    /// There is no home directory for the user's files.
    #[error("no home directory for {0}")]
    NoHome(&'static str),
}

/// What is wrong at a location in a configuration file.
#[derive(Debug, PartialEq, Eq)]
pub enum FileFault {
    /// A TOML syntax error.
    Syntax(String),
    /// An unknown setting.
    UnknownKey {
        /// The key.
        key: String,
        /// What to write instead, if that is clear.
        hint: Option<String>,
    },
    /// A value of the wrong type.
    WrongType {
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
    /// A variable of `[env]` that is not defined as one can be.
    EnvDefinition {
        /// The variable.
        variable: String,
        /// What it should be.
        wanted: String,
    },
    /// A credential that is set twice.
    TwoCredentials {
        /// Its name.
        name: &'static str,
        /// The setting that names a file with it.
        file: &'static str,
    },
    /// A secret in a file that must not hold any.
    SecretInFile {
        /// The setting that names a file with it.
        file: &'static str,
    },
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => write!(f, "{}", message.lines().next().unwrap_or_default()),
            Self::UnknownKey { key, .. } => write!(f, "unknown setting `{key}`"),
            Self::WrongType { key, wanted } => write!(f, "`{key}` must be {wanted}"),
            Self::NotATable { heading } => {
                write!(f, "`{heading}` is a table: write {}", table(heading))
            }
            Self::EnvDefinition { variable, wanted } => write!(f, "`{variable}` must be {wanted}"),
            Self::TwoCredentials { name, file } => {
                write!(f, "`{name}` and `{file}` set the same credential")
            }
            Self::SecretInFile { .. } => f.write_str("secrets are not allowed in this file"),
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

/// The accepted values, as the end of an error.
fn expected_one_of(known: &[String]) -> String {
    let quoted: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none is defined".to_owned(),
        [one] => format!("expected {one}"),
        _ => format!("expected one of {}", quoted.join(", ")),
    }
}

fn with_second_hint(hint: String, second: Option<&str>) -> String {
    match second {
        Some(second) => format!("{hint}\n  hint: {second}"),
        None => hint,
    }
}

impl Error {
    /// Whether the command line is wrong, not the configuration.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Choice { origin, .. } | Self::Form { origin, .. } => {
                matches!(origin, Origin::Flag(_))
            }
            Self::Alone { .. } => true,
            _ => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::File { fault, .. } => return fault.hint(),
            Self::Unreadable { .. } => "check that the file exists and that you can read it".into(),
            Self::Extends { .. } => "a relative path starts at the file that names it".into(),
            Self::Variable { name, .. } => format!("correct {name}, or unset it"),
            Self::Choice { value, known, .. } => {
                return crate::message::nearest(value, known.iter().map(String::as_str))
                    .map(|nearest| format!("did you mean `{nearest}`?"));
            }
            Self::Alone { without, .. } => format!("add {without}"),
            Self::Form { .. } => return None,
            Self::WrittenReference { .. } => {
                "correct it; if it is text and no reference, write a backslash before it, in single quotes in a file".into()
            }
            Self::EnvVariable { .. } => "hushed-references(7) has the grammar".into(),
            // The name of a credential has a dot, that of a variable has none.
            Self::NoSuchSource { wanted, variable, .. } if variable.contains('.') => {
                format!("add [source.{wanted}] with its `type`, or correct the reference")
            }
            Self::NoSuchSource { wanted, .. } => format!(
                "add [source.{wanted}] with its `type`, or write {{ value = \"…\" }} if it is not a reference"
            ),
            Self::AmbiguousSource { .. } => "write the name of the source before `://`".into(),
            Self::SourceName { .. } => "give it another name".into(),
            Self::Unused { flag, kind } => {
                format!("remove {flag}, or add a source of type \"{kind}\" to hushed.toml")
            }
            Self::UnfetchedCredential { .. } => {
                "hushed fetches it unless a variable, an option or a systemd credential has another login for this source".into()
            }
            Self::CredentialChain { source_name, .. } => format!(
                "give the source `{source_name}` its credentials in another way: a reference leads to one source, and no further"
            ),
            Self::EmptyCredential { what, .. } => format!("put the {what} there, or remove the setting"),
            Self::Misplaced { .. } => "remove it, or correct the `type` of the source".into(),
            Self::NoSource { ways } => {
                format!("write a hushed.toml (`hushed init`), {ways}, or name a file with --env-file")
            }
            Self::NoType { name, types } => {
                let types: Vec<_> = types.iter().map(|name| format!("\"{name}\"")).collect();
                format!("add `type` to [source.{name}]: {}", types.join(", "))
            }
            Self::Untrusted { key, .. } => {
                let own = key.flag_name().into_iter().chain(key.variables.first().copied());
                let mut own: Vec<_> = own.collect();
                if own.is_empty() {
                    own.push("--set");
                }
                format!(
                    "if you trust that file, run `hushed trust`; otherwise set it yourself: {} or \
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
            Self::ForeignFile { hint, .. }
            | Self::Required { hint, .. }
            | Self::UnusableCredential { hint, .. } => (*hint).to_owned(),
            Self::Store { hint, .. } => hint.clone(),
            Self::AmbiguousVariable { .. } => "rename one of the sources".into(),
            Self::SecretInArgument { file, .. } => {
                format!("put it in a file that only you can read, and set {file}")
            }
            Self::KeptAndRevoked { .. } => "remove one of the two".into(),
            Self::Conflict { .. } => "remove one of them".into(),
            Self::UnfitCacheKey { .. } => {
                "pass one with --cache-key: `keyring`, `file` (--cache-key-file), `systemd` or `passphrase`"
                    .into()
            }
            Self::NoHome("the cache") => {
                "pass --cache-dir, or let systemd create one (CacheDirectory=)".into()
            }
            Self::NoHome(_) => "set HOME or XDG_CONFIG_HOME".into(),
        };
        Some(hint)
    }
}

impl FileFault {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { hint: Some(hint), .. } => Some(hint.clone()),
            Self::UnknownKey { hint: None, .. } => Some("hushed.toml(5) lists all settings".into()),
            Self::SecretInFile { file } => Some(format!(
                "put it in a file that only you can read, and set `{file}` to its path, or take it from another source: \
                 {} = {{ ref = \"SOURCE://PATH#KEY\" }}",
                file.trim_end_matches("-file")
            )),
            Self::TwoCredentials { .. } => Some("remove one of them".into()),
            Self::EnvDefinition { .. } => Some(
                "DB_PASSWORD = \"vault://secret/app/db#password\"; hushed-references(7) shows all forms".into(),
            ),
            Self::Syntax(_) | Self::WrongType { .. } | Self::NotATable { .. } => None,
        }
    }
}
