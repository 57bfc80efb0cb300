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
//! | 4: number of objects, which references name; the zeros that fill up an entry without any stand for 0 | |
//! | each: path (field), options, versions, members; each of these is 4: a number, and so many | |
//! | then what the store calls this state of the secrets (field, UTF-8), empty or in the zeros if nothing | |
//! | option: name (field), value (field); there is at most one version (field), the one that was asked for, | |
//! | then at most one, the one that came; member: name (field), value (field), or for 2^32-1 one value alone | |
//! | zeros | zeros |
//!
//! The zeros fill it up to a power of two, of at least 4 KiB: the size of the file tells no more.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::object;
use super::timestamp::Timestamp;
use crate::seal::codec::{Reader, Writer};
use crate::secret::{Name, Object, Provenance, Secret, SecretSet, Value};

const VERSION: u16 = 1;

const MIN_SIZE: usize = 4096;

/// The most that is kept, in bytes before it is sealed: 64 MiB.
pub(super) const MAX_SIZE: usize = 64 << 20;

/// The secrets of a source, as they were at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// When the server gave them.
    pub(super) fetched_at: Timestamp,
    secrets: Vec<CachedSecret>,
    objects: Vec<Object>,
    /// What the store calls this state of the secrets.
    pub(super) validator: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct CachedSecret {
    name: Name,
    value: Value,
    place: Arc<str>,
    version: Option<u64>,
}

/// A login: a token and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedLogin {
    /// When the server gave it.
    pub issued_at: SystemTime,
    /// When it ends.
    pub expires_at: SystemTime,
    /// The token.
    pub token: Value,
}

/// Why an entry cannot be written or understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is of another version.
    #[error("its content has version {found}; this hushed supports version {known}")]
    UnknownVersion {
        /// The version that it has.
        found: u16,
        /// The version that we know.
        known: u16,
    },
    /// It is not what a hushed of this version writes.
    #[error("its content is malformed")]
    Malformed,
    /// There is too much of it.
    #[error("it would take {size} bytes; the limit is {MAX_SIZE}")]
    TooLarge {
        /// The size that it would have.
        size: usize,
    },
}

impl Entry {
    /// The secrets of a source, now.
    pub(super) fn new(secrets: &SecretSet, fetched_at: Timestamp) -> Self {
        let cached = |secret: &Secret| CachedSecret {
            name: secret.name.clone(),
            value: secret.value.clone(),
            place: Arc::clone(&secret.provenance.place),
            version: secret.provenance.version,
        };
        let objects = secrets.objects().to_vec();
        let validator = secrets.validator().filter(|text| !text.is_empty()).map(str::to_owned);
        Self { fetched_at, secrets: secrets.iter().map(cached).collect(), objects, validator }
    }

    /// The names of the secrets, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.secrets.iter().map(|kept| &kept.name)
    }

    /// The secrets, of a source of this name, at this age; none if the store says that they have not changed.
    pub(super) fn into_secrets(self, source: &Arc<str>, age: Option<Duration>) -> SecretSet {
        let secret = |kept: CachedSecret| Secret {
            name: kept.name,
            value: kept.value,
            provenance: Provenance {
                source: Arc::clone(source),
                place: kept.place,
                version: kept.version,
                age,
            },
        };
        let mut secrets: SecretSet = self.secrets.into_iter().map(secret).collect();
        for object in self.objects {
            secrets.add_object(Object { source: Arc::clone(source), age, ..object });
        }
        secrets.set_validator(self.validator);
        secrets
    }

    /// Encodes it.
    pub(super) fn encode(&self) -> Result<Value, Error> {
        let of_secret = |kept: &CachedSecret| {
            3 * 4 + 8 + kept.name.as_str().len() + kept.value.len() + kept.place.len()
        };
        let objects: usize = self.objects.iter().map(object::size).sum();
        let secrets: usize = self.secrets.iter().map(of_secret).sum();
        let validator = self.validator.as_deref().unwrap_or_default();
        let mut writer = writer(8 + 8 + 16 + 4 + secrets + 4 + objects + 4 + validator.len())?;
        writer.number(unix_millis(self.fetched_at.wall));
        writer.number(to_millis(self.fetched_at.uptime));
        writer.raw(&self.fetched_at.boot.to_be_bytes());
        writer.length(self.secrets.len());
        for kept in &self.secrets {
            writer.field(kept.name.as_str().as_bytes());
            writer.field(kept.value.expose());
            writer.field(kept.place.as_bytes());
            writer.number(kept.version.map_or(0, |version| version.saturating_add(1)));
        }
        writer.length(self.objects.len());
        self.objects.iter().for_each(|object| object::write(object, &mut writer));
        writer.field(validator.as_bytes());
        Ok(writer.finish())
    }

    /// Decodes exactly what [`Self::encode`] makes, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = reader(bytes)?;
        let mut read = || {
            let fetched_at = Timestamp {
                wall: from_unix_millis(reader.number()?)?,
                uptime: Duration::from_millis(reader.number()?),
                boot: reader.array().map(u128::from_be_bytes)?,
            };
            let count = reader.length()?;
            let secrets: Option<_> = (0..count).map(|_| read_secret(&mut reader)).collect();
            let objects = object::read_all(&mut reader)?;
            let validator = str::from_utf8(reader.field()?).ok()?;
            let validator = (!validator.is_empty()).then(|| validator.to_owned());
            let entry = Self { fetched_at, secrets: secrets?, objects, validator };
            reader.is_blank().then_some(entry)
        };
        read().ok_or(Error::Malformed)
    }
}

