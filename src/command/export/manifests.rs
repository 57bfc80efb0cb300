//! `hushed export --format external-secret` and `secret-store`: manifests for a cluster. Nothing is fetched.

use super::super::context::Context;
use super::super::flags::Flags;
use super::write;
use crate::cli::Export;
use crate::config::{Error as ConfigError, Origin};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::external_secret::{CreationPolicy, ManifestKind, ManifestOptions, manifests};

/// The formats that are manifests.
pub(super) const KINDS: [(&str, ManifestKind); 2] = [
    ("external-secret", ManifestKind::ExternalSecret),
    ("secret-store", ManifestKind::SecretStore),
];

/// How often the operator reads a store, unless the user says something else. It is the operator's own default.
const REFRESH_INTERVAL: &str = "1h";

/// The service account of a namespace that always exists.
const SERVICE_ACCOUNT: &str = "default";

/// The kind of manifest that is asked for, if one is. Refuses options that other formats do not have.
pub(super) fn kind(args: &Export) -> Result<Option<ManifestKind>, Error> {
    let name = args.format.to_ascii_lowercase();
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if kind.is_none()
        && let Some(flag) = args.manifest.first()
    {
        let without = "--format external-secret or secret-store";
        return Err(Error::Config(ConfigError::Alone { flag, without }));
    }
    if kind.is_some() && args.dialect.is_some() {
        let (flag, without) = ("--dialect", "--format dotenv");
        return Err(Error::Config(ConfigError::Alone { flag, without }));
    }
    Ok(kind)
}

/// Writes the manifests.
pub(super) fn export(
    args: &Export,
    kind: ManifestKind,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope).with(&args.environment).with(&args.confinement);
    let registry = context.registry;
    let manifest = &args.manifest;
    let options = ManifestOptions {
        kind,
        name: &args.manifest_name,
        namespace: manifest.namespace.as_deref(),
        cluster_store: manifest.cluster_store,
        refresh_interval: manifest.refresh_interval.as_deref().unwrap_or(REFRESH_INTERVAL),
        creation_policy: creation_policy(manifest.creation_policy.as_deref())?,
        service_account: manifest.service_account.as_deref().unwrap_or(SERVICE_ACCOUNT),
    };
    let text = context.merge(&flags, |inputs| manifests(registry, inputs, &options))?;
    write(args, text.as_bytes(), context)?;
    Ok(Exit::Success)
}

fn creation_policy(name: Option<&str>) -> Result<CreationPolicy, Error> {
    let Some(name) = name else { return Ok(CreationPolicy::Owner) };
    let mut policies = CreationPolicy::ALL.into_iter();
    policies.find(|policy| policy.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
        Error::Config(ConfigError::Choice {
            origin: Origin::Flag("--creation-policy".into()),
            what: "creation policy",
            value: name.to_owned(),
            known: CreationPolicy::ALL.map(|policy| policy.name().to_owned()).into(),
        })
    })
}
