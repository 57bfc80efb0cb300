//! What opens data keys. Age identities do; a store with a client of a key service can.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;

use zeroize::Zeroizing;

use super::metadata::{MasterKey, Metadata, Service};
use super::shamir;
use crate::provider::age::{self, Identity};

/// What [`DataKeyOpener::open`] returns: the opened key, or none if the service cannot open it.
pub(super) type Opening<'a> = Pin<Box<dyn Future<Output = Option<Zeroizing<Vec<u8>>>> + 'a>>;

/// Opens data keys that were sealed for its recipients.
pub(super) trait DataKeyOpener: fmt::Debug {
    /// Which recipients it knows.
    fn service(&self) -> Service;

    /// Opens a sealed key.
    fn open<'a>(&'a self, key: &'a MasterKey) -> Opening<'a>;
}

/// The service of age identities.
#[derive(Debug)]
pub(super) struct AgeKeys<'i>(pub(super) &'i [Identity]);

impl DataKeyOpener for AgeKeys<'_> {
    fn service(&self) -> Service {
        Service::Age
    }

    fn open<'a>(&'a self, key: &'a MasterKey) -> Opening<'a> {
        Box::pin(ready(age::decrypt(key.sealed.as_bytes(), self.0).ok()))
    }
}

/// What is known of the data key after all services were asked.
pub(super) enum DataKeyResult {
    /// The data key.
    Opened(Zeroizing<Vec<u8>>),
    /// So many groups were opened, which is not enough.
    TooFew(usize),
}

/// Opens the data key of a file.
pub(super) async fn open(metadata: &Metadata, services: &[&dyn DataKeyOpener]) -> DataKeyResult {
    let mut parts = Vec::new();
    for group in &metadata.groups {
        parts.extend(open_group(group, services).await);
    }
    if metadata.groups.len() == 1 {
        return parts.pop().map_or(DataKeyResult::TooFew(0), DataKeyResult::Opened);
    }
    if parts.len() < metadata.threshold {
        return DataKeyResult::TooFew(parts.len());
    }
    let combined = shamir::combine(&parts);
    combined.map_or_else(|| DataKeyResult::Opened(Zeroizing::default()), DataKeyResult::Opened)
}

async fn open_group(
    group: &[MasterKey],
    services: &[&dyn DataKeyOpener],
) -> Option<Zeroizing<Vec<u8>>> {
    for key in group {
        for service in services.iter().filter(|service| service.service() == key.service) {
            if let Some(opened) = service.open(key).await {
                return Some(opened);
            }
        }
    }
    None
}
