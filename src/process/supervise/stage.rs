//! All that the command finds when it starts: its streams, its terminal, its place among the processes,
//! its environment. It waits for nothing but the exec.

use std::ffi::CStr;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::stat::fstat;

use super::filter::Filter;
use super::notify::Relay;
use super::outlet::Outlet;
use super::pump::Pump;
use super::state::{Place, Terms};
use super::terminal::{Outer, Shared};
use super::{Error, Image, Program, Supervision};
use crate::process::lookup::argv;
use crate::process::replace::{explain, files};
use crate::sys::child::{self, Refusal, Setup};
use crate::sys::exec::Launch;
use crate::sys::inherited::was_closed;
use crate::sys::monitor::{self, Monitor, Session};
use crate::sys::signals::{Blocked, is_ignored};
use crate::sys::terminal::{Modes, Pair, Size};

/// The command, and all that was opened for it.
pub(super) struct Stage {
    pub command: i32,
    pub monitor: Option<Monitor>,
    pub pumps: Vec<Pump>,
    pub outer: Option<Outer>,
    pub shared: Option<Shared>,
    pub relay: Option<Relay>,
}

/// Starts the command.
pub(super) fn start(
    program: &Program,
    image: &Image<'_>,
    supervision: Supervision,
    signals: &Blocked,
) -> Result<(Stage, Terms), Error> {
    let Supervision { stdout, stderr, init, grace } = supervision;
    child::adopt_orphans().map_err(Error::Start)?;
    let relay = Relay::open(image.environment).map_err(Error::Notify)?;
    let own_variable = relay.as_ref().map(Relay::variable);
    let environment = environment(image.environment, own_variable.as_deref());
    let (argv, files) = (argv(image.command)?, files(program)?);
    let mut launch = Launch::new(files, program.is_searched(), &argv, &environment);
    launch.rename_process(&environment);

    let mut streams = Streams::open(stdout, stderr).map_err(Error::Streams)?;
    let shared = if streams.terminal.is_some() { None } else { Shared::open() };
    let place = match (&streams.terminal, &shared) {
        (Some(_), _) => Place::OwnSession,
        (None, Some(_)) => Place::OurGroup { leader: leads_session() },
        (None, None) => Place::OwnGroup,
    };
    let (command, monitor, outer) =
        spawn(&mut launch, &mut streams, place, signals).map_err(|refusal| match refusal {
            Refusal::Exec(failure) => explain(program, failure),
            Refusal::Setup(error) => Error::Start(error),
        })?;
    let term_ignored = is_ignored(libc::SIGTERM);
    let stage = Stage { command, monitor, pumps: streams.pumps, outer, shared, relay };
    Ok((stage, Terms { place, grace, sweep: init, term_ignored }))
}

fn environment<'a>(given: &[&'a CStr], socket: Option<&'a CStr>) -> Vec<&'a CStr> {
    let own = |string: &&'a CStr| match socket {
        Some(socket) if Relay::replaces(string) => socket,
        _ => *string,
    };
    given.iter().map(own).collect()
}

fn leads_session() -> bool {
    nix::unistd::getsid(None) == Ok(nix::unistd::getpid())
}

type Spawned = (i32, Option<Monitor>, Option<Outer>);

fn spawn(
    launch: &mut Launch<'_>,
    streams: &mut Streams,
    place: Place,
    signals: &Blocked,
) -> Result<Spawned, Refusal> {
    // The command's ends close here, once it has them: else its output would never end.
    let ends = std::mem::take(&mut streams.ends);
    let mut setup = Setup {
        streams: ends.each_ref().map(|end| end.as_ref().map(OwnedFd::as_fd)),
        mask: signals.inherited(),
        own_group: !matches!(place, Place::OurGroup { .. }),
        foreground: None,
    };
    let Some(mut terminal) = streams.terminal.take() else {
        return Ok((child::spawn(launch, &setup)?, None, None));
    };
    let foreground = terminal.outer.take().map_err(Refusal::Setup)?;
    setup.foreground = foreground.then_some(terminal.slave.as_fd());
    let session = Session {
        terminal: terminal.slave.as_fd(),
        outer: Some((terminal.outer.own(), terminal.modes)),
        foreground,
    };
    let monitor = monitor::spawn(launch, &setup, &session)?;
    Ok((monitor.command, Some(monitor), Some(terminal.outer)))
}

