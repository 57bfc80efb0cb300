//! `hushed secrets set` and `delete`.

use super::super::context::Context;
use super::super::flags::Flags;
use super::super::gather;
use super::target::Target;
use super::{no_such_secret, value};
use crate::cli::{SecretsDelete, SecretsSet};
use crate::config::schema::ALLOW_EMPTY;
use crate::config::{RawValue, RunSettings, merge_run};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::{nearest, quoted_name};
use crate::provider::{Action, Annotations, Change, Configured, Expected, WriteOutcome};
use crate::secret::Name;

pub(super) fn set(args: &SecretsSet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (name, given) = value::name_and_value(args)?;
    let flags = Flags::new(&args.scope);
    let allows_empty =
        flags.layer.get(&ALLOW_EMPTY).is_some_and(|s| s.value == RawValue::Switch(true));
    let target = Target::open(&flags, "set", context)?;
    value::refuse_unusable(name, &flags, context)?;
    let value = match given {
        Some(value) => value,
        None => value::read(args, name)?,
    };
    if value.is_empty() && !allows_empty {
        return Err(Error::EmptyValue(quoted_name(name)));
    }
    if value.expose().contains(&0) {
        context.warn(
            "the value contains a NUL byte: no variable can hold it, only a file (`deliver = \"file\"`)",
        );
    }
    target.announce(context);
    target.confirm_if_protected(args.yes)?;
    let action = Action::Put { value, annotations: annotations(args)? };
    let name = Name::new(name);
    let change = Change { name, action, expected: Expected::Any, personal: args.personal };
    target.apply(&[change], args.scope.options.verbose, context)?;
    Ok(Exit::Success)
}

pub(super) fn delete(args: &SecretsDelete, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    let target = Target::open(&flags, "delete", context)?;
    target.announce(context);
    if target.is_remote() || target.is_protected() {
        let what = match args.names.as_slice() {
            [only] => format!("`{}`", Name::new(only)),
            _ => format!("{} secrets", args.names.len()),
        };
        Target::confirm(&format!("Delete {what}?"), args.yes)?;
    }
    let mut names: Vec<_> = args.names.iter().map(Name::new).collect();
    names.sort_unstable();
    names.dedup();
    let no_such_secret = |name: &Name, context: &mut Context<'_>| {
        let run = context.merge(&flags, merge_run)?;
        let similar = if target.is_remote() {
            None
        } else {
            similar_name(&*target.source, &run, name.as_str())
        };
        Err(no_such_secret(name.as_str(), target.place(), similar))
    };
    // A file is at hand: nothing is deleted if one of several names is wrong.
    if !target.is_remote() && names.len() > 1 {
        let stored = target.run(target.store.read_stored())?;
        let is_stored = |name: &&Name| stored.iter().any(|secret| secret.name == **name);
        if let Some(absent) = names.iter().find(|name| !is_stored(name)) {
            return no_such_secret(absent, context);
        }
    }
    let change = |name| Change { personal: args.personal, ..Change::delete(name) };
    let changes: Vec<_> = names.into_iter().map(change).collect();
    let outcomes = target.apply(&changes, args.scope.options.verbose, context)?;
    match outcomes.iter().find(|(_, outcome)| *outcome == WriteOutcome::Absent) {
        Some((name, _)) => no_such_secret(name, context),
        None => Ok(Exit::Success),
    }
}

/// What the options set beside the value.
fn annotations(args: &SecretsSet) -> Result<Annotations, Error> {
    let pair = |text: &String| {
        let (key, value) = text.split_once('=').ok_or(Error::MetadataForm)?;
        Ok((key.to_owned(), value.to_owned()))
    };
    let metadata = args.metadata.iter().map(pair).collect::<Result<Vec<_>, Error>>()?;
    Ok(Annotations {
        comment: args.comment.clone(),
        tags: (!args.tags.is_empty()).then(|| args.tags.clone()),
        metadata: (!metadata.is_empty()).then_some(metadata),
    })
}

/// A name in a local store that is similar to this one.
fn similar_name(source: &dyn Configured, run: &RunSettings, name: &str) -> Option<String> {
    let secrets = gather::at_once(source.open(run).ok()?.fetch()).ok()?.ok()?;
    nearest(name, secrets.iter().map(|secret| secret.name.as_str())).map(str::to_owned)
}
