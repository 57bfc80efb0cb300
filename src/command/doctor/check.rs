//! One line of the doctor's report. It checks nothing itself.

use std::error::Error;
use std::sync::Arc;

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    /// It works, and not as well as it might.
    Warning,
    NotOk,
    Skipped,
}

impl Verdict {
    /// As a program reads it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::NotOk => "not ok",
            Self::Skipped => "skipped",
        }
    }
}

/// A check and what came out of it.
#[derive(Debug)]
pub(super) struct Check {
    /// The source that it is about, if it is about one.
    pub(super) source: Option<Arc<str>>,
    /// Its name, which stays the same from version to version.
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    pub(super) hint: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { source: None, name, verdict: Verdict::Ok, detail: detail.into(), hint: None }
    }

    pub(super) fn not_ok(
        name: &'static str,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::NotOk, hint: Some(hint.into()), ..Self::ok(name, detail) }
    }

    pub(super) fn warning(
        name: &'static str,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warning, ..Self::not_ok(name, detail, hint) }
    }

    pub(super) fn skipped(name: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, ..Self::ok(name, detail) }
    }

    /// A check that an error ended: its text, and those of its causes.
    pub(super) fn failed(name: &'static str, error: &dyn Error, hint: Option<String>) -> Self {
        let mut detail = error.to_string();
        let mut cause = error.source();
        let mut last = detail.clone();
        while let Some(error) = cause {
            let said = error.to_string();
            if said != last {
                detail += ": ";
                detail += &said;
            }
            last = said;
            cause = error.source();
        }
        Self { verdict: Verdict::NotOk, hint, ..Self::ok(name, detail) }
    }

    /// Says which source it is about.
    pub(super) fn of(self, source: &Arc<str>) -> Self {
        Self { source: Some(Arc::clone(source)), ..self }
    }

    /// What is checked, for a person.
    pub(super) fn subject(&self) -> String {
        match &self.source {
            Some(source) => format!("`{source}`: {}", self.name),
            None => self.name.to_owned(),
        }
    }

    pub(super) fn is_fine(&self) -> bool {
        self.verdict != Verdict::NotOk
    }
}
