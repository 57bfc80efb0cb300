//! The settings of one source: its type, its place, its credentials. It decides nothing about the
//! command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::cache::CacheKey;
use super::credential::{self, Tier, is_project_file};
use super::infisical::{Infisical, Login, ProjectRef, normalise};
use super::layer::{Layer, Layers, Origin, Raw, Setting};
use super::merge::local_file;
use super::schema::{self, CredentialKey, Key};
use super::settings::{Dotenv, Local, LocalKey, Source};
use super::systemd::credentials_directory;
use super::{Environment, Error, Files, Trust, cache, login, places};
use crate::secret::Shielded;

/// Infisical's US cloud, the server that is meant when none is said.
const DEFAULT_DOMAIN: &str = "https://app.infisical.com";

/// The environment that is meant when none is said, as in Infisical's own command line.
const DEFAULT_ENVIRONMENT: &str = "dev";

/// All that was said, from which a source's layers are taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) flags: &'a Layer,
    pub(super) environment: &'a Environment,
    pub(super) files: &'a Files,
    pub(super) trust: &'a Trust,
}

impl<'a> Context<'a> {
    /// The layers of a source. `.infisical.json` is the weakest of an Infisical source's.
    pub(super) fn layers(&self, name: &str) -> Layers<'a> {
        let tables = self.files.tables().into_iter().filter_map(|tables| tables.source(name));
        let infisical_json = self.files.infisical_json.iter().map(|(_, layer)| layer);
        Layers {
            flags: self.flags,
            environment: self.environment,
            tables: tables.chain(infisical_json).collect(),
        }
    }
}

/// Builds a source that the configuration names.
pub(super) fn build(
    name: &str,
    context: &Context<'_>,
    run: &Layers<'_>,
    warnings: &mut Vec<String>,
) -> Result<Source, Error> {
    let layers = context.layers(name);
    let Some(Setting { value: Raw::Text(kind), origin }) = layers.table(&schema::TYPE) else {
        return Err(Error::NoType(name.to_owned()));
    };
    let name: Arc<str> = name.into();
    match kind.as_str() {
        "infisical" => {
            refuse_misplaced(&name, context, schema::INFISICAL, "infisical")?;
            infisical(name, context, run, warnings)
        }
        "local" => {
            refuse_misplaced(&name, context, schema::LOCAL, "local")?;
            local(name, &layers).map(Source::Local)
        }
        "dotenv" => {
            refuse_misplaced(&name, context, schema::DOTENV, "dotenv")?;
            let file = layers.table(&schema::FILE).map_or_else(|| PathBuf::from(".env"), path_of);
            Ok(Source::Dotenv(Dotenv { name, file }))
        }
        _ => Err(Error::Choice {
            origin,
            what: "type of source",
            value: kind,
            known: ["infisical", "local", "dotenv"].map(str::to_owned).into(),
        }),
    }
}

/// The sources that take part where no configuration names one: the local store, if there is one
/// here, and Infisical, if anything speaks of it.
pub(super) fn implied(
    context: &Context<'_>,
    run: &Layers<'_>,
    has_env_files: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    let layers = context.layers("");
    if places::exists(&local_file()) || context.flags.get(&schema::KEY_FILE).is_some() {
        sources.push(Source::Local(local("local".into(), &layers)?));
    }
    let spoken_of = || -> Result<bool, Error> {
        // What becomes of a token speaks of no place, nor what is kept.
        let elsewhere = |key: &&&Key| {
            let kept = schema::CACHING.iter().any(|known| std::ptr::eq(*known, **key));
            kept || std::ptr::eq(**key, &raw const schema::REVOKE_TOKEN)
        };
        for key in schema::INFISICAL.iter().filter(|key| !elsewhere(key)) {
            let flag = context.flags.get(key).is_some();
            let variable = key.variables.iter().any(|name| context.environment.get(name).is_some());
            if flag || variable {
                return Ok(true);
            }
        }
        let own = |key: &&CredentialKey| schema::OWN.iter().any(|own| std::ptr::eq(*own, *key));
        for key in schema::CREDENTIALS.iter().filter(|key| !own(key)) {
            if credential::find(key, &layers)?.is_some() {
                return Ok(true);
            }
        }
        Ok(context.files.infisical_json.is_some() && !has_env_files && sources.is_empty())
    };
    if spoken_of()? {
        sources.push(infisical("infisical".into(), context, run, warnings)?);
    }
    Ok(sources)
}

