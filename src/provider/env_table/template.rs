//! Templates of several secrets, in the language of Jinja (minijinja). They see the values that are named beside
//! them and nothing else: no environment, no file, no other template. An undefined name is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use percent_encoding::utf8_percent_encode;
use zeroize::Zeroizing;

use super::shape::UNRESERVED;
use crate::secret::Value;

/// Operations that a template may take, so that a loop of a project's file ends.
const FUEL: u64 = 100_000;

/// The longest result, in bytes.
const MAX_SIZE: usize = 128 << 10;

/// A template that was parsed once.
#[derive(Clone, Debug)]
pub(in crate::provider) struct Template(Arc<str>);

/// Why a template has no result. It holds no value and no part of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    what: &'static str,
    line: Option<usize>,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        self.line.filter(|line| *line > 1).map_or(Ok(()), |line| write!(f, " (line {line} of it)"))
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Its text.
    #[cfg(feature = "external-secrets")]
    pub(in crate::provider) fn text(&self) -> &str {
        &self.0
    }

    /// Parses a text. What stands in `{{ … }}` and `{% … %}` is code.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        environment().template_from_str(text).map_err(|error| told(&error))?;
        Ok(Self(text.into()))
    }

    /// The names that it uses and does not define itself.
    pub(super) fn names(&self) -> Vec<String> {
        let environment = environment();
        let template = environment.template_from_str(&self.0);
        let mut names: Vec<_> = template
            .map(|template| template.undeclared_variables(false))
            .into_iter()
            .flatten()
            .collect();
        names.sort_unstable();
        names
    }

    /// Renders it with these values, which must be UTF-8.
    pub(super) fn render(&self, values: &[(&str, Value)]) -> Result<Value, TemplateError> {
        let fault = |what| TemplateError { what, line: None };
        let environment = environment();
        let template = environment.template_from_str(&self.0).map_err(|error| told(&error))?;
        let mut context = BTreeMap::new();
        for (name, value) in values {
            let text = value.expose_str().ok_or(fault("a value that it uses is not UTF-8"))?;
            context.insert(*name, minijinja::Value::from(text));
        }
        let rendered =
            template.render(minijinja::Value::from(context)).map_err(|error| told(&error))?;
        let rendered = Zeroizing::new(rendered.into_bytes());
        if rendered.len() > MAX_SIZE {
            return Err(fault("its result is longer than 128 KiB"));
        }
        Ok(Value::from(rendered.as_slice()))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(FUEL));
    environment.add_filter("urlencode", url_encode);
    environment
}

/// Encodes for any part of a URL. The engine's own filter leaves `/` as it is, which breaks a password, and makes an
/// undefined name empty even in strict mode.
fn url_encode(value: &minijinja::Value) -> Result<String, minijinja::Error> {
    let text = value.as_str().ok_or(ErrorKind::UndefinedError)?;
    Ok(utf8_percent_encode(text, UNRESERVED).to_string())
}

/// The kind of an error, since its text may quote a value.
fn told(error: &minijinja::Error) -> TemplateError {
    let what = match error.kind() {
        ErrorKind::SyntaxError => "it is not a valid template",
        ErrorKind::UndefinedError => "it uses a name that is not defined",
        ErrorKind::UnknownFilter => "it uses an unknown filter",
        ErrorKind::UnknownTest => "it uses an unknown test",
        ErrorKind::UnknownFunction => "it uses an unknown function",
        ErrorKind::UnknownMethod => "it uses an unknown method",
        ErrorKind::OutOfFuel => "it takes too many steps",
        ErrorKind::MissingArgument | ErrorKind::TooManyArguments => {
            "a filter or function has the wrong number of arguments"
        }
        _ => "it fails with these values",
    };
    TemplateError { what, line: error.line() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, values: &[(&str, &str)]) -> Result<String, String> {
        let values: Vec<_> =
            values.iter().map(|(name, value)| (*name, Value::from(*value))).collect();
        let template = Template::parse(template).map_err(|error| error.to_string())?;
        let rendered = template.render(&values).map_err(|error| error.to_string())?;
        Ok(rendered.expose_str().unwrap().to_owned())
    }

    #[test]
    fn values_are_inserted_as_they_are_or_by_a_filter() {
        let values = [("user", "a b"), ("pass", "c@{{ x }}/<&\n")];
        for (template, want) in [
            ("{{ user }}:{{ pass }}\n", "a b:c@{{ x }}/<&\n\n"),
            (
                "postgres://{{ user | urlencode }}:{{ pass | urlencode }}@db",
                "postgres://a%20b:c%40%7B%7B%20x%20%7D%7D%2F%3C%26%0A@db",
            ),
            ("{% if user %}{{ user | upper }}{% endif %}", "A B"),
            ("{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }}", "1024 0.5 1.4142135623730951"),
            ("plain", "plain"),
        ] {
            assert_eq!(render(template, &values).as_deref(), Ok(want), "{template}");
        }
    }

    #[test]
    fn what_is_not_defined_or_reaches_outside_is_an_error() {
        for (template, want) in [
            ("{{ other }}", "it uses a name that is not defined"),
            ("{{ user.x.y }}", "it uses a name that is not defined"),
            ("{{ user.x }}", "it uses a name that is not defined"),
            ("{{ user.x | urlencode }}", "it uses a name that is not defined"),
            ("{{ user.x | upper }}", "it uses a name that is not defined"),
            ("{{ user.x | trim }}", "it uses a name that is not defined"),
            ("{{ user.x | replace('a', 'b') }}", "it uses a name that is not defined"),
            ("{{ user.x | length }}", "it uses a name that is not defined"),
            ("{{ user.x | string }}", "it uses a name that is not defined"),
            ("{{ user.x ~ 'a' }}", "it uses a name that is not defined"),
            ("{% if user.x %}a{% endif %}", "it uses a name that is not defined"),
            ("{{ user", "it is not a valid template"),
            ("{{ user | env }}", "it uses an unknown filter"),
            ("{% include '/etc/passwd' %}", "it is not a valid template"),
            (
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "it takes too many steps",
            ),
        ] {
            assert_eq!(render(template, &[("user", "canary")]), Err(want.to_owned()), "{template}");
        }
    }

    #[test]
    fn its_names_are_known_without_values() {
        let template = Template::parse("{{ a }}{% for b in c %}{{ b }}{% endfor %}").unwrap();
        assert_eq!(template.names(), ["a", "c"]);
    }
}
