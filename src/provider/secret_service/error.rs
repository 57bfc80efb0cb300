//! Why the Secret Service gave no secrets. It carries labels and attributes, never values.

use crate::provider::{Class, ProviderError};
use crate::secret::Name;

/// Why the Secret Service gave no secrets.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the secrets of the Secret Service")]
pub struct Error(#[source] pub(super) Reason);

#[derive(Debug, thiserror::Error)]
pub(super) enum Reason {
    #[error("cannot connect to the session bus")]
    Connect(#[source] zbus::Error),
    #[error("no program provides the Secret Service on the session bus")]
    Absent(#[source] zbus::Error),
    #[error("the Secret Service does not answer as it should")]
    Call(#[source] zbus::Error),
    #[error("{0} of the items are locked")]
    Locked(usize),
    #[error("no item has these attributes")]
    Empty,
    #[error("the item `{}` has no attribute `{}`", Name::new(label.as_str()), Name::new(attribute.as_str()))]
    Unnamed { label: String, attribute: String },
    #[error("two items have the name `{}`", Name::new(.0.as_str()))]
    Twice(String),
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self.0 {
            Reason::Connect(_) | Reason::Absent(_) => Class::Unreachable,
            Reason::Locked(_) => Class::Denied,
            Reason::Empty => Class::NotFound,
            Reason::Call(_) | Reason::Unnamed { .. } | Reason::Twice(_) => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self.0 {
                Reason::Connect(_) => {
                    "the Secret Service is part of a desktop session; check DBUS_SESSION_BUS_ADDRESS"
                }
                Reason::Absent(_) => "start GNOME Keyring, KWallet or KeePassXC",
                Reason::Call(_) => "check the program that provides it",
                Reason::Locked(_) => {
                    "unlock the keyring: log in to the desktop, or open it in its program; hushed shows no \
                     prompt"
                }
                Reason::Empty => {
                    "check `attributes` with `secret-tool search --all NAME VALUE`; --allow-empty accepts it"
                }
                Reason::Unnamed { .. } => "set `name-attribute` to an attribute that all items have",
                Reason::Twice(_) => {
                    "give the items different labels, or set `name-attribute` or further `attributes`"
                }
            }
            .to_owned(),
        )
    }
}
