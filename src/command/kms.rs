//! `hushed kms`: encrypts, decrypts, signs and verifies with keys that a service holds, or a source of this machine.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::flags::Flags;
use super::gather;
use crate::cli::{KmsAction, KmsEncoding, KmsInput, KmsKeys, KmsSign, KmsVerify, Scope};
use crate::config::{self, ConfigInputs, KmsSettings, Origin, merge_kms};
use crate::error::Error;
use crate::exit::Exit;
use crate::message::{quoted_name, shown_path};
use crate::provider::End;
use crate::provider::key_service::{
    Algorithm, Family, KeyError, KeyFuture, KeyInfo, KeyService, Signature, check_size, is_key_name,
};
use crate::secret::Value;

/// The most bytes that are read: more than any service accepts.
const MAX_INPUT: u64 = 128 << 20;

/// Runs a subcommand of `hushed kms`.
pub(super) fn kms(action: &KmsAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    match action {
        KmsAction::Encrypt(args) => {
            let keys = Keys::open(&args.input.scope, context)?;
            let (service, key) = (keys.service()?, keys.key(&args.input)?);
            let data = read(&args.input, service)?;
            let work = service.encrypt(&key, &data, args.context.as_bytes());
            let text = finish(service, work)?;
            print(&format!("{text}\n"), context)
        }
        KmsAction::Decrypt(args) => {
            let keys = Keys::open(&args.input.scope, context)?;
            let (service, key) = (keys.service()?, keys.key(&args.input)?);
            let input = read(&args.input, service)?;
            let text = input.expose_str().unwrap_or_default();
            let data = finish(service, service.decrypt(&key, text, args.context.as_bytes()))?;
            print_bytes(data.expose(), args.format, context)
        }
        KmsAction::Sign(args) => sign(args, None, context),
        KmsAction::Hmac(args) => sign(args, Some(Algorithm::HMAC_SHA_256), context),
        KmsAction::Verify(args) => verify(args, context),
        KmsAction::Keys(args) => list(args, context),
    }
}

/// The key services of the configuration.
struct Keys {
    settings: KmsSettings,
    remote: Option<Box<dyn KeyService>>,
    local: Option<Box<dyn KeyService>>,
}

