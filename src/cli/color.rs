//! Color in help and errors, where the terminal has it.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::config::Environment;

const HEADING: Style = AnsiColor::Green.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Whether to color text for a stream: `NO_COLOR` and `CLICOLOR=0` turn it off, `CLICOLOR_FORCE` turns it on, and
/// else it needs a terminal that is not `dumb` (no-color.org, bixense.com/clicolors).
pub fn wants_color(environment: &Environment, is_terminal: bool) -> bool {
    let is_set = |name| environment.text(name).is_some_and(|text| !text.is_empty() && text != "0");
    if environment.text("NO_COLOR").is_some_and(|text| !text.is_empty()) {
        return false;
    }
    if is_set("CLICOLOR_FORCE") {
        return true;
    }
    let is_off = environment.text("CLICOLOR").is_some_and(|text| text == "0");
    let is_dumb = environment.text("TERM").is_none_or(|term| term == "dumb");
    is_terminal && !is_off && !is_dumb
}

/// Colors the headings of a help text.
pub fn paint_help(text: &str, color: bool) -> Cow<'_, str> {
    if !color {
        return text.into();
    }
    let mut painted = String::with_capacity(text.len() * 2);
    for line in text.split_inclusive('\n') {
        match line.split_once(':') {
            Some((heading, rest)) if !line.starts_with(' ') && is_heading(heading, rest) => {
                let _ = write!(painted, "{HEADING}{heading}:{HEADING:#}{rest}");
            }
            _ => painted.push_str(line),
        }
    }
    painted.into()
}

fn is_heading(heading: &str, rest: &str) -> bool {
    heading == "Usage" || rest.trim().is_empty()
}

/// Colors an error or warning: its prefix, and the word `hint`.
pub fn paint_error(text: &str, color: bool) -> Cow<'_, str> {
    if !color {
        return text.into();
    }
    let mut painted = String::with_capacity(text.len() * 2);
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("hushed: warning:") {
            let _ = write!(painted, "{WARNING}hushed: warning:{WARNING:#}{rest}");
        } else if let Some(rest) = line.strip_prefix("hushed:") {
            let _ = write!(painted, "{ERROR}hushed:{ERROR:#}{rest}");
        } else if let Some(rest) = line.strip_prefix("  hint:") {
            let _ = write!(painted, "  {HINT}hint:{HINT:#}{rest}");
        } else {
            painted.push_str(line);
        }
    }
    painted.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_changes_no_text() {
        let text = "hushed: no such thing\n  hint: look\n";
        assert_eq!(paint_error(text, false), text);
        let painted = paint_error(text, true);
        assert_eq!(
            painted,
            "\u{1b}[1m\u{1b}[31mhushed:\u{1b}[0m no such thing\n  \u{1b}[36mhint:\u{1b}[0m look\n"
        );
        let help = paint_help("Run\n\nUsage: x\n\nOptions:\n  -a  b: c\n", true).into_owned();
        assert!(help.contains("\u{1b}[1m\u{1b}[32mUsage:\u{1b}[0m x"), "{help}");
        assert!(help.contains("  -a  b: c\n"), "{help}");
    }
}
