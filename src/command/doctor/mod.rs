//! `hushed doctor`: checks everything that a run depends on, and prints hints for what is wrong. It changes
//! nothing and prints no values.

mod file;
mod redaction;
pub(super) mod unit;

use std::collections::BTreeSet;

use serde_json::json;

use super::context::Context;
use super::flags::Flags;
use super::{gather, inherit, secret_files};
use crate::cache::SourceCache;
use crate::cli::Doctor;
use crate::config::schema::SOURCE;
use crate::config::{self, CONFIG_NAME, ConfigFiles, RawValue, ReferenceScope, Setting};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::doctor::{Check, Verdict};
use crate::provider::{Configured, Settings};
use crate::sys::limits::memory_lock_limit;
use crate::sys::memory::{MemoryProtection, protection};

/// Prints one line for each check. The exit status is 1 if one fails.
pub(super) fn doctor(args: &Doctor, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope).resolving(ReferenceScope::FilesAndEnvironment);
    let mut checks = Vec::new();
    match context.files(&flags) {
        Ok(files) => {
            checks.extend(configuration(&files));
            checks.extend(running_unit(&flags, context));
            let names = match flags.layer.get(&SOURCE) {
                Some(Setting { value: RawValue::List(names), .. }) => names.clone(),
                _ => files.source_names(),
            };
            checks.extend(all(flags, &names, context)?);
        }
        // Without valid files there are no settings to check.
        Err(error) => checks.push(Check::failed("configuration", &error, error.hint())),
    }
    checks.extend(args.systemd_unit.iter().flat_map(|path| unit::file(path)));
    checks.extend(memory());
    let text = if args.json { as_json(&checks) } else { as_text(&checks) };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(if checks.iter().all(Check::is_fine) { Exit::Success } else { Exit::Failure })
}

fn configuration(files: &ConfigFiles) -> Vec<Check> {
    let paths = files.project.iter().chain(&files.user).map(|(path, _)| path);
    let paths: Vec<_> = paths.chain(files.foreign.iter().map(|file| &file.path)).collect();
    let mut named: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    named.extend(files.profile.iter().map(|profile| format!("profile `{profile}`")));
    let detail = if named.is_empty() {
        format!("no {CONFIG_NAME}; using options and environment variables only")
    } else {
        named.join(", ")
    };
    let modes = paths.into_iter().filter_map(|path| file::configuration(path));
    std::iter::once(Check::ok("configuration", detail)).chain(modes).collect()
}

/// Checks the systemd unit that hushed runs in, if hushed would supervise the command.
fn running_unit(flags: &Flags, context: &Context<'_>) -> Option<Check> {
    let output = context.output(flags).ok()?;
    (output.redact.is_some() || output.init.is_some()).then(unit::running).flatten()
}

/// Warns if memory that holds secrets could be swapped out. Runs last, because it measures the memory used
/// so far.
fn memory() -> Option<Check> {
    let limit = memory_lock_limit();
    (protection() == MemoryProtection::Swappable).then(|| {
        let detail =
            format!("RLIMIT_MEMLOCK ({limit} bytes) is too low; secrets may be swapped out");
        Check::warning(
            "memory",
            detail,
            "raise it (`ulimit -l`; systemd: LimitMEMLOCK=), or turn swap off",
        )
    })
}

/// Checks all sources. If the settings of one are invalid, still checks the others.
fn all(flags: Flags, names: &[String], context: &mut Context<'_>) -> Result<Vec<Check>, Error> {
    let error = match context.settings(&flags) {
        Ok(settings) => {
            drop(flags);
            inherit::withhold(&mut context.environment, &settings.run.inherit);
            let files = secret_files::check(&settings, context);
            let mut checks: Vec<_> = sources(&settings)?.into_iter().chain(files).collect();
            // What cannot be fetched is reported already.
            if checks.iter().all(Check::is_fine) {
                checks.extend(redaction::check(&settings, context));
            }
            return Ok(checks);
        }
        Err(error) => error,
    };
    let mut checks = Vec::new();
    let (mut blamed, mut seen) = (false, BTreeSet::new());
    // Getting settings may fork, which is only possible before the checks have threads.
    let settings: Vec<_> = names.iter().map(|name| alone(&flags, name, context)).collect();
    for (name, settings) in names.iter().zip(settings) {
        match settings {
            Ok(mut settings) => {
                // Files from --env-file are part of every source's settings; check them once.
                settings.sources.retain(|source| seen.insert(source.name().to_owned()));
                checks.extend(sources(&settings)?);
            }
            Err(error) => {
                blamed = true;
                let check = Check::failed("settings", &error, error.hint());
                checks.push(check.of(&name.as_str().into()));
            }
        }
    }
    if !blamed {
        checks.insert(0, Check::failed("settings", &error, error.hint()));
    }
    Ok(checks)
}

/// The settings of one source, without flags that other sources use.
fn alone(flags: &Flags, name: &str, context: &mut Context<'_>) -> Result<Settings, Error> {
    let mut flags = flags.narrowed_to(name);
    loop {
        match context.settings(&flags) {
            Err(Error::Config(config::Error::Unused { flag, .. }))
                if flags.layer.remove_flag(flag) => {}
            outcome => return outcome,
        }
    }
}

fn sources(settings: &Settings) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    for source in &settings.sources {
        let mut found: Vec<_> = cache(&**source).into_iter().collect();
        let work = source.check(&settings.run);
        found.extend(if source.waits() {
            gather::in_runtime(async { Ok(work.await) })?
        } else {
            gather::at_once(work)?
        });
        checks.extend(found.into_iter().map(|check| check.of(source.name())));
    }
    Ok(checks)
}

/// Checks the cache of a source, if it has one: whether it is usable and its entry can be opened.
fn cache(source: &dyn Configured) -> Option<Check> {
    let (caching, identity) = source.cache()?;
    let cache = SourceCache::new(source.name(), caching, &identity);
    let mode = if caching.offline { "offline".to_owned() } else { caching.mode.to_string() };
    let (key, directory) = (caching.key.name(), caching.directory.display());
    Some(match cache.load_secrets() {
        Ok(_) => Check::ok("cache", format!("{mode}, key: {key}, in {directory}")),
        Err(error) => Check::failed("cache", &error, error.hint()),
    })
}

pub(super) fn as_text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.subject().chars().count()).max().unwrap_or(0);
    let line = |check: &Check| {
        let word = match check.verdict {
            Verdict::Ok => "ok     ",
            Verdict::Warning => "WARNING",
            Verdict::NotOk => "NOT OK ",
            Verdict::Skipped => "skipped",
        };
        let mut line = format!("{word} {:width$}  {}\n", check.subject(), check.detail);
        if let Some(hint) = &check.hint {
            line += "        hint: ";
            line += hint;
            line.push('\n');
        }
        line
    };
    checks.iter().map(line).collect()
}

fn as_json(checks: &[Check]) -> String {
    let entry = |check: &Check| {
        json!({
            "source": check.source.as_deref(),
            "check": check.name,
            "verdict": check.verdict.name(),
            "detail": check.detail,
            "hint": check.hint,
        })
    };
    let entries: Vec<_> = checks.iter().map(entry).collect();
    let fine = checks.iter().all(Check::is_fine);
    format!("{:#}\n", json!({ "ok": fine, "checks": entries }))
}
