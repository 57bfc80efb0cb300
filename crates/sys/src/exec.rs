//! `execve(2)` of the first of several files that can be executed. The caller searches PATH and explains errors.
//!
//! `std::process::Command` would keep copies of the environment and reset SIGPIPE. All memory is allocated
//! beforehand, because a child must not allocate between `fork(2)` and `execve(2)`.
#![expect(unsafe_code, reason = "pointer arrays for execve, and reads without allocation")]

use std::ffi::{CStr, CString};
use std::io::Write as _;
use std::marker::PhantomData;
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::ptr;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::stat::{Mode, fstat};
use nix::sys::statfs::{FsType, fstatfs};
use nix::unistd::{AccessFlags, access, read};

/// How often and at which interval a busy file (ETXTBSY) is tried again: whoever is writing the program is done
/// within milliseconds.
const BUSY_RETRIES: u32 = 10;
const BUSY_INTERVAL: Duration = Duration::from_millis(10);

const SHELL: &CStr = c"/bin/sh";

/// Variables that name the process they are meant for: `sd_listen_fds(3)`, `sd_watchdog_enabled(3)`, and
/// `SYSTEMD_EXEC_PID` in `systemd.exec(5)`.
const PID_VARIABLES: [(&[u8], ProcessId); 4] = [
    (b"LISTEN_PID=", ProcessId::Pid),
    (b"LISTEN_PIDFDID=", ProcessId::PidfdInode),
    (b"WATCHDOG_PID=", ProcessId::Pid),
    (b"SYSTEMD_EXEC_PID=", ProcessId::Pid),
];

/// How a variable names a process.
#[derive(Clone, Copy, Debug)]
enum ProcessId {
    /// By its PID.
    Pid,
    /// By the inode number of its pidfds, which is never reused (`sd_pidfd_get_inode_id(3)`).
    PidfdInode,
}

impl ProcessId {
    /// The number of this process; `None` if the kernel has none. Does not allocate.
    fn current(self) -> Option<u64> {
        match self {
            Self::Pid => Some(u64::from(std::process::id())),
            Self::PidfdInode => own_pidfd_inode(),
        }
    }
}

/// A variable that names this process and must name the child.
#[derive(Debug)]
struct PidVariable {
    /// Its index in the environment.
    index: usize,
    id: ProcessId,
    /// The offset of the number in `text`.
    start: usize,
    /// `NAME=`, space for any number, and a NUL.
    text: Vec<u8>,
}

/// The maximum number of decimal digits of a `u64`.
const MAX_DIGITS: usize = 20;

/// Why none of the files was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecFailure {
    /// None of them exists.
    NotFound,
    /// The kernel does not execute the file with this index.
    File(usize, Errno),
    /// This one is neither a program nor a shell script.
    Format(usize),
    /// This one may be a shell script, but cannot be read.
    Unreadable(usize, Errno),
    /// It is a shell script, and the shell cannot be executed.
    Shell(Errno),
}

/// Everything that `execve(2)` needs.
#[derive(Debug)]
pub struct PreparedExec<'a> {
    files: Vec<CString>,
    /// Whether the files come from PATH, so that a directory among them is skipped, as a shell does.
    searched: bool,
    argv: Vec<*const libc::c_char>,
    /// The same after `/bin/sh FILE`, for a script without `#!`.
    script: Vec<*const libc::c_char>,
    envp: Vec<*const libc::c_char>,
    pid_variables: Vec<PidVariable>,
    arguments: PhantomData<&'a CStr>,
}

impl<'a> PreparedExec<'a> {
    /// Prepares to execute the first of `files` that can be executed. `searched` means that they come from PATH.
    pub fn new(
        files: Vec<CString>,
        searched: bool,
        argv: &'a [CString],
        envp: &[&'a CStr],
    ) -> Self {
        let pointers = |strings: &mut dyn Iterator<Item = &'a CStr>| {
            strings.map(CStr::as_ptr).chain([ptr::null()]).collect::<Vec<_>>()
        };
        let rest = argv.iter().skip(1).map(CString::as_c_str);
        Self {
            files,
            searched,
            argv: pointers(&mut argv.iter().map(CString::as_c_str)),
            script: pointers(&mut [SHELL, SHELL].into_iter().chain(rest)),
            envp: pointers(&mut envp.iter().copied()),
            pid_variables: Vec::new(),
            arguments: PhantomData,
        }
    }

