//! Why no way to a cluster can be found: errors of kubeconfig files and of a pod's service account. Their texts
//! name files, entries and fields, and never a value that may be a secret.

use std::path::{Path, PathBuf};

use super::yaml::YamlError;
use crate::message::shown_path;
use crate::seal::private_file;

/// Why no way to a cluster can be found.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccessError {
    /// A file cannot be read.
    #[error("cannot read the {what} `{}`{}", shown_path(path), of(entry.as_deref()))]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The entry that names it.
        entry: Option<String>,
        /// Why not.
        #[source]
        source: Box<private_file::Error>,
    },
    /// A file is no YAML.
    #[error("cannot read the kubeconfig `{}`", shown_path(file))]
    InvalidYaml {
        /// The file.
        file: PathBuf,
        /// Where.
        source: YamlError,
    },
    /// A field has another type than Kubernetes gives it.
    #[error("the kubeconfig `{}` is invalid: {field}", shown_path(file))]
    InvalidField {
        /// The file.
        file: PathBuf,
        /// Which.
        field: Field,
    },
    /// Neither a kubeconfig nor a service account.
    #[error("no Kubernetes cluster is configured: {0}")]
    NoCluster(&'static str),
    /// There is no such context.
    #[error("the kubeconfig has no context `{name}`")]
    NoContext {
        /// Its name.
        name: String,
        /// A similar one.
        nearest: Option<String>,
    },
    /// Fields of an entry do not fit together.
    #[error("{entry}: {problem}")]
    Conflict {
        /// The entry.
        entry: String,
        /// What is wrong.
        problem: String,
    },
    /// The kubeconfig turns the verification of the certificate off, and hushed's own setting does not.
    #[error("the kubeconfig turns off certificate verification for {entry}")]
    Insecure {
        /// The cluster.
        entry: String,
    },
    /// The variables of a pod are missing.
    #[error("in-cluster is set, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not")]
    NotInCluster,
}

/// A field of a kubeconfig, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} must be {wanted}, not {found}", named(place))]
pub(super) struct Field {
    place: String,
    wanted: &'static str,
    found: &'static str,
}

impl Field {
    pub(super) fn new(place: &str, wanted: &'static str, found: &'static str) -> Self {
        Self { place: place.to_owned(), wanted, found }
    }
}

fn named(place: &str) -> String {
    if place.is_empty() { "it".to_owned() } else { format!("`{}`", place.escape_debug()) }
}

fn of(entry: Option<&str>) -> String {
    entry.map_or_else(String::new, |entry| format!(" of {entry}"))
}

impl AccessError {
    pub(super) fn unreadable(what: &'static str, path: &Path, error: private_file::Error) -> Self {
        Self::Unreadable { what, path: path.to_owned(), entry: None, source: Box::new(error) }
    }

    pub(super) fn conflict(entry: &str, problem: impl Into<String>) -> Self {
        Self::Conflict { entry: entry.to_owned(), problem: problem.into() }
    }

    /// What the user can do about it.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Unreadable { what: "service account token", .. } => {
                "the pod has no token: remove automountServiceAccountToken: false, or mount one"
            }
            Self::Unreadable { what: "kubeconfig", .. } => "check the path and its permissions",
            Self::Unreadable { .. } => {
                "check the path and its permissions; a relative path starts at the kubeconfig"
            }
            Self::InvalidYaml { .. } | Self::InvalidField { .. } => {
                "correct the file; `kubectl config view` reads it the same way"
            }
            Self::NoCluster(_) => {
                "set KUBECONFIG or the setting `kubeconfig`, or run in a pod with a service account"
            }
            Self::NoContext { nearest: Some(nearest), .. } => {
                return format!("did you mean `{nearest}`?");
            }
            Self::NoContext { nearest: None, .. } => "`kubectl config get-contexts` lists them",
            Self::Conflict { .. } => "correct the kubeconfig",
            Self::Insecure { .. } => {
                "put the cluster's CA into the kubeconfig, or accept every certificate with \
                 insecure-skip-tls-verify = true"
            }
            Self::NotInCluster => "run in a pod, or remove in-cluster",
        }
        .to_owned()
    }

    /// Whether there is simply no configuration, so that a pod's service account may take its place.
    pub(super) fn is_empty_configuration(&self) -> bool {
        matches!(self, Self::NoCluster(_))
    }
}
