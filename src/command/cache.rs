//! `hushed cache`: what is kept, whether it opens, and its end. It asks no server, and prints no value.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};

use super::context::Context;
use super::flags::Flags;
use crate::cache::{self, CachedSecrets, EntryState, SourceCache, Timestamp};
use crate::cli::{CacheAction, CacheClear, CacheLook, Scope};
use crate::config::schema::CACHE;
use crate::config::{self, CacheMode, Origin, RawValue};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::in_one_line;
use crate::provider::Configured;
use crate::provider::doctor::counted;
use crate::secret::Span;

/// What there is to say where no source asks a server.
const NO_SERVER: &str = "no source here asks a server, so none has a cache\n";

/// Does what is to be done with the cache.
pub(super) fn cache(action: &CacheAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        CacheAction::Status(said) => look(said, false, context),
        CacheAction::Verify(said) => look(said, true, context),
        CacheAction::Clear(said) if said.all => clear_all(said, context),
        CacheAction::Clear(said) => clear(said, context),
    }
}

/// What the cache has for one source.
struct Line {
    source: String,
    mode: String,
    key: &'static str,
    directory: PathBuf,
    max_age: Duration,
    secrets: State,
    login: Option<State>,
}

/// What became of opening an entry.
#[derive(Default)]
struct State {
    size: Option<u64>,
    names: Vec<String>,
    found: Option<EntryState>,
    /// How long a login is valid still.
    left: Option<Duration>,
    fault: Option<cache::Error>,
}

/// Prints what is kept for each source. `verify` fails where an entry does not open.
fn look(said: &CacheLook, verify: bool, context: &mut Context<'_>) -> Result<Exit, Error> {
    let now = SystemTime::now();
    let sources = sources(&said.scope, context)?;
    let lines: Vec<_> =
        sources.iter().filter_map(|(source, on)| line(&**source, *on, now)).collect();
    let text = if said.json {
        let entries: Vec<_> = lines.iter().map(Line::json).collect();
        format!("{:#}\n", Json::from(entries))
    } else if lines.is_empty() {
        NO_SERVER.to_owned()
    } else {
        lines.iter().map(|line| line.text(verify)).collect()
    };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    let states = lines.iter().flat_map(|line| line.login.iter().chain([&line.secrets]));
    let broken = states.filter_map(|state| state.fault.as_ref()).count();
    Ok(if verify && broken > 0 { Exit::Failure } else { Exit::Success })
}

/// Destroys what is kept for the sources of these settings.
fn clear(said: &CacheClear, context: &mut Context<'_>) -> Result<Exit, Error> {
    let mut text = String::new();
    let sources = sources(&said.scope, context)?;
    if sources.is_empty() {
        text.push_str(NO_SERVER);
    }
    for (source, _) in sources {
        let Some((caching, identity)) = source.cache() else { continue };
        let cache = SourceCache::new(source.name(), caching, &identity);
        let (secrets, login) = (cache.delete_secrets()?, cache.delete_login()?);
        let what = match (secrets, login) {
            (true, true) => "destroyed its secrets and its login",
            (true, false) => "destroyed its secrets",
            (false, true) => "destroyed its login",
            (false, false) => "nothing was kept",
        };
        let _ = writeln!(text, "`{}`: {what}", source.name());
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// Destroys all that is in the directory, for whichever settings.
fn clear_all(said: &CacheClear, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&said.scope);
    let directory = context.merge(&flags, config::cache_directory)?;
    let count = cache::clear_directory(&directory)?;
    let count = format!("{count} {}", if count == 1 { "entry" } else { "entries" });
    let text = format!("destroyed {count} in {}\n", directory.display());
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// A source, and whether its cache is on.
type Cached = (Box<dyn Configured>, bool);

/// The sources that may have a cache. Where it is off, what was kept before is looked for all the same,
/// as the other settings have it.
fn sources(scope: &Scope, context: &mut Context<'_>) -> Result<Vec<Cached>, Error> {
    let mut flags = Flags::new(scope);
    let configured = context.settings(&flags)?.sources;
    if configured.iter().all(|source| source.endpoints().is_empty()) {
        return Ok(Vec::new());
    }
    let on = if configured.iter().all(|source| source.cache().is_some()) {
        Vec::new()
    } else {
        flags.layer.replace(&CACHE, RawValue::Text("fallback".into()), Origin::Default);
        context.merge(&flags, |inputs| context.registry.configure(inputs))?.sources
    };
    let mut on = on.into_iter();
    let pair = |configured: Box<dyn Configured>| match (configured.cache().is_some(), on.next()) {
        (false, Some(on)) => on.cache().is_some().then_some((on, false)),
        (is_on, _) => Some((configured, is_on)),
    };
    Ok(configured.into_iter().filter_map(pair).collect())
}

/// Looks at what is kept for a source.
fn line(source: &dyn Configured, on: bool, now: SystemTime) -> Option<Line> {
    let (caching, identity) = source.cache()?;
    let cache = SourceCache::new(source.name(), caching, &identity);
    let mode = match (on, caching.offline) {
        (false, _) => CacheMode::Off.to_string(),
        (true, true) => "offline".to_owned(),
        (true, false) => caching.mode.to_string(),
    };
    Some(Line {
        source: source.name().to_string(),
        mode,
        key: caching.key.name(),
        directory: caching.directory.clone(),
        max_age: caching.max_age,
        secrets: secrets(&cache),
        login: caching.token.then(|| login(&cache, now)),
    })
}

fn secrets(cache: &SourceCache) -> State {
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
            State { size, names, found, left: None, fault }
        }
        Err(error) => State { size, fault: Some(error), ..State::default() },
    }
}

fn login(cache: &SourceCache, now: SystemTime) -> State {
    match cache.load_login(now) {
        Ok(login) => {
            let left = login.map(|login| login.expires_at.duration_since(now).unwrap_or_default());
            State { left, ..State::default() }
        }
        Err(error) => State { fault: Some(error), ..State::default() },
    }
}

impl State {
    fn verdict(&self, verify: bool) -> String {
        let size = self.size.map_or_else(String::new, |size| format!(", {size} bytes sealed"));
        match (&self.fault, self.found, self.left) {
            (Some(fault), ..) => format!("NOT OK: {}{size}", in_one_line(fault)),
            (None, Some(EntryState::Aged(age)), _) => {
                let opens = if verify { "ok: " } else { "" };
                let count = counted(self.names.len(), "secret");
                format!("{opens}{count}, {} old{size}", Span(age))
            }
            (None, _, Some(left)) => format!("valid for {}", Span(left)),
            (None, ..) => "nothing is kept".to_owned(),
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

impl Line {
    fn text(&self, verify: bool) -> String {
        let mut text = format!(
            "`{}`: {}, up to {}, key: {}, in {}\n",
            self.source,
            self.mode,
            Span(self.max_age),
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
            "login": self.login.as_ref().map(State::json),
        })
    }
}
