//! One finding of `hushed attest`.

use crate::error::{Error, ErrorReport};

/// A property of the machine: what was observed, and whether it meets the requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The name of the property, stable across versions.
    pub(super) what: String,
    pub(super) observed: String,
    pub(super) holds: bool,
    /// Why it matters.
    pub(super) why: &'static str,
    /// What the user can do about it.
    pub(super) hint: Option<String>,
}

impl Finding {
    pub(super) fn new(
        what: &str,
        holds: bool,
        observed: impl Into<String>,
        why: &'static str,
    ) -> Self {
        Self { what: what.to_owned(), observed: observed.into(), holds, why, hint: None }
    }

    /// Adds a hint, which is kept only if the requirement is not met.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = (!self.holds).then(|| hint.into());
        self
    }

    /// The finding for invalid settings.
    pub(super) fn from_settings_error(error: &Error) -> Self {
        let report = ErrorReport::from(error);
        let why = "with invalid settings, it is unknown what a run would write";
        Self { hint: report.hint, ..Self::new("settings", false, report.texts.join(": "), why) }
    }
}
