//! Finds settings that name secrets which no source has: most likely a typo. Pure.

use std::collections::BTreeSet;

use crate::config::{Preserve, RunSettings};
use crate::error::Error;
use crate::message::{nearest, quoted_name};
use crate::resolve::{Globs, Resolution};

/// Rejects a pattern of `only` that matches no secret, and returns warnings for other settings that name
/// none. Where no source has any secret, there is nothing to compare with.
pub(super) fn check(run: &RunSettings, resolution: &Resolution) -> Result<Vec<String>, Error> {
    let secrets: BTreeSet<&str> = (resolution.entries.iter())
        .flat_map(|entry| entry.overridden.iter().chain([&entry.winner]))
        .chain(resolution.left.iter().map(|(secret, _)| secret))
        .map(|secret| secret.name.as_str())
        .collect();
    if secrets.is_empty() {
        return Ok(Vec::new());
    }
    let matches_any = |pattern: &String, names: &BTreeSet<&str>| {
        let glob = Globs::new(&[pattern]);
        names.iter().any(|name| glob.matches(name))
    };
    if let Some(pattern) = run.only.iter().flatten().find(|only| !matches_any(only, &secrets)) {
        let nearest = nearest(pattern, secrets.iter().copied()).map(str::to_owned);
        return Err(Error::UnmatchedPattern { pattern: quoted_pattern(pattern), nearest });
    }
    let variables: BTreeSet<&str> =
        resolution.entries.iter().map(|entry| entry.name.as_str()).collect();
    let preserved = match &run.inherit.preserve {
        Preserve::Names(names) => names.as_slice(),
        Preserve::None | Preserve::All => &[],
    };
    let mut warnings = Vec::new();
    for (flag, names, known) in [
        ("--exclude", run.exclude.as_slice(), &secrets),
        ("--no-redact", run.output.exempt.as_slice(), &variables),
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
