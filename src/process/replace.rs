//! Exec mode: the command takes our place, with our PID, parent, session, terminal and descriptors.
//! It returns only when that failed, with the error that a shell would give.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use super::lookup::argv;
use super::{Error, Program, Reason};
use crate::sys;

/// How often and how long a busy file is waited for: a deployment that has just written the
/// program, or a fork between its write and its exec, is over within milliseconds.
const BUSY_ATTEMPTS: u32 = 10;
const BUSY_PAUSE: Duration = Duration::from_millis(10);

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
    match sys::inherited::restore() {
        Ok(()) => try_candidates(program, image).err().unwrap_or_else(|| program.not_found()),
        Err(error) => Error::Restore(error),
    }
}

/// Tries one file after the other. `Ok` means that none of them exists.
fn try_candidates(program: &Program, image: &Image<'_>) -> Result<(), Error> {
    let argv = argv(image.command)?;
    let mut denied = None;
    for path in program.candidates() {
        let file = c_string(path.as_os_str())?;
        match execute(&file, &argv, image.environment) {
            Errno::ENOENT | Errno::ENOTDIR if !exists(path) => {}
            // A shell passes over a directory that has the name of the program.
            Errno::EACCES if program.is_searched() && path.is_dir() => {}
            Errno::EACCES => denied = denied.or(Some(path)),
            Errno::ENOEXEC => return Err(without_format(path, &file, &argv, image.environment)),
            errno => return Err(cannot(path, reason(path, errno))),
        }
    }
    match denied {
        Some(path) => Err(cannot(path, reason(path, Errno::EACCES))),
        None => Ok(()),
    }
}

fn execute(file: &CStr, argv: &[CString], envp: &[&CStr]) -> Errno {
    let mut errno = sys::exec::replace(file, argv, envp);
    for _ in 0..BUSY_ATTEMPTS {
        if errno != Errno::ETXTBSY {
            break;
        }
        std::thread::sleep(BUSY_PAUSE);
        errno = sys::exec::replace(file, argv, envp);
    }
    errno
}

/// A file with the execute bit that the kernel does not know: a script without `#!` is run by
/// `/bin/sh`, as `execvp(3)` and every shell do; anything with a NUL byte in its first line is not.
fn without_format(path: &Path, file: &CStr, argv: &[CString], envp: &[&CStr]) -> Error {
    match head(path) {
        Ok(head) if first_line(&head).contains(&0) => return cannot(path, Reason::Format),
        Ok(_) => {}
        Err(error) => return cannot(path, Reason::Unreadable(error)),
    }
    let shell = c"/bin/sh";
    let script = [CString::from(shell), CString::from(file)];
    let rest = argv.iter().skip(1).cloned();
    let errno = execute(shell, &script.into_iter().chain(rest).collect::<Vec<_>>(), envp);
    cannot(Path::new("/bin/sh"), reason(Path::new("/bin/sh"), errno))
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

fn exists(path: &Path) -> bool {
    path.metadata().is_ok()
}

fn cannot(path: &Path, reason: Reason) -> Error {
    Error::CannotExecute { path: path.to_owned(), reason }
}

fn c_string(path: &OsStr) -> Result<CString, Error> {
    CString::new(path.as_bytes()).map_err(|_nul| Error::Nul { index: 0 })
}
