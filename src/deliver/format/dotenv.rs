//! Dotenv files. Without a dialect, they are what all usual readers read alike; with one, what the reader
//! of that dialect reads back byte for byte, which is checked with the parser of the dialect.
//!
//! Two quotings are read alike: single quotes, where hushed, node, ruby, docker compose, systemd and shells
//! take every character literally, and python-dotenv all but `\\`, `\'` and `${`; and double quotes
//! around a value that has a `'` and nothing that is special in double quotes anywhere. Readers that
//! expand `$` in single quotes (next, vite, bun, dotenv-expand) need a dialect.

use std::fmt;
use std::str::FromStr;

use super::{Error, ExportedSecret, Unsupported};
use crate::provider::dotenv::{Dialect, QUOTINGS, Quoting, is_read_back, quote_value};
use crate::secret::SecretBuffer;

/// The reader that a dotenv file is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotenvReader {
    /// A reader whose dialect hushed reads, too.
    Dialect(Dialect),
    /// `@next/env` (16): npm's dotenv, then dotenv-expand.
    Next,
    /// Vite (8): node's parser, then dotenv-expand.
    Vite,
    /// Bun (1.4), which expands like dotenv-expand.
    Bun,
}

impl DotenvReader {
    /// The readers as `--dialect` names them.
    pub const NAMES: [&str; 11] = [
        "strict", "node", "dotenv", "python", "ruby", "compose", "docker", "systemd", "next",
        "vite", "bun",
    ];

    /// The reader as `--dialect` names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dialect(dialect) => dialect.as_str(),
            Self::Next => "next",
            Self::Vite => "vite",
            Self::Bun => "bun",
        }
    }

    /// The dialects in which a line must be read back.
    fn parsers(self) -> &'static [Dialect] {
        match self {
            Self::Dialect(dialect) => {
                let at = Dialect::ALL.iter().position(|known| *known == dialect).unwrap_or(0);
                Dialect::ALL.get(at..=at).unwrap_or_default()
            }
            Self::Next => &[Dialect::Dotenv],
            Self::Vite | Self::Bun => &[Dialect::Node, Dialect::Dotenv],
        }
    }

    /// Whether `\$` is a dollar after the file was parsed, in any quotes.
    fn expands_afterwards(self) -> bool {
        !matches!(self, Self::Dialect(_))
    }
}

impl FromStr for DotenvReader {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "next" => Ok(Self::Next),
            "vite" => Ok(Self::Vite),
            "bun" => Ok(Self::Bun),
            _ => text.parse().map(Self::Dialect).map_err(|_| Error::UnknownDialect),
        }
    }
}

impl fmt::Display for DotenvReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(super) fn write(
    secrets: &[ExportedSecret<'_>],
    before: &str,
    out: &mut SecretBuffer,
) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.identifier()?;
        let text = secret.text()?;
        let quote = common_quote(secret, text)?;
        for part in [before, name, "=", quote, text, quote, "\n"] {
            out.push(part);
        }
    }
    Ok(())
}

/// Writes for one reader.
pub(super) fn write_for(
    reader: DotenvReader,
    secrets: &[ExportedSecret<'_>],
    out: &mut SecretBuffer,
) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.identifier()?;
        let text = secret.text()?;
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        let line = line_for(reader, name, text).ok_or_else(|| secret.unsupported_by(reader))?;
        out.push(line.as_bytes());
    }
    Ok(())
}

