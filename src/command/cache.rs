//! `hushed cache`: shows, verifies and clears cache entries. It contacts no server and prints no values.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};

use super::context::Context;
use super::flags::Flags;
use crate::cache::{self, CachedSecrets, EntryState, SourceCache, Timestamp};
use crate::cli::{CacheAction, CacheClear, CacheQuery, Scope};
use crate::config::schema::CACHE;
use crate::config::{self, CacheMode, Origin, RawValue, ReferenceScope};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::in_one_line;
use crate::provider::Configured;
use crate::provider::doctor::counted;
use crate::secret::Age;

/// Printed if no source uses a server.
const NO_SERVER: &str = "no configured source uses a server, so there is no cache\n";

/// Runs a subcommand of `hushed cache`.
pub(super) fn cache(action: &CacheAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        CacheAction::Status(args) => show(args, false, context),
        CacheAction::Verify(args) => show(args, true, context),
        CacheAction::Clear(args) if args.all => clear_all(args, context),
        CacheAction::Clear(args) => clear(args, context),
    }
}

/// The cache entries of one source.
struct SourceReport {
    source: String,
    mode: String,
    key: &'static str,
    directory: PathBuf,
    max_age: Duration,
    secrets: EntryReport,
    login: Option<EntryReport>,
}

/// The state of a cache entry, after an attempt to open it.
#[derive(Default)]
struct EntryReport {
    size: Option<u64>,
    names: Vec<String>,
    found: Option<EntryState>,
    /// The remaining lifetime of a cached login.
    left: Option<Duration>,
    fault: Option<cache::Error>,
}

/// Prints the cache entries of each source. With `verify`, fails if an entry cannot be opened.
fn show(args: &CacheQuery, verify: bool, context: &mut Context<'_>) -> Result<Exit, Error> {
    let now = SystemTime::now();
    let sources = sources(&args.scope, context)?;
    let reports: Vec<_> =
        sources.iter().filter_map(|(source, on)| report(&**source, *on, now)).collect();
    let text = if args.json {
        let entries: Vec<_> = reports.iter().map(SourceReport::json).collect();
        format!("{:#}\n", Json::from(entries))
    } else if reports.is_empty() {
        NO_SERVER.to_owned()
    } else {
        reports.iter().map(|report| report.text(verify)).collect()
    };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    let states = reports.iter().flat_map(|report| report.login.iter().chain([&report.secrets]));
    let broken = states.filter_map(|state| state.fault.as_ref()).count();
    Ok(if verify && broken > 0 { Exit::Failure } else { Exit::Success })
}

