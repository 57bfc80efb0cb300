//! `execve(2)` of the first of some files that the kernel will run, with an environment that we built
//! ourselves. It searches no PATH, and explains no failure.
//!
//! `std::process::Command` is not used: it keeps copies of the environment, and resets SIGPIPE
//! whatever it was. All memory is made ready beforehand, because a child of a process with threads
//! may not allocate between `fork(2)` and `execve(2)`.
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

/// How often and how long a busy file is waited for: a deployment that has just written the
/// program, or a fork between its write and its exec, is over within milliseconds.
const BUSY_ATTEMPTS: u32 = 10;
const BUSY_PAUSE: Duration = Duration::from_millis(10);

const SHELL: &CStr = c"/bin/sh";

/// Variables that name the process they are meant for, and by what: `sd_listen_fds(3)`,
/// `sd_watchdog_enabled(3)`, and `SYSTEMD_EXEC_PID` in `systemd.exec(5)`.
const NAMING: [(&[u8], ProcessId); 4] = [
    (b"LISTEN_PID=", ProcessId::Pid),
    (b"LISTEN_PIDFDID=", ProcessId::PidfdInode),
    (b"WATCHDOG_PID=", ProcessId::Pid),
    (b"SYSTEMD_EXEC_PID=", ProcessId::Pid),
];

/// The number by which a variable names a process.
#[derive(Clone, Copy, Debug)]
enum ProcessId {
    /// Its PID.
    Pid,
    /// The inode number of a pidfd of it, which is never reused (`sd_pidfd_get_inode_id(3)`).
    PidfdInode,
}

impl ProcessId {
    /// The number of this process; `None` where the kernel has none. Does not allocate.
    fn current(self) -> Option<u64> {
        match self {
            Self::Pid => Some(u64::from(std::process::id())),
            Self::PidfdInode => own_pidfd_inode(),
        }
    }
}

/// A variable that names this process, and is to name the child.
#[derive(Debug)]
struct Naming {
    /// Its position in the environment.
    index: usize,
    id: ProcessId,
    /// Where the number begins in the text.
    start: usize,
    /// `NAME=`, room for any number, and a NUL.
    text: Vec<u8>,
}

/// The most decimal digits that a `u64` has.
const MOST_DIGITS: usize = 20;

/// Why none of the files was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// None of them exists.
    Absent,
    /// The kernel refuses this one.
    File(usize, Errno),
    /// This one is neither a program nor a text that a shell could read.
    Format(usize),
    /// This one is perhaps for a shell, and cannot be read.
    Unreadable(usize, Errno),
    /// This one is for a shell, and there is none that runs.
    Shell(Errno),
}

/// A program ready to be executed.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    files: Vec<CString>,
    /// Whether a directory among them is passed over, as a shell does in PATH.
    searched: bool,
    argv: Vec<*const libc::c_char>,
    /// The same behind `/bin/sh FILE`, for a script without `#!`.
    script: Vec<*const libc::c_char>,
    envp: Vec<*const libc::c_char>,
    naming: Vec<Naming>,
    arguments: PhantomData<&'a CStr>,
}

impl<'a> Launch<'a> {
    /// Prepares to run the first of `files` that can be run. Where they were `searched` for, a
    /// directory of that name is none.
    pub(crate) fn new(
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
            naming: Vec::new(),
            arguments: PhantomData,
        }
    }

    /// Has the variables that name this process name the child instead, once it has its PID.
    /// Those that name another process were not meant for us, and stay.
    pub(crate) fn rename_process(&mut self, envp: &[&CStr]) {
        for (index, string) in envp.iter().enumerate() {
            for (name, id) in NAMING {
                let Some(value) = string.to_bytes().strip_prefix(name) else { continue };
                if id.current().is_some_and(|own| own.to_string().as_bytes() == value) {
                    let mut text = name.to_vec();
                    text.resize(name.len() + MOST_DIGITS + 1, 0);
                    self.naming.push(Naming { index, id, start: name.len(), text });
                }
            }
        }
    }

    /// Writes the number of this process where a variable names the process. Does not allocate.
    pub(super) fn name_process(&mut self) {
        for Naming { index, id, start, text } in &mut self.naming {
            let Some(number) = id.current() else { continue };
            let _it_fits = write!(text.get_mut(*start..).unwrap_or_default(), "{number}");
            if let Some(pointer) = self.envp.get_mut(*index) {
                *pointer = text.as_ptr().cast();
            }
        }
    }

    /// Executes the first file that there is. Returns only on failure. Does not allocate.
    pub(crate) fn execute(&mut self) -> Failure {
        let mut denied = None;
        for index in 0..self.files.len() {
            let Some(file) = self.files.get(index) else { break };
            match self.attempt(file, &self.argv) {
                Errno::ENOENT | Errno::ENOTDIR if !exists(file) => {}
                Errno::EACCES if self.searched && is_directory(file) => {}
                Errno::EACCES => denied = denied.or(Some(index)),
                Errno::ENOEXEC => {
                    return match is_text(file) {
                        Err(errno) => Failure::Unreadable(index, errno),
                        Ok(false) => Failure::Format(index),
                        Ok(true) => {
                            if let Some(slot) = self.script.get_mut(1) {
                                *slot = file.as_ptr();
                            }
                            Failure::Shell(self.attempt(SHELL, &self.script))
                        }
                    };
                }
                errno => return Failure::File(index, errno),
            }
        }
        denied.map_or(Failure::Absent, |index| Failure::File(index, Errno::EACCES))
    }

    fn attempt(&self, file: &CStr, argv: &[*const libc::c_char]) -> Errno {
        let mut errno = self.execve(file, argv);
        for _ in 0..BUSY_ATTEMPTS {
            if errno != Errno::ETXTBSY {
                break;
            }
            std::thread::sleep(BUSY_PAUSE);
            errno = self.execve(file, argv);
        }
        errno
    }

    fn execve(&self, file: &CStr, argv: &[*const libc::c_char]) -> Errno {
        // SAFETY: both arrays end in a null pointer, and what they point to is borrowed for `'a` or
        // owned by `self`.
        unsafe { libc::execve(file.as_ptr(), argv.as_ptr(), self.envp.as_ptr()) };
        Errno::last()
    }
}

/// The inode number of a pidfd of this process. A kernel before 6.9 has no file system of pidfds, and
/// gives all of them one number. Does not allocate.
fn own_pidfd_inode() -> Option<u64> {
    /// `PID_FS_MAGIC` of linux/magic.h.
    const PIDFS: FsType = FsType(0x5049_4446);
    let (own, flags) = (std::process::id(), 0_u32);
    // SAFETY: the call takes two numbers, and touches no memory.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, own, flags) };
    let fd = libc::c_int::try_from(fd).ok().filter(|&fd| fd >= 0)?;
    // SAFETY: the kernel has just made it for us, and nothing else owns it.
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

/// Whether a shell could read the file: its first line holds no NUL byte.
fn is_text(file: &CStr) -> Result<bool, Errno> {
    let mut head = [0_u8; 256];
    let fd = open(file, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    let count = read(&fd, &mut head)?;
    let line = head.get(..count).unwrap_or_default().split(|&byte| byte == b'\n').next();
    Ok(!line.unwrap_or_default().contains(&0))
}
