//! `hushed schema`: prints the JSON Schema of hushed.toml, for editors.

use super::context::Context;
use crate::config::json_schema;
use crate::error::Error;
use crate::exit::Exit;

/// Prints the schema.
pub(super) fn schema(context: &mut Context<'_>) -> Result<Exit, Error> {
    let text = format!("{:#}\n", json_schema(&context.registry.schemas()));
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}
