//! `hushed __complete INDEX WORD…`: candidates for the shells' completion scripts. It contacts no server and
//! prints no values; whatever fails gives no candidates.

use std::ffi::OsString;
use std::fmt::Write as _;

use super::context::Context;
use super::flags::Flags;
use super::gather;
use crate::cache::{CachedSecrets, SourceCache};
use crate::cli::{Completion, Dynamic, complete};
use crate::config::ConfigRequest;
use crate::deliver::format::Format;
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{Configured, StoreType};

/// Prints the kind of the completion, and one line for each candidate: `WORD TAB DESCRIPTION`.
pub(super) fn print(arguments: &[OsString], context: &mut Context<'_>) -> Result<Exit, Error> {
    let Some((index, words)) = arguments.split_first() else { return Ok(Exit::Usage) };
    let index = index.to_str().and_then(|index| index.parse().ok()).unwrap_or(words.len());
    let mut text = String::new();
    let mut list = |words: Vec<(String, String)>| {
        text.push_str("words\n");
        for (word, description) in words {
            let _ = writeln!(text, "{word}\t{description}");
        }
    };
    match complete(words, index) {
        Completion::Command(at) => {
            let _ = writeln!(text, "command {at}");
        }
        Completion::Files => text.push_str("files\n"),
        Completion::Words(words) => list(words),
        Completion::Dynamic(kind, prefix) => {
            let words = candidates(kind, words, context);
            list(
                words.into_iter().map(|word| (format!("{prefix}{word}"), String::new())).collect(),
            );
        }
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

fn candidates(kind: Dynamic, words: &[OsString], context: &mut Context<'_>) -> Vec<String> {
    let flags = Flags { request: request(words), ..Flags::default() };
    match kind {
        Dynamic::Formats => {
            let shapes = context.registry.types().flat_map(StoreType::export_shapes);
            let shapes = shapes.map(|shape| shape.name.to_owned());
            Format::NAMES.map(str::to_owned).into_iter().chain(shapes).collect()
        }
        Dynamic::Profiles => {
            // The profile that is being typed does not exist yet.
            let request = ConfigRequest { profile: None, ..flags.request };
            let flags = Flags { request, ..Flags::default() };
            context.files(&flags).map(|files| files.profiles()).unwrap_or_default()
        }
        Dynamic::Sources => {
            context.files(&flags).map(|files| files.source_names()).unwrap_or_default()
        }
        Dynamic::Names => names(&flags, context),
    }
}

/// `--config` and `--profile` of the line.
fn request(words: &[OsString]) -> ConfigRequest {
    let value = |option: &str| {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.to_str()?;
            if text == option {
                return words.next().and_then(|value| value.to_str());
            }
            let attached = text.strip_prefix(option).and_then(|rest| rest.strip_prefix('='));
            if attached.is_some() {
                return attached;
            }
        }
        None
    };
    ConfigRequest {
        config: value("--config").map(Into::into),
        profile: value("--profile").map(str::to_owned),
        ..ConfigRequest::default()
    }
}

/// The names of secrets in local sources and in caches.
fn names(flags: &Flags, context: &mut Context<'_>) -> Vec<String> {
    let inputs = context.merge(flags, |inputs| context.registry.configure(inputs));
    let Ok(settings) = inputs else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for source in &settings.sources {
        if source.endpoints().is_empty() {
            let opened = source.open(&settings.run).ok();
            let fetched = opened.and_then(|opened| gather::at_once(opened.fetch()).ok()?.ok());
            let secrets = fetched.iter().flatten();
            names.extend(secrets.map(|secret| secret.name.to_string()));
        } else {
            names.extend(cached_names(&**source));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn cached_names(source: &dyn Configured) -> Vec<String> {
    let Some((caching, identity)) = source.cache() else { return Vec::new() };
    let cache = SourceCache::new(source.name(), caching, &identity);
    let kept = cache.load_secrets().ok().flatten();
    kept.iter().flat_map(CachedSecrets::names).map(ToString::to_string).collect()
}
