//! Writes Secrets Manager: `CreateSecret`, `PutSecretValue` and `DeleteSecret`.
//!
//! The service has no compare-and-set. Each new version gets a client request token of its own, so that a repeated
//! request is one version. After a write, hushed reads which version was current before: if it is not the one that the
//! change was made from, somebody else wrote at the same time, and the user is told which version that was.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::api::Api;
use super::call::Repetition;
use super::endpoint::Service;
use super::error::Error;
use super::secrets_manager::{self, Found, SecretRef, Selection, Version, add_token, next_token};
use super::stored_secrets::{Content, StoredObject, StoredObjects, check_names, labels, missing};
use super::write::{
    Body, Planned, Recovery, WriteSettings, appeared, check, request_token, shown_time,
};
use super::write_error::WriteError;
use crate::provider::{Change, StoredSecret, StoredVersion, WriteReceipt, WriteReport, shape};
use crate::secret::{Name, Value};

/// The largest value, in bytes.
const MAX_VALUE: usize = 65_536;
/// The longest name, in characters.
const MAX_NAME: usize = 512;

const SECRET: &str = "the secret";

/// What changes are for, for a person.
pub(super) fn place(selection: &Selection) -> String {
    let secrets = selection.secrets.iter().map(SecretRef::text);
    let prefixes = selection.prefixes.iter().map(|prefix| format!("{prefix}*"));
    let all: Vec<_> = secrets.chain(prefixes).collect();
    format!("secret {}", all.join(", "))
}

/// Checks a value against the limits of the service.
pub(super) fn check_value(name: &Name, value: &Value) -> Result<(), WriteError> {
    check_size(name.as_str(), value.len())
}

fn check_size(name: &str, size: usize) -> Result<(), WriteError> {
    let rule = match size {
        0 => "a secret is at least one byte".to_owned(),
        1..=MAX_VALUE => return Ok(()),
        _ => format!("it has {size} bytes, and a secret at most {MAX_VALUE}"),
    };
    let hint = "split the secret, or keep it in another store";
    Err(WriteError::BadValue {
        service: Service::SecretsManager,
        name: name.to_owned(),
        rule,
        hint,
    })
}

fn check_name(name: &str) -> Result<(), WriteError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    let rule = if name.len() > MAX_NAME {
        "at most 512 characters"
    } else if !name.chars().all(is_plain) {
        "letters, digits and /_+=.@-"
    } else {
        return Ok(());
    };
    Err(WriteError::Name { service: Service::SecretsManager, name: name.to_owned(), rule })
}

/// Reads the secrets that the source is for.
async fn read<'a>(api: &Api, selection: &'a Selection) -> Result<StoredObjects<'a>, WriteError> {
    if let Some(pinned) = selection.secrets.iter().find(|secret| secret.version.is_some()) {
        return Err(WriteError::Version { what: format!("`{}`", pinned.text()) });
    }
    // What does not exist yet is created.
    let selection_with_absent = Selection { allow_empty: true, ..selection.clone() };
    let mut found = secrets_manager::by_prefix(api, &selection_with_absent).await?;
    let listed = secrets_manager::by_name(api, &selection_with_absent).await?;
    let absent: Vec<_> = selection
        .secrets
        .iter()
        .filter(|secret| !listed.iter().any(|found| found.answer.is_for(&secret.id)))
        .map(|secret| StoredObject::absent(secret.id.clone(), shape::last_part(&secret.id)))
        .collect();
    found.extend(listed);
    let object = |Found { variable, answer }: Found| {
        let content = Content::parse(secrets_manager::value(&answer)?, selection.json);
        let is_binary = answer.is_binary();
        // In another account, only the ARN names the secret: its name may be that of one in ours.
        let is_listed_by_arn = |id: &str| id.starts_with("arn:") && answer.is_for(id);
        let by_arn = selection.secrets.iter().any(|secret| is_listed_by_arn(&secret.id));
        let id = if by_arn { answer.arn } else { answer.name };
        let object = StoredObject::new(id, variable, answer.version_id, content);
        Ok(StoredObject { is_binary, ..object })
    };
    let mut objects = found.into_iter().map(object).collect::<Result<Vec<_>, Error>>()?;
    objects.extend(absent);
    check_names(&objects)?;
    Ok(StoredObjects { objects, selection })
}

/// The variables of all secrets. Of one that two secrets have, the last counts.
pub(super) async fn stored(
    api: &Api,
    selection: &Selection,
) -> Result<Vec<StoredSecret>, WriteError> {
    let mut stored: Vec<StoredSecret> = Vec::new();
    for object in read(api, selection).await?.objects {
        let some = object.stored(selection.json).map_err(Error::from)?;
        stored.retain(|known| !some.iter().any(|new| new.name == known.name));
        stored.extend(some);
    }
    Ok(stored)
}

