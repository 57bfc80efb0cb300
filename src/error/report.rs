//! Errors as the user reads them: as text, or as one line of JSON.

use std::fmt::{self, Write as _};
use std::io::Write;

use super::Error;
use crate::cli;
use crate::exit::Exit;
use crate::message::causes;

/// An error as text: what the user reads, without its type, so that it can cross a process boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// The message and its causes, the outermost first.
    pub texts: Vec<String>,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// The exit status of a command other than `run`.
    pub exit: Exit,
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        if let Error::Fetcher(report) = error {
            return report.clone();
        }
        let texts = causes(error).map(ToString::to_string).collect();
        Self { texts, hint: error.hint(), exit: error.exit(false) }
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts.first().map_or("", String::as_str))
    }
}

impl std::error::Error for ErrorReport {}

impl Error {
    /// Prints the same as one line of JSON, with the exit status and its meaning.
    pub fn report_json(&self, to: &mut dyn Write, exit: Exit) {
        if matches!(self, Self::Interrupted(_)) {
            return;
        }
        let report = ErrorReport::from(self);
        let mut causes = report.texts;
        causes.dedup();
        let causes: Vec<_> = causes.into_iter().skip(1).collect();
        let line = serde_json::json!({
            "level": "error",
            "kind": report.exit.kind(),
            "status": exit.code(),
            "message": self.to_string(),
            "causes": causes,
            "hint": report.hint,
        });
        let _ignored = writeln!(to, "{line}");
    }

    /// Prints the message, its causes and the hint, in color if wanted. Prints nothing after a signal.
    pub fn report(&self, to: &mut dyn Write, color: bool) {
        if matches!(self, Self::Interrupted(_)) {
            return;
        }
        let report = ErrorReport::from(self);
        let mut text = format!("hushed: {self}\n");
        for (text_above, cause) in report.texts.iter().zip(report.texts.iter().skip(1)) {
            if cause != text_above {
                let _ = writeln!(text, "  caused by: {cause}");
            }
        }
        if let Some(hint) = &report.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
        if let Self::Usage(usage) = self
            && let Some(usage) = usage.usage()
        {
            for line in usage.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        let text = cli::paint_error(&text, color);
        let _ignored = to.write_all(text.as_bytes());
    }
}
