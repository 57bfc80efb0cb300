//! The flags that say which secrets become which variables, and what the command inherits.

use clap::Args;

/// Which secrets become which variables.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Which variables they become")]
pub struct Shaping {
    /// Use only secrets that match one of these globs.
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave out secrets that match one of these globs.
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub exclude: Vec<String>,
    /// Put this before every name.
    #[arg(long, value_name = "TEXT")]
    pub prefix: Option<String>,
    /// Give the secret A the variable B; may be repeated.
    #[arg(long, value_name = "A=B", value_delimiter = ',')]
    pub rename: Vec<String>,
    /// Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet.
    #[arg(long, value_name = "NAME")]
    pub transform: Option<String>,
    /// Start nothing unless a source gives these variables a value.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub require: Vec<String>,
    /// Let the inherited value win: for all variables, or for these.
    #[arg(
        long,
        value_name = "NAMES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_delimiter = ','
    )]
    pub preserve_env: Vec<String>,
    /// Inherit nothing but what --keep names.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub clean_env: Option<bool>,
    /// Globs of the variables that --clean-env keeps.
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub keep: Vec<String>,
    /// Let a source set these reserved variables all the same.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub allow_reserved: Vec<String>,
    /// Leave hushed's own credentials in the command's environment.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub pass_credentials: Option<bool>,
}
