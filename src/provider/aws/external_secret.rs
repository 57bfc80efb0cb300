//! The AWS stores in the manifests of External Secrets: the provider `aws`, with its two services.

use serde_json::{Value as Json, json};

use super::configure::{parameters, secrets};
use super::objects::{LABEL, option, parameter, secret};
use super::schema::{self, ACCESS_KEY_ID_CREDENTIAL, SECRET_ACCESS_KEY, SESSION_TOKEN};
use super::secrets_manager::{SecretRef, Version};
use crate::config::Layers;
use crate::config::schema as common;
use crate::provider::external_secret::store::{ScopeEntry, gjson_path, listed_scope};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
};
use crate::provider::shape::{JsonMode, last_part};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// Secrets Manager.
#[derive(Debug)]
pub(super) struct SecretsManager;

/// Parameter Store.
#[derive(Debug)]
pub(super) struct ParameterStore;

impl ManifestStore for SecretsManager {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        provider("SecretsManager", layers, auth)
    }

    fn remote_ref(
        &self,
        _: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        named(address)?;
        Ok(RemoteRef { property: gjson_path(property), ..of_secret(&secret(address)) })
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        let selection = secrets(layers, false)?;
        let json = JsonMode::configured(layers, &schema::JSON)?;
        let refer = |secret: &SecretRef| Ok((secret.id.clone(), of_secret(secret)));
        listed_scope(&selection.secrets, !selection.prefixes.is_empty(), json, refer)
    }

    fn providers(&self) -> &'static [&'static str] {
        &["aws"]
    }

    fn reads(&self, provider: &str, block: &Fields<'_>) -> bool {
        provider == "aws" && service(block) == Some("SecretsManager")
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        read_block(block, settings)
    }

    fn locate(&self, block: &Fields<'_>, key: &str, version: Option<&str>) -> Location {
        // `uuid/` marks the ID of a version.
        let version = version.map(|version| version.strip_prefix("uuid/").unwrap_or(version));
        Location::object(&prefixed(block, key), version)
    }
}

impl ManifestStore for ParameterStore {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        provider("ParameterStore", layers, auth)
    }

    fn remote_ref(
        &self,
        _: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        named(address)?;
        let whole = ObjectAddress { version: None, options: Vec::new(), ..address.clone() };
        let version = address.version.as_deref().or_else(|| option(address, LABEL));
        Ok(RemoteRef {
            key: parameter(&whole),
            property: gjson_path(property),
            version: version.map(str::to_owned),
        })
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        let selection = parameters(layers, false)?;
        let mut entries = Vec::new();
        for path in &selection.paths {
            if selection.label.is_some() || !selection.recursive {
                return Err(ManifestError::new(
                    "`label` and `recursive = false` cannot be part of a manifest",
                    "list the parameters in `parameters`, or refer to them in [env]",
                ));
            }
            // As hushed: what follows the path, in upper case.
            let root = if path == "/" { "/".to_owned() } else { format!("{path}/") };
            let spell = format!(
                "{{{{ .value | trimPrefix {} | trimPrefix {} | upper | replace \"/\" \"_\" | replace \"-\" \"_\" | replace \".\" \"_\" }}}}",
                Json::from(root.as_str()),
                // The operator converts slashes before the first rule, or does not: both are removed.
                Json::from(root.replace('/', "_")),
            );
            entries.push(ScopeEntry::DataFrom(json!({
                "find": { "path": path, "name": { "regexp": ".*" } },
                "rewrite": [{ "transform": { "template": spell } }],
            })));
        }
        for name in &selection.names {
            let (key, version) = match name.rsplit_once(':') {
                Some((key, version)) if !name.starts_with("arn:") => {
                    (key.to_owned(), Some(version.to_owned()))
                }
                _ => (name.clone(), None),
            };
            let variable = last_part(&key);
            entries.push(ScopeEntry::Value(variable, RemoteRef { key, property: None, version }));
        }
        Ok(entries)
    }

    fn providers(&self) -> &'static [&'static str] {
        &["aws"]
    }

    fn reads(&self, provider: &str, block: &Fields<'_>) -> bool {
        provider == "aws" && service(block) == Some("ParameterStore")
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        read_block(block, settings)
    }

    fn locate(&self, block: &Fields<'_>, key: &str, version: Option<&str>) -> Location {
        Location::object(&prefixed(block, key), version)
    }
}

