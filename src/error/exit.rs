//! The exit status for each error.

use super::Error;
use crate::exit::Exit;
use crate::provider::Class;
use crate::resolve;

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
}
