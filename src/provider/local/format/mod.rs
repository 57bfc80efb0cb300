//! What is inside the envelope of a local store: a list of entries, version 1.
//! It does no I/O, encrypts nothing, and never panics on bytes that are not what they should be.
//!
//! All numbers are unsigned, the most significant byte first.
//!
//! | size | field |
//! |-----:|-------|
//! |    2 | format version: 1 |
//! |    4 | number of entries |
//! |    … | the entries, in strictly ascending order of the names' bytes |
//! |    … | zero bytes, fewer than 512, up to a multiple of 512: the size tells little |
//!
//! | size | field of an entry |
//! |-----:|-------|
//! |    4 | length of the name |
//! |    … | name, UTF-8 |
//! |    4 | length of the value |
//! |    … | value |
//! |    8 | version: 1, and one more with each new value |
//! |    8 | created, in seconds since 1970 |
//! |    8 | updated, in seconds since 1970 |

use crate::seal::codec::{Reader, Writer};
use crate::secret::{Name, Value};

const VERSION: u16 = 1;
const BLOCK: usize = 512;

/// The longest name, in bytes.
pub const MAX_NAME: usize = 1024;

/// The longest value, in bytes: 16 MiB.
pub const MAX_VALUE: usize = 16 << 20;

/// The largest store, in bytes before it is sealed: 64 MiB.
pub const MAX_STORE: usize = 64 << 20;

/// The least that an entry can take: two lengths, a name of one byte, three numbers.
const MIN_ENTRY: usize = 4 + 1 + 4 + 3 * 8;

/// One secret of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: Name,
    pub(super) value: Value,
    pub(super) version: u64,
    pub(super) created: u64,
    pub(super) updated: u64,
}

/// Says whether a secret may be in a store.
pub(super) fn check(name: &Name, value: &Value) -> Result<(), Error> {
    let text = name.as_str();
    if text.is_empty() {
        return Err(Error::EmptyName);
    }
    if text.contains(['\0', '=']) {
        return Err(Error::InvalidName { name: name.clone() });
    }
    if text.len() > MAX_NAME {
        return Err(Error::LongName { length: text.len() });
    }
    if value.len() > MAX_VALUE {
        return Err(Error::LargeValue { name: name.clone(), size: value.len() });
    }
    Ok(())
}

/// Encodes entries that are in order and that [`check`] has passed.
pub(super) fn encode(entries: &[Entry]) -> Result<Value, Error> {
    let content: usize = entries
        .iter()
        .map(|entry| MIN_ENTRY - 1 + entry.name.as_str().len() + entry.value.len())
        .sum();
    let size = (2 + 4 + content).next_multiple_of(BLOCK);
    if size > MAX_STORE {
        return Err(Error::LargeStore { size });
    }
    let mut writer = Writer::new(size);
    writer.raw(&VERSION.to_be_bytes());
    writer.length(entries.len());
    for entry in entries {
        writer.field(entry.name.as_str().as_bytes());
        writer.field(entry.value.expose());
        for number in [entry.version, entry.created, entry.updated] {
            writer.number(number);
        }
    }
    Ok(writer.finish())
}

/// Decodes exactly what [`encode`] makes, and nothing else.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Entry>, Error> {
    let mut reader = Reader::new(bytes);
    let version = reader.array().map(u16::from_be_bytes).ok_or(Error::Malformed)?;
    if version != VERSION {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    let count = reader.length().ok_or(Error::Malformed)?;
    // A count that cannot be true must not make us take memory for it.
    let mut entries: Vec<Entry> = Vec::with_capacity(count.min(reader.rest().len() / MIN_ENTRY));
    for _ in 0..count {
        let entry = read_entry(&mut reader).ok_or(Error::Malformed)?;
        check(&entry.name, &entry.value).map_err(|_| Error::Malformed)?;
        if entries.last().is_some_and(|last| last.name >= entry.name) {
            return Err(Error::Malformed);
        }
        entries.push(entry);
    }
    let padded = bytes.len().is_multiple_of(BLOCK) && reader.rest().len() < BLOCK;
    if !padded || !reader.is_blank() {
        return Err(Error::Malformed);
    }
    Ok(entries)
}

fn read_entry(reader: &mut Reader<'_>) -> Option<Entry> {
    Some(Entry {
        name: Name::new(str::from_utf8(reader.field()?).ok()?),
        value: Value::from(reader.field()?),
        version: reader.number()?,
        created: reader.number()?,
        updated: reader.number()?,
    })
}

/// Why a secret may not be in a store, or why a store's content cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A name of no characters.
    #[error("a secret needs a name")]
    EmptyName,
    /// A name that no environment variable could have.
    #[error("the name `{name}` contains `=` or NUL")]
    InvalidName {
        /// The name.
        name: Name,
    },
    /// A name that is too long.
    #[error("the name has {length} bytes; the limit is {MAX_NAME}")]
    LongName {
        /// Its length in bytes.
        length: usize,
    },
    /// A value that is too large.
    #[error("the value of `{name}` has {size} bytes; the limit is {MAX_VALUE}")]
    LargeValue {
        /// The name of the secret.
        name: Name,
        /// The size of the value in bytes.
        size: usize,
    },
    /// All secrets together are too large.
    #[error("the store would have {size} bytes; the limit is {MAX_STORE}")]
    LargeStore {
        /// The size that it would have.
        size: usize,
    },
    /// The content is of another version.
    #[error("its content has version {found}; this hushed supports version {known}")]
    UnknownVersion {
        /// The version that it has.
        found: u16,
        /// The version that we know.
        known: u16,
    },
    /// The content is not what a hushed of this version writes.
    #[error("its content is malformed")]
    Malformed,
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::EmptyName => "choose one, such as `DATABASE_URL`",
            Self::InvalidName { .. } => "use letters, digits and `_`",
            Self::LongName { .. } => "choose a shorter name",
            Self::LargeValue { .. } => "store large files elsewhere, and only their key here",
            Self::LargeStore { .. } => "remove secrets, or split them across several stores",
            Self::UnknownVersion { .. } => "update hushed",
            Self::Malformed => "restore the file from a backup, and report this as a bug",
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests;
