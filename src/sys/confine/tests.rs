//! Each forbidden thing, tried in a child that has given it up.

use std::ffi::{CStr, CString};
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use nix::libc::c_long;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

use super::*;
use crate::sys::apart;
use crate::sys::wait::Change;

/// Something to try, by name.
struct Attempt<'a>(&'static str, Box<dyn Fn() -> nix::Result<()> + 'a>);

/// A system call. Every argument that is an address must point to what lives as long as the attempt.
fn call<'a>(name: &'static str, number: c_long, arguments: &[usize]) -> Attempt<'a> {
    let arguments = arguments.to_vec();
    Attempt(name, Box::new(move || raw(number, &arguments).map(drop)))
}

fn raw(number: c_long, arguments: &[usize]) -> nix::Result<usize> {
    let mut all = [0; 6];
    all[..arguments.len()].copy_from_slice(arguments);
    let [one, two, three, four, five, six] = all;
    // SAFETY: see above; the kernel looks at no other memory.
    let status = unsafe { libc::syscall(number, one, two, three, four, five, six) };
    usize::try_from(status).map_err(|_negative| Errno::last())
}

/// What the working directory is to the calls that end in `at`.
const HERE: usize = usize::MAX - 99;

fn at(text: &CStr) -> usize {
    text.as_ptr().addr()
}

fn number(number: i32) -> usize {
    number.try_into().unwrap()
}

/// A folder with a file and a folder in it.
struct Place {
    folder: tempfile::TempDir,
    file: CString,
    new: CString,
    sub: CString,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let text = |name| CString::new(path(name).as_os_str().as_bytes()).unwrap();
        fs::File::create_new(path("file")).unwrap();
        fs::create_dir(path("sub")).unwrap();
        let (file, new, sub) = (text("file"), text("new"), text("sub"));
        Self { folder, file, new, sub }
    }

    fn opens(&self) -> Vec<Attempt<'_>> {
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

    /// The other ways to change a file system.
    fn changes(&self) -> Vec<Attempt<'_>> {
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

    /// What Landlock does not know.
    fn attributes(&self) -> Vec<Attempt<'_>> {
        let file = at(&self.file);
        vec![
            call("chmod", libc::SYS_fchmodat, &[HERE, file, 0o777]),
            call("chown", libc::SYS_fchownat, &[HERE, file, 0, 0, 0]),
            call("times", libc::SYS_utimensat, &[HERE, file, 0, 0]),
            call("setxattr", libc::SYS_setxattr, &[file, at(c"user.a"), file, 1, 0]),
        ]
    }

    fn is_untouched(&self) {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["file", "sub"]);
    }
}

/// Makes the attempts in a child that is confined so: the error of each, 0 for none; and how it ended.
fn errors(kernel: Kernel, ports: &[u16], attempts: &[Attempt<'_>]) -> (Vec<i32>, Option<Change>) {
    let child = apart::start(|_| {
        confine(kernel, ports).unwrap();
        let error = |Attempt(_, attempt): &Attempt<'_>| {
            let error = attempt().err().map(io::Error::from);
            error.and_then(|error| error.raw_os_error()).unwrap_or(0).to_ne_bytes()
        };
        Box::new(attempts.iter().flat_map(error).collect::<Vec<u8>>())
    });
    let mut child = child.unwrap();
    let mut bytes = Vec::new();
    io::Read::read_to_end(child.answer(), &mut bytes).unwrap();
    let (words, _) = bytes.as_chunks();
    let errors = words.iter().map(|word| i32::from_ne_bytes(*word)).collect();
    (errors, child.reap().unwrap())
}

