//! `hushed init`: writes a commented hushed.toml for the sources that it detects, and never overwrites one.
//! With `--systemd` it writes a unit that runs a command with that file.

mod unit;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::context::Context;
use super::doctor::unit::{HIDDEN_HINT, hidden_paths_of};
use super::flags::Flags;
use crate::cli::Init;
use crate::config::{CONFIG_NAME, ConfigFiles, abbreviate_home};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{InitContext, Registry, StoreType, Writes};
use crate::seal::{key, private_file};
use unit::Unit;

/// Writes the file and reports what it contains.
pub(super) fn init(args: &Init, context: &mut Context<'_>) -> Result<Exit, Error> {
    if args.systemd {
        return systemd(args, context);
    }
    let path = context.directory.join(CONFIG_NAME);
    if path.exists() {
        return Err(Error::Exists(path));
    }
    let files = context.files(&Flags::default())?;
    let Detected { tables, found, next, new_key } = detect(args, &files, context);
    let text = format!("{HEAD}{tables}{TAIL}");
    let mut report = String::new();
    if let Some(key) = &new_key {
        create_key(key)?;
        let _ = writeln!(report, "made the key {}; {KEEP_A_COPY}", abbreviate_home(key).display());
    }
    // The file holds no secret and others may read it, so the umask decides its mode.
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
        // Nothing is encrypted with it yet.
        new_key.map(|key| private_file::remove(&key)).transpose()?;
        return Err(Error::WriteFile(path, error));
    }
    report.insert_str(0, &format!("wrote {CONFIG_NAME}: {found}\n"));
    if let Some(next) = next {
        let _ = write!(report, "next: {next}\nthen");
    } else {
        report += "next";
    }
    report += CHECK;
    context.stdout.write_all(report.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// Makes the key file of a new store, and its directory.
fn create_key(path: &Path) -> Result<(), Error> {
    private_file::create_directory(path.parent().unwrap_or(Path::new("")))?;
    key::create(path)?;
    Ok(())
}

/// Writes the unit to standard output or to a file.
fn systemd(args: &Init, context: &mut Context<'_>) -> Result<Exit, Error> {
    let files = context.files(&Flags::default())?;
    let config = files.project.as_ref().map(|(path, _)| context.directory.join(path));
    let config = config.ok_or(Error::NoConfiguration)?;
    let placeholder = [OsStr::new("/usr/local/bin/app")];
    let command: Vec<&OsStr> = args.command.iter().map(OsString::as_os_str).collect();
    let text = Unit {
        hushed: &std::env::current_exe().unwrap_or_else(|_unknown| "/usr/local/bin/hushed".into()),
        config: &config,
        command: if command.is_empty() { &placeholder } else { &command },
        credentials: &credentials(&files, context.registry),
    }
    .to_text();
    let hidden = hidden_paths_of(&text);
    if !hidden.is_empty() {
        let hidden = hidden.join(", ");
        context.warn(&format!("the unit's sandbox hides {hidden}\n  hint: {HIDDEN_HINT}"));
    }
    let Some(path) = &args.output else {
        context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
        return Ok(Exit::Success);
    };
    let path = context.directory.join(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(!args.force).create(true).truncate(true);
    options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        match error.kind() {
            ErrorKind::AlreadyExists => Error::UnitExists(path.clone()),
            _ => Error::WriteFile(path.clone(), error),
        }
    })?;
    let mut report = format!("wrote {}\n", path.display());
    report += "next: check it with `hushed doctor --systemd-unit FILE`\n";
    context.stdout.write_all(report.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// The credentials that the sources need, and suggested files for the unit to load them from.
fn credentials(files: &ConfigFiles, registry: Registry) -> Vec<(&'static str, PathBuf)> {
    let types = files.source_types();
    let wanted =
        registry.types().filter(|kind| types.iter().any(|name| name == kind.schema().name));
    let credential = |(id, name)| (id, Path::new("/etc/hushed/app").join(name));
    wanted.filter_map(StoreType::unit_credential).map(credential).collect()
}

const KEEP_A_COPY: &str = "keep a copy in a safe place: without it the store is lost";

const CHECK: &str =
    ": run `hushed doctor` to check it, `hushed plan` to see what a run would set\n";

const HEAD: &str = "\
# Configuration of `hushed run` for this project. hushed.toml(5) documents every key.
# Do not put secrets in this file: commit it.

";

const TAIL: &str = "
[run]
# Replace every secret in the command's output with [hushed:NAME]. hushed then supervises the command and
# forwards signals and the exit status. Without this line, the command replaces the hushed process.
redact = true
# require = [\"DATABASE_URL\"]     # do not start without these
# only = [\"APP_*\"]               # use only these; exclude = [\"...\"] skips some
# transform = \"upper-snake\"      # or camel, lower-kebab, tf-var, dotnet
# clean-env = true               # inherit only the variables in keep
# keep = [\"PATH\", \"HOME\", \"LANG\", \"TERM\"]

# hushed run --profile prod
# [profile.prod.source.NAME]
# env = \"prod\"
";

/// The sources detected in a directory.
struct Detected {
    /// Their tables for the configuration file.
    tables: String,
    /// What they are, for the report.
    found: String,
    /// What to do first, before a source works.
    next: Option<&'static str>,
    /// The key file of a new store, to be made.
    new_key: Option<PathBuf>,
}

/// Detects the sources in this directory, or proposes a new local store if there are none.
/// Writable stores come last, so that they win.
fn detect(args: &Init, files: &ConfigFiles, context: &Context<'_>) -> Detected {
    let (mut tables, mut found) = (String::new(), Vec::new());
    let (mut next, mut new_key) = (None, None);
    let last = |kind: &&'static dyn StoreType| kind.writes() == Writes::Implied;
    let types = || context.registry.types();
    for kind in types().filter(|kind| !last(kind)).chain(types().filter(last)) {
        let init = InitContext {
            files,
            environment: &context.environment,
            directory: &context.directory,
            wants_store: args.local || found.is_empty(),
        };
        if let Some(example) = kind.example(&init) {
            tables += &example.table;
            tables.push('\n');
            found.push(example.what);
            next = next.or(example.next);
            new_key = new_key.or(example.new_key);
        }
    }
    let tables = tables.trim_end_matches('\n').to_owned() + "\n";
    Detected { tables, found: found.join(" and "), next, new_key }
}
