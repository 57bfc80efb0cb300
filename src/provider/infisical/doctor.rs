//! Checks of a source in Infisical: the way to the server, the server, its clock, the login, and the
//! rights, in the order in which a run needs them. What needs a thing that is not ok is skipped.

use super::settings::{Infisical, Login};
use super::{Error, InfisicalSource};
use crate::config::RunSettings;
use crate::http;
use crate::provider::Source as _;
use crate::provider::doctor::{Check, clock, connection, counted, credential};

/// What is checked on the network, in this order.
const STAGES: [&str; 7] = ["name", "TCP", "TLS", "server", "clock", "login", "rights"];

/// Of what could not be checked, because something before it is not ok.
const NOT_REACHED: &str = "not reached";

/// Runs the checks.
pub(super) async fn check(source: &Infisical, run: &RunSettings) -> Vec<Check> {
    let mut checks = credentials(source);
    let opened = source.connect(run);
    checks.extend(opened.session.check_id_token().await);
    let mut stages = connection(&source.base, run).await;
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

fn credentials(source: &Infisical) -> Vec<Check> {
    let credentials = source.login.credentials();
    let origins: Vec<_> = credentials.iter().map(|credential| credential.origin.clone()).collect();
    let detail = format!("{} from {}", source.login.method(), origins.join(", "));
    let machine = source.login.machine().map(|machine| format!("; {}", machine.describe()));
    let detail = detail + &machine.unwrap_or_default();
    let files = credentials.into_iter().filter_map(credential);
    std::iter::once(Check::ok("credentials", detail)).chain(files).collect()
}

/// What is said to the server itself.
async fn conversation(source: &Infisical, opened: &InfisicalSource) -> Vec<Check> {
    let secured = source.base.scheme() == "https";
    let tls = if secured {
        Check::ok("TLS", "the certificate is trusted")
    } else {
        Check::skipped("TLS", "plain http")
    };
    let status = match opened.status().await {
        Ok(status) => status,
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
    let answer =
        format!("{} answers `{}`", source.base.origin().ascii_serialization(), status.message);
    let mut checks = vec![tls, Check::ok("server", answer), clock(&status.date)];
    match (&source.login, opened.login().await) {
        (_, Err(error)) => {
            checks.push(Check::failed("login", &error, error.hint()));
            return checks;
        }
        (Login::AccessToken(_) | Login::ServiceToken(_), Ok(())) => {
            checks.push(Check::skipped("login", "a ready token is tried by reading"));
        }
        (_, Ok(())) => checks.push(Check::ok("login", source.login.method())),
    }
    checks.extend(rights(opened).await);
    checks
}

/// Whether each folder may be read.
async fn rights(opened: &InfisicalSource) -> Vec<Check> {
    let right = |(place, outcome): (String, Result<usize, Error>)| match outcome {
        Ok(count) => Check::ok("rights", format!("{place}: {}", counted(count, "secret"))),
        Err(error) => Check::failed("rights", &error, error.hint()),
    };
    match opened.rights().await {
        Ok(rights) => rights.into_iter().map(right).collect(),
        Err(error) => vec![Check::failed("rights", &error, error.hint())],
    }
}
