//! The arguments of `hushed login` and `hushed token`.

use clap::{Args, Subcommand};

use super::Scope;

/// `hushed login`.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
hushed logs in by itself when it needs secrets. Use this command to get an access token for another
program:
  TOKEN=$(hushed login --method universal-auth)"
)]
pub struct Login {
    /// The subcommand.
    #[command(subcommand)]
    pub action: Option<LoginAction>,
    /// Print only the token (always the case).
    #[arg(long)]
    pub plain: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// The subcommands of `hushed login`.
#[derive(Debug, Subcommand)]
pub enum LoginAction {
    /// Check that logging in works; the exit status is 1 if it does not.
    Status(Box<LoginStatus>),
}

/// `hushed login status`.
#[derive(Args, Debug)]
pub struct LoginStatus {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed token`.
#[derive(Args, Debug)]
pub struct Token {
    /// The subcommand.
    #[command(subcommand)]
    pub action: TokenAction,
}

/// The subcommands of `hushed token`.
#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Extend the lifetime of the configured access token, and print the token to use.
    Renew(Box<TokenRenew>),
}

/// `hushed token renew`.
#[derive(Args, Debug)]
pub struct TokenRenew {
    /// Print only the token (always the case).
    #[arg(long)]
    pub plain: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
}
