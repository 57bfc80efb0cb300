//! Merges the layers of `[run]` into settings for the command, independent of the sources.

use std::path::PathBuf;
use std::time::Duration;

use super::inputs::parse_scope;
use super::layer::{Layers, Origin, RawValue, Setting, resolve_path};
use super::schema::{self, SettingKey};
use super::settings::{
    DiskFree, InheritSettings, KmsSettings, NetworkSettings, OutputSettings, PreserveSetting,
    RunSettings, SecretFilesSetting, TerminalSetting,
};
use super::trust::refuse_untrusted_run;
use super::{ConfigInputs, Environment, Error, duration};
use crate::http::Proxy;
use crate::redact::policy::Scope;
use crate::secret::Value;

/// The default time limit for logging in and fetching, together.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the command has between SIGTERM and SIGKILL with `init`, unless it is configured.
const KILL_AFTER: Duration = Duration::from_secs(10);

/// The value of `disk-free` that accepts a kernel without full support.
const BEST_EFFORT: &str = "best-effort";

/// Merges the settings of `[run]`. The registry adds the credentials of the sources to `inherit`.
pub fn merge_run(inputs: &ConfigInputs<'_>) -> Result<RunSettings, Error> {
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
        secret_files: secret_files(&run)?,
        timeout: time(&run, &schema::TIMEOUT, TIMEOUT)?,
        protected: run.switch(&schema::PROTECTED, false)?,
        spread: run.switch(&schema::SPREAD, false)?,
        disk_free: merge_disk_free(inputs)?,
        output: merge_output(inputs)?,
        network: network(inputs.environment),
    })
}

/// Merges the settings of `hushed kms`.
pub fn merge_kms(inputs: &ConfigInputs<'_>) -> Result<KmsSettings, Error> {
    let run = inputs.run();
    let text = |key| Ok::<_, Error>(run.text(key)?.map(|setting| setting.value));
    let fallback = match run.text(&schema::KMS_FALLBACK)? {
        None => false,
        Some(setting) if setting.value == "local" => true,
        Some(setting) if setting.value == "none" => false,
        Some(Setting { value, origin }) => {
            let known = ["local", "none"].map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "fallback", value, known });
        }
    };
    Ok(KmsSettings {
        key: text(&schema::KMS_KEY)?,
        accept: list(&run, &schema::KMS_ACCEPT)?,
        fallback,
        local_key: text(&schema::KMS_LOCAL_KEY)?,
    })
}