/// The service of a block.
fn service(block: &Fields<'_>) -> Option<&'static str> {
    let service = block.text("service").ok().flatten()?;
    ["SecretsManager", "ParameterStore"].into_iter().find(|known| *known == service)
}

/// A key with the prefix of the store.
fn prefixed(block: &Fields<'_>, key: &str) -> String {
    block.text("prefix").ok().flatten().unwrap_or_default() + key
}

fn read_block(block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
    block.refuse_others(&[
        "service",
        "region",
        "role",
        "additionalRoles",
        "externalID",
        "prefix",
        "auth",
        "sessionTags",
        "sessionTagsPolicy",
        "customSessionTags",
        "transitiveTagKeys",
        "secretsManager",
    ])?;
    for name in [
        "role",
        "additionalRoles",
        "externalID",
        "sessionTags",
        "customSessionTags",
        "transitiveTagKeys",
    ] {
        if block.item(name).is_some() {
            let what = format!("`{name}`; set `role_arn` in a profile and pass AWS_PROFILE");
            return Err(Fault::unsupported(block.line_of(name), &what));
        }
    }
    settings.text(&schema::REGION, block.required("region")?, block.line_of("region"));
    let Some(auth) = block.map("auth")? else { return Ok(()) };
    auth.refuse_others(&["secretRef", "jwt"])?;
    if auth.item("jwt").is_some() {
        let line = auth.line_of("jwt");
        settings.note(line, "hushed logs in with the AWS credentials of this host");
    }
    if let Some(keys) = auth.map("secretRef")? {
        settings.credential(&ACCESS_KEY_ID_CREDENTIAL, &keys, "accessKeyIDSecretRef")?;
        settings.credential(&SECRET_ACCESS_KEY, &keys, "secretAccessKeySecretRef")?;
        if keys.item("sessionTokenSecretRef").is_some() {
            settings.credential(&SESSION_TOKEN, &keys, "sessionTokenSecretRef")?;
        }
    }
    Ok(())
}

/// Refuses a reference to everything that a source reads.
fn named(address: &ObjectAddress) -> Result<(), ManifestError> {
    if address.path.is_empty() {
        let hint = "write the name behind `://`";
        return Err(ManifestError::new("the reference names no secret", hint));
    }
    Ok(())
}

fn of_secret(secret: &SecretRef) -> RemoteRef {
    let version = secret.version.as_ref().map(|version| match version {
        Version::Stage(stage) => stage.clone(),
        Version::Id(id) => format!("uuid/{id}"),
    });
    RemoteRef { key: secret.id.clone(), property: None, version }
}

fn provider(
    service: &str,
    layers: &Layers<'_>,
    auth: &AuthSecret<'_>,
) -> Result<Json, ManifestError> {
    if layers.text(&schema::ENDPOINT)?.is_some() {
        return Err(ManifestError::new(
            "a store of External Secrets has no address of its own for AWS",
            "remove `endpoint`; the operator has AWS_SECRETSMANAGER_ENDPOINT and AWS_SSM_ENDPOINT",
        ));
    }
    if layers.path(&common::CA_FILE)?.is_some() {
        return Err(ManifestError::new(
            "a store of External Secrets has no CA certificate for AWS",
            "remove `ca-file`",
        ));
    }
    let variable = |name: &&str| Some(layers.environment().text(name)?.to_str()?.to_owned());
    let of_environment = || ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(variable);
    let region = layers.text(&schema::REGION)?.map(|setting| setting.value).or_else(of_environment);
    let region = region
        .ok_or_else(|| ManifestError::new("it has no region", "set `region`, or AWS_REGION"))?;
    let mut block = json!({ "service": service, "region": region });
    if layers.path(&schema::SECRET_ACCESS_KEY_FILE)?.is_some()
        && let Some(block) = block.as_object_mut()
    {
        let mut keys = json!({
            "accessKeyIDSecretRef": auth.key("access-key-id"),
            "secretAccessKeySecretRef": auth.key("secret-access-key"),
        });
        if let (Some(_), Some(keys)) =
            (layers.path(&schema::SESSION_TOKEN_FILE)?, keys.as_object_mut())
        {
            keys.insert("sessionTokenSecretRef".into(), auth.key("session-token"));
        }
        block.insert("auth".into(), json!({ "secretRef": keys }));
    } else if let Some(block) = block.as_object_mut() {
        let account = json!({ "serviceAccountRef": auth.service_account() });
        block.insert("auth".into(), json!({ "jwt": account }));
    }
    Ok(json!({ "aws": block }))
}
