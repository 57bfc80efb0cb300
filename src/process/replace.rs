//! Exec mode: the command takes our place, with our PID, parent, session, terminal and descriptors.
//! It returns only when that failed, with the error that a shell would give.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;

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
    let head = head(path);
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if first_line.contains(&0) || head.is_empty() {
        return cannot(path, Reason::Format);
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
        Errno::EACCES => Reason::Denied,
        Errno::ETXTBSY => Reason::Busy,
        // The file is there, so what is missing is what it names.
        Errno::ENOENT | Errno::ENOTDIR => Reason::Interpreter(interpreter(path)),
        errno => Reason::Kernel(io::Error::from(errno)),
    }
}

/// The interpreter in a script's first line; for a binary it is the loader in its ELF header.
fn interpreter(path: &Path) -> String {
    let head = head(path);
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let named = line.strip_prefix(b"#!").map(|line| String::from_utf8_lossy(line).into_owned());
    named.map_or_else(
        || "the loader that its ELF header names".into(),
        |line| line.split_whitespace().next().unwrap_or_default().to_owned(),
    )
}

/// The first bytes of a file, as many as the kernel looks at (`BINPRM_BUF_SIZE`).
fn head(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let read = File::open(path).and_then(|file| file.take(256).read_to_end(&mut bytes));
    if read.is_err() { Vec::new() } else { bytes }
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
