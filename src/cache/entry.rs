//! What is inside the envelope of a cache: the secrets of one source, or a login, with their date;
//! version 1. It does no I/O, encrypts nothing, and never panics on bytes that are not what they
//! should be.
//!
//! All numbers are unsigned, the most significant byte first. A field is its length in four bytes and
//! its bytes. Times are milliseconds since 1970.
//!
//! | secrets | a login |
//! |---|---|
//! | 2: version | 2: version |
//! | 8: when the server gave them | 8: when the server gave it |
//! | 8, 16: the kernel's clock then, in milliseconds since its start, and its `boot_id` | |
//! | 4: number of secrets, lowest precedence first | 8: when it ends |
//! | each: name (field, UTF-8), value (field), place (field, UTF-8), 8: version and one, or 0 for none | token (field) |
//! | zeros | zeros |
//!
//! The zeros fill it up to a power of two, of at least 4 KiB: the size of the file tells no more.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::moment::Moment;
use crate::seal::codec::{Reader, Writer};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

const VERSION: u16 = 1;
const LEAST: usize = 4096;

/// The most that is kept, in bytes before it is sealed: 64 MiB.
pub(super) const LIMIT: usize = 64 << 20;

/// The secrets of a source, as they were at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// When the server gave them.
    pub(super) fetched: Moment,
    secrets: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    name: Name,
    value: Value,
    place: Arc<str>,
    version: Option<u64>,
}

/// A login: a token and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When the server gave it.
    pub since: SystemTime,
    /// When it ends.
    pub until: SystemTime,
    /// The token.
    pub token: Value,
}

/// Why an entry cannot be written or understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is of another version.
    #[error("its content has version {found}, and this hushed knows {known}")]
    UnknownVersion {
        /// The version that it has.
        found: u16,
        /// The version that we know.
        known: u16,
    },
    /// It is not what a hushed of this version writes.
    #[error("its content is not what hushed writes")]
    Malformed,
    /// There is too much of it.
    #[error("it would have {size} bytes, and at most {LIMIT} are kept")]
    TooLarge {
        /// The size that it would have.
        size: usize,
    },
}

impl Entry {
    /// The secrets of a source, now.
    pub(super) fn new(secrets: &SecretSet, fetched: Moment) -> Self {
        let kept = |secret: &Secret| Kept {
            name: secret.name.clone(),
            value: secret.value.clone(),
            place: Arc::clone(&secret.provenance.place),
            version: secret.provenance.version,
        };
        Self { fetched, secrets: secrets.iter().map(kept).collect() }
    }

    /// The names of the secrets, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.secrets.iter().map(|kept| &kept.name)
    }

    /// The secrets, of a source of this name, at this age.
    pub(super) fn into_secrets(self, source: &Arc<str>, age: Duration) -> SecretSet {
        let secret = |kept: Kept| Secret {
            name: kept.name,
            value: kept.value,
            provenance: Provenance {
                source: Arc::clone(source),
                place: kept.place,
                version: kept.version,
                age: Some(age),
            },
        };
        self.secrets.into_iter().map(secret).collect()
    }

    /// Encodes it.
    pub(super) fn encode(&self) -> Result<Value, Error> {
        let of_secret = |kept: &Kept| {
            3 * 4 + 8 + kept.name.as_str().len() + kept.value.len() + kept.place.len()
        };
        let mut writer =
            writer(8 + 8 + 16 + 4 + self.secrets.iter().map(of_secret).sum::<usize>())?;
        writer.number(millis(self.fetched.wall));
        writer.number(whole(self.fetched.uptime));
        writer.raw(&self.fetched.boot.to_be_bytes());
        writer.length(self.secrets.len());
        for kept in &self.secrets {
            writer.field(kept.name.as_str().as_bytes());
            writer.field(kept.value.expose());
            writer.field(kept.place.as_bytes());
            writer.number(kept.version.map_or(0, |version| version.saturating_add(1)));
        }
        Ok(writer.finish())
    }

    /// Decodes exactly what [`Self::encode`] makes, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = reader(bytes)?;
        let mut read = || {
            let fetched = Moment {
                wall: time(reader.number()?)?,
                uptime: Duration::from_millis(reader.number()?),
                boot: reader.array().map(u128::from_be_bytes)?,
            };
            let count = reader.length()?;
            let secrets: Option<_> = (0..count).map(|_| kept(&mut reader)).collect();
            let entry = Self { fetched, secrets: secrets? };
            reader.is_blank().then_some(entry)
        };
        read().ok_or(Error::Malformed)
    }
}

fn kept(reader: &mut Reader<'_>) -> Option<Kept> {
    Some(Kept {
        name: Name::new(str::from_utf8(reader.field()?).ok()?),
        value: Value::from(reader.field()?),
        place: str::from_utf8(reader.field()?).ok()?.into(),
        version: reader.number()?.checked_sub(1),
    })
}

