//! From layers to the settings of `[run]`: what holds for the command, whatever the sources are.

use std::path::PathBuf;
use std::time::Duration;

use super::layer::{Layers, Origin, Raw, Setting, located};
use super::schema::{self, Key};
use super::settings::{DiskFree, Inherit, Network, Output, Preserve, RunSettings, Terminal};
use super::trust::refuse_untrusted_run;
use super::{Environment, Error, Inputs, duration};
use crate::http::Proxy;
use crate::secret::Value;

/// How long logging in and fetching may take in all, unless it is said.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the command has between SIGTERM and SIGKILL with `init`, unless it is configured.
const KILL_AFTER: Duration = Duration::from_secs(10);

/// The word for a promise that is kept as far as the kernel goes.
const BEST_EFFORT: &str = "best-effort";

/// Merges the settings of `[run]`. What the sources add to `inherit` is theirs to know.
pub fn merge_run(inputs: &Inputs<'_>) -> Result<RunSettings, Error> {
    let run = inputs.run();
    refuse_untrusted_run(&run, inputs.trust)?;
    Ok(RunSettings {
        inherit: inherit(&run)?,
        only: run.list(&schema::ONLY)?.map(|setting| setting.value),
        exclude: list(&run, &schema::EXCLUDE)?,
        prefix: run.text(&schema::PREFIX)?.map(|setting| setting.value).unwrap_or_default(),
        rename: run.map(&schema::RENAME)?,
        transform: run.text(&schema::TRANSFORM)?,
        require: list(&run, &schema::REQUIRE)?,
        allow_reserved: list(&run, &schema::ALLOW_RESERVED)?,
        timeout: time(&run, &schema::TIMEOUT, TIMEOUT)?,
        spread: run.switch(&schema::SPREAD, false)?,
        disk_free: merge_disk_free(inputs)?,
        output: merge_output(inputs)?,
        network: network(inputs.environment),
    })
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
        ssl_cert_dirs: environment
            .text("SSL_CERT_DIR")
            .map(|list| std::env::split_paths(list).collect())
            .unwrap_or_default(),
    }
}

/// Each item of a list, with the list's origin.
fn each(list: Setting<Vec<String>>) -> impl Iterator<Item = Setting<String>> {
    let origin = list.origin;
    list.value.into_iter().map(move |value| Setting { value, origin: origin.clone() })
}

fn inherit(run: &Layers<'_>) -> Result<Inherit, Error> {
    let preserve = match run.raw(&schema::PRESERVE_ENV)?.map(|setting| setting.value) {
        Some(Raw::Switch(true)) => Preserve::All,
        Some(Raw::List(names)) if !names.is_empty() => Preserve::Names(names),
        _ => Preserve::None,
    };
    let clean = run.switch(&schema::CLEAN_ENV, false)?;
    if !clean && run.flags.get(&schema::KEEP).is_some() {
        return Err(Error::Alone { flag: "--keep", without: "--clean-env" });
    }
    Ok(Inherit {
        clean,
        keep: list(run, &schema::KEEP)?,
        preserve,
        pass_credentials: run.switch(&schema::PASS_CREDENTIALS, false)?,
        credentials: Vec::new(),
        credential_names: Vec::new(),
    })
}

/// Merges the settings of the command's output, also for a command that may do without a source.
pub fn merge_output(inputs: &Inputs<'_>) -> Result<Output, Error> {
    let run = &inputs.run();
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

/// `kill-after`, or `grace`, its former name: whichever stands in the stronger file.
fn kill_after(run: &Layers<'_>) -> Result<Option<Duration>, Error> {
    let setting = run.text(&schema::KILL_AFTER)?;
    let in_file = |setting: &Setting<String>| matches!(setting.origin, Origin::File(_));
    let setting = match setting {
        Some(setting) if !in_file(&setting) => Some(setting),
        _ => run.text_of_tables(&[&schema::KILL_AFTER, &schema::GRACE]),
    };
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

/// Merges whether nothing may be written, also for a command that may do without a source.
pub fn merge_disk_free(inputs: &Inputs<'_>) -> Result<Option<Setting<DiskFree>>, Error> {
    let run = inputs.run();
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
