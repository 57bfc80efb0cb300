//! The ways in which a value may turn up in output: a closed set with names for the command line.
//! It writes no form of a value itself.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// A way to write a value. One may yield several forms: base64 has one per offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The value itself.
    Raw,
    /// Each line of a value of several lines.
    Lines,
    /// CRLF for LF, as a terminal writes it.
    Crlf,
    /// Without the newline at its end, as a shell's `$(…)` gives it.
    Trim,
    /// Base64 inside any text: at three offsets.
    Base64,
    /// The same in the alphabet for URLs and tokens.
    Base64url,
    /// Hexadecimal digits, all upper or all lower case.
    Hex,
    /// Percent-encoded, as URLs and forms have it.
    Percent,
    /// Inside a JSON string.
    Json,
    /// Quoted for a shell, as `set -x`, `export -p` and `printf %q` show it.
    Shell,
    /// With XML and HTML entities.
    Xml,
    /// With the escapes of string literals: `\xNN`, octal, `\u{…}`, `^J`, `M-C`.
    Escape,
    /// With quotes, `$` or `%` doubled, as SQL and CSV have them.
    Doubled,
    /// As a dump of bytes: spaced hexadecimal, decimal arrays, the output of xxd, hexdump and od.
    Dump,
    /// Base32 inside any text.
    Base32,
    /// UTF-16, as it is, in base64 and in hexadecimal.
    Utf16,
    /// With colors, or wrapped over several lines.
    Wrap,
    /// Cut off, with an ellipsis in place of the rest.
    Truncated,
    /// The value after its own escapes are decoded.
    Decoded,
    /// The secret parts of a URL, of JSON and of other structured values.
    Parts,
}

impl Encoding {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 20] = [
        Self::Raw,
        Self::Lines,
        Self::Crlf,
        Self::Trim,
        Self::Base64,
        Self::Base64url,
        Self::Hex,
        Self::Percent,
        Self::Json,
        Self::Shell,
        Self::Xml,
        Self::Escape,
        Self::Doubled,
        Self::Dump,
        Self::Base32,
        Self::Utf16,
        Self::Wrap,
        Self::Truncated,
        Self::Decoded,
        Self::Parts,
    ];

    /// Their names, in the same order.
    pub const NAMES: [&str; 20] = [
        "raw",
        "lines",
        "crlf",
        "trim",
        "base64",
        "base64url",
        "hex",
        "percent",
        "json",
        "shell",
        "xml",
        "escape",
        "doubled",
        "dump",
        "base32",
        "utf16",
        "wrap",
        "truncated",
        "decoded",
        "parts",
    ];

    /// The name, as `--redact-encodings` takes it.
    pub fn name(self) -> &'static str {
        let mut named = Self::ALL.into_iter().zip(Self::NAMES);
        named.find(|(encoding, _)| *encoding == self).map_or("raw", |(_, name)| name)
    }

    fn bit(self) -> u32 {
        Self::ALL.iter().take_while(|other| **other != self).fold(1, |bit, _| bit << 1)
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let mut named = Self::ALL.into_iter().zip(Self::NAMES);
        let found = named.find(|(_, known)| *known == name);
        found.map(|(encoding, _)| encoding).ok_or_else(|| Error::UnknownEncoding(name.to_owned()))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of encodings. The value itself is always among them: a set that would let it through is
/// nobody's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encodings(u32);

impl Encodings {
    /// Every encoding.
    pub const ALL: Self = Self((1 << Encoding::ALL.len()) - 1);
    /// The value itself only.
    pub const RAW: Self = Self(1);

    /// Whether this encoding is among them.
    pub fn contains(self, encoding: Encoding) -> bool {
        self.0 & encoding.bit() != 0
    }

    /// Whether one of these encodings is among them.
    pub(super) fn contains_any(self, encodings: &[Encoding]) -> bool {
        encodings.iter().any(|encoding| self.contains(*encoding))
    }
}

impl Default for Encodings {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<Encoding> for Encodings {
    fn from_iter<I: IntoIterator<Item = Encoding>>(encodings: I) -> Self {
        Self(encodings.into_iter().fold(Self::RAW.0, |bits, encoding| bits | encoding.bit()))
    }
}

impl FromStr for Encodings {
    type Err = Error;

    /// Reads names with commas between them, or `all`.
    fn from_str(names: &str) -> Result<Self, Error> {
        if names.trim() == "all" {
            return Ok(Self::ALL);
        }
        names.split(',').map(|name| name.trim().parse::<Encoding>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for encoding in Encoding::ALL {
            assert_eq!(encoding.to_string().parse::<Encoding>().unwrap(), encoding);
        }
    }

    #[test]
    fn a_set_is_read_from_names_and_always_has_the_value_itself() {
        let set: Encodings = "base64, hex".parse().unwrap();
        let has: Vec<&str> =
            Encoding::ALL.into_iter().filter(|e| set.contains(*e)).map(Encoding::name).collect();
        assert_eq!(has, ["raw", "base64", "hex"]);
        assert_eq!("all".parse::<Encodings>().unwrap(), Encodings::ALL);
        assert_eq!(Encoding::ALL.into_iter().collect::<Encodings>(), Encodings::ALL);
        assert_eq!("raw".parse::<Encodings>().unwrap(), Encodings::RAW);
    }

    #[test]
    fn an_unknown_name_is_said_with_the_known_ones() {
        for (names, want) in
            [("raw,rot13", "`rot13`"), ("", "``"), ("raw,", "``"), ("RAW", "`RAW`")]
        {
            let fault = names.parse::<Encodings>().unwrap_err();
            assert_eq!(fault.to_string(), format!("there is no encoding {want}"));
            assert!(fault.hint().unwrap().contains("raw, lines, crlf, trim, base64, base64url"));
        }
    }
}
