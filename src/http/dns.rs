//! Name resolution. `localhost` and `.invalid` are answered without a thread; every other name goes to the
//! system resolver in a detached thread, so that a signal can end the fetch while the resolver blocks.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::{thread, vec};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use super::error::{Error, RootCause};
use super::origin;
use super::trust::ServerNameOverride;
use crate::sys::limits;

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) enum ResolveError {
    /// The resolver failed.
    Resolver(#[from] io::Error),
    /// No thread could be started for the resolver.
    NoThread(io::Error),
}

impl ResolveError {
    /// Whether a retry may help. The standard library reports `EAI_AGAIN` in the text only, which is not
    /// localized, because Rust programs do not call `setlocale`.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Resolver(error) if error.to_string().contains("emporary failure"))
    }
}

/// The resolver of the client. A server that has a TLS name of its own is looked up by its host.
#[derive(Clone, Debug)]
pub(super) struct Resolver(pub(super) Option<ServerNameOverride>);

/// The addresses of a host, with port 0.
type Addresses = vec::IntoIter<SocketAddr>;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let alias = self.0.as_ref().filter(|alias| alias.name.eq_ignore_ascii_case(name.as_str()));
        let host = alias.map_or(name.as_str(), |alias| &alias.host).to_owned();
        Box::pin(async move {
            if let Ok(address) = host.trim_matches(['[', ']']).parse() {
                let addresses: Addrs = Box::new(std::iter::once(SocketAddr::new(address, 0)));
                return Ok(addresses);
            }
            let found = addresses(host);
            let addresses: Addrs = Box::new(found.await?);
            Ok(addresses)
        })
    }
}

async fn addresses(host: String) -> Result<Addresses, ResolveError> {
    if origin::is_localhost(&host) {
        return Ok(loopback());
    }
    if origin::is_invalid(&host) {
        let error = io::Error::new(io::ErrorKind::NotFound, "there is no such name");
        return Err(ResolveError::Resolver(error));
    }
    let (sender, receiver) = oneshot::channel();
    let resolver = thread::Builder::new().name("resolver".to_owned()).spawn(move || {
        // The receiver is gone if the fetch was canceled.
        sender.send((host.as_str(), 0).to_socket_addrs()).ok();
    });
    resolver.map_err(ResolveError::NoThread)?;
    Ok(receiver.await.map_err(io::Error::other).flatten()?)
}

/// Resolves a host name as a request would.
///
/// # Errors
/// The name has no address, or the resolver cannot be asked.
pub async fn lookup(host: &str) -> Result<Vec<IpAddr>, Error> {
    let unknown = || Error::HostUnknown { host: host.to_owned() };
    match addresses(host.to_owned()).await {
        Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
        Err(error) if error.is_temporary() => {
            Err(Error::LookupFailed { host: host.to_owned(), source: RootCause::of(&error) })
        }
        Err(ResolveError::NoThread(error)) => {
            let hint = limits::hint_for_fork(&error).unwrap_or(limits::OUT_OF_MEMORY);
            Err(Error::ResourceLimit {
                authority: host.to_owned(),
                source: RootCause::of(&error),
                hint,
            })
        }
        Err(_) => Err(unknown()),
    }
}

fn loopback() -> Addresses {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    addresses.map(|address| SocketAddr::new(address, 0)).to_vec().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_needs_no_resolver() {
        for name in ["localhost", "api.localhost"] {
            let found = lookup(name).await.unwrap();
            assert!(found.iter().all(IpAddr::is_loopback), "{name}");
            assert_eq!(found.len(), 2);
        }
    }

    #[tokio::test]
    async fn invalid_is_never_asked_for() {
        let error = addresses("secrets.invalid".to_owned()).await.unwrap_err();
        // An error of the system resolver has another kind.
        let ResolveError::Resolver(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = lookup("secrets.invalid").await.unwrap_err();
        assert!(matches!(error, Error::HostUnknown { .. }), "{error}");
    }

    #[test]
    fn only_a_temporary_failure_is_temporary() {
        let text = "failed to lookup address information: Temporary failure in name resolution";
        assert!(ResolveError::Resolver(io::Error::other(text)).is_temporary());
        let text = "failed to lookup address information: Name or service not known";
        assert!(!ResolveError::Resolver(io::Error::other(text)).is_temporary());
    }
}
