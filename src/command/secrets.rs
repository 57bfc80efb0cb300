//! `hushed secrets`: names and places, bare values, and changes to the local store.

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
use crate::sys::signal::Interrupts;

/// What Ctrl-C sends.
const SIGINT: u8 = 2;

/// Does what is to be done with secrets.
pub(super) fn secrets(action: &SecretsAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        SecretsAction::List(said) => list(said, context),
        SecretsAction::Get(said) => get(said, context),
        SecretsAction::Set(said) => set(said, context),
        SecretsAction::Delete(said) => delete(said, context),
    }
}

fn fetch(
    scope: &Scope,
    confinement: &SettingFlags<Confinement>,
    context: &mut Context<'_>,
) -> Result<(Settings, SecretSet), Error> {
    let settings = context.settings(&Flags::new(scope).with(confinement))?;
    disk_free::promise(&settings, &disk_free::writes(&settings, false), context)?;
    let secrets = gather::fetch(&settings, context)?;
    Ok((settings, secrets))
}

fn list(said: &SecretsList, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (_, secrets) = fetch(&said.scope, &said.confinement, context)?;
    let text =
        if said.json { as_json(&secrets, said.reveal)? } else { as_lines(&secrets, said.reveal) };
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}

/// `NAME  SOURCE (PLACE)` in columns; a revealed value stands behind its name, one line a secret.
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

/// A value on one line: line breaks, other control characters and backslashes are escaped.
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

/// A value that is no text is an error: JSON would carry another value.
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

fn get(said: &SecretsGet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (settings, secrets) = fetch(&said.scope, &said.confinement, context)?;
    // The last one wins, as in a run.
    let found = secrets.iter().rfind(|secret| secret.name.as_str() == said.name);
    let Some(secret) = found else {
        let names = secrets.iter().map(|secret| secret.name.as_str());
        let nearest = nearest(&said.name, names).map(str::to_owned);
        return Err(Error::NoSuchSecret {
            name: said.name.clone(),
            places: places(&settings),
            nearest,
        });
    };
    let mut text = Zeroizing::new(Vec::with_capacity(secret.value.len() + 1));
    text.extend_from_slice(secret.value.expose());
    // A program gets the value and nothing else; a person also gets the prompt on its own line.
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

fn set(said: &SecretsSet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (_, store) = store(&said.scope, "set", context)?;
    let value = match &said.file {
        Some(path) => from_file(path)?,
        None => from_input(&said.name)?,
    };
    let Written { put, notice } = gather::at_once(store.put(&Name::new(&said.name), &value))??;
    if let Some(notice) = notice {
        context.say(true, &notice);
    }
    let what = match put {
        Put::Created => "stored",
        Put::Replaced => "replaced",
    };
    context
        .say(said.scope.options.verbose, &format!("{what} `{}` in {}", said.name, store.place()));
    Ok(Exit::Success)
}

fn delete(said: &SecretsDelete, context: &mut Context<'_>) -> Result<Exit, Error> {
    let (source, store) = store(&said.scope, "delete", context)?;
    if gather::at_once(store.delete(&Name::new(&said.name)))?? {
        context.say(said.scope.options.verbose, &format!("deleted `{}`", said.name));
        return Ok(Exit::Success);
    }
    let places = format!("`{}` ({})", source.name(), store.place());
    Err(Error::NoSuchSecret { name: said.name.clone(), places, nearest: None })
}

/// A source and its store.
type Changeable = (Box<dyn Configured>, Box<dyn Write>);

/// The one store that is to be changed.
fn store(scope: &Scope, action: &'static str, context: &Context<'_>) -> Result<Changeable, Error> {
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

/// Every byte of a file.
fn from_file(path: &Path) -> Result<Value, Error> {
    let unreadable = |error| Error::Input(format!("`{}`", path.display()), error);
    std::fs::read(path).map(Value::new).map_err(unreadable)
}

/// A prompt without echo where a person types; else all of standard input, less one line ending.
fn from_input(name: &str) -> Result<Value, Error> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        // A signal that ends us in the middle of the prompt would leave the terminal without echo.
        let held = Interrupts::block().map_err(Error::Runtime)?;
        let typed = rpassword::prompt_password(format!("Value of {}: ", Name::new(name)));
        drop(held);
        return typed.map(Value::from).map_err(|error| match error.kind() {
            // Ctrl-C, where we inherited its signal as ignored.
            std::io::ErrorKind::Interrupted => Error::Interrupted(SIGINT),
            _ => Error::Input("the terminal".into(), error),
        });
    }
    // Room from the start: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    let limit = u64::try_from(local::MAX_VALUE).unwrap_or(u64::MAX);
    let read = stdin.by_ref().take(limit + 2).read_to_end(&mut bytes);
    read.map_err(|error| Error::Input("standard input".into(), error))?;
    Ok(Value::new(std::mem::take(&mut *bytes)).without_final_newline())
}
