//! Which variables redaction would cover, by fetching them as a run does. It writes nothing.

use crate::command::context::Context;
use crate::command::gather;
use crate::command::inherit::EnvironmentRules;
use crate::command::redacting::{RedactionOptions, too_short_message};
use crate::command::redaction_plan::RedactionPlan;
use crate::error::Error;
use crate::provider::Settings;
use crate::provider::doctor::{Check, counted};

/// Counts the redacted variables, and names those whose values are too short. Nothing where the output is
/// not redacted.
pub(super) fn check(settings: &Settings, context: &mut Context<'_>) -> Option<Check> {
    settings.run.output.redact.as_ref()?;
    let failed = |error: &Error| Check::failed("redaction", error, error.hint());
    let options = match RedactionOptions::of(&settings.run.output, &context.environment) {
        Ok(options) => options,
        Err(error) => return Some(failed(&error)),
    };
    let resolution = match gather::resolve_without_cache(settings, context) {
        Ok(resolution) => resolution,
        Err(error) => return Some(failed(&error)),
    };
    let rules = EnvironmentRules::new(&settings.run.inherit, &resolution.variables);
    let plan = RedactionPlan::new(settings, &resolution, &context.environment, &rules);
    let mut short = plan.too_short();
    short.extend(options.too_short().cloned());
    let redacted = plan.secrets.iter().filter(|variable| variable.decision.is_redacted).count();
    let of = counted(plan.secrets.len(), "variable");
    let detail = format!("{redacted} of {of} redacted; `hushed plan` shows which, and why");
    Some(if short.is_empty() {
        Check::ok("redaction", detail)
    } else {
        let detail = format!("{detail}; {}", too_short_message(&short));
        let hint = "use longer values, or lower redact-min";
        Check::warning("redaction", detail, hint)
    })
}
