//! Logins that were refused a moment ago, remembered where only memory is, so that a command that is
//! restarted again and again does not lock its identity out. It writes to no disk.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use ring::hmac;

use super::directory::hexadecimal;
use super::scope::CacheScope;
use crate::seal::private_file;
use crate::secret::Value;
use crate::sys::keyring::Keyring;

/// How long a refused login is not tried again.
pub const REJECTED_LOGIN_BACKOFF: Duration = Duration::from_secs(10);

/// What is remembered of one credential for one login: that it was refused, and when.
#[derive(Debug)]
pub(super) struct LoginRejection {
    name: String,
    runtime: Option<PathBuf>,
}

impl LoginRejection {
    /// The name holds neither login nor credential: another credential has another name, and is tried
    /// at once.
    pub(super) fn new(login: &CacheScope, proof: &Value, runtime: Option<PathBuf>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, proof.expose());
        let tag = hmac::sign(&key, &[b"hushed refused 1\0", login.bytes()].concat());
        Self { name: format!("hushed-refused-{}", hexadecimal(tag.as_ref())), runtime }
    }

    /// How long ago it was refused, if that was within [`REJECTED_LOGIN_BACKOFF`].
    pub(super) fn elapsed(&self, now: SystemTime) -> Option<Duration> {
        let then = match Keyring::open() {
            Ok(keyring) => parse(&keyring.find(&self.name).ok()??.read(64).ok()?)?,
            Err(_none) => {
                let content = private_file::read_private(&self.file()?, 64).ok()?;
                parse(content.bytes.expose())?
            }
        };
        now.duration_since(then).ok().filter(|ago| *ago < REJECTED_LOGIN_BACKOFF)
    }

    /// Remembers that it was refused now. Where nothing forgets by itself, nothing is remembered.
    pub(super) fn record(&self, now: SystemTime) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let text = since.as_millis().to_string();
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

    /// The file for it, where the directory is ours and in memory.
    fn file(&self) -> Option<PathBuf> {
        let directory = self.runtime.as_ref()?;
        let fits = private_file::private_directory(directory, false).is_ok_and(|there| there)
            && statfs(directory).is_ok_and(|found| found.filesystem_type() == TMPFS_MAGIC);
        fits.then(|| directory.join(&self.name))
    }
}

fn parse(text: &[u8]) -> Option<SystemTime> {
    let millis = str::from_utf8(text).ok()?.parse().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
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
    fn each_credential_has_a_name_of_its_own_that_does_not_tell_it() {
        let (one, other) = (rejection("canary-1", None), rejection("canary-2", None));
        assert_ne!(one.name, other.name);
        assert_eq!(one.name, rejection("canary-1", None).name);
        assert!(!one.name.contains("canary"));
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
    fn what_is_remembered_is_forgotten_after_the_pause() {
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
    }
}
