//! References to secrets: `source://path?version=3#property`. Here is the grammar alone, and how a
//! property is picked out of what a store returned. Which sources there are, and what a path means, is not known here.
//!
//! A reference names a source of the configuration, never a host, a file or a credential: a line of a project's
//! file cannot send a login to a stranger.

mod parse;
mod property;

use std::fmt;

use crate::secret::ObjectAddress;

pub use parse::{ParseError, parse, scheme};
pub use property::{PropertyError, members, pick};

/// A reference to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name of a source, or of a type of store.
    pub source: String,
    /// The object in that source.
    pub address: ObjectAddress,
    /// Which part of the object.
    pub property: Property,
    /// How the bytes are encoded in the store, if they are to be decoded.
    pub encoding: Option<Encoding>,
    /// Whether one line ending at the end is removed.
    pub trims_newline: bool,
}

/// A part of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// The only value of the object.
    Whole,
    /// The value of a key of this name, dots and all.
    Key(String),
    /// A place in JSON (RFC 6901): the reference tokens, decoded.
    Pointer(Vec<String>),
}

/// An encoding of bytes as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Base64 (RFC 4648, section 4), with or without padding.
    Base64,
    /// Base64 for URLs (RFC 4648, section 5), with or without padding.
    Base64Url,
    /// Hexadecimal digits.
    Hex,
}

impl Encoding {
    /// The names of all encodings, as options have them.
    pub const NAMES: [(&'static str, Self); 3] =
        [("base64", Self::Base64), ("base64url", Self::Base64Url), ("hex", Self::Hex)];
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Key(key) => write!(f, "#{key}"),
            Self::Pointer(tokens) => {
                f.write_str("#")?;
                let escaped = |token: &String| token.replace('~', "~0").replace('/', "~1");
                tokens.iter().try_for_each(|token| write!(f, "/{}", escaped(token)))
            }
        }
    }
}

impl fmt::Display for Reference {
    /// The reference without what only changes the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.source, self.address, self.property)
    }
}
