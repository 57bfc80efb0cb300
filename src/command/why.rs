//! `hushed why NAME`: lists every candidate for one variable and which one wins, without values.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather;
use super::inherit::EnvironmentRules;
use super::run::secrets;
use crate::cli::Why;
use crate::config::ReferenceScope;
use crate::deliver::environment::compose;
use crate::error::Error;
use crate::exit::Exit;
use crate::message::{nearest, quoted_name};
use crate::provider::Settings;
use crate::provider::doctor::counted;
use crate::resolve::Resolution;
use crate::secret::{Name, Secret};

/// A candidate for the variable.
struct Candidate {
    place: String,
    secret: Option<String>,
    bytes: usize,
    version: Option<u64>,
    age: Option<Duration>,
    fate: String,
}

/// Prints the candidates, the winner first. The exit status is 1 if there is none.
pub(super) fn why(args: &Why, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope).with(&args.environment).with(&args.confinement);
    let flags = flags.resolving(ReferenceScope::FilesAndEnvironment);
    let settings = context.settings(&flags)?;
    drop(flags);
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    // Before the fetch, which removes credentials from the environment.
    let is_reference = settings.references.inherited.contains(&args.name);
    let mut inherited = context.environment.iter().filter(|_| !is_reference);
    let inherited = inherited.find(|variable| variable.name == args.name.as_str());
    let inherited = inherited.map(|variable| variable.value.len());
    let resolution = gather::resolve(&settings, context)?;
    let rules = EnvironmentRules::new(&settings.run.inherit, &resolution.variables);
    let secrets = secrets(&resolution.variables);
    let composition = compose(context.environment.clone(), secrets, rules.as_ref());

    if let Some(found) = credential(&args.name, &settings) {
        return print_credential(found, args, context);
    }
    let mut candidates = from_sources(&args.name, &resolution);
    let is_in = |names: &[String]| names.contains(&args.name);
    if let Some(bytes) = inherited {
        let inherited_wins = is_in(&composition.preserved);
        let winner = resolution.variables.iter().find(|variable| variable.name == args.name);
        let yields = winner.is_some_and(|variable| !variable.overrides);
        let fate = if is_in(&composition.stripped) {
            "not passed on: hushed uses it as a credential"
        } else if inherited_wins {
            if yields {
                "wins: the source that has it does not override (override = false)"
            } else {
                "wins: --preserve-env"
            }
        } else if candidates.is_empty()
            && composition.variables.iter().any(|variable| variable.name == args.name.as_str())
        {
            "wins: no source has it"
        } else if is_in(&composition.replaced) {
            "overridden by the source above"
        } else {
            "not passed on: --clean-env"
        };
        if inherited_wins && let Some(first) = candidates.first_mut() {
            first.fate = "overridden by the inherited value".into();
        }
        let place = "the inherited environment".to_owned();
        let inherited =
            Candidate { place, secret: None, bytes, version: None, age: None, fate: fate.into() };
        candidates.insert(if inherited_wins { 0 } else { candidates.len() }, inherited);
    }
    if candidates.is_empty() {
        let known = resolution.variables.iter().map(|entry| entry.name.as_str());
        let nearest = nearest(&args.name, known).map(str::to_owned);
        let places = settings.sources.iter().map(|source| format!("`{}`", source.name()));
        let places =
            places.chain(["the inherited environment".into()]).collect::<Vec<_>>().join(" or ");
        return Err(Error::NoSuchSecret { name: quoted_name(&args.name), places, nearest });
    }
    let text = if args.json { as_json(&candidates) } else { as_text(&args.name, &candidates) };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// The credential of this name that was fetched from another source.
fn credential<'s>(name: &str, settings: &'s Settings) -> Option<&'s (String, String)> {
    settings.fetched_credentials.iter().find(|(known, _)| known == name)
}

/// Prints where a credential comes from.
fn print_credential(
    (name, place): &(String, String),
    args: &Why,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let text = if args.json {
        format!("{:#}\n", json!([{ "place": place, "credential": name }]))
    } else {
        format!("{name}\n  {place}  the credential that hushed logs in with\n")
    };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

fn from_sources(name: &str, resolution: &Resolution) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if let Some(entry) = resolution.variables.iter().find(|entry| entry.name == name) {
        let refused = resolution.problems.iter().find(|problem| problem.variable == name);
        let fate = refused.map_or("wins: the last source that has it".to_owned(), |problem| {
            format!("refused: {problem}")
        });
        candidates.push(candidate(&entry.winner, fate));
        let below = entry.overridden.iter();
        candidates.extend(below.map(|secret| candidate(secret, "overridden by one above".into())));
    }
    let left = resolution.excluded.iter().filter(|(secret, _)| secret.name.as_str() == name);
    candidates
        .extend(left.map(|(secret, _)| candidate(secret, "left out: --only or --exclude".into())));
    candidates
}

fn candidate(secret: &Secret, fate: String) -> Candidate {
    Candidate {
        place: secret.provenance.to_string(),
        secret: Some(secret.name.as_str().to_owned()),
        bytes: secret.value.len(),
        version: secret.provenance.version,
        age: secret.provenance.age,
        fate,
    }
}

fn as_text(name: &str, candidates: &[Candidate]) -> String {
    let mut text = format!("{}\n", Name::new(name));
    for candidate in candidates {
        let mut notes = vec![counted(candidate.bytes, "byte")];
        notes.extend(candidate.version.map(|version| format!("version {version}")));
        let other = candidate.secret.as_deref().filter(|secret| *secret != name);
        notes.extend(other.map(|secret| format!("named `{}` there", Name::new(secret))));
        let _ = writeln!(text, "  {}  [{}]  {}", candidate.place, notes.join(", "), candidate.fate);
    }
    text
}

fn as_json(candidates: &[Candidate]) -> String {
    let entry = |candidate: &Candidate| {
        json!({
            "place": candidate.place,
            "secret": candidate.secret,
            "bytes": candidate.bytes,
            "version": candidate.version,
            "cached_seconds": candidate.age.map(|age| age.as_secs()),
            "fate": candidate.fate,
        })
    };
    let entries: Vec<_> = candidates.iter().map(entry).collect();
    format!("{:#}\n", serde_json::Value::from(entries))
}
