//! `hushed secrets`: lists and reads secrets, and changes the local store.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather;
use crate::cli::{
    Confinement, Scope, SecretsAction, SecretsDelete, SecretsGet, SecretsList, SecretsSet,
    SettingFlags,
};
use crate::deliver::format::{self, Format};
use crate::error::{Error, NoStore};
use crate::exit::Exit;
use crate::message::nearest;
use crate::provider::{Configured, Put, Settings, Write, Written, local};
use crate::secret::{Name, Secret, SecretSet, Value};
use crate::sys::signals::BlockedSignals;

/// The signal that Ctrl-C sends.
const SIGINT: u8 = 2;

/// Runs a subcommand of `hushed secrets`.
pub(super) fn secrets(action: &SecretsAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        SecretsAction::List(args) => list(args, context),
        SecretsAction::Get(args) => get(args, context),
        SecretsAction::Set(args) => set(args, context),
        SecretsAction::Delete(args) => delete(args, context),
    }
}

fn fetch(
    scope: &Scope,
    confinement: &SettingFlags<Confinement>,
    context: &mut Context<'_>,
) -> Result<(Settings, SecretSet), Error> {
    let settings = context.settings(&Flags::new(scope).with(confinement))?;
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    let secrets = gather::fetch(&settings, context)?;
    Ok((settings, secrets))
}

fn list(args: &SecretsList, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (_, secrets) = fetch(&args.scope, &args.confinement, context)?;
    let text =
        if args.json { as_json(&secrets, args.reveal)? } else { as_lines(&secrets, args.reveal) };
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// One line for each secret: `NAME  SOURCE (PLACE)` in columns, or `NAME=VALUE` with `reveal`.
fn as_lines(secrets: &SecretSet, reveal: bool) -> Zeroizing<Vec<u8>> {
    let width = secrets.iter().map(|secret| secret.name.to_string().chars().count()).max();
    let mut text = Zeroizing::new(Vec::new());
    for secret in secrets {
        let name = secret.name.to_string();
        if reveal {
            text.extend_from_slice(name.as_bytes());
            text.push(b'=');
            text.extend_from_slice(&escaped(&secret.value));
        } else {
            let line = format!("{name:width$}  {}", secret.provenance, width = width.unwrap_or(0));
            text.extend_from_slice(line.as_bytes());
        }
        text.push(b'\n');
    }
    text
}

/// Escapes control characters and backslashes, so that a value fits on one line.
fn escaped(value: &Value) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(value.len() * 4));
    for &byte in value.expose() {
        match byte {
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\\' => text.extend_from_slice(b"\\\\"),
            0..=31 | 127 => text.extend(std::ascii::escape_default(byte)),
            _ => text.push(byte),
        }
    }
    text
}

/// JSON. Fails on a value that is not UTF-8, because JSON cannot represent it.
fn as_json(secrets: &SecretSet, reveal: bool) -> Result<Zeroizing<Vec<u8>>, Error> {
    let entry = |secret: &Secret| {
        let mut entry = json!({
            "name": secret.name.as_str(),
            "source": &*secret.provenance.source,
            "place": &*secret.provenance.place,
            "version": secret.provenance.version,
        });
        if reveal && let Some(object) = entry.as_object_mut() {
            let value = secret.value.expose_str().ok_or_else(|| format::Error::Value {
                format: Format::Json,
                name: secret.name.clone(),
                what: format::Unsupported::NotUtf8,
            })?;
            object.insert("value".into(), value.into());
        }
        Ok(entry)
    };
    let entries = secrets.iter().map(entry).collect::<Result<Vec<_>, Error>>()?;
    let mut text = format!("{:#}", serde_json::Value::from(entries)).into_bytes();
    text.push(b'\n');
    Ok(Zeroizing::new(text))
}

