//! seccomp (`seccomp(2)`): allows this process only the system calls that a fetch needs.
#![expect(unsafe_code, reason = "one prctl that nix does not know")]

use std::collections::BTreeMap;
use std::io;

use nix::errno::Errno;
use nix::libc::{self, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::child::errno_number;

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// The system calls of a fetch. Name service modules of the C library must work with these, too.
const ALLOWED: &[c_long] = &[
    // Memory.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_memfd_secret,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munlock,
    libc::SYS_munmap,
    // For memfd_secret: no other descriptor is open for writing.
    libc::SYS_ftruncate,
    // Threads, and this process.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_getcpu,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_membarrier,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    // Time, and waiting.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_restart_syscall,
    libc::SYS_signalfd4,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_gettime,
    libc::SYS_timerfd_settime,
    // Reading files.
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_lseek,
    libc::SYS_newfstatat,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_statfs,
    libc::SYS_statx,
    // The result pipe, and sockets.
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmmsg,
    libc::SYS_recvmsg,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Older variants of these calls, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_epoll_wait,
    libc::SYS_getdents,
    libc::SYS_getrlimit,
    libc::SYS_lstat,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[c_long] = &[];

/// Calls that only injected code would make: they kill the process. Any other call that is not allowed fails
/// with ENOSYS, for which the C library has fallbacks.
const KILLED: &[c_long] = &[
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_delete_module,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_memfd_create,
    libc::SYS_mount,
    libc::SYS_move_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// The allowed commands of `fcntl(2)`.
const FCNTL_COMMANDS: [i32; 6] = [
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_SETFL,
];

/// The allowed requests of `ioctl(2)`: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, SIOCGIFINDEX of
/// `<asm-generic/ioctls.h>`.
const IOCTL_REQUESTS: [u64; 6] = [0x5401, 0x5413, 0x541b, 0x5421, 0x5451, 0x8933];

/// The allowed options of `prctl(2)`; the last is `PR_SET_VMA`, with which the C library names memory.
const PRCTL_OPTIONS: [i32; 3] = [libc::PR_SET_NAME, libc::PR_GET_NAME, 0x5356_4d41];

/// The flags of `open(2)` that write or create; opening without them only reads.
const WRITE_FLAGS: i32 = libc::O_WRONLY
    | libc::O_RDWR
    | libc::O_CREAT
    | libc::O_TRUNC
    | libc::O_APPEND
    | (libc::O_TMPFILE & !libc::O_DIRECTORY);

/// The bits of a socket type that are not flags.
const SOCKET_TYPE: u64 = 0xf;

/// Whether a filter can be built for this architecture.
pub(crate) fn supports_architecture() -> bool {
    TargetArch::try_from(std::env::consts::ARCH).is_ok()
}

/// Denies all other system calls to this thread and its descendants, for good. `no_new_privs` must be set. A
/// call with another architecture's convention kills the process.
pub(crate) fn restrict() -> io::Result<()> {
    for program in programs().map_err(io::Error::other)? {
        let convert = |row: &seccompiler::sock_filter| libc::sock_filter {
            code: row.code,
            jt: row.jt,
            jf: row.jf,
            k: row.k,
        };
        install(&mut program.iter().map(convert).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Installs a filter that allows everything, to probe the kernel. `no_new_privs` must be set. Does not
/// allocate.
pub(crate) fn install_empty() -> nix::Result<()> {
    let (code, allow) = (libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW);
    let code = u16::try_from(code).unwrap_or(0);
    install(&mut [libc::sock_filter { code, jt: 0, jf: 0, k: allow }])
}

/// Installs a filter with `prctl(2)`, which service managers and containers deny less often than
/// `seccomp(2)`.
fn install(filter: &mut [libc::sock_filter]) -> nix::Result<()> {
    let len = u16::try_from(filter.len()).map_err(|_range| Errno::EINVAL)?;
    let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: program and filter are borrowed for the call, and the kernel copies them.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) }).map(drop)
}

fn programs() -> Result<[BpfProgram; 2], BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let not_found = SeccompAction::Errno(errno_number(Errno::ENOSYS).unsigned_abs());
    let allowed = SeccompFilter::new(allowed()?, not_found, SeccompAction::Allow, architecture)?;
    let fatal = KILLED.iter().map(|call| (*call, Vec::new())).collect();
    let (allow, kill) = (SeccompAction::Allow, SeccompAction::KillProcess);
    let fatal = SeccompFilter::new(fatal, allow, kill, architecture)?;
    // The allowing filter comes last, because it denies installing another.
    Ok([fatal.try_into()?, allowed.try_into()?])
}

fn allowed() -> Result<Rules, BackendError> {
    let always = ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new()));
    let mut rules: Rules = always.collect();
    let reading = |argument| rule(&[masked_equals(argument, to_u64(WRITE_FLAGS), 0)?]);
    rules.insert(libc::SYS_openat, vec![reading(2)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![reading(1)?]);
    let thread = to_u64(libc::CLONE_THREAD);
    rules.insert(libc::SYS_clone, vec![rule(&[masked_equals(0, thread, thread)?])?]);
    let one_of = |argument, values: &mut dyn Iterator<Item = u64>| {
        values.map(|value| rule(&[equals_u32(argument, value)?])).collect::<Result<Vec<_>, _>>()
    };
    rules.insert(libc::SYS_fcntl, one_of(1, &mut FCNTL_COMMANDS.into_iter().map(to_u64))?);
    rules.insert(libc::SYS_ioctl, one_of(1, &mut IOCTL_REQUESTS.into_iter())?);
    rules.insert(libc::SYS_prctl, one_of(0, &mut PRCTL_OPTIONS.into_iter().map(to_u64))?);
    // `abort(3)` signals its own process.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, one_of(0, &mut [own].into_iter())?);
    // Reading limits, not setting them: the new limit is null.
    rules.insert(libc::SYS_prlimit64, vec![rule(&[equals_u64(2, 0)?])?]);
    rules.insert(libc::SYS_socket, sockets()?);
    // MSG_FASTOPEN connects without `connect(2)`, past Landlock's ports.
    let fast = to_u64(libc::MSG_FASTOPEN);
    for (call, argument) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)]
    {
        rules.insert(call, vec![rule(&[masked_equals(argument, fast, 0)?])?]);
    }
    Ok(rules)
}

