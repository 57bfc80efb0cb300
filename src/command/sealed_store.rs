//! `hushed secrets recipients`, `grant`, `revoke`, `rekey` and `merge`: the keys of a sealed store, and its versions.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::context::Context;
use super::flags::Flags;
use super::prompt;
use crate::cli::{
    NewKey, Scope, SecretsGrant, SecretsMerge, SecretsRecipients, SecretsRekey, SecretsRevoke,
};
use crate::error::{Error, NoStore};
use crate::exit::Exit;
use crate::message::shown_path;
use crate::provider::{Configured, MergeConflict, MergeSide, SealedStore, StoreVersions};
use crate::seal::key::{self, Key};
use crate::seal::{Argon2Cost, KeySource, X25519Recipient, paths, private_file};
use crate::secret::Value;

/// The longest passphrase that is read, in bytes.
const MAX_PASSPHRASE: u64 = 1 << 16;

/// Prints who can open the store, or creates a key.
pub(super) fn recipients(
    args: &SecretsRecipients,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let source = source(&args.scope, "recipients", context)?;
    let store = sealed(&*source, "recipients")?;
    if args.new_key {
        let recipient = store.create_key()?;
        context.info("made a key; keep a copy in a safe place");
        writeln!(context.stdout, "{recipient}").map_err(Error::Output)?;
        return Ok(Exit::Success);
    }
    let recipients = store.recipients()?;
    let mut text = String::new();
    for recipient in &recipients {
        let mut words = Vec::new();
        words.extend(recipient.public_key.map(|key| key.to_string()));
        if recipient.is_passphrase {
            words.push("passphrase".to_owned());
        } else if recipient.public_key.is_none() {
            words.push("key file".to_owned());
        }
        if recipient.is_own {
            words.push("(your key)".to_owned());
        }
        text += &words.join("  ");
        text.push('\n');
    }
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    if !recipients.iter().any(|recipient| recipient.is_own) {
        context.info("your key does not open the store, so the list is not verified");
    }
    Ok(Exit::Success)
}

/// Adds recipients.
pub(super) fn grant(args: &SecretsGrant, context: &mut Context<'_>) -> Result<Exit, Error> {
    let new = parse(&args.recipients)?;
    let source = source(&args.scope, "grant", context)?;
    let store = sealed(&*source, "grant")?;
    let added = store.grant(&new)?;
    for (recipient, _) in new.iter().zip(added).filter(|(_, is_new)| !is_new) {
        context.info(&format!("`{recipient}` is a recipient already"));
    }
    context.verbose(args.scope.options.verbose, &format!("changed {}", store.place()));
    Ok(Exit::Success)
}

/// Removes recipients.
pub(super) fn revoke(args: &SecretsRevoke, context: &mut Context<'_>) -> Result<Exit, Error> {
    let revoked = parse(&args.recipients)?;
    let source = source(&args.scope, "revoke", context)?;
    sealed(&*source, "revoke")?.revoke(&revoked)?;
    context.info(
        "earlier versions of the store, in git for example, still open with a revoked key: \
         change the secrets that it could read",
    );
    Ok(Exit::Success)
}

/// Parses public keys. A private key may stand there by mistake, so none is quoted.
fn parse(recipients: &[String]) -> Result<Vec<X25519Recipient>, Error> {
    let parse = |(number, text): (usize, &String)| {
        text.parse().map_err(|error| Error::Recipient { number: number + 1, error })
    };
    recipients.iter().enumerate().map(parse).collect()
}

/// Seals the store with another key.
pub(super) fn rekey(args: &SecretsRekey, context: &mut Context<'_>) -> Result<Exit, Error> {
    let source = source(&args.scope, "rekey", context)?;
    let store = sealed(&*source, "rekey")?;
    // A store that does not open must not get a key file that opens nothing.
    store.grant(&[])?;
    let key = new_key(&args.key, Path::new(&store.place()))?;
    store.rekey(&key)?;
    let what = match &args.key.new_key_file {
        Some(path) => format!("the key file `{}`: set `key-file` to it", path.display()),
        None => "the new passphrase".to_owned(),
    };
    context.info(&format!(
        "{} opens with {what}, and keep a copy in a safe place: without it the store is lost",
        store.place()
    ));
    Ok(Exit::Success)
}

