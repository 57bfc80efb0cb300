//! The kernel's key retention service (keyrings(7), keyctl(2)): bytes that never reach a disk and that the
//! kernel removes when they expire.

use std::time::Duration;

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use nix::errno::Errno;
use zeroize::Zeroizing;

/// A keyring of this user that outlives the process.
#[derive(Clone, Copy, Debug)]
pub struct Keyring(KeyRing);

/// A key in a keyring.
#[derive(Clone, Copy, Debug)]
pub struct KeyringKey(Key);

impl Keyring {
    /// Opens the user's persistent keyring (persistent-keyring(7)), which the kernel keeps for days after its
    /// last use. Where there is none, the user keyring, which ends with the user's last process.
    pub fn open() -> Result<Self, Errno> {
        // A process may read a key that it possesses: one that its own keyrings link to.
        match KeyRing::get_persistent(KeyRingIdentifier::Process) {
            Err(
                KeyError::OperationNotSupported
                | KeyError::InvalidArguments
                | KeyError::PermissionDenied,
            ) => Self::open_user().map_err(to_errno),
            opened => opened.map(Self).map_err(to_errno),
        }
    }

    fn open_user() -> Result<Self, KeyError> {
        let process = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
        process.link_keyring_id(KeyRingIdentifier::User)?;
        KeyRing::from_special_id(KeyRingIdentifier::User, false).map(Self)
    }

    /// Finds a key by its description.
    pub fn find(self, description: &str) -> Result<Option<KeyringKey>, Errno> {
        match self.0.search(description) {
            Ok(key) => Ok(Some(KeyringKey(key))),
            Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => {
                Ok(None)
            }
            Err(error) => Err(to_errno(error)),
        }
    }

    /// Adds or replaces the key with this description. It expires after this time, in whole seconds.
    pub fn put(self, description: &str, bytes: &[u8], time: Duration) -> Result<KeyringKey, Errno> {
        let key = KeyringKey(self.0.add_key(description, bytes).map_err(to_errno)?);
        key.expire_after(time).inspect_err(|_errno| {
            // A key without an expiry must not stay.
            let _gone = key.invalidate();
        })?;
        Ok(key)
    }
}

impl KeyringKey {
    /// Reads the key; EMSGSIZE if it has more than `limit` bytes.
    pub fn read(self, limit: usize) -> Result<Zeroizing<Vec<u8>>, Errno> {
        let mut bytes = Zeroizing::new(vec![0; limit]);
        let length = self.0.read(&mut bytes).map_err(to_errno)?;
        if length > limit {
            return Err(Errno::EMSGSIZE);
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// Sets the time after which the key expires.
    pub fn expire_after(self, time: Duration) -> Result<(), Errno> {
        // Zero means never; the kernel takes 32 bits.
        let seconds = i32::try_from(time.as_secs()).unwrap_or(i32::MAX).max(1);
        self.0.set_timeout(seconds.unsigned_abs().try_into().unwrap_or(1)).map_err(to_errno)
    }

    /// Removes the key at once.
    pub fn invalidate(self) -> Result<(), Errno> {
        self.0.invalidate().map_err(to_errno)
    }
}

/// Converts to the system's error, whose text users know.
fn to_errno(error: KeyError) -> Errno {
    match error {
        KeyError::AccessDenied => Errno::EACCES,
        KeyError::QuotaExceeded => Errno::EDQUOT,
        KeyError::KeyExpired => Errno::EKEYEXPIRED,
        KeyError::KeyRevoked => Errno::EKEYREVOKED,
        KeyError::KeyRejected => Errno::EKEYREJECTED,
        KeyError::KeyDoesNotExist => Errno::ENOKEY,
        KeyError::OutOfMemory => Errno::ENOMEM,
        KeyError::OperationNotSupported => Errno::EOPNOTSUPP,
        KeyError::PermissionDenied => Errno::EPERM,
        KeyError::Unknown(number) => Errno::from_raw(number),
        _ => Errno::EINVAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_added_replaced_read_and_invalidated() {
        let Ok(keyring) = Keyring::open() else {
            return eprintln!("SKIPPED: the kernel has no keyring here");
        };
        let name = format!("hushed:test:{}", std::process::id());
        let minute = Duration::from_mins(1);
        assert!(keyring.find(&name).unwrap().is_none());
        keyring.put(&name, b"canary", minute).unwrap();
        keyring.put(&name, b"canary2", minute).unwrap();
        let key = keyring.find(&name).unwrap().unwrap();
        assert_eq!(*key.read(64).unwrap(), b"canary2");
        assert_eq!(key.read(3).unwrap_err(), Errno::EMSGSIZE);
        key.invalidate().unwrap();
        assert!(keyring.find(&name).unwrap().is_none());
    }
}
