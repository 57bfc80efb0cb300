//! A fetch whose child process stays for as long as the command runs: it keeps the logins, renews leases, and revokes
//! both at the end, so that the supervisor needs no network and holds no credential. It ends when hushed releases
//! it, or dies.
//!
//! ```text
//! hushed --fork--> keeper: asks the sources, writes one frame
//!        <-------- secrets                     keeper renews what is due
//!    command runs                              …
//!        --release (or death)-->               keeper revokes, and writes what the user should know
//!        <-------- text, and the end mark
//! ```

use std::io;

use zeroize::Zeroizing;

use super::frame::Frame;
use super::{AnswerReader, Confinement, check_threads, death, receive_answer, report_panics};
use crate::command::context::Context;
use crate::command::gather::Logins;
use crate::error::Error;
use crate::provider::Settings;
use crate::secret::SecretSet;
use crate::sys::signals::BlockedSignals;
use crate::sys::worker::{Release, Worker, WorkerEvent, WorkerOutput};

/// What a keeper writes last: without it, it did not finish.
const END_MARK: u8 = 0;

/// The process that keeps logins and leases.
#[derive(Debug)]
pub(in crate::command) struct Keeper(Worker);

/// Has a child fetch, and keep what logging in and leasing have begun.
pub(in crate::command) fn fetch_and_keep(
    settings: &Settings,
    context: &mut Context<'_>,
    work: impl FnOnce(&mut Context<'_>) -> Result<(SecretSet, Logins), Error>,
) -> Result<(SecretSet, Keeper), Error> {
    let confinement = Confinement::new(settings, settings.run.disk_free.as_ref())?;
    // Before the fork: a signal for both then ends neither unseen.
    let interrupts = BlockedSignals::termination().map_err(Error::Runtime)?;
    check_threads()?;
    let child = Worker::spawn_keeper(|answer, release| {
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
        match confinement.enter().and_then(|()| work(&mut own)) {
            Ok((secrets, logins)) => keep(Frame::new(Ok(secrets), said), logins, answer, &release),
            Err(error) => Frame::new(Err(error), said).encode(),
        }
    })
    .map_err(Error::FetcherIo)?;
    let mut reader = AnswerReader::new(child, interrupts, settings);
    let bytes = reader.first_answer()?;
    let AnswerReader { child, interrupted, .. } = reader;
    let frame = bytes.as_deref().and_then(|bytes| Frame::decode(bytes).ok());
    let keeper = Keeper(child);
    match receive_answer(frame, interrupted, || "its answer is not whole".to_owned(), context) {
        Ok(secrets) => Ok((secrets, keeper)),
        Err(error) => {
            // It has nothing to keep, or cleans up by itself.
            drop(keeper);
            Err(error)
        }
    }
}

/// Gives the secrets, and then keeps the logins until the release; the warnings, a line each, and the end mark.
fn keep(
    frame: Frame,
    mut logins: Logins,
    answer: &WorkerOutput,
    release: &Release,
) -> Zeroizing<Vec<u8>> {
    // A parent that is gone is found out by the release.
    let _unheard = answer.write(&frame.encode());
    // The values are the command's from here on.
    drop(frame);
    let mut told = Zeroizing::new(logins.keep_until(release).join("\n").into_bytes());
    told.push(END_MARK);
    told
}

impl Keeper {
    /// Its process, which is none of the command's.
    pub(in crate::command) fn pid(&self) -> i32 {
        self.0.pid()
    }

    /// Releases it, and waits until it has revoked what it kept. A signal ends the waiting: it goes on by itself.
    pub(in crate::command) fn finish(mut self, context: &mut Context<'_>) {
        self.0.release();
        match self.rest() {
            Ok(Some(told)) => told.lines().for_each(|line| context.warn(line)),
            Ok(None) => {
                let why = death(self.0.reap().ok().flatten());
                context.warn(&format!(
                    "the process that renews and revokes leases ended early, and they live until they expire: {why}"
                ));
                return;
            }
            Err(error) => {
                context.warn(&format!("leases and logins are still being revoked: {error}"));
                return;
            }
        }
        let _status = self.0.reap();
    }

    /// What it writes at the end; `None` if it ended without the end mark.
    fn rest(&mut self) -> io::Result<Option<String>> {
        let interrupts = BlockedSignals::termination()?;
        let (mut told, mut chunk) = (Vec::new(), [0_u8; 1024]);
        loop {
            match self.0.read_or_signal(&mut chunk, &interrupts)? {
                WorkerEvent::Output(0) => break,
                WorkerEvent::Output(count) => {
                    told.extend_from_slice(chunk.get(..count).unwrap_or_default());
                }
                WorkerEvent::Signal { number, .. } => {
                    return Err(io::Error::other(format!("interrupted by signal {number}")));
                }
            }
        }
        Ok((told.pop() == Some(END_MARK)).then(|| String::from_utf8_lossy(&told).into_owned()))
    }
}
