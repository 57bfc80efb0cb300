//! The one error at the top: the fault, its causes, a hint, and the exit code.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli;
use crate::exit::Exit;
use crate::message::{causes, nearest};
use crate::sys::limit;
use crate::{cache, config, deliver, process, provider, redact, resolve, seal};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line.
    #[error(transparent)]
    Usage(clap::Error),
    /// The stack may not grow as far as hushed needs it.
    #[error("the stack is limited to {} KiB, and hushed needs {}", .0 / 1024, limit::LEAST_STACK / 1024)]
    Stack(u64),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A source.
    #[error(transparent)]
    Provider(#[from] provider::Error),
    /// What the sources give cannot become an environment.
    #[error(transparent)]
    Resolve(#[from] resolve::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The environment is too big.
    #[error(transparent)]
    TooBig(#[from] deliver::size::SizeError),
    /// A format cannot carry a secret.
    #[error(transparent)]
    Format(#[from] deliver::format::Error),
    /// The command did not start.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A file of ours cannot be written.
    #[error(transparent)]
    PrivateFile(#[from] seal::private_file::Error),
    /// Keys.
    #[error(transparent)]
    Key(#[from] seal::key::Error),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[source] io::Error),
    /// A file or prompt that a value is read from.
    #[error("the value cannot be read from {0}")]
    Input(String, #[source] io::Error),
    /// The kernel refuses what a runtime needs.
    #[error("the kernel gives no event queue or signal descriptor")]
    Runtime(#[source] io::Error),
    /// A file source that waits for something.
    #[error("a source of files waits for something that does not come; this is a fault in hushed")]
    Stuck,
    /// A signal asked us to end.
    #[error("ended by signal {0}")]
    Interrupted(u8),
    /// A secret that there is not.
    #[error("no secret `{name}` in {places}")]
    NoSuchSecret {
        /// The name.
        name: String,
        /// Where it was looked for.
        places: String,
        /// One that may have been meant.
        nearest: Option<String>,
    },
    /// A command that changes secrets has no store to change.
    #[error("`hushed secrets {action}` changes a local store, and {why}")]
    NoStore {
        /// What was to be done.
        action: &'static str,
        /// Why there is none.
        why: NoStore,
    },
    /// A file that is there already.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// A unit file that is there already.
    #[error("`{}` exists already", .0.display())]
    UnitExists(PathBuf),
    /// A command that needs a configuration file, and there is none.
    #[error("there is no hushed.toml here")]
    NoConfiguration,
    /// A file that cannot be made.
    #[error("`{}` cannot be written", .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
    /// What is kept out of output.
    #[error(transparent)]
    Redact(#[from] redact::Error),
    /// A value to keep out that is neither a variable nor a file.
    #[error("{0}: `{1}` is neither a variable that is set nor a path")]
    NothingToRedact(config::Origin, String),
    /// Something would write where nothing may be written.
    #[error("disk-free ({promise}) refuses {writes}")]
    Writes {
        /// What, and where it was asked for.
        writes: String,
        /// Where the promise was made.
        promise: config::Origin,
    },
    /// The kernel cannot hold the fetch to writing nothing.
    #[error("disk-free ({promise}) cannot be held to here: {lacks}")]
    Unconfined {
        /// What the kernel lacks.
        lacks: String,
        /// What the user can do about it.
        hint: String,
        /// Where the promise was made.
        promise: config::Origin,
    },
    /// There is no process that tries what the kernel offers.
    #[error("cannot find out what this kernel can confine a fetch to")]
    NoTrial(#[source] io::Error),
    /// The kernel refuses to take rights away.
    #[error("the fetch cannot be confined")]
    Confinement(#[source] io::Error),
    /// There is no process for the fetch.
    #[error("no process can be made for the fetch, or be heard")]
    NoFetcher(#[source] io::Error),
    /// The process for the fetch gave no answer.
    #[error("the process that fetches the secrets has failed: {0}")]
    FetcherDied(String),
    /// What the process for the fetch says.
    #[error(transparent)]
    Told(Told),
    /// A panic in the process for the fetch, and where.
    #[error("this is a fault in hushed ({0}); please report it")]
    Panic(String),
    /// Nothing to trust.
    #[error("no file of this project names a server")]
    NothingToTrust,
}

/// A fault of another process, as that would have shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The fault and its causes, the outermost first.
    pub texts: Vec<String>,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl Told {
    /// What is shown of a fault.
    pub fn of(error: &Error) -> Self {
        if let Error::Told(told) = error {
            return told.clone();
        }
        let texts = causes(error).map(ToString::to_string).collect();
        Self { texts, hint: error.hint() }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts.first().map_or("", String::as_str))
    }
}

impl std::error::Error for Told {}

/// Why there is no one store that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStore {
    /// There is none.
    None,
    /// There are so many.
    Many(usize),
}

impl fmt::Display for NoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("the configuration names none"),
            Self::Many(count) => write!(f, "the configuration names {count}"),
        }
    }
}

impl Error {
    /// How hushed ends with this; `running` is whether a command was to be run.
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

    /// What can be done about a resource limit, where one is the cause.
    fn limit_hint(&self) -> Option<&'static str> {
        match self {
            Self::Process(process::Error::Start(error))
            | Self::NoTrial(error)
            | Self::NoFetcher(error) => limit::hint_for_fork(error).or_else(|| limit::hint(error)),
            Self::Told(_) => None,
            _ => limit::hint(self),
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
                Some("name an inherited variable, or a file by a path with a slash (./FILE)".into())
            }
            Self::NoSuchSecret { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::NoSuchSecret { .. } => Some("`hushed secrets list` shows the names".into()),
            Self::NoStore { why: NoStore::None, .. } => Some(
                "add one to hushed.toml ([source.local] with type = \"local\"), or change the \
                 secrets where they live"
                    .into(),
            ),
            Self::NoStore { why: NoStore::Many(_), .. } => Some("name one with --source".into()),
            Self::Exists(_) => Some("edit it, or move it away first".into()),
            Self::UnitExists(_) => Some("pass --force to overwrite it".into()),
            Self::NoConfiguration => Some("run `hushed init` first".into()),
            Self::NothingToTrust => Some(
                "trust is for a `domain` in a file of the project; a domain that you say \
                 yourself, by a flag or a variable, needs none"
                    .into(),
            ),
            Self::Writes { .. } => {
                Some("leave it out, or allow writing for this once (--disk-free=false)".into())
            }
            Self::Unconfined { hint, .. } => Some(hint.clone()),
            Self::Stack(_) => Some(
                "raise the limit (RLIMIT_STACK: `ulimit -s`; in a systemd unit LimitSTACK=)".into(),
            ),
            Self::Told(told) => told.hint.clone(),
            Self::Usage(_)
            | Self::NoTrial(_)
            | Self::Confinement(_)
            | Self::NoFetcher(_)
            | Self::FetcherDied(_)
            | Self::Panic(_)
            | Self::Output(_)
            | Self::Input(..)
            | Self::Unwritable(..)
            | Self::Runtime(_)
            | Self::Stuck
            | Self::Interrupted(_) => None,
        }
    }

    /// Writes the fault, its causes and the hint. A signal needs no words: whoever sent it knows.
    pub fn report(&self, to: &mut dyn Write) {
        match self {
            Self::Interrupted(_) => return,
            // It has its own words, hint included.
            Self::Usage(usage) => {
                let _unheard = write!(to, "{}", in_our_shape(usage));
                return;
            }
            _ => {}
        }
        let told = Told::of(self);
        let mut text = format!("hushed: {self}\n");
        for (said, cause) in told.texts.iter().zip(told.texts.iter().skip(1)) {
            if cause != said {
                let _ = writeln!(text, "  caused by: {cause}");
            }
        }
        if let Some(hint) = &told.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
        let _unheard = to.write_all(text.as_bytes());
    }
}

/// The flag of any command that was probably meant.
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

/// A fault that clap found, as all our faults look: the fault, a hint, and how it is used.
fn in_our_shape(usage: &clap::Error) -> String {
    let text = usage.render().to_string();
    // clap's own guess prefers long names: `--evn` would be `--service-account-token-path`.
    let guess = match usage.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(said)) if usage.kind() == ErrorKind::UnknownArgument => {
            nearest_flag(said)
        }
        _ => None,
    };
    let mut shaped = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line = match (line.strip_prefix("error: "), line.strip_prefix("  tip: ")) {
            (Some(fault), _) => match &guess {
                Some(flag) => format!("hushed: {fault}\n  hint: did you mean `{flag}`?"),
                None => format!("hushed: {fault}"),
            },
            // To say that a flag may be a value, for every flag, would hide the hint that helps.
            (_, Some(tip)) if tip.starts_with("to pass ") => continue,
            (_, Some(tip)) if tip.starts_with("a similar argument") => continue,
            (_, Some(tip)) => format!("  hint: {tip}"),
            // The second line of the usage; what clap lists stands at two.
            _ if line.starts_with("  ") && !line.starts_with("   ") => line.to_owned(),
            _ => format!("  {line}"),
        };
        shaped += &line;
        shaped.push('\n');
    }
    shaped
}
