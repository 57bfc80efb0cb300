//! Classifies the errors of reqwest by the types in their chain of causes, and decides whether a retry may
//! help. Only where a library hides a type does it look at a text.

use std::error::Error as StdError;
use std::io;
use std::iter;

use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use rustls::pki_types::InvalidDnsNameError;
use rustls::{CertificateError, InvalidMessage};
use tower_service::Service;
use url::Url;

use super::client::{Attempt, Options};
use super::dns::ResolveError;
use super::error::{Error, ProxyName, RootCause, TlsError};
use super::origin;
use super::retry::AttemptOutcome;
use super::trust::is_ca_as_server;
use crate::sys::limits;

/// A failed CONNECT. hyper-util accepts the status 200 only, although RFC 9110 (9.3.6) allows any 2xx.
type TunnelError = <Tunnel<HttpConnector> as Service<Uri>>::Error;

/// A failed SOCKS handshake.
type SocksError = <SocksV5<HttpConnector> as Service<Uri>>::Error;

/// The request that failed.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    pub(super) url: &'a Url,
    pub(super) options: &'a Options,
    /// The proxy that it goes through.
    pub(super) proxy: Option<ProxyName>,
}

type Cause = dyn StdError + 'static;

/// An error that a retry cannot help.
pub(super) fn without_retry(error: Error) -> Attempt {
    (Err(error), AttemptOutcome::Final)
}

fn not_sent(error: Error) -> Attempt {
    (Err(error), AttemptOutcome::NotSent)
}

/// Classifies an error before the head of the response.
pub(super) fn request_error(error: &reqwest::Error, context: &Context<'_>) -> Attempt {
    let (authority, origin) = (origin::authority(context.url), origin::text(context.url));
    let source = RootCause::of(innermost(error));
    // Over TLS, the proxy carries a tunnel, and an error inside it is the server's.
    let proxy = context.proxy.clone().filter(|_| context.url.scheme() == "http");
    if let Some(tls) = find::<rustls::Error>(error) {
        let to_proxy = || context.proxy.clone().filter(|_| find::<TunnelError>(error).is_some());
        let source = tls_error(tls);
        return without_retry(match proxy.or_else(to_proxy) {
            Some(proxy) => Error::ProxyTls { proxy, source },
            None => Error::Tls { authority, source },
        });
    }
    if let Some(error) = context.proxy.clone().and_then(|proxy| tunnel_error(error, proxy, &origin))
    {
        let is_final = matches!(error, Error::ProxyAuth { .. });
        // Without a tunnel nothing was sent to the server.
        return if is_final { without_retry(error) } else { not_sent(error) };
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return without_retry(Error::NotHttp { authority, source });
    }
    match proxy {
        _ if error.is_connect() => match proxy {
            Some(proxy) if !is_timeout(error) => {
                not_sent(Error::ProxyUnreachable { proxy, source })
            }
            _ => connect_error(error, context),
        },
        _ if violates_protocol(error) => without_retry(Error::Malformed { origin, source }),
        _ if is_unprocessed(error) => not_sent(Error::ConnectionLost { origin, source }),
        _ => (Err(Error::ConnectionLost { origin, source }), AttemptOutcome::Interrupted),
    }
}

/// Classifies an error while connecting to the server.
fn connect_error(error: &reqwest::Error, context: &Context<'_>) -> Attempt {
    let authority = origin::authority(context.url);
    let host = context.url.host_str().unwrap_or_default().to_owned();
    let source = RootCause::of(innermost(error));
    let unresolved = find::<ResolveError>(error);
    let limit = match unresolved {
        Some(ResolveError::NoThread(error)) => limits::hint_for_fork(error),
        _ => limits::hint_for(error),
    };
    match (limit, unresolved) {
        _ if find::<InvalidDnsNameError>(error).is_some() => {
            without_retry(Error::HostUnknown { host })
        }
        (Some(hint), _) => without_retry(Error::ResourceLimit { authority, source, hint }),
        (None, Some(unresolved)) if unresolved.is_temporary() => {
            not_sent(Error::LookupFailed { host, source })
        }
        (None, Some(_)) => without_retry(Error::HostUnknown { host }),
        (None, None) if is_timeout(error) => {
            let (proxy, after) = (context.proxy.clone(), context.options.connect_timeout);
            not_sent(Error::ConnectTimeout { authority, proxy, after })
        }
        (None, None) if kind(error) == Some(io::ErrorKind::ConnectionRefused) => {
            not_sent(Error::Refused { authority })
        }
        (None, None) => not_sent(Error::Unreachable { authority, source }),
    }
}

