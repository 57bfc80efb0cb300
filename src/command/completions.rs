//! `hushed completions`: a shell's completions, from the same definition as everything else.

use super::context::Context;
use crate::cli::{self, Completions};
use crate::error::Error;
use crate::exit::Exit;

/// Prints the completions for a shell.
pub(super) fn completions(said: &Completions, context: &mut Context<'_>) -> Result<Exit, Error> {
    // The generator writes piece by piece and panics where it cannot: let it write to memory.
    let mut text = Vec::new();
    clap_complete::generate(said.shell, &mut cli::definition(), "hushed", &mut text);
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}
