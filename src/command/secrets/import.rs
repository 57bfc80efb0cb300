//! `hushed secrets import`: reads secrets from a file in any export format, and writes them to a store.

use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::super::context::Context;
use super::super::flags::Flags;
use super::target::Target;
use super::value::refuse_unusable;
use crate::cli::{OnConflict, SecretsImport};
use crate::config::schema::ALLOW_EMPTY;
use crate::config::{Error as ConfigError, Origin, RawValue};
use crate::deliver::import::{ImportFormat, read};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::{quoted_name, shown_path};
use crate::provider::dotenv::Dialect;
use crate::provider::{Change, Expected, StoreType, StoredSecret};
use crate::resolve::Globs;
use crate::seal::private_file;
use crate::secret::{Name, Value};

/// The largest file that is imported, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// What importing a secret does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Create,
    Keep,
    Skip,
    Replace,
    Conflict,
}

impl Plan {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "new",
            Self::Keep => "same",
            Self::Skip => "different, skipped",
            Self::Replace => "different, replaced",
            Self::Conflict => "different",
        }
    }
}

/// Imports secrets.
pub(super) fn import(args: &SecretsImport, context: &mut Context<'_>) -> Result<Exit, Error> {
    let format = format(args, context)?;
    let flags = Flags::new(&args.scope);
    let target = Target::open(&flags, "import", context)?;
    let text = read_file(&args.file)?;
    let secrets = read(format, text.expose())
        .map_err(|error| Error::Import { file: shown(&args.file), error })?;
    drop(text);
    let only = Globs::new(&args.only);
    let is_wanted = |name: &Name| args.only.is_empty() || only.matches(name.as_str());
    let secrets: Vec<_> = secrets.into_iter().filter(|(name, _)| is_wanted(name)).collect();
    check(&secrets, &flags, &target, context)?;
    target.announce(context);
    let stored = target.run(target.store.read_stored())?;
    let plans: Vec<_> =
        secrets.iter().map(|secret| plan(secret, &stored, args.on_conflict)).collect();
    let width = secrets.iter().map(|(name, _)| name.to_string().chars().count()).max().unwrap_or(0);
    for ((name, _), plan) in secrets.iter().zip(&plans) {
        let line = format!("{:width$}  {}\n", name.to_string(), plan.word());
        context.stdout.write_all(line.as_bytes()).map_err(Error::Output)?;
    }
    let conflicts = plans.iter().filter(|plan| **plan == Plan::Conflict).count();
    if conflicts > 0 {
        return Err(Error::ImportConflicts { count: conflicts });
    }
    if args.dry_run {
        return Ok(Exit::Success);
    }
    let changes: Vec<Change> = secrets
        .into_iter()
        .zip(plans)
        .filter_map(|((name, value), plan)| {
            let expected = match plan {
                Plan::Create => Expected::Absent,
                Plan::Replace => {
                    let known = stored.iter().find(|secret| secret.name == name)?;
                    Expected::Revision(known.revision.clone())
                }
                Plan::Keep | Plan::Skip | Plan::Conflict => return None,
            };
            Some(Change::put(name, value).expecting(expected))
        })
        .collect();
    if !changes.is_empty() {
        target.confirm_if_protected(args.yes)?;
        target.apply(&changes, args.scope.options.verbose, context)?;
    }
    Ok(Exit::Success)
}

fn plan((name, value): &(Name, Value), stored: &[StoredSecret], on_conflict: OnConflict) -> Plan {
    match stored.iter().find(|secret| secret.name == *name) {
        None => Plan::Create,
        Some(known) if known.value == *value => Plan::Keep,
        Some(_) => match on_conflict {
            OnConflict::Fail => Plan::Conflict,
            OnConflict::Skip => Plan::Skip,
            OnConflict::Replace => Plan::Replace,
        },
    }
}

/// Refuses what `hushed secrets set` refuses, before anything is written.
fn check(
    secrets: &[(Name, Value)],
    flags: &Flags,
    target: &Target,
    context: &Context<'_>,
) -> Result<(), Error> {
    let allows_empty =
        flags.layer.get(&ALLOW_EMPTY).is_some_and(|it| it.value == RawValue::Switch(true));
    for (name, value) in secrets {
        if value.is_empty() && !allows_empty {
            return Err(Error::EmptyValue(quoted_name(name.as_str())));
        }
        refuse_unusable(name.as_str(), flags, context)?;
        target.store.check(name, value)?;
    }
    Ok(())
}

/// How messages name a file.
pub(in crate::command) fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".into() } else { format!("`{}`", shown_path(file)) }
}

/// Reads a file, or standard input for `-`.
pub(in crate::command) fn read_file(file: &Path) -> Result<Value, Error> {
    if file != Path::new("-") {
        return Ok(private_file::read_within(file, MAX_SIZE, || private_file::LOCK_TIMEOUT)?.bytes);
    }
    let failed = |error| Error::Input(shown(file), error);
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    io::stdin().take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_SIZE) {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(Value::plain(std::mem::take(&mut *bytes)))
}

fn format(args: &SecretsImport, context: &Context<'_>) -> Result<ImportFormat, Error> {
    let choice = |flag: &'static str, what, value: &str, known: Vec<String>| {
        let origin = Origin::Flag(flag.into());
        Error::Config(ConfigError::Choice { origin, what, value: value.to_owned(), known })
    };
    if let Some(dialect) = &args.dialect {
        let known = || Dialect::NAMES.map(str::to_owned).into();
        let parsed = dialect.parse().map(ImportFormat::Dotenv);
        return parsed
            .map_err(|_| choice("--dialect", "dialect of dotenv files", dialect, known()));
    }
    let Some(text) = &args.format else {
        let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
        return Ok(ImportFormat::from_file_name(&name.unwrap_or_default()));
    };
    let mut shapes = context.registry.types().flat_map(StoreType::export_shapes);
    let shape = shapes.find(|shape| shape.name.eq_ignore_ascii_case(text));
    let name = shape.map_or(text.as_str(), |shape| shape.read_as);
    let known = || ImportFormat::NAMES.map(str::to_owned).into();
    name.parse().map_err(|_| choice("--format", "format", text, known()))
}
