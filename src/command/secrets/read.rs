//! `hushed secrets list` and `get`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde_json::json;
use zeroize::Zeroizing;

use super::super::context::Context;
use super::super::disk_free;
use super::super::flags::Flags;
use super::super::gather::{self, SecretUse};
use super::no_such_secret;
use crate::cli::{Confinement, Scope, SecretsFormat, SecretsGet, SecretsList, SettingFlags};
use crate::config::{self, Origin};
use crate::deliver::format::{self, Format};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::nearest;
use crate::provider::Settings;
use crate::secret::{Name, Secret, SecretSet, Value};

fn fetch(
    scope: &Scope,
    confinement: &SettingFlags<Confinement>,
    used: SecretUse,
    context: &mut Context<'_>,
) -> Result<(Settings, SecretSet), Error> {
    let settings = context.settings(&Flags::new(scope).with(confinement))?;
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    let secrets = gather::fetch(&settings, used, context)?;
    Ok((settings, secrets))
}

pub(super) fn list(args: &SecretsList, context: &mut Context<'_>) -> Result<Exit, Error> {
    let shows_values = args.reveal || args.output.is_some();
    let used = if shows_values { SecretUse::HandedOver } else { SecretUse::Shown };
    let (_, secrets) = fetch(&args.scope, &args.confinement, used, context)?;
    let text = match args.output {
        Some(format) => {
            let winners = winners(&secrets);
            in_format(format, &winners)?
        }
        None if args.json => as_json(&secrets, args.reveal)?,
        None => as_lines(&secrets, args.reveal),
    };
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

/// A format of `hushed export` by its name.
fn export_format(name: &str) -> Result<Format, Error> {
    name.parse().map_err(|_unknown| {
        Error::Config(config::Error::Choice {
            origin: Origin::Flag("--format".into()),
            what: "format",
            value: name.to_owned(),
            known: Format::NAMES.map(str::to_owned).into(),
        })
    })
}

pub(super) fn get(args: &SecretsGet, context: &mut Context<'_>) -> Result<Exit, Error> {
    args.format.as_deref().map(export_format).transpose()?;
    let settings = context.settings(&Flags::new(&args.scope).with(&args.confinement))?;
    disk_free::enforce(&settings, &disk_free::writes(&settings, false), context)?;
    let secrets = match gather::fetch(&settings, SecretUse::HandedOver, context) {
        Ok(secrets) => secrets,
        // An identity that may not list its folder may still read these secrets.
        Err(error) if gather::is_denied(&error) && settings.run.disk_free.is_none() => {
            let mut readable = SecretSet::default();
            for name in &args.names {
                let Some(secret) = gather::get_one(&settings, &Name::new(name))? else {
                    return Err(error);
                };
                readable.append([secret].into_iter().collect());
            }
            readable
        }
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for name in &args.names {
        // The last source wins, as in `run`.
        let Some(secret) = secrets.iter().rfind(|secret| secret.name.as_str() == name) else {
            let names = secrets.iter().map(|secret| secret.name.as_str());
            let nearest = nearest(name, names).map(str::to_owned);
            return Err(no_such_secret(name, places(&settings), nearest));
        };
        found.push(secret);
    }
    let text = if let Some(name) = &args.format {
        let format = export_format(name)?;
        let pairs = found.iter().map(|secret| (&secret.name, &secret.value));
        format::render(format, pairs, format::RenderOptions::default())?
    } else if let Some(format) = args.output {
        in_format(format, &found)?
    } else {
        // One bare value for a program; else lines. On a terminal, the prompt starts on its own line.
        let as_lines = args.plain || found.len() > 1 || std::io::stdout().is_terminal();
        bare_values(&found, as_lines)
    };
    context.stdout.write_all(&text).map_err(Error::Output)?;
    Ok(Exit::Success)
}

fn bare_values(secrets: &[&Secret], as_lines: bool) -> Zeroizing<Vec<u8>> {
    let length = secrets.iter().map(|secret| secret.value.len() + 1).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    for secret in secrets {
        text.extend_from_slice(secret.value.expose());
        if as_lines {
            text.push(b'\n');
        }
    }
    text
}

/// For each name the secret that wins, in the order of first appearance.
fn winners(secrets: &SecretSet) -> Vec<&Secret> {
    let mut winners: Vec<&Secret> = Vec::new();
    for secret in secrets {
        match winners.iter_mut().find(|known| known.name == secret.name) {
            Some(known) => *known = secret,
            None => winners.push(secret),
        }
    }
    winners
}

/// Names and values in the shapes that scripts for other tools expect.
fn in_format(format: SecretsFormat, secrets: &[&Secret]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let pairs = || secrets.iter().map(|secret| (&secret.name, &secret.value));
    if format == SecretsFormat::Dotenv {
        return Ok(format::render(Format::Dotenv, pairs(), format::RenderOptions::default())?);
    }
    let mut text = Zeroizing::new(String::new());
    for (name, value) in pairs() {
        let value = value.expose_str().ok_or_else(|| format::Error::Value {
            format: Format::Json,
            name: name.clone(),
            what: format::Unsupported::NotUtf8,
        })?;
        // A JSON string is a YAML string as well.
        let (name, value) = (json!(name.as_str()), Zeroizing::new(json!(value).to_string()));
        if format == SecretsFormat::Yaml {
            let _ = writeln!(text, "- secretKey: {name}\n  secretValue: {}", *value);
        } else {
            let separator = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{separator}{{\"secretKey\":{name},\"secretValue\":{}}}", *value);
        }
    }
    let text = match format {
        SecretsFormat::Json => format!("[{}]\n", *text),
        _ if text.is_empty() => "[]\n".to_owned(),
        _ => std::mem::take(&mut *text),
    };
    Ok(Zeroizing::new(text.into_bytes()))
}

fn places(settings: &Settings) -> String {
    let names: Vec<_> =
        settings.sources.iter().map(|source| format!("`{}`", source.name())).collect();
    names.join(" or ")
}