fn get(args: &SecretsGet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let settings = context.settings(&Flags::new(&args.scope).with(&args.confinement))?;
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    let secrets = match gather::fetch(&settings, context) {
        Ok(secrets) => secrets,
        // An identity that may not list its folder may still read this secret.
        Err(error) if gather::is_denied(&error) && settings.run.disk_free.is_none() => {
            let name = Name::new(&args.name);
            gather::get_one(&settings, &name)?
                .map_or(Err(error), |secret| Ok([secret].into_iter().collect()))?
        }
        Err(error) => return Err(error),
    };
    // The last source wins, as in `run`.
    let found = secrets.iter().rfind(|secret| secret.name.as_str() == args.name);
    let Some(secret) = found else {
        let names = secrets.iter().map(|secret| secret.name.as_str());
        let nearest = nearest(&args.name, names).map(str::to_owned);
        return Err(Error::NoSuchSecret {
            name: args.name.clone(),
            places: places(&settings),
            nearest,
        });
    };
    let mut text = Zeroizing::new(Vec::with_capacity(secret.value.len() + 1));
    text.extend_from_slice(secret.value.expose());
    // On a terminal, end the line so that the prompt starts on its own.
    if std::io::stdout().is_terminal() {
        text.push(b'\n');
    }
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}

fn places(settings: &Settings) -> String {
    let names: Vec<_> =
        settings.sources.iter().map(|source| format!("`{}`", source.name())).collect();
    names.join(" or ")
}

fn set(args: &SecretsSet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (_, store) = store(&args.scope, "set", context)?;
    let value = match &args.file {
        Some(path) => from_file(path)?,
        None => from_input(&args.name)?,
    };
    let Written { put, notice } = gather::at_once(store.put(&Name::new(&args.name), &value))??;
    if let Some(notice) = notice {
        context.info(&notice);
    }
    let what = match put {
        Put::Created => "stored",
        Put::Replaced => "replaced",
    };
    context.verbose(
        args.scope.options.verbose,
        &format!("{what} `{}` in {}", args.name, store.place()),
    );
    Ok(Exit::Success)
}

fn delete(args: &SecretsDelete, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (source, store) = store(&args.scope, "delete", context)?;
    if gather::at_once(store.delete(&Name::new(&args.name)))?? {
        context.verbose(args.scope.options.verbose, &format!("deleted `{}`", args.name));
        return Ok(Exit::Success);
    }
    let places = format!("`{}` ({})", source.name(), store.place());
    Err(Error::NoSuchSecret { name: args.name.clone(), places, nearest: None })
}

/// A writable source, opened.
type WritableStore = (Box<dyn Configured>, Box<dyn Write>);

/// Opens the only local store that is configured.
fn store(
    scope: &Scope,
    action: &'static str,
    context: &Context<'_>,
) -> Result<WritableStore, Error> {
    let flags = Flags::new(scope);
    let sources = context.merge(&flags, |inputs| context.registry.writable(inputs))?;
    let count = sources.len();
    let mut stores = sources.into_iter().filter_map(|source| {
        let store = source.open_for_writing()?;
        Some((source, store))
    });
    match (stores.next(), stores.next()) {
        (Some(store), None) => Ok(store),
        (None, _) => Err(Error::NoStore { action, why: NoStore::None }),
        (Some(_), Some(_)) => Err(Error::NoStore { action, why: NoStore::Many(count) }),
    }
}

/// Reads a value from a file, byte for byte.
fn from_file(path: &Path) -> Result<Value, Error> {
    let unreadable = |error| Error::Input(format!("`{}`", path.display()), error);
    std::fs::read(path).map(Value::new).map_err(unreadable)
}

/// Reads a value from a prompt without echo if standard input is a terminal; else from standard input,
/// without its final newline.
fn from_input(name: &str) -> Result<Value, Error> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        // A fatal signal during the prompt would leave the terminal without echo.
        let blocked_signals = BlockedSignals::termination().map_err(Error::Runtime)?;
        let typed = rpassword::prompt_password(format!("Value of {}: ", Name::new(name)));
        drop(blocked_signals);
        return typed.map(Value::from).map_err(|error| match error.kind() {
            // Ctrl-C while SIGINT is ignored.
            std::io::ErrorKind::Interrupted => Error::Interrupted(SIGINT),
            _ => Error::Input("the terminal".into(), error),
        });
    }
    // With its full capacity from the start: a growing vector leaves copies in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    let limit = u64::try_from(local::MAX_VALUE).unwrap_or(u64::MAX);
    let read = stdin.by_ref().take(limit + 2).read_to_end(&mut bytes);
    read.map_err(|error| Error::Input("standard input".into(), error))?;
    Ok(Value::new(std::mem::take(&mut *bytes)).without_final_newline())
}
