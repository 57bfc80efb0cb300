//! Azure Key Vault in the manifests of External Secrets: the provider `azurekv`.

use serde_json::{Value as Json, json};

use super::schema;
use super::vault::{SecretRef, Vault};
use crate::config::Layers;
use crate::config::credential::find;
use crate::config::schema as common;
use crate::provider::external_secret::store::{gjson_path, listed_scope, refuse_settings};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
    ScopeEntry,
};
use crate::provider::shape::JsonMode;
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `azurekv`.
#[derive(Debug)]
pub(super) struct Manifests;

/// The clouds of the operator, each with the audience of its vaults.
const ENVIRONMENTS: [(&str, &str); 3] = [
    ("PublicCloud", "https://vault.azure.net"),
    ("USGovernmentCloud", "https://vault.usgovcloudapi.net"),
    ("ChinaCloud", "https://vault.azure.cn"),
];

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let keys = [&schema::AUTHORITY, &schema::AUDIENCE, &common::CA_FILE];
        refuse_settings(layers, &keys, "Azure Key Vault")?;
        let vault = layers.text(&schema::VAULT)?.and_then(|setting| Vault::parse(&setting.value));
        let cloud = vault.as_ref().and_then(|vault| vault.cloud.as_ref());
        let known = ENVIRONMENTS
            .iter()
            .find(|(_, audience)| cloud.is_some_and(|(known, _)| known == audience));
        let (Some(vault), Some((environment, _))) = (&vault, known) else {
            let what = "it has no vault in a domain of Azure, which the operator needs";
            return Err(ManifestError::new(what, "set `vault`, such as `my-vault`"));
        };
        let mut block = json!({
            "vaultUrl": vault.url.as_str().trim_end_matches('/'), "environmentType": environment,
        });
        login(layers, auth, &mut block)?;
        Ok(json!({ "azurekv": block }))
    }

    fn remote_ref(
        &self,
        _: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        let secret = SecretRef::new(&address.path, address.version.as_deref());
        let secret = secret.ok_or_else(|| not_a_name(&address.path))?;
        Ok(RemoteRef { property: gjson_path(property), ..of_secret(secret) })
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        let names = layers.list(&schema::SECRETS)?.map(|setting| setting.value).unwrap_or_default();
        let is_listed =
            layers.list(&schema::NAME_PREFIX)?.is_some() || layers.switch(&schema::ALL, false)?;
        let refer = |text: &String| {
            let secret = SecretRef::parse(text).ok_or_else(|| not_a_name(text))?;
            Ok((secret.name.clone(), of_secret(secret)))
        };
        listed_scope(&names, is_listed, JsonMode::configured(layers, &schema::JSON)?, refer)
    }

    fn providers(&self) -> &'static [&'static str] {
        &["azurekv"]
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        block.refuse_others(&[
            "vaultUrl",
            "authType",
            "tenantId",
            "environmentType",
            "authSecretRef",
            "serviceAccountRef",
            "identityId",
            "useAzureSDK",
            "customCloudConfig",
        ])?;
        if block.item("customCloudConfig").is_some() {
            let what = "`customCloudConfig`; hushed has the public clouds of Azure";
            return Err(Fault::unsupported(block.line_of("customCloudConfig"), what));
        }
        let environment = block.choice("environmentType", &ENVIRONMENTS)?;
        let (address, line) = (block.required("vaultUrl")?, block.line_of("vaultUrl"));
        let cloud = Vault::parse(&address).and_then(|vault| vault.cloud);
        if cloud.is_none_or(|(audience, _)| audience != environment) {
            let what = "`vaultUrl` is not the address of a vault in the cloud of `environmentType`";
            return Err(Fault::new(line, what));
        }
        settings.text(&schema::VAULT, address, line);
        settings.copy(&schema::TENANT_ID, block, "tenantId")?;
        read_login(block, settings)
    }

    fn locate(&self, _: &Fields<'_>, key: &str, version: Option<&str>) -> Location {
        // A certificate (`cert/`) or a key (`key/`) is no secret, and its path no name of one.
        Location::object(key.strip_prefix("secret/").unwrap_or(key), version)
    }
}

