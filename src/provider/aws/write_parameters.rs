//! Writes Parameter Store: `PutParameter` and `DeleteParameters`.
//!
//! An update replaces all that it does not repeat with defaults, so hushed first reads the type, the key, the tier and
//! the description of a parameter, and sends them again. The service has no compare-and-set, but it numbers the
//! versions: if the new one does not follow the one that was read, somebody else wrote in between.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::api::Api;
use super::call::Repetition;
use super::error::Error;
use super::parameter_store::{self, Selection};
use super::secrets_manager::{add_token, next_token};
use super::stored_parameters::{
    ADVANCED, STANDARD, StoredParameter, StoredParameters, check_name, check_size,
};
use super::stored_secrets::{labels, missing};
use super::write::{Body, Planned, Tier, WriteSettings, appeared, check, shown_time};
use super::write_error::WriteError;
use crate::provider::{
    Annotations, Change, StoredSecret, StoredVersion, WriteReceipt, WriteReport, shape,
};
use crate::secret::{Name, Value};

/// How many parameters one request deletes at most.
const DELETED: usize = 10;

const PARAMETER: &str = "the parameter";
const HISTORY: &str = "GetParameterHistory";

/// What changes are for, for a person.
pub(super) fn place(selection: &Selection) -> String {
    match (selection.paths.as_slice(), selection.names.as_slice()) {
        (paths, []) => format!("path {}", paths.join(", ")),
        ([], names) => format!("parameter {}", names.join(", ")),
        (paths, names) => format!("path {}, parameter {}", paths.join(", "), names.join(", ")),
    }
}

/// Checks a value against the limits of the service.
pub(super) fn check_value(name: &Name, value: &Value) -> Result<(), WriteError> {
    check_size(name.as_str(), value, ADVANCED)
}

/// Reads the parameters that the source is for.
async fn read<'a>(api: &Api, selection: &'a Selection) -> Result<StoredParameters<'a>, WriteError> {
    let path = match selection.paths.as_slice() {
        [] => None,
        [only] => Some(only.as_str()),
        _ => {
            let hint = "choose one with --set SOURCE.path=PATH";
            return Err(WriteError::Several { what: "paths", hint });
        }
    };
    if let Some(label) = &selection.label {
        return Err(WriteError::Version { what: format!("`label = \"{label}\"`") });
    }
    if let Some(pinned) = selection.names.iter().find(|name| name.contains(':')) {
        let what = format!("`{}` is an ARN or", pinned.escape_debug());
        return Err(WriteError::Version { what });
    }
    let mut parameters = Vec::new();
    if let Some(path) = path {
        let with_absent = Selection { allow_empty: true, ..selection.clone() };
        let found = parameter_store::by_path(api, &with_absent, path).await?;
        parameters.extend(found.into_iter().map(|(name, found)| StoredParameter::new(name, found)));
    }
    let mut names: Vec<&str> = selection.names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    for (name, found) in names.iter().zip(parameter_store::read(api, &names).await?) {
        let variable = shape::last_part(name);
        parameters.push(match found {
            Some(found) => StoredParameter::new(variable, found),
            None => StoredParameter::absent((*name).to_owned(), variable),
        });
    }
    Ok(StoredParameters { parameters, path })
}

/// The variables of all parameters. Of one that two parameters have, the last counts.
pub(super) async fn stored(
    api: &Api,
    selection: &Selection,
) -> Result<Vec<StoredSecret>, WriteError> {
    let mut stored: Vec<StoredSecret> = Vec::new();
    for parameter in read(api, selection).await?.parameters {
        let (Some(revision), Some(value)) = (parameter.revision(), parameter.value) else {
            continue;
        };
        let name = Name::new(parameter.variable);
        stored.retain(|known| known.name != name);
        stored.push(StoredSecret { name, value, revision, annotations: Annotations::default() });
    }
    Ok(stored)
}

