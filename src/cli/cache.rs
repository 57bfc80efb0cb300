//! The flags of the sealed cache, shared by all commands that read sources.

use clap::Args;

/// What is kept of what a server gave.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "The cache")]
pub struct Caching {
    /// Keep what servers gave: off (default), fallback, ttl=TIME.
    #[arg(long, value_name = "MODE")]
    pub cache: Option<String>,
    /// How old it may be to stand in for a server [default: 24h].
    #[arg(long, value_name = "TIME")]
    pub cache_max_age: Option<String>,
    /// Ask no server: use the cache, or fail.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub offline: Option<bool>,
    /// What opens it: credential, keyring, file, systemd, passphrase.
    #[arg(long, value_name = "KEY")]
    pub cache_key: Option<String>,
    /// Its key file, made when there is none.
    #[arg(long, value_name = "FILE")]
    pub cache_key_file: Option<String>,
    /// A file that holds its passphrase.
    #[arg(long, value_name = "FILE")]
    pub cache_passphrase_file: Option<String>,
    /// Keep the access token of a login too.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub cache_token: Option<bool>,
    /// Its directory [default: ~/.cache/hushed].
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<String>,
}
