//! The calls of the Secret Service API that reading needs. The session is plain: the bus is local, and only this
//! user and root can listen to it.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use zbus::wire::{DynamicType, ObjectPath, OwnedObjectPath, OwnedVariant, Variant};
use zbus::{Connection, Message, connection};

use super::error::Reason;
use crate::secret::Value;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const INTERFACE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// What stands for no prompt.
const NONE: &str = "/";

/// An item.
pub(super) struct Item {
    pub(super) label: String,
    pub(super) attributes: HashMap<String, String>,
    pub(super) value: Value,
}

/// A connection to the session bus.
pub(super) struct Client(Connection);

/// A secret as the API has it: session, parameters, value, content type.
type Sealed = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

impl Client {
    /// Connects to the bus.
    pub(super) async fn connect(address: &str, timeout: Duration) -> Result<Self, Reason> {
        let builder = connection::Builder::address(address).method_timeout(timeout);
        builder.build().await.map(Self).map_err(Reason::Connect)
    }

    /// Reads all items that have these attributes.
    pub(super) async fn read(&self, attributes: &[(String, String)]) -> Result<Vec<Item>, Reason> {
        let plain = ("plain", Variant::from(""));
        let opened = self.call(ROOT, INTERFACE, "OpenSession", &plain).await;
        let opened = opened.map_err(|error| match error {
            Reason::Call(error) => Reason::Absent(error),
            other => other,
        })?;
        let (_, session): (OwnedVariant, OwnedObjectPath) = body(&opened)?;
        let wanted: HashMap<&str, &str> =
            attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let found = self.call(ROOT, INTERFACE, "SearchItems", &wanted).await?;
        let (mut paths, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = body(&found)?;
        if !locked.is_empty() {
            paths.extend(self.unlock(&locked).await?);
        }
        let arguments = (&paths, &session);
        let secrets = self.call(ROOT, INTERFACE, "GetSecrets", &arguments).await?;
        let mut secrets: HashMap<OwnedObjectPath, Sealed> = body(&secrets)?;
        let mut items = Vec::new();
        for path in paths {
            let Some((_, _, value, _)) = secrets.remove(&path) else { continue };
            items.push(Item {
                value: Value::new(value),
                label: self.property(&path, "Label").await?,
                attributes: self.property(&path, "Attributes").await?,
            });
        }
        Ok(items)
    }

    /// Unlocks items where no prompt is needed for it.
    async fn unlock(&self, locked: &[OwnedObjectPath]) -> Result<Vec<OwnedObjectPath>, Reason> {
        let unlocked = self.call(ROOT, INTERFACE, "Unlock", &locked).await?;
        let (unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = body(&unlocked)?;
        if prompt.as_str() != NONE {
            // What becomes of the prompt that is not shown is of no interest.
            let _dismissed = self.call(prompt.as_str(), PROMPT, "Dismiss", &()).await;
        }
        if unlocked.len() < locked.len() {
            return Err(Reason::Locked(locked.len() - unlocked.len()));
        }
        Ok(unlocked)
    }

    async fn property<T>(&self, path: &ObjectPath<'_>, name: &str) -> Result<T, Reason>
    where
        T: TryFrom<OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        let answer = self.call(path.as_str(), PROPERTIES, "Get", &(ITEM, name)).await?;
        let value: OwnedVariant = body(&answer)?;
        T::try_from(value).map_err(|error| Reason::Call(error.into()))
    }

    async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, Reason>
    where
        B: Serialize + DynamicType,
    {
        let call = self.0.call_method(Some(SERVICE), path, Some(interface), method, body);
        call.await.map_err(Reason::Call)
    }
}

fn body<T>(message: &Message) -> Result<T, Reason>
where
    T: for<'s> zbus::wire::DynamicDeserialize<'s>,
{
    message.body().deserialize().map_err(Reason::Call)
}
