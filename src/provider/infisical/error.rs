//! The errors of the Infisical store. Their texts name folders and permissions, and quote the server; they
//! never contain a value or a credential.

use super::error_kind::{BodyError, LoginRejection, Operation, TokenRejection, UnexpectedContent};
use super::error_response::ErrorResponse;
use super::names::one_of;
use crate::http;
use crate::message::nearest;
use crate::provider::{self, Class, ProviderError};
use crate::secret::Name;

/// Why fetching from Infisical failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request failed: no connection, or no complete response.
    #[error("cannot {operation} {server}")]
    Transport {
        /// The operation that failed.
        operation: Operation,
        /// The server's address.
        server: String,
        /// The reason.
        source: Box<http::Error>,
    },
    /// What proves the identity cannot be obtained.
    #[error(transparent)]
    Identity(#[from] provider::Error),
    /// The server rejects the login.
    #[error("cannot log in to Infisical at {server}")]
    Login {
        /// The server's address.
        server: String,
        /// The reason.
        fault: LoginRejection,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server rejects the token.
    #[error("Infisical at {server} does not accept the token from {from}: it {fault}")]
    Token {
        /// The server's address.
        server: String,
        /// The origin of the token.
        from: String,
        /// The reason.
        fault: TokenRejection,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server has no route for revocation.
    #[error("Infisical at {server} does not support revoking tokens")]
    RevocationUnsupported {
        /// The server's address.
        server: String,
    },
    /// The credentials are an access token already.
    #[error("there is nothing to log in with: {from} is an access token already")]
    NothingToLogIn {
        /// Where the token is from.
        from: String,
    },
    /// Only the access token of a machine identity can be renewed.
    #[error("there is no access token of a machine identity to renew")]
    NotRenewable,
    /// The server rejects the token of a new login.
    #[error("Infisical at {server} does not accept the token of a new login")]
    NewToken {
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The service token is malformed.
    #[error("the service token from {from} is not of the form `st.ID.SECRET…`")]
    ServiceTokenForm {
        /// The origin of the token.
        from: String,
    },
    /// A credential is not UTF-8 text.
    #[error("the credential from {from} is not UTF-8 text")]
    CredentialNotText {
        /// Its origin.
        from: String,
    },
    /// The service token is for another project, environment or path.
    #[error("the service token from {from} is for the {what} `{allowed}`, not for `{asked}`")]
    ServiceTokenScope {
        /// The origin of the token.
        from: String,
        /// `project`, `environment` or `path`.
        what: &'static str,
        /// What the token is for.
        allowed: String,
        /// What is configured.
        asked: String,
    },
    /// No project is configured.
    #[error("no project specified")]
    NoProject,
    /// No environment is configured.
    #[error("no environment specified")]
    NoEnvironment {
        /// The known environments.
        known: Vec<String>,
    },
    /// The identity does not permit this machine's IP address.
    #[error("Infisical at {server} does not allow this machine's address")]
    Address {
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The identity is not a member of the project.
    #[error("the identity has no access to the project `{project}`")]
    NoAccess {
        /// The project.
        project: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The identity lacks permission to read the folder.
    #[error("the identity may not read `{path}` in `{environment}`")]
    Forbidden {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// A reference leads to a secret that the identity may not read.
    #[error("a secret at `{path}` in `{environment}` refers to one that the identity may not read")]
    ForbiddenReference {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The identity may see the names, but not the values.
    #[error("the identity may not read the {} of {} at `{place}`", values(names), quoted(names))]
    Hidden {
        /// The names of the secrets.
        names: Vec<Name>,
        /// The folder and environment.
        place: String,
    },
    /// A folder has two secrets with one name, which Infisical allows.
    #[error("the name `{name}` occurs twice at `{place}`")]
    DuplicateName {
        /// The name.
        name: Name,
        /// The folder and environment.
        place: String,
    },
    /// The project does not exist, or the identity cannot see it.
    #[error("there is no project `{project}`, or the identity cannot see it")]
    UnknownProject {
        /// The project.
        project: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The environment does not exist.
    #[error("there is no environment `{environment}` in the project{}", there_is(known.as_deref()))]
    UnknownEnvironment {
        /// The environment.
        environment: String,
        /// The existing environments, if the identity may look them up.
        known: Option<Vec<String>>,
    },
    /// The folder does not exist.
    #[error("there is no folder `{path}` in `{environment}`{}", there_is_in(parent, known))]
    UnknownFolder {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The deepest existing parent folder.
        parent: String,
        /// The folders in the parent.
        known: Vec<String>,
    },
    /// The folder is empty.
    #[error("there are no secrets {}`{path}` in `{environment}`{}", tagged(tags), below(folders.as_deref()))]
    NoSecrets {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The tags to select.
        tags: Vec<String>,
        /// Whether subfolders were included.
        recursive: bool,
        /// The subfolders, if the identity may look them up.
        folders: Option<Vec<String>>,
    },
    /// Another error response.
    #[error("cannot {operation} {server}")]
    Refused {
        /// The operation that failed.
        operation: Operation,
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server is not Infisical.
    #[error("the server at {server} is not Infisical: {seen}")]
    NotInfisical {
        /// The server's address.
        server: String,
        /// What the server sent.
        seen: UnexpectedContent,
    },
    /// The body of the response is invalid.
    #[error("the response from {server} is {damage}")]
    InvalidBody {
        /// The server's address.
        server: String,
        /// The fault.
        damage: BodyError,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => return source.hint(),
            Self::Identity(error) => return error.hint(),
            Self::Login { fault, .. } => return fault.hint(),
            Self::Token { fault, from, .. } => return Some(fault.hint(from)),
            Self::NewToken { .. } => {
                "check the clock of the server, and the token's settings there"
            }
            Self::NothingToLogIn { .. } => {
                "pass --method and its credentials, or use the token as it is"
            }
            Self::NotRenewable => {
                "set INFISICAL_TOKEN or pass --token-file; service tokens have no renewal"
            }
            Self::RevocationUnsupported { .. } => {
                "update the server, or let tokens expire sooner there"
            }
            Self::ServiceTokenForm { .. } => "copy the complete token again",
            Self::CredentialNotText { .. } => "check its content",
            Self::ServiceTokenScope { what, .. } => {
                return Some(format!("omit the {what}, or use another token"));
            }
            Self::NoProject => "pass its ID or slug with --project, or set INFISICAL_PROJECT_ID",
            Self::NoEnvironment { known } if known.is_empty() => "pass its slug with --env",
            Self::NoEnvironment { known } => {
                return Some(format!("pass one with --env: {}", one_of(known)));
            }
            Self::Address { .. } => "add the address to the identity's trusted IPs",
            Self::NoAccess { .. } => "add the identity to the project, or check the project's id",
            Self::Forbidden { path, environment, .. } => {
                return Some(format!(
                    "grant the identity read access to `{path}` in `{environment}`, or narrow --path"
                ));
            }
            Self::ForbiddenReference { .. } => {
                "grant the identity read access there too, or use --expand=false"
            }
            Self::Hidden { .. } => "grant the identity permission to read their values",
            Self::DuplicateName { .. } => "delete or rename one of the two in Infisical",
            Self::UnknownProject { .. } => {
                "check the project's id or slug, and the identity's access"
            }
            Self::UnknownEnvironment { environment, known } => {
                let unknown =
                    || if known.is_none() { NOT_LOOKED_UP } else { "pass one with --env" };
                return did_you_mean(environment, known.as_deref().unwrap_or_default())
                    .or_else(|| Some(unknown().to_owned()));
            }
            Self::UnknownFolder { path, parent, known, .. } => {
                return nearest_path(path, parent, known).or_else(|| Some("check --path".into()));
            }
            Self::NoSecrets { folders, recursive, tags, .. } => {
                return Some(nothing_there(folders.as_deref(), *recursive, !tags.is_empty()));
            }
            Self::Refused { source, .. } if source.status() >= 500 => {
                "try again; if it keeps failing, check the server's log"
            }
            Self::Refused { .. } => "hushed may not support this version of the server",
            Self::NotInfisical { .. } => {
                "set the address of the server itself, such as https://secrets.example.com"
            }
            Self::InvalidBody { .. } => {
                "try again; if it keeps failing, check the proxies in between"
            }
        };
        Some(hint.to_owned())
    }
}

const NOT_LOOKED_UP: &str = "the identity may not list them; check the spelling";

fn values(names: &[Name]) -> &'static str {
    if names.len() == 1 { "value" } else { "values" }
}

fn quoted(names: &[Name]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn there_is(known: Option<&[String]>) -> String {
    match known {
        None => String::new(),
        Some([]) => ", which has none".to_owned(),
        Some(known) => format!("; there {}", are(known)),
    }
}

fn there_is_in(parent: &str, known: &[String]) -> String {
    if known.is_empty() {
        format!("; `{parent}` has no folders")
    } else {
        format!("; in `{parent}` there {}", are(known))
    }
}

fn are(names: &[String]) -> String {
    format!("{} {}", if names.len() == 1 { "is" } else { "are" }, one_of(names))
}

fn tagged(tags: &[String]) -> String {
    if tags.is_empty() { "at ".to_owned() } else { format!("tagged {} at ", one_of(tags)) }
}

fn below(folders: Option<&[String]>) -> String {
    match folders {
        None | Some([]) => String::new(),
        Some(folders) => format!("; below it there {}", are(folders)),
    }
}

fn did_you_mean(name: &str, known: &[String]) -> Option<String> {
    nearest(name, known.iter().map(String::as_str))
        .map(|nearest| format!("did you mean `{nearest}`?"))
}

fn nearest_path(path: &str, parent: &str, known: &[String]) -> Option<String> {
    let parent = parent.trim_end_matches('/');
    let rest = path.strip_prefix(parent)?.strip_prefix('/')?;
    let missing = rest.split('/').next()?;
    let nearest = nearest(missing, known.iter().map(String::as_str))?;
    Some(format!("did you mean `{parent}/{nearest}`?"))
}

fn nothing_there(folders: Option<&[String]>, recursive: bool, tagged: bool) -> String {
    let flags = if tagged { "--env, --path and --tags" } else { "--env and --path" };
    let first = match folders {
        None => format!("the identity may not look them up; check {flags}"),
        Some(_) if recursive => "perhaps the identity may not read there".into(),
        Some(_) if tagged => format!("check {flags}"),
        Some([]) => format!("check {flags}"),
        Some(_) => "pass a folder with --path, or use --recursive".into(),
    };
    format!("{first}; --allow-empty accepts an empty folder")
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } if source.is_unreachable() => Class::Unreachable,
            Self::Login { source, .. } | Self::Refused { source, .. } if source.status() >= 500 => {
                Class::Unreachable
            }
            Self::Identity(error) => error.class(),
            Self::Login { fault, .. } if fault.is_refusal() => Class::Denied,
            Self::Refused { source, .. } if matches!(source.status(), 401 | 403) => Class::Denied,
            Self::Refused { source, .. } if source.status() == 404 => Class::NotFound,
            Self::Token { .. }
            | Self::NewToken { .. }
            | Self::Address { .. }
            | Self::NoAccess { .. }
            | Self::Forbidden { .. }
            | Self::ForbiddenReference { .. }
            | Self::Hidden { .. } => Class::Denied,
            // Servers also respond with an empty list for folders that an identity may no longer see.
            Self::UnknownProject { .. }
            | Self::UnknownEnvironment { .. }
            | Self::UnknownFolder { .. }
            | Self::NoSecrets { .. } => Class::NotFound,
            Self::ServiceTokenScope { .. } | Self::NoProject | Self::NoEnvironment { .. } => {
                Class::BadConfiguration
            }
            Self::Transport { .. }
            | Self::Login { .. }
            | Self::Refused { .. }
            | Self::ServiceTokenForm { .. }
            | Self::CredentialNotText { .. }
            | Self::NotInfisical { .. }
            | Self::DuplicateName { .. }
            | Self::RevocationUnsupported { .. }
            | Self::NothingToLogIn { .. }
            | Self::NotRenewable
            | Self::InvalidBody { .. } => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Login { source, .. } if source.status() < 500)
    }
}
