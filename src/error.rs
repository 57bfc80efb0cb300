//! The top-level error type: what failed, its causes, a hint, and the exit status.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::cli;
use crate::exit::Exit;
use crate::message::causes;
use crate::provider::Class;
use crate::sys::limits;
use crate::{cache, config, deliver, process, provider, redact, resolve, scan, seal};

/// Hint for a process that may not make a mount namespace.
const NAMESPACE_HINT: &str = "allow user namespaces (sysctl user.max_user_namespaces, \
                              kernel.apparmor_restrict_unprivileged_userns), grant root CAP_SYS_ADMIN, or use \
                              --secret-files=memfd";

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wrong use of the command line.
    #[error(transparent)]
    Usage(#[from] cli::UsageError),
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
    /// A secret cannot be written as a file.
    #[error(transparent)]
    SecretFile(#[from] deliver::files::FileError),
    /// Secrets have changed since the text of an earlier edit was kept.
    #[error("somebody else has changed `{}` since this edit began", .0.join("`, `"))]
    EditConflicts(Vec<String>),
    /// Files on a tmpfs need a process that removes them.
    #[error(
        "secret-files = {kind} needs hushed as the parent of the command, which removes the files"
    )]
    FilesNeedSupervision {
        /// The kind of file.
        kind: &'static str,
    },
    /// No mount namespace.
    #[error("this process may not make a mount namespace for secret files")]
    NoNamespace(#[source] io::Error),
    /// No directory in memory.
    #[error("there is no directory in memory (tmpfs) for secret files")]
    NoMemoryDirectory,
    /// The path of a file has the variable of another secret.
    #[error(
        "`{variable}` would hold the path of the file with `{secret}`, and is a variable itself"
    )]
    FileVariable {
        /// The variable.
        variable: String,
        /// The secret in the file.
        secret: String,
    },
    /// An export format cannot represent a secret.
    #[error(transparent)]
    Format(#[from] deliver::format::Error),
    /// An export format of a store cannot represent a value.
    #[error(transparent)]
    NotText(#[from] provider::NotText),
    /// The command could not be started.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// A private file cannot be read or written.
    #[error(transparent)]
    PrivateFile(#[from] seal::private_file::Error),
    /// A scan.
    #[error(transparent)]
    Scan(#[from] scan::Error),
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
    #[error("no secret {name} in {places}")]
    NoSuchSecret {
        /// The name, quoted, or a description of it.
        name: String,
        /// The places that were searched.
        places: String,
        /// A similar name, for the hint.
        nearest: Option<String>,
    },
    /// The value of a secret is an argument, where `ps` and the shell's history show it. Holds the name, if
    /// it is one.
    #[error("the value of a secret cannot be an argument of `hushed secrets set`")]
    ValueAsArgument(Option<String>),
    /// A copy needs another name or another source.
    #[error("a copy needs another name or another source")]
    NothingToCopyTo,
    /// A store lacks something.
    #[error("the source `{store}` has no {what}")]
    NotKept {
        /// The source.
        store: String,
        /// What it lacks, in the plural.
        what: &'static str,
    },
    /// The store does not have the version.
    #[error("{name} has no {}", version.as_ref().map_or("earlier version".to_owned(), |v| format!("version {v}")))]
    NoSuchVersion {
        /// The name of the secret, quoted.
        name: String,
        /// The version, if one was specified or found.
        version: Option<String>,
    },
    /// The folder does not exist.
    #[error("no folder {folder} in {place}")]
    NoSuchFolder {
        /// The folder, quoted.
        folder: String,
        /// The place that was searched.
        place: String,
    },
    /// An argument of `--metadata` without `=`.
    #[error("--metadata needs KEY=VALUE")]
    MetadataForm,
    /// The value to store is empty.
    #[error("the value of {0} is empty")]
    EmptyValue(String),
    /// A name that `hushed run` would reject.
    #[error("cannot store {name}: {}", problem.kind)]
    UnusableName {
        /// The name, quoted, or a description of it.
        name: String,
        /// Why a run would reject it.
        problem: resolve::Problem,
    },
    /// An option for another type of store than the one that is changed.
    #[error("{flag} does not apply to the {kind} store that `hushed secrets {action}` changes")]
    NotForStore {
        /// The option.
        flag: &'static str,
        /// The subcommand.
        action: &'static str,
        /// The type of the store.
        kind: &'static str,
    },
    /// An argument is not a public key. It may be a private one, and is not quoted.
    #[error("argument {number} is not a recipient: {error}")]
    Recipient {
        /// The number of the argument, from 1.
        number: usize,
        /// Why not.
        error: seal::x25519::RecipientError,
    },
    /// Both sides of a merge changed secrets.
    #[error("{count} {} in conflict", if *.count == 1 { "secret is" } else { "secrets are" })]
    MergeConflicts {
        /// How many.
        count: usize,
    },
    /// A new key file would be in the directory of the store.
    #[error("the new key file is inside the directory of the store, `{}`", .0.display())]
    KeyBesideStore(PathBuf),
    /// Two passphrases that were typed are not the same.
    #[error("the two passphrases are not the same")]
    PassphrasesDiffer,
    /// A file to import cannot be read.
    #[error("cannot import {file}")]
    Import {
        /// The file, as messages name it.
        file: String,
        /// Why not.
        #[source]
        error: deliver::import::ImportError,
    },
    /// Secrets of an import have other values in the store.
    #[error("{count} {} in the store", if *.count == 1 { "secret has another value" } else { "secrets have other values" })]
    ImportConflicts {
        /// How many.
        count: usize,
    },
    /// There is no such editor.
    #[error("there is no editor `{0}`")]
    NoEditor(String),
    /// The editor cannot be run.
    #[error("cannot run the editor `{0}`")]
    Editor(String, #[source] io::Error),
    /// The editor failed.
    #[error("the editor `{0}` failed; nothing was changed")]
    EditorFailed(String),
    /// The text to edit would be on a disk.
    #[error("there is no directory in memory (tmpfs) for the text to edit")]
    NoMemoryForEdit,
    /// A value cannot be generated.
    #[error("cannot generate a value: {0}")]
    Generate(&'static str),
    /// The user does not want the change.
    #[error("nothing was changed")]
    NotConfirmed,
    /// A change needs a confirmation, and there is no terminal.
    #[error("this needs a confirmation, and standard input is not a terminal")]
    NeedsYes,
    /// Not exactly one source can log in.
    #[error("{}", account_message(*.count))]
    AmbiguousAccount {
        /// How many can.
        count: usize,
    },
    /// The command line of `hushed run` needs a shell.
    #[error("{what}")]
    NeedsShell {
        /// What is wrong with the command.
        what: String,
        /// What the user can do about it.
        hint: String,
    },
    /// A pattern that matches no secret.
    #[error("--only {pattern}: no source has such a secret")]
    UnmatchedPattern {
        /// The pattern, quoted, or a description of it.
        pattern: String,
        /// A similar name, for the hint.
        nearest: Option<String>,
    },
    /// No source is configured.
    #[error("no source of secrets is configured for {}", directory.display())]
    NoSource {
        /// The working directory.
        directory: PathBuf,
        /// What was searched, and what was found.
        hint: String,
    },
    /// A command that writes has no store to write to.
    #[error("`hushed secrets {action}` needs one store that hushed can change, but {why}")]
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
    /// The exit status of a command other than `run`.
    pub exit: Exit,
}

/// The exit status for a failure of a store, as in sysexits.h.
fn exit_of_class(class: Class) -> Exit {
    match class {
        Class::Unreachable | Class::RateLimited => Exit::Unavailable,
        Class::Denied => Exit::Denied,
        Class::NotFound | Class::Conflict => Exit::Failure,
        Class::BadData => Exit::BadData,
        Class::BadConfiguration => Exit::Configuration,
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        if let Error::Fetcher(report) = error {
            return report.clone();
        }
        let texts = causes(error).map(ToString::to_string).collect();
        Self { texts, hint: error.hint(), exit: error.exit(false) }
    }
}

fn account_message(count: usize) -> String {
    match count {
        0 => "no configured source logs in to a server".to_owned(),
        count => format!("{count} sources log in to a server"),
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts.first().map_or("", String::as_str))
    }
}

impl std::error::Error for ErrorReport {}

/// Why no store was selected.
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
            Self::NeedsShell { .. } => Exit::NotFound,
            Self::Interrupted(signal) => Exit::Signal(*signal),
            _ if running => Exit::Own,
            Self::Usage(_)
            | Self::ValueAsArgument(_)
            | Self::NotForStore { .. }
            | Self::Generate(_)
            | Self::NothingToCopyTo
            | Self::MetadataForm
            | Self::Recipient { .. }
            | Self::NeedsYes => Exit::Usage,
            Self::Config(error) if error.is_usage() => Exit::Usage,
            Self::Config(_)
            | Self::Key(_)
            | Self::NoSource { .. }
            | Self::NoStore { .. }
            | Self::NotKept { .. }
            | Self::NoConfiguration
            | Self::AmbiguousAccount { .. }
            | Self::DiskFreeWrites { .. }
            | Self::UnmatchedPattern { .. } => Exit::Configuration,
            Self::Provider(error) | Self::Resolve(resolve::Error::Source { error, .. }) => {
                exit_of_class(error.class())
            }
            Self::Resolve(resolve::Error::Offline { .. }) => Exit::Unavailable,
            Self::Resolve(resolve::Error::Withheld { .. }) => Exit::Denied,
            Self::Resolve(resolve::Error::Refused(_))
            | Self::Format(_)
            | Self::NotText(_)
            | Self::Cache(_)
            | Self::EmptyValue(_)
            | Self::Import { .. }
            | Self::UnusableName { .. } => Exit::BadData,
            Self::Fetcher(report) => report.exit,
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
            Self::Usage(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Provider(error) => error.hint(),
            Self::Resolve(error) => error.hint(),
            Self::Cache(error) => error.hint(),
            Self::TooBig(error) => Some(error.hint()),
            Self::SecretFile(_) => Some("--secret-files chooses another kind of file".into()),
            Self::NoNamespace(_) => Some(NAMESPACE_HINT.into()),
            Self::FilesNeedSupervision { .. } => Some("add --redact or --init, or use --secret-files=memfd".into()),
            Self::NoMemoryDirectory => {
                Some("set XDG_RUNTIME_DIR to a directory on a tmpfs, or use --secret-files=memfd".into())
            }
            Self::FileVariable { .. } => Some("name another variable with `as`, or leave the secret out".into()),
            Self::Format(error) => error.hint(),
            Self::Process(error) => error.hint(),
            Self::PrivateFile(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::Scan(error) => error.hint(),
            Self::Redact(error) => error.hint(),
            Self::NothingToRedact(..) => {
                Some("pass the name of an inherited variable, or a path with a slash (./FILE)".into())
            }
            Self::NoSuchSecret { nearest: Some(nearest), .. }
            | Self::UnmatchedPattern { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::NoSuchSecret { .. } | Self::UnmatchedPattern { .. } => Some("`hushed secrets list` shows the names".into()),
            Self::ValueAsArgument(name) => Some(format!(
                "other users can see it with `ps`, and the shell keeps it in its history; enter it at the prompt \
                 or pass it to standard input: `hushed secrets set {}`; or pass --value-on-command-line",
                name.as_deref().unwrap_or("NAME")
            )),
            Self::WriteFile(path, error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                parent.map(|parent| format!("create the directory `{}`", parent.display()))
            }
            Self::EmptyValue(_) => Some("pass --allow-empty to store an empty value".into()),
            Self::UnusableName { .. } => Some(
                "choose another name; or let `hushed run` accept it by `rename`, `transform` or `allow-reserved` in [run]"
                    .into(),
            ),
            Self::NotForStore { .. } => {
                Some("remove it, or choose another store with --source".into())
            }
            Self::AmbiguousAccount { count: 0 } => {
                Some("configure one, or pass --method and its credentials".into())
            }
            Self::NoStore { why: NoStore::None, .. } => Some(
                "add [source.local] with type = \"local\" to hushed.toml, or change the secrets in \
                 the store that has them"
                    .into(),
            ),
            Self::AmbiguousAccount { .. } | Self::NoStore { why: NoStore::Many(_), .. } => Some("choose one with --source NAME".into()),
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
            Self::DiskFreeUnsupported { hint, .. }
            | Self::NeedsShell { hint, .. }
            | Self::NoSource { hint, .. } => Some(hint.clone()),
            Self::Stack(_) => Some(
                "raise the limit (RLIMIT_STACK: `ulimit -s`; in a systemd unit LimitSTACK=)".into(),
            ),
            Self::Fetcher(report) => report.hint.clone(),
            _ => self.change_hint(),
        }
    }

    /// The hints of the commands that change secrets. Other errors have none.
    fn change_hint(&self) -> Option<String> {
        match self {
            Self::NeedsYes => Some("pass --yes".into()),
            Self::Import { error, .. } => Some(error.hint()),
            Self::EditConflicts(_) => Some(
                "edit again, and give these secrets the values that the store has (`hushed secrets get NAME`); or give \
                 up the edit with `hushed secrets edit --discard`"
                    .to_owned(),
            ),
            Self::ImportConflicts { .. } => {
                Some("nothing was written; pass --on-conflict skip or replace".into())
            }
            Self::NoEditor(_) => Some("set VISUAL or EDITOR to an editor".into()),
            Self::NoMemoryForEdit => {
                Some("set XDG_RUNTIME_DIR to a directory on a tmpfs, or pass --allow-disk".into())
            }
            Self::NothingToCopyTo => Some("pass --as NEW_NAME or --to SOURCE".into()),
            Self::NoSuchVersion { .. } => Some("`hushed secrets history NAME` shows the versions".into()),
            Self::NoSuchFolder { .. } => Some("`hushed folders list` shows the folders".into()),
            Self::Recipient { error, .. } => Some(error.hint().into()),
            Self::MergeConflicts { .. } => Some(
                "the result has the secrets of OURS: set them to what they should be and commit, or \
                 merge again with --ours or --theirs"
                    .into(),
            ),
            Self::KeyBesideStore(_) => Some("store the key file elsewhere".into()),
            _ => None,
        }
    }

    /// Prints the same as one line of JSON, with the exit status and its meaning.
    pub fn report_json(&self, to: &mut dyn Write, exit: Exit) {
        if matches!(self, Self::Interrupted(_)) {
            return;
        }
        let report = ErrorReport::from(self);
        let mut causes = report.texts;
        causes.dedup();
        let causes: Vec<_> = causes.into_iter().skip(1).collect();
        let line = serde_json::json!({
            "level": "error",
            "kind": report.exit.kind(),
            "status": exit.code(),
            "message": self.to_string(),
            "causes": causes,
            "hint": report.hint,
        });
        let _ignored = writeln!(to, "{line}");
    }

    /// Prints the message, its causes and the hint, in color if wanted. Prints nothing after a signal.
    pub fn report(&self, to: &mut dyn Write, color: bool) {
        if matches!(self, Self::Interrupted(_)) {
            return;
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
        if let Self::Usage(usage) = self
            && let Some(usage) = usage.usage()
        {
            for line in usage.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        let text = cli::paint_error(&text, color);
        let _ignored = to.write_all(text.as_bytes());
    }
}
