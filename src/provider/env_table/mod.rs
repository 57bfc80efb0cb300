//! `[env]` in `hushed.toml` as a source: variables that are text, references to secrets of other sources, or
//! templates of several. `bind` parses the references and finds their sources; the sources fetch what these name
//! before this one is asked. What was fetched is never parsed or expanded again.

mod bind;
mod error;
mod evaluate;
mod shape;
mod template;

use std::sync::Arc;

pub use bind::References;
pub(super) use bind::{bind, check_name, is_url_scheme};
pub use error::{Error, Fault};
pub(super) use evaluate::{Found, find};
#[cfg(feature = "external-secrets")]
pub(super) use shape::Shape;
pub use shape::ShapeError;
pub use template::TemplateError;

use crate::config::schema::SourceSchema;
use crate::config::{Origin, RunSettings};
use crate::provider::{self, Check, Checks, Configured, Fetch, FetchEnvironment, Source};
use crate::reference::Reference;
use crate::secret::{SecretSet, Value};
#[cfg(not(feature = "external-secrets"))]
use shape::Shape;
use template::Template;

/// How messages call this source. No table of a source can have this name.
pub(crate) const NAME: &str = "[env]";

/// It has no settings.
pub(super) static SCHEMA: SourceSchema =
    SourceSchema { name: NAME, heading: "", doc: "", keys: &[], credentials: &[] };

/// The variables of `[env]`.
#[derive(Clone, Debug)]
pub struct EnvTable {
    name: Arc<str>,
    variables: Arc<[EnvVariable]>,
}

/// One variable.
#[derive(Debug)]
pub(super) struct EnvVariable {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) expression: Expression,
}

/// What a variable is.
#[derive(Debug)]
pub(super) enum Expression {
    Text(Value),
    Reference {
        bound: BoundReference,
        required: bool,
        default: Option<Value>,
    },
    Template {
        template: Template,
        inputs: Vec<(String, BoundReference)>,
    },
    Object {
        bound: BoundReference,
        shape: Shape,
        prefix: String,
        rename: Vec<(String, String)>,
        required: bool,
    },
}

/// A reference, and the source that it means.
#[derive(Debug)]
pub(crate) struct BoundReference {
    pub(super) source: Arc<str>,
    pub(super) reference: Reference,
}

impl BoundReference {
    /// Binds a reference to the source of this name.
    pub(super) fn new(source: Arc<str>, reference: Reference) -> Self {
        Self { source, reference }
    }

    /// The reference.
    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }
}

#[cfg(feature = "external-secrets")]
impl EnvTable {
    /// The variables, in the order of the file.
    pub(super) fn variables(&self) -> &[EnvVariable] {
        &self.variables
    }
}

impl Configured for EnvTable {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.clone()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        let count = |wanted: fn(&Expression) -> bool| {
            self.variables.iter().filter(|variable| wanted(&variable.expression)).count()
        };
        let references = count(|it| matches!(it, Expression::Reference { .. }));
        let templates = count(|it| matches!(it, Expression::Template { .. }));
        let text = format!(
            "{} variables, {references} of them references and {templates} templates; `hushed plan` reads them",
            self.variables.len()
        );
        Box::pin(std::future::ready(vec![Check::ok("variables", text)]))
    }
}

impl Source for EnvTable {
    fn name(&self) -> &str {
        &self.name
    }

    /// Without what the sources returned no reference can be resolved.
    fn fetch(&self) -> Fetch<'_> {
        let fetched = SecretSet::default();
        let environment =
            FetchEnvironment { variable: &|_| None, admits: &|_| true, fetched: &fetched };
        let secrets = evaluate::secrets(self, &environment).map_err(provider::Error::from);
        Box::pin(std::future::ready(secrets))
    }

    fn refers_to_variables(&self) -> bool {
        true
    }

    fn fetch_in<'a>(&'a self, environment: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        let secrets = evaluate::secrets(self, environment).map_err(provider::Error::from);
        Box::pin(std::future::ready(secrets))
    }
}
