//! What `hushed doctor` checks of a Kubernetes source: the way to the server, who logs in, and whether the
//! Secrets may be read. It reads none.

use super::api::{Api, Failure};
use super::configure::Kubernetes;
use super::error::{Error, Operation};
use super::{access::Login, status::StatusKind};
use crate::config::RunSettings;
use crate::http;
use crate::provider::ProviderError as _;
use crate::provider::doctor::{Check, connection};

/// The checks that need an answer of the server.
const STAGES: [&str; 4] = ["TLS", "server", "login", "rights"];

const NOT_REACHED: &str = "not reached";

/// Checks everything that a fetch depends on.
pub(super) async fn check(source: &Kubernetes, run: &RunSettings) -> Vec<Check> {
    let access = &source.access;
    let detail = format!("{} from {}", access.method(), access.origin);
    let mut checks = vec![Check::ok("credentials", detail)];
    if access.proxy.is_none() {
        checks.extend(connection(&access.server, run).await);
    }
    if let Err(error) = source.refuse_plugin(run) {
        checks.push(Check::failed("login", &error, error.hint()));
    } else if checks.iter().all(Check::is_fine) {
        checks.extend(conversation(source, &source.connect(run).api).await);
    }
    for stage in STAGES {
        if !checks.iter().any(|check| check.name == stage) {
            checks.push(Check::skipped(stage, NOT_REACHED));
        }
    }
    checks.into_iter().map(|check| check.of(&source.name)).collect()
}

impl super::access::Access {
    /// How it logs in, for a person.
    fn method(&self) -> &'static str {
        match &self.login {
            _ if self.tls.certificate.is_some() => "client certificate",
            Login::Anonymous => "no credentials",
            Login::Token(_) => "token",
            Login::TokenFile { .. } => "token file",
            Login::Basic { .. } => "user name and password",
            Login::Exec(_) => "credential plugin",
        }
    }
}

async fn conversation(source: &Kubernetes, api: &Api) -> Vec<Check> {
    let tls = match (source.access.server.scheme(), source.access.tls.accept_any) {
        ("https", false) => Check::ok("TLS", "the certificate is trusted"),
        ("https", true) => Check::warning(
            "TLS",
            "every certificate is accepted (insecure-skip-tls-verify)",
            "put the cluster's CA into the kubeconfig",
        ),
        _ => Check::skipped("TLS", "plain http"),
    };
    let answer = match api.version().await {
        Ok(version) => format!("{} runs Kubernetes {}", api.server(), version.git_version),
        // A server may hide its version from those who did not log in.
        Err(Failure::Refused(error))
            if matches!(error.kind, StatusKind::Unauthorized | StatusKind::Forbidden) =>
        {
            format!("{} answers", api.server())
        }
        Err(failure) => {
            let error = api.refused(Operation::Ask, failure);
            let check = |name| Check::failed(name, &error, error.hint());
            return match &error {
                Error::Transport { source, .. } if matches!(**source, http::Error::Tls { .. }) => {
                    vec![check("TLS")]
                }
                _ => vec![tls, check("server")],
            };
        }
    };
    let mut checks = vec![tls, Check::ok("server", answer)];
    match api.who_am_i().await {
        Ok(name) => checks.push(Check::ok("login", format!("as `{name}`"))),
        Err(Failure::Refused(error))
            if error.kind == StatusKind::Forbidden && error.is_anonymous =>
        {
            checks.push(Check::warning(
                "login",
                "as nobody (system:anonymous)",
                "check the user of the context",
            ));
        }
        Err(Failure::Refused(error)) if error.kind != StatusKind::Unauthorized => {
            checks.push(Check::skipped("login", format!("the server does not tell: {error}")));
        }
        Err(failure) => {
            let error = api.refused(Operation::Ask, failure);
            checks.push(Check::failed("login", &error, error.hint()));
            return checks;
        }
    }
    checks.extend(rights(source, api).await);
    checks
}

/// Whether each Secret may be read. The server does not tell this to anonymous users.
async fn rights(source: &Kubernetes, api: &Api) -> Vec<Check> {
    let namespace = &source.scope.namespace;
    let list = source.scope.label_selector.iter().map(|_| ("list", None));
    let named = source.scope.names.iter().map(|name| ("get", Some(name.as_str())));
    let mut checks = Vec::new();
    for (verb, name) in list.chain(named) {
        let what = name.unwrap_or("all Secrets");
        let detail = format!("{verb} {what} in the namespace `{namespace}`");
        checks.push(match api.may(verb, namespace, name).await {
            Ok(true) => Check::ok("rights", detail),
            Ok(false) => Check::not_ok(
                "rights",
                format!("not allowed: {detail}"),
                "grant it with a Role and a RoleBinding",
            ),
            Err(Failure::Refused(error)) if error.kind == StatusKind::Forbidden => {
                Check::skipped("rights", format!("the server does not tell: {error}"))
            }
            Err(failure) => {
                let error = api.refused(Operation::Ask, failure);
                Check::failed("rights", &error, error.hint())
            }
        });
    }
    checks
}
