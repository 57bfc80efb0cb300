//! `hushed login` and `hushed token renew`: print an access token. `hushed login status` checks the login.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::doctor;
use super::flags::Flags;
use super::gather;
use super::inherit;
use crate::cli::{Login, LoginAction, LoginStatus, Scope, TokenAction};
use crate::config::RunSettings;
use crate::config::merge_run;
use crate::error::Error;
use crate::exit::Exit;
use crate::provider::{Account, Check, TokenFuture};
use crate::secret::Value;

/// Logs in and prints the access token, or checks the login.
pub(super) fn login(args: &Login, context: &mut Context<'_>) -> Result<Exit, Error> {
    match &args.action {
        Some(LoginAction::Status(args)) => status(args, context),
        None => print_token(&args.scope, |account, run| account.log_in(run), context),
    }
}

/// Renews the access token and prints it.
pub(super) fn token(action: &TokenAction, context: &mut Context<'_>) -> Result<Exit, Error> {
    let TokenAction::Renew(args) = action;
    print_token(&args.scope, |account, run| account.renew_token(run), context)
}

type AnyAccount = (Arc<str>, Box<dyn Account>);

/// Obtains a token from the only account, and prints it with a newline.
fn print_token(
    scope: &Scope,
    obtain: impl for<'a> Fn(&'a dyn Account, &'a RunSettings) -> TokenFuture<'a>,
    context: &mut Context<'_>,
) -> Result<Exit, Error> {
    let flags = Flags::new(scope);
    let registry = context.registry;
    let (accounts, run, warnings) = context.merge_with_credentials(&flags, |inputs| {
        let mut warnings = Vec::new();
        let accounts = registry.accounts(inputs, &mut warnings)?;
        Ok((accounts, merge_run(inputs)?, warnings))
    })?;
    drop(flags);
    for warning in warnings {
        context.warn(&warning);
    }
    let (_, account) = only(accounts)?;
    let token = gather::in_runtime(async { Ok(obtain(&*account, &run).await?) })?;
    write_line(&token, context)?;
    Ok(Exit::Success)
}

fn write_line(token: &Value, context: &mut Context<'_>) -> Result<(), Error> {
    let mut line = Zeroizing::new(Vec::with_capacity(token.len() + 1));
    line.extend_from_slice(token.expose());
    line.push(b'\n');
    context.stdout.write_all(&line).map_err(Error::Output)
}

/// The account, if there is exactly one.
fn only(accounts: Vec<AnyAccount>) -> Result<AnyAccount, Error> {
    let count = accounts.len();
    let mut accounts = accounts.into_iter();
    match (accounts.next(), accounts.next()) {
        (Some(account), None) => Ok(account),
        _ => Err(Error::AmbiguousAccount { count }),
    }
}

/// Prints whether each source that logs in can do so, and why not.
fn status(args: &LoginStatus, context: &mut Context<'_>) -> Result<Exit, Error> {
    let settings = context.settings(&Flags::new(&args.scope))?;
    inherit::withhold(&mut context.environment, &settings.run.inherit);
    let mut lines = Vec::new();
    for source in settings.sources.iter().filter(|source| !source.endpoints().is_empty()) {
        let work = source.check(&settings.run);
        let checks = gather::in_runtime(async { Ok(work.await) })?;
        lines.push(SourceStatus { source: Arc::clone(source.name()), checks });
    }
    if lines.is_empty() {
        return Err(Error::AmbiguousAccount { count: 0 });
    }
    let text = if args.json {
        let entries: Vec<_> = lines.iter().map(SourceStatus::json).collect();
        format!("{:#}\n", serde_json::Value::from(entries))
    } else {
        lines.iter().map(SourceStatus::text).collect()
    };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    let all = lines.iter().all(|line| line.failed().is_none());
    Ok(if all { Exit::Success } else { Exit::Failure })
}

/// The checks of one source, in the order in which a run depends on them.
struct SourceStatus {
    source: Arc<str>,
    checks: Vec<Check>,
}

impl SourceStatus {
    /// The first check that failed.
    fn failed(&self) -> Option<&Check> {
        self.checks.iter().find(|check| !check.is_fine())
    }

    /// How it logs in: the method and where the credentials are from.
    fn method(&self) -> &str {
        let named = |check: &&Check| check.name == "credentials";
        self.checks.iter().find(named).map_or("", |check| &check.detail)
    }

    fn text(&self) -> String {
        match self.failed() {
            None => format!("`{}`: logged in with {}\n", self.source, self.method()),
            Some(check) => {
                let failed = std::slice::from_ref(check);
                format!("`{}`: not logged in\n{}", self.source, doctor::as_text(failed))
            }
        }
    }

    fn json(&self) -> serde_json::Value {
        let failed = self.failed();
        json!({
            "source": &*self.source,
            "logged_in": failed.is_none(),
            "method": self.method(),
            "fault": failed.map(|check| &check.detail),
            "hint": failed.and_then(|check| check.hint.as_ref()),
        })
    }
}
