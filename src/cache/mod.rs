//! The sealed cache: secrets and logins that a server returned, encrypted on this machine, for when the
//! server cannot be reached or need not be asked again. Off unless configured. It knows neither servers
//! nor providers; `resolve` calls it before and after a fetch.
//!
//! `policy` decides what is used when (pure); `scope` is what an entry is bound to; `entry` encodes the
//! content and `timestamp` its time; `directory` stores and seals entries; `key` finds the key that opens
//! them; `source_cache` joins these for one source; `login_rejection` remembers rejected logins.

mod directory;
mod entry;
mod error;
mod key;
mod login_rejection;
mod object;
pub mod policy;
mod scope;
mod source_cache;
mod timestamp;

pub use directory::FileStamp;
pub use entry::{CachedLogin, Error as ContentError};
pub use error::Error;
pub use login_rejection::REJECTED_LOGIN_BACKOFF;
pub use policy::{CacheDecision, CachePolicy, EntryState, FetchOutcome};
#[cfg(test)]
pub(crate) use scope::tests::identity as example;
pub use source_cache::{CachedSecrets, FetchLock, SourceCache, clear_directory};
pub use timestamp::Timestamp;
