//! Kubernetes in the manifests of External Secrets: the provider `kubernetes`, which reads Secrets of a namespace of the
//! operator's own cluster.

use serde_json::{Value as Json, json};

use super::configure::kubeconfig;
use super::schema;
use crate::config::Layers;
use crate::provider::external_secret::store::{ScopeEntry, gjson_path};
use crate::provider::external_secret::{
    AuthSecret, Fault, Fields, InnerSettings, Location, ManifestError, ManifestStore, RemoteRef,
};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// The provider `kubernetes`.
#[derive(Debug)]
pub(super) struct Manifests;

impl ManifestStore for Manifests {
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError> {
        let namespace = namespace(layers)?;
        if kubeconfig(layers)?.is_some() || layers.text(&schema::CONTEXT)?.is_some() {
            return Err(ManifestError::new(
                "a kubeconfig cannot be part of a manifest: the operator uses the API of its own cluster",
                "remove `kubeconfig` and `context`, or write the store of the other cluster by hand",
            ));
        }
        let mut ca = json!({ "type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt" });
        if let (Some(namespace), Some(ca)) = (auth.namespace, ca.as_object_mut()) {
            ca.insert("namespace".into(), namespace.into());
        }
        Ok(json!({ "kubernetes": {
            "remoteNamespace": namespace,
            "server": { "caProvider": ca },
            "auth": { "serviceAccount": auth.service_account() },
        } }))
    }

    fn remote_ref(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError> {
        if *property == Property::Whole {
            return Err(ManifestError::new(
                "the reference names no key of the Secret; the operator would take all as JSON",
                "write the key behind `#`",
            ));
        }
        // A key of a Secret may be JSON itself; the operator looks into none.
        let (key, property) = (
            self.extract(layers, address)?.key,
            match property {
                Property::Pointer(tokens) if tokens.len() > 1 => {
                    return Err(ManifestError::new(
                        "the operator does not look into the JSON of a key",
                        "refer to the key, or use a template",
                    ));
                }
                Property::Key(key) => Some(key.clone()),
                other => gjson_path(other),
            },
        );
        Ok(RemoteRef { key, property, version: None })
    }

    fn extract(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
    ) -> Result<RemoteRef, ManifestError> {
        let key = match address.path.split_once('/') {
            Some((namespace, name)) if namespace == self::namespace(layers)? => name,
            Some((other, _)) => {
                return Err(ManifestError::new(
                    format!("a store has one namespace, and `{other}` is another one"),
                    "define another source with this `namespace`",
                ));
            }
            None => &address.path,
        };
        if key.is_empty() {
            let hint = "write its name behind `://`";
            return Err(ManifestError::new("the reference names no Secret", hint));
        }
        Ok(RemoteRef { key: key.to_owned(), property: None, version: None })
    }

    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError> {
        if layers.text(&schema::LABEL_SELECTOR)?.is_some() {
            return Err(ManifestError::new(
                "`label-selector` cannot be part of a manifest",
                "list the Secrets in `secret`, or refer to them in [env]",
            ));
        }
        let names = layers.list(&schema::SECRET)?.map(|setting| setting.value).unwrap_or_default();
        let entry =
            |key: String| ScopeEntry::Extract(RemoteRef { key, property: None, version: None });
        Ok(names.into_iter().map(entry).collect())
    }

    fn providers(&self) -> &'static [&'static str] {
        &["kubernetes"]
    }

    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault> {
        block.refuse_others(&["remoteNamespace", "server", "auth", "authRef"])?;
        let namespace = block.text("remoteNamespace")?.unwrap_or_else(|| "default".to_owned());
        settings.text(&schema::NAMESPACE, namespace, block.line_of("remoteNamespace"));
        let what = "has no effect: hushed uses the kubeconfig or the service account of this host";
        for name in ["server", "auth", "authRef"] {
            if block.item(name).is_some() {
                settings.note(block.line_of(name), format!("`{name}` {what}"));
            }
        }
        Ok(())
    }

    fn locate(&self, _: &Fields<'_>, key: &str, _: Option<&str>) -> Location {
        Location::object(key, None)
    }
}

fn namespace(layers: &Layers<'_>) -> Result<String, ManifestError> {
    let namespace = layers.text(&schema::NAMESPACE)?.map(|setting| setting.value);
    namespace.ok_or_else(|| {
        ManifestError::new("it has no namespace", "set `namespace`, which the store reads")
    })
}
