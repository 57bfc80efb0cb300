//! The command line, defined for clap. Flags of settings are generated from the configuration schema.
//! This module only parses; `command` acts.

mod checks;
mod color;
mod compat;
mod completion;
mod edit;
mod error_format;
mod folders;
mod help;
mod import;
mod kms;
mod login;
mod migrate;
mod parse;
mod rewrite;
mod scan;
mod scope;
mod sealed_store;
mod secrets;
mod settings;
mod usage;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use clap_complete::Shell;
pub use color::{paint_error, paint_help, wants_color};
pub use compat::IgnoredOptions;
pub use completion::{COMPLETE, Completion, Dynamic, complete, script as completion_script};
pub use edit::SecretsEdit;
pub use error_format::{ERROR_FORMAT_VARIABLE, ErrorFormat, take_error_format};
pub use folders::{Folders, FoldersAction, FoldersChange, FoldersList};
pub use import::{OnConflict, SecretsImport};
pub use kms::{
    Kms, KmsAction, KmsDecrypt, KmsEncoding, KmsEncrypt, KmsInput, KmsKeys, KmsSign, KmsVerify,
};
pub use login::{Login, LoginAction, LoginStatus, Token, TokenAction, TokenRenew};
pub use migrate::{Migrate, MigrateAction, MigrateReferences};
pub use parse::{Parsed, definition, parse};
pub use rewrite::rewrite;
pub use scan::{Scan, ScanAction, ScanTarget};
pub use scope::{Options, Scope};
pub use sealed_store::{
    NewKey, SecretsGrant, SecretsMerge, SecretsRecipients, SecretsRekey, SecretsRevoke,
};
pub use secrets::{
    Secrets, SecretsAction, SecretsCopy, SecretsDelete, SecretsDiff, SecretsFormat, SecretsGet,
    SecretsHistory, SecretsList, SecretsRename, SecretsRollback, SecretsSet,
};
pub use settings::{
    Confinement, Environment, FlagSet, Redaction, SettingFlags, Sources, Supervision,
};
pub use usage::UsageError;

/// Runs a command with its secrets as environment variables.
#[derive(Debug, Parser)]
#[command(name = "hushed", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Start with `hushed init`, then `hushed run -- COMMAND`.\n\
Each command has a manual page: `man hushed-run`, or `hushed run --help`.")]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command with secrets in its environment.
    Run(Box<Run>),
    /// Show which variables `run` would set and where they come from, without values.
    Plan(Box<Plan>),
    /// Show every candidate for one variable and which one wins, without values.
    Why(Box<Why>),
    /// Copy standard input to standard output with all secrets redacted.
    Redact(Box<Redact>),
    /// Find the values of secrets in files and in git.
    Scan(Box<Scan>),
    /// Write the secrets in a format for another program.
    Export(Box<Export>),
    /// List, read, and change secrets.
    Secrets(Secrets),
    /// List, create, and delete the folders of a store.
    Folders(Folders),
    /// Encrypt, decrypt, sign and verify with keys that a service holds.
    Kms(Kms),
    /// Log in, and print the access token.
    Login(Box<Login>),
    /// Renew an access token.
    Token(Token),
    /// Show, verify, or clear the cache of fetched secrets.
    Cache(Cache),
    /// Check configuration, connectivity, login, and permissions.
    Doctor(Box<Doctor>),
    /// Check what this machine guarantees about memory, swap, and disk.
    Attest(Box<Attest>),
    /// Create a commented hushed.toml, or a systemd unit.
    Init(Init),
    /// Convert the configuration of other tools to hushed's.
    Migrate(Migrate),
    /// Trust the server addresses in this project's files.
    Trust(Trust),
    /// Print the JSON Schema of hushed.toml, for editors.
    Schema,
    /// Print a shell completion script.
    Completions(Completions),
}

/// `hushed run`.
#[derive(Args, Debug, Default)]
#[command(
    after_help = "\
Examples:
  hushed run -- ./server --port 8080
  hushed run -e prod --path /api --path /shared -- ./server
  hushed run -c 'echo \"$GREETING\" | tr a-z A-Z'

Exit status: that of the command; 125 if hushed fails before starting it, 126 if it cannot be
executed, 127 if it is not found.",
    override_usage = "hushed run [OPTIONS] [--] COMMAND [ARGUMENTS]...\n       hushed run [OPTIONS] -c STRING"
)]
pub struct Run {
    /// The command to run.
    #[command(flatten)]
    pub invocation: Invocation,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How secrets become variables.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
    /// How the command is supervised.
    #[command(flatten)]
    pub supervision: SettingFlags<Supervision>,
    /// What is redacted in the output.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
}

/// The command of `hushed run`.
#[derive(Args, Debug, Default)]
pub struct Invocation {
    /// Run STRING with `$SHELL -c`, or with /bin/sh if SHELL is not set.
    #[arg(short = 'c', long = "command", value_name = "STRING", conflicts_with = "command")]
    pub string: Option<OsString>,
    /// The command and its arguments.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, required_unless_present = "string")]
    pub command: Vec<OsString>,
    /// An option of hushed among the arguments of the command, which may have been meant for hushed.
    #[arg(skip)]
    pub misplaced_option: Option<String>,
}

