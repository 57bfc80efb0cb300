//! Cloud identities, shared by the stores that log in with them: OAuth 2.0 access tokens, JWTs signed with RSA, and
//! the metadata services of Google Cloud and Azure; and the ID tokens of CI jobs. It knows no store, and reads no
//! setting but `id-token`.
//!
//! ```text
//! oauth    token requests, their answers and refusals      jwt     RS256 and PS256, keys in PEM
//! google   service account keys, the metadata server       azure   managed identities
//! id_token   ID tokens of CI jobs
//! api      requests with a token that is replaced once when the server rejects it
//! ```

mod api;
pub(crate) mod azure;
mod error;
pub(crate) mod google;
pub mod id_token;
pub(crate) mod jwt;
mod metadata;
pub(crate) mod oauth;

pub(crate) use api::TokenApi;
pub(crate) use error::{Error, Refusal};
pub(crate) use oauth::{AccessToken, TokenRequest};

use std::path::PathBuf;

use url::{Host, Url};

use crate::config::RunSettings;
use crate::http;

/// Whether a host is this machine or its network segment, as the endpoints of managed identities are: the only
/// hosts that get a credential over plain http.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unicast_link_local(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The settings of a client for a cloud's API. `metadata` are the metadata services that have plain http only; they
/// are never reached through a proxy.
pub(crate) fn http_options(
    run: &RunSettings,
    ca_file: Option<PathBuf>,
    insecure_http: bool,
    metadata: &[&Url],
) -> http::Options {
    http::Options {
        trust: http::TrustRoots {
            ca_file,
            ssl_cert_file: run.network.ssl_cert_file.clone(),
            ssl_cert_dirs: run.network.ssl_cert_dirs.clone(),
        },
        proxy: run.network.proxy.clone(),
        timeout: run.timeout,
        spread: run.spread,
        insecure_http,
        plain_http_origins: metadata.iter().map(|url| url.origin()).collect(),
        ..http::Options::default()
    }
}
