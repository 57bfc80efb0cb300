//! What a fetcher answers, as bytes: version 1. It does no I/O, and never panics on bytes that are not
//! what they should be.
//!
//! All numbers are unsigned, the most significant byte first. A text or a value is its length (4) and its
//! bytes; what may be absent is 0, or 1 and itself.
//!
//! | size | field |
//! |-----:|-------|
//! |    1 | version: 1 |
//! |    8 | length of all that follows |
//! |    … | what the fetcher says to the user |
//! |    1 | kind: 0 for secrets, 1 for a fault, 2 for a signal |
//! |    … | secrets: their number (4); for each name, value, source, place, version (8) or none; the number of ingredients (4), for each name, value; the number of notes (4), the notes |
//! |    … | a fault: the number of its texts (4), the texts, the outermost first; a hint or none; its exit status (1) |
//! |    … | a signal: its number (1) |

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorReport};
use crate::exit::Exit;
use crate::seal::codec::Reader;
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

const VERSION: u8 = 1;
/// Version and length.
pub(super) const HEAD: usize = 1 + 8;
/// More than all sources may give: a length beyond it is none.
const LIMIT: u64 = 1 << 30;

const SECRETS: u8 = 0;
const FAULT: u8 = 1;
const SIGNAL: u8 = 2;

/// An answer.
#[derive(Debug)]
pub(super) struct Frame {
    /// What the user is to read on standard error.
    pub(super) said: Vec<u8>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    /// All secrets.
    Secrets(SecretSet),
    /// Why there are none.
    Fault(ErrorReport),
    /// A signal asked the fetcher to end.
    Signal(u8),
}

/// The bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Frame {
    /// The answer for this outcome.
    pub(super) fn new(outcome: Result<SecretSet, Error>, said: Vec<u8>) -> Self {
        let outcome = match outcome {
            Ok(secrets) => Outcome::Secrets(secrets),
            Err(Error::Interrupted(signal)) => Outcome::Signal(signal),
            Err(error) => Outcome::Fault(ErrorReport::from(&error)),
        };
        Self { said, outcome }
    }

    /// The outcome, as it was at the other end.
    pub(super) fn outcome(self) -> Result<SecretSet, Error> {
        match self.outcome {
            Outcome::Secrets(secrets) => Ok(secrets),
            Outcome::Fault(told) => Err(Error::Fetcher(told)),
            Outcome::Signal(signal) => Err(Error::Interrupted(signal)),
        }
    }

    /// As bytes.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Counted first, so that the buffer has its size from the start: one that grows leaves copies.
        let mut size = Size(0);
        self.put(&mut size);
        let mut bytes = Bytes(Zeroizing::new(Vec::with_capacity(HEAD + size.0)));
        bytes.put(&[VERSION]);
        bytes.put(&u64::try_from(size.0).unwrap_or(u64::MAX).to_be_bytes());
        self.put(&mut bytes);
        bytes.0
    }

    fn put(&self, to: &mut impl Put) {
        to.field(&self.said);
        match &self.outcome {
            Outcome::Secrets(secrets) => {
                to.put(&[SECRETS]);
                to.count(secrets.len());
                for secret in secrets {
                    to.field(secret.name.as_str().as_bytes());
                    to.field(secret.value.expose());
                    to.field(secret.provenance.source.as_bytes());
                    to.field(secret.provenance.place.as_bytes());
                    let version = secret.provenance.version.map(u64::to_be_bytes);
                    to.put(&[u8::from(version.is_some())]);
                    to.put(version.as_ref().map_or(&[], |bytes| bytes.as_slice()));
                }
                to.count(secrets.ingredients().len());
                for (name, value) in secrets.ingredients() {
                    to.field(name.as_str().as_bytes());
                    to.field(value.expose());
                }
                to.count(secrets.notes().len());
                secrets.notes().iter().for_each(|note| to.field(note.as_bytes()));
            }
            Outcome::Fault(told) => {
                to.put(&[FAULT]);
                to.count(told.texts.len());
                told.texts.iter().for_each(|text| to.field(text.as_bytes()));
                to.put(&[u8::from(told.hint.is_some())]);
                told.hint.iter().for_each(|hint| to.field(hint.as_bytes()));
                to.put(&[told.exit.code()]);
            }
            Outcome::Signal(number) => to.put(&[SIGNAL, *number]),
        }
    }

    /// Decodes exactly what [`Self::encode`] makes, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (head, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
        if length(head) != Some(rest.len()) {
            return Err(Malformed);
        }
        let mut reader = Reader::new(rest);
        let frame = Self::read(&mut reader).ok_or(Malformed)?;
        if reader.rest().is_empty() { Ok(frame) } else { Err(Malformed) }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let said = reader.field()?.to_vec();
        let outcome = match reader.array()? {
            [SECRETS] => {
                let count = reader.length()?;
                let mut secrets =
                    (0..count).map(|_| secret(reader)).collect::<Option<SecretSet>>()?;
                for _ in 0..reader.length()? {
                    let name = Name::new(text(reader)?);
                    secrets.add_ingredient(name, Value::from(reader.field()?));
                }
                for _ in 0..reader.length()? {
                    secrets.add_note(text(reader)?);
                }
                Outcome::Secrets(secrets)
            }
            [FAULT] => {
                let count = reader.length()?;
                let texts = (0..count).map(|_| text(reader)).collect::<Option<Vec<_>>>()?;
                let hint = if given(reader)? { Some(text(reader)?) } else { None };
                let [code] = reader.array()?;
                Outcome::Fault(ErrorReport { texts, hint, exit: Exit::reported(code)? })
            }
            [SIGNAL] => Outcome::Signal(reader.array().map(|[number]| number)?),
            _ => return None,
        };
        // A fault without a text is none.
        let empty = matches!(&outcome, Outcome::Fault(told) if told.texts.is_empty());
        (!empty).then_some(Self { said, outcome })
    }
}

