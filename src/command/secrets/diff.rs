//! `hushed secrets diff`: the names in which two sources differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::context::Context;
use super::super::disk_free;
use super::super::flags::Flags;
use super::super::gather::{self, SecretUse};
use crate::cli::SecretsDiff;
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::Settings;
use crate::secret::{Name, Value};

/// Prints the names; the exit status is 1 if there are any.
pub(super) fn diff(args: &SecretsDiff, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    // A fetch lets go of the credentials in the environment, so both are configured before it.
    let from = context.settings(&flags.narrowed_to(&args.from))?;
    let to = context.settings(&flags.narrowed_to(&args.to))?;
    let (old, new) = (fetch(&from, context)?, fetch(&to, context)?);
    let mut text = String::new();
    let names: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    for name in names {
        let sign = match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(_), Some(_)) => '~',
            (Some(_), None) => '-',
            (None, _) => '+',
        };
        let _ = writeln!(text, "{sign} {name}");
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(if text.is_empty() { Exit::Success } else { Exit::Failure })
}

/// The secrets of one source: of two with one name, the later wins.
fn fetch(settings: &Settings, context: &mut Context<'_>) -> Result<BTreeMap<Name, Value>, Error> {
    disk_free::enforce(settings, &disk_free::writes(settings, false), context)?;
    let secrets = gather::fetch(settings, SecretUse::Shown, context)?;
    Ok(secrets.into_iter().map(|secret| (secret.name, secret.value)).collect())
}
