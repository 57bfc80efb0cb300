//! Infisical in the manifests of External Secrets: the provider `infisical`. A store is one folder of one environment;
//! the key of a secret is its name in that folder, or a path from the root.

use serde_json::{Value as Json, json};

use super::configure::{DEFAULT_DOMAIN, DEFAULT_ENVIRONMENT};
use super::schema::{
    self, CLIENT_ID_CREDENTIAL, CLIENT_SECRET, IDENTITY_ID_CREDENTIAL, JWT, LDAP_PASSWORD,
    LDAP_USERNAME_CREDENTIAL, TOKEN,
};
use super::settings::normalise;
use crate::config::Layers;
use crate::config::credential::find;
use crate::config::schema::{self as common, CredentialKey};
use crate::provider::external_secret::store::{ScopeEntry, gjson_path};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `infisical`.
#[derive(Debug)]
pub(super) struct Manifests;

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let project = layers.text(&schema::PROJECT)?.map(|setting| setting.value);
        let project = project.ok_or_else(|| {
            ManifestError::new("it has no project", "set `project` to the slug of the project")
        })?;
        if is_uuid(&project) {
            return Err(ManifestError::new(
                "the manifest needs the slug of the project, not its ID",
                "set `project` to the slug, which the settings of the project show",
            ));
        }
        let environment = layers.text(&schema::ENV)?.map(|setting| setting.value);
        let mut scope = json!({
            "projectSlug": project,
            "environmentSlug": environment.as_deref().unwrap_or(DEFAULT_ENVIRONMENT),
            "secretsPath": folders(layers)?.into_iter().next().unwrap_or_else(|| "/".into()),
            "recursive": layers.switch(&schema::RECURSIVE, false)?,
            "expandSecretReferences": layers.switch(&schema::EXPAND, true)?,
        });
        if let Some(organization) = layers.text(&schema::ORGANIZATION)?
            && let Some(scope) = scope.as_object_mut()
        {
            scope.insert("organizationSlug".into(), organization.value.into());
        }
        let mut block = json!({ "auth": login(layers, auth)?, "secretsScope": scope });
        if let Some(block) = block.as_object_mut() {
            let domain = layers.text(&schema::DOMAIN)?.map(|setting| setting.value);
            let domain = domain.unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
            let host = domain.trim_end_matches('/').trim_end_matches("/api");
            let host =
                if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
            block.insert("hostAPI".into(), format!("{host}/api").into());
            if layers.path(&common::CA_FILE)?.is_some() {
                block.insert("caProvider".into(), auth.ca());
            }
        }
        Ok(json!({ "infisical": block }))
    }

    fn remote_ref(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        if let Some((option, _)) = address.options.first() {
            return Err(ManifestError::new(
                format!(
                    "a store has one environment, so `{option}=` cannot be part of a reference"
                ),
                "define another source for the other environment",
            ));
        }
        let (name, property) = match property {
            Property::Key(name) => (name.clone(), None),
            Property::Pointer(tokens) => match tokens.as_slice() {
                [] => return Err(whole()),
                [name] => (name.clone(), None),
                [name, rest @ ..] => (name.clone(), gjson_path(&Property::Pointer(rest.to_vec()))),
            },
            Property::Whole => return Err(whole()),
        };
        let key = match address.path.as_str() {
            "" => {
                single_folder(layers)?;
                name
            }
            folder => format!("{}/{name}", normalise(folder).trim_end_matches('/')),
        };
        Ok(RemoteRef { key, property, version: None })
    }

    fn extract(&self, _: &Layers<'_>, _: &ObjectAddress) -> Result<RemoteRef, ManifestError> {
        Err(ManifestError::new(
            "the operator cannot read all secrets of a folder that is not the store's own",
            "define a source with this `path`, or refer to the secrets one by one",
        ))
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        single_folder(layers)?;
        if layers.list(&schema::TAGS)?.is_some() {
            return Err(ManifestError::new(
                "the operator cannot select secrets by tags in Infisical",
                "remove `tags`, or refer to the secrets one by one in [env]",
            ));
        }
        Ok(vec![ScopeEntry::DataFrom(json!({ "find": { "name": { "regexp": ".*" } } }))])
    }

    fn providers(&self) -> &'static [&'static str] {
        &["infisical"]
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        block.refuse_others(&["hostAPI", "auth", "secretsScope", "caBundle", "caProvider"])?;
        let host = block.text("hostAPI")?.unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
        let host = host.trim_end_matches('/').trim_end_matches("/api").to_owned();
        settings.text(&schema::DOMAIN, host, block.line_of("hostAPI"));
        read_ca(block, settings)?;
        let missing = || Fault::missing(block.line, "secretsScope");
        let scope = block.map("secretsScope")?.ok_or_else(missing)?;
        scope.refuse_others(&[
            "projectSlug",
            "environmentSlug",
            "secretsPath",
            "recursive",
            "expandSecretReferences",
            "organizationSlug",
        ])?;
        settings.text(
            &schema::PROJECT,
            scope.required("projectSlug")?,
            scope.line_of("projectSlug"),
        );
        settings.text(
            &schema::ENV,
            scope.required("environmentSlug")?,
            scope.line_of("environmentSlug"),
        );
        settings.list(&schema::PATH, vec![scope_path(block)], scope.line_of("secretsPath"));
        let recursive = scope.switch("recursive")?.unwrap_or(false);
        settings.switch(&schema::RECURSIVE, recursive, scope.line_of("recursive"));
        let expands = scope.switch("expandSecretReferences")?.unwrap_or(true);
        settings.switch(&schema::EXPAND, expands, scope.line_of("expandSecretReferences"));
        settings.copy(&schema::ORGANIZATION, &scope, "organizationSlug")?;
        read_login(block, settings)
    }

    fn locate(&self, block: &Fields<'_>, key: &str, _: Option<&str>) -> Location {
        // A name is one in the folder of the store; a path is relative to it, or begins with a slash.
        let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
        let root = scope_path(block);
        let path = match (key.contains('/'), key.starts_with('/')) {
            (false, _) => root,
            (true, true) => normalise(folder),
            (true, false) => normalise(&format!("{root}/{folder}")),
        };
        let path = path.trim_start_matches('/');
        Location { member: Some(name.to_owned()), ..Location::object(path, None) }
    }
}

