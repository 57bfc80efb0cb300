//! The fetch of `--disk-free`: in a child process that the kernel lets read, and talk to the servers, and
//! nothing else. It knows nothing of sources; it is given the work. `keeper` is a child that stays.
//!
//! ```text
//! hushed --fork--> fetcher: confined, asks the sources, writes one frame, ends
//!        <-------- secrets, or the fault as the user would have seen it
//! ```

mod frame;
mod keeper;

use std::io;

use zeroize::Zeroizing;

use super::context::Context;
use super::disk_free;
use crate::config::{DiskFree, Setting};
use crate::error::Error;
use crate::provider::Settings;
use crate::secret::SecretSet;
use crate::sys::sandbox::{self, SandboxSupport};
use crate::sys::signals::BlockedSignals;
use crate::sys::threads::require_single_thread;
use crate::sys::wait::ChildStatus;
use crate::sys::worker::{Worker, WorkerEvent, WorkerOutput};
use frame::{Frame, HEAD};
pub(super) use keeper::{Keeper, fetch_and_keep};

/// Has a child do the work, confined if `disk_free` is set; what that says to the user is said here. This process must have no
/// thread yet.
pub(super) fn fetch(
    settings: &Settings,
    disk_free: Option<&Setting<DiskFree>>,
    context: &mut Context<'_>,
    work: impl FnOnce(&mut Context<'_>) -> Result<SecretSet, Error>,
) -> Result<SecretSet, Error> {
    let confinement = Confinement::new(settings, disk_free)?;
    // Before the fork: a signal for both then ends neither unseen.
    let interrupts = BlockedSignals::termination().map_err(Error::Runtime)?;
    check_threads()?;
    let child = Worker::spawn(|answer| {
        report_panics(answer);
        let (mut said, mut nowhere) = (Vec::new(), io::sink());
        let mut own = Context {
            stdout: &mut nowhere,
            stderr: &mut said,
            environment: std::mem::take(&mut context.environment),
            directory: std::mem::take(&mut context.directory),
            registry: context.registry,
            error_format: context.error_format,
        };
        let outcome = confinement.enter().and_then(|()| work(&mut own));
        Frame::new(outcome, said).encode()
    })
    .map_err(Error::FetcherIo)?;
    let mut reader = AnswerReader::new(child, interrupts, settings);
    let bytes = reader.answer()?;
    let AnswerReader { child, interrupted, .. } = reader;
    let ended = child.reap().map_err(Error::FetcherIo)?;
    let whole = matches!(ended, None | Some(ChildStatus::Exited(0)));
    let frame = bytes.as_deref().and_then(|bytes| Frame::decode(bytes).ok()).filter(|_| whole);
    receive_answer(frame, interrupted, || death(ended), context)
}

/// What came of the fetch; what the child says to the user is said.
fn receive_answer(
    frame: Option<Frame>,
    interrupted: Option<u8>,
    death: impl FnOnce() -> String,
    context: &mut Context<'_>,
) -> Result<SecretSet, Error> {
    if let Some(frame) = &frame {
        let _unheard = context.stderr.write_all(&frame.said);
    }
    match (interrupted, frame) {
        (Some(signal), _) => Err(Error::Interrupted(signal)),
        (None, Some(frame)) => frame.outcome(),
        (None, None) => Err(Error::FetcherDied(death())),
    }
}

/// What the kernel lets the child do.
struct Confinement(Option<SandboxSupport>, Vec<u16>);

impl Confinement {
    /// That of `--disk-free`, or none.
    fn new(settings: &Settings, disk_free: Option<&Setting<DiskFree>>) -> Result<Self, Error> {
        let kernel = disk_free.map(disk_free::require_kernel).transpose()?;
        Ok(Self(kernel, ports(settings)))
    }

    fn enter(&self) -> Result<(), Error> {
        let Self(kernel, ports) = self;
        kernel.map_or(Ok(()), |kernel| sandbox::enter(kernel, ports)).map_err(Error::Confinement)
    }
}

/// The TCP ports that the sources need.
fn ports(settings: &Settings) -> Vec<u16> {
    let endpoints = settings.sources.iter().flat_map(|source| source.endpoints());
    let proxy = &settings.run.network.proxy;
    let mut ports: Vec<u16> = endpoints.flat_map(|server| proxy.ports(server)).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// A panic is reported as a failure, since the child has no standard error.
fn report_panics(answer: &WorkerOutput) {
    let Ok(answer) = answer.try_clone() else { return };
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        answer.write_and_exit(&Frame::new(Err(Error::Panic(place)), Vec::new()).encode())
    }));
}

impl AnswerReader {
    fn new(child: Worker, interrupts: BlockedSignals, settings: &Settings) -> Self {
        let patient = settings.revoking().next().is_some() || settings.may_lease();
        Self { child, interrupts, patient, interrupted: None }
    }
}

/// Waiting for the answer.
struct AnswerReader {
    child: Worker,
    interrupts: BlockedSignals,
    /// Whether the child has logins to end: then it is told of the first signal, and only the second
    /// ends it at once.
    patient: bool,
    /// The first signal.
    interrupted: Option<u8>,
}

impl AnswerReader {
    /// All bytes of the answer; `None` where they are too few, too many, or announced as more than any
    /// answer can be.
    fn answer(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        match self.first_answer()? {
            Some(bytes) if !self.fill(&mut [0])? => Ok(Some(bytes)),
            _ => Ok(None),
        }
    }

