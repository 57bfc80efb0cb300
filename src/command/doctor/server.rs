//! Checks of a source in Infisical: the way to the server, the server, its clock, the login, and the
//! rights, in the order in which a run needs them. What needs a thing that is not ok is skipped.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::check::Check;
use super::clock::unix_seconds;
use super::file;
use crate::command::plan::counted;
use crate::config::{Infisical, Login, Settings};
use crate::http;
use crate::provider::infisical::{Error, InfisicalSource};
use crate::provider::{self, Source as _};

/// How long name resolution and TCP may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A token is often valid for minutes only, and a JWT is judged by its times.
const TOLERATED_SKEW: i64 = 60;
/// What is checked on the network, in this order.
const STAGES: [&str; 7] = ["name", "TCP", "TLS", "server", "clock", "login", "rights"];

/// Of what could not be checked, because something before it is not ok.
const NOT_REACHED: &str = "not reached";

/// Runs the checks.
pub(super) async fn check(source: &Infisical, settings: &Settings) -> Vec<Check> {
    let mut checks = credentials(source);
    match provider::open_infisical(source, settings) {
        Ok(opened) => {
            let mut stages = way(source, settings).await;
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
        }
        Err(error) => checks.push(Check::failed("connection settings", &error, error.hint())),
    }
    checks.into_iter().map(|check| check.of(&source.name)).collect()
}

fn credentials(source: &Infisical) -> Vec<Check> {
    let credentials = source.login.credentials();
    let origins: Vec<_> = credentials.iter().map(|credential| credential.origin.clone()).collect();
    let detail = format!("{} from {}", source.login.method(), origins.join(", "));
    let files = credentials.into_iter().filter_map(file::credential);
    std::iter::once(Check::ok("credentials", detail)).chain(files).collect()
}

/// Name resolution and TCP. Through a proxy both are the proxy's business.
async fn way(source: &Infisical, settings: &Settings) -> Vec<Check> {
    if let Some(proxy) = settings.network.proxy.for_server(&source.base) {
        let skipped = |name| Check::skipped(name, format!("left to {proxy}"));
        return vec![skipped("name"), skipped("TCP")];
    }
    let host = source.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let addresses = match timeout(CONNECT_TIMEOUT, http::lookup(host)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => return vec![Check::failed("name", &error, error.hint())],
        Err(_late) => {
            let detail = format!("no answer about `{host}` within {} s", CONNECT_TIMEOUT.as_secs());
            return vec![Check::not_ok("name", detail, "check the DNS of this machine")];
        }
    };
    let shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let detail = match host.parse::<IpAddr>() {
        Ok(_) => format!("{host} is an address"),
        Err(_) => format!("{host} is {}", shown.join(", ")),
    };
    let port = source.base.port_or_known_default().unwrap_or(443);
    vec![Check::ok("name", detail), connection(&addresses, port).await]
}

/// The first address that takes a connection is enough, as it is for a run.
async fn connection(addresses: &[IpAddr], port: u16) -> Check {
    let mut faults = Vec::new();
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_connected)) => return Check::ok("TCP", format!("{address} takes connections")),
            Ok(Err(error)) => faults.push(format!("{address}: {error}")),
            Err(_late) => {
                let limit = CONNECT_TIMEOUT.as_secs();
                faults.push(format!("{address}: no answer within {limit} s"));
            }
        }
    }
    let hint = "check that the server runs, the port, and firewalls on the way";
    Check::not_ok("TCP", faults.join("; "), hint)
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

fn clock(date: &str) -> Check {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let Some(server) = unix_seconds(date) else {
        return Check::skipped("clock", "the server does not tell its time");
    };
    let apart = now - server;
    if apart.abs() <= TOLERATED_SKEW {
        return Check::ok("clock", format!("within {TOLERATED_SKEW} s of the server's"));
    }
    let side = if apart > 0 { "ahead of" } else { "behind" };
    let detail = format!("{} s {side} the server's", apart.abs());
    Check::not_ok("clock", detail, "set this machine's clock (timedatectl set-ntp true)")
}
