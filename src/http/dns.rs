//! Names to addresses. `localhost` and `.invalid` are answered here, without a thread; every other
//! name by the system's resolver in a thread that nobody waits for, so that an interrupt is never
//! held up.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::{thread, vec};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use super::error::{Error, RootCause};
use super::origin;
use crate::sys::limits;

/// A name for which there is no address.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) enum Unresolved {
    /// The resolver gave none.
    Resolver(#[from] io::Error),
    /// It was not asked: there is no thread for it.
    NoThread(io::Error),
}

impl Unresolved {
    /// Whether another try may help. The standard library keeps `EAI_AGAIN` in the text only; that
    /// text is not localised, as Rust programs do not call `setlocale`.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Resolver(error) if error.to_string().contains("emporary failure"))
    }
}

/// The resolver that the client uses.
#[derive(Clone, Debug)]
pub(super) struct Resolver;

/// The addresses of a host, with port 0.
type Addresses = vec::IntoIter<SocketAddr>;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = addresses(name.as_str().to_owned());
        Box::pin(async {
            let addresses: Addrs = Box::new(found.await?);
            Ok(addresses)
        })
    }
}

async fn addresses(host: String) -> Result<Addresses, Unresolved> {
    if origin::is_localhost(&host) {
        return Ok(loopback());
    }
    if origin::is_invalid(&host) {
        let error = io::Error::new(io::ErrorKind::NotFound, "there is no such name");
        return Err(Unresolved::Resolver(error));
    }
    let (sender, receiver) = oneshot::channel();
    let resolver = thread::Builder::new().name("resolver".to_owned()).spawn(move || {
        // Nobody listens any more when the fetch was given up.
        sender.send((host.as_str(), 0).to_socket_addrs()).ok();
    });
    resolver.map_err(Unresolved::NoThread)?;
    Ok(receiver.await.map_err(io::Error::other).flatten()?)
}

/// Looks a host up as a request would.
pub async fn lookup(host: &str) -> Result<Vec<IpAddr>, Error> {
    let unknown = || Error::HostUnknown { host: host.to_owned() };
    match addresses(host.to_owned()).await {
        Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
        Err(error) if error.is_temporary() => {
            Err(Error::HostLookup { host: host.to_owned(), source: RootCause::of(&error) })
        }
        Err(Unresolved::NoThread(error)) => {
            let hint = limits::hint_for_fork(&error).unwrap_or(limits::OUT_OF_MEMORY);
            Err(Error::Limited { authority: host.to_owned(), source: RootCause::of(&error), hint })
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
        // What a resolver says has no kind.
        let Unresolved::Resolver(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = lookup("secrets.invalid").await.unwrap_err();
        assert!(matches!(error, Error::HostUnknown { .. }), "{error}");
    }

    #[test]
    fn only_a_temporary_failure_is_temporary() {
        let text = "failed to lookup address information: Temporary failure in name resolution";
        assert!(Unresolved::Resolver(io::Error::other(text)).is_temporary());
        let text = "failed to lookup address information: Name or service not known";
        assert!(!Unresolved::Resolver(io::Error::other(text)).is_temporary());
    }
}
