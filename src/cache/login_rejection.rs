//! Rejected logins of the last seconds, remembered in memory only, so that a service that is restarted again
//! and again does not lock its identity out. Nothing is written to a disk.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use ring::{digest, hmac};

use super::directory::hexadecimal;
use super::scope::CacheScope;
use crate::seal::private_file;
use crate::secret::Value;
use crate::sys::keyring::Keyring;

/// How long a rejected login is not tried again.
pub const REJECTED_LOGIN_BACKOFF: Duration = Duration::from_secs(10);

/// The record of a rejected login: its time, and a checksum of the credential.
#[derive(Debug)]
pub(super) struct LoginRejection {
    name: String,
    checksum: u8,
    runtime: Option<PathBuf>,
}

impl LoginRejection {
    /// The name depends on the public part of the login only. One byte tells a new credential, which is tried
    /// at once, from the rejected one; it is too little to verify guesses of a weak password.
    pub(super) fn new(login: &CacheScope, proof: &Value, runtime: Option<PathBuf>) -> Self {
        let public = [b"hushed refused 2\0", login.bytes()].concat();
        let name = digest::digest(&digest::SHA256, &public);
        let key = hmac::Key::new(hmac::HMAC_SHA256, proof.expose());
        let checksum = hmac::sign(&key, &public).as_ref().first().copied().unwrap_or_default();
        Self { name: format!("hushed-refused-{}", hexadecimal(name.as_ref())), checksum, runtime }
    }

    /// How long ago the login was rejected, if that was within [`REJECTED_LOGIN_BACKOFF`]. An expired record is
    /// removed.
    pub(super) fn elapsed(&self, now: SystemTime) -> Option<Duration> {
        match Keyring::open() {
            Ok(keyring) => self.parse(&keyring.find(&self.name).ok()??.read(64).ok()?, now),
            Err(_none) => {
                let file = self.file()?;
                let content = private_file::read_private(&file, 64).ok()?;
                let elapsed = self.parse(content.bytes.expose(), now);
                if elapsed.is_none() {
                    // The kernel removes a key itself.
                    std::fs::remove_file(&file).ok();
                }
                elapsed
            }
        }
    }

    /// Records that the login was rejected now. Without a place in memory, nothing is recorded.
    pub(super) fn record(&self, now: SystemTime) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let text = format!("{} {:02x}", since.as_millis(), self.checksum);
        match Keyring::open() {
            Ok(keyring) => {
                let _without_it = keyring.put(&self.name, text.as_bytes(), REJECTED_LOGIN_BACKOFF);
            }
            Err(_none) => {
                let _without_it =
                    self.file().map(|file| private_file::write_atomically(&file, text.as_bytes()));
            }
        }
    }

    fn parse(&self, text: &[u8], now: SystemTime) -> Option<Duration> {
        let (millis, checksum) = str::from_utf8(text).ok()?.split_once(' ')?;
        let then =
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis.parse().ok()?))?;
        let is_same = u8::from_str_radix(checksum, 16) == Ok(self.checksum);
        now.duration_since(then).ok().filter(|ago| is_same && *ago < REJECTED_LOGIN_BACKOFF)
    }

    /// The file of the record, if the directory is private and in memory.
    fn file(&self) -> Option<PathBuf> {
        let directory = self.runtime.as_ref()?;
        let fits = private_file::private_directory(directory, false).is_ok_and(|there| there)
            && statfs(directory).is_ok_and(|found| found.filesystem_type() == TMPFS_MAGIC);
        fits.then(|| directory.join(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::super::scope::tests::identity;
    use super::*;
    use crate::secret::Value;

    fn rejection(secret: &str, runtime: Option<&Path>) -> LoginRejection {
        let login = CacheScope::for_login(&identity());
        LoginRejection::new(&login, &Value::from(secret), runtime.map(Path::to_owned))
    }

    #[test]
    fn the_name_does_not_depend_on_the_credential_and_its_checksum_is_one_byte() {
        let secrets = (0..512).map(|number| format!("canary-{number}"));
        let rejections: Vec<_> = secrets.map(|secret| rejection(&secret, None)).collect();
        assert!(rejections.iter().all(|one| one.name == rejections[0].name));
        let checksums: BTreeSet<u8> = rejections.iter().map(|one| one.checksum).collect();
        assert!(checksums.len() > 128, "a new credential is told from the rejected one");
    }

    #[test]
    fn another_credential_is_tried_at_once() {
        let now = SystemTime::now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let rejected = rejection("canary-1", None);
        let text = format!("{since} {:02x}", rejected.checksum);
        assert!(rejected.parse(text.as_bytes(), now + Duration::from_secs(1)).is_some());
        let other = LoginRejection { checksum: !rejected.checksum, ..rejected };
        assert_eq!(other.parse(text.as_bytes(), now + Duration::from_secs(1)), None);
        for text in ["", "1", "soon 00", "1 00", "1 zz"] {
            assert_eq!(other.parse(text.as_bytes(), now), None, "{text}");
        }
    }

    #[test]
    fn a_file_is_for_it_in_memory_only_and_where_nobody_else_is() {
        let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
            return eprintln!("SKIPPED: /dev/shm cannot be written here");
        };
        let private = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        private(memory.path(), 0o700);
        assert!(rejection("canary", Some(memory.path())).file().is_some());
        private(memory.path(), 0o755);
        assert_eq!(rejection("canary", Some(memory.path())).file(), None);
        private(memory.path(), 0o700);
        assert_eq!(rejection("canary", Some(&memory.path().join("missing"))).file(), None);
        assert_eq!(rejection("canary", None).file(), None);
        // What is built is on a disk, wherever temporary files are.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        let disk = tempfile::tempdir_in(target).unwrap();
        private(disk.path(), 0o700);
        if statfs(disk.path()).unwrap().filesystem_type() != TMPFS_MAGIC {
            assert_eq!(rejection("canary", Some(disk.path())).file(), None);
        }
    }

    #[test]
    fn a_record_expires_and_is_removed() {
        let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
            return eprintln!("SKIPPED: /dev/shm cannot be written here");
        };
        fs::set_permissions(memory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let rejection = rejection(&format!("canary-{}", std::process::id()), Some(memory.path()));
        let now = SystemTime::now();
        assert_eq!(rejection.elapsed(now), None);
        rejection.record(now);
        let ago = |time| rejection.elapsed(now + time);
        assert!(ago(Duration::from_secs(9)).is_some());
        assert_eq!(ago(REJECTED_LOGIN_BACKOFF + Duration::from_millis(1)), None);
        assert_eq!(rejection.elapsed(now - Duration::from_secs(1)), None, "the clock was put back");
        // Whether the record was in a file or in the keyring, no file is left.
        assert_eq!(fs::read_dir(memory.path()).unwrap().count(), 0);
    }
}
