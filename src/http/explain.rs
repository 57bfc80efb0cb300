//! From the errors of hyper, TLS and the system to ours. It goes down the chain of causes and looks at types.

use std::error::Error as StdError;
use std::io;
use std::iter;
use std::time::Duration;

use rustls::pki_types::InvalidDnsNameError;
use rustls::{CertificateError, InvalidMessage};
use url::Url;

use super::dns::Unresolved;
use super::error::{Error, RootCause, TlsFault};
use super::origin;
use super::proxy::Way;
use super::retry::Outcome;
use crate::sys::limit;

/// Why there is no answer, and whether to ask again.
pub(super) type Failure = (Error, Outcome);

/// What the request was, for an error's text.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) url: &'a Url,
    pub(super) connect_timeout: Duration,
    /// The proxy that it goes through.
    pub(super) way: Option<&'a Way>,
}

type Cause = dyn StdError + 'static;

/// What asking again cannot help.
pub(super) fn at_last(error: Error) -> Failure {
    (error, Outcome::Final)
}

/// The time for a connection was over.
pub(super) fn connect_timeout(context: &Context<'_>) -> Failure {
    let authority = origin::authority(context.url);
    let (proxy, after) = (context.way.map(|way| way.name.clone()), context.connect_timeout);
    (Error::ConnectTimeout { authority, proxy, after }, Outcome::NotSent)
}

/// Explains why there is no connection to the server, with nobody in between or behind a tunnel.
pub(super) fn no_server(cause: &Cause, context: &Context<'_>) -> Failure {
    let authority = origin::authority(context.url);
    if let Some(fault) = find::<rustls::Error>(cause) {
        return at_last(Error::Tls { authority, source: tls_fault(fault) });
    }
    let host = || context.url.host_str().unwrap_or_default().to_owned();
    if find::<InvalidDnsNameError>(cause).is_some() {
        return at_last(Error::HostUnknown { host: host() });
    }
    let source = RootCause::of(innermost(cause));
    let limit = match find::<Unresolved>(cause) {
        Some(Unresolved::NoThread(error)) => limit::hint_for_fork(error),
        _ => limit::hint(cause),
    };
    if let Some(hint) = limit {
        return at_last(Error::Limited { authority, source, hint });
    }
    match find::<Unresolved>(cause) {
        Some(unresolved) if unresolved.is_temporary() => {
            return (Error::HostLookup { host: host(), source }, Outcome::NotSent);
        }
        Some(_) => return at_last(Error::HostUnknown { host: host() }),
        None => {}
    }
    match kind(cause) {
        Some(io::ErrorKind::TimedOut) => connect_timeout(context),
        Some(io::ErrorKind::ConnectionRefused) => (Error::Refused { authority }, Outcome::NotSent),
        _ => (Error::Unreachable { authority, source }, Outcome::NotSent),
    }
}

/// Explains why there is no connection to the proxy.
pub(super) fn no_proxy(cause: &Cause, way: &Way, context: &Context<'_>) -> Failure {
    let proxy = way.name.clone();
    if let Some(fault) = find::<rustls::Error>(cause) {
        return at_last(Error::ProxyTls { proxy, source: tls_fault(fault) });
    }
    if kind(cause) == Some(io::ErrorKind::TimedOut) {
        return connect_timeout(context);
    }
    let source = RootCause::of(innermost(cause));
    (Error::ProxyUnreachable { proxy, source }, Outcome::NotSent)
}

/// Explains why the proxy made no connection to the server. Nothing was sent to that.
pub(super) fn no_tunnel(error: &hyper::Error, way: &Way, context: &Context<'_>) -> Failure {
    if error.is_parse() {
        return refused_by(way, context);
    }
    let proxy = way.name.clone();
    if let Some(fault) = find::<rustls::Error>(error) {
        return at_last(Error::ProxyTls { proxy, source: tls_fault(fault) });
    }
    let source = RootCause::of(innermost(error));
    (Error::ProxyLost { proxy, source }, Outcome::NotSent)
}

/// The proxy does not do what it is there for.
pub(super) fn refused_by(way: &Way, context: &Context<'_>) -> Failure {
    let (proxy, origin) = (way.name.clone(), origin::text(context.url));
    (Error::ProxyRefused { proxy, origin }, Outcome::NotSent)
}

/// Explains an error that came instead of an answer's head.
pub(super) fn head(error: &hyper::Error, is_unsent: bool, context: &Context<'_>) -> Failure {
    let origin = origin::text(context.url);
    if let Some(fault) = find::<rustls::Error>(error) {
        let source = tls_fault(fault);
        // Within a tunnel it is the server's.
        let proxy = context.way.filter(|_| context.url.scheme() == "http");
        return at_last(match proxy {
            Some(way) => Error::ProxyTls { proxy: way.name.clone(), source },
            None => Error::Tls { authority: origin::authority(context.url), source },
        });
    }
    let source = RootCause::of(innermost(error));
    if error.is_parse() {
        return at_last(Error::NotHttp { authority: origin::authority(context.url), source });
    }
    if breaks_rules(error) {
        return at_last(Error::Malformed { origin, source });
    }
    let is_idle = is_unsent || is_untaken(error);
    let outcome = if is_idle { Outcome::NotSent } else { Outcome::Interrupted };
    (Error::Lost { origin, source }, outcome)
}

/// Explains an error that came in the middle of an answer's body.
pub(super) fn body(error: &hyper::Error, received: usize, context: &Context<'_>) -> Failure {
    let (origin, source) = (origin::text(context.url), RootCause::of(innermost(error)));
    if breaks_rules(error) {
        return at_last(Error::Malformed { origin, source });
    }
    (Error::Truncated { origin, received, source }, Outcome::Interrupted)
}

/// Whether somebody answers and what comes is none: chunks that have no length, or frames that may not
/// be there. What merely ends too early was lost on the way.
fn breaks_rules(error: &hyper::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    find::<h2::Error>(error).is_some_and(h2::Error::is_library)
        || matches!(kind(error), Some(InvalidData | InvalidInput))
}

/// Whether the server says that it did nothing about the request (RFC 9113, 8.7): it refused that alone, or
/// goes away without having taken it.
fn is_untaken(error: &hyper::Error) -> bool {
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
