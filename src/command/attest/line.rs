//! One line of what is attested. It judges nothing itself.

use crate::error::{Error, Told};

/// A thing, how it was found, and whether it is as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What it is; it stays the same from version to version.
    pub(super) what: String,
    pub(super) finding: String,
    pub(super) holds: bool,
    /// Why it matters.
    pub(super) why: &'static str,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl Line {
    pub(super) fn new(
        what: &str,
        holds: bool,
        finding: impl Into<String>,
        why: &'static str,
    ) -> Self {
        Self { what: what.to_owned(), finding: finding.into(), holds, why, hint: None }
    }

    /// What to do about it, where it does not hold.
    pub(super) fn or(mut self, hint: impl Into<String>) -> Self {
        self.hint = (!self.holds).then(|| hint.into());
        self
    }

    /// Settings that no run would have.
    pub(super) fn of_settings(error: &Error) -> Self {
        let told = Told::of(error);
        let why = "what a run would write is not known where its settings are wrong";
        Self { hint: told.hint, ..Self::new("settings", false, told.texts.join(": "), why) }
    }
}