    /// Finds the variables that name this process, so that `write_pid_variables` can make them name the
    /// child. Variables that name another process stay.
    pub fn retarget_pid_variables(&mut self, envp: &[&CStr]) {
        for (index, string) in envp.iter().enumerate() {
            for (name, id) in PID_VARIABLES {
                let Some(value) = string.to_bytes().strip_prefix(name) else { continue };
                if id.current().is_some_and(|own| own.to_string().as_bytes() == value) {
                    let mut text = name.to_vec();
                    text.resize(name.len() + MAX_DIGITS + 1, 0);
                    self.pid_variables.push(PidVariable { index, id, start: name.len(), text });
                }
            }
        }
    }

    /// Makes the variables that [`Self::retarget_pid_variables`] found name this process. Does not allocate.
    pub(super) fn write_pid_variables(&mut self) {
        for PidVariable { index, id, start, text } in &mut self.pid_variables {
            let Some(number) = id.current() else { continue };
            let _it_fits = write!(text.get_mut(*start..).unwrap_or_default(), "{number}");
            if let Some(pointer) = self.envp.get_mut(*index) {
                *pointer = text.as_ptr().cast();
            }
        }
    }

    /// Executes the first file that can be executed. Returns only on failure. Does not allocate.
    pub fn execute(&mut self) -> ExecFailure {
        let mut denied = None;
        for index in 0..self.files.len() {
            let Some(file) = self.files.get(index) else { break };
            match self.execve_with_retry(file, &self.argv) {
                Errno::ENOENT | Errno::ENOTDIR if !exists(file) => {}
                Errno::EACCES if self.searched && is_directory(file) => {}
                Errno::EACCES => denied = denied.or(Some(index)),
                Errno::ENOEXEC => {
                    return match is_text(file) {
                        Err(errno) => ExecFailure::Unreadable(index, errno),
                        Ok(false) => ExecFailure::Format(index),
                        Ok(true) => {
                            if let Some(script) = self.script.get_mut(1) {
                                *script = file.as_ptr();
                            }
                            ExecFailure::Shell(self.execve_with_retry(SHELL, &self.script))
                        }
                    };
                }
                errno => return ExecFailure::File(index, errno),
            }
        }
        denied.map_or(ExecFailure::NotFound, |index| ExecFailure::File(index, Errno::EACCES))
    }

    fn execve_with_retry(&self, file: &CStr, argv: &[*const libc::c_char]) -> Errno {
        let mut errno = self.execve(file, argv);
        for _ in 0..BUSY_RETRIES {
            if errno != Errno::ETXTBSY {
                break;
            }
            std::thread::sleep(BUSY_INTERVAL);
            errno = self.execve(file, argv);
        }
        errno
    }

    fn execve(&self, file: &CStr, argv: &[*const libc::c_char]) -> Errno {
        // SAFETY: both arrays end in a null pointer; their strings are borrowed for `'a` or owned by `self`.
        unsafe { libc::execve(file.as_ptr(), argv.as_ptr(), self.envp.as_ptr()) };
        Errno::last()
    }
}

/// The inode number of the pidfds of this process; `None` before Linux 6.9, where all pidfds share one inode.
/// Does not allocate.
fn own_pidfd_inode() -> Option<u64> {
    /// `PID_FS_MAGIC` of linux/magic.h.
    const PIDFS: FsType = FsType(0x5049_4446);
    let (own, flags) = (std::process::id(), 0_u32);
    // SAFETY: the call takes two numbers and touches no memory.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, own, flags) };
    let fd = libc::c_int::try_from(fd).ok().filter(|&fd| fd >= 0)?;
    // SAFETY: the kernel has just opened it, and nothing else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let known = fstatfs(&fd).is_ok_and(|system| system.filesystem_type() == PIDFS);
    fstat(&fd).ok().filter(|_| known).map(|file| file.st_ino)
}

fn exists(file: &CStr) -> bool {
    access(file, AccessFlags::F_OK).is_ok()
}

fn is_directory(file: &CStr) -> bool {
    open(file, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty()).is_ok()
}

/// Whether a shell would take the file for a script: its first line has no NUL byte.
fn is_text(file: &CStr) -> Result<bool, Errno> {
    let mut head = [0_u8; 256];
    let fd = open(file, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    let count = read(&fd, &mut head)?;
    let line = head.get(..count).unwrap_or_default().split(|&byte| byte == b'\n').next();
    Ok(!line.unwrap_or_default().contains(&0))
}
