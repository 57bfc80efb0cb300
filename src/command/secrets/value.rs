//! The name and the value of a secret to store: from a prompt, standard input, a file, or a generator.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::super::context::Context;
use super::super::flags::Flags;
use super::super::gather;
use super::super::generate::generate;
use super::super::prompt;
use crate::cli::SecretsSet;
use crate::config::merge_run;
use crate::error::Error;
use crate::message::{is_plain_name, quoted_name, shown_path};
use crate::provider::local;
use crate::resolve::{self, Globs, MappingRules};
use crate::secret::{Name, Provenance, Secret, Value};

/// Reads the value from where the arguments say.
pub(super) fn read(args: &SecretsSet, name: &str) -> Result<Value, Error> {
    match (&args.file, &args.generate) {
        (Some(path), _) => from_file(path),
        (None, Some(recipe)) => generate(recipe),
        (None, None) => from_input(name),
    }
}

/// The name, and the value if it was typed behind it and that is accepted.
pub(super) fn name_and_value(args: &SecretsSet) -> Result<(&str, Option<Value>), Error> {
    match args.names.as_slice() {
        [both] if args.value_on_command_line => match both.split_once('=') {
            Some((name, value)) => Ok((name, Some(Value::from(value)))),
            None => Ok((both, None)),
        },
        names => Ok((only_name(names)?, None)),
    }
}

/// The one name, which is checked for a value that was typed behind it: an error must not print that.
fn only_name(names: &[String]) -> Result<&str, Error> {
    let first = names.first().map_or("", String::as_str);
    let name = first.split_once('=').map_or(first, |(name, _)| name);
    if names.len() > 1 || name != first {
        let name = is_plain_name(name).then(|| name.to_owned());
        return Err(Error::ValueAsArgument(name));
    }
    Ok(first)
}

/// Rejects a name that `hushed run` would reject, so that no secret is stored that stops every run.
pub(super) fn refuse_unusable(
    name: &str,
    flags: &Flags,
    context: &Context<'_>,
) -> Result<(), Error> {
    let run = context.merge(flags, merge_run)?;
    // Settings may rename it.
    let shape = MappingRules {
        only: None,
        exclude: Globs::default(),
        require: Vec::new(),
        ..gather::run_rules(&run)?
    };
    let provenance = Provenance { source: "".into(), place: "".into(), version: None, age: None };
    let secret = Secret { name: Name::new(name), value: Value::from("x"), provenance };
    let resolution = resolve::resolve([secret].into_iter().collect(), &shape);
    match resolution.problems.into_iter().next() {
        Some(problem) => Err(Error::UnusableName { name: quoted_name(name), problem }),
        None => Ok(()),
    }
}

/// Reads a value from a file, byte for byte.
fn from_file(path: &Path) -> Result<Value, Error> {
    let unreadable = |error| Error::Input(format!("`{}`", shown_path(path)), error);
    std::fs::read(path).map(Value::new).map_err(unreadable)
}

/// Reads a value from a prompt without echo if standard input is a terminal; else from standard input,
/// without its final newline.
fn from_input(name: &str) -> Result<Value, Error> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return prompt::read_hidden(&format!("Value of {}: ", Name::new(name)));
    }
    // With its full capacity from the start: a growing vector leaves copies in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    let limit = u64::try_from(local::MAX_VALUE).unwrap_or(u64::MAX);
    let read = stdin.by_ref().take(limit + 2).read_to_end(&mut bytes);
    read.map_err(|error| Error::Input("standard input".into(), error))?;
    Ok(Value::new(std::mem::take(&mut *bytes)).without_final_newline())
}
