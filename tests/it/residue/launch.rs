//! Starting the process under inspection: with restricted system calls, stopped at a stage.
#![expect(unsafe_code, reason = "what a child does before its exec")]

use std::{
    fs, io,
    os::unix::process::CommandExt,
    process::{Child, Command},
};

use nix::{
    errno::Errno,
    libc,
    sys::{
        ptrace,
        resource::{Resource, setrlimit},
        signal::{Signal, kill},
        wait::{WaitStatus, waitpid},
    },
    unistd::{Gid, Pid, Uid, setgid, setuid},
};

/// The user who owns nothing.
pub(super) const NOBODY: u32 = 65_534;

/// Returns under which conditions a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// As this machine has it.
    Whole,
    /// Without `memfd_secret(2)`, as before Linux 5.14 or where it is not built in.
    NoSecretMemory,
    /// Where a filter of system calls ends a process that makes this one.
    SecretMemoryKills,
    /// Without it, and nothing may be locked, by a user who is not root.
    NothingLocked,
}

/// Starts a command under these conditions.
pub(super) fn spawn(command: &mut Command, kernel: Kernel, traced: bool) -> io::Result<Child> {
    let prepare = move || {
        match kernel {
            Kernel::Whole => {}
            Kernel::SecretMemoryKills => without_secret_memory(libc::SECCOMP_RET_KILL_PROCESS)?,
            Kernel::NoSecretMemory | Kernel::NothingLocked => {
                let absent = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
                without_secret_memory(absent)?;
            }
        }
        if kernel == Kernel::NothingLocked {
            setrlimit(Resource::RLIMIT_MEMLOCK, 0, 0)?;
            setgid(Gid::from_raw(NOBODY))?;
            setuid(Uid::from_raw(NOBODY))?;
        }
        if traced {
            ptrace::traceme()?;
        }
        Ok(())
    };
    // SAFETY: it makes system calls only, and allocates nothing.
    unsafe { command.pre_exec(prepare) };
    command.spawn()
}

/// Starts a command with these limits of core files, the soft one and the hard one.
pub(super) fn with_core_limit(command: &mut Command, (soft, hard): (u64, u64)) -> &mut Command {
    // SAFETY: it makes a system call and allocates nothing.
    unsafe { command.pre_exec(move || Ok(setrlimit(Resource::RLIMIT_CORE, soft, hard)?)) }
}

/// Has something else done for `memfd_secret(2)`, by seccomp(2).
fn without_secret_memory(action: u32) -> io::Result<()> {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap_or(0),
        jt: 0,
        jf: 0,
        k,
    };
    let number = u32::try_from(libc::SYS_memfd_secret).unwrap_or(0);
    let mut filter = [
        // The number of the call is the first word.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter {
            jf: 1,
            ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number)
        },
        statement(libc::BPF_RET | libc::BPF_K, action),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    // SAFETY: the option takes numbers.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })?;
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the program and its filter are there until the call returns, which copies them.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) })?;
    Ok(())
}

/// Stops a process while somebody looks at it; one that is stopped already stays so.
pub(super) fn standing_still<T>(pid: u32, look: impl FnOnce() -> T) -> T {
    let stands = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't']))
    };
    if stands() {
        return look();
    }
    let pid = Pid::from_raw(pid.cast_signed());
    kill(pid, Signal::SIGSTOP).unwrap();
    while !stands() {
        std::thread::yield_now();
    }
    let seen = look();
    kill(pid, Signal::SIGCONT).unwrap();
    seen
}

/// Returns whether this kernel has memory that only its owner sees.
pub(super) fn has_secret_memory() -> bool {
    // SAFETY: the call takes flags; the descriptor is closed below.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, 0) };
    // SAFETY: nothing else knows of the descriptor.
    fd >= 0 && unsafe { libc::close(i32::try_from(fd).unwrap_or(-1)) } == 0
}

/// Lets a traced process, which has just been executed, run until it is about to execute another
/// program.
pub(super) fn until_execve(child: &Child) {
    let pid = Pid::from_raw(child.id().cast_signed());
    assert!(matches!(waitpid(pid, None), Ok(WaitStatus::Stopped(..))), "not stopped at its start");
    ptrace::setoptions(pid, ptrace::Options::PTRACE_O_TRACESYSGOOD).unwrap();
    loop {
        ptrace::syscall(pid, None).unwrap();
        match waitpid(pid, None).unwrap() {
            WaitStatus::PtraceSyscall(_) => {
                let call = ptrace::syscall_info(pid).unwrap();
                if call.op == libc::PTRACE_SYSCALL_INFO_ENTRY
                    // SAFETY: this is the field of an entry.
                    && unsafe { call.u.entry }.nr == libc::SYS_execve.unsigned_abs()
                {
                    return;
                }
            }
            WaitStatus::Stopped(..) => {}
            ended => panic!("no exec: {ended:?}"),
        }
    }
}
