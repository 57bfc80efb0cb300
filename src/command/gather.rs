//! Settings to secrets: opens the sources, fetches from them at once, and lets a signal end it. What
//! logging in began is ended where the settings ask for it, however the rest went.

use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::{Either, join_all, select};
use tokio::runtime::Builder;

use super::context::Context;
use super::{fetcher, inherit};
use crate::cache::SourceCache;
use crate::error::Error;
use crate::message::in_one_line;
use crate::provider::{Configured, Settings};
use crate::resolve::{self, Globs, Note, Part, Resolution, Shape};
use crate::secret::SecretSet;
use crate::sys::signal::Interrupts;

/// Sources that are still logged in. They are to be told when nobody needs that any more.
#[derive(Debug, Default)]
pub(super) struct Logins(Vec<Part>);

impl Logins {
    /// Ends them, once. What cannot be ended is worth a warning, and no more.
    pub(super) fn end(&mut self, context: &mut Context<'_>) {
        let parts = std::mem::take(&mut self.0);
        if parts.is_empty() {
            return;
        }
        let faults = in_runtime(async { Ok(end(&parts).await) });
        warn(faults.unwrap_or_else(|error| vec![cut_short(&error)]), context);
    }
}

/// What fetching gave, and what it leaves behind.
#[derive(Default)]
struct Fetched {
    logins: Logins,
    notes: Vec<Note>,
    faults: Vec<String>,
}

/// Fetches all secrets, in a confined child where nothing may be written, and passes on what is to be
/// said of caches. A signal that asks us to end does so at once: what was under way is dropped.
pub(super) fn fetch(settings: &Settings, context: &mut Context<'_>) -> Result<SecretSet, Error> {
    fetch_until(settings, false, context).map(|(secrets, _)| secrets)
}

/// The same; the sources stay logged in beyond it if that is said. A confined child ends with its fetch,
/// and so do its logins.
fn fetch_until(
    settings: &Settings,
    later: bool,
    context: &mut Context<'_>,
) -> Result<(SecretSet, Logins), Error> {
    inherit::withhold(&mut context.environment, &settings.run.inherit);
    let Some(disk_free) = &settings.run.disk_free else {
        return fetch_here(settings, later, context);
    };
    let secrets = fetcher::fetch(settings, disk_free, context, |context| {
        fetch_here(settings, false, context).map(|(secrets, _)| secrets)
    })?;
    Ok((secrets, Logins::default()))
}

fn fetch_here(
    settings: &Settings,
    later: bool,
    context: &mut Context<'_>,
) -> Result<(SecretSet, Logins), Error> {
    let parts = open(settings)?;
    let (outcome, fetched) = match consult(settings, &parts) {
        Ok(true) => over_network(settings, parts, later)?,
        Ok(false) => (
            at_once(resolve::fetch(&parts))?.map_err(Error::from),
            Fetched { notes: notes(&parts), ..Fetched::default() },
        ),
        Err(error) => (Err(error), Fetched { notes: notes(&parts), ..Fetched::default() }),
    };
    for note in fetched.notes {
        match note {
            Note::Served { .. } => context.say(true, &note.to_string()),
            Note::Trouble { .. } => context.warn(&note.to_string()),
        }
    }
    warn(fetched.faults, context);
    Ok((outcome?, fetched.logins))
}

/// Looks into the caches that come before their server. Says whether a server is to be asked still.
fn consult(settings: &Settings, parts: &[Part]) -> Result<bool, Error> {
    let mut asks = false;
    for (part, source) in parts.iter().zip(&settings.sources) {
        asks |= !part.consult()? && !source.endpoints().is_empty();
    }
    Ok(asks)
}

/// Finishes work that waits for nothing. Files and caches need no runtime, and to make one costs more
/// than to read them.
pub(super) fn at_once<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    work.now_or_never().ok_or(Error::Stuck)
}

fn over_network(
    settings: &Settings,
    parts: Vec<Part>,
    later: bool,
) -> Result<(Result<SecretSet, Error>, Fetched), Error> {
    let revokes = settings.revoking().next().is_some();
    runtime(async |interrupts| {
        let work = async { Ok(resolve::fetch(&parts).await?) };
        let outcome = or_interrupted(work, interrupts).await;
        let fetched = Fetched { notes: notes(&parts), ..Fetched::default() };
        if !revokes {
            return (outcome, fetched);
        }
        if later && outcome.is_ok() {
            parts.iter().for_each(Part::pause);
            return (outcome, Fetched { logins: Logins(parts), ..fetched });
        }
        match or_interrupted(async { Ok(end(&parts).await) }, interrupts).await {
            Ok(faults) => (outcome, Fetched { faults, ..fetched }),
            Err(error) => {
                let faults = vec![cut_short(&error)];
                (outcome.and(Err(error)), Fetched { faults, ..fetched })
            }
        }
    })
}

