//! Settings to secrets: opens the sources, fetches from them at once, and lets a signal end it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use tokio::runtime::Builder;

use crate::config::Settings;
use crate::error::Error;
use crate::provider::{self, Source};
use crate::resolve::{self, Globs, Resolution, Shape};
use crate::secret::SecretSet;
use crate::sys::signal::Interrupts;

/// Fetches all secrets. A signal that asks us to end does so at once: what was under way is dropped.
pub(super) fn fetch(settings: &Settings) -> Result<SecretSet, Error> {
    if settings.reaches_network() {
        return in_runtime(async {
            let sources = open(settings)?;
            Ok(resolve::fetch(&sources).await?)
        });
    }
    // Files need no runtime, and to make one costs more than to read them.
    let sources = open(settings)?;
    match pin!(resolve::fetch(&sources)).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Ok(outcome?),
        Poll::Pending => Err(Error::Stuck),
    }
}

/// Runs a future that talks to servers, until it is done or a signal asks us to end. Outside of it
/// signals have their usual effect: files are read in no time, or block as they would for `cat`.
pub(super) fn in_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Before the runtime, whose threads inherit the mask.
    let interrupts = Interrupts::block().map_err(Error::Runtime)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(async {
        let mut work = pin!(work);
        let mut interrupt = pin!(interrupts.next());
        std::future::poll_fn(|task| {
            if let Poll::Ready(outcome) = work.as_mut().poll(task) {
                return Poll::Ready(outcome);
            }
            match interrupt.as_mut().poll(task) {
                Poll::Ready(Ok(signal)) => Poll::Ready(Err(Error::Interrupted(signal))),
                Poll::Ready(Err(error)) => Poll::Ready(Err(Error::Runtime(error))),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    });
    // A thread that still resolves a name must not be waited for.
    runtime.shutdown_background();
    outcome
}

/// Opens every source of the settings.
pub(super) fn open(settings: &Settings) -> Result<Vec<Box<dyn Source>>, Error> {
    let open = |source| provider::open(source, settings).map_err(Error::Provider);
    settings.sources.iter().map(open).collect()
}

/// The rules of the settings, compiled.
pub(super) fn shape(settings: &Settings) -> Result<Shape, Error> {
    let transform = settings.transform.as_ref().map(|setting| {
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
        only: settings.only.as_ref().map(|globs| Globs::new(globs)),
        exclude: Globs::new(&settings.exclude),
        prefix: settings.prefix.clone(),
        rename: settings.rename.clone(),
        transform: transform.transpose()?,
        require: settings.require.clone(),
        allow_reserved: settings.allow_reserved.clone(),
    })
}

/// Fetches, and decides which variables the secrets become. Problems are part of the answer.
pub(super) fn resolve(settings: &Settings) -> Result<Resolution, Error> {
    let shape = shape(settings)?;
    Ok(resolve::resolve(fetch(settings)?, &shape))
}

/// The same, where any problem is an error.
pub(super) fn resolve_or_refuse(settings: &Settings) -> Result<Resolution, Error> {
    let resolution = resolve(settings)?;
    if resolution.problems.is_empty() {
        return Ok(resolution);
    }
    Err(Error::Resolve(resolve::Error::Refused(resolution.problems)))
}
