//! `hushed init`: writes a commented hushed.toml from what it finds out, and never over one.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::context::Context;
use super::flags::Flags;
use crate::cli::Init;
use crate::config::{CONFIG_NAME, Files, Raw, schema};
use crate::error::Error;
use crate::exit::Exit;

/// Writes the file and says what stands in it.
pub(super) fn init(said: &Init, context: &mut Context<'_>) -> Result<Exit, Error> {
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
