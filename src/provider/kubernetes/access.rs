//! The way to a cluster and the login there, as client-go finds them: from kubeconfig files, or from the service
//! account of the pod. Files are read; nothing is sent, and no program is run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::access_error::AccessError;
use super::kubeconfig::{Cluster, ContextEntry, ExecEntry, Impersonation, Kubeconfig, User, find};
use super::yaml::Node;
use crate::config::Environment;
use crate::http::ServerTls;
use crate::message::nearest;
use crate::seal::private_file::read_within;
use crate::secret::Value;

/// The largest certificate, key or token file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Where Kubernetes mounts the service account of a pod.
pub(super) const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

const HOST: &str = "KUBERNETES_SERVICE_HOST";
const PORT: &str = "KUBERNETES_SERVICE_PORT";

/// What decides about the way to a cluster.
#[derive(Debug)]
pub(super) struct Lookup<'a> {
    /// The inherited environment.
    pub(super) environment: &'a Environment,
    /// The only kubeconfig, if one is specified.
    pub(super) kubeconfig: Option<PathBuf>,
    /// The context, if it is not the current one.
    pub(super) context: Option<String>,
    /// Whether only the service account of the pod is used.
    pub(super) in_cluster: bool,
    /// Whether a cluster may turn the verification of its certificate off.
    pub(super) allows_insecure: bool,
    /// Where the service account is mounted.
    pub(super) service_account: &'a Path,
    /// How long to wait for files that are pipes.
    pub(super) patience: Duration,
}

/// The way to a cluster, and who logs in.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// The address of the API server.
    pub(super) server: Url,
    /// Its certificate authorities, its name, and the client certificate.
    pub(super) tls: ServerTls,
    /// Its proxy, which replaces those of the environment.
    pub(super) proxy: Option<Value>,
    /// The same without user and password.
    pub(super) proxy_url: Option<Url>,
    /// How to log in, beside a client certificate.
    pub(super) login: Login,
    /// The identity to act as.
    pub(super) impersonation: Impersonation,
    /// The namespace, unless one is specified.
    pub(super) namespace: String,
    /// Where all this was found, for messages.
    pub(super) origin: String,
}

/// How to log in, beside a client certificate.
#[derive(Clone, Debug)]
pub(super) enum Login {
    /// As nobody.
    Anonymous,
    /// With a token.
    Token(Value),
    /// With a token that is read anew from a file when the server rejects it.
    TokenFile {
        path: PathBuf,
        /// The token if the file has none.
        fallback: Option<Value>,
    },
    /// With a user name and a password.
    Basic { username: String, password: Value },
    /// With what a program prints.
    Exec(Box<ExecPlugin>),
}

/// A credential plugin, and what it is told about the cluster.
#[derive(Clone, Debug)]
pub(super) struct ExecPlugin {
    pub(super) entry: ExecEntry,
    pub(super) cluster: Option<PluginCluster>,
    /// The environment, without hushed's own variables.
    pub(super) environment: Environment,
}

/// What a credential plugin is told about the cluster.
#[derive(Clone, Debug)]
pub(super) struct PluginCluster {
    pub(super) server: String,
    pub(super) tls_server_name: String,
    pub(super) insecure: bool,
    pub(super) authority: Option<Value>,
    pub(super) proxy_url: Option<Value>,
    pub(super) config: Option<Node>,
}

