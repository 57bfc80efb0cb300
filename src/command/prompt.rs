//! A prompt without echo at the controlling terminal. The terminal has its own modes again whenever hushed
//! stops (Ctrl-Z), is interrupted (Ctrl-C) or returns; after `fg` hushed asks again.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::AsFd as _;

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::Value;
use crate::sys::signals::{BlockedSignals, StopTarget, stop_self, take_continue};
use crate::sys::terminal::TerminalModes;

/// More than the longest line that the kernel passes on from a terminal, 4095 bytes.
const MAX_LINE: usize = 1 << 13;

const NEWLINE: u8 = b'\n';

/// Asks for one line, which is not echoed.
pub(super) fn read_hidden(question: &str) -> Result<Value, Error> {
    let signals = BlockedSignals::prompt().map_err(Error::Runtime)?;
    let failed = |error| Error::Input("the terminal".into(), error);
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(failed)?;
    let mut prompt = Prompt { terminal, signals, question };
    loop {
        match prompt.ask().map_err(failed)? {
            Answer::Line(value) => return Ok(value),
            Answer::Signal(libc::SIGTSTP) => {
                stop_self(libc::SIGTSTP, StopTarget::Process).map_err(failed)?;
                take_continue();
            }
            // Somebody else stopped the process, and a shell may have changed the modes.
            Answer::Signal(libc::SIGCONT) => {}
            Answer::Signal(number) => {
                return Err(Error::Interrupted(u8::try_from(number).unwrap_or(0)));
            }
        }
    }
}

enum Answer {
    Line(Value),
    Signal(i32),
}

struct Prompt<'a> {
    terminal: File,
    signals: BlockedSignals,
    question: &'a str,
}

impl Prompt<'_> {
    /// Asks once, until there is a line or a signal. The terminal has its own modes before and after.
    fn ask(&mut self) -> io::Result<Answer> {
        let modes = TerminalModes::get(self.terminal.as_fd())
            .ok_or_else(|| io::Error::from(ErrorKind::Unsupported))?;
        // In the background this stops hushed until it is in the foreground.
        modes.without_echo().apply(self.terminal.as_fd())?;
        let answer = self
            .terminal
            .write_all(self.question.as_bytes())
            .and_then(|()| read_line(&mut self.terminal, &self.signals));
        modes.apply(self.terminal.as_fd())?;
        // The line ending was not echoed either.
        self.terminal.write_all(&[NEWLINE])?;
        answer
    }
}

/// Reads a line, or the signal that comes first.
fn read_line(terminal: &mut File, signals: &BlockedSignals) -> io::Result<Answer> {
    let mut line = Zeroizing::new([0; MAX_LINE]);
    let mut length = 0;
    loop {
        let mut polled = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(terminal.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let is_readable = polled.get(1).and_then(PollFd::any).unwrap_or(false);
        if let Some(signal) = signals.next()? {
            return Ok(Answer::Signal(signal.number));
        }
        if !is_readable {
            continue;
        }
        let room = line.get_mut(length..).unwrap_or_default();
        if room.is_empty() {
            return Err(io::Error::new(ErrorKind::InvalidData, "the line is too long"));
        }
        let count = terminal.read(room)?;
        length += count;
        let typed = line.get(..length).unwrap_or_default();
        match typed.strip_suffix(&[NEWLINE]) {
            Some(typed) => return Ok(Answer::Line(Value::from(typed))),
            // The end-of-file key, Ctrl-D.
            None if count == 0 && typed.is_empty() => {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            None if count == 0 => return Ok(Answer::Line(Value::from(typed))),
            None => {}
        }
    }
}
