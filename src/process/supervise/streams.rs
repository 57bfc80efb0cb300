//! Opens the standard streams of the command: a pipe for a file or pipe, a pseudo-terminal for a terminal, and one channel
//! for both outputs that go to one place.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::path::PathBuf;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::getpid;

use super::Error;
use super::TerminalMode;
use super::filter::OutputFilter;
use super::outer_terminal::OuterTerminal;
use super::output_relay::{OutputRelay, OutputSource};
use super::output_writer::OutputWriter;
use super::terminal_mirror::TerminalMirror;
use crate::sys::inherited::was_closed_at_start;
use crate::sys::stream::is_same_description;
use crate::sys::terminal::{PtyPair, TerminalModes, WindowSize};

/// The streams that the command will get, and hushed's ends of them.
#[derive(Default)]
pub(super) struct CommandStreams {
    /// The command's standard streams; `None` keeps the inherited one.
    pub ends: [Option<OwnedFd>; 3],
    /// The relays of its output.
    pub outputs: Vec<OutputRelay>,
    /// The terminal of its own session.
    pub inner: Option<InnerTerminal>,
    /// The master and the name of the pseudo-terminal that mirrors the controlling terminal.
    pub mirrored: Option<(OwnedFd, PathBuf)>,
}

/// The controlling pseudo-terminal of the command's own session.
pub(super) struct InnerTerminal {
    pub slave: OwnedFd,
    pub outer: OuterTerminal,
    pub modes: TerminalModes,
}

impl CommandStreams {
    /// Opens pipes and pseudo-terminals for the filtered streams. A stream that was closed at the start stays closed.
    pub(super) fn open(
        stdout: Option<Box<dyn OutputFilter>>,
        stderr: Option<Box<dyn OutputFilter>>,
        mode: TerminalMode,
    ) -> Result<Self, Error> {
        let mut streams = Self::default();
        let (out, err) = (io::stdout(), io::stderr());
        let stdout = stdout.filter(|_| !was_closed_at_start(1));
        let stderr = stderr.filter(|_| !was_closed_at_start(2));
        let both = stdout.is_some() && stderr.is_some();
        if let Some(filter) = stdout {
            streams.open_stream(1, out.as_fd(), filter, mode)?;
        }
        if both && is_one_channel(out.as_fd(), err.as_fd()) {
            streams.share_first().map_err(Error::Streams)?;
        } else if let Some(filter) = stderr {
            streams.open_stream(2, err.as_fd(), filter, mode)?;
        }
        Ok(streams)
    }

    fn open_stream(
        &mut self,
        stream: RawFd,
        own: BorrowedFd<'_>,
        filter: Box<dyn OutputFilter>,
        mode: TerminalMode,
    ) -> Result<(), Error> {
        match (TerminalModes::get(own), mode) {
            (None, _) | (_, TerminalMode::Off) => {
                self.open_pipe(stream, own, filter).map_err(Error::Streams)
            }
            (Some(modes), TerminalMode::Inner) if stream == 1 => {
                self.open_inner(own, modes, filter).map_err(Error::Terminal)
            }
            (Some(modes), _) => {
                self.open_mirror(stream, own, modes, filter).map_err(Error::Terminal)
            }
        }
    }

    fn open_inner(
        &mut self,
        own: BorrowedFd<'_>,
        modes: TerminalModes,
        filter: Box<dyn OutputFilter>,
    ) -> io::Result<()> {
        let PtyPair { master, slave, .. } =
            PtyPair::open(Some(&modes), WindowSize::get(own).as_ref())?;
        let outer = OuterTerminal::new(own, master.try_clone()?, modes)?;
        self.outputs.push(OutputRelay::new(
            master,
            OutputSource::Inner,
            OutputWriter::open(own)?,
            filter,
            1,
        ));
        if io::stdin().is_terminal() && !was_closed_at_start(0) {
            self.ends[0] = Some(slave.try_clone()?);
        }
        self.ends[1] = Some(slave.try_clone()?);
        self.inner = Some(InnerTerminal { slave, outer, modes });
        Ok(())
    }

    fn open_mirror(
        &mut self,
        stream: RawFd,
        own: BorrowedFd<'_>,
        modes: TerminalModes,
        filter: Box<dyn OutputFilter>,
    ) -> io::Result<()> {
        let PtyPair { master, slave, name } =
            PtyPair::open(Some(&modes), WindowSize::get(own).as_ref())?;
        if let Some(name) = name
            && self.mirrored.is_none()
            && crate::sys::terminal::is_controlling(own)
        {
            self.mirrored = Some((master.try_clone()?, name));
        }
        let mirror = TerminalMirror::new(own.try_clone_to_owned()?, master.try_clone()?, modes);
        let source = OutputSource::Mirror(Box::new(mirror));
        self.outputs.push(OutputRelay::new(
            master,
            source,
            OutputWriter::open(own)?,
            filter,
            stream,
        ));
        self.put(stream, slave);
        Ok(())
    }

    fn open_pipe(
        &mut self,
        stream: RawFd,
        own: BorrowedFd<'_>,
        filter: Box<dyn OutputFilter>,
    ) -> io::Result<()> {
        let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
        // Only the reading end: the command's end must block, as any pipe does.
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let to = OutputWriter::open(own)?;
        self.outputs.push(OutputRelay::new(reader, OutputSource::Pipe, to, filter, stream));
        self.put(stream, writer);
        Ok(())
    }

    /// Gives standard error the channel of standard output.
    fn share_first(&mut self) -> io::Result<()> {
        if let ([_, Some(out), err], Some(output)) = (&mut self.ends, self.outputs.first_mut()) {
            *err = Some(out.try_clone()?);
            output.add_stream(2);
        }
        Ok(())
    }

    fn put(&mut self, stream: RawFd, end: OwnedFd) {
        let place = usize::try_from(stream).ok().and_then(|stream| self.ends.get_mut(stream));
        if let Some(place) = place {
            *place = Some(end);
        }
    }
}

/// Whether writes to both go to one place in order: one terminal, pipe or socket; or one file through one description, or
/// through two that append.
fn is_one_channel(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let (Ok(first), Ok(second)) = (fstat(one), fstat(other)) else { return false };
    let same = |a: &nix::sys::stat::FileStat, b: &nix::sys::stat::FileStat| {
        (a.st_dev, a.st_ino, a.st_rdev) == (b.st_dev, b.st_ino, b.st_rdev)
    };
    if !same(&first, &second) {
        return false;
    }
    if SFlag::from_bits_truncate(first.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
        return true;
    }
    let appends = |fd: BorrowedFd<'_>| {
        fcntl(fd, FcntlArg::F_GETFL)
            .is_ok_and(|flags| OFlag::from_bits_retain(flags).contains(OFlag::O_APPEND))
    };
    is_same_description(getpid().as_raw(), one.as_raw_fd(), other.as_raw_fd()).unwrap_or(true)
        || appends(one) && appends(other)
}