impl Ticket {
    /// Encodes it.
    pub(super) fn encode(&self) -> Result<Value, Error> {
        let mut writer = writer(8 + 8 + 4 + self.token.len())?;
        writer.number(millis(self.since));
        writer.number(millis(self.until));
        writer.field(self.token.expose());
        Ok(writer.finish())
    }

    /// Decodes exactly what [`Self::encode`] makes, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = reader(bytes)?;
        let mut read = || {
            let (since, until) = (time(reader.number()?)?, time(reader.number()?)?);
            let token = Value::from(reader.field()?);
            reader.is_blank().then_some(Self { since, until, token })
        };
        read().ok_or(Error::Malformed)
    }

    /// Whether it is valid at a time. A clock that was put back makes nothing valid.
    pub(super) fn is_valid(&self, now: SystemTime) -> bool {
        self.since <= now && now < self.until
    }
}

/// Begins an entry whose content behind the version has this size.
fn writer(content: usize) -> Result<Writer, Error> {
    let size = (2 + content).max(LEAST).checked_next_power_of_two().unwrap_or(usize::MAX);
    if size > LIMIT {
        return Err(Error::TooLarge { size });
    }
    let mut writer = Writer::new(size);
    writer.raw(&VERSION.to_be_bytes());
    Ok(writer)
}

fn reader(bytes: &[u8]) -> Result<Reader<'_>, Error> {
    let mut reader = Reader::new(bytes);
    match reader.array().map(u16::from_be_bytes) {
        Some(VERSION) if bytes.len() >= LEAST && bytes.len().is_power_of_two() => Ok(reader),
        Some(VERSION) | None => Err(Error::Malformed),
        Some(found) => Err(Error::UnknownVersion { found, known: VERSION }),
    }
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    whole(since)
}

fn whole(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn time(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_kept() -> impl Strategy<Value = Kept> {
        let bytes = proptest::collection::vec(any::<u8>(), 0..300);
        (".{0,20}", bytes, "[ -~]{0,30}", proptest::option::of(0..u64::MAX)).prop_map(
            |(name, value, place, version)| Kept {
                name: Name::new(name),
                value: Value::new(value),
                place: place.into(),
                version,
            },
        )
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let moment = (0..u64::from(u32::MAX) * 1000, any::<u32>(), any::<u128>()).prop_map(
            |(wall, uptime, boot)| Moment {
                wall: time(wall).unwrap(),
                uptime: Duration::from_millis(uptime.into()),
                boot,
            },
        );
        (moment, proptest::collection::vec(any_kept(), 0..40))
            .prop_map(|(fetched, secrets)| Entry { fetched, secrets })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(entry in any_entry()) {
            let bytes = entry.encode().unwrap();
            prop_assert!(bytes.len() >= LEAST && bytes.len().is_power_of_two());
            prop_assert_eq!(Entry::decode(bytes.expose()).unwrap(), entry);
        }

        #[test]
        fn any_bytes_are_an_entry_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode().unwrap(), Value::new(bytes.clone()));
            }
            drop(Ticket::decode(&bytes));
        }

        #[test]
        fn a_cut_entry_is_an_error(entry in any_entry(), cut in 1_usize..4096) {
            let bytes = entry.encode().unwrap();
            prop_assert!(Entry::decode(&bytes.expose()[..bytes.len() - cut]).is_err());
        }
    }

    #[test]
    fn a_ticket_comes_back_and_has_its_time() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let ticket = Ticket { since: at(100), until: at(200), token: Value::from("canary") };
        assert_eq!(Ticket::decode(ticket.encode().unwrap().expose()).unwrap(), ticket);
        for (now, want) in [(99, false), (100, true), (199, true), (200, false)] {
            assert_eq!(ticket.is_valid(at(now)), want, "{now}");
        }
    }

    #[test]
    fn sizes_tell_little_and_are_bounded() {
        let entry = |bytes: usize| Entry {
            fetched: Moment { wall: SystemTime::UNIX_EPOCH, uptime: Duration::ZERO, boot: 0 },
            secrets: vec![Kept {
                name: Name::new("A"),
                value: Value::new(vec![1; bytes]),
                place: "/".into(),
                version: None,
            }],
        };
        for (bytes, size) in [(0, 4096), (4000, 4096), (4096, 8192), (9000, 16384)] {
            assert_eq!(entry(bytes).encode().unwrap().len(), size);
        }
        assert!(matches!(entry(LIMIT).encode(), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn another_version_is_told() {
        let mut bytes = vec![0; LEAST];
        bytes[1] = 2;
        let want = Error::UnknownVersion { found: 2, known: 1 };
        assert_eq!(Entry::decode(&bytes).unwrap_err(), want);
    }
}
