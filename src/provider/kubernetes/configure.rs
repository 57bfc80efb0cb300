//! From layers to the settings of a Kubernetes source, and what hushed asks of every source: its servers,
//! credentials, cache and checks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::access::{Access, Login, Lookup, SERVICE_ACCOUNT};
use super::access_error::AccessError;
use super::api::Api;
use super::error::Error as StoreError;
use super::{KubernetesSource, Scope, doctor, schema};
use crate::config::schema::{self as common, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Error, Layers, Origin, RunSettings, Setting,
    TrustRecords, TrustSubject, UnsuitableProof, build_cache,
};
use crate::http;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType, Writes};
use crate::seal::private_file::read_within;
use crate::secret::Value;

/// The type `kubernetes`.
#[derive(Debug)]
pub struct KubernetesType;

impl StoreType for KubernetesType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(build(inputs)?))
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        if guarded(layers)?.is_empty() {
            return Ok(None);
        }
        subject(layers, &find(layers)?).map(Some)
    }

    fn trusted_content(&self, layers: &Layers<'_>) -> Result<Vec<(String, PathBuf)>, Error> {
        let Some(Setting { value: path, origin }) = kubeconfig(layers)? else {
            return Ok(Vec::new());
        };
        let pin = |file: &Path| Ok((content_pin(&path, layers)?, file.to_owned()));
        origin.project_file().into_iter().map(pin).collect()
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::Manifests)
    }
}

/// Settings that a project's file may make only with the user's trust.
const WEAKENING: &[&SettingKey] = &[&schema::KUBECONFIG, &schema::INSECURE_SKIP_TLS_VERIFY];

fn build(inputs: &SourceInputs<'_>) -> Result<Kubernetes, Error> {
    let SourceInputs { name, layers, run, trust } = inputs;
    let access = match guarded(layers)?.as_slice() {
        [] => find(layers)?,
        guarded => trusted_access(layers, trust, guarded)?,
    };
    let names = layers.list(&schema::SECRET)?;
    let checked = |setting: Setting<Vec<String>>| {
        let invalid = setting.value.iter().find(|name| !is_object_name(name)).cloned();
        match invalid {
            Some(value) => Err(Error::Form {
                origin: setting.origin,
                what: "the name of a Secret (lower-case letters, digits, `-` and `.`)",
                value,
            }),
            None => Ok(setting.value),
        }
    };
    let namespace = match layers.text(&schema::NAMESPACE)? {
        None => access.namespace.clone(),
        Some(Setting { value, origin: _ }) if is_object_name(&value) => value,
        Some(Setting { value, origin }) => {
            let what = "the name of a namespace (lower-case letters, digits and `-`)";
            return Err(Error::Form { origin, what, value });
        }
    };
    let selector = layers.text(&schema::LABEL_SELECTOR)?.map(|setting| setting.value);
    let scope = Scope {
        namespace,
        names: names.map_or_else(|| Ok(Vec::new()), checked)?,
        label_selector: selector.filter(|selector| !selector.trim().is_empty()),
        allow_empty: run.switch(&common::ALLOW_EMPTY, false)?,
    };
    let cache = build_cache(layers, run, access.unsuitable_proof(), trust)?;
    Ok(Kubernetes { name: Arc::clone(name), access, scope, cache })
}

/// The settings of a project's file that need trust, with their origins.
fn guarded(layers: &Layers<'_>) -> Result<Vec<Origin>, Error> {
    let kubeconfig = kubeconfig(layers)?.map(|setting| setting.origin);
    let insecure = layers.on(&schema::INSECURE_SKIP_TLS_VERIFY)?;
    let guarded = kubeconfig.into_iter().chain(insecure);
    Ok(guarded.filter(|origin| origin.project_file().is_some()).collect())
}

