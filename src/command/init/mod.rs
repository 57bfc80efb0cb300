//! `hushed init`: writes a commented hushed.toml from what it finds out, and never over one; with
//! `--systemd` a unit that runs a command with it.

mod unit;

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::context::Context;
use super::flags::Flags;
use crate::cli::Init;
use crate::config::{CONFIG_NAME, ConfigFiles};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{Example, Registry, StoreType, Surroundings, Writes};
use unit::Unit;

/// Writes the file and says what stands in it.
pub(super) fn init(said: &Init, context: &mut Context<'_>) -> Result<Exit, Error> {
    if said.systemd {
        return systemd(said, context);
    }
    let path = context.directory.join(CONFIG_NAME);
    if path.exists() {
        return Err(Error::Exists(path));
    }
    let files = context.files(&Flags::default())?;
    let (sources, found) = sources(said, &files, context);
    let text = format!("{HEAD}{sources}{TAIL}");
    // No secret is in it and others are to read it, so it has the mode of any file of the project.
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error::Unwritable(path, error))?;
    let mut report = format!("wrote {CONFIG_NAME}: {found}\n");
    report += "next: `hushed doctor` checks it, `hushed plan` shows what a run would set\n";
    context.stdout.write_all(report.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// Writes the unit, to standard output or into a file.
fn systemd(said: &Init, context: &mut Context<'_>) -> Result<Exit, Error> {
    let files = context.files(&Flags::default())?;
    let config = files.project.as_ref().map(|(path, _)| context.directory.join(path));
    let config = config.ok_or(Error::NoConfiguration)?;
    let placeholder = [OsStr::new("/usr/local/bin/app")];
    let command: Vec<&OsStr> = said.command.iter().map(OsString::as_os_str).collect();
    let text = Unit {
        hushed: &std::env::current_exe().unwrap_or_else(|_unknown| "/usr/local/bin/hushed".into()),
        config: &config,
        command: if command.is_empty() { &placeholder } else { &command },
        credentials: &credentials(&files, context.registry),
    }
    .to_text();
    let Some(path) = &said.output else {
        context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
        return Ok(Exit::Success);
    };
    let path = context.directory.join(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(!said.force).create(true).truncate(true);
    options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        match error.kind() {
            ErrorKind::AlreadyExists => Error::UnitExists(path.clone()),
            _ => Error::Unwritable(path.clone(), error),
        }
    })?;
    let mut report = format!("wrote {}\n", path.display());
    report += "next: `hushed doctor --systemd-unit` with this file checks it\n";
    context.stdout.write_all(report.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// The credentials that the sources want, and where a unit may have them from.
fn credentials(files: &ConfigFiles, registry: Registry) -> Vec<(&'static str, PathBuf)> {
    let types = files.source_types();
    let wanted =
        registry.types().filter(|kind| types.iter().any(|name| name == kind.schema().name));
    let credential = |(id, name)| (id, Path::new("/etc/hushed/app").join(name));
    wanted.filter_map(StoreType::unit_credential).map(credential).collect()
}

const HEAD: &str = "\
# What hushed run does in this project; hushed.toml(5) describes every key.
# No secret belongs in this file: it is meant to be committed.

";

const TAIL: &str = "
[run]
# Every secret in the command's output becomes [hushed:NAME]. For that hushed stays as the command's
# parent, and passes on signals and exit codes; without this line the command takes hushed's place.
redact = true
# require = [\"DATABASE_URL\"]     # start nothing unless these come from a source
# only = [\"APP_*\"]               # use only these; exclude = [\"...\"] leaves some out
# transform = \"upper-snake\"      # or camel, lower-kebab, tf-var, dotnet
# clean-env = true               # inherit nothing but what keep names
# keep = [\"PATH\", \"HOME\", \"LANG\", \"TERM\"]

# hushed run --profile prod
# [profile.prod.source.NAME]
# env = \"prod\"
";

/// The tables of the sources that this directory has; of a store to be made where it has none. What the
/// user can change comes last, so that it wins.
fn sources(said: &Init, files: &ConfigFiles, context: &Context<'_>) -> (String, String) {
    let (mut text, mut found) = (String::new(), Vec::new());
    let last = |kind: &&'static dyn StoreType| kind.writes() == Writes::Implied;
    let types = || context.registry.types();
    for kind in types().filter(|kind| !last(kind)).chain(types().filter(last)) {
        let surroundings = Surroundings {
            files,
            environment: &context.environment,
            directory: &context.directory,
            wants_store: said.local || found.is_empty(),
        };
        if let Some(Example { table, what }) = kind.example(&surroundings) {
            text += &table;
            text.push('\n');
            found.push(what);
        }
    }
    (text.trim_end_matches('\n').to_owned() + "\n", found.join(" and "))
}
