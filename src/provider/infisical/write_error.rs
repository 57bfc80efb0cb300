//! Why a secret was not written to Infisical.

use super::error::Error;
use super::error_response::ErrorResponse;
use crate::provider::{Class, ProviderError, WriteRefusal};
use crate::secret::Name;

/// Why a secret was not written. Nothing was changed, unless the connection was lost.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Several folders are configured.
    #[error("several folders are configured, and a secret is written to one")]
    SeveralFolders,
    /// The name does not fit into a route of the server.
    #[error("the name is longer than {limit} characters")]
    NameTooLong {
        /// The limit of the server, in characters.
        limit: usize,
    },
    /// The value is not UTF-8.
    #[error("the value is not UTF-8 text")]
    ValueNotText,
    /// The value is too large.
    #[error("the value is larger than {} KiB", limit / 1024)]
    ValueTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The server would store another value.
    #[error("Infisical removes white space at the ends of a value, and this one has some")]
    ValueTrimmed,
    /// A change policy protects the folder.
    #[error(
        "a change policy of Infisical protects the folder: the secret was not written, and waits for approval"
    )]
    NeedsApproval,
    /// The identity may not write there.
    #[error("the identity may not write to `{path}`")]
    Forbidden {
        /// The folder.
        path: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The value refers to a secret that is not there.
    #[error(
        "the value refers to a secret that does not exist, and this server refuses such values"
    )]
    UnknownReference,
    /// A machine identity has no personal secrets.
    #[error("only a user has personal secrets, and this is a machine identity")]
    PersonalNeedsUser,
    /// There is nothing to override.
    #[error("there is no shared secret of this name that a personal one could override")]
    PersonalAlone,
    /// The tag does not exist.
    #[error("the project has no tag `{slug}`")]
    UnknownTag {
        /// The slug of the tag.
        slug: String,
    },
    /// The folder has several secrets of one name.
    #[error("the folder has several secrets with the name `{name}`")]
    NotUnique {
        /// The name.
        name: Name,
    },
    /// The folder does not exist.
    #[error("there is no folder `{path}`")]
    NoFolder {
        /// The folder.
        path: String,
    },
    /// A name that no folder can have, or cannot be reached with.
    #[error("`{path}` is not the path of a folder")]
    FolderName {
        /// The path.
        path: String,
    },
    /// The server always answers with the newest version.
    #[error("this server is too old to return earlier versions")]
    NoVersions,
    /// A change does not fit what is stored.
    #[error(transparent)]
    Change(#[from] WriteRefusal),
    /// Anything that reading may fail with as well.
    #[error(transparent)]
    Other(#[from] Error),
}

impl ProviderError for WriteError {
    fn class(&self) -> Class {
        match self {
            Self::SeveralFolders | Self::NoVersions => Class::BadConfiguration,
            Self::NoFolder { .. } => Class::NotFound,
            Self::Change(refusal) => refusal.class(),
            Self::NameTooLong { .. }
            | Self::ValueNotText
            | Self::ValueTooLarge { .. }
            | Self::ValueTrimmed
            | Self::UnknownReference
            | Self::PersonalAlone
            | Self::UnknownTag { .. }
            | Self::NotUnique { .. }
            | Self::FolderName { .. } => Class::BadData,
            Self::NeedsApproval | Self::PersonalNeedsUser | Self::Forbidden { .. } => Class::Denied,
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SeveralFolders => "pass one with --path",
            Self::NameTooLong { .. } => "choose a shorter name",
            Self::ValueNotText => {
                "store it in base64, and decode it with ?encoding=base64 in [env]"
            }
            Self::ValueTooLarge { .. } => "store it elsewhere, and its address here",
            Self::ValueTrimmed => {
                "remove the white space (one newline at the end is kept), or store the value in base64"
            }
            Self::NeedsApproval => "have it approved in Infisical",
            Self::Forbidden { .. } => {
                "grant the identity permission to create and edit secrets there"
            }
            Self::UnknownReference => {
                "create that secret first; Infisical cannot store a literal `${NAME}`"
            }
            Self::PersonalNeedsUser => "log in as a user, or leave out --personal",
            Self::PersonalAlone => "create the shared secret first",
            Self::UnknownTag { .. } => "create the tag in Infisical first",
            Self::NotUnique { .. } => "delete all but one in Infisical",
            Self::NoFolder { .. } => "`hushed folders list` shows the folders",
            Self::FolderName { .. } => "use letters, digits, `-` and `_`, and `/` between folders",
            Self::NoVersions => "look at the versions in Infisical",
            Self::Change(refusal) => return refusal.hint(),
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_denied_login())
    }
}
