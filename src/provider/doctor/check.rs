//! One line of the doctor's report. It checks nothing itself.

use std::error::Error;
use std::sync::Arc;

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// It works, and not as well as it might.
    Warning,
    /// It does not work, or is not safe.
    NotOk,
    /// It was not checked.
    Skipped,
}

impl Verdict {
    /// As a program reads it.
    pub fn name(self) -> &'static str {
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
pub struct Check {
    /// The source that it is about, if it is about one.
    pub source: Option<Arc<str>>,
    /// Its name, which stays the same from version to version.
    pub name: &'static str,
    /// What came out of it.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    /// A check that found what it should.
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { source: None, name, verdict: Verdict::Ok, detail: detail.into(), hint: None }
    }

    /// A check that found a fault.
    pub fn not_ok(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { verdict: Verdict::NotOk, hint: Some(hint.into()), ..Self::ok(name, detail) }
    }

    /// A check that found something that could be better.
    pub fn warning(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, ..Self::not_ok(name, detail, hint) }
    }

    /// A check that was not made, and why.
    pub fn skipped(name: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, ..Self::ok(name, detail) }
    }

    /// A check that an error ended: its text, and those of its causes.
    pub fn failed(name: &'static str, error: &dyn Error, hint: Option<String>) -> Self {
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
    #[must_use]
    pub fn of(self, source: &Arc<str>) -> Self {
        Self { source: Some(Arc::clone(source)), ..self }
    }

    /// What is checked, for a person.
    pub fn subject(&self) -> String {
        match &self.source {
            Some(source) => format!("`{source}`: {}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Whether nothing has to be done.
    pub fn is_fine(&self) -> bool {
        self.verdict != Verdict::NotOk
    }
}

/// A number of things: `1 secret`, `2 secrets`.
pub fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
