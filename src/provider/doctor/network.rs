//! Checks of the way to a server: name resolution and TCP.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::check::Check;
use crate::config::RunSettings;
use crate::http;

/// How long name resolution and TCP may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Name resolution and TCP. Through a proxy both are the proxy's business.
pub async fn connection(server: &Url, run: &RunSettings) -> Vec<Check> {
    let proxy = match run.network.proxy.for_server(server) {
        Ok(proxy) => proxy,
        Err(error) => return vec![Check::failed("proxy", &error, error.hint())],
    };
    if let Some(proxy) = proxy {
        let skipped = |name| Check::skipped(name, format!("left to {proxy}"));
        return vec![skipped("name"), skipped("TCP")];
    }
    let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']);
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
    let port = server.port_or_known_default().unwrap_or(443);
    vec![Check::ok("name", detail), tcp(&addresses, port).await]
}

/// The first address that takes a connection is enough, as it is for a run.
async fn tcp(addresses: &[IpAddr], port: u16) -> Check {
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