/// Deletes the cache entries of the configured sources.
fn clear(args: &CacheClear, context: &mut Context<'_>) -> Result<Exit, Error> {
    let mut text = String::new();
    let sources = sources(&args.scope, context)?;
    if sources.is_empty() {
        text.push_str(NO_SERVER);
    }
    for (source, _) in sources {
        let Some((caching, identity)) = source.cache() else { continue };
        let cache = SourceCache::new(source.name(), caching, &identity);
        let (secrets, login) = (cache.delete_secrets()?, cache.delete_login()?);
        let what = match (secrets, login) {
            (true, true) => "deleted its cached secrets and login",
            (true, false) => "deleted its cached secrets",
            (false, true) => "deleted its cached login",
            (false, false) => "nothing was cached",
        };
        let _ = writeln!(text, "`{}`: {what}", source.name());
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// Deletes all entries in the cache directory, including those of other settings.
fn clear_all(args: &CacheClear, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    let directory = context.merge(&flags, config::cache_directory)?;
    let count = cache::clear_directory(&directory)?;
    let count = format!("{count} {}", if count == 1 { "entry" } else { "entries" });
    let text = format!("deleted {count} in {}\n", directory.display());
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// A source, and whether its cache is on.
type Cached = (Box<dyn Configured>, bool);

/// The sources that can have a cache. If caching is off now, this finds entries from before, using the
/// other settings.
fn sources(scope: &Scope, context: &mut Context<'_>) -> Result<Vec<Cached>, Error> {
    let mut flags = Flags::new(scope).resolving(ReferenceScope::FilesAndEnvironment);
    let configured = context.settings(&flags)?.sources;
    if configured.iter().all(|source| source.endpoints().is_empty()) {
        return Ok(Vec::new());
    }
    let on = if configured.iter().all(|source| source.cache().is_some()) {
        Vec::new()
    } else {
        flags.layer.replace(&CACHE, RawValue::Text("fallback".into()), Origin::Default);
        let registry = context.registry;
        context.merge_with_credentials(&flags, |inputs| registry.configure(inputs))?.sources
    };
    let mut on = on.into_iter();
    let pair = |configured: Box<dyn Configured>| match (configured.cache().is_some(), on.next()) {
        (false, Some(on)) => on.cache().is_some().then_some((on, false)),
        (is_on, _) => Some((configured, is_on)),
    };
    Ok(configured.into_iter().filter_map(pair).collect())
}

/// Reads the cache entries of a source.
fn report(source: &dyn Configured, on: bool, now: SystemTime) -> Option<SourceReport> {
    let (caching, identity) = source.cache()?;
    let cache = SourceCache::new(source.name(), caching, &identity);
    let mode = match (on, caching.offline) {
        (false, _) => CacheMode::Off.to_string(),
        (true, true) => "offline".to_owned(),
        (true, false) => caching.mode.to_string(),
    };
    Some(SourceReport {
        source: source.name().to_string(),
        mode,
        key: caching.key.name(),
        directory: caching.directory.clone(),
        max_age: caching.max_age,
        secrets: secrets(&cache),
        login: caching.token.then(|| login(&cache, now)),
    })
}

fn secrets(cache: &SourceCache) -> EntryReport {
    let size = cache.stamp().map(|stamp| stamp.size);
    match cache.load_secrets() {
        Ok(kept) => {
            let found = kept.as_ref().map(|kept| kept.state_at(Timestamp::now()));
            let mut names: Vec<_> =
                kept.iter().flat_map(CachedSecrets::names).map(ToString::to_string).collect();
            names.sort();
            let fault = (found == Some(EntryState::FromFuture))
                .then(|| cache.future_entry_error())
                .flatten();
            EntryReport { size, names, found, left: None, fault }
        }
        Err(error) => EntryReport { size, fault: Some(error), ..EntryReport::default() },
    }
}

fn login(cache: &SourceCache, now: SystemTime) -> EntryReport {
    match cache.load_login(now) {
        Ok(login) => {
            let left = login.map(|login| login.expires_at.duration_since(now).unwrap_or_default());
            EntryReport { left, ..EntryReport::default() }
        }
        Err(error) => EntryReport { fault: Some(error), ..EntryReport::default() },
    }
}

impl EntryReport {
    fn verdict(&self, verify: bool) -> String {
        let size = self.size.map_or_else(String::new, |size| format!(", {size} bytes sealed"));
        match (&self.fault, self.found, self.left) {
            (Some(fault), ..) => format!("NOT OK: {}{size}", in_one_line(fault)),
            (None, Some(EntryState::Aged(age)), _) => {
                let opens = if verify { "ok: " } else { "" };
                let count = counted(self.names.len(), "secret");
                format!("{opens}{count}, {} old{size}", Age(age))
            }
            (None, _, Some(left)) => format!("valid for {}", Age(left)),
            (None, ..) => "nothing is cached".to_owned(),
        }
    }

    fn json(&self) -> Json {
        let age = match self.found {
            Some(EntryState::Aged(age)) => Some(age.as_secs()),
            _ => None,
        };
        json!({
            "kept": self.found.is_some() || self.left.is_some() || self.fault.is_some(),
            "opens": self.fault.is_none() && (self.found.is_some() || self.left.is_some()),
            "age_seconds": age,
            "valid_seconds": self.left.map(|left| left.as_secs()),
            "bytes": self.size,
            "names": self.names,
            "fault": self.fault.as_ref().map(|fault| in_one_line(fault)),
        })
    }
}

impl SourceReport {
    fn text(&self, verify: bool) -> String {
        let mut text = format!(
            "`{}`: {}, up to {}, key: {}, in {}\n",
            self.source,
            self.mode,
            Age(self.max_age),
            self.key,
            self.directory.display()
        );
        let states = [("secrets", Some(&self.secrets)), ("login", self.login.as_ref())];
        for (what, state) in states {
            let Some(state) = state else { continue };
            let _ = writeln!(text, "  {what}: {}", state.verdict(verify));
            if let Some(hint) = state.fault.as_ref().and_then(cache::Error::hint) {
                let _ = writeln!(text, "    hint: {hint}");
            }
            if !state.names.is_empty() {
                let _ = writeln!(text, "    {}", state.names.join(", "));
            }
        }
        text
    }

    fn json(&self) -> Json {
        json!({
            "source": self.source,
            "mode": self.mode,
            "max_age_seconds": self.max_age.as_secs(),
            "key": self.key,
            "directory": self.directory,
            "secrets": self.secrets.json(),
            "login": self.login.as_ref().map(EntryReport::json),
        })
    }
}
