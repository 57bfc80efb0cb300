//! From layers to settings: which sources take part, and what holds for the command. The sources'
//! own settings are built in `source`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::layer::{Layer, Layers, Origin, Raw, Setting, located};
use super::schema::{self, Key};
use super::settings::{
    DiskFree, Dotenv, Inherit, Local, Network, Output, Preserve, Settings, Source, Terminal,
};
use super::source::{self, Context};
use super::{Environment, Error, Files, Trust, cache, duration};
use crate::http::Proxy;
use crate::secret::Value;

/// How long logging in and fetching may take in all, unless it is said.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the command has between SIGTERM and SIGKILL with `init`, unless it is configured.
const KILL_AFTER: Duration = Duration::from_secs(10);

/// Settings of `[run]` that a project's file may make only when the user vouched for it.
const WEAKENING: &[(&Key, &str)] = &[
    (&schema::ALLOW_RESERVED, "lets a source set variables that can take over the command"),
    (&schema::PASS_CREDENTIALS, "passes hushed's own credentials on to the command"),
    (&schema::REDACT_REPORT, "has hushed write a file"),
];

/// Settings of `[run]` by which a project's file could take back the redaction that the user's own file
/// asks for. Where that asks for none, they are the project's affair.
const LOOSENING: &[&Key] =
    &[&schema::REDACT, &schema::NO_REDACT, &schema::REDACT_MIN, &schema::REDACT_ENCODINGS];
const LOOSENS: &str = "shows what your own file keeps out of the output";

/// What a project's file would do that takes back what the user's own file promises of the disk.
const BREAKS: &str = "changes what your own file promises of the disk";

/// The word for a promise that is kept as far as the kernel goes.
const BEST_EFFORT: &str = "best-effort";

/// What stands in the place of a server where a file is vouched for because of its own settings.
pub(super) const SETTINGS: &str = "settings";

/// The store that is used when no configuration names one and it exists.
pub(super) const LOCAL_FILE: &str = "secrets.hushed";

/// Merges everything that was said.
pub fn merge(
    flags: &Layer,
    environment: &Environment,
    files: &Files,
    trust: &Trust,
) -> Result<Settings, Error> {
    let tables = files.tables().into_iter().map(|tables| &tables.run).collect();
    let run = Layers { flags, environment, tables };
    let mut warnings = Vec::new();
    let sources = sources(&run, &Context { flags, environment, files, trust }, &mut warnings)?;
    refuse_unused(flags, &sources)?;
    refuse_untrusted(&run, trust)?;
    Ok(Settings {
        inherit: inherit(&run, &sources)?,
        sources,
        only: run.list(&schema::ONLY)?.map(|setting| setting.value),
        exclude: list(&run, &schema::EXCLUDE)?,
        prefix: run.text(&schema::PREFIX)?.map(|setting| setting.value).unwrap_or_default(),
        rename: run.map(&schema::RENAME)?,
        transform: run.text(&schema::TRANSFORM)?,
        require: list(&run, &schema::REQUIRE)?,
        allow_reserved: list(&run, &schema::ALLOW_RESERVED)?,
        timeout: time(&run, &schema::TIMEOUT, TIMEOUT)?,
        disk_free: disk_free_of(&run)?,
        output: output_of(&run)?,
        network: network(environment),
        warnings,
    })
}

