//! The 1Password store: items of vaults, through a Connect server. `reader` finds vaults and items by name, `item`
//! finds fields and files in an item.

mod configure;
mod error;
mod item;
mod reader;
pub mod schema;
mod wire;

use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::config::RunSettings;
use crate::provider::token_api::Api;
use crate::provider::{self, Fetch, ObjectsRead, ReadObjects, Source, UnknownOption};
use crate::secret::{Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet};

pub use configure::OnePasswordType;

use configure::OnePassword;
use error::Error;
use item::Part;
use reader::Reader;

/// The option that selects what of a field is meant.
const ATTRIBUTE: &str = "attribute";

/// Items of a Connect server.
#[derive(Debug)]
pub(super) struct ConnectSource {
    settings: OnePassword,
    reader: Reader,
}

impl ConnectSource {
    fn new(settings: OnePassword, run: &RunSettings) -> Self {
        let reader = Reader::new(Api::new(&settings.server, run));
        Self { settings, reader }
    }

    fn reader(&self) -> &Reader {
        &self.reader
    }

    async fn read(&self) -> Result<SecretSet, Error> {
        let mut set = SecretSet::default();
        for (vault, name) in &self.settings.items {
            let item = self.reader.item(vault, name).await?;
            let provenance = Provenance {
                source: Arc::clone(&self.settings.name),
                place: item.place().into(),
                version: item.version,
                age: None,
            };
            for (name, value) in item.members()? {
                set.push(Secret { name: Name::new(name), value, provenance: provenance.clone() });
            }
        }
        Ok(set)
    }

    /// The object at an address: `vault/item`, `vault/item/field` or `vault/item/section/field`.
    async fn object(&self, address: &ObjectAddress) -> Result<Option<Object>, Error> {
        let segments: Vec<_> = address.path.split('/').collect();
        let (vault, name, section, part) = match segments[..] {
            [vault, item] => (vault, item, None, None),
            [vault, item, part] => (vault, item, None, Some(part)),
            [vault, item, section, part] => (vault, item, Some(section), Some(part)),
            _ => return Err(Error::InvalidReference { path: address.path.clone() }),
        };
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(Error::InvalidReference { path: address.path.clone() });
        }
        let one_time = is_one_time(address)?;
        let item = match self.reader.item(vault, name).await {
            Ok(item) => item,
            Err(error) if error.is_missing_item() => return Ok(None),
            Err(error) => return Err(error),
        };
        let content = match part {
            None if one_time => return Err(Error::NoField { path: address.path.clone() }),
            None => ObjectContent::Members(item.members()?),
            Some(part) => ObjectContent::Value(match item.part(section, part)? {
                Part::Field(field) => match field.value(one_time) {
                    Some(value) => value.clone(),
                    None => return Err(Error::NoOneTime { path: address.path.clone() }),
                },
                Part::File(_) if one_time => {
                    return Err(Error::NoOneTime { path: address.path.clone() });
                }
                Part::File(file) => self.reader.content(&item, file).await?,
            }),
        };
        let source = Arc::clone(&self.settings.name);
        let version = item.version.map(|version| version.to_string());
        Ok(Some(Object { source, address: address.clone(), content, version, age: None }))
    }
}

/// Whether the one-time password of a field is meant.
fn is_one_time(address: &ObjectAddress) -> Result<bool, Error> {
    let option = address.options.iter().find(|(name, _)| name == ATTRIBUTE);
    match option.map(|(_, value)| value.as_str()) {
        None | Some("value") => Ok(false),
        Some("otp") => Ok(true),
        Some(other) => Err(Error::Attribute { found: other.to_owned() }),
    }
}

impl Source for ConnectSource {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }
}

impl ReadObjects for ConnectSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            for address in addresses {
                UnknownOption::check(address, &[ATTRIBUTE])?;
            }
            Ok(try_join_all(addresses.iter().map(|address| self.object(address))).await?)
        })
    }
}
