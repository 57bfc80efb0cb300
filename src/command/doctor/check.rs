//! One line of the doctor's report. It checks nothing itself.

use std::error::Error;

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    NotOk,
    Skipped,
}

/// A check and what came out of it.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    pub(super) hint: Option<String>,
}

impl Check {
    pub(super) fn ok(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Ok, detail: detail.into(), hint: None }
    }

    pub(super) fn not_ok(
        what: impl Into<String>,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let hint = Some(hint.into());
        Self { what: what.into(), verdict: Verdict::NotOk, detail: detail.into(), hint }
    }

    pub(super) fn skipped(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Skipped, detail: detail.into(), hint: None }
    }

    /// A check that an error ended: its text, and those of its causes.
    pub(super) fn failed(what: impl Into<String>, error: &dyn Error, hint: Option<String>) -> Self {
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
        Self { what: what.into(), verdict: Verdict::NotOk, detail, hint }
    }

    pub(super) fn is_fine(&self) -> bool {
        self.verdict != Verdict::NotOk
    }
}
