//! Reads AWS Secrets Manager: twenty secrets a request with `BatchGetSecretValue`, or one by one where the policy
//! or a version does not allow that.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::error::{Error, Meaning, Refusal};
use crate::provider::SecretText;
use crate::provider::shape::{self, JsonMode};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// How many secrets one request returns at most.
const BATCH: usize = 20;
/// How many single secrets are read at once.
const CONCURRENT: usize = 16;
/// How many prefixes one filter has at most.
const PREFIXES: usize = 10;

/// A secret to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRef {
    /// Its name or ARN.
    pub(super) id: String,
    /// The version, unless it is the current one.
    pub(super) version: Option<Version>,
}

/// A version of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// A staging label, such as `AWSPREVIOUS`.
    Stage(String),
    /// A version ID.
    Id(String),
}

/// The least length of a version ID. Staging labels are shorter in practice: `AWSPREVIOUS`.
const VERSION_ID_LENGTH: usize = 32;

impl Version {
    /// A version ID, or the staging label that stands in its place.
    pub(super) fn parse(text: &str) -> Self {
        if text.len() < VERSION_ID_LENGTH {
            Self::Stage(text.to_owned())
        } else {
            Self::Id(text.to_owned())
        }
    }
}

impl SecretRef {
    /// Parses `NAME`, `NAME?stage=STAGE` or `NAME?version=ID`. No name contains a question mark.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, query) = text.split_once('?').map_or((text, None), |(id, q)| (id, Some(q)));
        let version = match query.and_then(|query| query.split_once('=')) {
            None if query.is_none() => None,
            Some(("stage", stage)) if !stage.is_empty() => Some(Version::Stage(stage.to_owned())),
            Some(("version", version)) if !version.is_empty() => Some(Version::parse(version)),
            _ => return None,
        };
        let id = id.to_owned();
        (!id.is_empty()).then_some(Self { id, version })
    }

    /// The same as [`Self::parse`] reads it.
    pub(super) fn text(&self) -> String {
        match &self.version {
            None => self.id.clone(),
            Some(Version::Stage(stage)) => format!("{}?stage={stage}", self.id),
            Some(Version::Id(id)) => format!("{}?version={id}", self.id),
        }
    }
}

/// What is read.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) secrets: Vec<SecretRef>,
    pub(super) prefixes: Vec<String>,
    pub(super) json: JsonMode,
    pub(super) allow_empty: bool,
}

/// A secret as it is answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Answer {
    #[serde(rename = "ARN", default)]
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) version_id: Option<String>,
    secret_string: Option<SecretText>,
    secret_binary: Option<SecretText>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    #[serde(default)]
    secret_values: Vec<Answer>,
    #[serde(default)]
    errors: Vec<BatchError>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchError {
    secret_id: Option<String>,
    error_code: Option<String>,
    message: Option<String>,
}

/// A secret with the variable that it is named after.
pub(super) struct Found {
    pub(super) variable: String,
    pub(super) answer: Answer,
}

const BATCH_GET: &str = "BatchGetSecretValue";
const GET: &str = "GetSecretValue";

/// Reads all secrets of a selection, lowest precedence first.
pub(super) async fn fetch(
    api: &Api,
    source: &Arc<str>,
    selection: &Selection,
) -> Result<SecretSet, Error> {
    let mut found = by_prefix(api, selection).await?;
    found.extend(by_name(api, selection).await?);
    let mut secrets = SecretSet::default();
    let mut whole: Vec<(String, String)> = Vec::new();
    for Found { variable, answer } in found {
        let value = value(&answer)?;
        let (version, name) = (answer.version_id.as_deref().unwrap_or_default(), &answer.name);
        let place: Arc<str> = match version {
            "" => name.as_str().into(),
            version => format!("{name}, version {version}").into(),
        };
        let variables = shape::variables(name, variable.clone(), &value, selection.json)?;
        if matches!(variables.as_slice(), [(only, _)] if *only == variable) {
            whole.push((variable, name.clone()));
        }
        for (variable, value) in variables {
            let (source, place) = (Arc::clone(source), Arc::clone(&place));
            let provenance = Provenance { source, place, version: None, age: None };
            secrets.push(Secret { name: Name::new(variable), value, provenance });
        }
    }
    shape::refuse_same(whole.iter().map(|(name, secret)| (name.as_str(), secret.as_str())))?;
    Ok(secrets)
}

