//! `hushed completions`: prints a shell completion script.

use super::context::Context;
use crate::cli::{self, Completions};
use crate::error::Error;
use crate::exit::Exit;

/// Prints the completion script for a shell.
pub(super) fn completions(args: &Completions, context: &mut Context<'_>) -> Result<Exit, Error> {
    // The generator panics on write errors, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut cli::definition(), "hushed", &mut text);
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}
