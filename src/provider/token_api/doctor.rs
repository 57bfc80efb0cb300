//! The checks of a source with such a server: the token, the way to the server, and whether it answers.

use super::{Api, Error, ServerSettings};
use crate::config::RunSettings;
use crate::http;
use crate::provider::doctor::{Check, connection, credential};
use crate::provider::{self, ProviderError as _};

/// What is checked on the network, in this order.
const STAGES: [&str; 5] = ["name", "TCP", "TLS", "server", "reading"];

/// Runs the checks; `talk` asks the server what it is, and `read` what a run would read.
pub(in crate::provider) async fn check(
    server: &ServerSettings,
    run: &RunSettings,
    api: &Api,
    probe: &[&str],
    read: impl AsyncFnOnce() -> Result<Vec<String>, provider::Error>,
) -> Vec<Check> {
    let token = &server.token;
    let mut checks = vec![Check::ok("credentials", format!("token from {}", token.origin))];
    checks.extend(credential(token));
    checks.extend(connection(&server.url, run).await);
    if checks.iter().all(Check::is_fine) {
        checks.extend(conversation(server, api, probe, read).await);
    }
    for stage in STAGES {
        if !checks.iter().any(|check| check.name == stage) {
            checks.push(Check::skipped(stage, "not reached"));
        }
    }
    checks
}

async fn conversation(
    server: &ServerSettings,
    api: &Api,
    probe: &[&str],
    read: impl AsyncFnOnce() -> Result<Vec<String>, provider::Error>,
) -> Vec<Check> {
    let tls = if server.url.scheme() == "https" {
        Check::ok("TLS", "the certificate is trusted")
    } else {
        Check::skipped("TLS", "plain http")
    };
    if let Err(error) = api.probe(probe).await {
        let check = |name| Check::failed(name, &error, error.hint());
        return match &error {
            Error::Transport { source, .. } if matches!(**source, http::Error::Tls { .. }) => {
                vec![check("TLS")]
            }
            _ => vec![tls, check("server")],
        };
    }
    let mut checks = vec![tls, Check::ok("server", format!("{} answers", api.server()))];
    match read().await {
        Ok(found) if found.is_empty() => {
            checks.push(Check::skipped("reading", "only references use this source"));
        }
        Ok(found) => checks.extend(found.into_iter().map(|text| Check::ok("reading", text))),
        Err(error) => checks.push(Check::failed("reading", &error, error.hint())),
    }
    checks
}