/// TCP and UDP, Unix sockets for name services, and netlink for `getaddrinfo(3)`. Other stream protocols
/// (MPTCP, SCTP, SMC) would bypass Landlock's ports.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let family = |family| equals_u32(0, to_u64(family));
    let mut rules = vec![
        rule(&[family(libc::AF_UNIX)?])?,
        rule(&[family(libc::AF_NETLINK)?, equals_u32(2, to_u64(libc::NETLINK_ROUTE))?])?,
    ];
    for internet in [libc::AF_INET, libc::AF_INET6] {
        for (kind, protocol) in
            [(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)]
        {
            for protocol in [0, to_u64(protocol)] {
                let kind = masked_equals(1, SOCKET_TYPE, to_u64(kind))?;
                rules.push(rule(&[family(internet)?, kind, equals_u32(2, protocol)?])?);
            }
        }
    }
    Ok(rules)
}

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.to_vec())
}

/// Compares the 32 bits of an argument that the kernel reads.
fn equals_u32(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn equals_u64(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value)
}

fn masked_equals(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

/// Converts a constant of C, which is never negative here.
fn to_u64(number: i32) -> u64 {
    u64::from(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_system_call_is_both_allowed_and_killed() {
        let allowed = allowed().unwrap();
        assert!(KILLED.iter().all(|call| !allowed.contains_key(call)));
    }

    #[test]
    fn every_open_flag_that_writes_is_denied() {
        for flag in [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC, libc::O_TMPFILE] {
            assert_ne!(flag & WRITE_FLAGS, 0, "{flag:o}");
        }
        let reading = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_DIRECTORY | libc::O_NONBLOCK;
        assert_eq!(reading & WRITE_FLAGS, 0);
    }
}
