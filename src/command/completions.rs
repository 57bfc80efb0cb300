//! `hushed completions`: prints a shell completion script.

use super::context::Context;
use crate::cli::{self, Completions};
use crate::error::Error;
use crate::exit::Exit;

/// Prints the completion script for a shell.
pub(super) fn completions(args: &Completions, context: &mut Context<'_>) -> Result<Exit, Error> {
    let text = cli::completion_script(args.shell);
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}
