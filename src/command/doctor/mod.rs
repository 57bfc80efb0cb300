//! `hushed doctor`: checks everything that a run depends on, and says what to do about what is not as
//! it should be. It changes nothing, and prints no value.

mod check;
mod clock;
mod file;
mod server;

use serde_json::json;

use super::context::Context;
use super::flags::Flags;
use super::gather;
use crate::cli::Doctor;
use crate::config::{CONFIG_NAME, Files, Settings, Source};
use crate::error::Error;
use crate::exit::Exit;
use check::{Check, Verdict};

/// Prints one line a check. Exit code 1 when one of them is not ok.
pub(super) fn doctor(said: &Doctor, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::of_scope(&said.scope);
    let mut checks = Vec::new();
    match context.files(&flags) {
        Ok(files) => checks.push(configuration(&files)),
        Err(error) => checks.push(Check::failed("configuration", &error, error.hint())),
    }
    // Without files that parse there are no settings either, and the same error twice helps nobody.
    if checks.iter().all(Check::is_fine) {
        match context.settings(&flags) {
            Ok(settings) => checks.extend(sources(&settings)?),
            Err(error) => checks.push(Check::failed("sources", &error, error.hint())),
        }
    }
    let text = if said.json { as_json(&checks) } else { as_text(&checks) };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(if checks.iter().all(Check::is_fine) { Exit::Success } else { Exit::Failure })
}

fn configuration(files: &Files) -> Check {
    let named = files.project.iter().chain(&files.user).map(|(path, _)| path);
    let named = named.chain(files.infisical_json.iter().map(|(path, _)| path));
    let mut named: Vec<_> = named.map(|path| path.display().to_string()).collect();
    named.extend(files.profile.iter().map(|profile| format!("profile `{profile}`")));
    if named.is_empty() {
        return Check::ok("configuration", format!("no {CONFIG_NAME}: flags and variables only"));
    }
    Check::ok("configuration", named.join(", "))
}

fn sources(settings: &Settings) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    for source in &settings.sources {
        match source {
            Source::Dotenv(source) => checks.extend(file::dotenv(source)),
            Source::Local(source) => checks.extend(file::local(source)),
            Source::Infisical(source) => {
                let work = async { Ok(server::check(source, settings).await) };
                checks.extend(gather::in_runtime(work)?);
            }
        }
    }
    Ok(checks)
}

fn as_text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.what.chars().count()).max().unwrap_or(0);
    let line = |check: &Check| {
        let word = match check.verdict {
            Verdict::Ok => "ok     ",
            Verdict::NotOk => "NOT OK ",
            Verdict::Skipped => "skipped",
        };
        let mut line = format!("{word} {:width$}  {}\n", check.what, check.detail);
        if let Some(hint) = &check.hint {
            line += "        hint: ";
            line += hint;
            line.push('\n');
        }
        line
    };
    checks.iter().map(line).collect()
}

fn as_json(checks: &[Check]) -> String {
    let entry = |check: &Check| {
        json!({
            "check": check.what,
            "verdict": match check.verdict {
                Verdict::Ok => "ok",
                Verdict::NotOk => "not ok",
                Verdict::Skipped => "skipped",
            },
            "detail": check.detail,
            "hint": check.hint,
        })
    };
    let entries: Vec<_> = checks.iter().map(entry).collect();
    format!("{:#}\n", serde_json::Value::from(entries))
}