fn sources(
    run: &Layers<'_>,
    context: &Context<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Source>, Error> {
    let known = context.files.source_names();
    let names = run.list(&schema::SOURCE)?;
    let mut sources = Vec::new();
    for name in names.as_ref().map_or(&known, |names| &names.value) {
        if context.files.tables().iter().all(|tables| tables.source(name).is_none()) {
            let origin = names.as_ref().map_or(Origin::Default, |names| names.origin.clone());
            let value = name.clone();
            return Err(Error::Choice {
                origin,
                what: "source of the configuration",
                value,
                known,
            });
        }
        sources.push(source::build(name, context, run, warnings)?);
    }
    let env_files = run.list(&schema::ENV_FILE)?;
    if sources.is_empty() {
        sources = source::implied(context, run, env_files.is_some(), warnings)?;
    }
    for file in env_files.into_iter().flat_map(each) {
        let file = located(file).value;
        let name: Arc<str> = file.display().to_string().into();
        sources.push(Source::Dotenv(Dotenv { name, file }));
    }
    if sources.is_empty() { Err(Error::NoSource) } else { Ok(sources) }
}

/// The conventional variables, in lower case first as curl has it. `HTTP_PROXY` in upper case is not
/// read where a CGI server may have made it of a request's header (httpoxy).
fn network(environment: &Environment) -> Network {
    let either = |lower, upper| environment.get(lower).or_else(|| environment.get(upper)).cloned();
    let cgi = environment.get("REQUEST_METHOD").is_some();
    let no_proxy = either("no_proxy", "NO_PROXY");
    Network {
        proxy: Proxy {
            https: either("https_proxy", "HTTPS_PROXY"),
            http: if cgi {
                environment.get("http_proxy").cloned()
            } else {
                either("http_proxy", "HTTP_PROXY")
            },
            all: either("all_proxy", "ALL_PROXY"),
            no_proxy: no_proxy.as_ref().and_then(Value::expose_str).map(str::to_owned),
        },
        ssl_cert_file: environment.text("SSL_CERT_FILE").map(PathBuf::from),
    }
}

/// Each item of a list, with the list's origin.
fn each(list: Setting<Vec<String>>) -> impl Iterator<Item = Setting<String>> {
    let origin = list.origin;
    list.value.into_iter().map(move |value| Setting { value, origin: origin.clone() })
}

/// A flag for Infisical with no such source would be ignored silently: an error instead.
fn refuse_unused(flags: &Layer, sources: &[Source]) -> Result<(), Error> {
    let infisical = sources.iter().any(|source| matches!(source, Source::Infisical(_)));
    let local = sources.iter().any(|source| matches!(source, Source::Local(_)));
    let credentials = || schema::CREDENTIALS.iter().filter_map(|credential| credential.direct);
    for (key, _) in flags.iter() {
        let among = |keys: &[&'static Key]| keys.iter().any(|known| std::ptr::eq(*known, key));
        let of_infisical = among(schema::INFISICAL) || credentials().any(|k| std::ptr::eq(k, key));
        let flag = key.flag.unwrap_or(key.name);
        if of_infisical && !infisical {
            return Err(Error::Unused { flag, kind: "infisical" });
        }
        if among(schema::LOCAL) && !local {
            return Err(Error::Unused { flag, kind: "local" });
        }
    }
    Ok(())
}

/// Whoever can write a project's file must not take down what stands between its secrets and the
/// command, nor between our credentials and it.
fn refuse_untrusted(run: &Layers<'_>, trust: &Trust) -> Result<(), Error> {
    for (key, what) in weakening(&run.tables) {
        let Some(setting) = run.raw(key)? else { continue };
        let file = source::project_file(&setting.origin);
        if weakens(key, &setting.value) && file.is_some_and(|file| !trust.has(SETTINGS, file)) {
            return Err(Error::Untrusted { origin: setting.origin, what: what.to_owned(), key });
        }
    }
    Ok(())
}

/// The keys that a project's file needs trust for, and what they do.
fn weakening(tables: &[&Layer]) -> impl Iterator<Item = (&'static Key, &'static str)> {
    let own = |said: &Setting<Raw>| source::project_file(&said.origin).is_none();
    let redacts = |said: &&Setting<Raw>| said.value == Raw::Switch(true) && own(said);
    let keeps_out =
        tables.iter().filter_map(|table| table.get(&schema::REDACT)).any(|s| redacts(&s));
    let loosening = LOOSENING.iter().filter(move |_| keeps_out).map(|key| (*key, LOOSENS));
    let promises = |said: &&Setting<Raw>| said.value != Raw::Switch(false) && own(said);
    let is_promised =
        tables.iter().filter_map(|table| table.get(&schema::DISK_FREE)).any(|s| promises(&s));
    let breaking = is_promised.then_some((&schema::DISK_FREE, BREAKS));
    WEAKENING.iter().copied().chain(loosening).chain(breaking)
}

/// Whether a value has the effect for which its key is among those: a switch, as it is not by default.
fn weakens(key: &Key, value: &Raw) -> bool {
    if std::ptr::eq(key, &raw const schema::DISK_FREE) {
        return *value != Raw::Switch(true);
    }
    let without = std::ptr::eq(key, &raw const schema::REDACT);
    !matches!(value, Raw::Switch(on) if *on == without)
}

fn inherit(run: &Layers<'_>, sources: &[Source]) -> Result<Inherit, Error> {
    let preserve = match run.raw(&schema::PRESERVE_ENV)?.map(|setting| setting.value) {
        Some(Raw::Switch(true)) => Preserve::All,
        Some(Raw::List(names)) if !names.is_empty() => Preserve::Names(names),
        _ => Preserve::None,
    };
    let credentials = sources.iter().flat_map(source::secrets).collect();
    let in_use = |kind: &schema::CredentialKey| {
        let local = std::ptr::eq(kind, &raw const schema::PASSPHRASE);
        sources.iter().any(|source| match source {
            Source::Infisical(_) => !local,
            Source::Local(_) => local,
            Source::Dotenv(_) => false,
        })
    };
    let names = schema::CREDENTIALS.iter().filter(|kind| in_use(kind)).flat_map(|k| k.variables);
    let clean = run.switch(&schema::CLEAN_ENV, false)?;
    if !clean && run.flags.get(&schema::KEEP).is_some() {
        return Err(Error::Alone { flag: "--keep", without: "--clean-env" });
    }
    Ok(Inherit {
        clean,
        keep: list(run, &schema::KEEP)?,
        preserve,
        pass_credentials: run.switch(&schema::PASS_CREDENTIALS, false)?,
        credentials,
        credential_names: names.flat_map(|n| [(*n).to_owned(), format!("{n}_FILE")]).collect(),
    })
}

/// What is said of the command's output alone, for a command that may do without a source.
pub fn output(flags: &Layer, environment: &Environment, files: &Files) -> Result<Output, Error> {
    let tables = files.tables().into_iter().map(|tables| &tables.run).collect();
    output_of(&Layers { flags, environment, tables })
}

fn output_of(run: &Layers<'_>) -> Result<Output, Error> {
    let init = run.on(&schema::INIT)?;
    Ok(Output {
        redact: run.on(&schema::REDACT)?,
        kill_after: kill_after(run)?.or(init.as_ref().map(|_| KILL_AFTER)),
        terminal: terminal(run)?,
        init,
        exempt: list(run, &schema::NO_REDACT)?,
        also: run.list(&schema::REDACT_ALSO)?.into_iter().flat_map(each).map(placed).collect(),
        min: number(run, &schema::REDACT_MIN)?,
        encodings: run.list(&schema::REDACT_ENCODINGS)?,
        label: run.text(&schema::REDACT_LABEL)?.map(|setting| setting.value),
        report: run.path(&schema::REDACT_REPORT)?,
    })
}

fn kill_after(run: &Layers<'_>) -> Result<Option<Duration>, Error> {
    let former = || run.text(&schema::GRACE);
    let setting =
        run.text(&schema::KILL_AFTER)?.map_or_else(former, |setting| Ok(Some(setting)))?;
    setting.map(duration_of).transpose()
}

fn terminal(run: &Layers<'_>) -> Result<Terminal, Error> {
    let Some(Setting { value, origin }) = run.text(&schema::TERMINAL)? else {
        return Ok(Terminal::Auto);
    };
    match value.as_str() {
        "auto" => Ok(Terminal::Auto),
        "shared" => Ok(Terminal::Shared),
        "inner" => Ok(Terminal::Inner),
        "off" => Ok(Terminal::Off),
        _ => {
            let known = ["auto", "shared", "inner", "off"].map(str::to_owned).into();
            Err(Error::Choice { origin, what: "terminal mode", value, known })
        }
    }
}

/// Whether nothing may be written, for a command that may do without a source.
pub fn disk_free(
    flags: &Layer,
    environment: &Environment,
    files: &Files,
) -> Result<Option<Setting<DiskFree>>, Error> {
    let tables = files.tables().into_iter().map(|tables| &tables.run).collect();
    disk_free_of(&Layers { flags, environment, tables })
}

fn disk_free_of(run: &Layers<'_>) -> Result<Option<Setting<DiskFree>>, Error> {
    let Some(Setting { value, origin }) = run.raw(&schema::DISK_FREE)? else { return Ok(None) };
    let how = match value {
        Raw::Switch(false) => return Ok(None),
        Raw::Text(text) if text == BEST_EFFORT => DiskFree::BestEffort,
        Raw::Text(value) => {
            let known = ["true", "false", BEST_EFFORT].map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "way of being disk-free", value, known });
        }
        _ => DiskFree::Strict,
    };
    Ok(Some(Setting { value: how, origin }))
}