fn common_quote(secret: &ExportedSecret<'_>, text: &str) -> Result<&'static str, Error> {
    secret.refuse(text.contains('\0'), Unsupported::Nul)?;
    // Python reads a carriage return as a newline, node removes it.
    secret.refuse(text.contains('\r'), Unsupported::CarriageReturn)?;
    secret.refuse(text.contains("${"), Unsupported::Expansion)?;
    if text.contains('\'') {
        secret.refuse(text.contains(['"', '\\', '`', '$']), Unsupported::Quotes)?;
        return Ok("\"");
    }
    secret.refuse(text.contains("\\\\") || text.ends_with('\\'), Unsupported::Backslash)?;
    Ok("'")
}

/// The line that a reader reads back, if there is one.
fn line_for(reader: DotenvReader, name: &str, text: &str) -> Option<SecretBuffer> {
    let mut wanted = SecretBuffer::with_capacity(text.len() * 2);
    if reader.expands_afterwards() {
        if text.contains("\\$") || text.ends_with('\\') {
            return None;
        }
        for (index, piece) in text.split('$').enumerate() {
            if index > 0 {
                wanted.push("\\$");
            }
            wanted.push(piece);
        }
    } else {
        wanted.push(text);
    }
    let value = std::str::from_utf8(wanted.as_bytes()).unwrap_or_default();
    let is_possible = |quoting: &&Quoting| quoting.can_hold(value);
    let lines = QUOTINGS.iter().filter(is_possible).map(|quoting| quote(quoting, name, value));
    let reads = |line: &SecretBuffer| {
        let mut parsers = reader.parsers().iter();
        parsers.all(|dialect| is_read_back(*dialect, true, line.as_bytes(), name, value))
    };
    lines.into_iter().find(reads)
}

fn quote(quoting: &Quoting, name: &str, value: &str) -> SecretBuffer {
    let mut line = SecretBuffer::with_capacity(name.len() + value.len() * 2 + 4);
    line.push(name);
    line.push("=");
    quote_value(quoting, value, &mut line);
    line.push("\n");
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::deliver::format::{Format, RenderOptions, render};
    use crate::provider::dotenv::{ReadOptions, parse, read};
    use crate::secret::{Name, Value};

    fn written(value: &str) -> Result<String, Unsupported> {
        let secret = (&Name::new("A"), &Value::from(value));
        match render(Format::Dotenv, [secret], RenderOptions::default()) {
            Ok(text) => Ok(String::from_utf8(text.to_vec()).unwrap()),
            Err(Error::Value { what, .. }) => Err(what),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn chooses_the_quotes_that_all_readers_agree_on() {
        for (value, want) in [
            ("", Ok("A=''\n")),
            ("canary", Ok("A='canary'\n")),
            ("canary $A `b` \"c\" \\n #", Ok("A='canary $A `b` \"c\" \\n #'\n")),
            ("canary\n2", Ok("A='canary\n2'\n")),
            ("it's canary # $", Err(Unsupported::Quotes)),
            ("it's canary #\n", Ok("A=\"it's canary #\n\"\n")),
            ("it's a `canary`", Err(Unsupported::Quotes)),
            ("it's a can\\ary", Err(Unsupported::Quotes)),
            ("it's a \"canary\"", Err(Unsupported::Quotes)),
            ("canary\\", Err(Unsupported::Backslash)),
            ("can\\\\ary", Err(Unsupported::Backslash)),
            ("can${ary", Err(Unsupported::Expansion)),
            ("canary\r\n", Err(Unsupported::CarriageReturn)),
            ("canary\0", Err(Unsupported::Nul)),
        ] {
            assert_eq!(written(value), want.map(str::to_owned), "{value:?}");
        }
    }

    #[test]
    fn a_quote_that_a_line_opens_is_not_closed_by_a_later_line() {
        for reader in DotenvReader::NAMES {
            let dotenv_reader: DotenvReader = reader.parse().unwrap();
            let options =
                RenderOptions { dotenv_reader: Some(dotenv_reader), ..RenderOptions::default() };
            for value in
                ["`canary\\'\"", "\"canary'`", "'canary\"`", "`canary", "\"canary", "canary\\"]
            {
                let values = [value, "#canary", "it's", "\ncanary", "\"canary"];
                let secrets: Vec<_> = ["A", "B", "C", "D", "E"]
                    .into_iter()
                    .zip(values)
                    .map(|(name, value)| (Name::new(name), Value::from(value)))
                    .filter(|(name, value)| {
                        render(Format::Dotenv, [(name, value)], options).is_ok()
                    })
                    .collect();
                let pairs = secrets.iter().map(|(name, value)| (name, value));
                let file = render(Format::Dotenv, pairs, options).unwrap();
                for dialect in dotenv_reader.parsers() {
                    let options = ReadOptions { dialect: *dialect, ..ReadOptions::default() };
                    let document = read(&file, options).unwrap();
                    let got: Vec<_> =
                        document.assignments.into_iter().map(|one| (one.name, one.value)).collect();
                    assert!(got == secrets, "{reader}: {}", String::from_utf8_lossy(&file));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn hushed_reads_what_it_writes(value in r#"([\PC'"\\$`# \n]|\$[A{(])*"#) {
            if let Ok(text) = written(&format!("canary{value}")) {
                let entries = parse(text.as_bytes()).unwrap();
                prop_assert_eq!(entries.len(), 1);
                prop_assert_eq!(entries[0].name.as_str(), "A");
                let want = format!("canary{value}");
                prop_assert_eq!(entries[0].value.expose_str(), Some(want.as_str()));
            }
        }
    }
}