/// How many bytes follow a frame's head; `None` for the head of something else.
pub(super) fn length(head: &[u8; HEAD]) -> Option<usize> {
    let (version, length) = head.split_first()?;
    let length = u64::from_be_bytes(length.try_into().ok()?);
    usize::try_from(length).ok().filter(|_| *version == VERSION && length <= LIMIT)
}

trait Put {
    fn put(&mut self, bytes: &[u8]);

    /// What does not fit into its length makes a frame that cannot be decoded.
    fn count(&mut self, count: usize) {
        self.put(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
    }

    fn field(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.put(bytes);
    }
}

struct Size(usize);

impl Put for Size {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

struct Bytes(Zeroizing<Vec<u8>>);

impl Put for Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

fn secret(reader: &mut Reader<'_>) -> Option<Secret> {
    let name = Name::new(text(reader)?);
    let value = Value::from(reader.field()?);
    let (source, place): (Arc<str>, Arc<str>) = (text(reader)?.into(), text(reader)?.into());
    let version = if given(reader)? { Some(reader.number()?) } else { None };
    Some(Secret { name, value, provenance: Provenance { source, place, version, age: None } })
}

fn text(reader: &mut Reader<'_>) -> Option<String> {
    str::from_utf8(reader.field()?).ok().map(str::to_owned)
}

fn given(reader: &mut Reader<'_>) -> Option<bool> {
    match reader.array()? {
        [0] => Some(false),
        [1] => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets() -> impl Strategy<Value = Vec<(String, Vec<u8>, String, Option<u64>)>> {
        let version = proptest::option::of(any::<u64>());
        let value = proptest::collection::vec(any::<u8>(), 0..50);
        proptest::collection::vec((".{0,9}", value, ".{0,9}", version), 0..6)
    }

    fn told() -> impl Strategy<Value = ErrorReport> {
        let texts = proptest::collection::vec(".{0,20}", 1..4);
        (texts, proptest::option::of(".{0,20}")).prop_map(|(texts, hint)| ErrorReport {
            texts,
            hint,
            exit: Exit::Denied,
        })
    }

    fn set(secrets: &[(String, Vec<u8>, String, Option<u64>)]) -> SecretSet {
        let secret = |(name, value, place, version): &(String, Vec<u8>, String, Option<u64>)| {
            let (source, place) = (Arc::from("s"), Arc::from(place.as_str()));
            Secret {
                name: Name::new(name),
                value: Value::from(value.as_slice()),
                provenance: Provenance { source, place, version: *version, age: None },
            }
        };
        secrets.iter().map(secret).collect()
    }

    fn parts(secret: &Secret) -> (Name, Value, Provenance) {
        (secret.name.clone(), secret.value.clone(), secret.provenance.clone())
    }

    proptest! {
        #[test]
        fn secrets_come_back_as_they_were(
            given in secrets(),
            said in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let given = set(&given);
            let bytes = Frame::new(Ok(given.clone()), said.clone()).encode();
            prop_assert_eq!(bytes.len(), bytes.capacity());
            let back = Frame::decode(&bytes).unwrap();
            prop_assert_eq!(&back.said, &said);
            let back = back.outcome().unwrap();
            let (back, given): (Vec<_>, Vec<_>) =
                (back.iter().map(parts).collect(), given.iter().map(parts).collect());
            prop_assert_eq!(back, given);
        }

        #[test]
        fn notes_come_back_as_they_were(given in secrets(), notes: Vec<String>) {
            let mut set = set(&given);
            for note in &notes {
                set.add_note(note.clone());
            }
            let bytes = Frame::new(Ok(set), Vec::new()).encode();
            let mut back = Frame::decode(&bytes).unwrap().outcome().unwrap();
            prop_assert_eq!(back.take_notes(), notes);
        }

        #[test]
        fn a_fault_comes_back_as_it_was(given in told()) {
            let frame = Frame::new(Err(Error::Fetcher(given.clone())), Vec::new());
            let back = Frame::decode(&frame.encode()).unwrap().outcome();
            let Err(Error::Fetcher(back)) = back else { panic!("not a fault") };
            prop_assert_eq!(back, given);
        }

        #[test]
        fn what_is_cut_off_or_too_long_is_no_frame(given in secrets(), end in any::<u8>()) {
            let bytes = Frame::new(Ok(set(&given)), Vec::new()).encode();
            for length in 0..bytes.len() {
                prop_assert!(Frame::decode(&bytes[..length]).is_err());
                // The same with a length that says so.
                if let Some(rest) = length.checked_sub(HEAD) {
                    let head = [&[VERSION][..], &u64::try_from(rest).unwrap().to_be_bytes()].concat();
                    let forged = [&head[..], &bytes[HEAD..length]].concat();
                    prop_assert!(Frame::decode(&forged).is_err());
                }
            }
            prop_assert!(Frame::decode(&[&bytes[..], &[end]].concat()).is_err());
        }

        #[test]
        fn garbage_is_no_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(Frame::decode(&bytes));
            if let Some(rest) = bytes.len().checked_sub(HEAD) {
                bytes[0] = VERSION;
                bytes[1..HEAD].copy_from_slice(&u64::try_from(rest).unwrap().to_be_bytes());
                drop(Frame::decode(&bytes));
            }
        }
    }

    #[test]
    fn a_signal_stays_one_and_other_versions_are_refused() {
        let mut bytes = Frame::new(Err(Error::Interrupted(15)), Vec::new()).encode();
        assert!(matches!(Frame::decode(&bytes).unwrap().outcome(), Err(Error::Interrupted(15))));
        bytes[0] = 2;
        assert_eq!(Frame::decode(&bytes).err(), Some(Malformed));
    }

    #[test]
    fn a_length_beyond_all_measure_takes_no_memory() {
        let head = [&[VERSION][..], &u64::MAX.to_be_bytes()].concat();
        assert_eq!(length(head[..].try_into().unwrap()), None);
        // A count that cannot be true ends at the first secret that is not there.
        let forged =
            [&[VERSION, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, SECRETS][..], &[0xff; 4]].concat();
        assert_eq!(Frame::decode(&forged).err(), Some(Malformed));
    }
}
