//! The kernel's key retention service (keyrings(7), keyctl(2)): bytes that never reach a disk and that
//! the kernel forgets at their time. It knows nothing of what the bytes are.
#![expect(unsafe_code, reason = "the system calls have no safe wrapper")]

use std::ffi::CStr;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, c_long};
use zeroize::Zeroizing;

/// The type of key that its owner may read and write.
const TYPE: &CStr = c"user";

/// A keyring of this user's that outlives the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyring(c_long);

/// A key in a keyring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyId(c_long);

impl Keyring {
    /// Opens the user's persistent keyring (persistent-keyring(7)), which the kernel keeps for days
    /// after its last use; where it has none, the user keyring, which ends with the user's last process.
    pub(crate) fn open() -> Result<Self, Errno> {
        // A key may be read by a process that possesses it: one of whose own keyrings leads to it.
        let process = c_long::from(libc::KEY_SPEC_PROCESS_KEYRING);
        match keyctl(libc::KEYCTL_GET_PERSISTENT, -1, process) {
            Ok(id) => Ok(Self(id)),
            Err(Errno::EOPNOTSUPP | Errno::EINVAL | Errno::EPERM) => {
                let user = c_long::from(libc::KEY_SPEC_USER_KEYRING);
                keyctl(libc::KEYCTL_LINK, user, process)?;
                Ok(Self(user))
            }
            Err(errno) => Err(errno),
        }
    }

    /// Looks for a key by its description.
    pub(crate) fn find(self, description: &CStr) -> Result<Option<KeyId>, Errno> {
        // SAFETY: both texts end with NUL, and the kernel only reads them.
        let id = unsafe {
            libc::syscall(
                libc::SYS_keyctl,
                libc::KEYCTL_SEARCH,
                self.0,
                TYPE.as_ptr(),
                description.as_ptr(),
                0,
            )
        };
        match Errno::result(id) {
            Ok(id) => Ok(Some(KeyId(id))),
            Err(Errno::ENOKEY | Errno::EKEYEXPIRED | Errno::EKEYREVOKED) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Puts bytes under a description, in the place of what was there. The kernel forgets them after
    /// this time, in whole seconds.
    pub(crate) fn put(
        self,
        description: &CStr,
        bytes: &[u8],
        time: Duration,
    ) -> Result<KeyId, Errno> {
        // SAFETY: both texts end with NUL, and the kernel reads as many bytes as it is told there are.
        let id = unsafe {
            libc::syscall(
                libc::SYS_add_key,
                TYPE.as_ptr(),
                description.as_ptr(),
                bytes.as_ptr(),
                bytes.len(),
                self.0,
            )
        };
        let key = KeyId(Errno::result(id)?);
        key.expire_after(time).inspect_err(|_errno| {
            // What the kernel would not forget by itself is not left there.
            let _gone_already = key.forget();
        })?;
        Ok(key)
    }
}

impl KeyId {
    /// Reads the bytes, if there are no more than `limit`.
    pub(crate) fn read(self, limit: usize) -> Result<Zeroizing<Vec<u8>>, Errno> {
        let mut bytes = Zeroizing::new(vec![0; limit]);
        // SAFETY: the kernel writes no more than `limit` bytes, and there are so many.
        let length = unsafe {
            libc::syscall(libc::SYS_keyctl, libc::KEYCTL_READ, self.0, bytes.as_mut_ptr(), limit)
        };
        let length = usize::try_from(Errno::result(length)?).ok().filter(|length| *length <= limit);
        bytes.truncate(length.ok_or(Errno::EMSGSIZE)?);
        Ok(bytes)
    }

    /// Lets the kernel forget the key after this time.
    pub(crate) fn expire_after(self, time: Duration) -> Result<(), Errno> {
        // Zero would mean never.
        let seconds = c_long::try_from(time.as_secs().max(1)).unwrap_or(c_long::MAX);
        let seconds = seconds.min(c_long::from(i32::MAX));
        keyctl(libc::KEYCTL_SET_TIMEOUT, self.0, seconds).map(drop)
    }

    /// Lets the kernel forget the key now.
    pub(crate) fn forget(self) -> Result<(), Errno> {
        keyctl(libc::KEYCTL_INVALIDATE, self.0, 0).map(drop)
    }
}

/// An operation on numbers alone.
fn keyctl(operation: u32, one: c_long, two: c_long) -> Result<c_long, Errno> {
    // SAFETY: these operations take no addresses.
    let result = unsafe { libc::syscall(libc::SYS_keyctl, operation, one, two, 0, 0) };
    Errno::result(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_read_replaced_and_forgotten() {
        let Ok(keyring) = Keyring::open() else {
            return eprintln!("skipped: the kernel gives no keyring here");
        };
        let name = std::ffi::CString::new(format!("hushed:test:{}", std::process::id())).unwrap();
        let minute = Duration::from_mins(1);
        assert!(keyring.find(&name).unwrap().is_none());
        keyring.put(&name, b"canary", minute).unwrap();
        keyring.put(&name, b"canary2", minute).unwrap();
        let key = keyring.find(&name).unwrap().unwrap();
        assert_eq!(*key.read(64).unwrap(), b"canary2");
        assert_eq!(key.read(3).unwrap_err(), Errno::EMSGSIZE);
        key.forget().unwrap();
        assert!(keyring.find(&name).unwrap().is_none());
    }
}
