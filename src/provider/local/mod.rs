//! To come.

/// To come.
#[derive(Debug, thiserror::Error)]
pub enum Error {}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match *self {}
    }
}