/// The pseudo-terminal that a command in a session of its own has.
struct Terminal {
    slave: OwnedFd,
    outer: Outer,
    modes: Modes,
}

/// The command's streams, before it has them.
#[derive(Default)]
struct Streams {
    ends: [Option<OwnedFd>; 3],
    pumps: Vec<Pump>,
    terminal: Option<Terminal>,
}

impl Streams {
    /// Opens what the filtered streams need. A command whose output is a terminal gets a terminal in
    /// its place, with keyboard and all; one whose standard error alone is a terminal keeps ours, and
    /// writes to a terminal that is a mere wire.
    fn open(stdout: Option<Box<dyn Filter>>, stderr: Option<Box<dyn Filter>>) -> io::Result<Self> {
        let mut streams = Self::default();
        let (out, err) = (io::stdout(), io::stderr());
        let open = |stream: i32| !was_closed(stream);
        if let Some(filter) = stdout.filter(|_| open(1)) {
            match Modes::of(out.as_fd()) {
                Some(modes) => streams.open_terminal(out.as_fd(), modes, filter)?,
                None => streams.open_pipe(1, out.as_fd(), filter)?,
            }
        }
        if let Some(filter) = stderr.filter(|_| open(2)) {
            match (&streams.terminal, Modes::of(err.as_fd())) {
                (Some(terminal), Some(_)) if same_device(out.as_fd(), err.as_fd())? => {
                    streams.ends[2] = Some(terminal.slave.try_clone()?);
                }
                (_, Some(modes)) => streams.open_wire(2, err.as_fd(), modes, filter)?,
                (_, None) => streams.open_pipe(2, err.as_fd(), filter)?,
            }
        }
        Ok(streams)
    }

    fn open_terminal(
        &mut self,
        own: BorrowedFd<'_>,
        modes: Modes,
        filter: Box<dyn Filter>,
    ) -> io::Result<()> {
        let Pair { master, slave } = Pair::open(Some(&modes), Size::of(own).as_ref())?;
        let outer = Outer::new(own, master.try_clone()?, modes)?;
        self.pumps.push(Pump::new(master, Outlet::open(own)?, filter, false));
        self.ends[1] = Some(slave.try_clone()?);
        if io::stdin().is_terminal() && !was_closed(0) {
            self.ends[0] = Some(slave.try_clone()?);
        }
        self.terminal = Some(Terminal { slave, outer, modes });
        Ok(())
    }

    fn open_wire(
        &mut self,
        stream: usize,
        own: BorrowedFd<'_>,
        modes: Modes,
        filter: Box<dyn Filter>,
    ) -> io::Result<()> {
        let Pair { master, slave } = Pair::open(Some(&modes.raw()), Size::of(own).as_ref())?;
        self.pumps.push(Pump::new(master, Outlet::open(own)?, filter, false).sized());
        self.put(stream, slave);
        Ok(())
    }

    fn open_pipe(
        &mut self,
        stream: usize,
        own: BorrowedFd<'_>,
        filter: Box<dyn Filter>,
    ) -> io::Result<()> {
        let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
        // Only our end: the command's must block, as any pipe does.
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        self.pumps.push(Pump::new(reader, Outlet::open(own)?, filter, true));
        self.put(stream, writer);
        Ok(())
    }

    fn put(&mut self, stream: usize, end: OwnedFd) {
        if let Some(place) = self.ends.get_mut(stream) {
            *place = Some(end);
        }
    }
}

fn same_device(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(fstat(one)?.st_rdev == fstat(other)?.st_rdev)
}
