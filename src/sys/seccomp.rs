//! seccomp (`seccomp(2)`): from here on this process has the system calls that a fetch needs, and no
//! others. It knows nothing of what is fetched.
#![expect(unsafe_code, reason = "one prctl that nix does not know")]

use std::collections::BTreeMap;
use std::io;

use nix::errno::Errno;
use nix::libc::{self, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// What a fetch does: memory, threads, time, waiting, reading, and talking on sockets. A name service
/// module of the C library must get along with these.
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
    // Sizes what memfd_secret gives: no other descriptor is open for writing.
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
    // Files, to be read.
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
    // The pipe back, and sockets.
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

/// The same by its older names, which newer architectures never had.
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

/// What only somebody else's code would try. All else that is not allowed does not exist for the
/// caller (`ENOSYS`), which is what the C library knows to get along without.
const FATAL: &[c_long] = &[
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

/// The only descriptor flags and duplicates that are asked for.
const FCNTL: [i32; 6] = [
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_SETFL,
];

/// Questions about a terminal and about what is to be read; not to block, to close on exec; the number of
/// an interface: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, SIOCGIFINDEX of `<asm-generic/ioctls.h>`.
const IOCTL: [u64; 6] = [0x5401, 0x5413, 0x541b, 0x5421, 0x5451, 0x8933];

/// Names of threads and, by the C library, of memory (`PR_SET_VMA`).
const PRCTL: [i32; 3] = [libc::PR_SET_NAME, libc::PR_GET_NAME, 0x5356_4d41];

/// Opens with none of these flags only read.
const CHANGING: i32 = libc::O_WRONLY
    | libc::O_RDWR
    | libc::O_CREAT
    | libc::O_TRUNC
    | libc::O_APPEND
    | (libc::O_TMPFILE & !libc::O_DIRECTORY);

/// The part of a socket's type that is no flag.
const SOCKET_TYPE: u64 = 0xf;

/// Whether there is a filter for this architecture.
pub(crate) fn knows_architecture() -> bool {
    TargetArch::try_from(std::env::consts::ARCH).is_ok()
}

/// Takes the other system calls from this thread, and from all that it starts, for good. `no_new_privs`
/// must be set. A call of another architecture's kind ends the process.
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

/// Installs a filter that allows everything, to find out whether the kernel takes one. `no_new_privs` must
/// be set. Does not allocate.
pub(crate) fn install_empty() -> nix::Result<()> {
    let (code, allow) = (libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW);
    let code = u16::try_from(code).unwrap_or(0);
    install(&mut [libc::sock_filter { code, jt: 0, jf: 0, k: allow }])
}

/// Installs a filter by `prctl(2)`, which the filters of service managers and containers allow more often
/// than `seccomp(2)`.
fn install(filter: &mut [libc::sock_filter]) -> nix::Result<()> {
    let len = u16::try_from(filter.len()).map_err(|_range| Errno::EINVAL)?;
    let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: the program and its filter are valid until the call returns, which copies them.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) }).map(drop)
}

fn programs() -> Result<[BpfProgram; 2], BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let absent = SeccompAction::Errno(38);
    let allowed = SeccompFilter::new(allowed()?, absent, SeccompAction::Allow, architecture)?;
    let fatal = FATAL.iter().map(|call| (*call, Vec::new())).collect();
    let (allow, kill) = (SeccompAction::Allow, SeccompAction::KillProcess);
    let fatal = SeccompFilter::new(fatal, allow, kill, architecture)?;
    // The one that allows comes last: it has no place for installing another.
    Ok([fatal.try_into()?, allowed.try_into()?])
}

fn allowed() -> Result<Rules, BackendError> {
    let always = ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new()));
    let mut rules: Rules = always.collect();
    let reading = |argument| rule(&[masked(argument, flags(CHANGING), 0)?]);
    rules.insert(libc::SYS_openat, vec![reading(2)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![reading(1)?]);
    let thread = flags(libc::CLONE_THREAD);
    rules.insert(libc::SYS_clone, vec![rule(&[masked(0, thread, thread)?])?]);
    let one_of = |argument, values: &mut dyn Iterator<Item = u64>| {
        values.map(|value| rule(&[is(argument, value)?])).collect::<Result<Vec<_>, _>>()
    };
    rules.insert(libc::SYS_fcntl, one_of(1, &mut FCNTL.into_iter().map(flags))?);
    rules.insert(libc::SYS_ioctl, one_of(1, &mut IOCTL.into_iter())?);
    rules.insert(libc::SYS_prctl, one_of(0, &mut PRCTL.into_iter().map(flags))?);
    // To itself, as `abort(3)` does.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, one_of(0, &mut [own].into_iter())?);
    // To be told its own limits, not to set them.
    rules.insert(libc::SYS_prlimit64, vec![rule(&[whole(2, 0)?])?]);
    rules.insert(libc::SYS_socket, sockets()?);
    // Data with the SYN connects without `connect(2)`, and so past Landlock's ports.
    let fast = flags(libc::MSG_FASTOPEN);
    for (call, argument) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)]
    {
        rules.insert(call, vec![rule(&[masked(argument, fast, 0)?])?]);
    }
    Ok(rules)
}

/// TCP and UDP, the C library's question for addresses, and Unix sockets, on which name services are.
/// Other protocols that carry streams (MPTCP, SCTP, SMC) would go past Landlock's ports.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let family = |family| is(0, flags(family));
    let mut rules = vec![
        rule(&[family(libc::AF_UNIX)?])?,
        rule(&[family(libc::AF_NETLINK)?, is(2, flags(libc::NETLINK_ROUTE))?])?,
    ];
    for internet in [libc::AF_INET, libc::AF_INET6] {
        for (kind, protocol) in
            [(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)]
        {
            for protocol in [0, flags(protocol)] {
                let kind = masked(1, SOCKET_TYPE, flags(kind))?;
                rules.push(rule(&[family(internet)?, kind, is(2, protocol)?])?);
            }
        }
    }
    Ok(rules)
}

fn rule(conditions: &[SeccompCondition]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.to_vec())
}

/// The kernel looks at 32 bits of these arguments, so the filter does.
fn is(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn whole(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value)
}

fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

/// Flags and small numbers of C, which are never negative here.
fn flags(number: i32) -> u64 {
    u64::from(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_allowed_and_fatal() {
        let allowed = allowed().unwrap();
        assert!(FATAL.iter().all(|call| !allowed.contains_key(call)));
    }

    #[test]
    fn opening_with_any_flag_that_changes_is_no_reading() {
        for flag in [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC, libc::O_TMPFILE] {
            assert_ne!(flag & CHANGING, 0, "{flag:o}");
        }
        let reading = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_DIRECTORY | libc::O_NONBLOCK;
        assert_eq!(reading & CHANGING, 0);
    }
}
