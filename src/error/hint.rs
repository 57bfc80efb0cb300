//! What the user can do about each error.

use std::io;

use super::{Error, NoStore};
use crate::process;
use crate::sys::limits;

/// Hint for a process that may not make a mount namespace.
const NAMESPACE_HINT: &str = "allow user namespaces (sysctl user.max_user_namespaces, \
                              kernel.apparmor_restrict_unprivileged_userns), grant root CAP_SYS_ADMIN, or use \
                              --secret-files=memfd";

impl Error {
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
}
