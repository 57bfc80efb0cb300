//! From the errors of reqwest to ours. It goes down the chain of causes and looks at types; only
//! where a library hides its type does it look at a text.

use std::error::Error as StdError;
use std::io;
use std::iter;
use std::time::Duration;

use reqwest::Url;
use rustls::pki_types::InvalidDnsNameError;
use rustls::{CertificateError, InvalidMessage};

use super::dns::Unresolved;
use super::error::{Error, ProxyName, RootCause, TlsFault};
use super::origin;
use super::retry::Outcome;

/// What the request was, for an error's text.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    pub(super) url: &'a Url,
    pub(super) connect_timeout: Duration,
    /// The proxy that it goes through.
    pub(super) proxy: Option<ProxyName>,
}

/// Explains an error that came instead of an answer's head.
pub(super) fn head(error: &reqwest::Error, context: &Context<'_>) -> (Error, Outcome) {
    let authority = || origin::authority(context.url);
    let origin = || origin::text(context.url);
    if let Some(fault) = find::<rustls::Error>(error) {
        let source = tls_fault(fault);
        // What is inside a tunnel is the server's; what is in the way of making one is the proxy's.
        let proxy = context
            .proxy
            .clone()
            .filter(|_| context.url.scheme() == "http" || tunnel_text(error).is_some());
        let error = match proxy {
            Some(proxy) => Error::ProxyTls { proxy, source },
            None => Error::Tls { authority: authority(), source },
        };
        return (error, Outcome::Final);
    }
    if let Some(explained) = tunnel(error, context) {
        return explained;
    }
    let source = RootCause::of(innermost(error));
    if find::<InvalidDnsNameError>(error).is_some() {
        let host = context.url.host_str().unwrap_or_default().to_owned();
        return (Error::HostUnknown { host }, Outcome::Final);
    }
    if let Some(unresolved) = find::<Unresolved>(error) {
        let host = context.url.host_str().unwrap_or_default().to_owned();
        return if unresolved.is_temporary() {
            (Error::HostLookup { host, source }, Outcome::NotSent)
        } else {
            (Error::HostUnknown { host }, Outcome::Final)
        };
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return (Error::NotHttp { authority: authority(), source }, Outcome::Final);
    }
    if breaks_rules(error) {
        return (Error::Malformed { origin: origin(), source }, Outcome::Final);
    }
    if !error.is_connect() {
        return (Error::Lost { origin: origin(), source }, Outcome::Interrupted);
    }
    if error.is_timeout() {
        let (authority, proxy) = (authority(), context.proxy.clone());
        let after = context.connect_timeout;
        return (Error::ConnectTimeout { authority, proxy, after }, Outcome::NotSent);
    }
    // A connection by TLS goes through a tunnel, whose faults were told apart above.
    let proxy = context.proxy.clone().filter(|_| context.url.scheme() == "http");
    let error = if let Some(proxy) = proxy {
        Error::ProxyUnreachable { proxy, source }
    } else if refused(error) {
        Error::Refused { authority: authority() }
    } else {
        Error::Unreachable { authority: authority(), source }
    };
    (error, Outcome::NotSent)
}

/// Explains an error that came in the middle of an answer's body.
pub(super) fn body(
    error: &reqwest::Error,
    received: usize,
    context: &Context<'_>,
) -> (Error, Outcome) {
    let (origin, source) = (origin::text(context.url), RootCause::of(innermost(error)));
    if breaks_rules(error) {
        return (Error::Malformed { origin, source }, Outcome::Final);
    }
    (Error::Truncated { origin, received, source }, Outcome::Interrupted)
}

/// Whether somebody answers and what comes is none: chunks that have no length, or frames that may not
/// be there. What merely ends too early was lost on the way.
fn breaks_rules(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    find::<h2::Error>(error).is_some_and(h2::Error::is_library)
        || find::<io::Error>(error)
            .is_some_and(|it| matches!(it.kind(), InvalidData | InvalidInput))
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            // A CA that was made anew under its old name shows as a wrong signature.
            Certificate::UnknownIssuer | Certificate::BadSignature => TlsFault::UnknownIssuer,
            Certificate::Expired | Certificate::ExpiredContext { .. } => TlsFault::Expired,
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                TlsFault::NotYetValid
            }
            Certificate::NotValidForName => TlsFault::WrongName(Vec::new()),
            Certificate::NotValidForNameContext { presented, .. } => {
                TlsFault::WrongName(presented.iter().map(|name| bare(name)).collect())
            }
            _ => TlsFault::Other(error.clone()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => TlsFault::NotTls,
        _ => TlsFault::Other(error.clone()),
    }
}

/// A name in a certificate, which rustls gives with its kind: `DnsName("example.com")`.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

/// The type of a tunnel's error has no public name, so its text must do.
fn tunnel(error: &reqwest::Error, context: &Context<'_>) -> Option<(Error, Outcome)> {
    let text = tunnel_text(error)?;
    let proxy = context.proxy.clone()?;
    let source = RootCause::of(innermost(error));
    // Without a tunnel nothing was sent to the server.
    Some(if text.ends_with("proxy authorization required") {
        (Error::ProxyAuth { proxy }, Outcome::Final)
    } else if text.ends_with("underlying connection") {
        (Error::ProxyUnreachable { proxy, source }, Outcome::NotSent)
    } else if text.contains("io error") || text.ends_with("unexpected end of file") {
        (Error::ProxyLost { proxy, source }, Outcome::NotSent)
    } else {
        let origin = origin::text(context.url);
        (Error::ProxyRefused { proxy, origin }, Outcome::NotSent)
    })
}

fn tunnel_text(error: &reqwest::Error) -> Option<String> {
    chain(error).map(ToString::to_string).find(|text| text.starts_with("tunnel error: "))
}

fn refused(error: &reqwest::Error) -> bool {
    find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn innermost(error: &reqwest::Error) -> &(dyn StdError + 'static) {
    chain(error).last().unwrap_or(error)
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    iter::from_fn(move || {
        let current = next?;
        // An I/O error that carries another one leaves it out of its own chain.
        next = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => current.source(),
        };
        Some(current)
    })
}
