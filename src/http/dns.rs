//! Names to addresses. `localhost` and `.invalid` are answered here, without a thread; every other
//! name by the system's resolver in a thread that nobody waits for, so that an interrupt is never
//! held up.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::thread;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use super::error::{Error, RootCause};
use super::origin;

/// A name for which the resolver gave no address.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Unresolved(#[from] io::Error);

impl Unresolved {
    /// Whether another try may help. The standard library keeps `EAI_AGAIN` in the text only; that
    /// text is not localised, as Rust programs do not call `setlocale`.
    pub(super) fn is_temporary(&self) -> bool {
        self.0.to_string().contains("emporary failure")
    }
}

/// The resolver that the client uses.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        if origin::is_localhost(name.as_str()) {
            return Box::pin(std::future::ready(Ok(loopback())));
        }
        if origin::is_invalid(name.as_str()) {
            let error = Unresolved(io::ErrorKind::NotFound.into());
            return Box::pin(std::future::ready(Err(error.into())));
        }
        let host = name.as_str().to_owned();
        let (sender, receiver) = oneshot::channel();
        let spawned = thread::Builder::new().name("resolver".to_owned()).spawn(move || {
            let found = (host.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody listens any more when the fetch was given up.
            sender.send(found).ok();
        });
        Box::pin(async move {
            spawned.map_err(Unresolved)?;
            let found = receiver.await.map_err(io::Error::other).flatten().map_err(Unresolved)?;
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Looks a host up as a request would.
pub async fn lookup(host: &str) -> Result<Vec<IpAddr>, Error> {
    let unknown = || Error::HostUnknown { host: host.to_owned() };
    let found = Resolver.resolve(host.parse().map_err(|_| unknown())?).await;
    match found {
        Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
        Err(error) => match error.downcast_ref::<Unresolved>() {
            Some(error) if error.is_temporary() => {
                Err(Error::HostLookup { host: host.to_owned(), source: RootCause::of(error) })
            }
            _ => Err(unknown()),
        },
    }
}

fn loopback() -> Addrs {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_needs_no_resolver() {
        for name in ["localhost", "api.localhost"] {
            let found: Vec<_> = Resolver.resolve(name.parse().unwrap()).await.unwrap().collect();
            assert!(found.iter().all(|address| address.ip().is_loopback()), "{name}");
            assert_eq!(found.len(), 2);
        }
    }

    #[tokio::test]
    async fn invalid_is_never_asked_for() {
        let error = Resolver.resolve("secrets.invalid".parse().unwrap()).await.err().unwrap();
        assert!(!error.downcast_ref::<Unresolved>().unwrap().is_temporary());
    }

    #[test]
    fn only_a_temporary_failure_is_temporary() {
        let text = "failed to lookup address information: Temporary failure in name resolution";
        assert!(Unresolved(io::Error::other(text)).is_temporary());
        let text = "failed to lookup address information: Name or service not known";
        assert!(!Unresolved(io::Error::other(text)).is_temporary());
    }
}
