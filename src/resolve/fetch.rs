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
    let mut fetched = try_join_all(at_once.map(CachedSource::fetch)).await?.into_iter();
    let mut all = SecretSet::default();
    for source in sources {
        let secrets = if source.refers_to_variables() {
            let variable = |name: &str| variable(name, &all, rules, inherited);
            let admits = |name: &str| rules.admits(name);
            let environment =
                FetchEnvironment { variable: &variable, admits: &admits, fetched: &all };
            source.fetch_in(&environment).await?
        } else {
            fetched.next().unwrap_or_default()
        };
        all.append(secrets);
    }
    all.drop_objects();
    Ok(all)
}

/// The value that a variable of the command would have with these secrets alone.
fn variable(
    name: &str,
    secrets: &SecretSet,
    rules: &MappingRules,
    inherited: Inherited<'_>,
) -> Option<Value> {
    let is_it =
        |secret: &Secret| rules.admits(secret.name.as_str()) && rules.variable(secret) == name;
    let secret = secrets.iter().rfind(|secret| is_it(secret));
    let inherits = || (inherited.variable)(name);
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