/// A file, which a slash tells from a variable, is found from where it was named.
fn placed(said: Setting<String>) -> Setting<String> {
    if !said.value.contains('/') {
        return said;
    }
    located(said).map(|path| path.to_string_lossy().into_owned())
}

fn number(run: &Layers<'_>, key: &'static Key) -> Result<Option<usize>, Error> {
    let Some(setting) = run.text(key)? else { return Ok(None) };
    let Setting { value, origin } = setting;
    let parsed = value.parse().ok().filter(|number| *number > 0);
    parsed.map(Some).ok_or(Error::Form { origin, what: "a number of bytes, from 1 on", value })
}

fn time(run: &Layers<'_>, key: &'static Key, default: Duration) -> Result<Duration, Error> {
    run.text(key)?.map_or(Ok(default), duration_of)
}

fn duration_of(setting: Setting<String>) -> Result<Duration, Error> {
    let parsed = duration::parse(&setting.value).filter(|timeout| !timeout.is_zero());
    parsed.ok_or(Error::Form {
        origin: setting.origin,
        what: "a duration, such as 30s or 2m",
        value: setting.value,
    })
}

fn list(run: &Layers<'_>, key: &'static Key) -> Result<Vec<String>, Error> {
    Ok(run.list(key)?.map(|setting| setting.value).unwrap_or_default())
}

