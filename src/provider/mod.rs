//! Where secrets live: one folder a system, each whole in itself, and the traits that they share.
//! Nothing here merges, filters or maps; that is `resolve`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{self, LocalKey, Settings, Source as Described};
use crate::http;
use crate::seal::{Cost, KeySource};
use crate::secret::{Name, SecretSet, Value};

pub mod dotenv;
pub mod infisical;
pub mod local;

/// What [`Source::fetch`] gives back: a future that need not be `Send`, since hushed has one thread.
pub type Fetch<'a> = Pin<Box<dyn Future<Output = Result<SecretSet, Error>> + 'a>>;

/// What [`Source::end`] gives back.
pub type End<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// A place that secrets are read from.
pub trait Source: fmt::Debug {
    /// The name that the configuration gives it; errors and `plan` use it.
    fn name(&self) -> &str;

    /// Fetches all secrets in its scope, lowest precedence first. Logs in when it must.
    fn fetch(&self) -> Fetch<'_>;

    /// Ends what logging in has begun, where the settings ask for it: after the last fetch.
    fn end(&self) -> End<'_> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Begins with a login that was made before, where logins are made at all. It may end at any time.
    fn resume(&self, _token: Value) {}

    /// What became of the login that it began with.
    fn login(&self) -> Login {
        Login::Same
    }
}

/// What became of a login during a fetch.
#[derive(Clone, Debug)]
pub enum Login {
    /// None was made, and none refused.
    Same,
    /// The one that it began with was refused.
    Lost,
    /// A new one was made.
    New {
        /// Its token.
        token: Value,
        /// How long it is valid, if that is known.
        time: Option<Duration>,
    },
}

/// What a failed fetch says of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was not reached, or cannot answer now: a lost or refused connection, a name without an
    /// address, the end of the time allowed, a status from 500 on, a limit of the rate.
    Unreachable,
    /// It says no: to the login, to the token of a new login, or to what is asked for.
    Refused,
    /// Anything else: what answers is not to be trusted or not to be understood, or the fault is ours.
    Other,
}

/// A source that can be written to.
pub trait Store: Source {
    /// Adds a secret or gives it a new value; says which of the two it was.
    fn put(&mut self, name: &Name, value: &Value) -> Result<Put, Error>;

    /// Removes a secret; says whether there was one.
    fn remove(&mut self, name: &Name) -> Result<bool, Error>;
}

/// What [`Store::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// There was no such secret before.
    Created,
    /// There was one, and it has a new value now.
    Replaced,
}

/// Opens a source: no more than puts it together. What it needs is read when it is asked.
pub fn open(described: &Described, settings: &Settings) -> Result<Box<dyn Source>, Error> {
    Ok(match described {
        Described::Infisical(described) => Box::new(open_infisical(described, settings)?),
        Described::Local(described) => Box::new(open_local(described)),
        Described::Dotenv(described) => {
            let (name, file) = (Arc::clone(&described.name), described.file.clone());
            Box::new(dotenv::DotenvSource::new(name, file))
        }
    })
}

/// Opens a local store.
pub fn open_local(described: &config::Local) -> local::LocalStore {
    let key = match described.key.clone() {
        LocalKey::File(path) => KeySource::File(path),
        LocalKey::Systemd(path) => KeySource::Credential(path),
        LocalKey::Passphrase(passphrase) => {
            KeySource::Passphrase { passphrase: passphrase.value, cost: Cost::RECOMMENDED }
        }
    };
    local::LocalStore::new(Arc::clone(&described.name), described.file.clone(), key)
}

/// Opens a place in Infisical.
pub fn open_infisical(
    described: &config::Infisical,
    settings: &Settings,
) -> Result<infisical::InfisicalSource, Error> {
    let options = http::Options {
        trust: http::Trust {
            ca_file: described.ca_file.clone(),
            ssl_cert_file: settings.network.ssl_cert_file.clone(),
        },
        proxy: settings.network.proxy.clone(),
        timeout: settings.timeout,
        insecure_http: described.insecure_http,
        ..http::Options::default()
    };
    Ok(infisical::InfisicalSource::new(described.clone(), http::Client::new(options)?))
}

/// Why a source gave no secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A dotenv file.
    #[error(transparent)]
    Dotenv(#[from] dotenv::Error),
    /// Infisical.
    #[error(transparent)]
    Infisical(#[from] infisical::Error),
    /// The way to servers.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The local store.
    #[error(transparent)]
    Local(#[from] local::Error),
}

impl Error {
    /// What it says of the server.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Infisical(error) => error.failure(),
            Self::Http(error) if error.is_unreachable() => Failure::Unreachable,
            Self::Http(_) | Self::Dotenv(_) | Self::Local(_) => Failure::Other,
        }
    }

    /// Whether the login itself was refused, so that trying it again soon may lock the identity out.
    pub fn is_refused_login(&self) -> bool {
        matches!(self, Self::Infisical(error) if error.is_refused_login())
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Dotenv(error) => error.hint(),
            Self::Infisical(error) => error.hint(),
            Self::Http(error) => error.hint(),
            Self::Local(error) => error.hint(),
        }
    }
}
