//! References to AWS: ARNs as in the task definitions of ECS, and dynamic references of `CloudFormation`.

use super::{Converted, Outcome};

/// `arn:…:secretsmanager:…:secret:NAME[:KEY:STAGE:VERSION]` and `arn:…:ssm:…:parameter/NAME`. Other ARNs are no
/// references.
pub(super) fn arn(value: &str) -> Outcome {
    let parts: Vec<_> = value.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "secretsmanager", region, _, "secret", name, rest @ ..] => {
            if name.is_empty() || rest.len() > 3 {
                return Err("it does not name a secret".into());
            }
            let path = parts.get(..7).unwrap_or_default().join(":");
            Ok(Some(secret(path, rest).setting("region", named(region))))
        }
        ["arn", _, "ssm", region, _, parameter] if parameter.starts_with("parameter/") => {
            Ok(Some(Converted::new("aws-ssm", value).setting("region", named(region))))
        }
        ["arn", _, "ssm", _, _, parameter, ..] if parameter.starts_with("parameter/") => {
            Err("it selects a version, which the ARN of a parameter does not have".into())
        }
        _ => Ok(None),
    }
}

/// A part of an ARN, unless it is empty.
fn named(part: &str) -> Option<&str> {
    (!part.is_empty()).then_some(part)
}

/// A secret with what stands behind its name: key, stage and version, each of which may be empty.
fn secret(path: String, rest: &[&str]) -> Converted {
    let part = |at: usize| rest.get(at).copied().filter(|part| !part.is_empty());
    let version = part(2);
    // A version is more exact than a stage.
    let stage = part(1).filter(|_| version.is_none());
    let converted = Converted::new("aws-sm", path).option("stage", stage);
    converted.option("version", version).key(part(0))
}

/// `{{resolve:secretsmanager:ID:SecretString:KEY:STAGE:VERSION}}` and `{{resolve:ssm:NAME:VERSION}}`.
pub(super) fn resolve(value: &str) -> Outcome {
    let inside = value.strip_prefix("{{resolve:").and_then(|it| it.strip_suffix("}}"));
    let Some(inside) = inside.filter(|inside| !inside.contains("{{")) else { return Ok(None) };
    let parts: Vec<_> = inside.split(':').collect();
    match parts.as_slice() {
        ["secretsmanager", "arn", ..] => {
            let id = parts.get(1..8).unwrap_or_default().join(":");
            let region = parts.get(4).and_then(|region| named(region));
            let converted = secrets_manager(id, parts.get(8..).unwrap_or_default())?;
            Ok(converted.map(|converted| converted.setting("region", region)))
        }
        ["secretsmanager", id, rest @ ..] => secrets_manager((*id).to_owned(), rest),
        ["ssm" | "ssm-secure", name] => Ok(Some(parameter(name))),
        ["ssm" | "ssm-secure", name, version] => {
            Ok(Some(parameter(name).option("version", Some(version))))
        }
        _ => Err("hushed has no source for this service of CloudFormation".into()),
    }
}

fn secrets_manager(id: String, rest: &[&str]) -> Outcome {
    match rest {
        _ if id.is_empty() => Err("it does not name a secret".into()),
        [] => Ok(Some(secret(id, &[]))),
        ["SecretString", rest @ ..] if rest.len() <= 3 => Ok(Some(secret(id, rest))),
        _ => Err("it names another part of the secret than `SecretString`".into()),
    }
}

/// A parameter. A reference leaves the slash at the start of a hierarchy out.
pub(super) fn parameter(name: &str) -> Converted {
    let below = name.strip_prefix('/').filter(|below| below.contains('/'));
    Converted::new("aws-ssm", below.unwrap_or(name))
}