/// The path of the store that `hushed secrets` makes where nothing names one.
pub(super) fn local_file() -> PathBuf {
    PathBuf::from(LOCAL_FILE)
}

/// The local stores that are meant by a command that changes one: those that the configuration names,
/// narrowed by `--source`; where it names no source at all, the one in the working directory.
pub fn local_sources(
    flags: &Layer,
    environment: &Environment,
    files: &Files,
) -> Result<Vec<Local>, Error> {
    let tables = files.tables().into_iter().map(|tables| &tables.run).collect();
    let run = Layers { flags, environment, tables };
    let context = Context { flags, environment, files, trust: &Trust::default() };
    let configured = files.source_names();
    let names = run.list(&schema::SOURCE)?.map_or(configured.clone(), |setting| setting.value);
    let is_local = |name: &&String| {
        let kind = context.layers(name).table(&schema::TYPE);
        kind.is_some_and(|kind| kind.value == Raw::Text("local".into()))
    };
    let mut stores = Vec::new();
    for name in names.iter().filter(is_local) {
        stores.push(source::local(name.as_str().into(), &context.layers(name))?);
    }
    if stores.is_empty() && configured.is_empty() && names.is_empty() {
        stores.push(source::local("local".into(), &context.layers(""))?);
    }
    Ok(stores)
}

/// What files of the project need trust for, in any profile: pairs of a file and the origin of the
/// server that it names or weakens the way to, or a word for settings that weaken the rest.
pub fn named_servers(
    flags: &Layer,
    environment: &Environment,
    files: &mut Files,
) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut servers = Vec::new();
    for profile in files.profiles().into_iter().map(Some).chain([None]) {
        files.profile = profile;
        let context = Context { flags, environment, files, trust: &Trust::default() };
        let tables: Vec<_> = context.files.tables().iter().map(|tables| &tables.run).collect();
        for (key, _) in weakening(&tables) {
            let said = tables.iter().find_map(|table| table.get(key));
            let said = said.filter(|setting| weakens(key, &setting.value));
            let file = said.and_then(|setting| source::project_file(&setting.origin));
            let pair = file.map(|file| (SETTINGS.to_owned(), file.to_owned()));
            servers.extend(pair.filter(|pair| !servers.contains(pair)));
        }
        for tables in context.files.tables() {
            let of_sources = tables.sources.iter().map(|(_, layer)| layer);
            let layers: Vec<&Layer> = std::iter::once(&tables.run).chain(of_sources).collect();
            for file in cache::said_in(&layers) {
                let pair = Some((SETTINGS.to_owned(), file.to_owned()));
                servers.extend(pair.filter(|pair| !servers.contains(pair)));
            }
        }
        let names = context.files.source_names();
        let implied = names.is_empty().then(String::new);
        for name in names.iter().chain(&implied) {
            let layers = context.layers(name);
            let (base, base_origin) = source::base(&layers)?;
            let origin = base.origin().ascii_serialization();
            let keys = [
                &schema::CA_FILE,
                &schema::INSECURE_HTTP,
                &schema::IDENTITY_ID,
                &schema::IDENTITY_ID_FILE,
            ];
            let origins = keys.into_iter().filter_map(|key| Some(layers.table(key)?.origin));
            for said in std::iter::once(base_origin).chain(origins) {
                let pair =
                    source::project_file(&said).map(|file| (origin.clone(), file.to_owned()));
                servers.extend(pair.filter(|pair| !servers.contains(pair)));
            }
        }
    }
    Ok(servers)
}
