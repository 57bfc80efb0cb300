//! Attempts at what the sandbox denies, made in a sandboxed worker.

use std::ffi::{CStr, CString};
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::ffi::OsStrExt as _;

use nix::libc::c_long;

use super::*;
use crate::wait::ChildStatus;
use crate::worker::Worker;

/// A named attempt.
pub(super) struct Attempt<'a>(
    pub(super) &'static str,
    pub(super) Box<dyn Fn() -> nix::Result<()> + 'a>,
);

/// A system call. Arguments that are addresses must outlive the attempt.
pub(super) fn call<'a>(name: &'static str, number: c_long, arguments: &[usize]) -> Attempt<'a> {
    let arguments = arguments.to_vec();
    Attempt(name, Box::new(move || raw(number, &arguments).map(drop)))
}

fn raw(number: c_long, arguments: &[usize]) -> nix::Result<usize> {
    let mut all = [0; 6];
    all[..arguments.len()].copy_from_slice(arguments);
    let [one, two, three, four, five, six] = all;
    // SAFETY: the callers of `call` pass addresses that outlive the attempt.
    let status = unsafe { libc::syscall(number, one, two, three, four, five, six) };
    usize::try_from(status).map_err(|_negative| Errno::last())
}

/// `AT_FDCWD`: relative to the working directory.
pub(super) const HERE: usize = usize::MAX - 99;

pub(super) fn at(text: &CStr) -> usize {
    text.as_ptr().addr()
}

pub(super) fn number(number: i32) -> usize {
    number.try_into().unwrap()
}

/// A directory with a file and a directory in it.
pub(super) struct Directory {
    pub(super) folder: tempfile::TempDir,
    pub(super) file: CString,
    new: CString,
    sub: CString,
}

impl Directory {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let text = |name| CString::new(path(name).as_os_str().as_bytes()).unwrap();
        fs::File::create_new(path("file")).unwrap();
        fs::create_dir(path("sub")).unwrap();
        let (file, new, sub) = (text("file"), text("new"), text("sub"));
        Self { folder, file, new, sub }
    }

    pub(super) fn opens(&self) -> Vec<Attempt<'_>> {
        let open = |name, path: &CStr, flags| {
            call(name, libc::SYS_openat, &[HERE, at(path), number(flags), 0o600])
        };
        vec![
            open("open for writing", &self.file, libc::O_WRONLY),
            open("open for both", &self.file, libc::O_RDWR),
            open("open and truncate", &self.file, libc::O_WRONLY | libc::O_TRUNC),
            open("create", &self.new, libc::O_WRONLY | libc::O_CREAT),
            open("create for reading", &self.new, libc::O_CREAT),
            open("create without a name", &self.sub, libc::O_RDWR | libc::O_TMPFILE),
        ]
    }

    /// Other ways to change a file system.
    pub(super) fn changes(&self) -> Vec<Attempt<'_>> {
        let (file, new, sub) = (at(&self.file), at(&self.new), at(&self.sub));
        let node = |name, kind: u32| {
            let mode = usize::try_from(kind | 0o600).unwrap();
            call(name, libc::SYS_mknodat, &[HERE, new, mode, 0x103])
        };
        let directory = number(libc::AT_REMOVEDIR);
        vec![
            call("truncate", libc::SYS_truncate, &[file, 0]),
            call("unlink", libc::SYS_unlinkat, &[HERE, file, 0]),
            call("rmdir", libc::SYS_unlinkat, &[HERE, sub, directory]),
            call("mkdir", libc::SYS_mkdirat, &[HERE, new, 0o700]),
            call("symlink", libc::SYS_symlinkat, &[file, HERE, new]),
            call("link", libc::SYS_linkat, &[HERE, file, HERE, new, 0]),
            call("rename", libc::SYS_renameat2, &[HERE, file, HERE, new, 0]),
            node("a pipe", libc::S_IFIFO),
            node("a socket", libc::S_IFSOCK),
            node("a character device", libc::S_IFCHR),
            node("a block device", libc::S_IFBLK),
        ]
    }

    /// Changes that Landlock does not deny.
    pub(super) fn attributes(&self) -> Vec<Attempt<'_>> {
        let file = at(&self.file);
        vec![
            call("chmod", libc::SYS_fchmodat, &[HERE, file, 0o777]),
            call("chown", libc::SYS_fchownat, &[HERE, file, 0, 0, 0]),
            call("times", libc::SYS_utimensat, &[HERE, file, 0, 0]),
            call("setxattr", libc::SYS_setxattr, &[file, at(c"user.a"), file, 1, 0]),
        ]
    }

    pub(super) fn assert_unchanged(&self) {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["file", "sub"]);
    }
}

/// Makes the attempts in a sandboxed worker: the error of each, 0 for none; and the worker's exit status.
pub(super) fn errors(
    support: SandboxSupport,
    ports: &[u16],
    attempts: &[Attempt<'_>],
) -> (Vec<i32>, Option<ChildStatus>) {
    let child = Worker::spawn(|_| {
        enter(support, ports).unwrap();
        let error = |Attempt(_, attempt): &Attempt<'_>| {
            let error = attempt().err().map(io::Error::from);
            error.and_then(|error| error.raw_os_error()).unwrap_or(0).to_ne_bytes()
        };
        Box::new(attempts.iter().flat_map(error).collect::<Vec<u8>>())
    });
    let mut child = child.unwrap();
    let mut bytes = Vec::new();
    io::Read::read_to_end(child.output(), &mut bytes).unwrap();
    let (words, _) = bytes.as_chunks();
    let errors = words.iter().map(|word| i32::from_ne_bytes(*word)).collect();
    (errors, child.reap().unwrap())
}

/// Asserts that each attempt ends with this error, 0 for none.
pub(super) fn check(support: SandboxSupport, ports: &[u16], attempts: &[Attempt<'_>], want: i32) {
    let (errors, end) = errors(support, ports, attempts);
    assert_eq!((end, errors.len()), (Some(ChildStatus::Exited(0)), attempts.len()));
    for (Attempt(name, _), error) in attempts.iter().zip(errors) {
        assert_eq!(error, want, "{name}: {}", io::Error::from_raw_os_error(error));
    }
}

/// `struct sockaddr_in` of loopback.
fn loopback(port: u16) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(&u16::try_from(libc::AF_INET).unwrap().to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    address[4..8].copy_from_slice(&Ipv4Addr::LOCALHOST.octets());
    address
}

/// A system call on a TCP socket with a loopback address.
pub(super) fn tcp(name: &'static str, number_of_call: c_long, port: u16) -> Attempt<'static> {
    Attempt(
        name,
        Box::new(move || {
            let stream = number(libc::SOCK_STREAM);
            let socket = raw(libc::SYS_socket, &[number(libc::AF_INET), stream, 0])?;
            let address = loopback(port);
            let pointer = address.as_ptr().addr();
            // Connects without connect(2), which Landlock may miss.
            let fast = [socket, pointer, 1, number(libc::MSG_FASTOPEN), pointer, 16];
            let plain = [socket, pointer, 16];
            let with = if number_of_call == libc::SYS_sendto { &fast[..] } else { &plain };
            raw(number_of_call, with).map(drop)
        }),
    )
}
