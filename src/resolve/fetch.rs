//! Fetches from all sources: concurrently from those that need nothing else, then in order from those
//! whose secrets refer to variables. It decides no precedence but the order of the sources.

use futures_util::future::try_join_all;

use super::cached::CachedSource;
use super::{Error, MappingRules};
use crate::provider::FetchEnvironment;
use crate::secret::{Secret, SecretSet, Value};

/// The inherited environment, as the command will get it.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Inherited<'a> {
    /// The value of an inherited variable that the command gets.
    pub variable: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether the inherited value wins over any secret of that name.
    pub preserves: &'a dyn Fn(&str) -> bool,
}

/// Fetches from all sources, and gives the secrets in the order of the sources. The first source that
/// fails ends it; what the others are doing is dropped.
pub async fn fetch(
    sources: &[CachedSource],
    rules: &MappingRules,
    inherited: Inherited<'_>,
) -> Result<SecretSet, Error> {
    let at_once = sources.iter().filter(|source| !source.refers_to_variables());
    let mut at_once = try_join_all(at_once.map(CachedSource::fetch)).await?.into_iter();
    let mut fetched: Vec<Option<SecretSet>> = sources
        .iter()
        .map(|source| (!source.refers_to_variables()).then(|| at_once.next().unwrap_or_default()))
        .collect();
    let mut objects = SecretSet::default();
    fetched.iter_mut().flatten().for_each(|secrets| objects.take_objects(secrets));
    // Values of other sources refer to these.
    let has_references = sources.iter().any(CachedSource::has_references);
    let is_first = |source: &CachedSource| {
        has_references && source.is_referred_to() && !source.has_references()
    };
    for first in [true, false] {
        for (at, source) in sources.iter().enumerate() {
            let (before, rest) = fetched.split_at_mut(at);
            let Some(place @ None) = rest.first_mut() else { continue };
            if first && !is_first(source) {
                continue;
            }
            let variable = |name: &str| variable(name, before, rules, inherited);
            let admits = |name: &str| rules.admits(name);
            let environment =
                FetchEnvironment { variable: &variable, admits: &admits, fetched: &objects };
            let mut secrets = source.fetch_in(&environment).await?;
            objects.take_objects(&mut secrets);
            *place = Some(secrets);
        }
    }
    let mut all = SecretSet::default();
    fetched.into_iter().flatten().for_each(|secrets| all.append(secrets));
    Ok(all)
}

/// The value that a variable of the command would have with these secrets alone.
fn variable(
    name: &str,
    fetched: &[Option<SecretSet>],
    rules: &MappingRules,
    inherited: Inherited<'_>,
) -> Option<Value> {
    let secrets = || fetched.iter().flatten().flat_map(SecretSet::iter);
    let is_it = |secret: &&Secret| {
        !rules.is_inherited(secret) && rules.takes(secret) && rules.variable(secret) == name
    };
    let secret = secrets().rfind(is_it);
    let is_inherited =
        |secret: &&Secret| rules.is_inherited(secret) && secret.name.as_str() == name;
    let inherits = || match secrets().find(is_inherited) {
        Some(secret) => Some(secret.value.clone()),
        None => (inherited.variable)(name),
    };
    match secret {
        None => inherits(),
        Some(secret)
            if rules.overrides(&secret.provenance.source) && !(inherited.preserves)(name) =>
        {
            Some(secret.value.clone())
        }
        Some(secret) => inherits().or_else(|| Some(secret.value.clone())),
    }
}
