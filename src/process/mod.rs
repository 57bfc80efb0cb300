//! Running the command: by replacing ourselves with it, or as its parent. It knows no secret, no network
//! and no clap: it is given a program, its arguments and a ready environment.

mod lookup;
mod replace;
mod supervise;

pub use lookup::Program;
pub use replace::{Image, replace};
pub use supervise::{
    Arrangement, Ended, Ending, Filter, Notice, PassThrough, Signals, Sink, Supervised,
    Supervision, TerminalChoice, TerminalMode, choose_terminal, supervise, terminate_by_signal,
};

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;

/// Why the command did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory of PATH has it.
    #[error("`{program}` was not found in PATH ({path})")]
    NotInPath {
        /// What was asked for.
        program: String,
        /// The PATH that was searched.
        path: String,
    },
    /// A path was given, and there is nothing.
    #[error("`{}` was not found", path.display())]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// A path was given, and the link there leads to nothing.
    #[error("`{}` is a link to `{}`, which does not exist", path.display(), target.display())]
    Dangling {
        /// What was asked for.
        path: PathBuf,
        /// What the link holds.
        target: PathBuf,
    },
    /// There is something, but the kernel will not run it.
    #[error("`{}` cannot be executed", path.display())]
    CannotExecute {
        /// The file that was found.
        path: PathBuf,
        /// The kernel's reason.
        #[source]
        reason: Reason,
    },
    /// The program or an argument holds a NUL byte, which no argument can carry.
    #[error("argument {index} of the command holds a NUL byte")]
    Nul {
        /// Its position; 0 is the program.
        index: usize,
    },
    /// The state that we inherited could not be put back.
    #[error("the inherited signal state cannot be put back")]
    Restore(#[source] io::Error),
    /// Signals could not be held back.
    #[error("signals cannot be held back for the command")]
    Signals(#[source] io::Error),
    /// No pipe or terminal could be opened for its output.
    #[error("no pipe or terminal can be opened for the command's output")]
    Streams(#[source] io::Error),
    /// No pseudo-terminal could be opened for its output.
    #[error("no pseudo-terminal can be opened for the command's output")]
    Terminal(#[source] io::Error),
    /// The service manager's socket cannot be relayed.
    #[error("the socket in NOTIFY_SOCKET cannot be passed on")]
    Notify(#[source] io::Error),
    /// No process could be made for it.
    #[error("no process can be made for the command")]
    Start(#[source] io::Error),
    /// Some of its output is lost.
    #[error("cannot write the command's output")]
    Output(#[source] io::Error),
    /// It runs, and cannot be followed any more.
    #[error("the command cannot be supervised any longer")]
    Watch(#[source] io::Error),
}

/// Why a file that exists cannot be executed.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// It is a directory.
    #[error("it is a directory")]
    Directory,
    /// EACCES: no execute permission, or a file system mounted noexec.
    #[error("permission denied")]
    Denied,
    /// ETXTBSY, still after some attempts.
    #[error("it is open for writing (text file busy)")]
    Busy,
    /// The interpreter that its first line names is missing.
    #[error("its interpreter `{0}` does not exist")]
    Interpreter(String),
    /// The interpreter that its first line names cannot be executed.
    #[error("its interpreter `{0}` cannot be executed")]
    InterpreterDenied(String),
    /// The loader that its ELF header names is missing.
    #[error("the loader that its ELF header names does not exist")]
    Loader,
    /// A script without `#!` that the shell could not read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// ENOEXEC, and it is no text that a shell could read.
    #[error("it is not an executable for this machine")]
    Format,
    /// E2BIG: the interpreter of a script takes room as well.
    #[error("its arguments and environment are too large for the kernel")]
    TooBig,
    /// Anything else that the kernel said.
    #[error(transparent)]
    Kernel(io::Error),
}

impl Error {
    /// The exit code that shells, `env` and `timeout` use for this.
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
            | Self::Watch(_) => Exit::Own,
            Self::Output(_) => Exit::Failure,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotInPath { program, .. } => {
                Some(format!("give the path of `{program}`, or add its directory to PATH"))
            }
            Self::CannotExecute { path, reason: Reason::Denied } => {
                Some(format!("make it executable: chmod +x {}", path.display()))
            }
            Self::CannotExecute { reason: Reason::Interpreter(name), .. }
                if name.ends_with("\\r") =>
            {
                Some("its lines end as on Windows; make them end in a line feed alone".into())
            }
            Self::CannotExecute { reason: Reason::Interpreter(_), .. } => {
                Some("correct the interpreter in its first line, or install it".into())
            }
            Self::CannotExecute { reason: Reason::InterpreterDenied(_), .. } => {
                Some("correct the interpreter in its first line".into())
            }
            Self::CannotExecute { reason: Reason::Loader, .. } => Some(
                "it was built for another libc (musl, glibc), or needs a base image that has one"
                    .into(),
            ),
            Self::CannotExecute { reason: Reason::TooBig, .. } => Some(
                "raise the stack limit (ulimit -s), or take fewer secrets (--only, --exclude)"
                    .into(),
            ),
            Self::Terminal(error) => Some(terminal_hint(error).into()),
            Self::Output(error) if error.raw_os_error() == Some(nix::libc::ENOSPC) => {
                Some("free space where the output goes, and run it again".into())
            }
            Self::CannotExecute { reason: Reason::Directory, .. } => {
                Some("name a program inside it".into())
            }
            _ => None,
        }
    }
}

/// What to do where there is no terminal to be had.
fn terminal_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "there is no /dev/ptmx: mount devpts at /dev/pts and make /dev/ptmx a link to pts/ptmx, or \
             use pipes: --terminal=off"
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
    fn a_terminal_that_cannot_be_had_has_a_hint() {
        for (errno, want) in [(libc::ENOENT, "/dev/ptmx"), (libc::ENOSPC, "kernel.pty.max")] {
            let error = Error::Terminal(io::Error::from_raw_os_error(errno));
            assert!(error.hint().unwrap().contains(want));
        }
    }
}