fn read_secret(reader: &mut Reader<'_>) -> Option<CachedSecret> {
    Some(CachedSecret {
        name: Name::new(str::from_utf8(reader.field()?).ok()?),
        value: Value::from(reader.field()?),
        place: str::from_utf8(reader.field()?).ok()?.into(),
        version: reader.number()?.checked_sub(1),
    })
}

impl CachedLogin {
    /// Encodes it.
    pub(super) fn encode(&self) -> Result<Value, Error> {
        let mut writer = writer(8 + 8 + 4 + self.token.len())?;
        writer.number(unix_millis(self.issued_at));
        writer.number(unix_millis(self.expires_at));
        writer.field(self.token.expose());
        Ok(writer.finish())
    }

    /// Decodes exactly what [`Self::encode`] makes, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = reader(bytes)?;
        let mut read = || {
            let (issued_at, expires_at) =
                (from_unix_millis(reader.number()?)?, from_unix_millis(reader.number()?)?);
            let token = Value::from(reader.field()?);
            reader.is_blank().then_some(Self { issued_at, expires_at, token })
        };
        read().ok_or(Error::Malformed)
    }

    /// Whether it is valid at a time. A clock that was put back makes nothing valid.
    pub(super) fn is_valid(&self, now: SystemTime) -> bool {
        self.issued_at <= now && now < self.expires_at
    }
}

/// Begins an entry whose content behind the version has this size.
fn writer(content: usize) -> Result<Writer, Error> {
    let size = (2 + content).max(MIN_SIZE).checked_next_power_of_two().unwrap_or(usize::MAX);
    if size > MAX_SIZE {
        return Err(Error::TooLarge { size });
    }
    let mut writer = Writer::new(size);
    writer.raw(&VERSION.to_be_bytes());
    Ok(writer)
}

fn reader(bytes: &[u8]) -> Result<Reader<'_>, Error> {
    let mut reader = Reader::new(bytes);
    match reader.array().map(u16::from_be_bytes) {
        Some(VERSION) if bytes.len() >= MIN_SIZE && bytes.len().is_power_of_two() => Ok(reader),
        Some(VERSION) | None => Err(Error::Malformed),
        Some(found) => Err(Error::UnknownVersion { found, known: VERSION }),
    }
}

fn unix_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    to_millis(since)
}

fn to_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn from_unix_millis(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_secret() -> impl Strategy<Value = CachedSecret> {
        let bytes = proptest::collection::vec(any::<u8>(), 0..300);
        (".{0,20}", bytes, "[ -~]{0,30}", proptest::option::of(0..u64::MAX)).prop_map(
            |(name, value, place, version)| CachedSecret {
                name: Name::new(name),
                value: Value::new(value),
                place: place.into(),
                version,
            },
        )
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let moment = (0..u64::from(u32::MAX) * 1000, any::<u32>(), any::<u128>()).prop_map(
            |(wall, uptime, boot)| Timestamp {
                wall: from_unix_millis(wall).unwrap(),
                uptime: Duration::from_millis(uptime.into()),
                boot,
            },
        );
        let objects = proptest::collection::vec(object::tests::any_object(), 0..4);
        let validator = proptest::option::of(".{1,40}");
        (moment, proptest::collection::vec(any_secret(), 0..40), objects, validator).prop_map(
            |(fetched_at, secrets, objects, validator)| Entry {
                fetched_at,
                secrets,
                objects,
                validator,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(entry in any_entry()) {
            let bytes = entry.encode().unwrap();
            prop_assert!(bytes.len() >= MIN_SIZE && bytes.len().is_power_of_two());
            prop_assert_eq!(Entry::decode(bytes.expose()).unwrap(), entry);
        }

        #[test]
        fn any_bytes_are_an_entry_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode().unwrap(), Value::new(bytes.clone()));
            }
            drop(CachedLogin::decode(&bytes));
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
        let login =
            CachedLogin { issued_at: at(100), expires_at: at(200), token: Value::from("canary") };
        assert_eq!(CachedLogin::decode(login.encode().unwrap().expose()).unwrap(), login);
        for (now, want) in [(99, false), (100, true), (199, true), (200, false)] {
            assert_eq!(login.is_valid(at(now)), want, "{now}");
        }
    }

    #[test]
    fn sizes_tell_little_and_are_bounded() {
        let entry = |bytes: usize| Entry {
            fetched_at: Timestamp { wall: SystemTime::UNIX_EPOCH, uptime: Duration::ZERO, boot: 0 },
            secrets: vec![CachedSecret {
                name: Name::new("A"),
                value: Value::new(vec![1; bytes]),
                place: "/".into(),
                version: None,
            }],
            objects: Vec::new(),
            validator: None,
        };
        for (bytes, size) in [(0, 4096), (4000, 4096), (4096, 8192), (9000, 16384)] {
            assert_eq!(entry(bytes).encode().unwrap().len(), size);
        }
        assert!(matches!(entry(MAX_SIZE).encode(), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn another_version_is_told() {
        let mut bytes = vec![0; MIN_SIZE];
        bytes[1] = 2;
        let want = Error::UnknownVersion { found: 2, known: 1 };
        assert_eq!(Entry::decode(&bytes).unwrap_err(), want);
    }
}