impl Lookup<'_> {
    /// Finds the way to the cluster.
    pub(super) fn find(&self) -> Result<Access, AccessError> {
        if self.in_cluster {
            return self.service_account_access();
        }
        let merged = self.read()?;
        let selected = Selection::new(&merged, self.context.as_deref());
        match selected.and_then(|selected| selected.access(self)) {
            Err(error)
                if error.is_empty_configuration()
                    && self.kubeconfig.is_none()
                    && self.is_in_pod() =>
            {
                self.service_account_access()
            }
            found => found,
        }
    }

    fn read(&self) -> Result<Kubeconfig, AccessError> {
        if let Some(path) = &self.kubeconfig {
            return Kubeconfig::read(path, true, self.patience);
        }
        let mut merged = Kubeconfig::default();
        for path in self.files() {
            merged.merge(Kubeconfig::read(&path, false, self.patience)?);
        }
        Ok(merged)
    }

    /// The files of `KUBECONFIG`, or the one in the home directory.
    fn files(&self) -> Vec<PathBuf> {
        if let Some(list) = self.environment.text("KUBECONFIG") {
            let paths = std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty());
            let mut unique: Vec<PathBuf> = Vec::new();
            for path in paths {
                if !unique.contains(&path) {
                    unique.push(path);
                }
            }
            return unique;
        }
        let home = self.environment.text("HOME");
        home.map(|home| Path::new(home).join(".kube/config")).into_iter().collect()
    }

    /// Whether this process runs in a pod that has a service account.
    fn is_in_pod(&self) -> bool {
        let is_set = |name| self.environment.get(name).is_some();
        is_set(HOST) && is_set(PORT) && self.service_account.join("token").is_file()
    }

    fn service_account_access(&self) -> Result<Access, AccessError> {
        let text = |name| self.environment.text(name).and_then(|text| text.to_str());
        let (Some(host), Some(port)) = (text(HOST), text(PORT)) else {
            return Err(AccessError::NotInCluster);
        };
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let address = format!("https://{host}:{port}");
        let invalid = || AccessError::conflict(HOST, format!("`{address}` is not an address"));
        let server = Url::parse(&address).map_err(|_| invalid())?;
        let token = self.service_account.join("token");
        // A missing token must not look like one that the server rejects.
        self.read_file("service account token", &token)?;
        let authorities = self.read_file("CA file", &self.service_account.join("ca.crt"))?;
        Ok(Access {
            server,
            tls: ServerTls { authorities: Some(authorities), ..ServerTls::default() },
            proxy: None,
            proxy_url: None,
            login: Login::TokenFile { path: token, fallback: None },
            impersonation: Impersonation::default(),
            namespace: self.pod_namespace(),
            origin: "the pod's service account".to_owned(),
        })
    }

    /// The namespace of the pod.
    fn pod_namespace(&self) -> String {
        if let Some(name) = self.environment.text("POD_NAMESPACE") {
            return name.to_string_lossy().into_owned();
        }
        let file = self.read_file("namespace", &self.service_account.join("namespace")).ok();
        let text = file.as_ref().and_then(Value::expose_str).unwrap_or_default().trim().to_owned();
        if text.is_empty() { "default".to_owned() } else { text }
    }

    pub(super) fn read_file(&self, what: &'static str, path: &Path) -> Result<Value, AccessError> {
        let content = read_within(path, FILE_LIMIT, || self.patience);
        let content = content.map_err(|error| AccessError::unreadable(what, path, error))?;
        Ok(Value::from(content.bytes.expose()))
    }
}

/// The entries that a context names.
struct Selection<'k> {
    context: String,
    entry: ContextEntry,
    cluster: Option<&'k Cluster>,
    user: User,
}

impl<'k> Selection<'k> {
    fn new(kubeconfig: &'k Kubeconfig, context: Option<&str>) -> Result<Self, AccessError> {
        let context = context.unwrap_or(&kubeconfig.current_context).to_owned();
        let found = find(&kubeconfig.contexts, &context);
        if found.is_none() && !context.is_empty() {
            let known = kubeconfig.contexts.iter().map(|(name, _)| name.as_str());
            let nearest = nearest(&context, known).map(str::to_owned);
            return Err(AccessError::NoContext { name: context, nearest });
        }
        let entry = found.cloned().unwrap_or_default();
        let cluster = find(&kubeconfig.clusters, &entry.cluster);
        // A user that is missing is nobody.
        let user = find(&kubeconfig.users, &entry.user).cloned().unwrap_or_default();
        Ok(Self { context, entry, cluster, user })
    }

