//! Inherited variables that are references, as a source: the one with the lowest precedence.

use std::sync::Arc;

use super::{BoundValues, WrittenValue};
use crate::config::schema::SourceSchema;
use crate::config::{Environment, Globs, InheritSettings, Origin, RunSettings, Variable};
use crate::provider::doctor::counted;
use crate::provider::withheld::is_withheld;
use crate::provider::{self, Check, Checks, Configured, Fetch, FetchEnvironment, Source};
use crate::secret::{Name, Provenance, Secret, SecretSet};

/// How messages call this source. No table of a source can have this name.
pub const NAME: &str = "inherited environment";

/// It has no settings.
pub(super) static SCHEMA: SourceSchema =
    SourceSchema { name: NAME, heading: "", doc: "", keys: &[], credentials: &[] };

/// The inherited variables that are references.
#[derive(Clone, Debug)]
pub(super) struct InheritedReferences {
    name: Arc<str>,
    values: Arc<[WrittenValue]>,
    bound: BoundValues,
}

impl InheritedReferences {
    pub(super) fn new(values: Vec<WrittenValue>, bound: BoundValues) -> Self {
        Self { name: NAME.into(), values: values.into(), bound }
    }
}

/// The values that contain `://`, of the variables that the command inherits.
pub(super) fn written(environment: &Environment, inherit: &InheritSettings) -> Vec<WrittenValue> {
    let keep = Globs::new(&inherit.keep);
    let value = |variable: &Variable| {
        let (name, text) = (variable.name.to_str()?, variable.value.expose_str()?);
        let is_inherited = !inherit.clean || keep.matches(name);
        let is_inherited =
            is_inherited && (inherit.pass_credentials || !is_withheld(variable, inherit));
        (is_inherited && text.contains("://")).then(|| WrittenValue {
            name: name.to_owned(),
            origin: origin(),
            text: variable.value.clone(),
            is_expanded: false,
        })
    };
    environment.iter().filter_map(value).collect()
}

fn origin() -> Origin {
    Origin::Variable("the inherited environment".into())
}

impl Configured for InheritedReferences {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        let bound = self.bound.clone().without_credentials(&run.inherit);
        Ok(Box::new(Self { bound, ..self.clone() }))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        let count = counted(self.values.len(), "inherited variable");
        let text = format!("{count} with a reference; `hushed plan` reads them");
        Box::pin(std::future::ready(vec![Check::ok("variables", text)]))
    }
}

impl Source for InheritedReferences {
    fn name(&self) -> &str {
        &self.name
    }

    /// Without what the sources returned no reference can be resolved.
    fn fetch(&self) -> Fetch<'_> {
        let fetched = SecretSet::default();
        Box::pin(std::future::ready(self.resolve(&fetched)))
    }

    fn refers_to_variables(&self) -> bool {
        true
    }

    fn has_references(&self) -> bool {
        true
    }

    fn fetch_in<'a>(&'a self, environment: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        Box::pin(std::future::ready(self.resolve(environment.fetched)))
    }
}

impl InheritedReferences {
    fn resolve(&self, fetched: &SecretSet) -> Result<SecretSet, provider::Error> {
        // Settings that filter secrets are not about inherited variables.
        let resolver = self.bound.resolver(fetched, &|_| true);
        let mut values = Vec::with_capacity(self.values.len());
        for WrittenValue { name, text, .. } in self.values.iter() {
            let text = text.expose_str().unwrap_or_default();
            if let Ok(Some(value)) = resolver.resolve(text, (name, 0), origin) {
                values.push((name, value));
            }
        }
        let found = resolver.finish()?;
        let secret = |(name, value): (&String, _)| {
            let provenance = match found.get(&(name.clone(), 0)) {
                Some(found) => found.provenance(&self.name, ""),
                None => Provenance {
                    source: Arc::clone(&self.name),
                    place: "text".into(),
                    version: None,
                    age: None,
                },
            };
            Secret { name: Name::new(name), value, provenance }
        };
        Ok(values.into_iter().map(secret).collect())
    }
}
