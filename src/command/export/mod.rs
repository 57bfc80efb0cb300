//! `hushed export`: writes the variables of a run in a format for another program.

#[cfg(feature = "external-secrets")]
mod manifests;

use std::path::Path;

use zeroize::Zeroizing;

use super::context::Context;
use super::disk_free::{self, DiskWrite};
use super::flags::Flags;
use super::gather;
use crate::cli::Export;
use crate::config::{Error as ConfigError, Origin, ReferenceScope};
use crate::deliver::format::{DotenvReader, Error as FormatError, Format, RenderOptions, render};
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{ExportShape, StoreType};
use crate::resolve::Resolution;
use crate::seal::private_file;
use crate::secret::Name;

/// Writes the variables to standard output or to a private file.
pub(super) fn export(args: &Export, context: &mut Context<'_>) -> Result<Exit, Error> {
    #[cfg(feature = "external-secrets")]
    if let Some(kind) = manifests::kind(args)? {
        return manifests::export(args, kind, context);
    }
    let format = format(&args.format, context)?;
    let dotenv_reader =
        args.dialect.as_deref().map(|name| dotenv_reader(name, format)).transpose()?;
    if matches!(format, AnyFormat::Own(Format::Shell))
        && context.environment.get("FISH_VERSION").is_some()
    {
        return Err(Error::Format(FormatError::Fish));
    }
    let flags = Flags::new(&args.scope).with(&args.environment).with(&args.confinement);
    let flags = flags.resolving(ReferenceScope::Files);
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
    let options = RenderOptions { object_name: &args.manifest_name, dotenv_reader };
    let text = rendered(format, &resolution, options)?;
    write(args, &text, context)?;
    context.verbose(args.scope.options.verbose, &super::run::summary(&resolution.variables));
    Ok(Exit::Success)
}

/// Writes to the file of `--output`, or to standard output.
fn write(args: &Export, text: &[u8], context: &mut Context<'_>) -> Result<(), Error> {
    match &args.output {
        Some(path) => {
            private_file::write_atomically(path, text).map_err(|error| unwritable(path, error))
        }
        None => context.stdout.write_all(text).map_err(Error::Output),
    }
}

/// An error of the output file. Its path is no secret, however it looks.
fn unwritable(path: &Path, error: private_file::Error) -> Error {
    match error {
        private_file::Error::Io { source, .. } => Error::WriteFile(path.to_owned(), source),
        error => error.into(),
    }
}

/// A format of hushed, or one of a store's own command line.
#[derive(Clone, Copy)]
enum AnyFormat {
    Own(Format),
    OfStore(&'static ExportShape),
}

fn rendered(
    format: AnyFormat,
    resolution: &Resolution,
    options: RenderOptions<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let entries = resolution.variables.iter();
    match format {
        AnyFormat::Own(format) => {
            let named: Vec<_> =
                entries.map(|entry| (Name::new(&entry.name), &entry.winner.value)).collect();
            let pairs = named.iter().map(|(name, value)| (name, *value));
            Ok(render(format, pairs, options)?)
        }
        AnyFormat::OfStore(shape) => {
            let named: Vec<_> = entries.map(|entry| (entry.name.as_str(), &entry.winner)).collect();
            Ok((shape.render)(&named)?)
        }
    }
}

/// Another name of a format, as the tool of another store has it.
const ALIASES: [(&str, Format); 1] = [("dotenv-eval", Format::Shell)];

/// Finds a format by its name in any letter case.
fn format(text: &str, context: &Context<'_>) -> Result<AnyFormat, Error> {
    let name = text.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, format)| *format);
    if let Some(format) = name.parse().ok().or(alias) {
        return Ok(AnyFormat::Own(format));
    }
    let mut shapes = context.registry.types().flat_map(StoreType::export_shapes);
    shapes.find(|shape| shape.name == name).map(AnyFormat::OfStore).ok_or_else(|| {
        Error::Config(ConfigError::Choice {
            origin: Origin::Flag("--format".into()),
            what: "format",
            value: text.to_owned(),
            known: known_formats(),
        })
    })
}

fn known_formats() -> Vec<String> {
    let names = Format::NAMES.into_iter();
    #[cfg(feature = "external-secrets")]
    let names = names.chain(manifests::KINDS.into_iter().map(|(name, _)| name));
    names.map(str::to_owned).collect()
}

fn dotenv_reader(name: &str, format: AnyFormat) -> Result<DotenvReader, Error> {
    if !matches!(format, AnyFormat::Own(Format::Dotenv)) {
        let (flag, without) = ("--dialect", "--format dotenv");
        return Err(Error::Config(ConfigError::Alone { flag, without }));
    }
    name.parse().map_err(|_unknown| {
        Error::Config(ConfigError::Choice {
            origin: Origin::Flag("--dialect".into()),
            what: "dialect of dotenv files",
            value: name.to_owned(),
            known: DotenvReader::NAMES.map(str::to_owned).into(),
        })
    })
}
