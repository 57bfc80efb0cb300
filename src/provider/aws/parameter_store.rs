//! Reads AWS Systems Manager Parameter Store: whole paths, ten parameters a page, and single parameters, ten a
//! request. `DescribeParameters`, which is throttled early, is never used.

use std::sync::Arc;

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::error::{Error, Meaning};
use super::secrets_manager::{add_token, next_token};
use crate::provider::{SecretText, shape};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// How many parameters one request returns at most.
const PAGE: usize = 10;

/// What is read.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    /// Paths, each beginning with a slash.
    pub(super) paths: Vec<String>,
    pub(super) recursive: bool,
    pub(super) label: Option<String>,
    /// Names or ARNs, with `:VERSION` or `:LABEL` behind them.
    pub(super) names: Vec<String>,
    pub(super) allow_empty: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    parameters: Vec<Parameter>,
    next_token: Option<String>,
    #[serde(default)]
    invalid_parameters: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: SecretText,
    pub(super) version: Option<u64>,
    selector: Option<String>,
    #[serde(rename = "ARN")]
    arn: Option<String>,
}

const BY_PATH: &str = "GetParametersByPath";
const BY_NAME: &str = "GetParameters";

/// Reads all parameters of a selection, lowest precedence first.
pub(super) async fn fetch(
    api: &Api,
    source: &Arc<str>,
    selection: &Selection,
) -> Result<SecretSet, Error> {
    let paths = selection.paths.iter().map(|path| by_path(api, selection, path));
    let mut found: Vec<_> = try_join_all(paths).await?.into_iter().flatten().collect();
    found.extend(by_name(api, selection).await?);
    let secret = |(variable, parameter): (String, Parameter)| {
        let provenance = Provenance {
            source: Arc::clone(source),
            place: parameter.name.as_str().into(),
            version: parameter.version,
            age: None,
        };
        Secret { name: Name::new(variable), value: parameter.value.0, provenance }
    };
    Ok(found.into_iter().map(secret).collect())
}

/// Reads all parameters under a path, with the variables that they are named after.
pub(super) async fn by_path(
    api: &Api,
    selection: &Selection,
    path: &str,
) -> Result<Vec<(String, Parameter)>, Error> {
    let (mut found, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut body = json!({
            "Path": path,
            "Recursive": selection.recursive,
            "WithDecryption": true,
            "MaxResults": PAGE,
        });
        if let (Some(label), Some(body)) = (&selection.label, body.as_object_mut()) {
            let filters = json!([{ "Key": "Label", "Option": "Equals", "Values": [label] }]);
            body.insert("ParameterFilters".to_owned(), filters);
        }
        add_token(&mut body, token.as_deref());
        let page: Page = match api.call(BY_PATH, &body).await? {
            Ok(page) => page,
            Err(refusal) if refusal.meaning() == Meaning::Denied => {
                let name = path.to_owned();
                return Err(Error::Item { what: "the parameters under", name, refusal });
            }
            Err(refusal) => return Err(api.refused(BY_PATH, refusal)),
        };
        found.extend(page.parameters);
        match next_token(page.next_token, token.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => break,
            Err(()) => return Err(api.bad_answer(BY_PATH)),
        }
    }
    if found.is_empty() && !selection.allow_empty {
        return Err(Error::Nothing { place: format!("the path `{path}`") });
    }
    // The service promises no order.
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let named = |parameter: Parameter| {
        let rest = parameter.name.strip_prefix(path).unwrap_or(&parameter.name);
        (shape::upper_snake(rest), parameter)
    };
    let found: Vec<_> = found.into_iter().map(named).collect();
    shape::refuse_same(found.iter().map(|(name, found)| (name.as_str(), found.name.as_str())))?;
    Ok(found)
}

