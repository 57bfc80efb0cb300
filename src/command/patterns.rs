//! Finds settings that name secrets which no source has: most likely a typo. Pure.

use std::collections::BTreeSet;

use crate::config::{Environment, PreserveSetting, RunSettings};
use crate::error::Error;
use crate::message::{nearest, quoted_name};
use crate::resolve::{Globs, Resolution};

/// Rejects an `only` that matches no secret, and returns warnings for single patterns and names that match
/// none. Where no source has any secret, there is nothing to compare with.
pub(super) fn check(
    run: &RunSettings,
    resolution: &Resolution,
    environment: &Environment,
) -> Result<Vec<String>, Error> {
    let preserved = match &run.inherit.preserve {
        PreserveSetting::Names(names) => names.as_slice(),
        PreserveSetting::None | PreserveSetting::All => &[],
    };
    let only = run.only.as_deref().unwrap_or_default();
    let (exclude, output) = (run.exclude.as_slice(), &run.output);
    if [only, exclude, &output.exempt, &output.named, preserved]
        .iter()
        .all(|names| names.is_empty())
    {
        return Ok(Vec::new());
    }
    let secrets: BTreeSet<&str> = (resolution.variables.iter())
        .flat_map(|entry| entry.overridden.iter().chain([&entry.winner]))
        .chain(resolution.excluded.iter().map(|(secret, _)| secret))
        .map(|secret| secret.name.as_str())
        .collect();
    if secrets.is_empty() {
        return Ok(Vec::new());
    }
    let matches_any = |pattern: &String, names: &BTreeSet<&str>| {
        let glob = Globs::new(&[pattern]);
        names.iter().any(|name| glob.matches(name))
    };
    let unmatched: Vec<_> = only.iter().filter(|only| !matches_any(only, &secrets)).collect();
    if let Some(pattern) = unmatched.first().filter(|_| unmatched.len() == only.len()) {
        let nearest = nearest(pattern, secrets.iter().copied()).map(str::to_owned);
        return Err(Error::UnmatchedPattern { pattern: quoted_pattern(pattern), nearest });
    }
    let variables: BTreeSet<&str> =
        resolution.variables.iter().map(|entry| entry.name.as_str()).collect();
    let inherited = environment.iter().filter_map(|variable| variable.name.to_str());
    let redactable: BTreeSet<&str> = variables.iter().copied().chain(inherited).collect();
    let mut warnings = Vec::new();
    for (flag, names, known) in [
        ("--only", only, &secrets),
        ("--exclude", exclude, &secrets),
        ("--no-redact", output.exempt.as_slice(), &redactable),
        ("--redact-name", output.named.as_slice(), &redactable),
        ("--preserve-env", preserved, &variables),
    ] {
        for name in names.iter().filter(|name| !matches_any(name, known)) {
            let near = nearest(name, known.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            warnings.push(format!(
                "{flag} {}: no source has such a secret{near}",
                quoted_pattern(name)
            ));
        }
    }
    Ok(warnings)
}

/// A pattern in backticks if it consists of names and wildcards.
fn quoted_pattern(pattern: &str) -> String {
    let name: String = pattern.chars().filter(|c| !"*?".contains(*c)).collect();
    if name.is_empty() || !quoted_name(&name).starts_with('`') {
        return quoted_name(pattern);
    }
    format!("`{pattern}`")
}
