//! `hushed secrets`: lists, reads and changes secrets.

use super::context::Context;
use super::sealed_store;
use crate::cli::SecretsAction;
use crate::error::Error;
use crate::exit::Exit;
use crate::message::quoted_name;

mod change;
mod diff;
mod edit;
pub(super) mod import;
mod manage;
mod read;
mod target;
mod value;

pub(super) use target::Target;

/// Runs a subcommand of `hushed secrets`.
pub(super) fn secrets(action: &SecretsAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        SecretsAction::List(args) => read::list(args, context),
        SecretsAction::Get(args) => read::get(args, context),
        SecretsAction::Set(args) => change::set(args, context),
        SecretsAction::Delete(args) => change::delete(args, context),
        SecretsAction::Import(args) => import::import(args, context),
        SecretsAction::Edit(args) => edit::edit(args, context),
        SecretsAction::Rename(args) => manage::rename(args, context),
        SecretsAction::Copy(args) => manage::copy(args, context),
        SecretsAction::Diff(args) => diff::diff(args, context),
        SecretsAction::History(args) => manage::history(args, context),
        SecretsAction::Rollback(args) => manage::rollback(args, context),
        SecretsAction::Recipients(args) => sealed_store::recipients(args, context),
        SecretsAction::Grant(args) => sealed_store::grant(args, context),
        SecretsAction::Revoke(args) => sealed_store::revoke(args, context),
        SecretsAction::Rekey(args) => sealed_store::rekey(args, context),
        SecretsAction::Merge(args) => sealed_store::merge(args, context),
    }
}

/// The error for a name that no source has; quotes the name only if it cannot be a secret.
fn no_such_secret(name: &str, places: String, nearest: Option<String>) -> Error {
    Error::NoSuchSecret { name: quoted_name(name), places, nearest }
}