    fn access(&self, lookup: &Lookup<'_>) -> Result<Access, AccessError> {
        let user = format!("user `{}`", self.entry.user);
        self.user.check(&user)?;
        let certificate = self.client_certificate(&user, lookup)?;
        let Some(cluster) = self.cluster else {
            return Err(AccessError::NoCluster(if self.context.is_empty() {
                "the kubeconfig is missing, or has no current context"
            } else {
                "the context of the kubeconfig names no cluster that it has"
            }));
        };
        let name = format!("cluster `{}`", self.entry.cluster);
        let mut server = cluster.server(&name)?;
        let authorities = cluster.authorities(&name, lookup)?;
        let is_tls = server.scheme() == "https";
        if is_tls && cluster.insecure && !lookup.allows_insecure {
            return Err(AccessError::Insecure { entry: name });
        }
        if cluster.insecure && authorities.is_some() {
            let problem = "it has a certificate authority and insecure-skip-tls-verify";
            return Err(AccessError::conflict(&name, problem));
        }
        if !server.path().ends_with('/') {
            server.set_path(&format!("{}/", server.path()));
        }
        let tls = ServerTls {
            authorities: authorities.clone(),
            certificate: certificate.clone(),
            name: cluster.name_override(&name, &server)?,
            accept_any: cluster.insecure,
        };
        // Without TLS, client-go sends no credentials either.
        let login = if is_tls {
            self.login(&user, certificate.is_some(), cluster, authorities, lookup)?
        } else {
            Login::Anonymous
        };
        let (proxy, proxy_url) = cluster.proxy(&name)?.unzip();
        Ok(Access {
            tls: if is_tls { tls } else { ServerTls::default() },
            proxy,
            proxy_url,
            login,
            impersonation: self.user.impersonation.clone(),
            namespace: self.namespace(lookup),
            origin: format!("the kubeconfig's context `{}`", self.context),
            server,
        })
    }

    /// That of the context; else, in a pod, the pod's.
    fn namespace(&self, lookup: &Lookup<'_>) -> String {
        match self.entry.namespace.as_str() {
            "" if lookup.is_in_pod() => lookup.pod_namespace(),
            "" => "default".to_owned(),
            named => named.to_owned(),
        }
    }

    fn client_certificate(
        &self,
        entry: &str,
        lookup: &Lookup<'_>,
    ) -> Result<Option<(Value, Value)>, AccessError> {
        let User { certificate, certificate_file, key, key_file, .. } = &self.user;
        let read = |what, data: &Option<Value>, file: &Option<PathBuf>| match (data, file) {
            (Some(_), Some(_)) => Err(AccessError::conflict(
                entry,
                format!("it has {what} twice: as data and as a file"),
            )),
            (Some(data), None) => Ok(Some(data.clone())),
            (None, Some(file)) => lookup.read_file(what, file).map(Some),
            (None, None) => Ok(None),
        };
        if certificate.is_none() && certificate_file.is_none() {
            return Ok(None);
        }
        let certificate = read("client certificate", certificate, certificate_file)?;
        let key = read("client key", key, key_file)?;
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            _ => {
                Err(AccessError::conflict(entry, "it has a client certificate, but no client key"))
            }
        }
    }

    fn login(
        &self,
        entry: &str,
        has_certificate: bool,
        cluster: &Cluster,
        authority: Option<Value>,
        lookup: &Lookup<'_>,
    ) -> Result<Login, AccessError> {
        let User { token, token_file, username, password, exec, .. } = &self.user;
        match (token, token_file) {
            (None, Some(path)) => {
                // A missing file must not look like a token that the server rejects.
                lookup.read_file("token file", path)?;
                return Ok(Login::TokenFile { path: path.clone(), fallback: None });
            }
            (Some(token), Some(path)) => {
                let fallback = Some(token.clone());
                return Ok(Login::TokenFile { path: path.clone(), fallback });
            }
            (Some(token), None) => return Ok(Login::Token(token.clone())),
            (None, None) => {}
        }
        if !username.is_empty() {
            let password = password.clone().unwrap_or_else(|| Value::from(""));
            return Ok(Login::Basic { username: username.clone(), password });
        }
        let Some(exec) = exec.as_ref().filter(|_| !has_certificate) else {
            return Ok(Login::Anonymous);
        };
        exec.check_version(entry)?;
        let cluster = exec.provides_cluster.then(|| PluginCluster {
            server: cluster.server.clone(),
            tls_server_name: cluster.tls_server_name.clone(),
            insecure: cluster.insecure,
            authority,
            proxy_url: cluster.proxy_url.clone(),
            config: cluster.plugin_config.clone(),
        });
        let environment = lookup.environment.clone();
        Ok(Login::Exec(Box::new(ExecPlugin { entry: exec.clone(), cluster, environment })))
    }
}
