//! Vault in the manifests of External Secrets: the provider `vault`. The key of a secret is its path; the operator
//! takes the first segment for the mount unless the store has one.

use serde_json::{Value as Json, json};

use super::environment::{self, text};
use super::schema::{self, JWT, PASSWORD, ROLE_ID_CREDENTIAL, SECRET_ID, TOKEN};
use crate::config::Layers;
use crate::config::credential::find;
use crate::config::schema as common;
use crate::provider::external_secret::store::{ScopeEntry, gjson_path};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `vault`.
#[derive(Debug)]
pub(super) struct Manifests;

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let address = environment::address(layers)?.ok_or_else(|| {
            ManifestError::new("it has no address", "set `address`, or VAULT_ADDR")
        })?;
        if address.value.starts_with("unix:") {
            return Err(ManifestError::new(
                "the operator cannot use the socket of an agent",
                "set `address` to the address of the server",
            ));
        }
        let mut block = json!({
            "server": address.value.trim_end_matches('/'),
            "version": version(layers)?,
            "auth": login(layers, auth)?,
        });
        if let Some(block) = block.as_object_mut() {
            if let Some(mount) = text(&schema::MOUNT, layers)? {
                block.insert("path".into(), mount.value.trim_matches('/').into());
            }
            if let Some(namespace) = text(&schema::NAMESPACE, layers)? {
                block.insert("namespace".into(), namespace.value.into());
            }
            if environment::path(&common::CA_FILE, layers)?.is_some()
                || environment::variable("CACERT", layers.environment()).is_some()
            {
                block.insert("caProvider".into(), auth.ca());
            }
            let has_certificate = environment::path(&schema::CLIENT_CERTIFICATE, layers)?.is_some();
            let is_login = block.get("auth").is_some_and(|auth| auth.get("cert").is_some());
            if has_certificate && !is_login {
                let tls = json!({
                    "certSecretRef": auth.key("tls.crt"), "keySecretRef": auth.key("tls.key"),
                });
                block.insert("tls".into(), tls);
            }
        }
        Ok(json!({ "vault": block }))
    }

    fn remote_ref(
        &self,
        _: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        if *property == Property::Whole {
            return Err(ManifestError::new(
                "the reference names no key of the secret; the operator would take all as JSON",
                "write the key behind `#`",
            ));
        }
        remote(address, property)
    }

    fn extract(&self, _: &Layers<'_>, address: &ObjectAddress) -> Result<RemoteRef, ManifestError> {
        remote(address, &Property::Whole)
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        if !layers.map(&schema::PARAMETERS)?.is_empty() {
            return Err(ManifestError::new(
                "a dynamic secret needs a generator of the operator, which hushed does not write",
                "write a VaultDynamicSecret, and set `deliver = false` on this source",
            ));
        }
        let paths = layers.list(&schema::PATH)?.map(|setting| setting.value).unwrap_or_default();
        let version = layers.text(&schema::VERSION)?.map(|setting| setting.value);
        let entry = |path: &String| {
            let (key, version) = (path.trim_matches('/').to_owned(), version.clone());
            ScopeEntry::Extract(RemoteRef { key, property: None, version })
        };
        Ok(paths.iter().map(entry).collect())
    }

    fn providers(&self) -> &'static [&'static str] {
        &["vault", "openBao"]
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        block.refuse_others(&[
            "server",
            "path",
            "version",
            "namespace",
            "auth",
            "caBundle",
            "caProvider",
            "tls",
            "readYourWrites",
            "forwardInconsistent",
            "checkAndSet",
            "headers",
        ])?;
        for name in ["caBundle", "headers", "forwardInconsistent"] {
            if block.item(name).is_some() {
                return Err(Fault::unsupported(block.line_of(name), &format!("`{name}`")));
            }
        }
        settings.text(&schema::ADDRESS, block.required("server")?, block.line_of("server"));
        settings.copy(&schema::MOUNT, block, "path")?;
        settings.copy(&schema::NAMESPACE, block, "namespace")?;
        let kv = block.choice("version", &[("v2", "2"), ("v1", "1")])?;
        settings.text(&schema::KV, kv, block.line_of("version"));
        if block.item("caProvider").is_some() {
            settings.file(&common::CA_FILE, block, "caProvider")?;
        }
        if let Some(tls) = block.map("tls")? {
            settings.file(&schema::CLIENT_CERTIFICATE, &tls, "certSecretRef")?;
            settings.file(&schema::CLIENT_KEY, &tls, "keySecretRef")?;
        }
        read_login(block, settings)
    }

    fn locate(&self, block: &Fields<'_>, key: &str, version: Option<&str>) -> Location {
        let mount = block.text("path").ok().flatten();
        let below = mount.and_then(|mount| {
            let rest = key.strip_prefix(mount.trim_matches('/'))?.strip_prefix('/')?;
            Some(rest.strip_prefix("data/").unwrap_or(rest))
        });
        Location::object(below.unwrap_or(key), version)
    }
}