/// `hushed plan`.
#[derive(Args, Debug)]
#[command(override_usage = "hushed plan [OPTIONS] [--] [COMMAND] [ARGUMENTS]...")]
pub struct Plan {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The command that would run; its size counts toward the kernel's limit.
    #[arg(value_name = "COMMAND", trailing_var_arg = true)]
    pub command: Vec<OsString>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How secrets become variables.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
    /// How the command would be supervised.
    #[command(flatten)]
    pub supervision: SettingFlags<Supervision>,
    /// What would be redacted in the output.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
}

/// `hushed why`.
#[derive(Args, Debug)]
pub struct Why {
    /// The name of the variable.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How secrets become variables.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed redact`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  make 2>&1 | hushed redact
  ./job 2>&1 | hushed redact --env-file .env >job.log

hushed writes only redacted input to standard output; messages go to standard error.")]
pub struct Redact {
    /// Also redact the values read from descriptor FD, separated by newlines or NUL bytes.
    #[arg(long, value_name = "FD")]
    pub values_fd: Option<u32>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// What is redacted.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed export`.
#[derive(Args, Debug)]
#[command(after_help = "\
Values are quoted so that a reader of the format gets back every byte. If a format cannot represent
a value, hushed reports an error that names the secret.")]
pub struct Export {
    /// Output format, such as dotenv (default), shell, json, yaml, kubernetes or external-secret.
    #[arg(
        short = 'f',
        long,
        value_name = "FORMAT",
        default_value = "dotenv",
        hide_default_value = true
    )]
    pub format: String,
    /// Write the dotenv file for this reader, such as node, python, compose, next or bun.
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<String>,
    /// Write to FILE with mode 0600 instead of standard output.
    #[arg(short = 'o', long, visible_alias = "output-file", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The name of the Secret in the kubernetes and external-secret formats.
    #[arg(long, value_name = "NAME", default_value = "hushed")]
    pub manifest_name: String,
    /// What the manifests of External Secrets say.
    #[cfg(feature = "external-secrets")]
    #[command(flatten)]
    pub manifest: ManifestFlags,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How secrets become variables.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// The options of the formats external-secret and secret-store.
#[derive(Args, Debug)]
#[cfg(feature = "external-secrets")]
pub struct ManifestFlags {
    /// The namespace of the manifests; with --cluster-store, also that of the stores' credentials.
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Write and name stores of the whole cluster (`ClusterSecretStore`) instead of a namespace's.
    #[arg(long)]
    pub cluster_store: bool,
    /// How often the operator reads the stores [default: 1h].
    #[arg(long, value_name = "TIME")]
    pub refresh_interval: Option<String>,
    /// Who owns the Secret: Owner (default), Merge or Orphan.
    #[arg(long, value_name = "POLICY")]
    pub creation_policy: Option<String>,
    /// The service account that the stores log in with [default: default].
    #[arg(long, value_name = "NAME")]
    pub service_account: Option<String>,
}

#[cfg(feature = "external-secrets")]
impl ManifestFlags {
    /// One of them that is set.
    pub fn first(&self) -> Option<&'static str> {
        let set = [
            ("--namespace", self.namespace.is_some()),
            ("--cluster-store", self.cluster_store),
            ("--refresh-interval", self.refresh_interval.is_some()),
            ("--creation-policy", self.creation_policy.is_some()),
            ("--service-account", self.service_account.is_some()),
        ];
        set.into_iter().find(|(_, is_set)| *is_set).map(|(flag, _)| flag)
    }
}

/// `hushed cache`.
#[derive(Args, Debug)]
pub struct Cache {
    /// The subcommand.
    #[command(subcommand)]
    pub action: CacheAction,
}

/// The subcommands of `hushed cache`.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// Show the cache entries for these settings: names, age, and size, without values.
    Status(Box<CacheQuery>),
    /// Decrypt the cache entries for these settings; the exit status is 1 if one fails.
    Verify(Box<CacheQuery>),
    /// Delete the cache entries for these settings, or all entries.
    Clear(Box<CacheClear>),
}

/// `hushed cache status` and `verify`.
#[derive(Args, Debug)]
pub struct CacheQuery {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed cache clear`.
#[derive(Args, Debug)]
pub struct CacheClear {
    /// Delete all entries in the cache directory, including those of other settings.
    #[arg(long)]
    pub all: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Also check the systemd unit FILE.
    #[arg(long, value_name = "FILE")]
    pub systemd_unit: Option<PathBuf>,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed attest`.
#[derive(Args, Debug)]
pub struct Attest {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed init`.
#[derive(Args, Debug)]
#[command(override_usage = "hushed init [--local]\n       \
                            hushed init --systemd [-o FILE [--force]] [--] [COMMAND] [ARGUMENTS]...")]
pub struct Init {
    /// Configure an encrypted local store and create its key, even if another source is found.
    #[arg(long, conflicts_with = "systemd")]
    pub local: bool,
    /// Print a systemd unit that runs COMMAND with this project's hushed.toml.
    #[arg(long)]
    pub systemd: bool,
    /// Write the unit to FILE instead of standard output.
    #[arg(short = 'o', long, value_name = "FILE", requires = "systemd")]
    pub output: Option<PathBuf>,
    /// Overwrite FILE if it exists.
    #[arg(long, requires = "output")]
    pub force: bool,
    /// The command that the unit runs, as an absolute path.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, requires = "systemd")]
    pub command: Vec<OsString>,
}

/// `hushed trust`.
#[derive(Args, Debug)]
pub struct Trust {
    /// Revoke trust.
    #[arg(long)]
    pub revoke: bool,
}

/// `hushed completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL", value_parser = clap::value_parser!(Shell))]
    pub shell: Shell,
}
