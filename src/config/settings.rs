//! Merged settings, in which nothing required is optional: all but the sources. Plain data.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use super::layer::{Origin, Setting};
use crate::http::Proxy;
use crate::redact::policy::Scope;
use crate::secret::Value;

/// The merged settings of `[run]`.
#[derive(Debug)]
pub struct RunSettings {
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
    /// Where secrets are written that are delivered as files.
    pub secret_files: SecretFilesSetting,
    /// What the command inherits.
    pub inherit: InheritSettings,
    /// How long logging in and fetching may take in all.
    pub timeout: Duration,
    /// Whether a change of a store needs a confirmation (`protected` of a profile).
    pub protected: bool,
    /// Whether rate-limited retries are spread (`--spread`).
    pub spread: bool,
    /// Whether nothing may be written, and where that was said.
    pub disk_free: Option<Setting<DiskFree>>,
    /// What becomes of the command's output.
    pub output: OutputSettings,
    /// The way to the servers.
    pub network: NetworkSettings,
}

/// The settings of `hushed kms`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KmsSettings {
    /// The key of the service.
    pub key: Option<String>,
    /// The schemes of signatures that are accepted.
    pub accept: Vec<String>,
    /// Whether the local store signs where the service cannot be reached.
    pub fallback: bool,
    /// The secret of the local store that is a key.
    pub local_key: Option<String>,
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
pub struct OutputSettings {
    /// Where it was said that secrets are kept out of it, if they are.
    pub redact: Option<Origin>,
    /// Where it was said that the duties of PID 1 are done, if they are.
    pub init: Option<Origin>,
    /// How long after SIGTERM the command is sent SIGKILL, if it is.
    pub kill_after: Option<Duration>,
    /// What the command gets in place of a terminal.
    pub terminal: TerminalSetting,
    /// Names and globs of variables that are not redacted.
    pub exempt: Vec<String>,
    /// Names and globs of variables that are redacted whatever their values are.
    pub named: Vec<String>,
    /// Whether ordinary words and values are redacted too.
    pub all: bool,
    /// Which inherited variables are redacted.
    pub inherited: Scope,
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
pub enum TerminalSetting {
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

/// Where secrets are written that are delivered as files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretFilesSetting {
    /// What suits the run.
    #[default]
    Auto,
    /// Descriptors that the command inherits.
    Memfd,
    /// A tmpfs in a mount namespace of the command's own.
    Namespace,
    /// A private directory in memory.
    Tmpfs,
    /// Named pipes, which give their content once to each reader.
    Fifo,
}

/// The way to the servers, as the environment has it for every program.
#[derive(Debug, Default)]
pub struct NetworkSettings {
    /// `HTTPS_PROXY` and its kin.
    pub proxy: Proxy,
    /// `SSL_CERT_FILE`.
    pub ssl_cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: directories, separated by colons.
    pub ssl_cert_dirs: Vec<PathBuf>,
}

/// What the command inherits.
#[derive(Debug)]
pub struct InheritSettings {
    /// Nothing but what `keep` names.
    pub clean: bool,
    /// Globs.
    pub keep: Vec<String>,
    /// Whose inherited value wins.
    pub preserve: PreserveSetting,
    /// Whether our credentials stay in.
    pub pass_credentials: bool,
    /// The values of the credentials that are used: no variable with one of them is passed on.
    pub credentials: Vec<Value>,
    /// The variables that hold credentials. With `_FILE` after it, a name is that of a credential's file.
    pub credential_names: Vec<Cow<'static, str>>,
}

/// Whose inherited value wins over a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PreserveSetting {
    /// Nobody's.
    #[default]
    None,
    /// Everybody's.
    All,
    /// These variables'.
    Names(Vec<String>),
}

impl PreserveSetting {
    /// Whether the inherited value of this variable wins.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Names(names) => names.iter().any(|preserved| preserved == name),
        }
    }
}
