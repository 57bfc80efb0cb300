//! Checks of an AWS source: where the credentials come from, the way to the service, the login, and the rights, in
//! the order in which a run needs them.

use super::configure::Aws;
use super::resolve::Region;
use super::source::AwsSource;
use crate::config::RunSettings;
use crate::provider::ProviderError as _;
use crate::provider::doctor::{Check, connection, counted};

/// What is checked after the credentials, in this order.
const STAGES: [&str; 4] = ["name", "TCP", "login", "rights"];

/// Runs the checks.
pub(super) async fn check(aws: &Aws, run: &RunSettings) -> Vec<Check> {
    let mut checks = Vec::new();
    match aws.resolve() {
        Err(error) => checks.push(Check::failed("credentials", &error, error.hint())),
        Ok(resolved) => {
            checks.push(Check::ok("credentials", resolved.credentials.describe()));
            if let Some(token) = aws.id_token()
                && let Ok(api) = AwsSource::new(aws.clone(), run).api()
            {
                checks.push(token.check(&api.http).await);
            }
            if let Region::Known(region) = &resolved.region
                && let Ok(url) = resolved.endpoints.url(aws.service, region)
            {
                checks.extend(connection(&url, run).await);
            }
            if checks.iter().all(Check::is_fine) {
                checks.extend(conversation(aws, run).await);
            }
        }
    }
    let missing = STAGES.iter().filter(|name| !checks.iter().any(|check| check.name == **name));
    let missing: Vec<_> = missing.map(|name| Check::skipped(name, "not reached")).collect();
    checks.extend(missing);
    checks.into_iter().map(|check| check.of(&aws.name)).collect()
}

/// Obtains the credentials, and reads everything.
async fn conversation(aws: &Aws, run: &RunSettings) -> Vec<Check> {
    let source = AwsSource::new(aws.clone(), run);
    let logged_in = match source.api() {
        Ok(api) => api.log_in(None).await,
        Err(error) => Err(error),
    };
    let logged_in = match logged_in {
        Ok(logged_in) => logged_in,
        Err(error) => return vec![Check::failed("login", &error, error.hint())],
    };
    let (key, region) = (&logged_in.keys.access_key, &logged_in.region);
    let login = Check::ok("login", format!("access key {} in {region}", key.escape_debug()));
    let rights = match source.read().await {
        Ok(secrets) => Check::ok("rights", counted(secrets.len(), "secret")),
        Err(error) => Check::failed("rights", &error, error.hint()),
    };
    vec![login, rights]
}
