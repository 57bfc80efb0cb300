//! The arguments of `hushed secrets recipients`, `grant`, `revoke`, `rekey` and `merge`.

use std::path::PathBuf;

use clap::Args;

use super::Scope;

/// `hushed secrets recipients`.
#[derive(Args, Debug)]
pub struct SecretsRecipients {
    /// Create the configured key file, and print its recipient.
    #[arg(long)]
    pub new_key: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets grant`.
#[derive(Args, Debug)]
pub struct SecretsGrant {
    /// Public keys: age1…
    #[arg(id = "recipient", value_name = "RECIPIENT", required = true)]
    pub recipients: Vec<String>,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets revoke`.
#[derive(Args, Debug)]
pub struct SecretsRevoke {
    /// Public keys: age1…
    #[arg(id = "recipient", value_name = "RECIPIENT", required = true)]
    pub recipients: Vec<String>,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets rekey`.
#[derive(Args, Debug)]
pub struct SecretsRekey {
    /// The new key.
    #[command(flatten)]
    pub key: NewKey,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// The new key of `hushed secrets rekey`.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct NewKey {
    /// Use the key in FILE, which hushed creates if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
    /// Ask for a new passphrase, or read it from standard input.
    #[arg(long)]
    pub new_passphrase: bool,
    /// Read the new passphrase from FILE.
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}

/// `hushed secrets merge`.
#[derive(Args, Debug)]
#[command(after_help = "\
As git's merge driver:
  git config merge.hushed.driver 'hushed secrets merge %O %A %B'
  echo 'secrets.hushed merge=hushed' >>.gitattributes")]
pub struct SecretsMerge {
    /// The common ancestor (git: %O).
    #[arg(value_name = "BASE")]
    pub base: PathBuf,
    /// The store of this branch, which the result replaces (git: %A).
    #[arg(value_name = "OURS")]
    pub current: PathBuf,
    /// The store of the other branch (git: %B).
    #[arg(value_name = "THEIRS")]
    pub other: PathBuf,
    /// Where both sides changed a secret, take that of OURS.
    #[arg(long, conflicts_with = "theirs")]
    pub ours: bool,
    /// Where both sides changed a secret, take that of THEIRS.
    #[arg(long)]
    pub theirs: bool,
    /// The key.
    #[command(flatten)]
    pub scope: Scope,
}