/// The bytes of a secret: a text, or base64 of anything.
pub(super) fn value(answer: &Answer) -> Result<Value, Error> {
    let unusable = |problem: &str| shape::Error::Unusable {
        name: answer.name.clone(),
        problem: problem.to_owned(),
    };
    match (&answer.secret_string, &answer.secret_binary) {
        (Some(text), _) => Ok(text.0.clone()),
        (None, Some(binary)) => {
            let bytes = STANDARD.decode(binary.0.expose());
            Ok(bytes.map(Value::new).map_err(|_| unusable("its binary value is not base64"))?)
        }
        (None, None) => Err(unusable("it has no value").into()),
    }
}

/// Reads all secrets whose names begin with one of the prefixes.
pub(super) async fn by_prefix(api: &Api, selection: &Selection) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for prefixes in selection.prefixes.chunks(PREFIXES) {
        let mut token: Option<String> = None;
        loop {
            let mut body = json!({
                "Filters": [{ "Key": "name", "Values": prefixes }],
                "MaxResults": BATCH,
            });
            add_token(&mut body, token.as_deref());
            let batch = batch(api, &body).await?;
            let batch = batch.map_err(|refusal| api.refused(BATCH_GET, refusal))?;
            for error in batch.errors {
                check_error(error, "a secret", selection.allow_empty)?;
            }
            found.extend(batch.secret_values);
            match next_token(batch.next_token, token.as_deref()) {
                Ok(Some(next)) => token = Some(next),
                Ok(None) => break,
                Err(()) => return Err(api.bad_answer(BATCH_GET)),
            }
        }
    }
    // A prefix that AWS reads in another way must not bring in other secrets.
    found.retain(|answer| selection.prefixes.iter().any(|prefix| answer.name.starts_with(prefix)));
    for prefix in &selection.prefixes {
        let is_empty = !found.iter().any(|answer| answer.name.starts_with(prefix.as_str()));
        if is_empty && !selection.allow_empty {
            return Err(Error::Nothing { place: format!("the secrets named `{prefix}…`") });
        }
    }
    // The service promises no order.
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let named = |answer: Answer| {
        let matching = selection.prefixes.iter().filter_map(|p| answer.name.strip_prefix(&**p));
        let rest = matching.min_by_key(|rest| rest.len()).filter(|rest| !rest.is_empty());
        let variable = rest.map_or_else(|| shape::last_part(&answer.name), shape::upper_snake);
        Found { variable, answer }
    };
    Ok(found.into_iter().map(named).collect())
}

/// Reads the listed secrets, in order. Of one that is listed twice, the last place counts.
pub(super) async fn by_name(api: &Api, selection: &Selection) -> Result<Vec<Found>, Error> {
    let listed = selection.secrets.iter().enumerate();
    let unique = listed.filter(|(at, secret)| {
        !selection.secrets.iter().skip(at + 1).any(|later| later == *secret)
    });
    let unique: Vec<_> = unique.map(|(_, secret)| secret.clone()).collect();
    let answers = read(api, &unique, selection.allow_empty).await?;
    let named = |answer: Answer| Found { variable: shape::last_part(&answer.name), answer };
    Ok(answers.into_iter().flatten().map(named).collect())
}

