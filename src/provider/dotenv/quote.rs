//! The ways to quote a value in a dotenv file. Which of them gives a value back is for the parser of a dialect to say.

use super::{Assignment, Dialect, ReadOptions, read};
use crate::secret::{SecretBuffer, Value};

/// A way to quote a value.
#[derive(Debug)]
pub struct Quoting {
    quote: &'static str,
    /// The characters that get a backslash.
    escaped: &'static [char],
    /// Whether a carriage return is written as `\r`.
    escapes_returns: bool,
}

/// The ways to quote, the plainest first.
pub const QUOTINGS: [Quoting; 8] = [
    Quoting { quote: "'", escaped: &[], escapes_returns: false },
    Quoting { quote: "\"", escaped: &[], escapes_returns: false },
    Quoting { quote: "`", escaped: &[], escapes_returns: false },
    Quoting { quote: "", escaped: &[], escapes_returns: false },
    Quoting { quote: "'", escaped: &['\''], escapes_returns: false },
    Quoting { quote: "'", escaped: &['\'', '\\'], escapes_returns: false },
    Quoting { quote: "\"", escaped: &['"', '\\', '$'], escapes_returns: true },
    Quoting { quote: "\"", escaped: &['"', '\\', '$', '`'], escapes_returns: false },
];

impl Quoting {
    /// Whether a value can be quoted in this way. A quote inside the quotes is read back by chance, if at all.
    pub fn can_hold(&self, value: &str) -> bool {
        self.quote.is_empty() || !self.escaped.is_empty() || !value.contains(self.quote)
    }
}

/// Appends a value in quotes.
pub fn quote_value(quoting: &Quoting, value: &str, out: &mut SecretBuffer) {
    out.push(quoting.quote);
    for c in value.chars() {
        match c {
            '\r' if quoting.escapes_returns => out.push("\\r"),
            c if quoting.escaped.contains(&c) => {
                out.push("\\");
                out.push_char(c);
            }
            c => out.push_char(c),
        }
    }
    out.push(quoting.quote);
}

/// Lines that may follow. A quote that is not closed on a line would be closed by one of these: some readers
/// want a comment or the end of the line behind a closing quote.
const FOLLOWING: [&str; 10] = [
    "NEXT=x\n",
    "NEXT='x'\n",
    "NEXT=\"x\"\n",
    "NEXT=`x`\n",
    "NEXT='#x'\n",
    "NEXT=\"#x\"\n",
    "NEXT=`#x`\n",
    "NEXT='\nx'\n",
    "NEXT=\"\nx\"\n",
    "NEXT=`\nx`\n",
];

/// Whether a dialect reads one line, with any other after it, as this variable alone. A reference to any
/// variable would change the value.
pub fn is_read_back(dialect: Dialect, expand: bool, line: &[u8], name: &str, value: &str) -> bool {
    let any = |_: &str| Some(Value::from("\u{1}another value"));
    let options = ReadOptions {
        dialect,
        expand,
        overrides: true,
        environment: &any,
        ..ReadOptions::default()
    };
    FOLLOWING.iter().all(|following| {
        let mut file = SecretBuffer::with_capacity(line.len() + following.len());
        file.push(line);
        file.push(*following);
        // What the dialect cannot read is not written in it.
        let Ok(alone) = read(following.as_bytes(), options) else { return true };
        let Ok(document) = read(file.as_bytes(), options) else { return false };
        let Some((first, rest)) = document.assignments.split_first() else { return false };
        let values = |all: &[Assignment]| -> Vec<_> {
            all.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
        };
        values(rest) == values(&alone.assignments)
            && first.name.as_str() == name
            && first.value.expose() == value.as_bytes()
    })
}