impl Keys {
    fn open(scope: &Scope, context: &mut Context<'_>) -> Result<Self, Error> {
        let flags = Flags::new(scope);
        let settings = context.settings(&flags)?;
        let kms = context.merge(&flags, |inputs: &ConfigInputs<'_>| merge_kms(inputs))?;
        let (mut remote, mut local) = (Vec::new(), Vec::new());
        for source in &settings.sources {
            match source.open_keys(&settings.run)? {
                Some(service) if service.is_remote() => remote.push(service),
                Some(service) => local.push(service),
                None => {}
            }
        }
        if remote.len() > 1 || (remote.is_empty() && local.len() > 1) {
            let count = remote.len().max(local.len());
            return Err(refused(KeyError::SeveralServices { count }));
        }
        let keys = Self { settings: kms, remote: remote.pop(), local: local.pop() };
        if keys.remote.is_none() && keys.local.is_none() {
            return Err(refused(KeyError::NoService));
        }
        Ok(keys)
    }

    /// The service, or the local keys where none is configured.
    fn service(&self) -> Result<&dyn KeyService, Error> {
        let found = self.remote.as_deref().or(self.local.as_deref());
        found.ok_or_else(|| refused(KeyError::NoService))
    }

    /// The name of the key for the service.
    fn key(&self, input: &KmsInput) -> Result<String, Error> {
        let of_service = if self.remote.is_some() {
            self.settings.key.clone()
        } else {
            self.settings.local_key.clone().or_else(|| self.settings.key.clone())
        };
        checked_key(input.key.clone().or(of_service))
    }

    /// The local keys, where they may stand in for a service that cannot be reached.
    fn fallback(&self) -> Option<&dyn KeyService> {
        self.local.as_deref().filter(|_| self.remote.is_some() && self.settings.fallback)
    }

    /// The name of the key that stands in.
    fn fallback_key(&self) -> Result<String, Error> {
        checked_key(self.settings.local_key.clone())
    }
}

fn checked_key(name: Option<String>) -> Result<String, Error> {
    let hint = "pass --key, or set `kms-key` (`kms-local-key` for the local store) in [run]";
    let name = name.ok_or(config::Error::Required { what: "key", hint })?;
    let is_valid = is_key_name(&name);
    if is_valid { Ok(name) } else { Err(refused(KeyError::KeyName { name: quoted_name(&name) })) }
}

fn refused(error: KeyError) -> Error {
    Error::Provider(error.into())
}

/// Talks to a service, and ends the login.
fn finish<T>(service: &dyn KeyService, work: KeyFuture<'_, T>) -> Result<T, Error> {
    gather::in_runtime(async {
        let outcome = work.await;
        let ended: End<'_> = service.end();
        ended.await?;
        Ok(outcome?)
    })
}

fn sign(
    args: &KmsSign,
    usual: Option<Algorithm>,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let algorithm = match &args.algorithm {
        Some(name) => Some(algorithm(name, usual.is_some())?),
        None => usual,
    };
    let keys = Keys::open(&args.input.scope, context)?;
    let (service, key) = (keys.service()?, keys.key(&args.input)?);
    let data = read(&args.input, service)?;
    let signed = match finish(service, service.sign(&key, algorithm, &data)) {
        Err(Error::Provider(error)) if error.class().is_unreachable() => match keys.fallback() {
            Some(local) => {
                context.warn(&format!("{error}: signed with the local key instead"));
                finish(local, local.sign(&keys.fallback_key()?, None, &data))?
            }
            None => return Err(Error::Provider(error)),
        },
        signed => signed?,
    };
    match args.format {
        Some(format) => print_bytes(&signed.bytes, format, context),
        None => print(&format!("{signed}\n"), context),
    }
}

fn algorithm(name: &str, is_hmac: bool) -> Result<Algorithm, Error> {
    let fits = |algorithm: &Algorithm| !is_hmac || algorithm.family == Family::Hmac;
    let unknown = || config::Error::Choice {
        origin: Origin::Flag("--algorithm".into()),
        what: "signature algorithm",
        value: name.to_owned(),
        known: Algorithm::names()
            .filter(|name| name.parse().is_ok_and(|algorithm| fits(&algorithm)))
            .map(str::to_owned)
            .collect(),
    };
    let found = name.parse::<Algorithm>().ok().filter(fits);
    Ok(found.ok_or_else(unknown)?)
}

/// Checks a signature. What the configuration does not accept is not even asked for: whoever blocks the network or
/// holds another key must not choose the scheme.
fn verify(args: &KmsVerify, context: &mut Context<'_>) -> Result<Exit, Error> {
    let text = match (&args.signature, &args.signature_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => {
            let value = read_file(path)?;
            value.expose_str().unwrap_or_default().to_owned()
        }
        (None, None) => String::new(),
    };
    let signature = Signature::parse(&text).map_err(refused)?;
    let keys = Keys::open(&args.input.scope, context)?;
    let scheme = signature.scheme();
    if !keys.settings.accept.contains(&scheme) {
        return Err(refused(KeyError::NotAccepted { scheme }));
    }
    let services = [keys.remote.as_deref(), keys.local.as_deref()];
    let service = services.into_iter().flatten().find(|known| known.scheme() == signature.service);
    let Some(service) = service else {
        let what = format!("no source is configured for signatures of `{}`", signature.service);
        let hint = "configure the source that has the key; hushed-kms(1) describes it";
        return Err(refused(KeyError::Unsupported { what, hint }));
    };
    let expected = if service.is_remote() || keys.remote.is_none() {
        keys.key(&args.input)?
    } else {
        keys.fallback_key()?
    };
    if signature.key != expected {
        return Err(refused(KeyError::OtherKey { found: signature.key, expected }));
    }
    let data = read(&args.input, service)?;
    if finish(service, service.verify(&signature, &data))? {
        Ok(Exit::Success)
    } else {
        Err(refused(KeyError::Mismatch))
    }
}

fn list(args: &KmsKeys, context: &mut Context<'_>) -> Result<Exit, Error> {
    let keys = Keys::open(&args.scope, context)?;
    let service = keys.service()?;
    let found = finish(service, service.keys())?;
    let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let text = if args.json {
        let entry = |key: &KeyInfo| json!({ "name": key.name, "type": key.kind, "version": key.version, "oldest": key.oldest });
        format!("{:#}\n", found.iter().map(entry).collect::<serde_json::Value>())
    } else {
        let width = found.iter().map(|key| key.name.len()).max().unwrap_or_default();
        found.iter().fold(String::new(), |mut text, key| {
            let kind = key.kind.as_deref().unwrap_or("-");
            let (version, oldest) = (number(key.version), number(key.oldest));
            let _infallible =
                writeln!(text, "{:width$}  {kind}  version {version}, from {oldest} on", key.name);
            text
        })
    };
    print(&text, context)
}

/// Reads the data, and refuses what the service would refuse for its size.
fn read(input: &KmsInput, service: &dyn KeyService) -> Result<Value, Error> {
    let data = match &input.file {
        Some(path) if path != Path::new("-") => read_file(path)?,
        _ => read_input()?,
    };
    check_size(service, data.expose()).map_err(refused)?;
    Ok(data)
}

fn read_file(path: &Path) -> Result<Value, Error> {
    let unreadable = |error| Error::Input(format!("`{}`", shown_path(path)), error);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    read_bounded(file).map_err(unreadable)
}

fn read_input() -> Result<Value, Error> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let hint = "pass FILE, or pipe the data into hushed";
        return Err(config::Error::Required { what: "data", hint }.into());
    }
    read_bounded(stdin).map_err(|error| Error::Input("standard input".into(), error))
}

/// One byte more than the limit makes the check of the size fail.
fn read_bounded(mut input: impl std::io::Read) -> Result<Value, std::io::Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    input.by_ref().take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    Ok(Value::new(std::mem::take(&mut *bytes)))
}

fn print(text: &str, context: &mut Context<'_>) -> Result<Exit, Error> {
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(Exit::Success)
}

fn print_bytes(
    bytes: &[u8],
    format: KmsEncoding,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let mut text = Zeroizing::new(String::new());
    match format {
        KmsEncoding::Raw => {
            context.stdout.write_all(bytes).map_err(Error::Output)?;
            return Ok(Exit::Success);
        }
        KmsEncoding::Base64 => {
            text.reserve(bytes.len() * 2 + 8);
            STANDARD.encode_string(bytes, &mut text);
        }
        KmsEncoding::Hex => {
            text.reserve(bytes.len() * 2 + 8);
            for byte in bytes {
                let _infallible = write!(*text, "{byte:02x}");
            }
        }
    }
    text.push('\n');
    print(&text, context)
}
