//! From the errors of reqwest to ours. It goes down the chain of causes and looks at types; only where a
//! library hides its type does it look at a text.

use std::error::Error as StdError;
use std::io;
use std::iter;
use std::time::Duration;

use rustls::pki_types::InvalidDnsNameError;
use rustls::{CertificateError, InvalidMessage};
use url::Url;

use super::dns::Unresolved;
use super::error::{Error, ProxyName, RootCause, TlsFault};
use super::origin;
use super::retry::Outcome;
use crate::sys::limits;

/// Why there is no answer, and whether to ask again.
pub(super) type Failure = (Error, Outcome);

/// What the request was, for an error's text.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    pub(super) url: &'a Url,
    pub(super) connect_timeout: Duration,
    /// The proxy that it goes through.
    pub(super) proxy: Option<ProxyName>,
}

type Cause = dyn StdError + 'static;

/// Explains an error that came instead of an answer's head.
pub(super) fn head(error: &reqwest::Error, context: &Context<'_>) -> Failure {
    let (authority, origin) = (origin::authority(context.url), origin::text(context.url));
    // A connection by TLS goes through a tunnel: what is inside is the server's.
    let proxy = context.proxy.clone().filter(|_| context.url.scheme() == "http");
    if let Some(fault) = find::<rustls::Error>(error) {
        let source = tls_fault(fault);
        let in_tunnel = tunnel_text(error).is_none();
        return at_last(match proxy.or_else(|| context.proxy.clone().filter(|_| !in_tunnel)) {
            Some(proxy) => Error::ProxyTls { proxy, source },
            None => Error::Tls { authority, source },
        });
    }
    if let Some(failure) = tunnel(error, context) {
        return failure;
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        let source = RootCause::of(innermost(error));
        return at_last(Error::NotHttp { authority, source });
    }
    let source = RootCause::of(innermost(error));
    if breaks_rules(error) && !error.is_connect() {
        return at_last(Error::Malformed { origin, source });
    }
    if !error.is_connect() {
        let outcome = if is_untaken(error) { Outcome::NotSent } else { Outcome::Interrupted };
        return (Error::Lost { origin, source }, outcome);
    }
    match proxy {
        Some(proxy) if !is_timeout(error) => {
            (Error::ProxyUnreachable { proxy, source }, Outcome::NotSent)
        }
        _ => no_connection(error, context),
    }
}

/// Explains why there is no connection to the server.
fn no_connection(error: &reqwest::Error, context: &Context<'_>) -> Failure {
    let authority = origin::authority(context.url);
    let host = || context.url.host_str().unwrap_or_default().to_owned();
    if find::<InvalidDnsNameError>(error).is_some() {
        return at_last(Error::HostUnknown { host: host() });
    }
    let source = RootCause::of(innermost(error));
    let unresolved = find::<Unresolved>(error);
    let limit = match unresolved {
        Some(Unresolved::NoThread(error)) => limits::hint_for_fork(error),
        _ => limits::hint_for(error),
    };
    match (limit, unresolved) {
        (Some(hint), _) => at_last(Error::Limited { authority, source, hint }),
        (None, Some(unresolved)) if unresolved.is_temporary() => {
            (Error::HostLookup { host: host(), source }, Outcome::NotSent)
        }
        (None, Some(_)) => at_last(Error::HostUnknown { host: host() }),
        (None, None) if is_timeout(error) => {
            let (proxy, after) = (context.proxy.clone(), context.connect_timeout);
            (Error::ConnectTimeout { authority, proxy, after }, Outcome::NotSent)
        }
        (None, None) if kind(error) == Some(io::ErrorKind::ConnectionRefused) => {
            (Error::Refused { authority }, Outcome::NotSent)
        }
        (None, None) => (Error::Unreachable { authority, source }, Outcome::NotSent),
    }
}

/// What asking again cannot help.
fn at_last(error: Error) -> Failure {
    (error, Outcome::Final)
}

fn is_timeout(error: &reqwest::Error) -> bool {
    error.is_timeout() || kind(error) == Some(io::ErrorKind::TimedOut)
}

/// Explains an error that came in the middle of an answer's body.
pub(super) fn body(error: &reqwest::Error, received: usize, context: &Context<'_>) -> Failure {
    let (origin, source) = (origin::text(context.url), RootCause::of(innermost(error)));
    if breaks_rules(error) {
        return at_last(Error::Malformed { origin, source });
    }
    (Error::Truncated { origin, received, source }, Outcome::Interrupted)
}

/// Whether somebody answers and what comes is none: chunks that have no length, or frames that may not
/// be there. What merely ends too early was lost on the way.
fn breaks_rules(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    find::<h2::Error>(error).is_some_and(h2::Error::is_library)
        || matches!(kind(error), Some(InvalidData | InvalidInput))
}

/// Whether the server says that it did nothing about the request (RFC 9113, 8.7): it refused that alone, or
/// goes away without having taken it.
fn is_untaken(error: &reqwest::Error) -> bool {
    let Some(error) = find::<h2::Error>(error).filter(|error| error.is_remote()) else {
        return false;
    };
    match error.reason() {
        Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
        Some(h2::Reason::NO_ERROR) => error.is_go_away(),
        _ => false,
    }
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

/// What the errors of tunnels begin with: of one by CONNECT, and of one by SOCKS.
const TUNNELS: [&str; 2] = ["tunnel error: ", "SOCKS error: "];

/// The type of a tunnel's error has no public name, so its text must do.
fn tunnel(error: &reqwest::Error, context: &Context<'_>) -> Option<Failure> {
    let text = tunnel_text(error)?;
    let proxy = context.proxy.clone()?;
    let source = RootCause::of(innermost(error));
    // Without a tunnel nothing was sent to the server.
    Some(if text.ends_with("proxy authorization required") || text.contains("credentials") {
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
    chain(error)
        .map(ToString::to_string)
        .find(|text| TUNNELS.iter().any(|kind| text.starts_with(kind)))
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
        // An I/O error that carries another one leaves it out of its own chain.
        next = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => current.source(),
        };
        Some(current)
    })
}
