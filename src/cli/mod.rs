//! The command line: the definition for clap, of which the flags of settings are made from the
//! configuration's schema. It gives no meaning to what it parses.

mod parse;
mod scope;
mod settings;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use clap_complete::Shell;
pub use parse::{definition, parse};
pub use scope::{Options, Scope};
pub use settings::{
    Confinement, Environment, FlagSet, Redaction, SettingFlags, Sources, Supervision,
};

/// Runs a command with its secrets as environment variables, and leaves nothing behind.
#[derive(Debug, Parser)]
#[command(name = "hushed", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Begin with `hushed init`, then `hushed run -- COMMAND`.\n\
Every command has its own page: `man hushed-run`, or `hushed run --help`.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command with its secrets.
    Run(Box<Run>),
    /// Show which variables a run would set, and where they come from; no values.
    Plan(Box<Plan>),
    /// Show every candidate for one variable, and which wins; no values.
    Why(Box<Why>),
    /// Pass standard input on with every secret kept out of it.
    Redact(Box<Redact>),
    /// Write the secrets in a format that another program reads.
    Export(Box<Export>),
    /// List, read and change secrets.
    Secrets(Secrets),
    /// Show, check or clear what is kept of what a server gave.
    Cache(Cache),
    /// Check the configuration, the way to the servers, the login and the rights.
    Doctor(Box<Doctor>),
    /// Say what holds on this machine of what hushed promises about memory and disk.
    Attest(Box<Attest>),
    /// Write a commented hushed.toml, or a systemd unit.
    Init(Init),
    /// Trust the server that this project's files send your credentials to.
    Trust(Trust),
    /// Print the JSON Schema of hushed.toml, for editors.
    Schema,
    /// Print a shell's completions.
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

Exit code: the command's own; 125 when hushed fails before it, 126 when it cannot be executed, 127
when it is not found.",
    override_usage = "hushed run [OPTIONS] [--] COMMAND [ARGUMENTS]...\n       hushed run [OPTIONS] -c STRING"
)]
pub struct Run {
    /// What to run.
    #[command(flatten)]
    pub invocation: Invocation,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// Which variables they become.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
    /// How the command is supervised.
    #[command(flatten)]
    pub supervision: SettingFlags<Supervision>,
    /// What is kept out of its output.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
}

/// The command of `hushed run`.
#[derive(Args, Debug, Default)]
pub struct Invocation {
    /// Run STRING by `$SHELL -c STRING`, or by /bin/sh where SHELL is not set.
    #[arg(short = 'c', long = "command", value_name = "STRING", conflicts_with = "command")]
    pub string: Option<OsString>,
    /// The command and its arguments, taken as they are.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, required_unless_present = "string")]
    pub command: Vec<OsString>,
}

/// `hushed plan`.
#[derive(Args, Debug)]
#[command(override_usage = "hushed plan [OPTIONS] [--] [COMMAND] [ARGUMENTS]...")]
pub struct Plan {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The command that would be run; its size counts against the kernel's limit.
    #[arg(value_name = "COMMAND", trailing_var_arg = true)]
    pub command: Vec<OsString>,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// Which variables they become.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
    /// How the command would be supervised.
    #[command(flatten)]
    pub supervision: SettingFlags<Supervision>,
    /// What would be kept out of its output.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
}

/// `hushed why`.
#[derive(Args, Debug)]
pub struct Why {
    /// The variable.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// Which variables they become.
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

It writes nothing of its own to standard output.")]
pub struct Redact {
    /// Redact the values read from this descriptor too, one per line or NUL.
    #[arg(long, value_name = "FD")]
    pub values_fd: Option<u32>,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// What is kept out.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed export`.
#[derive(Args, Debug)]
#[command(after_help = "\
Every format is quoted so that its own reader gives back every byte; what a format cannot carry is
an error that names the secret.")]
pub struct Export {
    /// dotenv (default), shell, json, yaml, csv, docker, systemd, kubernetes.
    #[arg(
        short = 'f',
        long,
        value_name = "FORMAT",
        default_value = "dotenv",
        hide_default_value = true
    )]
    pub format: String,
    /// Write to FILE, which only you can read, instead of standard output.
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The name of the Secret in a kubernetes manifest.
    #[arg(long, value_name = "NAME", default_value = "hushed")]
    pub manifest_name: String,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// Which variables they become.
    #[command(flatten)]
    pub environment: SettingFlags<Environment>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed secrets`.
#[derive(Args, Debug)]
pub struct Secrets {
    /// What to do with them.
    #[command(subcommand)]
    pub action: SecretsAction,
}

/// What `hushed secrets` does.
#[derive(Debug, Subcommand)]
pub enum SecretsAction {
    /// List names and places; values only with --reveal.
    List(Box<SecretsList>),
    /// Print the bare value of one secret; exit code 1 when there is none.
    Get(Box<SecretsGet>),
    /// Store a secret in the local store: its value from a prompt, standard input or a file.
    Set(Box<SecretsSet>),
    /// Delete a secret from the local store.
    Delete(Box<SecretsDelete>),
}

/// `hushed secrets list`.
#[derive(Args, Debug)]
pub struct SecretsList {
    /// Print the values too.
    #[arg(long)]
    pub reveal: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed secrets get`.
#[derive(Args, Debug)]
pub struct SecretsGet {
    /// The name of the secret in its store.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// `hushed secrets set`.
#[derive(Args, Debug)]
#[command(after_help = "\
The value is never an argument, where `ps` and the shell's history would show it:
  hushed secrets set DB_PASSWORD              a prompt without echo
  pwgen 32 1 | hushed secrets set DB_PASSWORD standard input, less one final line ending
  hushed secrets set TLS_KEY --file key.pem   a file, every byte of it")]
pub struct SecretsSet {
    /// The name of the secret.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Read the value from FILE, every byte of it.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed secrets delete`.
#[derive(Args, Debug)]
pub struct SecretsDelete {
    /// The name of the secret.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where the store is.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed cache`.
#[derive(Args, Debug)]
pub struct Cache {
    /// What to do with it.
    #[command(subcommand)]
    pub action: CacheAction,
}

/// What `hushed cache` does.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// Show what is kept for these settings: names, age, size; no values.
    Status(Box<CacheLook>),
    /// Open what is kept for these settings; exit code 1 where something does not open.
    Verify(Box<CacheLook>),
    /// Destroy what is kept for these settings, or all.
    Clear(Box<CacheClear>),
}

/// `hushed cache status` and `verify`.
#[derive(Args, Debug)]
pub struct CacheLook {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed cache clear`.
#[derive(Args, Debug)]
pub struct CacheClear {
    /// Destroy all entries of the directory, whoever can open them.
    #[arg(long)]
    pub all: bool,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Check the systemd unit FILE too.
    #[arg(long, value_name = "FILE")]
    pub systemd_unit: Option<PathBuf>,
    /// Where the secrets are.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed attest`.
#[derive(Args, Debug)]
pub struct Attest {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the secrets are.
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
    /// Make a sealed store and its key, whatever else is found.
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
    /// The command that the unit runs, with an absolute path.
    #[arg(value_name = "COMMAND", trailing_var_arg = true, requires = "systemd")]
    pub command: Vec<OsString>,
}

/// `hushed trust`.
#[derive(Args, Debug)]
pub struct Trust {
    /// Take the trust back.
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
