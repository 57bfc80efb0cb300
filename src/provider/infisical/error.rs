//! Why Infisical gave no secrets. The texts name places and rights, and quote the server; they
//! never hold a value or a credential.

use super::answer::Answer;
use super::fault::{Damage, LoginFault, Seen, Step, TokenFault};
use super::names::one_of;
use crate::http;
use crate::message::nearest;
use crate::provider::{Class, ProviderError};
use crate::secret::Name;

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server was not reached, or gave no whole answer.
    #[error("cannot {step} {server}")]
    Transport {
        /// What was being done.
        step: Step,
        /// The server's address.
        server: String,
        /// The reason.
        source: Box<http::Error>,
    },
    /// The server does not let us in.
    #[error("cannot log in to Infisical at {server}")]
    Login {
        /// The server's address.
        server: String,
        /// What is wrong.
        fault: LoginFault,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The server does not take the token.
    #[error("Infisical at {server} does not accept the token from {from}: it {fault}")]
    Token {
        /// The server's address.
        server: String,
        /// Where the token is from.
        from: String,
        /// What is wrong with it.
        fault: TokenFault,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The server has no such request.
    #[error("Infisical at {server} is too old to revoke tokens")]
    Irrevocable {
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
    /// The server does not take the token that it gave a moment ago.
    #[error("Infisical at {server} does not accept the token of a new login")]
    NewToken {
        /// The server's address.
        server: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The service token does not have its form.
    #[error("the service token from {from} is not of the form `st.ID.SECRET…`")]
    ServiceTokenForm {
        /// Where the token is from.
        from: String,
    },
    /// A credential is not text.
    #[error("the credential from {from} is not UTF-8 text")]
    CredentialNotText {
        /// Where it is from.
        from: String,
    },
    /// A service token is for something else than what is asked for.
    #[error("the service token from {from} is for the {what} `{allowed}`, not for `{asked}`")]
    ServiceTokenScope {
        /// Where the token is from.
        from: String,
        /// `project`, `environment` or `path`.
        what: &'static str,
        /// What it is for.
        allowed: String,
        /// What is asked for.
        asked: String,
    },
    /// No project is given.
    #[error("no project is given")]
    NoProject,
    /// No environment is given.
    #[error("no environment is given")]
    NoEnvironment {
        /// What there is, as far as that is known.
        known: Vec<String>,
    },
    /// The identity may not be used from here.
    #[error("Infisical at {server} does not allow this machine's address")]
    Address {
        /// The server's address.
        server: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The identity is not in the project.
    #[error("the identity has no access to the project `{project}`")]
    NoAccess {
        /// The project.
        project: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The identity may not read there.
    #[error("the identity may not read `{path}` in `{environment}`")]
    Forbidden {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// A value refers to something that the identity may not read.
    #[error("a secret at `{path}` in `{environment}` refers to one that the identity may not read")]
    ForbiddenReference {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// The server hides values.
    #[error("the {} of {} at `{place}` may not be read", values(names), quoted(names))]
    Hidden {
        /// The names of the secrets.
        names: Vec<Name>,
        /// Where they are.
        place: String,
    },
    /// There is no such project, or none that the identity can see.
    #[error("there is no project `{project}`, or the identity cannot see it")]
    UnknownProject {
        /// The project.
        project: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// There is no such environment.
    #[error("there is no environment `{environment}` in the project{}", there_is(known.as_deref()))]
    UnknownEnvironment {
        /// The environment.
        environment: String,
        /// What there is, if that could be looked up.
        known: Option<Vec<String>>,
    },
    /// There is no such folder.
    #[error("there is no folder `{path}` in `{environment}`{}", there_is_in(parent, known))]
    UnknownFolder {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The deepest folder on the way to it that there is.
        parent: String,
        /// What is in that one.
        known: Vec<String>,
    },
    /// There is nothing there.
    #[error("there are no secrets {}`{path}` in `{environment}`{}", tagged(tags), below(folders.as_deref()))]
    NoSecrets {
        /// The folder.
        path: String,
        /// The environment.
        environment: String,
        /// The tags that were asked for.
        tags: Vec<String>,
        /// Whether the folders below were read too.
        recursive: bool,
        /// The folders below, if they could be looked up.
        folders: Option<Vec<String>>,
    },
    /// The server refuses for another reason.
    #[error("cannot {step} {server}")]
    Refused {
        /// What was being done.
        step: Step,
        /// The server's address.
        server: String,
        /// The server's words.
        source: Box<Answer>,
    },
    /// What answers there is no Infisical.
    #[error("what answers at {server} is not Infisical: {seen}")]
    NotInfisical {
        /// The server's address.
        server: String,
        /// What came instead.
        seen: Seen,
    },
    /// The answer is damaged.
    #[error("the answer from {server} is {damage}")]
    Damaged {
        /// The server's address.
        server: String,
        /// In which way.
        damage: Damage,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => return source.hint(),
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
            Self::Irrevocable { .. } => "update the server, or let tokens expire sooner there",
            Self::ServiceTokenForm { .. } => "copy the token once more, whole",
            Self::CredentialNotText { .. } => "look at what was put there",
            Self::ServiceTokenScope { what, .. } => {
                return Some(format!("leave the {what} out, or use another token"));
            }
            Self::NoProject => "give its id or slug with --project or INFISICAL_PROJECT_ID",
            Self::NoEnvironment { known } if known.is_empty() => "give its slug with --env",
            Self::NoEnvironment { known } => {
                return Some(format!("give one with --env: {}", one_of(known)));
            }
            Self::Address { .. } => "add the address to the identity's trusted IPs",
            Self::NoAccess { .. } => "add the identity to the project, or check the project's id",
            Self::Forbidden { path, environment, .. } => {
                return Some(format!(
                    "give the identity read access to `{path}` in `{environment}`, or narrow --path"
                ));
            }
            Self::ForbiddenReference { .. } => {
                "give the identity read access there too, or use --expand=false"
            }
            Self::Hidden { .. } => "give the identity the right to read their values",
            Self::UnknownProject { .. } => {
                "check the project's id or slug, and the identity's access"
            }
            Self::UnknownEnvironment { environment, known } => {
                let unknown =
                    || if known.is_none() { NOT_LOOKED_UP } else { "give one with --env" };
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
                "try again; if it stays so, the server's log has the reason"
            }
            Self::Refused { .. } => "the server's version may be one that hushed does not know",
            Self::NotInfisical { .. } => {
                "give the address of the server itself, such as https://secrets.example.com"
            }
            Self::Damaged { .. } => "try again; if it stays so, look at proxies in between",
        };
        Some(hint.to_owned())
    }
}

const NOT_LOOKED_UP: &str = "the identity may not list what there is: check the spelling";

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
        None => format!("the identity may not look up what there is: check {flags}"),
        Some(_) if recursive => "perhaps the identity may not read there".into(),
        Some(_) if tagged => format!("check {flags}"),
        Some([]) => format!("check {flags}"),
        Some(_) => "name a folder with --path, or use --recursive".into(),
    };
    format!("{first}; --allow-empty permits it")
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } if source.is_unreachable() => Class::Unreachable,
            Self::Login { source, .. } | Self::Refused { source, .. } if source.status() >= 500 => {
                Class::Unreachable
            }
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
            // Servers answer with nothing for what may no longer be seen, too.
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
            | Self::Irrevocable { .. }
            | Self::NothingToLogIn { .. }
            | Self::NotRenewable
            | Self::Damaged { .. } => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Login { source, .. } if source.status() < 500)
    }
}