/// Applies changes: one request for each secret that they concern.
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
    for object in all.objects.iter().filter(|object| object.is_changed) {
        if let Some(content) = &object.content {
            check_size(&object.id, content.to_value().len())?;
            if object.version.is_none() {
                check_name(&object.id)?;
            }
        }
    }
    for planned in plan.iter().filter(|planned| planned.object.is_none()) {
        report(planned.change, planned.outcome.into());
    }
    let (kept, deleted): (Vec<_>, Vec<_>) = (0..all.objects.len())
        .partition(|at| all.objects.get(*at).is_some_and(|o| o.content.is_some()));
    // A renamed secret exists under its new name before the old one is deleted.
    for at in kept.into_iter().chain(deleted) {
        let Some(object) = all.objects.get(at).filter(|object| object.is_changed) else { continue };
        let of_object: Vec<_> = plan.iter().filter(|planned| planned.object == Some(at)).collect();
        let mut notice = write(api, settings, object, &of_object).await?;
        for Planned { change, outcome, .. } in of_object {
            report(change, WriteReceipt { outcome: *outcome, notice: notice.take() });
        }
    }
    Ok(())
}

/// Stores one secret, and says what the user must know.
async fn write(
    api: &Api,
    settings: &WriteSettings,
    object: &StoredObject,
    plan: &[&Planned<'_>],
) -> Result<Option<String>, WriteError> {
    match (&object.content, &object.version) {
        (Some(content), None) => {
            create(api, settings, object, content, plan).await?;
            Ok(None)
        }
        (Some(content), Some(version)) => {
            put(api, object, content).await?;
            overtaken(api, object, version).await
        }
        (None, Some(_)) => {
            delete(api, settings, object).await?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}

/// Adds a value: a text, or base64 of what is not UTF-8 or was stored as bytes.
fn with_value(body: Body, content: &Content, is_binary: bool) -> Body {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let value = content.to_value();
    match value.expose_str() {
        Some(text) if !is_binary => body.with("SecretString", &text),
        _ => body.with("SecretBinary", &STANDARD.encode(value.expose())),
    }
}

async fn create(
    api: &Api,
    settings: &WriteSettings,
    object: &StoredObject,
    content: &Content,
    plan: &[&Planned<'_>],
) -> Result<(), WriteError> {
    let mut body = Body::new()
        .with("Name", &object.id)
        .with("ClientRequestToken", &request_token()?)
        .with_some("KmsKeyId", settings.kms_key.as_ref().filter(|_| object.like.is_none()));
    if let Some(old) = &object.like {
        let Described { kms_key_id, description, tags, .. } = describe_movable(api, old).await?;
        body = body.with_some("KmsKeyId", kms_key_id.as_ref());
        body = body.with_some("Description", description.as_ref());
        body = body.with("Tags", &own_tags(tags));
    }
    let body = with_value(body, content, object.is_binary).finish();
    let answer = api.call_with::<Json>("CreateSecret", &body, Repetition::Harmless).await?;
    match answer {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.code == "ResourceExistsException" => Err(match plan.first() {
            Some(planned) => appeared(planned.change),
            None => WriteError::refused("create", SECRET, &object.id, refusal),
        }),
        Err(refusal) => Err(WriteError::refused("create", SECRET, &object.id, refusal)),
    }
}

async fn put(api: &Api, object: &StoredObject, content: &Content) -> Result<(), WriteError> {
    let body =
        Body::new().with("SecretId", &object.id).with("ClientRequestToken", &request_token()?);
    let body = with_value(body, content, object.is_binary).finish();
    let answer = api.call_with::<Json>("PutSecretValue", &body, Repetition::Harmless).await?;
    let refused = |refusal| WriteError::refused("change", SECRET, &object.id, refusal);
    answer.map(drop).map_err(refused)
}

/// Says whether somebody else stored a version between the one that a write was made from, and the write.
async fn overtaken(
    api: &Api,
    object: &StoredObject,
    version: &str,
) -> Result<Option<String>, WriteError> {
    let id = object.id.clone();
    let previous = SecretRef { id, version: Some(Version::Stage("AWSPREVIOUS".to_owned())) };
    // The secret is written: what fails now is no failure of the write.
    let Ok(Some(before)) = secrets_manager::get(api, &previous, true).await else {
        let id = &object.id;
        return Ok(Some(format!("cannot check whether somebody else changed `{id}` meanwhile")));
    };
    Ok(before.version_id.filter(|before| before != version).map(|before| {
        format!(
            "somebody else changed `{}` at the same time: compare with their version, {before}, and write again \
             what is missing",
            object.id
        )
    }))
}

async fn delete(
    api: &Api,
    settings: &WriteSettings,
    object: &StoredObject,
) -> Result<(), WriteError> {
    let body = Body::new().with("SecretId", &object.id);
    let body = match settings.recovery {
        None => body,
        Some(Recovery::Days(days)) => body.with("RecoveryWindowInDays", &days),
        Some(Recovery::None) => body.with("ForceDeleteWithoutRecovery", &true),
    };
    let answer = api.call_with::<Json>("DeleteSecret", &body.finish(), Repetition::Counts).await?;
    let refused = |refusal| WriteError::refused("delete", SECRET, &object.id, refusal);
    answer.map(drop).map_err(refused)
}

/// What a renamed secret keeps.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    kms_key_id: Option<String>,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Json>,
    #[serde(default)]
    rotation_enabled: bool,
    owning_service: Option<String>,
}

/// The tags that a user may set: those of AWS itself begin with `aws:`.
fn own_tags(tags: Vec<Json>) -> Vec<Json> {
    let is_own = |tag: &Json| !tag["Key"].as_str().is_some_and(|key| key.starts_with("aws:"));
    tags.into_iter().filter(is_own).collect()
}

/// Describes a secret that is to be renamed. Rotation and other owners know it by its old name.
async fn describe_movable(api: &Api, id: &str) -> Result<Described, WriteError> {
    let described = api.call::<Described>("DescribeSecret", &json!({ "SecretId": id })).await?;
    let described =
        described.map_err(|refusal| WriteError::refused("rename", SECRET, id, refusal))?;
    let problem = if described.rotation_enabled {
        "is rotated by AWS"
    } else if described.owning_service.is_some() {
        "belongs to another service"
    } else {
        return Ok(described);
    };
    Err(WriteError::NotMovable { secret: id.to_owned(), problem })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionPage {
    #[serde(default)]
    versions: Vec<ListedVersion>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedVersion {
    version_id: String,
    #[serde(default)]
    version_stages: Json,
    created_date: Option<f64>,
}

/// Lists the versions of the secret that has a variable: the current one, the one before it, then by date.
pub(super) async fn versions(
    api: &Api,
    selection: &Selection,
    name: &Name,
) -> Result<Vec<StoredVersion>, WriteError> {
    const LIST: &str = "ListSecretVersionIds";
    let (id, _) = secret_of(api, selection, name).await?;
    let (mut found, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut body = json!({ "SecretId": id, "IncludeDeprecated": true, "MaxResults": 100 });
        add_token(&mut body, token.as_deref());
        let page = match api.call::<VersionPage>(LIST, &body).await? {
            Ok(page) => page,
            Err(refusal) => {
                return Err(WriteError::refused("list the versions of", SECRET, &id, refusal));
            }
        };
        found.extend(page.versions);
        match next_token(page.next_token, token.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => break,
            Err(()) => return Err(api.bad_answer(LIST).into()),
        }
    }
    let rank = |stages: &[String]| {
        let has = |stage: &str| stages.iter().any(|known| known == stage);
        if has("AWSCURRENT") {
            0
        } else if has("AWSPREVIOUS") {
            1
        } else {
            2
        }
    };
    let mut versions: Vec<_> =
        found.into_iter().map(|version| (labels(&version.version_stages), version)).collect();
    versions.sort_by(|(one, a), (other, b)| {
        let by_date = b.created_date.unwrap_or(0.0).total_cmp(&a.created_date.unwrap_or(0.0));
        rank(one).cmp(&rank(other)).then(by_date)
    });
    let listed = |(labels, version): (Vec<String>, ListedVersion)| StoredVersion {
        version: version.version_id,
        created: version.created_date.and_then(shown_time),
        labels,
    };
    Ok(versions.into_iter().map(listed).collect())
}

/// Reads a variable as it was in a version of its secret.
pub(super) async fn read_version(
    api: &Api,
    selection: &Selection,
    name: &Name,
    version: &str,
) -> Result<Option<Value>, WriteError> {
    let (id, variable) = secret_of(api, selection, name).await?;
    let wanted = SecretRef { id, version: Some(Version::parse(version)) };
    match secrets_manager::get(api, &wanted, true).await {
        Ok(Some(answer)) => {
            let content = Content::parse(secrets_manager::value(&answer)?, selection.json);
            let is_read = matches!(content, Content::Members(_)) || variable == name.as_str();
            Ok(content.value_of(name.as_str()).filter(|_| is_read))
        }
        Ok(None) => Ok(None),
        // A version that is no ID and no stage.
        Err(Error::Item { refusal, .. })
            if ["InvalidRequestException", "InvalidParameterException"]
                .contains(&&*refusal.code) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The secret that has a variable, and the variable that it is named after. For a key that was deleted, the only
/// secret.
async fn secret_of(
    api: &Api,
    selection: &Selection,
    name: &Name,
) -> Result<(String, String), WriteError> {
    let all = read(api, selection).await?;
    let found = all.find(name).or_else(|| {
        let is_object = |object: &StoredObject| matches!(object.content, Some(Content::Members(_)));
        (all.objects.len() == 1 && all.objects.first().is_some_and(is_object)).then_some(0)
    });
    let object = found.and_then(|at| all.objects.get(at)).ok_or_else(|| missing(name))?;
    Ok((object.id.clone(), object.variable.clone()))
}
