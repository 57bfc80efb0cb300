//! Which values are secrets: by the setting of their source, their name, and their shape. Pure: it reads
//! no file and looks for nothing in a text.
//!
//! ```text
//! name ───▶ name    (words of the name: TOKEN, PASSWORD, …) ─┐
//! value ─▶ ordinary (never redacted: localhost, 5432, …)    ─┼─▶ Policy::decide ─▶ Decision
//!       ─▶ evident  (redacted whatever the name: a JWT, …)  ─┤
//!       ─▶ shape    (whether a part looks like a key)       ─┘
//! ```

mod evident;
mod form;
mod letters;
mod line;
mod name;
mod number;
mod ordinary;
mod part;
mod shape;
mod words;

#[cfg(test)]
mod tests;

use std::fmt;

pub use evident::Evidence;
pub(super) use line::is_structural_line;
pub use ordinary::Ordinary;

use name::Meaning;

/// Which values of a source are redacted, from the fewest to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// None.
    Nothing,
    /// Those whose name or shape says that they are secret.
    Auto,
    /// All but ordinary words and values.
    All,
}

impl Scope {
    /// The values of the setting.
    pub const NAMES: [&'static str; 3] = ["true", "false", "auto"];
}

/// What the user specifies about the redaction of one variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instruction {
    /// Nothing: its source, name and value decide.
    #[default]
    None,
    /// It is redacted.
    Redact,
    /// It is not redacted.
    Show,
}

/// A variable to decide about.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it holds a value")]
pub struct Candidate<'a> {
    /// The name of the variable.
    pub name: &'a str,
    /// Its value.
    pub value: &'a [u8],
    /// What is redacted of its source.
    pub scope: Scope,
    /// What the user specifies about it.
    pub instruction: Instruction,
}

/// Whether a variable is redacted, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is redacted.
    pub is_redacted: bool,
    /// Why.
    pub reason: Reason,
}

/// Why a variable is redacted, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The user names it as a secret.
    Named,
    /// The user asks for all values.
    All,
    /// Its source is redacted as a whole.
    Source,
    /// This word of its name says that it is secret.
    Name(&'static str),
    /// The value shows what it is.
    Evident(Evidence),
    /// The value has a part that looks like a key.
    KeyLike,
    /// The value is empty.
    Empty,
    /// The user excludes it from redaction.
    Exempt,
    /// Nothing of its source is redacted.
    SourceOff,
    /// The value is shorter than the minimum, in bytes.
    TooShort(usize),
    /// The value is one that is never redacted.
    Ordinary(Ordinary),
    /// Neither the name nor the value says anything of a secret.
    Plain,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => f.write_str("--redact-name"),
            Self::All => f.write_str("--redact-all"),
            Self::Source => f.write_str("its source is secret"),
            Self::Name(word) => write!(f, "its name says {word}"),
            Self::Evident(evidence) => write!(f, "its value is or contains {evidence}"),
            Self::KeyLike => f.write_str("its value looks like a key"),
            Self::Empty => f.write_str("empty"),
            Self::Exempt => f.write_str("--no-redact"),
            Self::SourceOff => f.write_str("its source has redact = false"),
            Self::TooShort(min) => write!(f, "shorter than {min} bytes, see --redact-min"),
            Self::Ordinary(ordinary) => write!(f, "its value is {ordinary}"),
            Self::Plain => f.write_str("neither its name nor its value looks secret"),
        }
    }
}

/// Values that have fewer characters, and a name that says nothing, are no secrets.
const SHORTEST_KEY: usize = 8;

/// Decides which values are redacted.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a closure has none")]
pub struct Policy<'a> {
    /// Whether ordinary words and values are redacted too.
    pub all: bool,
    /// The least number of bytes of a redacted value, without a newline at its end.
    pub min: usize,
    /// Whether there is a file of this path.
    pub path_exists: &'a dyn Fn(&str) -> bool,
}

impl Policy<'_> {
    /// Decides about one variable.
    pub fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let shown = |reason| Decision { is_redacted: false, reason };
        let value = super::targets::trimmed(candidate.value);
        if value.is_empty() {
            return shown(Reason::Empty);
        }
        let decision = self.decide_long(candidate, value);
        if decision.is_redacted && value.len() < self.min {
            return shown(Reason::TooShort(self.min));
        }
        decision
    }

    fn decide_long(&self, candidate: &Candidate<'_>, value: &[u8]) -> Decision {
        let shown = |reason| Decision { is_redacted: false, reason };
        let redacted = |reason| Decision { is_redacted: true, reason };
        match (candidate.instruction, candidate.scope) {
            (Instruction::Redact, _) => return redacted(Reason::Named),
            (Instruction::Show, _) => return shown(Reason::Exempt),
            (Instruction::None, Scope::Nothing) => return shown(Reason::SourceOff),
            (Instruction::None, Scope::All | Scope::Auto) if self.all => {
                return redacted(Reason::All);
            }
            (Instruction::None, _) => {}
        }
        let text = std::str::from_utf8(value).ok().map(str::trim);
        let meaning = name::meaning(candidate.name);
        let ordinary = text.and_then(|text| ordinary::find(text, self.path_exists));
        // The number of a variable `PIN` is no port.
        let is_code = ordinary == Some(Ordinary::Number) && matches!(meaning, Meaning::Secret(_));
        if let Some(ordinary) = ordinary.filter(|_| !is_code) {
            return shown(Reason::Ordinary(ordinary));
        }
        if candidate.scope == Scope::All {
            return redacted(Reason::Source);
        }
        if let Meaning::Secret(word) = meaning {
            return redacted(Reason::Name(word));
        }
        // Whatever is no text is nothing that a person configures.
        let Some(text) = text else { return redacted(Reason::KeyLike) };
        if text.chars().count() < SHORTEST_KEY {
            return shown(Reason::Plain);
        }
        if let Some(evidence) = evident::find(text) {
            return redacted(Reason::Evident(evidence));
        }
        if shape::is_plain(text) || form::is_public(text) || meaning.fits(text) {
            return shown(Reason::Plain);
        }
        redacted(Reason::KeyLike)
    }
}

/// Whether a part of a value is one that is never redacted by itself: `localhost`, `postgres`, `5432`.
pub(super) fn is_ordinary(part: &[u8]) -> bool {
    std::str::from_utf8(part).is_ok_and(|part| ordinary::is_word_or_number(part.trim()))
}

/// Whether a key of a structured value, such as `password` in JSON, says that its value is secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    matches!(name::meaning(key), Meaning::Secret(_))
}
