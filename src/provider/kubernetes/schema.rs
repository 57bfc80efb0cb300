//! The settings of a Kubernetes source. It holds no values.

use crate::config::schema::{
    CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, OFFLINE, SettingKey, SourceSchema, keys,
};

/// What a Kubernetes source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "kubernetes",
    heading: "Kubernetes",
    doc: "Secrets of a Kubernetes namespace; every key is a variable. The way to the cluster is that of `kubectl`: \
          the kubeconfig, or the service account of the pod. See hushed-kubernetes(7).",
    keys: KEYS,
    credentials: &[&CACHE_PASSPHRASE],
};

keys! {
    SECRET = "secret" List None, [],
        "The names of the Secrets, in order; later ones win.";
    LABEL_SELECTOR = "label-selector" Text None, [],
        "Read all Secrets with these labels, such as `app=shop,tier!=test`. Secrets of `secret` win over them.";
    NAMESPACE = "namespace" Text None, [],
        "The namespace. The default is that of the context; in a pod, that of the pod.";
    CONTEXT = "context" Text None, [],
        "The context of the kubeconfig. The default is its current context.";
    KUBECONFIG = "kubeconfig" Path None, ["KUBECONFIG"],
        "The kubeconfig. The default is `~/.kube/config`. `KUBECONFIG` may list several files, which are merged, and takes precedence over a file's setting. In a project's file, it requires `hushed trust`, again after each change of the kubeconfig.";
    IN_CLUSTER = "in-cluster" Switch None, [],
        "Use the service account of the pod, and no kubeconfig. Without this setting, a pod uses it only if it has no kubeconfig.";
    INSECURE_SKIP_TLS_VERIFY = "insecure-skip-tls-verify" Switch None, [],
        "Obey `insecure-skip-tls-verify` of the kubeconfig, which is an error otherwise: everyone on the network path can read the credentials and the Secrets. In a project's file, it requires `hushed trust`.";
}

static KEYS: &[&SettingKey] = &[
    &SECRET,
    &LABEL_SELECTOR,
    &NAMESPACE,
    &CONTEXT,
    &KUBECONFIG,
    &IN_CLUSTER,
    &INSECURE_SKIP_TLS_VERIFY,
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_DIR,
];