/// Reads secrets, each listed once, with as few requests as possible: an answer for each, in order. An absent
/// one has none, if that is accepted.
async fn read(
    api: &Api,
    secrets: &[SecretRef],
    allow_absent: bool,
) -> Result<Vec<Option<Answer>>, Error> {
    let current = secrets.iter().filter(|secret| secret.version.is_none());
    let current: Vec<&str> = current.map(|secret| secret.id.as_str()).collect();
    let mut answers: Vec<(&str, Option<Answer>)> = Vec::new();
    // One secret needs one request either way, and a single read needs fewer rights.
    for ids in current.chunks(BATCH).filter(|ids| ids.len() > 1) {
        match get_batch(api, ids, allow_absent).await? {
            Some(batch) => answers.extend(batch),
            None => break,
        }
    }
    let mut taken = |secret: &SecretRef| {
        let is_current = secret.version.is_none();
        let at = answers.iter().position(|(id, _)| is_current && *id == secret.id)?;
        Some(answers.swap_remove(at).1)
    };
    let slots: Vec<_> = secrets.iter().map(|secret| (secret, taken(secret))).collect();
    let mut slots = slots.into_iter();
    let mut read = Vec::with_capacity(secrets.len());
    while slots.len() > 0 {
        let some = slots.by_ref().take(CONCURRENT).map(async |(secret, slot)| match slot {
            Some(answer) => Ok(answer),
            None => get(api, secret, allow_absent).await,
        });
        read.extend(try_join_all(some).await?);
    }
    Ok(read)
}

/// Reads secrets for references: the value and the version ID of each, `None` for an absent one.
pub(super) async fn values(
    api: &Api,
    secrets: &[SecretRef],
) -> Result<Vec<Option<(Value, Option<String>)>>, Error> {
    let answers = read(api, secrets, true).await?;
    let found = |answer: Answer| Ok((value(&answer)?, answer.version_id));
    answers.into_iter().map(|answer| answer.map(found).transpose()).collect()
}

/// Reads up to twenty secrets with one request. `None` if the policy allows single reads at most; a secret without
/// an answer was absent, and that is accepted.
async fn get_batch<'i>(
    api: &Api,
    ids: &[&'i str],
    allow_empty: bool,
) -> Result<Option<Vec<(&'i str, Option<Answer>)>>, Error> {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    let mut token: Option<String> = None;
    loop {
        let mut body = json!({ "SecretIdList": ids });
        add_token(&mut body, token.as_deref());
        let batch = match batch(api, &body).await? {
            Ok(batch) => batch,
            Err(refusal) if refusal.meaning() == Meaning::Denied => return Ok(None),
            Err(refusal) => return Err(api.refused(BATCH_GET, refusal)),
        };
        for error in batch.errors {
            let id = error.secret_id.clone().unwrap_or_default();
            check_error(error, &id, allow_empty)?;
            absent.push(id);
        }
        found.extend(batch.secret_values);
        match next_token(batch.next_token, token.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => break,
            Err(()) => return Err(api.bad_answer(BATCH_GET)),
        }
    }
    let answer = |id: &&'i str| {
        if let Some(at) = found.iter().position(|answer: &Answer| answer.is_for(id)) {
            return Some((*id, Some(found.swap_remove(at))));
        }
        absent.iter().any(|known| known == id).then_some((*id, None))
    };
    Ok(Some(ids.iter().filter_map(answer).collect()))
}

/// Reads one secret; `None` if it is absent, and that is accepted.
pub(super) async fn get(
    api: &Api,
    secret: &SecretRef,
    allow_empty: bool,
) -> Result<Option<Answer>, Error> {
    let mut body = json!({ "SecretId": secret.id });
    match (&secret.version, body.as_object_mut()) {
        (Some(Version::Stage(stage)), Some(body)) => {
            body.insert("VersionStage".to_owned(), stage.as_str().into());
        }
        (Some(Version::Id(id)), Some(body)) => {
            body.insert("VersionId".to_owned(), id.as_str().into());
        }
        _ => {}
    }
    match api.call(GET, &body).await? {
        Ok(answer) => Ok(Some(answer)),
        Err(refusal) => item_error(refusal, &secret.id, allow_empty).map_or(Ok(None), Err),
    }
}

