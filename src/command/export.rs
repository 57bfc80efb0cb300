//! `hushed export`: writes the variables of a run in a format for another program.

use super::context::Context;
use super::disk_free::{self, DiskWrite};
use super::flags::Flags;
use super::gather;
use crate::cli::Export;
use crate::config::{Error as ConfigError, Origin};
use crate::deliver::format::{DotenvReader, Error as FormatError, Format, RenderOptions, render};
use crate::error::Error;
use crate::exit::Exit;
use crate::seal::private_file;
use crate::secret::Name;

/// Writes the variables to standard output or to a private file.
pub(super) fn export(args: &Export, context: &mut Context<'_>) -> Result<Exit, Error> {
    let format = format(&args.format)?;
    let dotenv_reader =
        args.dialect.as_deref().map(|name| dotenv_reader(name, format)).transpose()?;
    if format == Format::Shell && context.environment.get("FISH_VERSION").is_some() {
        return Err(Error::Format(FormatError::Fish));
    }
    let flags = Flags::new(&args.scope).with(&args.environment).with(&args.confinement);
    let settings = context.settings(&flags)?;
    drop(flags);
    let output = args.output.as_ref().map(|path| DiskWrite {
        what: format!("the file `{}`", path.display()),
        origin: Origin::Flag("--output".into()),
    });
    let mut writes = disk_free::writes(&settings, false);
    writes.extend(output);
    disk_free::enforce(&settings, &writes, context)?;
    let resolution = gather::resolve_or_refuse(&settings, context)?;
    let named: Vec<_> = resolution
        .variables
        .iter()
        .map(|entry| (Name::new(&entry.name), &entry.winner.value))
        .collect();
    let options = RenderOptions { object_name: &args.manifest_name, dotenv_reader };
    let text = render(format, named.iter().map(|(name, value)| (name, *value)), options)?;
    match &args.output {
        Some(path) => private_file::write_atomically(path, &text)?,
        None => context.stdout.write_all(&text).map_err(Error::Output)?,
    }
    context.verbose(args.scope.options.verbose, &super::run::summary(&resolution.variables));
    Ok(Exit::Success)
}

fn format(text: &str) -> Result<Format, Error> {
    text.parse().map_err(|_unknown| {
        Error::Config(ConfigError::Choice {
            origin: Origin::Flag("--format".into()),
            what: "format",
            value: text.to_owned(),
            known: Format::NAMES.map(str::to_owned).into(),
        })
    })
}

fn dotenv_reader(name: &str, format: Format) -> Result<DotenvReader, Error> {
    let origin = || Origin::Flag("--dialect".into());
    if format != Format::Dotenv {
        let what = "used with --format dotenv";
        return Err(Error::Config(ConfigError::Form {
            origin: origin(),
            what,
            value: name.to_owned(),
        }));
    }
    name.parse().map_err(|_unknown| {
        Error::Config(ConfigError::Choice {
            origin: origin(),
            what: "dialect of dotenv files",
            value: name.to_owned(),
            known: DotenvReader::NAMES.map(str::to_owned).into(),
        })
    })
}
