//! The program of `credential_process`: run without a shell, its JSON read from standard output.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::credential_plan::CredentialProcess;
use super::error::Error;
use super::keys::Keys;
use super::time;
use crate::config::Environment;
use crate::provider::SecretText;
use crate::provider::withheld::inherited;
use crate::sys::program::{HelperProgram, find_in_path};

/// The most that the program may print, in bytes.
const LIMIT: usize = 64 << 10;

/// What the program prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: Option<serde_json::Value>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretText>,
    session_token: Option<SecretText>,
    expiration: Option<String>,
}

/// Runs the program, and reads the credentials that it prints.
pub(super) async fn keys(
    process: &CredentialProcess,
    environment: &Environment,
    timeout: Duration,
) -> Result<Keys, Error> {
    let failed = |problem: String, hint: &str| Error::Provider {
        provider: format!("credential_process of the AWS profile `{}`", process.profile),
        problem,
        hint: hint.to_owned(),
    };
    let check = "run the command by hand, and see what it prints";
    let (name, arguments) = process.command.split_first().unwrap_or((&process.profile, &[]));
    let file = file(name, environment).ok_or_else(|| {
        failed(format!("there is no program `{name}`"), "check credential_process in the profile")
    })?;
    let program = HelperProgram {
        file,
        arguments: arguments.iter().map(OsString::from).collect(),
        environment: inherited(environment),
        is_interactive: false,
    };
    let ended = program.run(LIMIT, timeout).await;
    let ended = ended.map_err(|error| failed(error.to_string(), check))?;
    match ended.status {
        Some(0) => {}
        Some(status) => return Err(failed(format!("it failed with exit status {status}"), check)),
        None => return Err(failed("a signal killed it".to_owned(), check)),
    }
    let printed: Printed = serde_json::from_slice(&ended.output).map_err(|_quotes_values| {
        failed("it printed no JSON object of credentials".into(), check)
    })?;
    if printed.version != Some(1.into()) {
        return Err(failed("its output lacks `\"Version\": 1`".to_owned(), check));
    }
    let (Some(access_key), Some(SecretText(secret_key))) =
        (printed.access_key_id.filter(|key| !key.is_empty()), printed.secret_access_key)
    else {
        return Err(failed("it printed no AccessKeyId and SecretAccessKey".to_owned(), check));
    };
    let place = || format!("credential_process of the AWS profile `{}`", process.profile);
    let expires = match printed.expiration {
        Some(text) => {
            Some(time::parse(&text).ok_or_else(|| Error::BadExpiration { place: place() })?)
        }
        None => None,
    };
    let session_token = printed.session_token.map(|token| token.0);
    let keys = Keys { access_key, secret_key, session_token, expires };
    if keys.is_expired(SystemTime::now()) {
        return Err(Error::Expired { place: place() });
    }
    Ok(keys)
}

/// The file of a program: a path, or a name in `PATH`.
fn file(name: &str, environment: &Environment) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|file| file.exists());
    }
    find_in_path(name, environment.verbatim("PATH")?)
}
