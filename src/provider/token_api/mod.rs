//! What stores with an HTTP API and a fixed bearer token have in common: the settings of the server, one request and
//! the reading of its answer, the errors, and the checks of `hushed doctor`. It knows no store: a [`Product`] has the
//! names and hints.

mod api;
mod configure;
mod doctor;
mod error;

pub(in crate::provider) use api::{Answer, Api};
pub(in crate::provider) use configure::{ServerSettings, TokenStore};
pub(in crate::provider) use doctor::check;
pub(in crate::provider) use error::{Error, Refusal};

/// How a store is called in messages, and what to do about its refusals.
#[derive(Debug)]
pub(in crate::provider) struct Product {
    /// Its name.
    pub(in crate::provider) name: &'static str,
    /// What to do about a rejected token.
    pub(in crate::provider) token_hint: &'static str,
    /// What to do about a missing right.
    pub(in crate::provider) denied_hint: &'static str,
    /// What to do about an address where something else answers.
    pub(in crate::provider) address_hint: &'static str,
}
