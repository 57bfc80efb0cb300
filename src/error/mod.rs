//! The top-level error type: what failed, its causes, a hint, and the exit status.

mod exit;
mod hint;
mod report;

use std::fmt;
use std::io;
use std::path::PathBuf;

pub use report::ErrorReport;

use crate::cli;
use crate::sys::limits;
use crate::{cache, config, deliver, process, provider, redact, resolve, scan, seal};

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

fn account_message(count: usize) -> String {
    match count {
        0 => "no configured source logs in to a server".to_owned(),
        count => format!("{count} sources log in to a server"),
    }
}

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
