//! Exec mode: the command takes our place, with our PID, parent, session, terminal and descriptors.
//! It returns only when that failed, with the error that a shell would give.

use std::ffi::{CStr, CString, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use super::lookup::argv;
use super::{Error, Program, Reason};
use crate::sys;
use crate::sys::exec::{ExecFailure, PreparedExec};

/// What execve is given besides the file.
#[derive(Debug)]
pub struct Image<'a> {
    /// The program as it was typed, and its arguments.
    pub command: &'a [OsString],
    /// `NAME=VALUE` strings.
    pub environment: &'a [&'a CStr],
}

/// Replaces this process by the command.
pub fn replace(program: &Program, image: &Image<'_>) -> Error {
    let prepared = argv(image.command).and_then(|argv| Ok((argv, files(program)?)));
    let (argv, files) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return error,
    };
    if let Err(error) = sys::inherited::restore() {
        return Error::Restore(error);
    }
    let failure =
        PreparedExec::new(files, program.is_searched(), &argv, image.environment).execute();
    // Nobody has taken our place, so the secrets are still ours to keep.
    sys::harden::harden();
    explain(program, failure)
}

/// The files that the program may be, as the kernel takes them.
pub(super) fn files(program: &Program) -> Result<Vec<CString>, Error> {
    let convert = |path: &PathBuf| CString::new(path.as_os_str().as_bytes());
    let files: Result<Vec<_>, _> = program.candidates().iter().map(convert).collect();
    files.map_err(|_nul| Error::Nul { index: 0 })
}

/// Says what the failure of an exec means, as a shell would.
pub(super) fn explain(program: &Program, failure: ExecFailure) -> Error {
    let cannot = |path: &Path, reason| Error::CannotExecute { path: path.to_owned(), reason };
    let candidate = |index| program.candidates().get(index).map_or(Path::new(""), PathBuf::as_path);
    let shell = Path::new("/bin/sh");
    match failure {
        ExecFailure::NotFound => program.not_found(),
        ExecFailure::Format(index) => cannot(candidate(index), Reason::Format),
        ExecFailure::Unreadable(index, errno) => {
            cannot(candidate(index), Reason::Unreadable(errno.into()))
        }
        ExecFailure::File(index, errno) => {
            cannot(candidate(index), reason(candidate(index), errno))
        }
        ExecFailure::Shell(errno) => cannot(shell, reason(shell, errno)),
    }
}

fn reason(path: &Path, errno: Errno) -> Reason {
    match errno {
        Errno::EACCES | Errno::EISDIR if path.is_dir() => Reason::Directory,
        // We may execute the file, so what we may not execute is what it names.
        Errno::EACCES if access(path, AccessFlags::X_OK).is_ok() => {
            named(path).map_or(Reason::Denied, Reason::InterpreterDenied)
        }
        Errno::EACCES => Reason::Denied,
        Errno::ETXTBSY => Reason::Busy,
        Errno::E2BIG => Reason::TooBig,
        // The file is there, so what is missing is what it names.
        Errno::ENOENT | Errno::ENOTDIR => named(path).map_or(Reason::Loader, Reason::Interpreter),
        errno => Reason::Kernel(io::Error::from(errno)),
    }
}

/// The interpreter in a script's first line. A carriage return before the end of that line belongs
/// to the name, as the kernel has it, and is shown.
fn named(path: &Path) -> Option<String> {
    let head = head(path).ok()?;
    let line = first_line(&head).strip_prefix(b"#!")?;
    let mut words = line.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    let text = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    Some(text.chars().map(shown).collect())
}

/// The first bytes of a file, as many as the kernel looks at (`BINPRM_BUF_SIZE`).
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    File::open(path)?.take(256).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|&byte| byte == b'\n').next().unwrap_or_default()
}
