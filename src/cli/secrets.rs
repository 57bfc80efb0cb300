//! The arguments of `hushed secrets`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::sealed_store::{
    SecretsGrant, SecretsMerge, SecretsRecipients, SecretsRekey, SecretsRevoke,
};
use super::{Confinement, Scope, SecretsEdit, SecretsImport, SettingFlags};

/// `hushed secrets`.
#[derive(Args, Debug)]
pub struct Secrets {
    /// The subcommand.
    #[command(subcommand)]
    pub action: SecretsAction,
}

/// The subcommands of `hushed secrets`.
#[derive(Debug, Subcommand)]
pub enum SecretsAction {
    /// List names and where they come from; values only with --reveal.
    List(Box<SecretsList>),
    /// Print the values of secrets; the exit status is 1 if one does not exist.
    Get(Box<SecretsGet>),
    /// Set a secret, from a prompt, standard input, a file, or a generator.
    Set(Box<SecretsSet>),
    /// Delete secrets.
    Delete(Box<SecretsDelete>),
    /// Import secrets from a file in any format of `hushed export`.
    Import(Box<SecretsImport>),
    /// Edit secrets in an editor, in a file in memory.
    Edit(Box<SecretsEdit>),
    /// Rename a secret.
    Rename(Box<SecretsRename>),
    /// Copy secrets under another name, or to another source.
    Copy(Box<SecretsCopy>),
    /// Print the names in which two sources differ; the exit status is 1 if they do.
    Diff(Box<SecretsDiff>),
    /// List the versions of a secret that the store keeps.
    History(Box<SecretsHistory>),
    /// Store the value of an earlier version again.
    Rollback(Box<SecretsRollback>),
    /// List who can open a local store.
    Recipients(Box<SecretsRecipients>),
    /// Let other keys open a local store.
    Grant(Box<SecretsGrant>),
    /// Remove recipients of a local store.
    Revoke(Box<SecretsRevoke>),
    /// Change the key or the passphrase of a local store.
    Rekey(Box<SecretsRekey>),
    /// Merge two versions of a local store, as a merge driver of git.
    Merge(Box<SecretsMerge>),
}

/// `hushed secrets list`.
#[derive(Args, Debug)]
pub struct SecretsList {
    /// Also print the values.
    #[arg(long, visible_alias = "plain")]
    pub reveal: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print names and values as json, yaml, or dotenv.
    #[arg(short = 'o', long, value_name = "FORMAT", conflicts_with_all = ["reveal", "json"])]
    pub output: Option<SecretsFormat>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed secrets get`.
#[derive(Args, Debug)]
pub struct SecretsGet {
    /// The names of the secrets in their store.
    #[arg(id = "name", value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// End each value with a newline, also when the output is not a terminal.
    #[arg(long, alias = "raw-value")]
    pub plain: bool,
    /// Print names and values in a format of `hushed export`, such as json: one object.
    #[arg(short = 'f', long, value_name = "FORMAT", conflicts_with = "plain")]
    pub format: Option<String>,
    /// Print names and values as json, yaml, or dotenv, in the shapes of Infisical's command line.
    #[arg(short = 'o', long, value_name = "FORMAT", conflicts_with_all = ["plain", "format"])]
    pub output: Option<SecretsFormat>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed secrets set`.
#[derive(Args, Debug)]
#[command(after_help = "\
The value is no argument, because `ps` and the shell's history would show it:
  hushed secrets set DB_PASSWORD              a prompt without echo
  pwgen 32 1 | hushed secrets set DB_PASSWORD standard input, without its final newline
  hushed secrets set TLS_KEY --file key.pem   a file, byte for byte
  hushed secrets set API_KEY --generate length=40,set=alnum")]
pub struct SecretsSet {
    /// The name of the secret.
    // A second argument, or NAME=VALUE, is a value that must not be here: `command` rejects it.
    #[arg(id = "name", value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Read the value from FILE, byte for byte.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Generate a random value: length=32,set=alnum (or hex, digits, base64url, symbols).
    #[arg(long, value_name = "RECIPE", conflicts_with = "file", num_args = 0..=1, default_missing_value = "")]
    pub generate: Option<String>,
    /// Accept NAME=VALUE: other users see the value in `ps`, and the shell keeps it in its history.
    #[arg(long, conflicts_with_all = ["file", "generate"])]
    pub value_on_command_line: bool,
    /// Set the comment of the secret.
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Give the secret the tag SLUG, and take all others off.
    #[arg(id = "own-tags", long = "tag", value_name = "SLUG")]
    pub tags: Vec<String>,
    /// Set the metadata of the secret, and remove all other.
    #[arg(long, value_name = "KEY=VALUE")]
    pub metadata: Vec<String>,
    /// Set your personal override of the secret.
    #[arg(long)]
    pub personal: bool,
    /// Do not ask where a profile is protected.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets delete`.
#[derive(Args, Debug)]
pub struct SecretsDelete {
    /// The names of the secrets.
    #[arg(id = "name", value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Delete your personal override, not the shared secret.
    #[arg(long)]
    pub personal: bool,
    /// Do not ask before deleting from a server.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets rename`.
#[derive(Args, Debug)]
pub struct SecretsRename {
    /// The name of the secret.
    #[arg(id = "name", value_name = "NAME")]
    pub name: String,
    /// The new name, which no secret has.
    #[arg(value_name = "NEW_NAME")]
    pub new_name: String,
    /// Do not ask where a profile is protected.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets copy`.
#[derive(Args, Debug)]
pub struct SecretsCopy {
    /// The names of the secrets.
    #[arg(id = "name", value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Copy to the source NAME instead of the same one.
    #[arg(long, value_name = "SOURCE")]
    pub to: Option<String>,
    /// Give the copy another name.
    #[arg(long = "as", value_name = "NEW_NAME")]
    pub new_name: Option<String>,
    /// Replace secrets that exist.
    #[arg(long)]
    pub replace: bool,
    /// Do not ask where a profile is protected.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets diff`.
#[derive(Args, Debug)]
pub struct SecretsDiff {
    /// The first source.
    #[arg(value_name = "FROM")]
    pub from: String,
    /// The source to compare with it.
    #[arg(value_name = "TO")]
    pub to: String,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets history`.
#[derive(Args, Debug)]
pub struct SecretsHistory {
    /// The name of the secret.
    #[arg(id = "name", value_name = "NAME")]
    pub name: String,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets rollback`.
#[derive(Args, Debug)]
pub struct SecretsRollback {
    /// The name of the secret.
    #[arg(id = "name", value_name = "NAME")]
    pub name: String,
    /// The version, as `hushed secrets history` shows it [default: the one before the newest].
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Do not ask where a profile is protected.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// How `hushed secrets` prints names with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum SecretsFormat {
    /// A list of objects with `secretKey` and `secretValue`.
    Json,
    /// The same list in YAML.
    Yaml,
    /// `NAME='VALUE'` lines.
    Dotenv,
}