fn refuse_misplaced(
    name: &str,
    context: &Context<'_>,
    keys: &[&'static Key],
    kind: &'static str,
) -> Result<(), Error> {
    let tables = context.files.tables();
    let said = tables.iter().filter_map(|tables| tables.source(name)).flat_map(Layer::iter);
    for (key, setting) in said {
        if !keys.iter().any(|known| std::ptr::eq(*known, key)) {
            return Err(Error::Misplaced { origin: setting.origin.clone(), key: key.name, kind });
        }
    }
    Ok(())
}

fn infisical(
    name: Arc<str>,
    context: &Context<'_>,
    run: &Layers<'_>,
    warnings: &mut Vec<String>,
) -> Result<Source, Error> {
    let layers = context.layers(&name);
    let (base, base_origin) = base(&layers)?;
    check_trust(&base, &base_origin, &layers, context.trust)?;
    let login = login::build(&layers, warnings)?;
    check_identity(&base, &login, &layers, context.trust)?;
    let project = layers.text(&schema::PROJECT)?.map(|setting| ProjectRef::parse(&setting.value));
    if project.is_none() && !matches!(login, Login::ServiceToken(_)) {
        return Err(Error::NoProject);
    }
    // A service token of one scope knows its own environment.
    let knows = matches!(login, Login::ServiceToken(_));
    let environment = (!knows).then(|| DEFAULT_ENVIRONMENT.to_owned());
    let revoke_token = revocation(&login, &layers, run, warnings)?;
    let cache = cache::build(&layers, run, &login, context.trust)?;
    if let Some(origin) = revoke_token.clone().filter(|_| cache.as_ref().is_some_and(|c| c.token)) {
        return Err(Error::KeptAndRevoked { origin });
    }
    let text = |key| Ok(layers.text(key)?.map(|setting| setting.value));
    let list = |key| Ok(layers.list(key)?.map(|setting| setting.value).unwrap_or_default());
    Ok(Source::Infisical(Box::new(Infisical {
        base,
        base_origin,
        project,
        environment: text(&schema::ENV)?.or(environment),
        paths: list(&schema::PATH)?.iter().map(|path| normalise(path)).collect(),
        recursive: layers.switch(&schema::RECURSIVE, false)?,
        include_imports: layers.switch(&schema::INCLUDE_IMPORTS, true)?,
        expand: layers.switch(&schema::EXPAND, true)?,
        personal: layers.switch(&schema::SECRET_OVERRIDING, true)?,
        tags: list(&schema::TAGS)?,
        organization: text(&schema::ORGANIZATION)?,
        revoke_token,
        allow_empty: run.switch(&schema::ALLOW_EMPTY, false)?,
        ca_file: layers.path(&schema::CA_FILE)?.map(|setting| setting.value),
        insecure_http: layers.switch(&schema::INSECURE_HTTP, false)?,
        cache,
        login,
        name,
    })))
}

/// Where it was said that the token is ended: for the source, or for all. A token that the user gave is
/// not ours to end.
fn revocation(
    login: &Login,
    layers: &Layers<'_>,
    run: &Layers<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Origin>, Error> {
    let key = &schema::REVOKE_TOKEN;
    let said = layers.raw(key)?.or_else(|| run.table(key));
    let origin = said.filter(|said| said.value == Raw::Switch(true)).map(|said| said.origin);
    let (Some(origin), Some(token)) = (&origin, login.ready()) else { return Ok(origin) };
    warnings.push(format!(
        "{origin}: the {} from {} is not revoked, since hushed did not log in for it; give hushed a \
         client id and secret, or another way to log in",
        login.method(),
        token.origin
    ));
    Ok(None)
}

/// The server's address, with or without scheme, a slash or `/api` at its end.
pub(super) fn base(layers: &Layers<'_>) -> Result<(Url, Origin), Error> {
    let Some(setting) = layers.text(&schema::DOMAIN)? else {
        return Ok((parsed(DEFAULT_DOMAIN, &Origin::Default)?, Origin::Default));
    };
    Ok((parsed(&setting.value, &setting.origin)?, setting.origin))
}

fn parsed(text: &str, origin: &Origin) -> Result<Url, Error> {
    let trimmed = text.trim().trim_end_matches('/');
    let trimmed = trimmed.strip_suffix("/api").unwrap_or(trimmed).trim_end_matches('/');
    let full = if trimmed.contains("://") { trimmed.into() } else { format!("https://{trimmed}") };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    url.ok_or_else(|| Error::Form {
        origin: origin.clone(),
        what: "the address of a server, such as https://secrets.example.com",
        // A password in the address must not be shown.
        value: text.rsplit('@').next().unwrap_or_default().to_owned(),
    })
}

/// Whoever can write a project's file must not choose where our credentials go, nor weaken the way
/// there.
fn check_trust(
    base: &Url,
    base_origin: &Origin,
    layers: &Layers<'_>,
    trust: &Trust,
) -> Result<(), Error> {
    let untrusted =
        |origin: &Origin, what, key| Error::Untrusted { origin: origin.clone(), what, key };
    if let Some(file) = project_file(base_origin)
        && !trust.allows(base, file)
    {
        return Err(untrusted(
            base_origin,
            format!("sends the credentials to {}", base.as_str().trim_end_matches('/')),
            &schema::DOMAIN,
        ));
    }
    let origin = base.origin().ascii_serialization();
    let vouched = |file: &Path| trust.has(&origin, file);
    if let Some(setting) = layers.path(&schema::CA_FILE)?
        && project_file(&setting.origin).is_some_and(|file| !vouched(file))
    {
        let what = format!("trusts the authorities in `{}` alone", setting.value.display());
        return Err(untrusted(&setting.origin, what, &schema::CA_FILE));
    }
    if let Some(setting) = layers.raw(&schema::INSECURE_HTTP)?
        && setting.value == Raw::Switch(true)
        && project_file(&setting.origin).is_some_and(|file| !vouched(file))
    {
        return Err(untrusted(&setting.origin, "allows plain http".into(), &schema::INSECURE_HTTP));
    }
    Ok(())
}

/// With these methods the server passes the credential on to whom the identity names (a cluster, a
/// directory), so that whoever chooses the identity chooses where the credential goes.
fn check_identity(
    base: &Url,
    login: &Login,
    layers: &Layers<'_>,
    trust: &Trust,
) -> Result<(), Error> {
    let found = match login {
        Login::Kubernetes { .. } | Login::Ldap { .. } => {
            credential::find(&schema::IDENTITY_ID_CREDENTIAL, layers)?
        }
        _ => None,
    };
    let in_file = found.is_some_and(|found| found.tier == Tier::File);
    let keys = [&schema::IDENTITY_ID, &schema::IDENTITY_ID_FILE];
    let said = keys.into_iter().find_map(|key| Some((key, layers.table(key)?))).filter(|_| in_file);
    let Some((key, Setting { origin, .. })) = said else { return Ok(()) };
    let server = base.origin().ascii_serialization();
    if project_file(&origin).is_some_and(|file| !trust.has(&server, file)) {
        let what = "names the identity, which decides to whom the credential is passed on".into();
        return Err(Error::Untrusted { origin, what, key });
    }
    Ok(())
}

/// The project's file that said something, if one did.
pub(super) fn project_file(origin: &Origin) -> Option<&Path> {
    match origin {
        Origin::File(place) if is_project_file(origin) => Some(&place.file),
        Origin::InfisicalJson(path) => Some(path),
        _ => None,
    }
}

fn path_of(setting: Setting<Raw>) -> PathBuf {
    let Raw::Text(text) = setting.value else { return PathBuf::new() };
    super::layer::located(Setting { value: text, origin: setting.origin }).value
}

/// A sealed file and what opens it.
pub(super) fn local(name: Arc<str>, layers: &Layers<'_>) -> Result<Local, Error> {
    let file = layers.table(&schema::FILE).map_or_else(local_file, path_of);
    Ok(Local { name, file, key: local_key(layers)? })
}

/// The systemd credential that holds the key of a local store.
pub const LOCAL_KEY_CREDENTIAL: &str = "hushed-key";

/// What opens the store: the strongest of passphrase and key file.
fn local_key(layers: &Layers<'_>) -> Result<LocalKey, Error> {
    let passphrase = credential::find(&schema::PASSPHRASE, layers)?;
    let key_file = layers.path(&schema::KEY_FILE)?;
    let tier = key_file.as_ref().map(|setting| match setting.origin {
        Origin::Flag(_) => Tier::Flag,
        Origin::Variable(_) => Tier::Environment,
        _ => Tier::File,
    });
    match (passphrase, key_file) {
        (Some(found), _) if tier.is_none_or(|tier| found.tier > tier) => {
            found.take().map(LocalKey::Passphrase)
        }
        (Some(found), Some(_)) if Some(found.tier) == tier => Err(Error::TwoKeys),
        (_, Some(setting)) if tier > Some(Tier::File) => Ok(LocalKey::File(setting.value)),
        (_, key_file) => match (systemd_key(layers), key_file) {
            (Some(path), _) => Ok(LocalKey::Systemd(path)),
            (None, Some(setting)) => Ok(LocalKey::File(setting.value)),
            (None, None) => default_key_file().map(LocalKey::File),
        },
    }
}

fn systemd_key(layers: &Layers<'_>) -> Option<PathBuf> {
    let directory = credentials_directory(layers.environment)?;
    Some(directory.join(LOCAL_KEY_CREDENTIAL)).filter(|path| path.exists())
}

fn default_key_file() -> Result<PathBuf, Error> {
    let base = places::base().ok_or(Error::NoHome("the key file"))?;
    Ok(base.config_dir().join("hushed").join("key"))
}

/// The secret credentials of a source.
pub(super) fn secrets(source: &Source) -> Vec<Shielded> {
    match source {
        Source::Infisical(source) => {
            let of_cache = source.cache.as_ref().and_then(|cache| match &cache.key {
                CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
                _ => None,
            });
            source.login.secrets().into_iter().chain(of_cache).cloned().collect()
        }
        Source::Local(Local { key: LocalKey::Passphrase(passphrase), .. }) => {
            vec![passphrase.value.clone()]
        }
        Source::Local(_) | Source::Dotenv(_) => Vec::new(),
    }
}