/// The folder of a store.
fn scope_path(block: &Fields<'_>) -> String {
    let scope = block.map("secretsScope").ok().flatten();
    let path = scope.and_then(|scope| scope.text("secretsPath").ok().flatten());
    normalise(path.as_deref().unwrap_or("/"))
}

fn read_ca(block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
    if block.item("caBundle").is_some() {
        return Err(Fault::unsupported(block.line_of("caBundle"), "`caBundle`; use `caProvider`"));
    }
    if block.item("caProvider").is_some() {
        settings.file(&common::CA_FILE, block, "caProvider")?;
    }
    Ok(())
}

fn read_login(block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
    let missing = || Fault::missing(block.line, "auth");
    let auth = block.map("auth")?.ok_or_else(missing)?;
    let [item] = auth.items() else {
        return Err(Fault::new(auth.line, "`auth` must have exactly one login"));
    };
    let login = auth.map(&item.key)?.ok_or_else(|| Fault::missing(auth.line, &item.key))?;
    let (method, credentials): (_, &[(&str, &'static CredentialKey)]) = match item.key.as_str() {
        "universalAuthCredentials" => (
            "universal-auth",
            &[("clientId", &CLIENT_ID_CREDENTIAL), ("clientSecret", &CLIENT_SECRET)],
        ),
        "kubernetesAuthCredentials" => ("kubernetes", &[("identityId", &IDENTITY_ID_CREDENTIAL)]),
        "jwtAuthCredentials" => {
            ("jwt-auth", &[("identityId", &IDENTITY_ID_CREDENTIAL), ("jwt", &JWT)])
        }
        "ldapAuthCredentials" => (
            "ldap-auth",
            &[
                ("identityId", &IDENTITY_ID_CREDENTIAL),
                ("ldapUsername", &LDAP_USERNAME_CREDENTIAL),
                ("ldapPassword", &LDAP_PASSWORD),
            ],
        ),
        "tokenAuthCredentials" => ("token", &[("accessToken", &TOKEN)]),
        other => return Err(Fault::unsupported(item.line, &format!("the login `{other}`"))),
    };
    settings.text(&schema::METHOD, method, item.line);
    for (name, key) in credentials {
        settings.credential(key, &login, name)?;
    }
    if login.item("serviceAccountTokenPath").is_some() {
        let line = login.line_of("serviceAccountTokenPath");
        settings.note(
            line,
            "`serviceAccountTokenPath` has no effect: hushed uses the token of this host",
        );
    }
    Ok(())
}

fn whole() -> ManifestError {
    ManifestError::new("the reference names no secret of its folder", "write the name behind `#`")
}

fn folders(layers: &Layers<'_>) -> Result<Vec<String>, ManifestError> {
    let folders = layers.list(&schema::PATH)?.map(|setting| setting.value).unwrap_or_default();
    Ok(folders.iter().map(|folder| normalise(folder)).collect())
}

fn single_folder(layers: &Layers<'_>) -> Result<(), ManifestError> {
    match folders(layers)?.len() {
        0 | 1 => Ok(()),
        count => Err(ManifestError::new(
            format!("it has {count} folders, and a store of External Secrets has one"),
            "define a source for each folder",
        )),
    }
}

/// The login: that of `method`, or of the credentials that are set.
fn login(layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
    let method = layers.text(&schema::METHOD)?.map(|setting| setting.value);
    let method = match method {
        Some(method) => method,
        None if find(&TOKEN, layers)?.is_some() => "token".into(),
        None if find(&LDAP_PASSWORD, layers)?.is_some() => "ldap-auth".into(),
        None if find(&JWT, layers)?.is_some() => "jwt-auth".into(),
        None if find(&IDENTITY_ID_CREDENTIAL, layers)?.is_some()
            && find(&CLIENT_SECRET, layers)?.is_none()
            && find(&CLIENT_ID_CREDENTIAL, layers)?.is_none() =>
        {
            "kubernetes".into()
        }
        None => "universal-auth".into(),
    };
    let (name, keys): (_, &[_]) = match method.as_str() {
        "universal-auth" => ("universalAuthCredentials", &["clientId", "clientSecret"]),
        "kubernetes" => ("kubernetesAuthCredentials", &["identityId"]),
        "jwt-auth" => ("jwtAuthCredentials", &["identityId", "jwt"]),
        "ldap-auth" => ("ldapAuthCredentials", &["identityId", "ldapUsername", "ldapPassword"]),
        "token" => ("tokenAuthCredentials", &["accessToken"]),
        other => {
            return Err(ManifestError::new(
                format!("the operator has no login `{other}` for Infisical"),
                "set `method` to universal-auth, kubernetes, jwt-auth, ldap-auth or token",
            ));
        }
    };
    let keys: serde_json::Map<_, _> =
        keys.iter().map(|key| ((*key).to_owned(), auth.key(key))).collect();
    Ok(json!({ name: keys }))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