/// Applies changes: one request for each value, then one for ten deletions.
pub(super) async fn apply(
    api: &Api,
    selection: &Selection,
    settings: &WriteSettings,
    changes: &[Change],
    report: WriteReport<'_>,
) -> Result<(), WriteError> {
    check(changes)?;
    let mut all = read(api, selection).await?;
    let plan = changes.iter().map(|change| all.apply(change)).collect::<Result<Vec<_>, _>>()?;
    let parameters: Vec<_> = all.parameters.iter().filter(|p| p.is_changed).collect();
    let mut kept = BTreeMap::new();
    for parameter in parameters.iter().filter(|parameter| parameter.value.is_some()) {
        let attributes = attributes(api, settings, parameter).await?;
        if let Some(value) = &parameter.value {
            check_size(&parameter.name, value, attributes.limit())?;
        }
        kept.insert(parameter.name.as_str(), attributes);
    }
    for planned in plan.iter().filter(|planned| planned.object.is_none()) {
        report(planned.change, planned.outcome.into());
    }
    let of = |parameter: &StoredParameter| {
        plan.iter().find(|planned| {
            let object = planned.object.and_then(|at| all.parameters.get(at));
            object.is_some_and(|object| object.name == parameter.name)
        })
    };
    for parameter in &parameters {
        let (Some(value), Some(attributes)) = (&parameter.value, kept.get(&*parameter.name)) else {
            continue;
        };
        let notice = put(api, parameter, value, attributes, of(parameter)).await?;
        if let Some(Planned { change, outcome, .. }) = of(parameter) {
            report(change, WriteReceipt { outcome: *outcome, notice });
        }
    }
    let gone: Vec<_> =
        parameters.into_iter().filter(|parameter| parameter.value.is_none()).collect();
    for some in gone.chunks(DELETED) {
        delete(api, some).await?;
        for Planned { change, outcome, .. } in some.iter().filter_map(|parameter| of(parameter)) {
            report(change, (*outcome).into());
        }
    }
    Ok(())
}

/// What a parameter has beside its value, and keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    #[serde(rename = "Type")]
    kind: Option<String>,
    key_id: Option<String>,
    tier: Option<String>,
    description: Option<String>,
    allowed_pattern: Option<String>,
    data_type: Option<String>,
    version: Option<u64>,
    last_modified_date: Option<f64>,
    #[serde(default)]
    labels: Json,
}

impl Attributes {
    /// Those of a new parameter.
    fn of_new(settings: &WriteSettings) -> Self {
        Self {
            kind: Some("SecureString".to_owned()),
            key_id: settings.kms_key.clone(),
            tier: settings.tier.map(|tier| tier.name().to_owned()),
            description: None,
            allowed_pattern: None,
            data_type: None,
            version: None,
            last_modified_date: None,
            labels: Json::Null,
        }
    }

    /// The largest value, in bytes.
    fn limit(&self) -> usize {
        match self.tier.as_deref().and_then(Tier::parse) {
            Some(Tier::Advanced | Tier::Intelligent) => ADVANCED,
            Some(Tier::Standard) | None => STANDARD,
        }
    }
}

/// What is sent beside the value of a parameter. A tier that is configured can raise that of a standard one.
async fn attributes(
    api: &Api,
    settings: &WriteSettings,
    parameter: &StoredParameter,
) -> Result<Attributes, WriteError> {
    if parameter.version.is_none() {
        check_name(&parameter.name)?;
    }
    let known = match (&parameter.like, parameter.version) {
        (Some(old), _) => old,
        (None, Some(_)) => &parameter.name,
        (None, None) => return Ok(Attributes::of_new(settings)),
    };
    let history = history(api, known).await?;
    let newest = history.into_iter().max_by_key(|version| version.version);
    let mut found = newest.ok_or_else(|| api.bad_answer(HISTORY))?;
    if let (STANDARD, Some(tier)) = (found.limit(), settings.tier) {
        found.tier = Some(tier.name().to_owned());
    }
    Ok(found)
}

/// All versions of a parameter, without their values.
async fn history(api: &Api, name: &str) -> Result<Vec<Attributes>, WriteError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        #[serde(default)]
        parameters: Vec<Attributes>,
        next_token: Option<String>,
    }
    let (mut found, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut body = json!({ "Name": name, "WithDecryption": false, "MaxResults": 50 });
        add_token(&mut body, token.as_deref());
        let page = match api.call::<Page>(HISTORY, &body).await? {
            Ok(page) => page,
            Err(refusal) => {
                return Err(WriteError::refused("read the history of", PARAMETER, name, refusal));
            }
        };
        found.extend(page.parameters);
        match next_token(page.next_token, token.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => return Ok(found),
            Err(()) => return Err(api.bad_answer(HISTORY).into()),
        }
    }
}

