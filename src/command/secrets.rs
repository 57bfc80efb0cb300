//! `hushed secrets`: lists, reads and changes secrets.

use std::fmt::Write as _;
use std::future::Future;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use super::gather::{self, SecretUse};
use super::generate::generate;
use super::prompt;
use super::sealed_store;
use crate::cli::{
    Confinement, Scope, SecretsAction, SecretsDelete, SecretsFormat, SecretsGet, SecretsList,
    SecretsSet, SettingFlags,
};
use crate::config::schema::ALLOW_EMPTY;
use crate::config::{self, Origin, RawValue, RunSettings, merge_run};
use crate::deliver::format::{self, Format};
use crate::error::{Error, NoStore};
use crate::exit::Exit;
use crate::message::{is_plain_name, nearest, quoted_name, shown_path};
use crate::provider::{Configured, Settings, Write, WriteOutcome, WriteReceipt, local};
use crate::resolve::{self, Globs, MappingRules};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// Runs a subcommand of `hushed secrets`.
pub(super) fn secrets(action: &SecretsAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        SecretsAction::List(args) => list(args, context),
        SecretsAction::Get(args) => get(args, context),
        SecretsAction::Set(args) => set(args, context),
        SecretsAction::Delete(args) => delete(args, context),
        SecretsAction::Recipients(args) => sealed_store::recipients(args, context),
        SecretsAction::Grant(args) => sealed_store::grant(args, context),
        SecretsAction::Revoke(args) => sealed_store::revoke(args, context),
        SecretsAction::Rekey(args) => sealed_store::rekey(args, context),
        SecretsAction::Merge(args) => sealed_store::merge(args, context),
    }
}

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

fn list(args: &SecretsList, context: &mut Context<'_>) -> Result<Exit, Error> {
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

fn get(args: &SecretsGet, context: &mut Context<'_>) -> Result<Exit, Error> {
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

/// The error for a name that no source has; quotes the name only if it cannot be a secret.
fn no_such_secret(name: &str, places: String, nearest: Option<String>) -> Error {
    Error::NoSuchSecret { name: quoted_name(name), places, nearest }
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

fn set(args: &SecretsSet, context: &mut Context<'_>) -> Result<Exit, Error> {
    let name = only_name(&args.names)?;
    let flags = Flags::new(&args.scope);
    let allows_empty =
        flags.layer.get(&ALLOW_EMPTY).is_some_and(|s| s.value == RawValue::Switch(true));
    let target = target(&flags, "set", context)?;
    refuse_unusable(name, &flags, context)?;
    let value = match (&args.file, &args.generate) {
        (Some(path), _) => from_file(path)?,
        (None, Some(recipe)) => generate(recipe)?,
        (None, None) => from_input(name)?,
    };
    if value.is_empty() && !allows_empty {
        return Err(Error::EmptyValue(quoted_name(name)));
    }
    target.announce(context);
    let name = Name::new(name);
    let WriteReceipt { outcome, notice } = target.change(target.store.put(&name, &value))?;
    if let Some(notice) = notice {
        context.info(&notice);
    }
    let what = match outcome {
        WriteOutcome::Created => "stored",
        WriteOutcome::Replaced => "replaced",
    };
    let place = target.store.place();
    context.verbose(args.scope.options.verbose, &format!("{what} `{name}` in {place}"));
    Ok(Exit::Success)
}

fn delete(args: &SecretsDelete, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope);
    let target = target(&flags, "delete", context)?;
    target.announce(context);
    if target.is_remote() && !args.yes && !confirms(&args.names)? {
        return Err(Error::NotConfirmed);
    }
    for name in &args.names {
        if !target.change(target.store.delete(&Name::new(name)))? {
            let places = format!("`{}` ({})", target.source.name(), target.store.place());
            let run = context.merge(&flags, merge_run)?;
            let similar =
                if target.is_remote() { None } else { similar_name(&*target.source, &run, name) };
            return Err(no_such_secret(name, places, similar));
        }
        context.verbose(args.scope.options.verbose, &format!("deleted {}", quoted_name(name)));
    }
    Ok(Exit::Success)
}

/// A name in a local store that is similar to this one.
fn similar_name(source: &dyn Configured, run: &RunSettings, name: &str) -> Option<String> {
    let secrets = gather::at_once(source.open(run).ok()?.fetch()).ok()?.ok()?;
    nearest(name, secrets.iter().map(|secret| secret.name.as_str())).map(str::to_owned)
}

/// Asks at the terminal whether secrets are to be deleted. Without a terminal there is nobody to ask.
fn confirms(names: &[String]) -> Result<bool, Error> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::NeedsYes);
    }
    let what = match names {
        [only] => format!("`{}`", Name::new(only)),
        _ => format!("{} secrets", names.len()),
    };
    let mut answer = String::new();
    let asked = write!(std::io::stderr(), "Delete {what}? [y/N] ");
    asked.and_then(|()| std::io::stdin().read_line(&mut answer)).map_err(Error::Output)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The store to change.
struct Target {
    source: Box<dyn Configured>,
    store: Box<dyn Write>,
}

impl Target {
    /// Whether it is on a server.
    fn is_remote(&self) -> bool {
        !self.source.endpoints().is_empty()
    }

    /// Says where a server's secrets are changed, before they are.
    fn announce(&self, context: &mut Context<'_>) {
        if self.is_remote() {
            context.info(&format!("`{}`: {}", self.source.name(), self.store.place()));
        }
    }

    /// Performs a change, and ends the login.
    fn change<T>(
        &self,
        work: impl Future<Output = Result<T, crate::provider::Error>>,
    ) -> Result<T, Error> {
        if !self.is_remote() {
            return Ok(gather::at_once(work)??);
        }
        gather::in_runtime(async {
            let outcome = work.await;
            self.store.end().await?;
            Ok(outcome?)
        })
    }
}

/// Opens the only store that is configured and can be changed.
fn target(flags: &Flags, action: &'static str, context: &mut Context<'_>) -> Result<Target, Error> {
    let registry = context.registry;
    let sources = context.merge_with_credentials(flags, |inputs| registry.writable(inputs))?;
    let run = context.merge(flags, merge_run)?;
    let count = sources.len();
    let mut targets = sources.into_iter().filter_map(|(schema, source)| {
        let store = source.open_for_writing(&run)?;
        Some((schema, Target { source, store }))
    });
    let (schema, target) = match (targets.next(), targets.next()) {
        (Some(target), None) => target,
        (None, _) => return Err(Error::NoStore { action, why: NoStore::None }),
        (Some(_), Some(_)) => return Err(Error::NoStore { action, why: NoStore::Many(count) }),
    };
    match context.registry.flag_of_others(&flags.layer, schema) {
        Some(flag) => Err(Error::NotForStore { flag, action, kind: schema.name }),
        None => Ok(target),
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
fn refuse_unusable(name: &str, flags: &Flags, context: &Context<'_>) -> Result<(), Error> {
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
