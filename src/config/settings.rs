//! What holds: settings in which nothing that must be there is optional. Plain data.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::infisical::Infisical;
use super::layer::{Origin, Setting};
use super::{Caching, Credential};
use crate::http::Proxy;
use crate::secret::Shielded;

/// All that a command needs to know.
#[derive(Debug)]
pub struct Settings {
    /// Where the secrets are, in order; a later source wins.
    pub sources: Vec<Source>,
    /// Which secrets become which variables, as said: `resolve` gives it a meaning.
    pub only: Option<Vec<String>>,
    /// Globs of secrets to leave out.
    pub exclude: Vec<String>,
    /// What is put before names.
    pub prefix: String,
    /// New names.
    pub rename: Vec<(String, String)>,
    /// The spelling of names.
    pub transform: Option<Setting<String>>,
    /// What must be there.
    pub require: Vec<String>,
    /// Reserved names that are allowed.
    pub allow_reserved: Vec<String>,
    /// What the command inherits.
    pub inherit: Inherit,
    /// How long logging in and fetching may take in all.
    pub timeout: Duration,
    /// Whether nothing may be written, and where that was said.
    pub disk_free: Option<Setting<DiskFree>>,
    /// What becomes of the command's output.
    pub output: Output,
    /// The way to the servers.
    pub network: Network,
    /// Warnings for the user, about what was said.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Seals the credentials until each is needed, which is worth its time where a server is asked.
    pub fn shield(&self) {
        self.inherit.credentials.iter().for_each(Shielded::shield);
    }

    /// Whether a source is asked over the network.
    pub fn reaches_network(&self) -> bool {
        self.sources.iter().any(Source::reaches_network)
    }

    /// The caches that may be read and written, each with the name of its source.
    pub fn caches(&self) -> impl Iterator<Item = (&Arc<str>, &Caching)> {
        self.sources.iter().filter_map(|source| match source {
            Source::Infisical(source) => Some((&source.name, source.cache.as_ref()?)),
            Source::Local(_) | Source::Dotenv(_) => None,
        })
    }

    /// The sources whose token is ended when it is not needed any more, and where that was said.
    pub fn revoking(&self) -> impl Iterator<Item = (&Arc<str>, &Origin)> {
        self.sources.iter().filter_map(|source| match source {
            Source::Infisical(source) => Some((&source.name, source.revoke_token.as_ref()?)),
            Source::Local(_) | Source::Dotenv(_) => None,
        })
    }
}

/// What is done where the kernel cannot hold the fetch to writing nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFree {
    /// Nothing is fetched.
    Strict,
    /// As much is held back as can be.
    BestEffort,
}

/// How the command is supervised, and what is kept out of its output.
#[derive(Debug)]
pub struct Output {
    /// Where it was said that secrets are kept out of it, if they are.
    pub redact: Option<Origin>,
    /// Where it was said that the duties of PID 1 are done, if they are.
    pub init: Option<Origin>,
    /// How long after SIGTERM the command is sent SIGKILL, if it is.
    pub kill_after: Option<Duration>,
    /// What the command gets in place of a terminal.
    pub terminal: Terminal,
    /// Names of secrets that may be seen.
    pub exempt: Vec<String>,
    /// Variables and files whose content is kept out as well.
    pub also: Vec<Setting<String>>,
    /// The shortest value that is looked for, in bytes; the engine's own when it is not said.
    pub min: Option<usize>,
    /// The encodings that are looked for; all when it is not said.
    pub encodings: Option<Setting<Vec<String>>>,
    /// What stands in the place of a value, instead of its name.
    pub label: Option<String>,
    /// Where the report goes.
    pub report: Option<Setting<PathBuf>>,
}

/// What a command gets in place of a terminal, where its output is redacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminal {
    /// What suits the command.
    #[default]
    Auto,
    /// It keeps the real terminal for its keys.
    Shared,
    /// A session and a terminal of its own.
    Inner,
    /// Pipes.
    Off,
}

/// The way to the servers, as the environment has it for every program.
#[derive(Debug, Default)]
pub struct Network {
    /// `HTTPS_PROXY` and its kin.
    pub proxy: Proxy,
    /// `SSL_CERT_FILE`.
    pub ssl_cert_file: Option<PathBuf>,
}

/// What the command inherits.
#[derive(Debug)]
pub struct Inherit {
    /// Nothing but what `keep` names.
    pub clean: bool,
    /// Globs.
    pub keep: Vec<String>,
    /// Whose inherited value wins.
    pub preserve: Preserve,
    /// Whether our credentials stay in.
    pub pass_credentials: bool,
    /// The values of the credentials that are used: no variable with one of them is passed on.
    pub credentials: Vec<Shielded>,
    /// The variables that hold credentials.
    pub credential_names: Vec<String>,
}

/// Whose inherited value wins over a secret.
#[derive(Debug, PartialEq, Eq)]
pub enum Preserve {
    /// Nobody's.
    None,
    /// Everybody's.
    All,
    /// These variables'.
    Names(Vec<String>),
}

/// A place where secrets are.
#[derive(Debug)]
pub enum Source {
    /// Infisical.
    Infisical(Box<Infisical>),
    /// The sealed file.
    Local(Local),
    /// A dotenv file.
    Dotenv(Dotenv),
}

impl Source {
    /// Whether it is asked over the network.
    pub fn reaches_network(&self) -> bool {
        matches!(self, Self::Infisical(_))
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Infisical(source) => &source.name,
            Self::Local(source) => &source.name,
            Self::Dotenv(source) => &source.name,
        }
    }
}

/// A sealed file.
#[derive(Debug)]
pub struct Local {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The file.
    pub file: PathBuf,
    /// What opens it.
    pub key: LocalKey,
}

/// What opens a sealed file.
#[derive(Clone, Debug)]
pub enum LocalKey {
    /// A key file.
    File(PathBuf),
    /// A passphrase.
    Passphrase(Credential),
    /// A systemd credential with the text of a key file, at this path.
    Systemd(PathBuf),
}

/// A dotenv file.
#[derive(Debug)]
pub struct Dotenv {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The file.
    pub file: PathBuf,
}