/// The way to the cluster, if the user trusts the project's files with it.
fn trusted_access(
    layers: &Layers<'_>,
    trust: &TrustRecords,
    guarded: &[Origin],
) -> Result<Access, Error> {
    let access = find(layers)?;
    let server = access.server.origin().ascii_serialization();
    let insecure = layers.on(&schema::INSECURE_SKIP_TLS_VERIFY)?;
    for origin in guarded {
        let Some(file) = origin.project_file() else { continue };
        let is_insecure = insecure.as_ref() == Some(origin);
        let mut is_trusted = trust.has(&server, file);
        if !is_insecure && let Some(setting) = kubeconfig(layers)? {
            is_trusted &= trust.has(&content_pin(&setting.value, layers)?, file);
        }
        if is_trusted {
            continue;
        }
        let (what, key) = if is_insecure {
            let what = format!("accepts every certificate for {server}");
            (what, &schema::INSECURE_SKIP_TLS_VERIFY)
        } else {
            let program = match &access.login {
                Login::Exec(plugin) => {
                    format!(" and runs the program `{}`", plugin.entry.command)
                }
                _ => String::new(),
            };
            let what = format!("names a kubeconfig that logs in to {server}{program}");
            (what, &schema::KUBECONFIG)
        };
        return Err(Error::Untrusted { origin: origin.clone(), what, key });
    }
    Ok(access)
}

fn subject(layers: &Layers<'_>, access: &Access) -> Result<TrustSubject, Error> {
    let origin = kubeconfig(layers)?.map_or(Origin::Default, |setting| setting.origin);
    let (server, key) = (access.server.clone(), &schema::KUBECONFIG);
    Ok(TrustSubject { server, origin, key, cloud: &[], weakening: WEAKENING })
}

/// The kubeconfig that is specified for this source. `KUBECONFIG`, which may be a list, is not.
pub(super) fn kubeconfig(layers: &Layers<'_>) -> Result<Option<Setting<PathBuf>>, Error> {
    let setting = layers.path(&schema::KUBECONFIG)?;
    Ok(setting.filter(|setting| setting.origin != Origin::Variable("KUBECONFIG".into())))
}

/// What stands for the content of a kubeconfig among what the user trusts.
fn content_pin(path: &Path, layers: &Layers<'_>) -> Result<String, Error> {
    let content = read_within(path, 16 << 20, || layers.timeout());
    let content = content.map_err(|error| AccessError::unreadable("kubeconfig", path, error));
    let digest = Sha256::digest(content.map_err(configuration)?.bytes.expose());
    Ok(digest.iter().fold("kubeconfig:".to_owned(), |hex, byte| hex + &format!("{byte:02x}")))
}

fn find(layers: &Layers<'_>) -> Result<Access, Error> {
    let lookup = Lookup {
        environment: layers.environment(),
        kubeconfig: kubeconfig(layers)?.map(|setting| setting.value),
        context: layers.text(&schema::CONTEXT)?.map(|setting| setting.value),
        in_cluster: layers.switch(&schema::IN_CLUSTER, false)?,
        allows_insecure: layers.switch(&schema::INSECURE_SKIP_TLS_VERIFY, false)?,
        service_account: Path::new(SERVICE_ACCOUNT),
        patience: layers.timeout(),
    };
    lookup.find().map_err(configuration)
}

fn configuration(error: AccessError) -> Error {
    let hint = error.hint();
    Error::Store { hint, error: Box::new(error) }
}

/// Whether Kubernetes could have an object of this name (RFC 1123, section 2.1).
pub(super) fn is_object_name(name: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let is_edge = |c: char| matches!(c, '-' | '.');
    !name.is_empty()
        && name.len() <= 253
        && name.chars().all(is_usual)
        && !name.starts_with(is_edge)
        && !name.ends_with(is_edge)
}

/// A Kubernetes source as it is configured.
#[derive(Debug)]
pub(super) struct Kubernetes {
    pub(super) name: Arc<str>,
    pub(super) access: Access,
    pub(super) scope: Scope,
    cache: Option<CacheSettings>,
}

impl Kubernetes {
    /// Opens the source. No request is made yet, and no program is run.
    pub(super) fn connect(&self, run: &RunSettings) -> KubernetesSource {
        let options = http::Options {
            trust: http::TrustRoots {
                ca_file: None,
                ssl_cert_file: run.network.ssl_cert_file.clone(),
                ssl_cert_dirs: run.network.ssl_cert_dirs.clone(),
            },
            proxy: run.network.proxy.clone(),
            timeout: run.timeout,
            spread: run.spread,
            ..http::Options::default()
        };
        let (name, scope) = (Arc::clone(&self.name), self.scope.clone());
        KubernetesSource { name, scope, api: Api::new(self.access.clone(), options) }
    }