    /// The same of a child that goes on after it.
    fn first_answer(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut head = [0_u8; HEAD];
        if !self.fill(&mut head)? {
            return Ok(None);
        }
        let Some(length) = frame::length(&head) else { return Ok(None) };
        // The right size from the start: a growing buffer would leave copies behind.
        let mut bytes = Zeroizing::new(vec![0_u8; HEAD + length]);
        let (first, rest) = bytes.split_at_mut(HEAD);
        first.copy_from_slice(&head);
        Ok(self.fill(rest)?.then_some(bytes))
    }

    /// Fills a buffer with what the child says; whether there was enough.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, Error> {
        let mut room = buffer;
        while !room.is_empty() {
            match self.child.read_or_signal(room, &self.interrupts).map_err(Error::FetcherIo)? {
                WorkerEvent::Output(0) => return Ok(false),
                WorkerEvent::Output(count) => room = room.get_mut(count..).unwrap_or_default(),
                WorkerEvent::Signal { number, from_terminal } => {
                    if !self.patient || self.interrupted.replace(number).is_some() {
                        return Err(Error::Interrupted(number));
                    }
                    if !from_terminal {
                        self.child.send_signal(number).map_err(Error::FetcherIo)?;
                    }
                }
            }
        }
        Ok(true)
    }
}

/// Fails if this process has more than one thread: the fetcher goes on as a whole program.
fn check_threads() -> Result<(), Error> {
    // The test harness has other threads; all of them wait.
    if cfg!(test) { Ok(()) } else { require_single_thread().map_err(Error::FetcherIo) }
}

/// How it ended, for a message.
fn death(ended: Option<ChildStatus>) -> String {
    match ended {
        Some(ChildStatus::Killed(nix::libc::SIGSYS)) => {
            "the kernel stopped it at a system call that a fetch never makes".into()
        }
        Some(ChildStatus::Killed(signal)) => format!("signal {signal} ended it"),
        Some(ChildStatus::Exited(code)) if code != 0 => format!("it ended with code {code}"),
        _ => "its answer is not whole".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ErrorFormat;
    use crate::config::{
        ConfigInputs, ConfigRequest, Environment, Layer, Origin, TrustRecords, load,
    };
    use crate::provider::Registry;
    use crate::sys::sandbox::SandboxSupport;

    fn settings(variables: &[(&'static str, &'static str)]) -> Settings {
        let environment: Environment = variables.iter().copied().collect();
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::default();
        let files =
            load(&ConfigRequest::default(), &environment, folder.path(), &registry.formats())
                .unwrap();
        let (flags, trust) = (&Layer::default(), &TrustRecords::default());
        let credentials = &crate::config::ResolvedCredentials::default();
        let (files, environment) = (&files, &environment);
        let references = crate::config::ReferenceScope::default();
        let inputs = ConfigInputs { flags, environment, files, trust, credentials, references };
        registry.configure(&inputs).unwrap()
    }

    /// What comes of this work; nothing where this machine cannot show it.
    fn of(
        work: impl FnOnce(&mut Context<'_>) -> Result<SecretSet, Error>,
    ) -> Option<(Result<SecretSet, Error>, String)> {
        let lacks: Vec<_> =
            SandboxSupport::probe().unwrap().missing().iter().map(ToString::to_string).collect();
        if !lacks.is_empty() {
            eprintln!("SKIPPED: {}", lacks.join("; "));
            return None;
        }
        let promise = Setting { value: DiskFree::Strict, origin: Origin::Default };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut context = Context {
            stdout: &mut stdout,
            stderr: &mut stderr,
            environment: Environment::default(),
            directory: "/".into(),
            registry: Registry::default(),
            error_format: ErrorFormat::default(),
        };
        let settings = settings(&[("HUSHED_ENV_FILE", ".env")]);
        let outcome = fetch(&settings, Some(&promise), &mut context, work);
        assert_eq!(stdout, b"");
        Some((outcome, String::from_utf8(stderr).unwrap()))
    }

    #[test]
    fn a_panic_is_told_with_its_place_and_without_its_words() {
        let Some((outcome, _)) = of(|_| panic!("canary")) else { return };
        let told = outcome.unwrap_err().to_string();
        assert!(told.starts_with("this is a bug in hushed (src/command/fetcher/mod.rs:"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }

    #[test]
    fn a_signal_that_the_fetcher_was_ended_by_is_ours() {
        let Some((outcome, _)) = of(|_| Err(Error::Interrupted(15))) else { return };
        assert!(matches!(outcome, Err(Error::Interrupted(15))));
    }

    #[test]
    fn what_the_fetcher_says_is_heard_whatever_comes_of_it() {
        for good in [true, false] {
            let outcome = of(|context| {
                context.warn("the sky falls");
                if good { Ok(SecretSet::default()) } else { Err(Error::SourceWouldBlock) }
            });
            let Some((outcome, said)) = outcome else { return };
            assert_eq!(
                (outcome.is_ok(), said.as_str()),
                (good, "hushed: warning: the sky falls\n")
            );
        }
    }

    #[test]
    fn the_ports_are_those_of_the_sources() {
        let login = [("INFISICAL_TOKEN", "canary"), ("INFISICAL_PROJECT_ID", "shop")];
        for (variables, want) in [
            (&[][..], &[443][..]),
            (&[("INFISICAL_DOMAIN", "http://localhost:8080")], &[8080]),
            (&[("HTTPS_PROXY", "proxy:3128")], &[3128]),
            (&[("HTTPS_PROXY", "proxy:3128"), ("NO_PROXY", "a.test")], &[443, 3128]),
        ] {
            assert_eq!(ports(&settings(&[&login, variables].concat())), want);
        }
        assert_eq!(ports(&settings(&[("HUSHED_ENV_FILE", ".env")])), [0_u16; 0]);
    }
}
