//! Exec mode: the command replaces hushed and keeps its PID, parent, session, terminal and descriptors.

use std::ffi::{CStr, CString, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use super::lookup::argv;
use super::{Error, ExecErrorReason, Program};
use crate::sys;
use crate::sys::exec::{ExecFailure, PreparedExec};
use crate::sys::mount_namespace::MountNamespace;

/// The arguments of `execve(2)` besides the file.
#[derive(Debug)]
pub struct ExecArguments<'a> {
    /// The program's name and its arguments.
    pub command: &'a [OsString],
    /// `NAME=VALUE` strings.
    pub environment: &'a [&'a CStr],
    /// The mount namespace that the command is executed in, if not that of hushed.
    pub namespace: Option<&'a MountNamespace>,
}

/// Replaces this process with the command. Returns only on failure.
pub fn replace(program: &Program, arguments: &ExecArguments<'_>) -> Error {
    let prepared = argv(arguments.command).and_then(|argv| Ok((argv, files(program)?)));
    let (argv, files) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return error,
    };
    if let Some(Err(error)) = arguments.namespace.map(MountNamespace::enter_alone) {
        return Error::Namespace(error);
    }
    if let Err(error) = sys::inherited::restore() {
        return Error::Restore(error);
    }
    let failure =
        PreparedExec::new(files, program.is_searched(), &argv, arguments.environment).execute();
    // This process goes on and still has the secrets.
    sys::harden::harden();
    explain(program, failure)
}

/// The candidates of the program as C strings.
pub(super) fn files(program: &Program) -> Result<Vec<CString>, Error> {
    let convert = |path: &PathBuf| CString::new(path.as_os_str().as_bytes());
    let files: Result<Vec<_>, _> = program.candidates().iter().map(convert).collect();
    files.map_err(|_nul| Error::Nul { index: 0 })
}

/// Explains why an exec failed, as a shell does.
pub(super) fn explain(program: &Program, failure: ExecFailure) -> Error {
    let cannot = |path: &Path, reason| Error::CannotExecute { path: path.to_owned(), reason };
    let candidate = |index| program.candidates().get(index).map_or(Path::new(""), PathBuf::as_path);
    let shell = Path::new("/bin/sh");
    match failure {
        ExecFailure::NotFound => program.not_found(),
        ExecFailure::Format(index) => cannot(candidate(index), ExecErrorReason::Format),
        ExecFailure::Unreadable(index, errno) => {
            cannot(candidate(index), ExecErrorReason::Unreadable(errno.into()))
        }
        ExecFailure::File(index, errno) => {
            cannot(candidate(index), reason(candidate(index), errno))
        }
        ExecFailure::Shell(errno) => cannot(shell, reason(shell, errno)),
    }
}

fn reason(path: &Path, errno: Errno) -> ExecErrorReason {
    match errno {
        Errno::EACCES | Errno::EISDIR if path.is_dir() => ExecErrorReason::Directory,
        // The file itself is executable, so the kernel refuses its interpreter.
        Errno::EACCES if access(path, AccessFlags::X_OK).is_ok() => {
            interpreter(path).map_or(ExecErrorReason::Denied, ExecErrorReason::InterpreterDenied)
        }
        Errno::EACCES => ExecErrorReason::Denied,
        Errno::ETXTBSY => ExecErrorReason::Busy,
        Errno::E2BIG => ExecErrorReason::TooBig,
        // The file exists, so its interpreter or loader is missing.
        Errno::ENOENT | Errno::ENOTDIR => {
            interpreter(path).map_or(ExecErrorReason::Loader, ExecErrorReason::Interpreter)
        }
        errno => ExecErrorReason::Kernel(io::Error::from(errno)),
    }
}

/// The interpreter in a script's first line. A carriage return at the end of the line belongs to the name, as for
/// the kernel, and is shown escaped.
fn interpreter(path: &Path) -> Option<String> {
    let head = head(path).ok()?;
    let line = first_line(&head).strip_prefix(b"#!")?;
    let mut words = line.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    let text = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    Some(text.chars().map(shown).collect())
}

/// The first bytes of a file, as many as the kernel reads (`BINPRM_BUF_SIZE`).
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    File::open(path)?.take(256).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|&byte| byte == b'\n').next().unwrap_or_default()
}