async fn batch(api: &Api, body: &serde_json::Value) -> Result<Result<Batch, Refusal>, Error> {
    api.call(BATCH_GET, body).await
}

impl Answer {
    /// Whether the secret is stored as bytes, not as a text.
    pub(super) fn is_binary(&self) -> bool {
        self.secret_string.is_none() && self.secret_binary.is_some()
    }

    /// Whether it answers a request by this name, ARN, or ARN without the six random characters at its end.
    pub(super) fn is_for(&self, id: &str) -> bool {
        let partial = self.arn.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'));
        self.name == id || self.arn == id || (id.starts_with("arn:") && partial)
    }
}

/// The error for one secret; none if it is absent, and that is accepted.
fn item_error(refusal: Refusal, id: &str, allow_empty: bool) -> Option<Error> {
    let name = id.to_owned();
    match refusal.meaning() {
        Meaning::Missing if allow_empty => None,
        Meaning::Throttled
        | Meaning::Unavailable
        | Meaning::InvalidCredentials
        | Meaning::ExpiredCredentials
        | Meaning::Signature => Some(Error::Refused {
            service: super::endpoint::Service::SecretsManager,
            operation: GET,
            refusal,
        }),
        _ => Some(Error::Item { what: "the secret", name, refusal }),
    }
}

fn check_error(error: BatchError, id: &str, allow_empty: bool) -> Result<(), Error> {
    let (code, message) = (error.error_code.unwrap_or_default(), error.message.unwrap_or_default());
    let id = error.secret_id.as_deref().unwrap_or(id);
    let refusal = Refusal::new(400, &code, &message, None, std::time::SystemTime::now());
    item_error(refusal, id, allow_empty).map_or(Ok(()), Err)
}

/// Asks for the next page.
pub(super) fn add_token(body: &mut serde_json::Value, token: Option<&str>) {
    if let (Some(body), Some(token)) = (body.as_object_mut(), token) {
        body.insert("NextToken".to_owned(), token.into());
    }
}

/// The token of the next page. A page may be empty and still have one; one that repeats would never end.
pub(super) fn next_token(
    next: Option<String>,
    current: Option<&str>,
) -> Result<Option<String>, ()> {
    match next.filter(|next| !next.is_empty()) {
        Some(next) if Some(next.as_str()) == current => Err(()),
        next => Ok(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_selected_behind_a_question_mark() {
        let stage = Some(Version::Stage("AWSPREVIOUS".to_owned()));
        for (text, want) in [
            ("app/db", Some(("app/db", None))),
            ("app/db?stage=AWSPREVIOUS", Some(("app/db", stage.clone()))),
            ("a=b@c", Some(("a=b@c", None))),
            ("app/db?version=AWSPREVIOUS", Some(("app/db", stage))),
            (
                "app/db?version=EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE",
                Some((
                    "app/db",
                    Some(Version::Id("EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE".to_owned())),
                )),
            ),
            ("app/db?stage=", None),
            ("app/db?other=1", None),
            ("app/db?", None),
            ("?stage=x", None),
            ("", None),
        ] {
            let want = want.map(|(id, version)| SecretRef { id: id.to_owned(), version });
            assert_eq!(SecretRef::parse(text), want, "{text}");
        }
    }

    #[test]
    fn an_answer_is_matched_by_name_or_arn() {
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:app/db-AbCdEf";
        let answer = Answer {
            arn: arn.to_owned(),
            name: "app/db".to_owned(),
            version_id: None,
            secret_string: None,
            secret_binary: None,
        };
        for (id, want) in [
            ("app/db", true),
            (arn, true),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:app/db", true),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:app/d", false),
            ("app/d", false),
        ] {
            assert_eq!(answer.is_for(id), want, "{id}");
        }
    }
}