fn not_a_name(text: &str) -> ManifestError {
    ManifestError::new(
        format!("`{}` is not the name of a secret", text.escape_debug()),
        "names have letters, digits and dashes only: DB-PASSWORD, not DB_PASSWORD",
    )
}

fn of_secret(secret: SecretRef) -> RemoteRef {
    RemoteRef { key: secret.name, property: None, version: secret.version }
}

/// The login of the cluster: that of `method`, or of the credentials that are set.
fn login(
    layers: &Layers<'_>,
    auth: &AuthSecret<'_>,
    block: &mut Json,
) -> Result<(), ManifestError> {
    let method = layers.text(&schema::METHOD)?.map(|setting| setting.value);
    let method = match method {
        Some(method) => method,
        None if find(&schema::CLIENT_SECRET, layers)?.is_some() => "client-secret".into(),
        None if layers.path(&schema::CLIENT_CERTIFICATE)?.is_some() => "certificate".into(),
        None if layers.path(&schema::FEDERATED_TOKEN_FILE)?.is_some()
            || layers.text(&common::ID_TOKEN)?.is_some() =>
        {
            "workload-identity".into()
        }
        None => "managed-identity".into(),
    };
    let tenant = layers.text(&schema::TENANT_ID)?.map(|setting| setting.value);
    let by_secret =
        |proof: &str, key: &str| json!({ "clientId": auth.key("client-id"), proof: auth.key(key) });
    let (kind, selectors) = match method.as_str() {
        "client-secret" => ("ServicePrincipal", Some(by_secret("clientSecret", "client-secret"))),
        "certificate" => ("ServicePrincipal", Some(by_secret("clientCertificate", "tls.pem"))),
        "workload-identity" => ("WorkloadIdentity", None),
        "managed-identity" => ("ManagedIdentity", None),
        other => {
            return Err(ManifestError::new(
                format!("the operator has no login `{other}` for Azure"),
                "set `method` to the login of the cluster",
            ));
        }
    };
    block["authType"] = kind.into();
    match kind {
        "ServicePrincipal" if tenant.is_none() => {
            let what = "the login needs a tenant";
            return Err(ManifestError::new(what, "set `tenant-id`, or AZURE_TENANT_ID"));
        }
        "WorkloadIdentity" => block["serviceAccountRef"] = auth.service_account(),
        "ManagedIdentity" => {
            if let Some(id) = layers.text(&schema::CLIENT_ID)? {
                block["identityId"] = id.value.into();
            }
            return Ok(());
        }
        _ => {}
    }
    if let Some(selectors) = selectors {
        block["authSecretRef"] = selectors;
    }
    if let Some(tenant) = tenant {
        block["tenantId"] = tenant.into();
    }
    Ok(())
}

fn read_login(block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
    let kinds = [
        ("ServicePrincipal", None),
        ("ManagedIdentity", Some("managed-identity")),
        ("WorkloadIdentity", Some("workload-identity")),
    ];
    let method = block.choice("authType", &kinds)?;
    let line = block.line_of("authType");
    if method == Some("managed-identity") {
        settings.text(&schema::METHOD, "managed-identity", line);
        return settings.copy(&schema::CLIENT_ID, block, "identityId");
    }
    let selectors = block.map("authSecretRef")?;
    if let Some(selectors) = selectors {
        selectors.refuse_others(&["clientId", "tenantId", "clientSecret", "clientCertificate"])?;
        for (key, name) in [(&schema::CLIENT_ID, "clientId"), (&schema::TENANT_ID, "tenantId")] {
            if selectors.item(name).is_some() {
                settings.text_from(key, &selectors, name)?;
            }
        }
    }
    if let Some(method) = method {
        settings.text(&schema::METHOD, method, line);
        settings.note(line, "hushed logs in with the federated token of this host");
        return Ok(());
    }
    let selectors = selectors.ok_or_else(|| Fault::missing(block.line, "authSecretRef"))?;
    if selectors.item("clientCertificate").is_some() {
        settings.text(&schema::METHOD, "certificate", line);
        return settings.file(&schema::CLIENT_CERTIFICATE, &selectors, "clientCertificate");
    }
    settings.text(&schema::METHOD, "client-secret", line);
    settings.credential(&schema::CLIENT_SECRET, &selectors, "clientSecret")
}
