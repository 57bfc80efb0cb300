//! AWS credentials as requests are signed with them.

use std::time::SystemTime;

use crate::secret::Value;

/// An access key, with the session token of temporary credentials.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// The access key ID. It is not a secret.
    pub(super) access_key: String,
    /// The secret access key.
    pub(super) secret_key: Value,
    /// The session token.
    pub(super) session_token: Option<Value>,
    /// When they expire, if that is known.
    pub(super) expires: Option<SystemTime>,
}

impl Keys {
    /// Whether they have expired.
    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}
