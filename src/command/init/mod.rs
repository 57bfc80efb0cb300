//! `hushed init`: writes a commented hushed.toml from what it finds out, and never over one; with
//! `--systemd` a unit that runs a command with it.

mod unit;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::context::Context;
use super::flags::Flags;
use crate::cli::Init;
use crate::config::{CONFIG_NAME, Files, LOCAL_KEY_CREDENTIAL, Raw, schema};
use crate::error::Error;
use crate::exit::Exit;
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
        credentials: &credentials(&files.source_types()),
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
fn credentials(types: &[String]) -> Vec<(&'static str, PathBuf)> {
    let file = |name: &str| Path::new("/etc/hushed/app").join(name);
    let wanted = [
        ("infisical", schema::CLIENT_SECRET.systemd, file("client-secret")),
        ("local", LOCAL_KEY_CREDENTIAL, file("key")),
    ];
    let wanted = wanted.into_iter().filter(|(kind, ..)| types.iter().any(|found| found == kind));
    wanted.map(|(_, id, file)| (id, file)).collect()
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

const LOCAL: &str = "\
# The sealed store that hushed keeps itself: `hushed secrets set NAME` makes it, and its key.
[source.local]
type = \"local\"
file = \"secrets.hushed\"
# key-file = \"/etc/hushed/key\"   # outside the project; ~/.config/hushed/key by default
";

/// The sources that this directory speaks of; the sealed store where it speaks of none.
fn sources(said: &Init, files: &Files, context: &Context<'_>) -> (String, String) {
    let (mut text, mut found) = (String::new(), Vec::new());
    let by_variable = context.environment.get("INFISICAL_PROJECT_ID").is_some();
    if files.infisical_json.is_some() || by_variable {
        text += &infisical(files, context);
        text.push('\n');
        found.push("a place in Infisical");
    }
    if exists(&context.directory, ".env") {
        text += "# Read after what stands above; the later wins.\n[source.dotenv]\ntype = \"dotenv\"\n\
                 file = \".env\"\n\n";
        found.push("the file .env");
    }
    if found.is_empty() || said.local || exists(&context.directory, "secrets.hushed") {
        text += LOCAL;
        found.push("a sealed local store");
    }
    (text, found.join(" and "))
}

fn infisical(files: &Files, context: &Context<'_>) -> String {
    let said = |key| {
        let (_, layer) = files.infisical_json.as_ref()?;
        match &layer.get(key)?.value {
            Raw::Text(text) => Some(text.clone()),
            _ => None,
        }
    };
    let variable =
        |name| context.environment.text(name).map(|text| text.to_string_lossy().into_owned());
    let project = said(&schema::PROJECT).or_else(|| variable("INFISICAL_PROJECT_ID"));
    let domain = said(&schema::DOMAIN).or_else(|| variable("INFISICAL_DOMAIN"));
    let env = said(&schema::ENV).unwrap_or_else(|| "dev".into());
    let mut text = String::from(
        "# Log in with INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET, or INFISICAL_TOKEN.\n\
         [source.infisical]\ntype = \"infisical\"\n",
    );
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", quoted(&value));
        }
    };
    line("domain", domain);
    line("project", project);
    line("env", Some(env));
    line("path", Some("/".into()));
    text += "# recursive = true\n# client-secret-file = \"/run/secrets/infisical\"\n";
    text
}

/// A basic string of TOML. JSON's escapes are a part of TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn exists(directory: &Path, name: &str) -> bool {
    directory.join(name).exists()
}
