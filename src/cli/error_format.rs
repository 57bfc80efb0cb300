//! `--error-format`: how errors are written. It is taken out of the arguments before they are parsed, because it is
//! about the errors of the parser, too, and every command has it.

use std::ffi::OsString;

use super::rewrite::arity;
use super::settings::Arity;
use super::usage::UsageError;

/// How errors and warnings are written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object in each line.
    Json,
}

/// The variable that sets it.
pub const ERROR_FORMAT_VARIABLE: &str = "HUSHED_ERROR_FORMAT";

const OPTION: &str = "--error-format";

/// Commands whose second word begins a command of the user's own.
const WITH_COMMAND: [&str; 2] = ["run", "plan"];

impl ErrorFormat {
    /// Reads a value of the option or of the variable.
    pub fn parse(text: &str) -> Result<Self, UsageError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UsageError::new(
                format!("`{}` is not an error format", text.escape_debug()),
                "the error formats are text and json",
            )),
        }
    }
}

/// Takes the option out of the arguments, the first of which is the name of the program.
pub fn take_error_format(arguments: &mut Vec<OsString>) -> Result<Option<ErrorFormat>, UsageError> {
    let (mut at, mut words, mut found) = (1, 0, None);
    let mut takes_command = false;
    while let Some(text) = arguments.get(at).map(|argument| argument.to_string_lossy().into_owned())
    {
        if text == "--" {
            break;
        }
        let rest = text.strip_prefix(OPTION);
        if let Some(value) = rest.and_then(|rest| rest.strip_prefix('=')) {
            arguments.remove(at);
            found = Some(ErrorFormat::parse(value)?);
        } else if rest == Some("") {
            arguments.remove(at);
            if at >= arguments.len() {
                let hint = "write --error-format=json";
                return Err(UsageError::new("--error-format needs a value", hint));
            }
            found = Some(ErrorFormat::parse(&arguments.remove(at).to_string_lossy())?);
        } else if text.starts_with('-') && text.len() > 1 {
            let takes_value = !text.contains('=') && matches!(arity(&text), Some(Arity::Required));
            at += 1 + usize::from(takes_value);
        } else {
            words += 1;
            if words == 1 {
                takes_command = WITH_COMMAND.contains(&text.as_str());
            } else if takes_command {
                break;
            }
            at += 1;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str) -> (Option<ErrorFormat>, String) {
        let mut arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
        let found = take_error_format(&mut arguments).unwrap();
        let rest: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        (found, rest.join(" "))
    }

    #[test]
    fn the_option_is_taken_wherever_it_is_an_option_of_hushed() {
        let json = Some(ErrorFormat::Json);
        for (line, want, rest) in [
            ("hushed plan --error-format=json", json, "hushed plan"),
            ("hushed --error-format json run -- x", json, "hushed run -- x"),
            ("hushed run -e prod --error-format=json x", json, "hushed run -e prod x"),
            ("hushed run x --error-format=json", None, "hushed run x --error-format=json"),
            ("hushed run -- --error-format=json", None, "hushed run -- --error-format=json"),
            ("hushed secrets get A --error-format json B", json, "hushed secrets get A B"),
            ("hushed plan --error-format=text", Some(ErrorFormat::Text), "hushed plan"),
        ] {
            assert_eq!(taken(line), (want, rest.to_owned()), "{line}");
        }
        let mut wrong = ["hushed", "plan", "--error-format=xml"].map(OsString::from).to_vec();
        assert!(take_error_format(&mut wrong).is_err());
    }
}
