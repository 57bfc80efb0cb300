//! Checks of an Azure Key Vault source: who logs in, the way to the vault, the login, and the rights, in the order in
//! which a run needs them.

use super::configure::Azure;
use crate::config::RunSettings;
use crate::provider::ProviderError as _;
use crate::provider::doctor::{Check, connection, counted, credential};

/// What is checked after the credentials, in this order.
const STAGES: [&str; 4] = ["name", "TCP", "login", "rights"];

/// Runs the checks.
pub(super) async fn check(azure: &Azure, run: &RunSettings) -> Vec<Check> {
    let mut checks = vec![Check::ok("credentials", azure.login.describe())];
    checks.extend(azure.credential().and_then(credential));
    if let Some(token) = azure.login.id_token() {
        checks.push(token.check(&azure.connect(run).api.tokens.http).await);
    }
    checks.extend(connection(&azure.vault.url, run).await);
    if checks.iter().all(Check::is_fine) {
        checks.extend(conversation(azure, run).await);
    }
    let missing = STAGES.iter().filter(|name| !checks.iter().any(|check| check.name == **name));
    let missing: Vec<_> = missing.map(|name| Check::skipped(name, "not reached")).collect();
    checks.extend(missing);
    checks.into_iter().map(|check| check.of(&azure.name)).collect()
}

/// Logs in, and reads everything.
async fn conversation(azure: &Azure, run: &RunSettings) -> Vec<Check> {
    let source = azure.connect(run);
    if let Err(error) = source.api.log_in().await {
        return vec![Check::failed("login", &error, error.hint())];
    }
    let login = Check::ok("login", format!("there is an access token for {}", azure.audience));
    let rights = match source.read().await {
        Ok(secrets) => Check::ok("rights", counted(secrets.len(), "secret")),
        Err(error) => Check::failed("rights", &error, error.hint()),
    };
    vec![login, rights]
}
