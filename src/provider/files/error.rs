//! Why a directory of files gave no secrets. It carries paths, never content.

use std::io;
use std::path::PathBuf;

use crate::message::shown_path;
use crate::provider::{Class, ProviderError};
use crate::seal::private_file;

/// Why a directory of files gave no secrets.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the secrets of `{}`", shown_path(place))]
pub struct Error {
    pub(super) place: PathBuf,
    #[source]
    pub(super) reason: Reason,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Reason {
    #[error("there is no such directory")]
    Missing,
    #[error("it is not a directory")]
    NotADirectory,
    #[error("the directory cannot be read")]
    Directory(#[source] io::Error),
    #[error("the directory holds no file{}", list(skipped))]
    Empty { skipped: Vec<String> },
    #[error("the directory holds more than {} files", super::read::MAX_ENTRIES)]
    TooMany,
    #[error("the files are larger than {} MiB together", super::read::MAX_TOTAL >> 20)]
    TooLarge,
    #[error("names that are not UTF-8: {}", .0.join(", "))]
    Names(Vec<String>),
    #[error("the directory was replaced again and again while it was read")]
    Changing,
    #[error(transparent)]
    File(#[from] private_file::Error),
}

fn list(skipped: &[String]) -> String {
    if skipped.is_empty() { String::new() } else { format!("; not read: {}", skipped.join(", ")) }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match &self.reason {
            Reason::Missing
            | Reason::Empty { .. }
            | Reason::File(private_file::Error::Missing { .. }) => Class::NotFound,
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match &self.reason {
            Reason::Missing => {
                "check `directory`, and whether what starts hushed mounts or passes it".to_owned()
            }
            Reason::NotADirectory => "set `directory` to the directory of the file".to_owned(),
            Reason::Empty { .. } => {
                "check what is mounted there; --allow-empty accepts it".to_owned()
            }
            Reason::Directory(_) => {
                "give this user read access to the directory and to those above it".to_owned()
            }
            Reason::TooMany | Reason::TooLarge => {
                "check that it is a directory of secrets".to_owned()
            }
            Reason::Names(_) => "rename the files".to_owned(),
            Reason::Changing => "try again".to_owned(),
            Reason::File(private_file::Error::NotRegular { .. }) => {
                "remove it from the directory; only regular files and links to such are read"
                    .to_owned()
            }
            Reason::File(error) => return error.hint(),
        })
    }

    fn names_its_place(&self) -> bool {
        true
    }
}
