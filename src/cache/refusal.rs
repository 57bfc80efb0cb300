//! Logins that were refused a moment ago, remembered where only memory is, so that a command that is
//! restarted again and again does not lock its identity out. It writes to no disk.

use std::ffi::CString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use ring::hmac;

use super::disk::hexadecimal;
use super::scope::Scope;
use crate::seal::private_file;
use crate::secret::Value;
use crate::sys::keyring::Keyring;

/// How long a refused login is not tried again.
pub const PAUSE: Duration = Duration::from_secs(10);

/// What is remembered of one credential for one login: that it was refused, and when.
#[derive(Debug)]
pub(super) struct Refusal {
    name: String,
    runtime: Option<PathBuf>,
}

impl Refusal {
    /// The name holds neither login nor credential: another credential has another name, and is tried
    /// at once.
    pub(super) fn new(login: &Scope, credentials: &[&Value], runtime: Option<PathBuf>) -> Self {
        let secret = credentials.last().map_or(&[][..], |value| value.expose());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, &[b"hushed refused 1\0", login.bytes()].concat());
        Self { name: format!("hushed-refused-{}", hexadecimal(tag.as_ref())), runtime }
    }

    /// How long ago it was refused, if that was within [`PAUSE`].
    pub(super) fn ago(&self, now: SystemTime) -> Option<Duration> {
        let then = match Keyring::open() {
            Ok(keyring) => parse(&keyring.find(&self.description()).ok()??.read(64).ok()?)?,
            Err(_none) => {
                let content = private_file::read_private(&self.file()?, 64).ok()?;
                parse(content.bytes.expose())?
            }
        };
        now.duration_since(then).ok().filter(|ago| *ago < PAUSE)
    }

    /// Remembers that it was refused now. Where nothing forgets by itself, nothing is remembered.
    pub(super) fn remember(&self, now: SystemTime) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let text = since.as_millis().to_string();
        match Keyring::open() {
            Ok(keyring) => {
                let _without_it = keyring.put(&self.description(), text.as_bytes(), PAUSE);
            }
            Err(_none) => {
                let _without_it =
                    self.file().map(|file| private_file::write_atomically(&file, text.as_bytes()));
            }
        }
    }

    fn description(&self) -> CString {
        CString::new(self.name.as_str()).unwrap_or_default()
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
