//! Fetches the secrets of all configured sources concurrently, interruptible by signals. Revokes access
//! tokens where the settings ask for it, also after an error.

use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::{Either, join_all, select};
use tokio::runtime::Builder;

use super::context::Context;
use super::fetcher::{self, Keeper};
use super::inherit::EnvironmentRules;
use super::progress::with_progress;
use super::{disk_free, inherit, patterns};
use crate::cache::SourceCache;
use crate::config::{Environment, ResolvedCredentials, RunSettings};
use crate::error::Error;
use crate::message::in_one_line;
use crate::provider::{Class, Configured, LeaseInfo, Settings, env_table, written};
use crate::resolve::{self, CacheNotice, CachedSource, Globs, Inherited, MappingRules, Resolution};
use crate::secret::{Age, Name, Secret, SecretSet};
use crate::sys::signals::BlockedSignals;
use crate::sys::worker::Release;

/// What becomes of the secrets after the fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretUse {
    /// Nothing: only their names and sizes are shown. Leases and logins end at once.
    Shown,
    /// They outlive hushed: a command that takes its place, or whoever reads its output, uses them.
    HandedOver,
    /// A child uses them. Leases and logins are kept until it ends.
    Supervised,
}

/// Sources that are still logged in, or hold leases; both are revoked at the end.
#[derive(Debug, Default)]
pub(super) struct Logins {
    /// Those of this process.
    sources: Vec<CachedSource>,
    /// The process that has them instead.
    keeper: Option<Keeper>,
}

impl Logins {
    /// The process that keeps them, if it is another one.
    pub(super) fn keeper(&self) -> Option<i32> {
        self.keeper.as_ref().map(Keeper::pid)
    }

    /// Renews leases until this process is released, and ends everything; warnings for the user.
    pub(super) fn keep_until(&mut self, release: &Release) -> Vec<String> {
        let sources = std::mem::take(&mut self.sources);
        if sources.is_empty() {
            return Vec::new();
        }
        let kept = runtime(async |_blocked| {
            let mut warnings = renew_until(&sources, release).await;
            warnings.extend(end(&sources).await);
            warnings
        });
        kept.unwrap_or_else(|error| vec![cut_short(&error)])
    }

    /// Revokes the tokens and leases, once. A failure is only a warning.
    pub(super) fn end(&mut self, context: &mut Context<'_>) {
        if let Some(keeper) = self.keeper.take() {
            keeper.finish(context);
        }
        let parts = std::mem::take(&mut self.sources);
        if parts.is_empty() {
            return;
        }
        let faults = in_runtime(async { Ok(end(&parts).await) });
        warn(faults.unwrap_or_else(|error| vec![cut_short(&error)]), context);
    }
}

/// What a fetch leaves to do: open logins, notices of caches, and warnings.
#[derive(Default)]
struct Fetched {
    logins: Logins,
    notes: Vec<CacheNotice>,
    faults: Vec<String>,
}

/// Fetches all secrets, in a confined child in disk-free mode, and prints notices of caches. SIGINT,
/// SIGTERM and SIGHUP interrupt it at once.
pub(super) fn fetch(
    settings: &Settings,
    used: SecretUse,
    context: &mut Context<'_>,
) -> Result<SecretSet, Error> {
    fetch_until(settings, used, context).map(|(secrets, _)| secrets)
}