/// Classifies an error of a proxy that was asked for a connection to the server.
fn tunnel_error(error: &reqwest::Error, proxy: ProxyName, origin: &str) -> Option<Error> {
    let source = RootCause::of(innermost(error));
    if let Some(tunnel) = find::<TunnelError>(error) {
        return Some(match tunnel {
            TunnelError::ProxyAuthRequired => Error::ProxyAuth { proxy },
            TunnelError::ConnectFailed(_) => Error::ProxyUnreachable { proxy, source },
            TunnelError::Io(_) | TunnelError::TunnelUnexpectedEof => {
                Error::ProxyLost { proxy, source }
            }
            _ => Error::ProxyRefused { proxy, origin: origin.to_owned() },
        });
    }
    Some(match find::<SocksError>(error)? {
        // The type of an authentication error has no public name.
        SocksError::V5(reason) if reason.to_string().contains("credentials") => {
            Error::ProxyAuth { proxy }
        }
        SocksError::Inner(cause) => {
            Error::ProxyUnreachable { proxy, source: RootCause::of(innermost(cause)) }
        }
        SocksError::Io(cause) => Error::ProxyLost { proxy, source: RootCause::of(cause) },
        _ => Error::ProxyRefused { proxy, origin: origin.to_owned() },
    })
}

fn is_timeout(error: &reqwest::Error) -> bool {
    error.is_timeout() || kind(error) == Some(io::ErrorKind::TimedOut)
}

/// Classifies an error in the body of a response.
pub(super) fn body_error(
    error: &reqwest::Error,
    received: usize,
    context: &Context<'_>,
) -> Attempt {
    let (origin, source) = (origin::text(context.url), RootCause::of(innermost(error)));
    if violates_protocol(error) {
        return without_retry(Error::Malformed { origin, source });
    }
    (Err(Error::Truncated { origin, received, source }), AttemptOutcome::Interrupted)
}

/// Whether the server's bytes break the rules of HTTP: chunks without a length, or unexpected frames. A
/// response that only ends early is a lost connection.
fn violates_protocol(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    find::<h2::Error>(error).is_some_and(h2::Error::is_library)
        || matches!(kind(error), Some(InvalidData | InvalidInput))
}

/// Whether the server reports that it did not process the request (RFC 9113, 8.7): it refused the stream,
/// or shuts down without having accepted it.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    find::<h2::Error>(error).filter(|error| error.is_remote()).is_some_and(|error| {
        match error.reason() {
            Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
            Some(h2::Reason::NO_ERROR) => error.is_go_away(),
            _ => false,
        }
    })
}

fn tls_error(error: &rustls::Error) -> TlsError {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            // A CA that was created again under its old name shows up as a wrong signature.
            Certificate::UnknownIssuer | Certificate::BadSignature => TlsError::UnknownIssuer,
            Certificate::Expired | Certificate::ExpiredContext { .. } => TlsError::Expired,
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                TlsError::NotYetValid
            }
            _ if is_ca_as_server(error) => TlsError::CaAsServer,
            Certificate::NotValidForName => TlsError::WrongName(Vec::new()),
            Certificate::NotValidForNameContext { presented, .. } => {
                TlsError::WrongName(presented.iter().map(|name| strip_kind(name)).collect())
            }
            _ => TlsError::Other(error.clone()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => TlsError::NotTls,
        _ => TlsError::Other(error.clone()),
    }
}

/// A name in a certificate, without the kind that rustls adds: `DnsName("example.com")`.
fn strip_kind(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

fn kind(cause: &Cause) -> Option<io::ErrorKind> {
    find::<io::Error>(cause).map(io::Error::kind)
}

fn find<T: StdError + 'static>(cause: &Cause) -> Option<&T> {
    chain(cause).find_map(|error| error.downcast_ref())
}

fn innermost(cause: &Cause) -> &Cause {
    chain(cause).last().unwrap_or(cause)
}

fn chain(cause: &Cause) -> impl Iterator<Item = &Cause> {
    let mut next = Some(cause);
    iter::from_fn(move || {
        let current = next?;
        // An I/O error leaves the error that it wraps out of its own chain.
        next = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => current.source(),
        };
        Some(current)
    })
}