/// Fails unless each attempt has this outcome.
fn check(kernel: Kernel, ports: &[u16], attempts: &[Attempt<'_>], want: i32) {
    let (errors, end) = errors(kernel, ports, attempts);
    assert_eq!((end, errors.len()), (Some(Change::Exited(0)), attempts.len()));
    for (Attempt(name, _), error) in attempts.iter().zip(errors) {
        assert_eq!(error, want, "{name}: {}", io::Error::from_raw_os_error(error));
    }
}

const ABSENT: Absence = Absence::Unsupported;
const NOT_CONFINED: Kernel =
    Kernel { landlock: Err(ABSENT), seccomp: Err(ABSENT), capabilities: Err(ABSENT) };

/// All that there is; `None` where this machine cannot show it.
fn all() -> Option<Kernel> {
    let kernel = Kernel::ask().unwrap();
    let lacks: Vec<_> = kernel.lacks().iter().map(ToString::to_string).collect();
    if !lacks.is_empty() {
        skipped(&lacks.join("; "));
        return None;
    }
    Some(kernel)
}

fn landlock_alone() -> Option<Kernel> {
    Some(Kernel { seccomp: Err(ABSENT), ..all()? })
}

fn seccomp_alone() -> Option<Kernel> {
    Some(Kernel { landlock: Err(ABSENT), ..all()? })
}

fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

#[test]
fn what_a_kernel_lacks_is_told_by_its_abi() {
    let lacks = |landlock, seccomp| Kernel { landlock, seccomp, capabilities: Ok(()) }.lacks();
    for absence in [Absence::Unsupported, Absence::UnsupportedOrHidden, Absence::Denied] {
        let landlock = Lack::Landlock(absence);
        assert_eq!(lacks(Err(absence), Ok(())), [landlock]);
        assert_eq!(lacks(Err(absence), Err(ABSENT)), [landlock, Lack::Seccomp(ABSENT)]);
        assert_eq!(landlock.is_denied(), absence != Absence::Unsupported);
    }
    for abi in 1..4 {
        assert_eq!(lacks(Ok(abi), Ok(())), [Lack::TcpPorts(abi)]);
    }
    for abi in 4..12 {
        assert_eq!(lacks(Ok(abi), Ok(())), []);
    }
    assert_eq!(lacks(Ok(7), Err(Absence::Denied)), [Lack::Seccomp(Absence::Denied)]);
}

#[test]
fn only_what_a_policy_denies_is_not_blamed_on_the_kernel() {
    for (absence, blames_kernel) in [(Absence::Unsupported, true), (Absence::Denied, false)] {
        for lack in [Lack::Landlock(absence), Lack::Seccomp(absence)] {
            assert_eq!(lack.to_string().contains("this kernel"), blames_kernel, "{lack}");
        }
    }
}

#[test]
fn landlock_alone_lets_nothing_be_changed_or_executed() {
    let Some(kernel) = landlock_alone() else { return };
    let place = Place::new();
    check(kernel, &[], &place.opens(), libc::EACCES);
    check(kernel, &[], &place.changes(), libc::EACCES);
    check(kernel, &[], &[call("exec", libc::SYS_execve, &[at(c"/bin/true"), 0, 0])], libc::EACCES);
    place.is_untouched();
}

#[test]
fn landlock_alone_lets_no_process_outside_be_disturbed() {
    let Some(kernel) = landlock_alone() else { return };
    let parent = usize::try_from(std::process::id()).unwrap();
    let attach = usize::try_from(libc::PTRACE_ATTACH).unwrap();
    let name = SocketAddr::from_abstract_name(format!("hushed-{parent}")).unwrap();
    let _listener = UnixListener::bind_addr(&name).unwrap();
    let mut attempts = vec![call("ptrace", libc::SYS_ptrace, &[attach, parent, 0, 0])];
    if kernel.landlock.is_ok_and(|abi| abi >= 6) {
        attempts.push(call("kill", libc::SYS_kill, &[parent, 0]));
        attempts.push(Attempt(
            "an abstract socket",
            Box::new(|| {
                let address = UnixAddr::new_abstract(name.as_abstract_name().unwrap())?;
                let kind = (AddressFamily::Unix, SockType::Stream);
                let socket = socket(kind.0, kind.1, SockFlag::empty(), None)?;
                connect(socket.as_raw_fd(), &address)
            }),
        ));
    }
    check(kernel, &[], &attempts, libc::EPERM);
}

/// `struct sockaddr_in` of loopback.
fn loopback(port: u16) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(&u16::try_from(libc::AF_INET).unwrap().to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    address[4..8].copy_from_slice(&Ipv4Addr::LOCALHOST.octets());
    address
}

/// What is done with a TCP socket and an address.
fn tcp(name: &'static str, number_of_call: c_long, port: u16) -> Attempt<'static> {
    Attempt(
        name,
        Box::new(move || {
            let stream = number(libc::SOCK_STREAM);
            let socket = raw(libc::SYS_socket, &[number(libc::AF_INET), stream, 0])?;
            let address = loopback(port);
            let place = address.as_ptr().addr();
            // A connection without connect(2), which Landlock may not see.
            let fast = [socket, place, 1, number(libc::MSG_FASTOPEN), place, 16];
            let plain = [socket, place, 16];
            let with = if number_of_call == libc::SYS_sendto { &fast[..] } else { &plain };
            raw(number_of_call, with).map(drop)
        }),
    )
}

#[test]
fn a_configured_port_is_reached_and_no_other() {
    let Some(kernel) = all() else { return };
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (one, two) = (listen(), listen());
    let [open, shut] = [&one, &two].map(|listener| listener.local_addr().unwrap().port());
    let to = |port| tcp("connect", libc::SYS_connect, port);
    check(kernel, &[open], &[to(open)], 0);
    let bind = |port| tcp("bind", libc::SYS_bind, port);
    check(kernel, &[open], &[to(shut), bind(0), bind(open)], libc::EACCES);
    check(kernel, &[], &[to(open)], libc::EACCES);
    check(NOT_CONFINED, &[], &[to(shut)], 0);
    check(kernel, &[open], &[tcp("fast open", libc::SYS_sendto, shut)], libc::ENOSYS);
}

#[test]
fn seccomp_alone_lets_nothing_be_changed() {
    let Some(kernel) = seccomp_alone() else { return };
    let place = Place::new();
    for attempts in [place.opens(), place.changes(), place.attributes()] {
        check(kernel, &[], &attempts, libc::ENOSYS);
    }
    place.is_untouched();
    check(NOT_CONFINED, &[], &place.attributes()[..1], 0);
}

#[test]
fn what_a_fetch_does_not_need_is_not_there() {
    let Some(kernel) = seccomp_alone() else { return };
    let inet = number(libc::AF_INET);
    let stream = number(libc::SOCK_STREAM);
    let unlimited = [u64::MAX; 2];
    let limit = unlimited.as_ptr().addr();
    let core = 4;
    let parent = usize::try_from(std::process::id()).unwrap();
    let attempts = [
        call("kill", libc::SYS_kill, &[parent, 0]),
        call("tgkill", libc::SYS_tgkill, &[parent, parent, 0]),
        call("fork", libc::SYS_clone, &[number(libc::SIGCHLD)]),
        call("clone3", libc::SYS_clone3, &[0, 0]),
        call("raw", libc::SYS_socket, &[inet, number(libc::SOCK_RAW), 1]),
        call("MPTCP", libc::SYS_socket, &[inet, stream, number(libc::IPPROTO_MPTCP)]),
        call("SCTP", libc::SYS_socket, &[inet, stream, number(libc::IPPROTO_SCTP)]),
        call("packet", libc::SYS_socket, &[number(libc::AF_PACKET), stream, 0]),
        call("vsock", libc::SYS_socket, &[number(libc::AF_VSOCK), stream, 0]),
        call("setrlimit", libc::SYS_prlimit64, &[0, core, limit, 0]),
        call("dumpable", libc::SYS_prctl, &[number(libc::PR_SET_DUMPABLE), 1]),
        call("TIOCSTI", libc::SYS_ioctl, &[0, 0x5412, limit]),
        call("setuid", libc::SYS_setuid, &[0]),
        call("newer than this", 100_000, &[]),
        #[cfg(target_arch = "x86_64")]
        call("of the x32 ABI", libc::SYS_getpid | 0x4000_0000, &[]),
    ];
    check(kernel, &[], &attempts, libc::ENOSYS);
}

#[test]
fn what_no_fetch_does_ends_it() {
    let Some(kernel) = all() else { return };
    for attempt in [
        call("execve", libc::SYS_execve, &[at(c"/bin/true"), 0, 0]),
        call("execveat", libc::SYS_execveat, &[HERE, at(c"/bin/true"), 0, 0, 0]),
        call("ptrace", libc::SYS_ptrace, &[0]),
        call("process_vm_writev", libc::SYS_process_vm_writev, &[]),
        call("process_vm_readv", libc::SYS_process_vm_readv, &[]),
        call("memfd_create", libc::SYS_memfd_create, &[at(c"x"), 0]),
        call("io_uring_setup", libc::SYS_io_uring_setup, &[1, 0]),
        call("keyctl", libc::SYS_keyctl, &[0]),
        call("bpf", libc::SYS_bpf, &[0]),
        call("unshare", libc::SYS_unshare, &[0]),
        call("mount", libc::SYS_mount, &[0]),
    ] {
        let (errors, end) = errors(kernel, &[], std::slice::from_ref(&attempt));
        assert_eq!((errors, end), (vec![], Some(Change::Killed(libc::SIGSYS))), "{}", attempt.0);
    }
}

#[test]
fn what_a_fetch_needs_is_there() {
    let Some(kernel) = all() else { return };
    let place = Place::new();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = udp.local_addr().unwrap().port();
    let read = [HERE, at(&place.file), number(libc::O_RDONLY | libc::O_CLOEXEC)];
    let attempts = [
        call("read", libc::SYS_openat, &read),
        Attempt(
            "a thread",
            Box::new(|| {
                std::thread::Builder::new()
                    .spawn(|| ())
                    .map_err(|_refused| Errno::UnknownErrno)?
                    .join()
                    .map_err(|_panic| Errno::UnknownErrno)
            }),
        ),
        Attempt(
            "a datagram",
            Box::new(move || {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
                let sent =
                    socket.and_then(|socket| socket.send_to(b"?", (Ipv4Addr::LOCALHOST, port)));
                sent.map(drop).map_err(|_refused| Errno::UnknownErrno)
            }),
        ),
        Attempt(
            "a name",
            Box::new(|| {
                let found = std::net::ToSocketAddrs::to_socket_addrs("localhost:1");
                found.map(drop).map_err(|_unknown| Errno::UnknownErrno)
            }),
        ),
    ];
    check(kernel, &[], &attempts, 0);
}

#[test]
fn the_child_holds_nothing_that_can_be_written_but_its_answer() {
    let Some(kernel) = all() else { return };
    let place = Place::new();
    let path = place.folder.path().join("file");
    let open = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let reading = fs::File::open(&path).unwrap();
    let write = |fd: i32| call("write", libc::SYS_write, &[number(fd), at(c"x"), 1]);
    let attempts = [write(open.as_raw_fd()), write(1), write(2), write(reading.as_raw_fd())];
    check(kernel, &[], &attempts, libc::EBADF);
    let flags = |fd: i32| call("is there", libc::SYS_fcntl, &[number(fd), number(libc::F_GETFL)]);
    check(kernel, &[], &[flags(reading.as_raw_fd())], 0);
}

#[test]
fn nobody_of_the_same_user_looks_into_the_child_and_it_leaves_no_core() {
    let limits = c"/proc/self/limits";
    let child = apart::start(|_| {
        let dumpable = [libc::PR_GET_DUMPABLE];
        // SAFETY: this option takes nothing, and touches no memory.
        let dumpable = dumpable.map(|option| unsafe { libc::prctl(option) });
        let limits = fs::read_to_string(limits.to_str().unwrap()).unwrap();
        Box::new(format!("{dumpable:?}\n{limits}").into_bytes())
    });
    let mut child = child.unwrap();
    let mut said = String::new();
    io::Read::read_to_string(child.answer(), &mut said).unwrap();
    assert!(said.starts_with("[0]\n"), "{said}");
    let core = said.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}
