//! Each restriction, tested by an attempt in a sandboxed worker.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

use super::attempts::{Attempt, Directory, HERE, at, call, check, errors, number, tcp};
use super::*;
use crate::wait::ChildStatus;
use crate::worker::Worker;

const ABSENT: Unavailable = Unavailable::Unsupported;
const NO_SANDBOX: SandboxSupport =
    SandboxSupport { landlock: Err(ABSENT), seccomp: Err(ABSENT), capabilities: Err(ABSENT) };

/// The complete sandbox; `None` if this machine does not support it.
fn all() -> Option<SandboxSupport> {
    let support = SandboxSupport::probe().unwrap();
    let missing: Vec<_> = support.missing().iter().map(ToString::to_string).collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED: {}", missing.join("; "));
        return None;
    }
    Some(support)
}

fn landlock_alone() -> Option<SandboxSupport> {
    Some(SandboxSupport { seccomp: Err(ABSENT), ..all()? })
}

fn seccomp_alone() -> Option<SandboxSupport> {
    Some(SandboxSupport { landlock: Err(ABSENT), ..all()? })
}

#[test]
fn missing_restrictions_follow_from_the_probe() {
    let missing =
        |landlock, seccomp| SandboxSupport { landlock, seccomp, capabilities: Ok(()) }.missing();
    for reason in [Unavailable::Unsupported, Unavailable::UnsupportedOrHidden, Unavailable::Denied]
    {
        let landlock = MissingRestriction::Landlock(reason);
        assert_eq!(missing(Err(reason), Ok(())), [landlock]);
        assert_eq!(
            missing(Err(reason), Err(ABSENT)),
            [landlock, MissingRestriction::Seccomp(ABSENT)]
        );
        assert_eq!(landlock.is_denied(), reason != Unavailable::Unsupported);
    }
    for abi in 1..4 {
        assert_eq!(missing(Ok(abi), Ok(())), [MissingRestriction::TcpPorts(abi)]);
    }
    for abi in 4..12 {
        assert_eq!(missing(Ok(abi), Ok(())), []);
    }
    assert_eq!(
        missing(Ok(7), Err(Unavailable::Denied)),
        [MissingRestriction::Seccomp(Unavailable::Denied)]
    );
}

#[test]
fn landlock_alone_denies_changing_and_executing_files() {
    let Some(support) = landlock_alone() else { return };
    let directory = Directory::new();
    check(support, &[], &directory.opens(), libc::EACCES);
    check(support, &[], &directory.changes(), libc::EACCES);
    check(support, &[], &[call("exec", libc::SYS_execve, &[at(c"/bin/true"), 0, 0])], libc::EACCES);
    directory.assert_unchanged();
}

#[test]
fn landlock_alone_isolates_from_other_processes() {
    let Some(support) = landlock_alone() else { return };
    let parent = usize::try_from(std::process::id()).unwrap();
    let attach = usize::try_from(libc::PTRACE_ATTACH).unwrap();
    let name = SocketAddr::from_abstract_name(format!("hushed-{parent}")).unwrap();
    let _listener = UnixListener::bind_addr(&name).unwrap();
    let mut attempts = vec![call("ptrace", libc::SYS_ptrace, &[attach, parent, 0, 0])];
    if support.landlock.is_ok_and(|abi| abi >= 6) {
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
    check(support, &[], &attempts, libc::EPERM);
}

#[test]
fn only_configured_ports_can_be_connected_to() {
    let Some(support) = all() else { return };
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (one, two) = (listen(), listen());
    let [open, shut] = [&one, &two].map(|listener| listener.local_addr().unwrap().port());
    let to = |port| tcp("connect", libc::SYS_connect, port);
    check(support, &[open], &[to(open)], 0);
    let bind = |port| tcp("bind", libc::SYS_bind, port);
    check(support, &[open], &[to(shut), bind(0), bind(open)], libc::EACCES);
    check(support, &[], &[to(open)], libc::EACCES);
    check(NO_SANDBOX, &[], &[to(shut)], 0);
    check(support, &[open], &[tcp("fast open", libc::SYS_sendto, shut)], libc::ENOSYS);
}

#[test]
fn seccomp_alone_denies_changing_files() {
    let Some(support) = seccomp_alone() else { return };
    let directory = Directory::new();
    for attempts in [directory.opens(), directory.changes(), directory.attributes()] {
        check(support, &[], &attempts, libc::ENOSYS);
    }
    directory.assert_unchanged();
    check(NO_SANDBOX, &[], &directory.attributes()[..1], 0);
}

#[test]
fn system_calls_that_a_fetch_does_not_need_fail_with_enosys() {
    let Some(support) = seccomp_alone() else { return };
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
    check(support, &[], &attempts, libc::ENOSYS);
}

#[test]
fn system_calls_of_injected_code_kill_the_worker() {
    let Some(support) = all() else { return };
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
        let (errors, end) = errors(support, &[], std::slice::from_ref(&attempt));
        assert_eq!(
            (errors, end),
            (vec![], Some(ChildStatus::Killed(libc::SIGSYS))),
            "{}",
            attempt.0
        );
    }
}

#[test]
fn system_calls_that_a_fetch_needs_are_allowed() {
    let Some(support) = all() else { return };
    let directory = Directory::new();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = udp.local_addr().unwrap().port();
    let read = [HERE, at(&directory.file), number(libc::O_RDONLY | libc::O_CLOEXEC)];
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
    check(support, &[], &attempts, 0);
}

#[test]
fn the_worker_has_no_writable_descriptor_but_its_result() {
    let Some(support) = all() else { return };
    let directory = Directory::new();
    let path = directory.folder.path().join("file");
    let open = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let reading = fs::File::open(&path).unwrap();
    let write = |fd: i32| call("write", libc::SYS_write, &[number(fd), at(c"x"), 1]);
    let attempts = [write(open.as_raw_fd()), write(1), write(2), write(reading.as_raw_fd())];
    check(support, &[], &attempts, libc::EBADF);
    let flags = |fd: i32| call("is there", libc::SYS_fcntl, &[number(fd), number(libc::F_GETFL)]);
    check(support, &[], &[flags(reading.as_raw_fd())], 0);
}

#[test]
fn the_worker_is_undumpable_and_writes_no_core_file() {
    let limits = c"/proc/self/limits";
    let child = Worker::spawn(|_| {
        let dumpable = [libc::PR_GET_DUMPABLE];
        // SAFETY: this option takes no argument and touches no memory.
        let dumpable = dumpable.map(|option| unsafe { libc::prctl(option) });
        let limits = fs::read_to_string(limits.to_str().unwrap()).unwrap();
        Box::new(format!("{dumpable:?}\n{limits}").into_bytes())
    });
    let mut child = child.unwrap();
    let mut output = String::new();
    io::Read::read_to_string(child.output(), &mut output).unwrap();
    assert!(output.starts_with("[0]\n"), "{output}");
    let core = output.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}
