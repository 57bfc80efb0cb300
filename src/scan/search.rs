//! Searches one file or object: which values stand on which lines.

use std::io::{self, Read};
use std::sync::Arc;

use crate::redact::{Patterns, Redactor, Segment};
use crate::secret::Name;

/// How much is read at once.
const BUFFER: usize = 1 << 18;

/// A value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The line on which it begins; the first is 1.
    pub line: u64,
    /// Whose value it is.
    pub name: Name,
}

/// Searches one text after another for the same values.
#[derive(Debug)]
pub struct Searcher {
    redactor: Redactor,
    buffer: Vec<u8>,
}

impl Searcher {
    /// A searcher for these values.
    pub fn new(patterns: &Arc<Patterns>) -> Self {
        Self { redactor: Redactor::new(Arc::clone(patterns)), buffer: vec![0; BUFFER] }
    }

    /// Reads a text to its end, and returns the values in it: each once for a line.
    pub fn search(&mut self, text: &mut impl Read) -> io::Result<Vec<Match>> {
        let mut found = Vec::new();
        let mut line = 1;
        let Self { redactor, buffer } = self;
        let outcome = loop {
            match text.read(buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    redactor.push_segments(bytes, |segment| note(&segment, &mut line, &mut found));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        redactor.finish_segments(|segment| note(&segment, &mut line, &mut found));
        outcome.map(|()| found)
    }

    /// Returns a text without the values in it.
    pub fn redacted(&mut self, text: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(text.len());
        self.redactor.push(text, |bytes| shown.extend_from_slice(bytes));
        self.redactor.finish(|bytes| shown.extend_from_slice(bytes));
        shown
    }
}

fn note(segment: &Segment<'_>, line: &mut u64, found: &mut Vec<Match>) {
    let bytes = match *segment {
        Segment::Text(bytes) => bytes,
        Segment::Secret { name, written, .. } => {
            let is_known =
                found.iter().rev().take_while(|it| it.line == *line).any(|it| it.name == *name);
            if !is_known {
                found.push(Match { line: *line, name: name.clone() });
            }
            written
        }
    };
    *line += memchr::memchr_iter(b'\n', bytes).map(|_| 1).sum::<u64>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::RedactionRules;
    use crate::secret::Value;

    fn searcher() -> Searcher {
        let secrets = [("ONE", "canary-one-7f3a"), ("PEM", "first-line-9x\nsecond-line-8y")];
        let secrets = secrets.map(|(name, value)| (Name::new(name), Value::from(value)));
        let secrets = secrets.iter().map(|(name, value)| (name, value));
        let patterns = Patterns::compile(secrets, &RedactionRules::default()).unwrap();
        Searcher::new(&Arc::new(patterns))
    }

    /// Gives a text in pieces of a few bytes.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    #[test]
    fn a_value_is_found_on_its_line_however_the_text_is_read() {
        let text = b"a\ncanary-one-7f3a canary-one-7f3a\n\nfirst-line-9x\nsecond-line-8y\nY2FuYXJ5LW9uZS03ZjNh";
        let found = |size| {
            let found = searcher().search(&mut Pieces(text, size)).unwrap();
            found.into_iter().map(|it| (it.line, it.name.to_string())).collect::<Vec<_>>()
        };
        let want = [(2, "ONE"), (4, "PEM"), (6, "ONE")].map(|(line, name)| (line, name.to_owned()));
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(found(size), want, "in pieces of {size}");
        }
    }

    #[test]
    fn one_text_does_not_continue_the_one_before() {
        let mut searcher = searcher();
        assert_eq!(searcher.search(&mut &b"canary-one"[..]).unwrap(), []);
        assert_eq!(searcher.search(&mut &b"-7f3a"[..]).unwrap(), []);
        assert_eq!(searcher.redacted(b"x/canary-one-7f3a"), b"x/[hushed:ONE]");
    }

    #[test]
    fn a_text_that_cannot_be_read_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::Other.into())
            }
        }
        assert!(searcher().search(&mut Broken).is_err());
    }
}