fn new_key(args: &NewKey, store: &Path) -> Result<Key, Error> {
    if let Some(path) = &args.new_key_file {
        if paths::exists(path)? {
            return Ok(KeySource::File(path.clone()).load()?);
        }
        let directory = store.parent().unwrap_or(Path::new(""));
        if let Some(directory) = paths::resolve_within(path, directory)? {
            return Err(Error::KeyBesideStore(directory));
        }
        private_file::create_directory(path.parent().unwrap_or(Path::new("")))?;
        return Ok(key::create(path)?);
    }
    let passphrase = match &args.new_passphrase_file {
        Some(path) => {
            let failed = |error| Error::Input(format!("`{}`", shown_path(path)), error);
            first_line(&mut File::open(path).map_err(failed)?).map_err(failed)?
        }
        None if std::io::stdin().is_terminal() => {
            let passphrase = prompt::read_hidden("New passphrase: ")?;
            if prompt::read_hidden("The same again: ")? != passphrase {
                return Err(Error::PassphrasesDiffer);
            }
            passphrase
        }
        None => first_line(&mut std::io::stdin())
            .map_err(|error| Error::Input("standard input".into(), error))?,
    };
    Ok(Key::from_passphrase(passphrase, Argon2Cost::RECOMMENDED)?)
}

/// Reads a passphrase, without the line ending at its end.
fn first_line(reader: &mut dyn std::io::Read) -> std::io::Result<Value> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 12));
    reader.take(MAX_PASSPHRASE).read_to_end(&mut bytes)?;
    Ok(Value::new(std::mem::take(&mut *bytes)).without_final_newline())
}

/// Merges three versions of a store.
pub(super) fn merge(args: &SecretsMerge, context: &mut Context<'_>) -> Result<Exit, Error> {
    let source = source(&args.scope, "merge", context)?;
    let preferred = match (args.ours, args.theirs) {
        (true, _) => Some(MergeSide::Ours),
        (false, true) => Some(MergeSide::Theirs),
        (false, false) => None,
    };
    let versions =
        StoreVersions { base: &args.base, ours: &args.current, theirs: &args.other, preferred };
    let conflicts = sealed(&*source, "merge")?.merge(&versions)?;
    for MergeConflict { name, deleted_by } in &conflicts {
        let how = match deleted_by {
            None => "changed on both sides",
            Some(MergeSide::Ours) => "deleted here, changed on the other side",
            Some(MergeSide::Theirs) => "changed here, deleted on the other side",
        };
        context.info(&format!("conflict in `{name}`: {how}"));
    }
    match conflicts.len() {
        0 => Ok(Exit::Success),
        count => Err(Error::MergeConflicts { count }),
    }
}

fn sealed<'a>(
    source: &'a dyn Configured,
    action: &'static str,
) -> Result<&'a dyn SealedStore, Error> {
    source.as_sealed_store().ok_or(Error::NoStore { action, why: NoStore::None })
}

/// The only configured source that is a sealed store.
fn source(
    scope: &Scope,
    action: &'static str,
    context: &mut Context<'_>,
) -> Result<Box<dyn Configured>, Error> {
    let flags = Flags::new(scope);
    let registry = context.registry;
    let sources = context.merge_with_credentials(&flags, |inputs| registry.writable(inputs))?;
    let sources = sources.into_iter().map(|(_, source)| source);
    let mut sources = sources.filter(|source| source.as_sealed_store().is_some());
    let Some(source) = sources.next() else {
        return Err(Error::NoStore { action, why: NoStore::None });
    };
    match sources.count() {
        0 => Ok(source),
        others => Err(Error::NoStore { action, why: NoStore::Many(others + 1) }),
    }
}