/// Fetches the credentials that sources take from other sources, in a child process: this one may have to fork
/// later. Logins are kept as far as the credentials depend on them.
pub(super) fn credentials(
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<ResolvedCredentials, Error> {
    disk_free::enforce(settings, &disk_free::writes(settings, false), context)?;
    let disk_free = settings.run.disk_free.as_ref();
    let secrets = fetcher::fetch(settings, disk_free, context, |context| {
        fetch_here(settings, SecretUse::HandedOver, context).map(|(secrets, _)| secrets)
    })?;
    let credential = |secret: Secret| {
        let version = secret.provenance.version.map(|version| format!(", version {version}"));
        let place = format!("{}{}", secret.provenance.place, version.unwrap_or_default());
        (secret.name.as_str().to_owned(), secret.value, place)
    };
    Ok(ResolvedCredentials::new(secrets.into_iter().map(credential).collect()))
}

/// Like [`fetch`]; for a child, the sources stay logged in. Logins of a confined child always end with the child.
fn fetch_until(
    settings: &Settings,
    used: SecretUse,
    context: &mut Context<'_>,
) -> Result<(SecretSet, Logins), Error> {
    inherit::withhold(&mut context.environment, &settings.run.inherit);
    // Their values come from the source of inherited variables, in the place of the references.
    let inherited = &settings.references.inherited;
    context.environment.remove(|variable| inherited.iter().any(|name| variable.name == **name));
    if used == SecretUse::Supervised && settings.may_lease() {
        let (secrets, keeper) = fetcher::fetch_and_keep(settings, context, |context| {
            fetch_here(settings, used, context)
        })?;
        return Ok((secrets, Logins { keeper: Some(keeper), ..Logins::default() }));
    }
    let Some(disk_free) = &settings.run.disk_free else {
        return fetch_here(settings, used, context);
    };
    // Logins are not kept: the child ends after the fetch.
    let used = if used == SecretUse::Supervised { SecretUse::Shown } else { used };
    let secrets = fetcher::fetch(settings, Some(disk_free), context, |context| {
        fetch_here(settings, used, context).map(|(secrets, _)| secrets)
    })?;
    Ok((secrets, Logins::default()))
}

fn fetch_here(
    settings: &Settings,
    used: SecretUse,
    context: &mut Context<'_>,
) -> Result<(SecretSet, Logins), Error> {
    fetch_from(open(settings, true)?, settings, used, context)
}

fn fetch_from(
    parts: Vec<CachedSource>,
    settings: &Settings,
    used: SecretUse,
    context: &mut Context<'_>,
) -> Result<(SecretSet, Logins), Error> {
    let (outcome, fetched) = match consult(settings, &parts) {
        Ok(true) => over_network(settings, parts, used, &context.environment)?,
        Ok(false) => (
            at_once(fetch_all(settings, &parts, &context.environment))?,
            Fetched { notes: notes(&parts), ..Fetched::default() },
        ),
        Err(error) => (Err(error), Fetched { notes: notes(&parts), ..Fetched::default() }),
    };
    for note in fetched.notes {
        match note {
            CacheNotice::Served { .. } => context.info(&note.to_string()),
            CacheNotice::Trouble { .. } => context.warn(&note.to_string()),
        }
    }
    warn(fetched.faults, context);
    Ok((outcome?, fetched.logins))
}

/// Checks caches that take precedence over their server. Returns whether a server must be contacted.
fn consult(settings: &Settings, parts: &[CachedSource]) -> Result<bool, Error> {
    let mut needs_server = false;
    for (part, source) in parts.iter().zip(&settings.sources) {
        needs_server |= !part.consult()? && source.waits();
    }
    Ok(needs_server)
}

/// Completes a future that does no network I/O, without a runtime: creating one takes longer than reading
/// the files.
pub(in crate::command) fn at_once<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    work.now_or_never().ok_or(Error::SourceWouldBlock)
}

fn over_network(
    settings: &Settings,
    parts: Vec<CachedSource>,
    used: SecretUse,
    environment: &Environment,
) -> Result<(Result<SecretSet, Error>, Fetched), Error> {
    let revokes = settings.revoking().next().is_some();
    runtime(async |interrupts| {
        let work = fetch_all(settings, &parts, environment);
        let outcome = or_interrupted(work, interrupts).await;
        let fetched = Fetched { notes: notes(&parts), ..Fetched::default() };
        let (leasing, others) = split_leasing(parts);
        if !revokes && leasing.is_empty() {
            return (outcome, fetched);
        }
        let (ending, faults) = match used {
            SecretUse::Supervised if outcome.is_ok() => {
                let parts: Vec<_> = leasing.into_iter().chain(others).collect();
                parts.iter().for_each(CachedSource::pause);
                let logins = Logins { sources: parts, keeper: None };
                return (outcome, Fetched { logins, ..fetched });
            }
            // The secrets would end with the login.
            SecretUse::HandedOver if outcome.is_ok() => (others, unrenewed(&leasing)),
            _ => (leasing.into_iter().chain(others).collect(), Vec::new()),
        };
        match or_interrupted(async { Ok(end(&ending).await) }, interrupts).await {
            Ok(more) => (outcome, Fetched { faults: [faults, more].concat(), ..fetched }),
            Err(error) => {
                let faults = [faults, vec![cut_short(&error)]].concat();
                (outcome.and(Err(error)), Fetched { faults, ..fetched })
            }
        }
    })
}

