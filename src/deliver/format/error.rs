//! Why secrets cannot be written in a format. Nothing here holds a value, only what kind of thing
//! in it stands in the way.

use super::{DotenvReader, Format};
use crate::secret::Name;

/// Why secrets cannot be written in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such format.
    #[error("there is no format `{given}`")]
    Unknown {
        /// What was asked for.
        given: String,
    },
    /// The format cannot carry a value byte for byte.
    #[error("the value of `{name}`: {} cannot carry {what}", format.reader())]
    Value {
        /// The format.
        format: Format,
        /// The name of the secret.
        name: Name,
        /// What in the value it cannot carry.
        what: Unsupported,
    },
    /// There is no such dialect of dotenv files.
    #[error("unknown dialect of dotenv files")]
    UnknownDialect,
    /// A reader of dotenv files cannot be given a value byte for byte.
    #[error("the value of `{name}`: no line of a dotenv file gives it to {reader} unchanged")]
    DotenvValue {
        /// The reader.
        reader: DotenvReader,
        /// The name of the secret.
        name: Name,
    },
    /// The script of POSIX shells is about to be read by fish.
    #[error("fish reads the format `shell` in another way, and may run parts of a value")]
    Fish,
    /// The format cannot carry a name.
    #[error("{} cannot carry the name `{name}`", format.reader())]
    Name {
        /// The format.
        format: Format,
        /// The name.
        name: Name,
    },
    /// Two secrets have one name.
    #[error("there are two secrets named `{name}`")]
    Duplicate {
        /// The name.
        name: Name,
    },
    /// The name asked for the Kubernetes object is none that Kubernetes accepts.
    #[error("a Kubernetes Secret cannot be named `{name}`")]
    ObjectName {
        /// The name of the object.
        name: Name,
    },
    /// The values together are more than Kubernetes accepts in one Secret.
    #[error("the values have {size} bytes together, and a Kubernetes Secret carries 1048576")]
    ObjectSize {
        /// How many bytes the values have.
        size: usize,
    },
}

/// What in a value a format cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A NUL.
    Nul,
    /// A newline.
    Newline,
    /// A carriage return.
    CarriageReturn,
    /// A carriage return at the end.
    FinalCarriageReturn,
    /// Nothing at all.
    Empty,
    /// A Unicode noncharacter or byte order mark.
    Noncharacter,
    /// More than fits on a line.
    LongLine,
    /// A `${`, which python-dotenv expands inside any quotes.
    Expansion,
    /// Two backslashes in a row, or one at the end, which python-dotenv reads as escapes.
    Backslash,
    /// A single quote together with something that double quotes cannot hold.
    Quotes,
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotUtf8 => "bytes that are not UTF-8",
            Self::Nul => "a NUL",
            Self::Newline => "a newline",
            Self::CarriageReturn => "a carriage return",
            Self::FinalCarriageReturn => "a carriage return at the end of a value",
            Self::Empty => "an empty value",
            Self::Noncharacter => "a Unicode noncharacter or byte order mark",
            Self::LongLine => "a line of more than 65535 bytes",
            Self::Expansion => "`${` to all its readers alike",
            Self::Backslash => {
                "two backslashes in a row or one at the end to all its readers alike"
            }
            Self::Quotes => {
                "a single quote together with a double quote, a backslash, a backtick or a `$` to \
                 all its readers alike"
            }
        })
    }
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unknown { .. } => {
                return Some(format!("the formats are {}", Format::NAMES.join(", ")));
            }
            Self::UnknownDialect => {
                return Some(format!("the dialects are {}", DotenvReader::NAMES.join(", ")));
            }
            Self::DotenvValue { .. } => {
                "start the program with `hushed run`, or leave the secret out with `--exclude`"
            }
            Self::Fish => "use `hushed export --format fish | source`",
            Self::Value { format: Format::Docker, .. } => {
                "let docker take it from its own environment: `hushed run -- docker run --env NAME \
                 IMAGE`"
            }
            Self::Value { what: Unsupported::NotUtf8, .. } => {
                "`--format shell` and `--format kubernetes` carry it"
            }
            Self::Value { what: Unsupported::Nul, .. } => {
                "`--format kubernetes` carries it; no environment variable can"
            }
            Self::Value { .. } => "`--format shell` and `--format json` carry it",
            Self::Name { .. } | Self::Duplicate { .. } => {
                "leave it out with `--exclude`, or give it another name with `--rename`"
            }
            Self::ObjectName { .. } => {
                "use at most 253 lower-case letters, digits, `-` and `.`, with a letter or a digit \
                 at each end"
            }
            Self::ObjectSize { .. } => {
                "choose fewer secrets with `--only` or `--exclude`, and make two objects"
            }
        };
        Some(hint.to_owned())
    }
}
