//! The settings of a source of the Secret Service.

use std::sync::Arc;

use nix::unistd::getuid;

use super::Keyring;
use crate::config::schema::{ALLOW_EMPTY, SourceSchema, keys};
use crate::config::{Environment, Error, RunSettings};
use crate::provider::doctor::fetching;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType};

keys! {
    ATTRIBUTES = "attributes" Map None, [],
        "The attributes that an item must have, and their values. Each item that has all of them is a secret.";
    NAME_ATTRIBUTE = "name-attribute" Text None, [],
        "The attribute whose value is the name of the secret. By default its label is.";
}

/// The type `secret-service`.
#[derive(Debug)]
pub struct SecretServiceType;

/// What a source of the Secret Service can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "secret-service",
    heading: "Secret Service",
    doc: "Items in the keyring of the desktop: GNOME Keyring, KWallet or KeePassXC. hushed-secret-service(7) describes it.",
    keys: &[&ATTRIBUTES, &NAME_ATTRIBUTE],
    credentials: &[],
};

impl StoreType for SecretServiceType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let layers = &inputs.layers;
        let attributes = layers.map(&ATTRIBUTES)?;
        if attributes.is_empty() {
            let hint = "set `attributes`, such as `attributes = { application = \"shop\" }`";
            return Err(Error::Required { what: "attributes", hint });
        }
        Ok(Box::new(SecretService(Keyring {
            name: Arc::clone(&inputs.name),
            address: bus_address(layers.environment()),
            attributes,
            name_attribute: layers.text(&NAME_ATTRIBUTE)?.map(|setting| setting.value),
            timeout: layers.timeout(),
            allow_empty: inputs.run.switch(&ALLOW_EMPTY, false)?,
        })))
    }
}

/// The address of the session bus.
fn bus_address(environment: &Environment) -> String {
    let text = |name: &str| environment.text(name).and_then(|text| text.to_str());
    if let Some(address) = text("DBUS_SESSION_BUS_ADDRESS") {
        return address.to_owned();
    }
    match text("XDG_RUNTIME_DIR") {
        Some(directory) => format!("unix:path={directory}/bus"),
        None => format!("unix:path=/run/user/{}/bus", getuid()),
    }
}

/// A configured source of the Secret Service.
#[derive(Clone, Debug)]
pub struct SecretService(Keyring);

impl Configured for SecretService {
    fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    fn waits(&self) -> bool {
        true
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.0.clone()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async { vec![fetching(&self.0).await] })
    }
}
