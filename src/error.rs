//! The top-level error type: what failed, its causes, a hint, and the exit status.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli;
use crate::exit::Exit;
use crate::message::{causes, nearest};
use crate::sys::limits;
use crate::{cache, config, deliver, process, provider, redact, resolve, seal};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wrong use of the command line.
    #[error(transparent)]
    Usage(clap::Error),
    /// The stack limit is too low for hushed.
    #[error("the stack limit is {} KiB, but hushed needs {} KiB", .0 / 1024, limits::MIN_STACK / 1024)]
    Stack(u64),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A source.
    #[error(transparent)]
    Provider(#[from] provider::Error),
    /// The secrets cannot become environment variables.
    #[error(transparent)]
    Resolve(#[from] resolve::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The environment is too big.
    #[error(transparent)]
    TooBig(#[from] deliver::size::SizeError),
    /// An export format cannot represent a secret.
    #[error(transparent)]
    Format(#[from] deliver::format::Error),
    /// The command could not be started.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A private file cannot be read or written.
    #[error(transparent)]
    PrivateFile(#[from] seal::private_file::Error),
    /// An encryption key.
    #[error(transparent)]
    Key(#[from] seal::key::Error),
    /// Standard output.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// A value cannot be read from a file, a descriptor or a prompt.
    #[error("cannot read from {0}")]
    Input(String, #[source] io::Error),
    /// The kernel denies the event queue or signal descriptor of the async runtime.
    #[error("cannot create an event queue or signal descriptor")]
    Runtime(#[source] io::Error),
    /// A source of local files returned a future that is not ready at once.
    #[error("a local source is waiting for I/O; this is a bug in hushed, please report it")]
    SourceWouldBlock,
    /// A signal interrupted hushed.
    #[error("interrupted by signal {0}")]
    Interrupted(u8),
    /// The secret does not exist.
    #[error("no secret `{name}` in {places}")]
    NoSuchSecret {
        /// The name.
        name: String,
        /// The places that were searched.
        places: String,
        /// A similar name, for the hint.
        nearest: Option<String>,
    },
    /// A command that writes has no local store to write to.
    #[error("`hushed secrets {action}` writes to a local store, but {why}")]
    NoStore {
        /// The subcommand: `set` or `delete`.
        action: &'static str,
        /// Why no store was selected.
        why: NoStore,
    },
    /// The configuration file already exists.
    #[error("`{}` already exists", .0.display())]
    Exists(PathBuf),
    /// The unit file already exists.
    #[error("`{}` already exists", .0.display())]
    UnitExists(PathBuf),
    /// The command needs a configuration file, and there is none.
    #[error("no hushed.toml found")]
    NoConfiguration,
    /// A file cannot be created or written.
    #[error("cannot write `{}`", .0.display())]
    WriteFile(PathBuf, #[source] io::Error),
    /// Redaction.
    #[error(transparent)]
    Redact(#[from] redact::Error),
    /// A value to redact is neither a variable nor a file.
    #[error("{0}: `{1}` is neither a variable that is set nor a path")]
    NothingToRedact(config::Origin, String),
    /// A setting would write to disk although disk-free mode is on.
    #[error("disk-free mode ({promise}) does not allow {writes}")]
    DiskFreeWrites {
        /// What would be written, and which setting requests it.
        writes: String,
        /// Which setting turned the mode on.
        promise: config::Origin,
    },
    /// The kernel cannot confine the fetch as disk-free mode requires.
    #[error("cannot enforce disk-free mode ({promise}): {lacks}")]
    DiskFreeUnsupported {
        /// The missing kernel features.
        lacks: String,
        /// What the user can do about it.
        hint: String,
        /// Which setting turned the mode on.
        promise: config::Origin,
    },
    /// The process that probes the kernel's confinement features cannot be started.
    #[error("cannot determine which confinement features this kernel supports")]
    KernelProbe(#[source] io::Error),
    /// The kernel denies confinement.
    #[error("cannot confine the fetch")]
    Confinement(#[source] io::Error),
    /// The process that fetches cannot be started, or its answer cannot be read.
    #[error("cannot start the process that fetches the secrets, or read its answer")]
    FetcherIo(#[source] io::Error),
    /// The process that fetches ended without an answer.
    #[error("the process that fetches the secrets failed: {0}")]
    FetcherDied(String),
    /// An error that the process that fetches reported.
    #[error(transparent)]
    Fetcher(ErrorReport),
    /// A panic in the process that fetches, with its source location.
    #[error("this is a bug in hushed ({0}); please report it")]
    Panic(String),
    /// `hushed trust` found nothing to trust.
    #[error("no file of this project sets a server address")]
    NothingToTrust,
}

/// An error as text: what the user reads, without its type, so that it can cross a process boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// The message and its causes, the outermost first.
    pub texts: Vec<String>,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        if let Error::Fetcher(report) = error {
            return report.clone();
        }
        let texts = causes(error).map(ToString::to_string).collect();
        Self { texts, hint: error.hint() }
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts.first().map_or("", String::as_str))
    }
}

impl std::error::Error for ErrorReport {}

/// Why no local store was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStore {
    /// None is configured.
    None,
    /// Several are configured: their number.
    Many(usize),
}

impl fmt::Display for NoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none is configured"),
            Self::Many(count) => write!(f, "{count} are configured"),
        }
    }
}

impl Error {
    /// The exit status for this error; `running` is whether the subcommand is `run`.
    pub fn exit(&self, running: bool) -> Exit {
        match self {
            Self::Process(error) => error.exit(),
            Self::Interrupted(signal) => Exit::Signal(*signal),
            _ if running => Exit::Own,
            Self::Usage(_) => Exit::Usage,
            _ => Exit::Failure,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.own_hint().or_else(|| self.limit_hint().map(str::to_owned))
    }

    /// The hint for an exceeded resource limit, if one is the cause.
    fn limit_hint(&self) -> Option<&'static str> {
        match self {
            Self::Process(process::Error::Start(error))
            | Self::KernelProbe(error)
            | Self::FetcherIo(error) => {
                limits::hint_for_fork(error).or_else(|| limits::hint_for(error))
            }
            Self::Fetcher(_) => None,
            _ => limits::hint_for(self),
        }
    }

    fn own_hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Provider(error) => error.hint(),
            Self::Resolve(error) => error.hint(),
            Self::Cache(error) => error.hint(),
            Self::TooBig(error) => Some(error.hint()),
            Self::Format(error) => error.hint(),
            Self::Process(error) => error.hint(),
            Self::PrivateFile(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::Redact(error) => error.hint(),
            Self::NothingToRedact(..) => {
                Some("pass the name of an inherited variable, or a path with a slash (./FILE)".into())
            }
            Self::NoSuchSecret { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::NoSuchSecret { .. } => Some("`hushed secrets list` shows the names".into()),
            Self::NoStore { why: NoStore::None, .. } => Some(
                "add [source.local] with type = \"local\" to hushed.toml, or change the secrets in \
                 the store that has them"
                    .into(),
            ),
            Self::NoStore { why: NoStore::Many(_), .. } => Some("choose one with --source NAME".into()),
            Self::Exists(_) => Some("edit it, or move it away and run `hushed init` again".into()),
            Self::UnitExists(_) => Some("pass --force to overwrite it".into()),
            Self::NoConfiguration => Some("run `hushed init` first".into()),
            Self::NothingToTrust => Some(
                "only a `domain` in one of the project's files needs trust; one that you set with \
                 an option or an environment variable does not"
                    .into(),
            ),
            Self::DiskFreeWrites { .. } => {
                Some("remove that setting, or allow writing once with --disk-free=false".into())
            }
            Self::DiskFreeUnsupported { hint, .. } => Some(hint.clone()),
            Self::Stack(_) => Some(
                "raise the limit (RLIMIT_STACK: `ulimit -s`; in a systemd unit LimitSTACK=)".into(),
            ),
            Self::Fetcher(report) => report.hint.clone(),
            Self::Usage(_)
            | Self::KernelProbe(_)
            | Self::Confinement(_)
            | Self::FetcherIo(_)
            | Self::FetcherDied(_)
            | Self::Panic(_)
            | Self::Output(_)
            | Self::Input(..)
            | Self::WriteFile(..)
            | Self::Runtime(_)
            | Self::SourceWouldBlock
            | Self::Interrupted(_) => None,
        }
    }

    /// Prints the message, its causes and the hint. Prints nothing after a signal.
    pub fn report(&self, to: &mut dyn Write) {
        match self {
            Self::Interrupted(_) => return,
            Self::Usage(usage) => {
                let _ignored = write!(to, "{}", render_usage(usage));
                return;
            }
            _ => {}
        }
        let report = ErrorReport::from(self);
        let mut text = format!("hushed: {self}\n");
        for (text_above, cause) in report.texts.iter().zip(report.texts.iter().skip(1)) {
            if cause != text_above {
                let _ = writeln!(text, "  caused by: {cause}");
            }
        }
        if let Some(hint) = &report.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
        let _ignored = to.write_all(text.as_bytes());
    }
}

/// The nearest option of any command.
fn nearest_flag(written: &str) -> Option<String> {
    let written = written.split('=').next().unwrap_or(written);
    let mut commands = vec![cli::definition()];
    let mut flags = Vec::new();
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        let long = command.get_arguments().filter_map(clap::Arg::get_long);
        flags.extend(long.map(|long| format!("--{long}")));
    }
    nearest(written, flags.iter().map(String::as_str)).map(str::to_owned)
}

/// A usage error of clap in the shape of all errors: message, hint, usage.
fn render_usage(usage: &clap::Error) -> String {
    let text = usage.render().to_string();
    // clap's own suggestion prefers long names: `--service-account-token-path` for `--evn`.
    let guess = match usage.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) if usage.kind() == ErrorKind::UnknownArgument => {
            nearest_flag(flag)
        }
        _ => None,
    };
    let mut shaped = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line = match (line.strip_prefix("error: "), line.strip_prefix("  tip: ")) {
            (Some(message), _) => match &guess {
                Some(flag) => format!("hushed: {message}\n  hint: did you mean `{flag}`?"),
                None => format!("hushed: {message}"),
            },
            // Telling for every flag how to pass it as a value would bury the useful hint.
            (_, Some(tip)) if tip.starts_with("to pass ") => continue,
            (_, Some(tip)) if tip.starts_with("a similar argument") => continue,
            (_, Some(tip)) => format!("  hint: {tip}"),
            // clap indents lists by two spaces, and the second usage line by more.
            _ if line.starts_with("  ") && !line.starts_with("   ") => line.to_owned(),
            _ => format!("  {line}"),
        };
        shaped += &line;
        shaped.push('\n');
    }
    shaped
}