fn notes(parts: &[Part]) -> Vec<Note> {
    parts.iter().flat_map(Part::take_notes).collect()
}

/// Tells all sources at once that nothing more is read; what each has to object.
async fn end(parts: &[Part]) -> Vec<String> {
    let fault = async |part: &Part| {
        let error = part.end().await.err()?;
        Some(unrevoked(&format!(" of `{}`", part.name()), &in_one_line(&error)))
    };
    join_all(parts.iter().map(fault)).await.into_iter().flatten().collect()
}

fn cut_short(error: &Error) -> String {
    unrevoked("", &in_one_line(error))
}

fn unrevoked(whose: &str, why: &str) -> String {
    format!("the access token{whose} was not revoked and lives until it expires: {why}")
}

fn warn(faults: Vec<String>, context: &mut Context<'_>) {
    for fault in faults {
        context.warn(&fault);
    }
}

/// Runs a future that talks to servers, until it is done or a signal asks us to end. Outside of it
/// signals have their usual effect: files are read in no time, or block as they would for `cat`.
pub(super) fn in_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    runtime(async |interrupts| or_interrupted(work, interrupts).await)?
}

/// Runs a future that talks to servers, and hears of signals itself.
fn runtime<T>(work: impl AsyncFnOnce(&Interrupts) -> T) -> Result<T, Error> {
    // Before the runtime, whose threads inherit the mask.
    let interrupts = Interrupts::block().map_err(Error::Runtime)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(work(&interrupts));
    // A thread that still resolves a name must not be waited for.
    runtime.shutdown_background();
    Ok(outcome)
}

/// Does the work, unless a signal asks us to end before it is done.
async fn or_interrupted<T>(
    work: impl Future<Output = Result<T, Error>>,
    interrupts: &Interrupts,
) -> Result<T, Error> {
    match select(pin!(work), pin!(interrupts.next())).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((Ok(signal), _)) => Err(Error::Interrupted(signal)),
        Either::Right((Err(error), _)) => Err(Error::Runtime(error)),
    }
}

/// Opens every source of the settings, with its cache.
fn open(settings: &Settings) -> Result<Vec<Part>, Error> {
    let open = |source: &dyn Configured| {
        let cache = source.cache();
        let cache =
            cache.map(|(caching, identity)| SourceCache::new(source.name(), caching, &identity));
        Ok(Part::new(source.open(&settings.run)?, cache, settings.run.timeout))
    };
    settings.sources.iter().map(|source| open(&**source)).collect()
}

/// The rules of the settings, compiled.
pub(super) fn shape(settings: &Settings) -> Result<Shape, Error> {
    let run = &settings.run;
    let transform = run.transform.as_ref().map(|setting| {
        setting.value.parse().map_err(|_unknown| {
            Error::Config(crate::config::Error::Choice {
                origin: setting.origin.clone(),
                what: "transform",
                value: setting.value.clone(),
                known: resolve::Transform::NAMES.map(str::to_owned).into(),
            })
        })
    });
    Ok(Shape {
        only: run.only.as_ref().map(|globs| Globs::new(globs)),
        exclude: Globs::new(&run.exclude),
        prefix: run.prefix.clone(),
        rename: run.rename.clone(),
        transform: transform.transpose()?,
        require: run.require.clone(),
        allow_reserved: run.allow_reserved.clone(),
    })
}

/// Fetches, and decides which variables the secrets become. Problems are part of the answer.
pub(super) fn resolve(settings: &Settings, context: &mut Context<'_>) -> Result<Resolution, Error> {
    let shape = shape(settings)?;
    Ok(resolve::resolve(fetch(settings, context)?, &shape))
}

/// The same, where any problem is an error.
pub(super) fn resolve_or_refuse(
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Resolution, Error> {
    accepted(resolve(settings, context)?)
}

/// The same for a command that runs as our child if that is said: then the sources stay logged in.
pub(super) fn resolve_for_command(
    settings: &Settings,
    child: bool,
    context: &mut Context<'_>,
) -> Result<(Resolution, Logins), Error> {
    let shape = shape(settings)?;
    let (secrets, mut logins) = fetch_until(settings, child, context)?;
    match accepted(resolve::resolve(secrets, &shape)) {
        Ok(resolution) => Ok((resolution, logins)),
        Err(error) => {
            logins.end(context);
            Err(error)
        }
    }
}

fn accepted(resolution: Resolution) -> Result<Resolution, Error> {
    if resolution.problems.is_empty() {
        return Ok(resolution);
    }
    Err(Error::Resolve(resolve::Error::Refused(resolution.problems)))
}