/// Stores a parameter, and says whether somebody else did at the same time.
async fn put(
    api: &Api,
    parameter: &StoredParameter,
    value: &Value,
    attributes: &Attributes,
    planned: Option<&Planned<'_>>,
) -> Result<Option<String>, WriteError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Stored {
        version: u64,
    }
    let name = &parameter.name;
    let body = Body::new()
        .with("Name", name)
        .with("Value", &value.expose_str().unwrap_or_default())
        .with("Overwrite", &parameter.version.is_some())
        .with_some("Type", attributes.kind.as_ref())
        .with_some("KeyId", attributes.key_id.as_ref())
        .with_some("Tier", attributes.tier.as_ref())
        .with_some("Description", attributes.description.as_ref().filter(|text| !text.is_empty()))
        .with_some(
            "AllowedPattern",
            attributes.allowed_pattern.as_ref().filter(|text| !text.is_empty()),
        )
        .with_some("DataType", attributes.data_type.as_ref())
        .finish();
    let verb = if parameter.version.is_some() { "change" } else { "create" };
    match api.call_with::<Stored>("PutParameter", &body, Repetition::Counts).await? {
        Ok(Stored { version }) => {
            let expected = parameter.version.map_or(1, |known| known.saturating_add(1));
            Ok((version > expected).then(|| {
                format!(
                    "somebody else changed `{name}` at the same time: compare with version {}, and write again what \
                     is missing",
                    version.saturating_sub(1)
                )
            }))
        }
        Err(refusal) if refusal.code == "ParameterAlreadyExists" => Err(match planned {
            Some(planned) => appeared(planned.change),
            None => WriteError::refused(verb, PARAMETER, name, refusal),
        }),
        Err(refusal) => Err(WriteError::refused(verb, PARAMETER, name, refusal)),
    }
}

/// Deletes up to ten parameters. One that is gone already is no error.
async fn delete(api: &Api, parameters: &[&StoredParameter]) -> Result<(), WriteError> {
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let body = Body::new().with("Names", &names).finish();
    let answer = api.call_with::<Json>("DeleteParameters", &body, Repetition::Counts).await?;
    let refused = |refusal| WriteError::refused("delete", PARAMETER, &names.join("`, `"), refusal);
    answer.map(drop).map_err(refused)
}

/// Lists the versions of the parameter that a variable is read from, the newest first.
pub(super) async fn versions(
    api: &Api,
    selection: &Selection,
    name: &Name,
) -> Result<Vec<StoredVersion>, WriteError> {
    let (full, current) = parameter_of(api, selection, name).await?;
    let mut found = history(api, &full).await?;
    found.sort_by_key(|version| std::cmp::Reverse(version.version));
    let listed = |version: Attributes| {
        let number = version.version.unwrap_or_default();
        let mut labels = labels(&version.labels);
        if Some(number) == current {
            labels.insert(0, "current".to_owned());
        }
        let created = version.last_modified_date.and_then(shown_time);
        StoredVersion { version: number.to_string(), created, labels }
    };
    Ok(found.into_iter().map(listed).collect())
}

/// Reads a variable as it was in a version of its parameter, by number or label.
pub(super) async fn read_version(
    api: &Api,
    selection: &Selection,
    name: &Name,
    version: &str,
) -> Result<Option<Value>, WriteError> {
    let (full, _) = parameter_of(api, selection, name).await?;
    let selected = format!("{full}:{version}");
    let found = parameter_store::values(api, &[&selected]).await;
    match found {
        Ok(found) => Ok(found.into_iter().flatten().next().map(|(value, _)| value)),
        Err(Error::Refused { refusal, .. } | Error::Item { refusal, .. })
            if refusal.code == "ParameterVersionNotFound" =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn parameter_of(
    api: &Api,
    selection: &Selection,
    name: &Name,
) -> Result<(String, Option<u64>), WriteError> {
    let all = read(api, selection).await?;
    let at = all.find(name).ok_or_else(|| missing(name))?;
    let found = all.parameters.into_iter().nth(at).ok_or_else(|| missing(name))?;
    Ok((found.name, found.version))
}