/// The login of a store, with the credentials of this host.
fn read_login(block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
    let missing = || Fault::missing(block.line, "auth");
    let auth = block.map("auth")?.ok_or_else(missing)?;
    let logins: Vec<_> = auth.items().iter().filter(|item| item.key != "namespace").collect();
    let [item] = logins.as_slice() else {
        return Err(Fault::new(auth.line, "`auth` must have exactly one login"));
    };
    if auth.item("namespace").is_some() {
        return Err(Fault::unsupported(auth.line_of("namespace"), "`namespace` in `auth`"));
    }
    let login = auth.map(&item.key)?.ok_or_else(|| Fault::missing(auth.line, &item.key))?;
    let (method, mount) = match item.key.as_str() {
        "tokenSecretRef" => {
            settings.credential(&TOKEN, &auth, "tokenSecretRef")?;
            ("token", None)
        }
        "appRole" => {
            if login.item("roleId").is_some() {
                settings.copy(&schema::ROLE_ID, &login, "roleId")?;
            } else {
                settings.credential(&ROLE_ID_CREDENTIAL, &login, "roleRef")?;
            }
            settings.credential(&SECRET_ID, &login, "secretRef")?;
            ("approle", login.text("path")?)
        }
        "kubernetes" => {
            settings.copy(&schema::ROLE, &login, "role")?;
            if login.item("secretRef").is_some() {
                settings.file(&schema::KUBERNETES_TOKEN_FILE, &login, "secretRef")?;
            } else {
                let line = login.line_of("serviceAccountRef");
                settings.note(line, "hushed logs in with the service account of this host");
            }
            ("kubernetes", login.text("mountPath")?)
        }
        "jwt" => {
            settings.copy(&schema::ROLE, &login, "role")?;
            settings.credential(&JWT, &login, "secretRef")?;
            ("jwt", login.text("path")?)
        }
        "userPass" | "ldap" => {
            settings.copy(&schema::USERNAME, &login, "username")?;
            settings.credential(&PASSWORD, &login, "secretRef")?;
            (if item.key == "ldap" { "ldap" } else { "userpass" }, login.text("path")?)
        }
        "cert" => {
            settings.file(&schema::CLIENT_CERTIFICATE, &login, "clientCert")?;
            settings.file(&schema::CLIENT_KEY, &login, "secretRef")?;
            ("cert", login.text("path")?)
        }
        other => return Err(Fault::unsupported(item.line, &format!("the login `{other}`"))),
    };
    settings.text(&schema::METHOD, method, item.line);
    if let Some(mount) = mount {
        settings.text(&schema::AUTH_MOUNT, mount, login.line);
    }
    Ok(())
}

