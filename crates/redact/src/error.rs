//! What can go wrong before anything is redacted. No text of it holds a byte of a value.

use nix::errno::Errno;

use super::encoding::Encoding;

/// Why patterns cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name of an encoding that is none.
    #[error("there is no encoding `{0}`")]
    UnknownEncoding(String),
    /// More bytes or forms than are worth looking for.
    #[error("the values to be redacted are too large")]
    TooLarge,
    /// The kernel gave no memory.
    #[error("there is no memory for the values to be redacted")]
    Memory(#[from] Errno),
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownEncoding(_) => {
                Some(format!("the encodings are {}", Encoding::NAMES.join(", ")))
            }
            Self::TooLarge => Some(
                "leave large values out with `--no-redact`, or encodings with `--redact-encodings`"
                    .to_owned(),
            ),
            Self::Memory(_) => None,
        }
    }
}
