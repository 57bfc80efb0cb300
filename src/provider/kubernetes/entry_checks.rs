//! The entries that a context names, checked as client-go checks them: what does not fit together, and the address,
//! the authorities, the name and the proxy of a cluster.

use url::{Host, Url};

use super::access::Lookup;
use super::access_error::AccessError;
use super::kubeconfig::{Cluster, ExecEntry, Impersonation, User};
use crate::http::ServerNameOverride;
use crate::secret::Value;

impl User {
    /// Refuses what does not fit together.
    pub(super) fn check(&self, entry: &str) -> Result<(), AccessError> {
        let conflict = |problem: &str| Err(AccessError::conflict(entry, problem));
        let has_name = !self.username.is_empty();
        let is_basic = has_name || self.password.is_some();
        if (is_basic && self.token.is_some()) || (has_name && self.token_file.is_some()) {
            return conflict("it has a token and a user name or password");
        }
        if self.has_auth_provider {
            return conflict("it uses auth-provider, which Kubernetes no longer has; use exec");
        }
        let Impersonation { user, uid, groups, extra } = &self.impersonation;
        if user.is_empty() && (!uid.is_empty() || !groups.is_empty() || !extra.is_empty()) {
            return conflict("it has as-uid, as-groups or as-user-extra without `as`");
        }
        let Some(exec) = &self.exec else { return Ok(()) };
        if exec.command.is_empty() {
            return conflict("exec has no command");
        }
        if exec.environment.iter().any(|(name, _)| name.is_empty()) {
            return conflict("exec has an environment variable without a name");
        }
        match (exec.interactive_mode.as_str(), exec.api_version.as_str()) {
            (_, "") => conflict("exec has no apiVersion"),
            ("Never" | "IfAvailable" | "Always", _)
            | (
                "",
                "client.authentication.k8s.io/v1beta1" | "client.authentication.k8s.io/v1alpha1",
            ) => Ok(()),
            _ => conflict("the interactiveMode of exec must be Never, IfAvailable or Always"),
        }
    }
}

impl ExecEntry {
    pub(super) fn check_version(&self, entry: &str) -> Result<(), AccessError> {
        match self.api_version.as_str() {
            "client.authentication.k8s.io/v1" | "client.authentication.k8s.io/v1beta1" => Ok(()),
            _ => Err(AccessError::conflict(
                entry,
                "the apiVersion of exec must be client.authentication.k8s.io/v1 or /v1beta1",
            )),
        }
    }
}

impl Cluster {
    /// The address. Without a scheme it is plain http, as client-go has it.
    pub(super) fn server(&self, entry: &str) -> Result<Url, AccessError> {
        if self.server.is_empty() {
            return Err(AccessError::conflict(entry, "it has no server"));
        }
        let has_scheme = self.server.contains("://");
        let text = if has_scheme { self.server.clone() } else { format!("http://{}", self.server) };
        let url = Url::parse(&text).ok();
        let is_usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let invalid = || AccessError::conflict(entry, "its server is not an http or https address");
        url.filter(is_usable).ok_or_else(invalid)
    }

    pub(super) fn authorities(
        &self,
        entry: &str,
        lookup: &Lookup<'_>,
    ) -> Result<Option<Value>, AccessError> {
        match (&self.authority, &self.authority_file) {
            (Some(_), Some(_)) => Err(AccessError::conflict(
                entry,
                "it has certificate-authority and certificate-authority-data",
            )),
            (Some(data), None) => Ok(Some(data.clone())),
            (None, Some(file)) => lookup.read_file("CA file", file).map(Some),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn name_override(
        &self,
        entry: &str,
        server: &Url,
    ) -> Result<Option<ServerNameOverride>, AccessError> {
        let host = server.host_str().unwrap_or_default().to_owned();
        match self.tls_server_name.as_str() {
            "" => Ok(None),
            same if same == host => Ok(None),
            name => match Host::parse(name) {
                Ok(Host::Domain(name)) => Ok(Some(ServerNameOverride { host, name })),
                _ => Err(AccessError::conflict(entry, "its tls-server-name is not a host name")),
            },
        }
    }

    /// The proxy. SOCKS proxies resolve names, as Go has them do.
    pub(super) fn proxy(&self, entry: &str) -> Result<Option<(Value, Url)>, AccessError> {
        let Some(value) = &self.proxy_url else { return Ok(None) };
        let text = value.expose_str().unwrap_or_default();
        let is_usable =
            |url: &Url| matches!(url.scheme(), "http" | "https" | "socks5") && url.has_host();
        let Some(mut url) = Url::parse(text).ok().filter(is_usable) else {
            let problem = "its proxy-url must begin with http://, https:// or socks5://";
            return Err(AccessError::conflict(entry, problem));
        };
        let value = match text.strip_prefix("socks5://") {
            Some(rest) => Value::from(format!("socks5h://{rest}")),
            None => value.clone(),
        };
        // Both fail only for URLs without a host.
        url.set_username("").ok();
        url.set_password(None).ok();
        if url.port_or_known_default().is_none() {
            url.set_port(Some(1080)).ok();
        }
        Ok(Some((value, url)))
    }
}
