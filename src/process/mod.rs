//! Running the command: in place of hushed (exec), or as its child (supervision). It knows no secrets, network or
//! command line: it gets a program, its arguments and an environment.

mod lookup;
mod replace;
mod supervise;

pub use lookup::Program;
pub use replace::{ExecArguments, replace};
pub use supervise::{
    BackgroundTask, CommandExit, HeldSignals, OutputFilter, OutputSink, PassThroughFilter,
    SupervisedCommand, SupervisionOptions, SupervisionResult, SupervisionWarning, TerminalChoice,
    TerminalDecision, TerminalMode, choose_terminal, supervise, terminate_by_signal,
};

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;

/// Why the command did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory of PATH has the program.
    #[error("`{program}` was not found in PATH ({path})")]
    NotInPath {
        /// The program's name.
        program: String,
        /// The PATH that was searched.
        path: String,
    },
    /// The path does not exist.
    #[error("`{}` was not found", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The path is a dangling symbolic link.
    #[error("`{}` is a link to `{}`, which does not exist", path.display(), target.display())]
    Dangling {
        /// The path.
        path: PathBuf,
        /// The target of the link.
        target: PathBuf,
    },
    /// The file exists, but cannot be executed.
    #[error("`{}` cannot be executed", path.display())]
    CannotExecute {
        /// The file that was found.
        path: PathBuf,
        /// The kernel's reason.
        #[source]
        reason: ExecErrorReason,
    },
    /// The program or an argument contains a NUL byte.
    #[error("argument {index} of the command contains a NUL byte")]
    Nul {
        /// Its index; 0 is the program.
        index: usize,
    },
    /// The inherited signal dispositions could not be restored.
    #[error("cannot restore the inherited signal dispositions")]
    Restore(#[source] io::Error),
    /// Signals could not be blocked.
    #[error("cannot block signals")]
    Signals(#[source] io::Error),
    /// No pipe or terminal could be opened for the output.
    #[error("cannot open a pipe or terminal for the command's output")]
    Streams(#[source] io::Error),
    /// No pseudo-terminal could be opened for the output.
    #[error("cannot open a pseudo-terminal for the command's output")]
    Terminal(#[source] io::Error),
    /// The relay to the service manager could not be opened.
    #[error("cannot relay the service manager's socket (NOTIFY_SOCKET)")]
    Notify(#[source] io::Error),
    /// No process could be started.
    #[error("cannot start a process for the command")]
    Start(#[source] io::Error),
    /// The mount namespace with the secret files could not be made.
    #[error("cannot make a mount namespace for secret files")]
    Namespace(#[source] io::Error),
    /// Some output could not be written.
    #[error("cannot write the command's output")]
    Output(#[source] io::Error),
    /// The event loop failed while the command was running.
    #[error("cannot supervise the command any longer")]
    Watch(#[source] io::Error),
}

/// Why a file that exists cannot be executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecErrorReason {
    /// It is a directory.
    #[error("it is a directory")]
    Directory,
    /// EACCES: no execute permission, or a file system mounted `noexec`.
    #[error("permission denied")]
    Denied,
    /// ETXTBSY, after several attempts.
    #[error("it is open for writing (text file busy)")]
    Busy,
    /// The interpreter in its first line does not exist.
    #[error("its interpreter `{0}` does not exist")]
    Interpreter(String),
    /// The interpreter in its first line cannot be executed.
    #[error("its interpreter `{0}` cannot be executed")]
    InterpreterDenied(String),
    /// The dynamic loader in its ELF header does not exist.
    #[error("the dynamic loader in its ELF header does not exist")]
    Loader,
    /// A script without `#!` that cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// ENOEXEC, and not a shell script.
    #[error("it is not an executable for this machine")]
    Format,
    /// E2BIG: the interpreter of a script counts, too.
    #[error("its arguments and environment are too large for the kernel")]
    TooBig,
    /// Another error of the kernel.
    #[error(transparent)]
    Kernel(io::Error),
}

impl Error {
    /// The exit status that shells, env(1) and timeout(1) use for this error.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotInPath { .. } | Self::NotFound { .. } | Self::Dangling { .. } => {
                Exit::NotFound
            }
            Self::CannotExecute { .. } => Exit::CannotExecute,
            Self::Nul { .. }
            | Self::Restore(_)
            | Self::Signals(_)
            | Self::Streams(_)
            | Self::Terminal(_)
            | Self::Notify(_)
            | Self::Start(_)
            | Self::Namespace(_)
            | Self::Watch(_) => Exit::Own,
            Self::Output(_) => Exit::Failure,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotInPath { program, .. } => {
                Some(format!("specify the path of `{program}`, or add its directory to PATH"))
            }
            Self::CannotExecute { path, reason: ExecErrorReason::Denied } => {
                Some(format!("make it executable: chmod +x {}", path.display()))
            }
            Self::CannotExecute { reason: ExecErrorReason::Interpreter(name), .. }
                if name.ends_with("\\r") =>
            {
                Some("convert its Windows line endings (CRLF) to Unix ones (LF)".into())
            }
            Self::CannotExecute { reason: ExecErrorReason::Interpreter(_), .. } => {
                Some("correct the interpreter in its first line, or install it".into())
            }
            Self::CannotExecute { reason: ExecErrorReason::InterpreterDenied(_), .. } => {
                Some("correct the interpreter in its first line".into())
            }
            Self::CannotExecute { reason: ExecErrorReason::Loader, .. } => Some(
                "install the libc that it was built for (musl or glibc), or use a base image that has it"
                    .into(),
            ),
            Self::CannotExecute { reason: ExecErrorReason::TooBig, .. } => Some(
                "raise the stack limit (ulimit -s), or select fewer secrets (--only, --exclude)"
                    .into(),
            ),
            Self::Terminal(error) => Some(terminal_hint(error).into()),
            Self::Namespace(_) => Some("use --secret-files=memfd".into()),
            Self::Output(error) if error.raw_os_error() == Some(nix::libc::ENOSPC) => {
                Some("free disk space where the output goes, then run the command again".into())
            }
            Self::CannotExecute { reason: ExecErrorReason::Directory, .. } => {
                Some("specify a program inside it".into())
            }
            _ => None,
        }
    }
}

/// The hint for a pseudo-terminal that cannot be opened.
fn terminal_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "/dev/ptmx does not exist: mount devpts at /dev/pts and link /dev/ptmx to pts/ptmx, or use \
             pipes: --terminal=off"
        }
        io::ErrorKind::StorageFull => {
            "raise the system's limit on terminals (sysctl kernel.pty.max), or use pipes: --terminal=off"
        }
        _ => "use pipes: --terminal=off",
    }
}

#[cfg(test)]
mod tests {
    use nix::libc;

    use super::*;

    #[test]
    fn a_missing_pseudo_terminal_has_a_hint() {
        for (errno, want) in [(libc::ENOENT, "/dev/ptmx"), (libc::ENOSPC, "kernel.pty.max")] {
            let error = Error::Terminal(io::Error::from_raw_os_error(errno));
            assert!(error.hint().unwrap().contains(want));
        }
    }
}
