//! Why a sops file gave no secrets. It carries places, keys and the names of recipients, never values.

use std::path::PathBuf;

use super::cipher::Fault;
use super::metadata::{MasterKey, Service};
use crate::message::shown_path;
use crate::provider::age;
use crate::provider::document::{ParseError, SelectError};
use crate::provider::{Class, ProviderError};
use crate::seal::private_file;
use crate::secret::Name;

/// Why a sops file gave no secrets.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the secrets of `{}`", shown_path(file))]
pub struct Error {
    pub(super) file: PathBuf,
    /// Whether a flag named the file, so that a hint names flags.
    pub(super) by_flag: bool,
    #[source]
    pub(super) reason: Reason,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Reason {
    #[error(transparent)]
    File(#[from] private_file::Error),
    #[error("it is not a sops file: it has no metadata of sops")]
    NotSops,
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("the metadata of sops is not valid: {0}")]
    Metadata(String),
    #[error("`{key}` is `{}`, a pattern that hushed cannot compile", Name::new(pattern.as_str()))]
    Pattern { key: &'static str, pattern: String },
    #[error("no key opens it{needs}{}{places}", recipients(keys))]
    NoKey { needs: String, keys: Vec<MasterKey>, places: String },
    #[error("the opened data key is damaged")]
    DataKey,
    #[error("line {line}: `{name}` cannot be decrypted: {fault}")]
    Value { line: usize, name: String, fault: Fault },
    #[error("`{}` cannot be written as JSON, because it holds bytes that are not UTF-8", Name::new(.0.as_str()))]
    NotText(String),
    #[error("a reference to a sops file has no option `{}`", Name::new(.0.as_str()))]
    Option(String),
    #[error("it has no MAC")]
    MacMissing,
    #[error("its MAC is not authentic: `mac` or `lastmodified` was changed")]
    MacDamaged,
    #[error("its MAC does not match: values were added, removed or moved since sops wrote it")]
    MacMismatch,
    #[error(transparent)]
    Select(#[from] SelectError),
}

/// The keys that a file is encrypted for, a line each.
fn recipients(keys: &[MasterKey]) -> String {
    let line = |key: &MasterKey| {
        format!("\n    encrypted for {} {}", key.service.describe(), Name::new(key.name.as_str()))
    };
    keys.iter().take(20).map(line).collect()
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match &self.reason {
            Reason::File(private_file::Error::Missing { .. }) => Class::NotFound,
            Reason::NoKey { .. } => Class::Denied,
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        let format = if self.by_flag { "--sops-format dotenv" } else { "format = \"dotenv\"" };
        let restored = "see `git log -p` for what changed the file, and restore it; only `sops` itself may \
                        edit it";
        Some(match &self.reason {
            Reason::File(error) => return error.hint(),
            Reason::Select(error) => {
                return Some(error.hint(|key, value| {
                    if self.by_flag {
                        format!("--sops-{key} '{value}'")
                    } else {
                        format!("{key} = \"{value}\"")
                    }
                }));
            }
            Reason::NotSops => {
                "encrypt it with `sops encrypt`; a plain dotenv file is read with --env-file"
                    .to_owned()
            }
            Reason::Parse(_) => format!(
                "the format comes from the end of the file's name; set another one with `{format}`"
            ),
            Reason::Pattern { key, .. } => format!("correct `{key}`, and encrypt the file again"),
            Reason::NoKey { keys, .. } => no_key(keys),
            Reason::NotText(_) => "refer to a single value".to_owned(),
            Reason::Option(_) => "remove it".to_owned(),
            _ => restored.to_owned(),
        })
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

/// What to do where no key opens a file: what each service would need.
fn no_key(keys: &[MasterKey]) -> String {
    if keys.iter().any(|key| key.service == Service::Age) {
        return age::keys::HINT.to_owned();
    }
    let mut services: Vec<&str> = keys.iter().map(|key| key.service.describe()).collect();
    services.sort_unstable();
    services.dedup();
    format!(
        "hushed cannot ask {}; add an age recipient, whose identity hushed can use: `sops rotate --in-place \
         --add-age RECIPIENT FILE`",
        services.join(" or ")
    )
}
