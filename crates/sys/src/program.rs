//! Runs a helper program, such as a credential plugin, and reads what it writes to standard output. The
//! program is killed when its time is over, or when nobody waits for it any more.
#![expect(unsafe_code, reason = "what a child does before its exec")]

use std::ffi::OsString;
use std::io::{self, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{AccessFlags, access, getpid};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use super::{child, inherited, signals};

/// How often to ask whether a program that has closed its standard output has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A helper program. It inherits standard error.
#[derive(Debug)]
pub struct HelperProgram {
    /// Its file.
    pub file: PathBuf,
    /// Its arguments, without its name.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether it inherits standard input too, to ask the user.
    pub is_interactive: bool,
}

/// What a helper program did.
#[derive(Debug)]
pub struct HelperOutput {
    /// What it wrote to standard output.
    pub output: Zeroizing<Vec<u8>>,
    /// Its exit status; `None` if a signal killed it.
    pub status: Option<i32>,
}

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// It cannot be started, or its output cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It did not end in time.
    #[error("it did not end in time")]
    TimedOut,
    /// It writes too much.
    #[error("it wrote more than {0} bytes")]
    TooLarge(usize),
}

/// A child that is killed and reaped when dropped.
#[derive(Debug)]
struct KilledOnDrop(Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl HelperProgram {
    /// Runs it to its end. Must be called in a tokio runtime.
    pub async fn run(self, limit: usize, patience: Duration) -> Result<HelperOutput, HelperError> {
        timeout(patience, self.run_to_end(limit)).await.unwrap_or(Err(HelperError::TimedOut))
    }

    async fn run_to_end(self, limit: usize) -> Result<HelperOutput, HelperError> {
        let (mut child, stdout) = self.start()?;
        let mut stdout = pipe::Receiver::from_owned_fd(stdout)?;
        // One buffer from the start: a growing one would leave copies behind.
        let mut output = Zeroizing::new(Vec::with_capacity(limit + 1));
        while stdout.read_buf(&mut *output).await? > 0 {
            if output.len() > limit {
                return Err(HelperError::TooLarge(limit));
            }
        }
        loop {
            if let Some(status) = child.0.try_wait()? {
                return Ok(HelperOutput { output, status: status.code() });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Starts it with a pipe to its standard input and one from its standard output.
    pub fn start_piped(self) -> io::Result<PipedProgram> {
        let mut child = self.spawn(Stdio::piped())?;
        let input = child.0.stdin.take();
        let output = child.0.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(PipedProgram { input, output: BufReader::with_capacity(1 << 16, output), child })
    }

    fn start(self) -> io::Result<(KilledOnDrop, OwnedFd)> {
        let stdin = if self.is_interactive { Stdio::inherit() } else { Stdio::null() };
        let mut child = self.spawn(stdin)?;
        let stdout = child.0.stdout.take().map(OwnedFd::from);
        Ok((child, stdout.ok_or(io::ErrorKind::BrokenPipe)?))
    }

    fn spawn(self, stdin: Stdio) -> io::Result<KilledOnDrop> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a helper is not the command that `process` runs"
        )]
        let mut command = Command::new(&self.file);
        command.args(self.arguments).env_clear().envs(self.environment);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let parent = getpid().as_raw();
        // SAFETY: what is called makes system calls only, and neither allocates nor takes a lock.
        unsafe { command.pre_exec(move || prepare(parent)) };
        command.spawn().map(KilledOnDrop)
    }
}

/// A helper program that is asked through pipes. It is killed when dropped.
#[derive(Debug)]
pub struct PipedProgram {
    input: Option<ChildStdin>,
    /// Its standard output.
    pub output: BufReader<ChildStdout>,
    child: KilledOnDrop,
}

impl PipedProgram {
    /// Writes to its standard input.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write_all(bytes)
    }

    /// Closes its standard input, reads the rest of its output, and returns that and the exit status.
    pub fn finish(mut self) -> io::Result<(Vec<u8>, ExitStatus)> {
        self.input = None;
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest)?;
        Ok((rest, self.child.0.wait()?))
    }
}

/// Runs a program at the terminal, with the standard streams of this process, and waits for its end. Meanwhile what
/// the keyboard signals is for the program. Another signal that asks this process to end is an error afterwards.
pub fn run_in_foreground(
    file: &Path,
    arguments: &[OsString],
    environment: &[(OsString, OsString)],
) -> io::Result<ExitStatus> {
    let blocked = signals::BlockedSignals::termination()?;
    #[expect(
        clippy::disallowed_methods,
        reason = "an editor is not the command that `process` runs"
    )]
    let mut command = Command::new(file);
    command.args(arguments).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    let parent = getpid().as_raw();
    // SAFETY: what is called makes system calls only, and neither allocates nor takes a lock.
    unsafe { command.pre_exec(move || prepare(parent)) };
    let status = command.spawn()?.wait();
    while let Some(signal) = blocked.next()? {
        let signal = Signal::try_from(signal.number);
        if !matches!(signal, Ok(Signal::SIGINT | Signal::SIGQUIT)) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    status
}

/// Undoes what hushed changed for itself; the kernel kills the program when hushed dies.
fn prepare(parent: i32) -> io::Result<()> {
    child::set_parent_death_signal(parent, Signal::SIGKILL)?;
    inherited::restore()?;
    signals::restore_dispositions()?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    Ok(())
}

/// Finds a program by name in `PATH`, as execvp(3) does. Entries that are not absolute are skipped.
pub fn find_in_path(name: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    let is_program =
        |file: &PathBuf| file.is_file() && access(file.as_path(), AccessFlags::X_OK).is_ok();
    let directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join(Path::new(name))).find(is_program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> HelperProgram {
        HelperProgram {
            file: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![("GIVEN".into(), "yes".into())],
            is_interactive: false,
        }
    }

    async fn run(script: &str) -> Result<HelperOutput, HelperError> {
        shell(script).run(100, Duration::from_secs(20)).await
    }

    #[tokio::test]
    async fn a_program_gets_the_given_environment_and_its_output_and_status_are_read() {
        let ended = run("echo $GIVEN ${HOME-none}; cat; exit 3").await.unwrap();
        assert_eq!((ended.output.as_slice(), ended.status), (&b"yes none\n"[..], Some(3)));
        let killed = run("exec 1>&-; kill -9 $$").await.unwrap();
        assert_eq!((killed.output.len(), killed.status), (0, None));
    }

    #[tokio::test]
    async fn a_program_that_takes_too_long_or_writes_too_much_is_killed() {
        let late = shell("exec cat /dev/zero >/dev/null").run(100, Duration::from_millis(50)).await;
        assert!(matches!(late, Err(HelperError::TimedOut)), "{late:?}");
        let large = run("exec cat /dev/zero").await;
        assert!(matches!(large, Err(HelperError::TooLarge(100))), "{large:?}");
        let missing = HelperProgram { file: "/nowhere".into(), ..shell("") };
        let missing = missing.run(100, Duration::from_secs(20)).await;
        assert!(matches!(missing, Err(HelperError::Io(_))), "{missing:?}");
    }

    #[test]
    fn a_name_is_searched_in_absolute_directories_only() {
        assert!(find_in_path("sh", "relative::/nowhere:/bin".as_ref()).is_some());
        assert_eq!(find_in_path("sh", "".as_ref()), None);
        assert_eq!(find_in_path("passwd", "/etc".as_ref()), None, "not executable");
    }
}