/// Renews the leases that are due, until this process is released; warnings for the user.
async fn renew_until(sources: &[CachedSource], release: &Release) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut released = pin!(release.wait());
    loop {
        let renewals = join_all(sources.iter().map(CachedSource::renew_leases)).await;
        sources.iter().for_each(CachedSource::pause);
        let next = renewals.iter().filter_map(|renewal| renewal.next).min();
        warnings.extend(renewals.into_iter().flat_map(|renewal| renewal.warnings));
        let due = async {
            match next {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        // Without a way to be released, nothing is kept.
        if let Either::Left(_) = select(released.as_mut(), pin!(due)).await {
            return warnings;
        }
    }
}

/// The sources that hold leases, and the others.
fn split_leasing(parts: Vec<CachedSource>) -> (Vec<CachedSource>, Vec<CachedSource>) {
    parts.into_iter().partition(|part| !part.leases().is_empty())
}

/// Warnings of secrets that end while they are used.
fn unrenewed(parts: &[CachedSource]) -> Vec<String> {
    let warning = |part: &CachedSource, lease: LeaseInfo| {
        format!(
            "the secrets of `{}` ({}) end in {}, and nothing renews or revokes them; `hushed run` does with --redact \
             or --init",
            part.name(),
            lease.place,
            Age(lease.remaining)
        )
    };
    parts
        .iter()
        .flat_map(|part| part.leases().into_iter().map(move |lease| warning(part, lease)))
        .collect()
}

/// Fetches from all sources. References in secrets see the inherited environment as the command will.
async fn fetch_all(
    settings: &Settings,
    parts: &[CachedSource],
    environment: &Environment,
) -> Result<SecretSet, Error> {
    let (mapping_rules, inheritance) =
        (mapping_rules(settings)?, EnvironmentRules::new(&settings.run.inherit, &[]));
    let inheritance = inheritance.as_ref();
    let variable = |name: &str| {
        let mut variables = environment.iter().filter(|_| (inheritance.keeps)(name));
        variables.find(|variable| variable.name == name).map(|variable| variable.value.clone())
    };
    let inherited = Inherited { variable: &variable, preserves: inheritance.preserves };
    Ok(resolve::fetch(parts, &mapping_rules, inherited).await?)
}

fn notes(parts: &[CachedSource]) -> Vec<CacheNotice> {
    parts.iter().flat_map(CachedSource::take_notices).collect()
}

/// Ends all sources concurrently; returns a warning for each that failed.
async fn end(parts: &[CachedSource]) -> Vec<String> {
    let fault = async |part: &CachedSource| {
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

/// Runs a future that does network I/O until it completes or a signal interrupts it. Elsewhere signals
/// keep their default disposition.
pub(in crate::command) fn in_runtime<T>(
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    runtime(async |interrupts| or_interrupted(work, interrupts).await)?
}

/// Runs work that does network I/O and handles signals itself.
fn runtime<T>(work: impl AsyncFnOnce(&BlockedSignals) -> T) -> Result<T, Error> {
    // Before the runtime starts: its threads inherit the signal mask.
    let interrupts = BlockedSignals::termination().map_err(Error::Runtime)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(work(&interrupts));
    // Do not wait for a thread that is still resolving a name.
    runtime.shutdown_background();
    Ok(outcome)
}

/// Completes the work, or fails when a signal arrives first.
async fn or_interrupted<T>(
    work: impl Future<Output = Result<T, Error>>,
    interrupts: &BlockedSignals,
) -> Result<T, Error> {
    match select(pin!(with_progress(work)), pin!(interrupts.wait())).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((Ok(signal), _)) => Err(Error::Interrupted(signal.number_u8())),
        Either::Right((Err(error), _)) => Err(Error::Runtime(error)),
    }
}

/// Whether a store denied the fetch, and not the login.
pub(super) fn is_denied(error: &Error) -> bool {
    matches!(
        error,
        Error::Resolve(resolve::Error::Source { error, .. })
            if error.class() == Class::Denied && !error.is_denied_login()
    )
}

/// Reads one secret without listing the others: from the last source that has it. `None` where a source
/// cannot do that, or none has the secret.
pub(super) fn get_one(settings: &Settings, name: &Name) -> Result<Option<Secret>, Error> {
    in_runtime(async {
        for configured in settings.sources.iter().rev() {
            let source = configured.open(&settings.run)?;
            let Some(reader) = source.as_get() else { return Ok(None) };
            let found = reader.get(name).await;
            // The login of this source is not needed any more, whatever came of the request.
            source.end().await?;
            if let Some(secret) = found? {
                return Ok(Some(secret));
            }
        }
        Ok(None)
    })
}

/// Opens every configured source, with its cache or without.
fn open(settings: &Settings, with_cache: bool) -> Result<Vec<CachedSource>, Error> {
    let open = |source: &dyn Configured| {
        let delivers = !settings.silent.contains(source.name());
        let cache = source.cache().filter(|_| with_cache);
        let slot = cache.map(|(caching, mut identity)| {
            settings.references.bind_cache(source.name(), delivers, &mut identity);
            SourceCache::new(source.name(), caching, &identity)
        });
        let objects = settings.references.of(source.name()).to_vec();
        let opened = CachedSource::new(source.open(&settings.run)?, slot, settings.run.timeout);
        Ok(opened.with_objects(objects, delivers))
    };
    settings.sources.iter().map(|source| open(&**source)).collect()
}

/// Compiles the settings that filter and rename secrets.
fn mapping_rules(settings: &Settings) -> Result<MappingRules, Error> {
    let references = &settings.references;
    let files = references.files.iter();
    Ok(MappingRules {
        yielding: settings.yielding.clone(),
        exact: Some(env_table::NAME.into()),
        inherited: Some(written::INHERITED.into()),
        files: files.map(|(name, file)| (name.clone(), file.variable.clone())).collect(),
        ..run_rules(&settings.run)?
    })
}

/// Compiles those of `[run]` alone.
pub(super) fn run_rules(run: &RunSettings) -> Result<MappingRules, Error> {
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
    Ok(MappingRules {
        only: run.only.as_ref().map(|globs| Globs::new(globs)),
        exclude: Globs::new(&run.exclude),
        prefix: run.prefix.clone(),
        rename: run.rename.clone(),
        transform: transform.transpose()?,
        require: run.require.clone(),
        allow_reserved: run.allow_reserved.clone(),
        preserve: run.inherit.preserve.clone(),
        ..MappingRules::default()
    })
}

/// Fetches the secrets, to show their names, and maps them to variables. Problems are part of the result.
pub(super) fn resolve(settings: &Settings, context: &mut Context<'_>) -> Result<Resolution, Error> {
    resolve_for(SecretUse::Shown, settings, context)
}

fn resolve_for(
    used: SecretUse,
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Resolution, Error> {
    let rules = mapping_rules(settings)?;
    let resolution = resolve::resolve(fetch(settings, used, context)?, &rules);
    check_patterns(settings, &resolution, context)?;
    Ok(resolution)
}

/// Like [`resolve()`], without the caches: it writes nothing.
pub(super) fn resolve_without_cache(
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Resolution, Error> {
    let (secrets, _) = fetch_from(open(settings, false)?, settings, SecretUse::Shown, context)?;
    Ok(resolve::resolve(secrets, &mapping_rules(settings)?))
}

/// Like [`resolve()`], to hand the values over; any problem is an error.
pub(super) fn resolve_or_refuse(
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<Resolution, Error> {
    accepted(resolve_for(SecretUse::HandedOver, settings, context)?)
}

/// Like [`resolve_or_refuse`]; with `child`, the sources stay logged in until the child ends.
pub(super) fn resolve_for_command(
    settings: &Settings,
    child: bool,
    context: &mut Context<'_>,
) -> Result<(Resolution, Logins), Error> {
    let rules = mapping_rules(settings)?;
    let used = if child { SecretUse::Supervised } else { SecretUse::HandedOver };
    let (secrets, mut logins) = fetch_until(settings, used, context)?;
    let resolution = resolve::resolve(secrets, &rules);
    let checked = check_patterns(settings, &resolution, context);
    match checked.and_then(|()| accepted(resolution)) {
        Ok(resolution) => Ok((resolution, logins)),
        Err(error) => {
            logins.end(context);
            Err(error)
        }
    }
}

/// Rejects or warns of settings that name secrets which no source has.
fn check_patterns(
    settings: &Settings,
    resolution: &Resolution,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let warnings = patterns::check(&settings.run, resolution, &context.environment)?;
    warn(warnings, context);
    Ok(())
}

fn accepted(resolution: Resolution) -> Result<Resolution, Error> {
    if resolution.problems.is_empty() {
        return Ok(resolution);
    }
    Err(Error::Resolve(resolve::Error::Refused(resolution.problems)))
}
