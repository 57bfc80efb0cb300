//! The arguments of `hushed secrets import`.

use std::path::PathBuf;

use clap::Args;

use super::Scope;

/// `hushed secrets import`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hushed secrets import .env --dry-run
  hushed secrets import secrets.yaml --only 'DB_*' --on-conflict replace
  hushed export -f json | hushed secrets import - -f json --source local")]
pub struct SecretsImport {
    /// The file to read; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Format of the file: any of `hushed export`. The default depends on its name; dotenv if that tells nothing.
    #[arg(short = 'f', long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Read the dotenv file as this program does: node, dotenv, python, ruby, compose, docker, systemd.
    #[arg(long, value_name = "DIALECT", conflicts_with = "format")]
    pub dialect: Option<String>,
    /// Import only names that match these patterns.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub only: Vec<String>,
    /// What to do with secrets that have another value in the store: fail, skip, or replace.
    #[arg(long, value_name = "ACTION", default_value = "fail")]
    pub on_conflict: OnConflict,
    /// Show what would change, by name, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask where a profile is protected.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// What is done with a secret that has another value in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum OnConflict {
    /// Nothing is written at all.
    Fail,
    /// The store keeps its value.
    Skip,
    /// The store gets the value of the file.
    Replace,
}
