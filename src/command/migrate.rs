//! `hushed migrate references`: converts references of other tools in dotenv files. It prints no value that is not
//! a reference.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::secrets::import::{read_file, shown};
use crate::cli::{MigrateAction, MigrateReferences, UsageError};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::doctor::counted;
use crate::provider::migrate::{Migration, Sources, migrate as convert, render, rewrite};
use crate::seal::private_file::{self, Lock};
use crate::secret::{Name, Value};

/// The largest file that is rewritten, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// What a command reads where no file is named.
const STANDARD_INPUT: &str = "-";

/// Runs a subcommand.
pub(super) fn migrate(action: &MigrateAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        MigrateAction::References(args) => references(args, context),
    }
}

/// Prints the tables for `hushed.toml`. The exit status is 1 if a reference was not converted.
fn references(args: &MigrateReferences, context: &mut Context<'_>) -> Result<Exit, Error> {
    let default = [PathBuf::from(STANDARD_INPUT)];
    let files = if args.files.is_empty() { &default[..] } else { &args.files };
    if args.in_place && files.iter().any(|file| file == Path::new(STANDARD_INPUT)) {
        let hint = "name the files, or leave --in-place out";
        return Err(UsageError::new("--in-place cannot change standard input", hint).into());
    }
    let mut sources = Sources::default();
    let mut migrations = Vec::new();
    let mut rewrites = Vec::new();
    for file in files {
        let migration = if args.in_place {
            let (migration, rewrite) = prepare_rewrite(file, &mut sources)?;
            rewrites.extend(rewrite);
            migration
        } else {
            let text = read_file(file)?;
            convert(utf8(&text, file)?, &mut sources)
        };
        migrations.push(migration);
    }
    let mut is_complete = true;
    for (file, migration) in files.iter().zip(&migrations) {
        is_complete &= migration.refused.is_empty();
        report(file, migration, context);
    }
    let variables: Vec<_> = migrations.iter().flat_map(|migration| &migration.converted).collect();
    let text = render(&sources, &variables, !args.in_place);
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    context.stdout.flush().map_err(Error::Output)?;
    // Last: what the references say of their stores is now in the output.
    for Rewrite { lock, content, mode } in rewrites {
        lock.replace_with_mode(content.expose(), mode)?;
    }
    Ok(if is_complete { Exit::Success } else { Exit::Failure })
}

/// A file that is to be replaced.
struct Rewrite {
    lock: Lock,
    /// The new content; the other values in it may be secrets.
    content: Value,
    mode: u32,
}

/// Converts the references of a file that is to be replaced, and keeps its mode. Without any, it stays.
fn prepare_rewrite(
    file: &Path,
    sources: &mut Sources,
) -> Result<(Migration, Option<Rewrite>), Error> {
    let lock = Lock::acquire(file, private_file::LOCK_TIMEOUT)?;
    let Some(read) = lock.read(MAX_SIZE)? else {
        return Err(private_file::Error::Missing { path: file.to_owned() }.into());
    };
    let text = utf8(&read.bytes, file)?;
    let migration = convert(text, sources);
    let rewrite = (!migration.converted.is_empty()).then(|| Rewrite {
        content: Value::from(rewrite(text, &migration.converted)),
        mode: read.mode,
        lock,
    });
    Ok((migration, rewrite))
}

/// Reports what the user has to do besides.
fn report(file: &Path, migration: &Migration, context: &mut Context<'_>) {
    let place = shown(file);
    for variable in &migration.converted {
        for note in &variable.notes {
            let name = Name::new(&variable.name);
            context.warn(&format!("{place}, line {}: `{name}`: {note}", variable.line));
        }
    }
    for refusal in &migration.refused {
        let name = Name::new(&refusal.name);
        let (line, why) = (refusal.line, &refusal.why);
        context.warn(&format!("{place}, line {line}: `{name}` is not converted: {why}"));
    }
    let converted = counted(migration.converted.len(), "reference");
    let others = counted(migration.others, "other variable");
    context.info(&format!("{place}: converted {converted}; {others} not changed"));
}

fn utf8<'t>(text: &'t Value, file: &Path) -> Result<&'t str, Error> {
    let error = || Error::Input(shown(file), std::io::ErrorKind::InvalidData.into());
    text.expose_str().ok_or_else(error)
}
