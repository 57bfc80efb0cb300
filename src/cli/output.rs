//! The flags that say how the fetch is confined, how the command is supervised, and what becomes of its
//! output.

use clap::Args;
use clap::builder::Resettable;

/// How the fetch is confined.
#[derive(Args, Debug, Default)]
pub struct Confining {
    /// Write nothing, as the kernel enforces; or `best-effort`.
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = Resettable::Reset)]
    pub disk_free: Option<String>,
}

/// What is kept out of the command's output.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "What is kept out of its output")]
pub struct Redacting {
    /// Let the values of these secrets be seen.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub no_redact: Vec<String>,
    /// Keep out this variable's or this file's value too; repeatable.
    #[arg(long, value_name = "VARIABLE|FILE")]
    pub redact_also: Vec<String>,
    /// Keep out values from this length on [default: 6].
    #[arg(long, value_name = "BYTES")]
    pub redact_min: Option<String>,
    /// Look for these encodings of each value [default: all].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub redact_encodings: Vec<String>,
    /// Put this in the place of a value [default: `[hushed:NAME]`].
    #[arg(long, value_name = "TEXT")]
    pub redact_label: Option<String>,
    /// Write to FILE which name was redacted how often, at the end.
    #[arg(long, value_name = "FILE")]
    pub redact_report: Option<String>,
}

/// How the command is supervised.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Staying as its parent")]
pub struct Supervising {
    /// Keep every secret out of the command's output.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub redact: Option<bool>,
    /// Do the duties of PID 1: reap orphans, end what is left behind.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub init: Option<bool>,
    /// Send SIGKILL this long after SIGTERM [default: never; 10s with --init].
    #[arg(long, value_name = "TIME", alias = "grace")]
    pub kill_after: Option<String>,
    /// What takes the place of a terminal: shared, inner or off.
    #[arg(long, value_name = "MODE")]
    pub terminal: Option<String>,
}
