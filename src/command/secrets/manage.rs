//! `hushed secrets rename`, `copy`, `history` and `rollback`.

use std::fmt::Write as _;

use super::super::context::Context;
use super::super::flags::Flags;
use super::no_such_secret;
use super::target::Target;
use crate::cli::{SecretsCopy, SecretsHistory, SecretsRename, SecretsRollback};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{Action, Annotations, Change, Expected, History, StoredSecret};
use crate::secret::{Name, Value};

pub(super) fn rename(args: &SecretsRename, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    let target = Target::open(&flags, "rename", context)?;
    super::value::refuse_unusable(&args.new_name, &flags, context)?;
    target.announce(context);
    target.confirm_if_protected(args.yes)?;
    let change = Change::rename(Name::new(&args.name), Name::new(&args.new_name));
    target.apply(&[change], args.scope.options.verbose, context)?;
    Ok(Exit::Success)
}

pub(super) fn copy(args: &SecretsCopy, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    if args.to.is_none() && args.new_name.is_none() {
        return Err(Error::NothingToCopyTo);
    }
    let origin = Target::open(&flags, "copy", context)?;
    let target = match &args.to {
        Some(to) => Target::open(&flags.narrowed_to(to), "copy", context)?,
        None => Target::open(&flags, "copy", context)?,
    };
    let stored = origin.run(origin.store.read_stored())?;
    let mut changes = Vec::with_capacity(args.names.len());
    for name in &args.names {
        let found = stored.iter().find(|secret| secret.name.as_str() == name);
        let Some(StoredSecret { value, annotations, .. }) = found else {
            return Err(no_such_secret(name, origin.place(), None));
        };
        let new_name = args.new_name.as_deref().unwrap_or(name);
        super::value::refuse_unusable(new_name, &flags, context)?;
        let (new_name, value) = (Name::new(new_name), value.clone());
        target.store.check(&new_name, &value)?;
        let same_store = origin.store.place() == target.store.place();
        let annotations = if same_store { annotations.clone() } else { Annotations::default() };
        let expected = if args.replace { Expected::Any } else { Expected::Absent };
        let action = Action::Put { value, annotations };
        changes.push(Change { name: new_name, action, expected, personal: false });
    }
    target.announce(context);
    target.confirm_if_protected(args.yes)?;
    target.apply(&changes, args.scope.options.verbose, context)?;
    Ok(Exit::Success)
}

pub(super) fn history(args: &SecretsHistory, context: &mut Context<'_>) -> Result<Exit, Error> {
    let target = Target::open(&Flags::new(&args.scope), "history", context)?;
    let versions = target.run(history_of(&target)?.versions(&Name::new(&args.name)))?;
    let mut text = String::new();
    for version in versions {
        let created = version.created.unwrap_or_default();
        let line = format!("{}  {created}  {}", version.version, version.labels.join(", "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

pub(super) fn rollback(args: &SecretsRollback, context: &mut Context<'_>) -> Result<Exit, Error> {
    let target = Target::open(&Flags::new(&args.scope), "rollback", context)?;
    let name = Name::new(&args.name);
    let history = history_of(&target)?;
    let (version, value) = target.run(async {
        let version = match &args.to {
            Some(version) => Some(version.clone()),
            None => history.versions(&name).await?.get(1).map(|version| version.version.clone()),
        };
        let value = match &version {
            Some(version) => history.read_version(&name, version).await?,
            None => None,
        };
        Ok((version, value))
    })?;
    let Some(value): Option<Value> = value else {
        return Err(Error::NoSuchVersion { name: super::quoted_name(&args.name), version });
    };
    target.announce(context);
    target.confirm_if_protected(args.yes)?;
    target.apply(&[Change::put(name.clone(), value)], args.scope.options.verbose, context)?;
    let version = version.unwrap_or_default();
    context.verbose(args.scope.options.verbose, &format!("`{name}` is as in version {version}"));
    Ok(Exit::Success)
}

fn history_of(target: &Target) -> Result<&dyn History, Error> {
    target.store.as_history().ok_or_else(|| Error::NotKept {
        store: target.source.name().to_string(),
        what: "earlier versions of secrets",
    })
}
