//! Google Secret Manager in the manifests of External Secrets: the provider `gcpsm`.

use serde_json::{Value as Json, json};

use super::configure::checked;
use super::name::{SecretRef, is_location, is_project};
use super::schema;
use crate::config::Layers;
use crate::config::schema as common;
use crate::provider::external_secret::store::{gjson_path, listed_scope, refuse_settings};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
    ScopeEntry,
};
use crate::provider::shape::JsonMode;
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `gcpsm`.
#[derive(Debug)]
pub(super) struct Manifests;

/// How the store selects a version.
const POLICY: &str = "secretVersionSelectionPolicy";

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let keys =
            [&schema::ENDPOINT, &schema::UNIVERSE_DOMAIN, &schema::QUOTA_PROJECT, &common::CA_FILE];
        refuse_settings(layers, &keys, "Google Secret Manager")?;
        let project = project(layers)?.ok_or_else(|| {
            ManifestError::new("it has no project", "set `project`, or GOOGLE_CLOUD_PROJECT")
        })?;
        let login = if layers.path(&schema::CREDENTIALS_FILE)?.is_some() {
            let key = auth.key("credentials.json");
            json!({ "secretRef": { "secretAccessKeySecretRef": key } })
        } else {
            json!({ "workloadIdentity": { "serviceAccountRef": auth.service_account() } })
        };
        let mut block = json!({ "projectID": project, "auth": login });
        if let Some(location) = location(layers)? {
            block["location"] = location.into();
        }
        if layers.switch(&schema::NEWEST_ENABLED, false)? {
            block[POLICY] = "LatestOrFetch".into();
        }
        Ok(json!({ "gcpsm": block }))
    }

    fn remote_ref(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        let secret = SecretRef::from_path(&address.path, address.version.as_deref());
        let secret = secret.ok_or_else(|| {
            let what = format!("`{}` is not the name of a secret", address.path.escape_debug());
            ManifestError::new(what, "write the name behind `://`")
        })?;
        Ok(RemoteRef { property: gjson_path(property), ..of_secret(layers, &secret)? })
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        let names = layers.list(&schema::SECRETS)?.map(|setting| setting.value).unwrap_or_default();
        let is_listed = layers.list(&schema::NAME_PREFIX)?.is_some()
            || layers.text(&schema::FILTER)?.is_some()
            || layers.switch(&schema::ALL, false)?;
        let refer = |text: &String| match SecretRef::parse(text) {
            Some(secret) => Ok((secret.id.clone(), of_secret(layers, &secret)?)),
            None => Err(ManifestError::new(
                format!("`{}` is not the name of a secret", text.escape_debug()),
                "write NAME or NAME?version=VERSION in `secrets`",
            )),
        };
        listed_scope(&names, is_listed, JsonMode::configured(layers, &schema::JSON)?, refer)
    }

    fn providers(&self) -> &'static [&'static str] {
        &["gcpsm"]
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        block.refuse_others(&["projectID", "location", POLICY, "auth"])?;
        settings.copy(&schema::PROJECT, block, "projectID")?;
        settings.copy(&schema::LOCATION, block, "location")?;
        if block.choice(POLICY, &[("LatestOrFail", false), ("LatestOrFetch", true)])? {
            settings.switch(&schema::NEWEST_ENABLED, true, block.line_of(POLICY));
        }
        let Some(auth) = block.map("auth")? else { return Ok(()) };
        auth.refuse_others(&["secretRef", "workloadIdentity", "workloadIdentityFederation"])?;
        if auth.item("workloadIdentityFederation").is_some() {
            let what = "`workloadIdentityFederation`; use `workloadIdentity`, which on a host means the credentials \
                        that GOOGLE_APPLICATION_CREDENTIALS names";
            return Err(Fault::unsupported(auth.line_of("workloadIdentityFederation"), what));
        }
        if auth.item("workloadIdentity").is_some() {
            let line = auth.line_of("workloadIdentity");
            settings.note(line, "hushed logs in with the Google credentials of this host");
        }
        if let Some(keys) = auth.map("secretRef")? {
            keys.refuse_others(&["secretAccessKeySecretRef"])?;
            settings.credential(&schema::CREDENTIALS, &keys, "secretAccessKeySecretRef")?;
        }
        Ok(())
    }

    fn locate(&self, _: &Fields<'_>, key: &str, version: Option<&str>) -> Location {
        // The operator looks for the key in the project of the store only. hushed would take what is before a slash
        // for another project: an empty one is refused.
        let path = if key.contains('/') { format!("/{key}") } else { key.to_owned() };
        Location::object(&path, version)
    }
}

fn project(layers: &Layers<'_>) -> Result<Option<String>, ManifestError> {
    let variable = |name: &&str| Some(layers.environment().text(name)?.to_str()?.to_owned());
    let set = checked(layers, &schema::PROJECT, "the ID of a project", is_project)?;
    let names = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];
    Ok(set.or_else(|| names.iter().find_map(variable).filter(|project| is_project(project))))
}

fn location(layers: &Layers<'_>) -> Result<Option<String>, ManifestError> {
    let what = "a location, such as europe-west3";
    Ok(checked(layers, &schema::LOCATION, what, is_location)?)
}

fn of_secret(layers: &Layers<'_>, secret: &SecretRef) -> Result<RemoteRef, ManifestError> {
    let is_elsewhere =
        secret.project.as_ref().is_some_and(|_| secret.project != project(layers).ok().flatten())
            || secret.location.is_some() && secret.location != location(layers)?;
    if is_elsewhere {
        return Err(ManifestError::new(
            format!(
                "a store has one project and location, and `{}` is in another one",
                secret.text()
            ),
            "define another source with this `project` and `location`",
        ));
    }
    Ok(RemoteRef { key: secret.id.clone(), property: None, version: secret.version.clone() })
}
