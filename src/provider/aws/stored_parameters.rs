//! The parameters of Parameter Store as a change finds them, what changes make of them, and the limits of the service.
//! Pure.

use super::endpoint::Service;
use super::parameter_store::Parameter;
use super::write::Planned;
use super::write_error::WriteError;
use crate::provider::{Action, Change, Revision, shape};
use crate::secret::{Name, Value};

/// The largest values, in bytes.
pub(super) const STANDARD: usize = 4096;
pub(super) const ADVANCED: usize = 8192;
/// The longest name with its path, in characters, and the most parts of it.
pub(super) const MAX_NAME: usize = 1011;
pub(super) const MAX_PARTS: usize = 15;
pub(super) fn check_size(name: &str, value: &Value, limit: usize) -> Result<(), WriteError> {
    let size = value.len();
    let (rule, hint) = if value.is_empty() {
        ("a parameter is at least one character".to_owned(), "delete the parameter instead")
    } else if size > ADVANCED {
        let rule = format!("it has {size} bytes, and a parameter at most {ADVANCED}");
        (rule, "keep it in Secrets Manager, which takes 65,536 bytes")
    } else if size > limit {
        let rule =
            format!("it has {size} bytes, and a parameter of the standard tier at most {limit}");
        (rule, "set `tier = \"advanced\"` in the source: AWS charges for advanced parameters")
    } else {
        match value.expose_str() {
            None => (
                "it is not UTF-8 text".to_owned(),
                "store it in base64, and decode it with ?encoding=base64 in [env]",
            ),
            Some(text) if text.contains("{{") => (
                "it contains `{{`, which begins a reference".to_owned(),
                "store it in base64, and decode it with ?encoding=base64 in [env]",
            ),
            Some(_) => return Ok(()),
        }
    };
    Err(WriteError::BadValue {
        service: Service::ParameterStore,
        name: name.to_owned(),
        rule,
        hint,
    })
}

pub(super) fn check_name(name: &str) -> Result<(), WriteError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    let rule = if name.len() > MAX_NAME {
        "at most 1011 characters with the path"
    } else if !name.chars().all(is_plain) {
        "letters, digits and _.-/"
    } else if name.matches('/').count() > MAX_PARTS {
        "at most 15 levels"
    } else if first.starts_with("aws") || first.starts_with("ssm") {
        "it does not begin with `aws` or `ssm`"
    } else {
        return Ok(());
    };
    Err(WriteError::Name { service: Service::ParameterStore, name: name.to_owned(), rule })
}

/// A parameter as it is stored, or as it is listed, if there is none.
#[derive(Debug)]
pub(super) struct StoredParameter {
    pub(super) name: String,
    pub(super) variable: String,
    /// `None` if it does not exist.
    pub(super) version: Option<u64>,
    /// What it holds, or will hold; `None` if it does not exist, or will be deleted.
    pub(super) value: Option<Value>,
    pub(super) is_changed: bool,
    /// The parameter that it is a renamed copy of.
    pub(super) like: Option<String>,
}

impl StoredParameter {
    pub(super) fn new(variable: String, parameter: Parameter) -> Self {
        let Parameter { name, value, version, .. } = parameter;
        let (version, value) = (version.or(Some(0)), Some(value.0));
        Self { version, value, ..Self::absent(name, variable) }
    }

    pub(super) fn absent(name: String, variable: String) -> Self {
        Self { name, variable, version: None, value: None, is_changed: false, like: None }
    }

    pub(super) fn revision(&self) -> Option<Revision> {
        self.version.map(|version| Revision(format!("{}:{version}", self.name)))
    }
}

/// The parameters of a source.
#[derive(Debug)]
pub(super) struct StoredParameters<'a> {
    pub(super) parameters: Vec<StoredParameter>,
    pub(super) path: Option<&'a str>,
}

