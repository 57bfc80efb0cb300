//! The sealed cache: what a server gave, kept for when it is away or need not be asked again. Off
//! unless asked for. It knows no server and no provider; `resolve` asks it before and after.
//!
//! One file a part: `policy` what is done when (pure); `scope` what an entry is bound to; `entry` what
//! is in it, `moment` when; `disk` where it is and how it is sealed; `key` what opens it; `slot` all of
//! these for one source; `refusal` logins that were refused.

mod disk;
mod entry;
mod error;
mod key;
mod moment;
pub mod policy;
mod refusal;
mod scope;
mod slot;

pub use disk::Stamp;
pub use entry::{Error as ContentError, Ticket};
pub use error::Error;
pub use moment::Moment;
pub use policy::{Action, Found, Mode, Outcome};
pub use refusal::PAUSE;
#[cfg(test)]
pub(crate) use scope::tests::identity as example;
pub use slot::{Kept, Slot, Turn, clear};
