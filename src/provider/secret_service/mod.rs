//! The Secret Service of the desktop (GNOME Keyring, `KWallet`, `KeePassXC`), over D-Bus. It reads the items that have
//! certain attributes, and never shows a prompt.

mod client;
mod error;
mod settings;

use std::sync::Arc;
use std::time::Duration;

pub use error::Error;
use error::Reason;
pub use settings::{ATTRIBUTES, NAME_ATTRIBUTE, SCHEMA, SecretService, SecretServiceType};

use super::{Fetch, Source};
use crate::secret::{Name, Provenance, Secret, SecretSet};

/// Items of the Secret Service as a source of secrets.
#[derive(Clone, Debug)]
pub struct Keyring {
    name: Arc<str>,
    /// The address of the session bus.
    address: String,
    /// What the items must have.
    attributes: Vec<(String, String)>,
    /// The attribute that names a secret; by default its label does.
    name_attribute: Option<String>,
    timeout: Duration,
    allow_empty: bool,
}

impl Keyring {
    async fn read(&self) -> Result<SecretSet, Reason> {
        let client = client::Client::connect(&self.address, self.timeout).await?;
        let items = client.read(&self.attributes).await?;
        if items.is_empty() && !self.allow_empty {
            return Err(Reason::Empty);
        }
        let mut named = Vec::new();
        for item in items {
            let name = match &self.name_attribute {
                None => item.label.clone(),
                Some(attribute) => match item.attributes.get(attribute) {
                    Some(name) => name.clone(),
                    None => {
                        let (label, attribute) = (item.label, attribute.clone());
                        return Err(Reason::Unnamed { label, attribute });
                    }
                },
            };
            named.push((name, item));
        }
        named.sort_by(|(a, _), (b, _)| a.cmp(b));
        let twice = named.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
        if let Some([(name, _), _]) = twice {
            return Err(Reason::Twice(name.clone()));
        }
        let secret = |(name, item): (String, client::Item)| Secret {
            name: Name::new(name),
            value: item.value,
            provenance: Provenance {
                source: Arc::clone(&self.name),
                place: Name::new(item.label).to_string().into(),
                version: None,
                age: None,
            },
        };
        Ok(named.into_iter().map(secret).collect())
    }
}

impl Source for Keyring {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { Ok(self.read().await.map_err(Error)?) })
    }
}