impl StoredParameters<'_> {
    /// The parameter that a variable is read from: the last one that has it.
    pub(super) fn find(&self, name: &Name) -> Option<usize> {
        let is_it = |p: &StoredParameter| p.value.is_some() && p.variable == name.as_str();
        self.parameters.iter().rposition(is_it)
    }

    /// Where a new variable goes: a listed parameter that does not exist yet, or below the path.
    pub(super) fn place_for(&mut self, name: &Name) -> Result<usize, WriteError> {
        let is_free =
            |p: &StoredParameter| p.value.is_none() && !p.is_changed && p.variable == name.as_str();
        if let Some(at) = self.parameters.iter().rposition(is_free) {
            return Ok(at);
        }
        let Some(path) = self.path else {
            let hint =
                "choose a path with --set SOURCE.path=PATH, or add the parameter to `parameters`";
            return Err(WriteError::NoPlace { name: name.as_str().to_owned(), hint });
        };
        let variable = shape::upper_snake(name.as_str());
        if variable != name.as_str() {
            return Err(WriteError::OtherName { name: name.as_str().to_owned(), variable });
        }
        let full = format!("{}/{}", path.trim_end_matches('/'), name.as_str());
        self.parameters.push(StoredParameter::absent(full, variable));
        Ok(self.parameters.len() - 1)
    }

    /// Makes a change, and says which parameter has to be stored for it.
    pub(super) fn apply<'c>(&mut self, change: &'c Change) -> Result<Planned<'c>, WriteError> {
        let at = self.find(&change.name);
        let stored = at.and_then(|at| self.parameters.get(at)?.revision());
        let outcome = change.outcome(stored.as_ref(), |to| self.find(to).is_some())?;
        let object = match (&change.action, at) {
            (Action::Put { .. }, None) => Some(self.place_for(&change.name)?),
            (_, at) => at,
        };
        let Some(parameter) = object.and_then(|at| self.parameters.get_mut(at)) else {
            return Ok(Planned { change, outcome, object });
        };
        parameter.is_changed = true;
        match &change.action {
            Action::Put { value, .. } => parameter.value = Some(value.clone()),
            Action::Delete => parameter.value = None,
            Action::Rename { to } => {
                let (value, name) = (parameter.value.take(), parameter.name.clone());
                let new = self.place_for(to)?;
                if let Some(new) = self.parameters.get_mut(new) {
                    (new.value, new.like, new.is_changed) = (value, Some(name), true);
                }
            }
        }
        Ok(Planned { change, outcome, object })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_the_service_are_told_before_a_request() {
        for (value, limit, want) in [
            ("canary".to_owned(), STANDARD, None),
            (String::new(), STANDARD, Some("at least one character")),
            ("c".repeat(4096), STANDARD, None),
            (
                "c".repeat(4097),
                STANDARD,
                Some("it has 4097 bytes, and a parameter of the standard tier"),
            ),
            ("c".repeat(8192), ADVANCED, None),
            ("c".repeat(8193), ADVANCED, Some("a parameter at most 8192")),
            ("canary {{x}}".to_owned(), STANDARD, Some("`{{`")),
        ] {
            let error = check_size("/app/A", &Value::from(value.as_str()), limit).err();
            let error = error.map(|error| error.to_string());
            match (error, want) {
                (None, None) => {}
                (Some(error), Some(words)) => {
                    assert!(error.contains(words) && !error.contains("canary"), "{error}");
                }
                (error, want) => panic!("{error:?} {want:?}"),
            }
        }
        for (name, is_valid) in [
            ("/app/DB_PASSWORD", true),
            ("flat", true),
            ("/app/a b", false),
            ("/AWS/x", false),
            ("/ssm-x", false),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15", true),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", false),
        ] {
            assert_eq!(check_name(name).is_ok(), is_valid, "{name}");
        }
        assert!(check_name(&format!("/{}", "x".repeat(1011))).is_err());
    }
}