/// The conventional variables, in lower case first as curl has it. `HTTP_PROXY` in upper case is not
/// read where a CGI server may have made it of a request's header (httpoxy).
fn network(environment: &Environment) -> NetworkSettings {
    let either = |lower, upper| environment.get(lower).or_else(|| environment.get(upper)).cloned();
    let cgi = environment.get("REQUEST_METHOD").is_some();
    let no_proxy = either("no_proxy", "NO_PROXY");
    NetworkSettings {
        proxy: Proxy {
            https: either("https_proxy", "HTTPS_PROXY"),
            http: if cgi {
                environment.get("http_proxy").cloned()
            } else {
                either("http_proxy", "HTTP_PROXY")
            },
            all: either("all_proxy", "ALL_PROXY"),
            no_proxy: no_proxy.as_ref().and_then(Value::expose_str).map(str::to_owned),
            fixed: None,
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

fn inherit(run: &Layers<'_>) -> Result<InheritSettings, Error> {
    let preserve = match run.raw(&schema::PRESERVE_ENV)?.map(|setting| setting.value) {
        Some(RawValue::Switch(true)) => PreserveSetting::All,
        Some(RawValue::List(names)) if !names.is_empty() => PreserveSetting::Names(names),
        _ => PreserveSetting::None,
    };
    let clean = run.switch(&schema::CLEAN_ENV, false)?;
    if !clean && run.flags.get(&schema::KEEP).is_some() {
        return Err(Error::Alone { flag: "--keep", without: "--clean-env" });
    }
    Ok(InheritSettings {
        clean,
        keep: list(run, &schema::KEEP)?,
        preserve,
        pass_credentials: run.switch(&schema::PASS_CREDENTIALS, false)?,
        credentials: Vec::new(),
        credential_names: Vec::new(),
    })
}

/// Merges the settings for the command's output; also for commands that need no source.
pub fn merge_output(inputs: &ConfigInputs<'_>) -> Result<OutputSettings, Error> {
    let run = &inputs.run();
    let init = run.on(&schema::INIT)?;
    Ok(OutputSettings {
        redact: run.on(&schema::REDACT)?,
        kill_after: kill_after(run)?.or(init.as_ref().map(|_| KILL_AFTER)),
        terminal: terminal(run)?,
        init,
        exempt: list(run, &schema::NO_REDACT)?,
        named: list(run, &schema::REDACT_NAME)?,
        all: run.switch(&schema::REDACT_ALL, false)?,
        inherited: match run.raw(&schema::REDACT_INHERITED)? {
            Some(setting) => parse_scope(setting)?.value,
            None => Scope::Auto,
        },
        also: also(run)?.into_iter().flat_map(each).map(resolve_value_of).collect(),
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

fn terminal(run: &Layers<'_>) -> Result<TerminalSetting, Error> {
    let Some(Setting { value, origin }) = run.text(&schema::TERMINAL)? else {
        return Ok(TerminalSetting::Auto);
    };
    match value.as_str() {
        "auto" => Ok(TerminalSetting::Auto),
        "shared" => Ok(TerminalSetting::Shared),
        "inner" => Ok(TerminalSetting::Inner),
        "off" => Ok(TerminalSetting::Off),
        _ => {
            let known = ["auto", "shared", "inner", "off"].map(str::to_owned).into();
            Err(Error::Choice { origin, what: "terminal mode", value, known })
        }
    }
}

fn secret_files(run: &Layers<'_>) -> Result<SecretFilesSetting, Error> {
    let Some(Setting { value, origin }) = run.text(&schema::SECRET_FILES)? else {
        return Ok(SecretFilesSetting::Auto);
    };
    match value.as_str() {
        "auto" => Ok(SecretFilesSetting::Auto),
        "memfd" => Ok(SecretFilesSetting::Memfd),
        "namespace" => Ok(SecretFilesSetting::Namespace),
        "tmpfs" => Ok(SecretFilesSetting::Tmpfs),
        "fifo" => Ok(SecretFilesSetting::Fifo),
        _ => {
            let known = ["auto", "memfd", "namespace", "tmpfs", "fifo"].map(str::to_owned).into();
            Err(Error::Choice { origin, what: "kind of secret files", value, known })
        }
    }
}

/// Merges the `disk-free` setting; also for commands that need no source.
pub fn merge_disk_free(inputs: &ConfigInputs<'_>) -> Result<Option<Setting<DiskFree>>, Error> {
    let run = inputs.run();
    let Some(Setting { value, origin }) = run.raw(&schema::DISK_FREE)? else { return Ok(None) };
    let how = match value {
        RawValue::Switch(false) => return Ok(None),
        RawValue::Text(text) if text == BEST_EFFORT => DiskFree::BestEffort,
        RawValue::Text(value) => {
            let known = ["true", "false", BEST_EFFORT].map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "way of being disk-free", value, known });
        }
        _ => DiskFree::Strict,
    };
    Ok(Some(Setting { value: how, origin }))
}

/// `redact-value-of`, or `redact-also`, its former name: whichever stands in the stronger file.
fn also(run: &Layers<'_>) -> Result<Option<Setting<Vec<String>>>, Error> {
    let setting = run.list(&schema::REDACT_VALUE_OF)?;
    let in_file = |setting: &Setting<Vec<String>>| matches!(setting.origin, Origin::File(_));
    Ok(match setting {
        Some(setting) if !in_file(&setting) => Some(setting),
        _ => run.list_of_tables(&[&schema::REDACT_VALUE_OF, &schema::REDACT_ALSO]),
    })
}

/// Resolves a file of `redact-value-of` relative to where it is set. A value without a slash names a variable.
fn resolve_value_of(setting: Setting<String>) -> Setting<String> {
    if !setting.value.contains('/') {
        return setting;
    }
    resolve_path(setting).map(|path| path.to_string_lossy().into_owned())
}

fn number(run: &Layers<'_>, key: &'static SettingKey) -> Result<Option<usize>, Error> {
    let Some(setting) = run.text(key)? else { return Ok(None) };
    let Setting { value, origin } = setting;
    let parsed = value.parse().ok().filter(|number| *number > 0);
    parsed.map(Some).ok_or(Error::Form { origin, what: "a number of bytes, from 1 on", value })
}

fn time(run: &Layers<'_>, key: &'static SettingKey, default: Duration) -> Result<Duration, Error> {
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

fn list(run: &Layers<'_>, key: &'static SettingKey) -> Result<Vec<String>, Error> {
    Ok(run.list(key)?.map(|setting| setting.value).unwrap_or_default())
}
