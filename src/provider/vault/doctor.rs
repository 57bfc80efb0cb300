//! Checks of a Vault source: the way to the server, its state, its clock, the login, and each secret, in the
//! order in which a run needs them. What needs a thing that is not ok is skipped.

use super::read::Reader;
use super::settings::{Login, Vault};
use super::wire::Health;
use super::{Error, VaultSource};
use crate::config::RunSettings;
use crate::http;
use crate::provider::Source as _;
use crate::provider::doctor::{Check, clock_seconds, connection, counted, credential};

/// What is checked on the network, in this order.
const STAGES: [&str; 7] = ["name", "TCP", "TLS", "server", "clock", "login", "reading"];

/// Of what could not be checked, because something before it is not ok.
const NOT_REACHED: &str = "not reached";

/// Runs the checks.
pub(super) async fn check(source: &Vault, run: &RunSettings) -> Vec<Check> {
    let mut checks = credentials(source);
    let opened = source.connect(run);
    checks.extend(opened.session.check_id_token().await);
    let mut stages = match &source.server.socket {
        Some(socket) => vec![
            Check::skipped("name", format!("the socket {}", socket.display())),
            Check::skipped("TCP", "a Unix socket"),
        ],
        None => connection(&source.server.base, run).await,
    };
    if stages.iter().all(Check::is_fine) {
        stages.extend(conversation(source, &opened).await);
        if let Err(error) = opened.end().await {
            stages.push(Check::failed("revocation", &error, error.hint()));
        }
    }
    let reached = |name: &&str| stages.iter().any(|check| check.name == *name);
    let rest: Vec<_> = STAGES.iter().filter(|name| !reached(name)).collect();
    checks.extend(stages);
    checks.extend(rest.into_iter().map(|name| Check::skipped(name, NOT_REACHED)));
    checks.into_iter().map(|check| check.of(&source.name)).collect()
}

fn credentials(source: &Vault) -> Vec<Check> {
    let credentials = source.login.credentials();
    let origins: Vec<_> = credentials.iter().map(|credential| credential.origin.clone()).collect();
    let method = source.login.method();
    let detail = match (&source.login, &source.certificate) {
        (Login::Certificate { .. }, Some(certificate)) => {
            format!("{method} with {}", certificate.certificate.display())
        }
        (Login::Agent, _) => "none: the agent adds its token".to_owned(),
        _ => format!("{method} from {}", origins.join(", ")),
    };
    let files = credentials.into_iter().filter_map(credential);
    std::iter::once(Check::ok("credentials", detail)).chain(files).collect()
}

/// What is said to the server itself.
async fn conversation(source: &Vault, opened: &VaultSource) -> Vec<Check> {
    let tls = if source.server.base.scheme() == "https" {
        Check::ok("TLS", "the certificate is trusted")
    } else {
        Check::skipped("TLS", "plain http")
    };
    let health = match opened.session.health().await {
        Ok(health) => health,
        Err(error) => {
            let fault = |name| Check::failed(name, &error, error.hint());
            return match &error {
                Error::Transport { source, .. } => match **source {
                    http::Error::Tls { .. } => vec![fault("TLS")],
                    _ => vec![Check::skipped("TLS", NOT_REACHED), fault("server")],
                },
                _ => vec![tls, fault("server")],
            };
        }
    };
    let mut checks = vec![tls, server(&health, &opened.session.server())];
    if health.trouble().is_some() {
        return checks;
    }
    checks.push(clock_seconds(health.server_time_utc));
    match (&source.login, opened.session.log_in_once().await) {
        (Login::Agent, _) => checks.push(Check::skipped("login", "the agent logs in")),
        (_, Err(error)) => {
            checks.push(Check::failed("login", &error, error.hint()));
            return checks;
        }
        (login, Ok(())) if !login.logs_in() => {
            checks.push(Check::skipped("login", "a token is tried by reading"));
        }
        (login, Ok(())) => checks.push(Check::ok("login", login.method())),
    }
    checks.extend(reading(source, opened).await);
    checks
}

fn server(health: &Health, address: &str) -> Check {
    if let Some(state) = health.trouble() {
        let error = Error::Sealed { server: address.to_owned(), state };
        Check::failed("server", &error, error.hint())
    } else {
        let role = if health.standby { ", standby" } else { "" };
        Check::ok("server", format!("{address} is version {}{role}", health.version))
    }
}

/// Whether each secret can be read.
async fn reading(source: &Vault, opened: &VaultSource) -> Vec<Check> {
    if source.paths.is_empty() {
        return vec![Check::skipped(
            "reading",
            "no `path` is set: only references use this source",
        )];
    }
    let reader = Reader::new(&opened.session, source);
    let mut checks = Vec::new();
    for path in &source.paths {
        checks.push(match reader.read(path, source.version).await {
            Ok(found) => {
                let version = found.version.map(|number| format!(" (version {number})"));
                let count = counted(found.members.len(), "key");
                let version = version.unwrap_or_default();
                Check::ok("reading", format!("{}{version}: {count}", found.place))
            }
            Err(error) => Check::failed("reading", &error, error.hint()),
        });
    }
    checks
}
