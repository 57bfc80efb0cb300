//! Checks of a Google Secret Manager source: where the credentials come from, the way to the service, the login, and
//! the rights, in the order in which a run needs them.

use super::configure::Gcp;
use crate::config::RunSettings;
use crate::provider::ProviderError as _;
use crate::provider::doctor::{Check, connection, counted};

/// What is checked after the credentials, in this order.
const STAGES: [&str; 5] = ["name", "TCP", "login", "project", "rights"];

/// Runs the checks.
pub(super) async fn check(gcp: &Gcp, run: &RunSettings) -> Vec<Check> {
    let mut checks = Vec::new();
    match gcp.find() {
        Err(error) => checks.push(Check::failed("credentials", &error, error.hint())),
        Ok(credentials) => {
            checks.push(Check::ok("credentials", credentials.describe()));
            if let Some(token) = credentials.id_token()
                && let Ok(api) = gcp.connect(run).api()
            {
                checks.push(token.check(&api.tokens.http).await);
            }
            if let Some(url) = gcp.endpoint.url(gcp.endpoint.location.as_deref()) {
                checks.extend(connection(&url, run).await);
            }
            if checks.iter().all(Check::is_fine) {
                checks.extend(conversation(gcp, run).await);
            }
        }
    }
    let missing = STAGES.iter().filter(|name| !checks.iter().any(|check| check.name == **name));
    let missing: Vec<_> = missing.map(|name| Check::skipped(name, "not reached")).collect();
    checks.extend(missing);
    checks.into_iter().map(|check| check.of(&gcp.name)).collect()
}

/// Logs in, and reads everything.
async fn conversation(gcp: &Gcp, run: &RunSettings) -> Vec<Check> {
    let source = gcp.connect(run);
    let api = match source.api() {
        Ok(api) => api,
        Err(error) => return vec![Check::failed("login", &error, error.hint())],
    };
    if let Err(error) = api.log_in().await {
        return vec![Check::failed("login", &error, error.hint())];
    }
    let login = Check::ok("login", "there is an access token");
    let project = match api.project().await {
        Ok(project) => Check::ok("project", project),
        Err(error) => {
            Check::warning("project", error.to_string(), error.hint().unwrap_or_default())
        }
    };
    let rights = match source.read().await {
        Ok(secrets) => Check::ok("rights", counted(secrets.len(), "secret")),
        Err(error) => Check::failed("rights", &error, error.hint()),
    };
    vec![login, project, rights]
}