    /// The plugin that disk-free mode cannot run, if there is one.
    pub(super) fn refuse_plugin(&self, run: &RunSettings) -> Result<(), StoreError> {
        match &self.access.login {
            Login::Exec(plugin) if run.disk_free.is_some() => {
                Err(StoreError::PluginDiskFree { command: plugin.entry.command.clone() })
            }
            _ => Ok(()),
        }
    }
}

impl Access {
    /// The secret that proves the identity, and what is public of it.
    fn identity(&self) -> (Value, Vec<Vec<u8>>) {
        let text = |text: &str| text.as_bytes().to_vec();
        let digest = |value: &Value| Sha256::digest(value.expose()).to_vec();
        let (proof, mut public) = match &self.login {
            Login::Anonymous => (None, vec![text("certificate")]),
            Login::Token(token) => (Some(token.clone()), vec![text("token"), digest(token)]),
            Login::TokenFile { path, .. } => {
                (None, vec![text("token file"), text(&path.to_string_lossy())])
            }
            Login::Basic { username, password } => {
                (Some(password.clone()), vec![text("basic"), text(username)])
            }
            Login::Exec(plugin) => {
                let arguments = plugin.entry.arguments.iter().map(|argument| text(argument));
                let command = [text("exec"), text(&plugin.entry.command)];
                (None, command.into_iter().chain(arguments).collect())
            }
        };
        let certificate = self.tls.certificate.as_ref();
        public.extend(certificate.map(|(certificate, _)| digest(certificate)));
        public.extend(self.impersonation.fields().map(text));
        let key = certificate.map(|(_, key)| key.clone());
        (proof.or(key).unwrap_or_else(|| Value::from("")), public)
    }

    /// Why the login cannot open a cache later.
    fn unsuitable_proof(&self) -> Option<UnsuitableProof> {
        let (method, why) = match &self.login {
            _ if self.tls.certificate.is_some() => return None,
            Login::Token(_) | Login::Basic { .. } => return None,
            Login::Anonymous => ("an anonymous login", "has no secret"),
            Login::TokenFile { .. } => ("a token file", "gets another token from time to time"),
            Login::Exec(_) => ("a credential plugin", "gives another token each time"),
        };
        Some(UnsuitableProof { method, why })
    }

    fn secrets(&self) -> Vec<&Value> {
        let login = match &self.login {
            Login::Token(token) | Login::TokenFile { fallback: Some(token), .. } => Some(token),
            Login::Basic { password, .. } => Some(password),
            Login::Anonymous | Login::TokenFile { .. } | Login::Exec(_) => None,
        };
        login.into_iter().chain(self.tls.certificate.as_ref().map(|(_, key)| key)).collect()
    }
}

impl Configured for Kubernetes {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        std::iter::once(&self.access.server).chain(&self.access.proxy_url).collect()
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        self.access.secrets().into_iter().chain(of_cache).collect()
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let (proof, public) = self.access.identity();
        let mut login = vec![text("kubernetes"), text(self.access.server.as_str())];
        login.extend(public.into_iter().map(Some));
        let Scope { namespace, names, label_selector, allow_empty } = &self.scope;
        let mut scope = vec![text(namespace), label_selector.as_deref().and_then(text)];
        scope.push(Some(vec![u8::from(*allow_empty)]));
        scope.extend(names.iter().map(|name| text(name)));
        Some((self.cache.as_ref()?, CacheIdentity { login, scope, proof, logs_in: false }))
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        self.refuse_plugin(run)?;
        Ok(Box::new(self.connect(run)))
    }

    fn open_for_writing(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::Write>>, provider::Error> {
        self.refuse_plugin(run)?;
        Ok(Some(Box::new(self.connect(run))))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(doctor::check(self, run))
    }
}
