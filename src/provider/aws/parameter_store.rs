//! Reads AWS Systems Manager Parameter Store: whole paths, ten parameters a page, and single parameters, ten a
//! request. `DescribeParameters`, which is throttled early, is never used.

use std::sync::Arc;

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::error::{Error, Meaning};
use super::secrets_manager::{add_token, next_token};
use super::shape;
use super::text::SecretText;
use crate::secret::{Name, Provenance, Secret, SecretSet};

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
struct Parameter {
    name: String,
    value: SecretText,
    version: Option<u64>,
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
async fn by_path(
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
    let requests = unique.chunks(PAGE).map(async |names| {
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
    if !invalid.is_empty() && !selection.allow_empty {
        let names = invalid.iter().map(|name| format!("`{}`", name.escape_debug())).collect();
        return Err(Error::NoParameters { names });
    }
    let mut ordered = Vec::new();
    for name in unique {
        if let Some(at) = found.iter().position(|parameter: &Parameter| parameter.is_for(name)) {
            let parameter = found.swap_remove(at);
            ordered.push((shape::last_part(&parameter.name), parameter));
        } else if !invalid.iter().any(|known| known == name) {
            return Err(api.bad_answer(BY_NAME));
        }
    }
    let places: Vec<_> =
        ordered.iter().map(|(name, found)| (name.as_str(), found.place())).collect();
    shape::refuse_same(places.iter().map(|(name, place)| (*name, place.as_str())))?;
    Ok(ordered)
}

impl Parameter {
    /// Whether it answers a request by this name or ARN, which may have a version or a label behind it.
    fn is_for(&self, wanted: &str) -> bool {
        let selector = self.selector.as_deref().unwrap_or_default();
        let plain = wanted.strip_suffix(selector).unwrap_or(wanted);
        self.name == plain || self.arn.as_deref() == Some(plain)
    }

    fn place(&self) -> String {
        format!("{}{}", self.name, self.selector.as_deref().unwrap_or_default())
    }
}
