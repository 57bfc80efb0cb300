//! Checks of a source in Infisical: the way to the server, the server, its clock, the login, and the
//! rights, in the order in which a run needs them. The first that fails ends them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::check::Check;
use super::clock::unix_seconds;
use crate::command::plan::counted;
use crate::config::{Infisical, Settings};
use crate::provider::infisical::{Error, InfisicalSource};
use crate::provider::{self, Source as _};

/// How long name resolution and TCP may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A token is often valid for minutes only, and a JWT is judged by its times.
const TOLERATED_SKEW: i64 = 60;

/// Runs the checks.
pub(super) async fn check(source: &Infisical, settings: &Settings) -> Vec<Check> {
    let mut checks = vec![credentials(source)];
    match provider::open_infisical(source, settings) {
        Ok(opened) => {
            // What follows tells the way's faults apart; what comes before it is never the end.
            checks.extend(way(source, settings).await);
            if checks.iter().all(Check::is_fine) {
                checks.extend(conversation(source, &opened).await);
            }
        }
        Err(error) => checks.push(failed(source, "connection settings", &error)),
    }
    checks
}

fn what(source: &Infisical, part: &str) -> String {
    format!("`{}`: {part}", source.name)
}

fn failed(source: &Infisical, part: &str, error: &provider::Error) -> Check {
    Check::failed(what(source, part), error, error.hint())
}

fn credentials(source: &Infisical) -> Check {
    let origins =
        source.login.credentials().into_iter().map(|credential| credential.origin.clone());
    let detail =
        format!("{} from {}", source.login.method(), origins.collect::<Vec<_>>().join(", "));
    Check::ok(what(source, "credentials"), detail)
}

/// Name resolution and TCP. Through a proxy both are the proxy's business.
async fn way(source: &Infisical, settings: &Settings) -> Vec<Check> {
    let proxy = &settings.network.proxy;
    if proxy.all.is_some() || proxy.https.is_some() && source.base.scheme() == "https" {
        return vec![Check::skipped(what(source, "name and TCP"), "a proxy is set")];
    }
    let host = source.base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = source.base.port_or_known_default().unwrap_or(443);
    let name = what(source, "name");
    let found = timeout(CONNECT_TIMEOUT, lookup_host((host.as_str(), port))).await;
    let addresses: Vec<_> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => {
            let detail = format!("{host}: {error}");
            return vec![Check::not_ok(name, detail, "check the domain, and this machine's DNS")];
        }
        Err(_late) => {
            let detail = format!("{host}: no answer");
            return vec![Check::not_ok(name, detail, "check this machine's DNS")];
        }
    };
    let shown: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let mut checks = vec![Check::ok(name, format!("{host} is {}", shown.join(", ")))];
    let mut fault = "no address".to_owned();
    for address in addresses {
        fault = match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_connected)) => {
                checks.push(Check::ok(what(source, "TCP"), format!("{address} accepts")));
                return checks;
            }
            Ok(Err(error)) => format!("{address}: {error}"),
            Err(_late) => format!("{address}: no answer within {} s", CONNECT_TIMEOUT.as_secs()),
        };
    }
    let hint = "check that the server runs, the port, and firewalls on the way";
    checks.push(Check::not_ok(what(source, "TCP"), fault, hint));
    checks
}

/// What is said to the server itself.
async fn conversation(source: &Infisical, opened: &InfisicalSource) -> Vec<Check> {
    let mut checks = Vec::new();
    let secured = source.base.scheme() == "https";
    match opened.status().await {
        Ok(status) => {
            let tls = if secured { "the certificate is trusted" } else { "plain http" };
            checks.push(Check::ok(what(source, "TLS"), tls));
            checks.push(Check::ok(
                what(source, "server"),
                format!("it answers `{}`", status.message),
            ));
            checks.push(clock(source, &status.date));
        }
        Err(error) => {
            let part = if is_tls(&error) { "TLS" } else { "server" };
            checks.push(failed(source, part, &error.into()));
            return checks;
        }
    }
    if let Err(error) = opened.login().await {
        checks.push(failed(source, "login", &error.into()));
        return checks;
    }
    checks.push(Check::ok(what(source, "login"), source.login.method()));
    match opened.fetch().await {
        Ok(secrets) => {
            let detail = format!("it may read {}", counted(secrets.len(), "secret"));
            checks.push(Check::ok(what(source, "rights"), detail));
        }
        Err(error) => checks.push(failed(source, "rights", &error)),
    }
    checks
}

fn is_tls(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(crate::http::Error::Tls { .. }) = error.downcast_ref() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn clock(source: &Infisical, date: &str) -> Check {
    let what = what(source, "clock");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let Some(server) = unix_seconds(date) else {
        return Check::skipped(what, "the server does not tell its time");
    };
    let apart = now - server;
    if apart.abs() <= TOLERATED_SKEW {
        return Check::ok(what, format!("within {} s of the server's", apart.abs().max(1)));
    }
    let side = if apart > 0 { "ahead of" } else { "behind" };
    let detail = format!("{} s {side} the server's", apart.abs());
    Check::not_ok(what, detail, "set this machine's clock (timedatectl set-ntp true)")
}