/// Reads the listed parameters, in order. Of one that is listed twice, the last place counts.
async fn by_name(api: &Api, selection: &Selection) -> Result<Vec<(String, Parameter)>, Error> {
    let names = selection.names.iter().enumerate();
    let unique =
        names.filter(|(at, name)| !selection.names.iter().skip(at + 1).any(|later| later == *name));
    let unique: Vec<&str> = unique.map(|(_, name)| name.as_str()).collect();
    let (mut ordered, mut absent) = (Vec::new(), Vec::new());
    for (name, parameter) in unique.iter().zip(read(api, &unique).await?) {
        match parameter {
            Some(parameter) => ordered.push((shape::last_part(&parameter.name), parameter)),
            None => absent.push(format!("`{}`", name.escape_debug())),
        }
    }
    if !absent.is_empty() && !selection.allow_empty {
        return Err(Error::NoParameters { names: absent });
    }
    let places: Vec<_> =
        ordered.iter().map(|(name, found)| (name.as_str(), found.place())).collect();
    shape::refuse_same(places.iter().map(|(name, place)| (*name, place.as_str())))?;
    Ok(ordered)
}

/// Reads parameters, each listed once, ten a request: one for each name, in order; `None` for an absent one.
pub(super) async fn read(api: &Api, names: &[&str]) -> Result<Vec<Option<Parameter>>, Error> {
    let requests = names.chunks(PAGE).map(async |names| {
        let body = json!({ "Names": names, "WithDecryption": true });
        match api.call::<Page>(BY_NAME, &body).await? {
            Ok(page) => Ok(page),
            Err(refusal) if refusal.meaning() == Meaning::Denied => {
                let name = names.join("`, `");
                Err(Error::Item { what: "the parameters", name, refusal })
            }
            Err(refusal) => Err(api.refused(BY_NAME, refusal)),
        }
    });
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for page in try_join_all(requests).await? {
        found.extend(page.parameters);
        invalid.extend(page.invalid_parameters);
    }
    let parameter = |name: &&str| {
        let at = found.iter().position(|parameter: &Parameter| parameter.is_for(name));
        match at.map(|at| found.swap_remove(at)) {
            None if !invalid.iter().any(|known| known == name) => Err(api.bad_answer(BY_NAME)),
            found => Ok(found),
        }
    };
    names.iter().map(parameter).collect()
}

/// Reads parameters for references: the value and the version of each, `None` for an absent one.
pub(super) async fn values(
    api: &Api,
    names: &[&str],
) -> Result<Vec<Option<(Value, Option<String>)>>, Error> {
    let found = |parameter: Parameter| {
        (parameter.value.0, parameter.version.map(|version| version.to_string()))
    };
    Ok(read(api, names).await?.into_iter().map(|parameter| parameter.map(found)).collect())
}

impl Parameter {
    /// Whether it answers a request by this name or ARN, which may have a version or a label behind it.
    fn is_for(&self, wanted: &str) -> bool {
        let is_named = |name: &str| self.name == name || self.arn.as_deref() == Some(name);
        if let Some(selector) = self.selector.as_deref().filter(|selector| !selector.is_empty()) {
            return wanted.strip_suffix(selector).is_some_and(is_named);
        }
        // Some imitations of AWS do not repeat the selector.
        let is_version = |selector: &str| {
            selector.parse().map_or(true, |version: u64| self.version == Some(version))
        };
        let selected = wanted.rsplit_once(':');
        is_named(wanted)
            || selected.is_some_and(|(name, selector)| is_named(name) && is_version(selector))
    }

    fn place(&self) -> String {
        format!("{}{}", self.name, self.selector.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_matched_by_name_and_selector() {
        let arn = "arn:aws:ssm:eu-west-1:1:parameter/a";
        for (selector, wanted, want) in [
            (None, "/a", true),
            (None, arn, true),
            (None, "/b", false),
            (None, "/a:3", true),
            (None, "/a:4", false),
            (None, "/a:prod", true),
            (Some(":3"), "/a:3", true),
            (Some(":prod"), "/a:prod", true),
            (Some(":prod"), "/a:3", false),
            (Some(":3"), "/a", false),
        ] {
            let parameter = Parameter {
                name: "/a".to_owned(),
                value: SecretText(Value::from("canary")),
                version: Some(3),
                selector: selector.map(str::to_owned),
                arn: Some(arn.to_owned()),
            };
            assert_eq!(parameter.is_for(wanted), want, "{selector:?} {wanted}");
        }
    }
}