fn remote(address: &ObjectAddress, property: &Property) -> Result<RemoteRef, ManifestError> {
    if address.path.trim_matches('/').is_empty() {
        return Err(ManifestError::new(
            "the reference names no path",
            "write the path behind `://`, such as secret/app",
        ));
    }
    let key = address.path.trim_matches('/').to_owned();
    Ok(RemoteRef { key, property: gjson_path(property), version: address.version.clone() })
}

fn version(layers: &Layers<'_>) -> Result<&'static str, ManifestError> {
    match layers.text(&schema::KV)?.map(|setting| setting.value).as_deref() {
        Some("1") => Ok("v1"),
        None | Some("2" | "auto") => Ok("v2"),
        Some(_) => Err(ManifestError::new(
            "the operator reads KV secrets engines only",
            "set `kv` to 1 or 2",
        )),
    }
}

/// The login: that of `method`, or of the credentials that are set.
fn login(layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
    let method = layers.text(&schema::METHOD)?.map(|setting| setting.value);
    let role = text(&schema::ROLE, layers)?.map(|setting| setting.value);
    let role_id = find(&ROLE_ID_CREDENTIAL, layers)?.is_some();
    let method = match method {
        Some(method) => method,
        None if role_id || find(&SECRET_ID, layers)?.is_some() => "approle".into(),
        None if find(&JWT, layers)?.is_some() => "jwt".into(),
        None if find(&TOKEN, layers)?.is_some() => "token".into(),
        None if find(&PASSWORD, layers)?.is_some() => "userpass".into(),
        None if role.is_some() => "kubernetes".into(),
        None => {
            return Err(ManifestError::new(
                "the login of the cluster is not known",
                "set `method`, and what it needs: `role` for kubernetes, `role-id` for approle",
            ));
        }
    };
    let mount = layers.text(&schema::AUTH_MOUNT)?.map(|setting| setting.value);
    let mount = mount.map(|mount| {
        let below = mount.trim_matches('/');
        below.strip_prefix("auth/").unwrap_or(below).to_owned()
    });
    let mount = mount.unwrap_or_else(|| method.clone());
    let role = |what: &str| {
        let hint = "set `role` to the role of the auth method";
        role.clone().ok_or_else(|| ManifestError::new(format!("{what} needs a role"), hint))
    };
    let username = || {
        let hint = "set `username`";
        text(&schema::USERNAME, layers)?
            .map(|setting| setting.value)
            .ok_or_else(|| ManifestError::new("the login needs a user name", hint))
    };
    Ok(match method.as_str() {
        "token" => json!({ "tokenSecretRef": auth.key("token") }),
        "approle" => {
            let role_id = match layers.text(&schema::ROLE_ID)? {
                Some(setting) => ("roleId", setting.value.into()),
                None => ("roleRef", auth.key("role-id")),
            };
            json!({ "appRole": { "path": mount, role_id.0: role_id.1, "secretRef": auth.key("secret-id") } })
        }
        "kubernetes" => json!({ "kubernetes": {
            "mountPath": mount, "role": role("kubernetes")?, "serviceAccountRef": auth.service_account(),
        } }),
        "jwt" => {
            let mut jwt = json!({ "path": mount, "secretRef": auth.key("jwt") });
            if let (Ok(role), Some(jwt)) = (role("jwt"), jwt.as_object_mut()) {
                jwt.insert("role".into(), role.into());
            }
            json!({ "jwt": jwt })
        }
        "userpass" => json!({ "userPass": {
            "path": mount, "username": username()?, "secretRef": auth.key("password"),
        } }),
        "ldap" => json!({ "ldap": {
            "path": mount, "username": username()?, "secretRef": auth.key("password"),
        } }),
        "cert" => json!({ "cert": {
            "path": mount, "clientCert": auth.key("tls.crt"), "secretRef": auth.key("tls.key"),
        } }),
        other => {
            return Err(ManifestError::new(
                format!("the operator has no login `{other}` for Vault"),
                "set `method` to the login of the cluster",
            ));
        }
    })
}
