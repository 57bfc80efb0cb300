//! Reads the formats that `hushed export` writes, as pure functions from bytes to secrets. No script is run and
//! nothing is expanded: a script of a shell is read only if it consists of assignments in literal quotes.

mod csv;
#[cfg(any(feature = "sops", feature = "external-secrets"))]
mod document;
mod script;

use std::fmt;
use std::str::FromStr;

use crate::provider::dotenv::{self, Dialect, ParseErrors, ReadOptions};
use crate::secret::{Name, Value};

/// A format that secrets can be imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// A dotenv file, in a dialect.
    Dotenv(Dialect),
    /// `export NAME='value'`, for a POSIX shell.
    Shell,
    /// `set -gx NAME 'value'`, for fish.
    Fish,
    /// `$env:NAME = 'value'`, for PowerShell.
    Powershell,
    /// A JSON object, or a list of objects with a name and a value.
    Json,
    /// The same in YAML, or the manifest of a Kubernetes Secret.
    Yaml,
    /// RFC 4180 with a header: `name,value` or `Key,Value`.
    Csv,
}

impl ImportFormat {
    /// What the formats are called on the command line: as in `hushed export`.
    pub const NAMES: [&str; 11] = [
        "dotenv",
        "dotenv-export",
        "shell",
        "fish",
        "powershell",
        "json",
        "yaml",
        "csv",
        "docker",
        "systemd",
        "kubernetes",
    ];

    /// The format that a file of this name usually has.
    pub fn from_file_name(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "csv" => Self::Csv,
            "fish" => Self::Fish,
            "ps1" => Self::Powershell,
            "sh" => Self::Shell,
            _ => Self::Dotenv(Dialect::Strict),
        }
    }
}

impl FromStr for ImportFormat {
    type Err = UnknownImportFormat;

    fn from_str(text: &str) -> Result<Self, UnknownImportFormat> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "dotenv" | "dotenv-export" => Self::Dotenv(Dialect::Strict),
            "docker" => Self::Dotenv(Dialect::Docker),
            "systemd" => Self::Dotenv(Dialect::Systemd),
            "shell" => Self::Shell,
            "fish" => Self::Fish,
            "powershell" => Self::Powershell,
            "json" => Self::Json,
            "yaml" | "kubernetes" => Self::Yaml,
            "csv" => Self::Csv,
            _ => return Err(UnknownImportFormat),
        })
    }
}

/// There is no such format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownImportFormat;

/// Why a text is not in a format. It carries a line and names, never a value.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A dotenv file cannot be read.
    #[error("line {0}")]
    Dotenv(ParseErrors),
    /// Something is wrong at a line.
    #[error("line {line}: {what}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Something is wrong with the whole.
    #[error("{0}")]
    Whole(String),
    /// A name occurs twice.
    #[error("`{0}` occurs twice")]
    Twice(Name),
}

impl ImportError {
    fn at(line: usize, what: impl fmt::Display) -> Self {
        Self::Line { line, what: what.to_string() }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Dotenv(errors) => errors.hint(),
            Self::Twice(_) => "keep one of them".to_owned(),
            Self::Line { .. } | Self::Whole(_) => {
                format!("pass the format with --format: {}", ImportFormat::NAMES.join(", "))
            }
        }
    }
}

/// Reads secrets in the order in which they stand there.
pub fn read(format: ImportFormat, text: &[u8]) -> Result<Vec<(Name, Value)>, ImportError> {
    let secrets = match format {
        ImportFormat::Dotenv(dialect) => return read_dotenv(dialect, text),
        ImportFormat::Shell => script::read(&script::SHELL, text)?,
        ImportFormat::Fish => script::read(&script::FISH, text)?,
        ImportFormat::Powershell => script::read(&script::POWERSHELL, text)?,
        ImportFormat::Csv => csv::read(utf8(text)?)?,
        #[cfg(any(feature = "sops", feature = "external-secrets"))]
        ImportFormat::Json => document::read_json(utf8(text)?)?,
        #[cfg(any(feature = "sops", feature = "external-secrets"))]
        ImportFormat::Yaml => document::read_yaml(utf8(text)?)?,
        #[cfg(not(any(feature = "sops", feature = "external-secrets")))]
        ImportFormat::Json | ImportFormat::Yaml => {
            return Err(ImportError::Whole("this hushed was built without JSON and YAML".into()));
        }
    };
    let mut names: Vec<&Name> = secrets.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| matches!(pair, [one, other] if one == other)) {
        Some([name, ..]) => Err(ImportError::Twice((*name).clone())),
        _ => Ok(secrets),
    }
}

fn utf8(text: &[u8]) -> Result<&str, ImportError> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = text.get(..error.valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        ImportError::at(line, "it is not UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads a dotenv file without any other variable. Of several lines of one name the last wins.
fn read_dotenv(dialect: Dialect, text: &[u8]) -> Result<Vec<(Name, Value)>, ImportError> {
    let options = ReadOptions { dialect, overrides: true, ..ReadOptions::default() };
    let document = dotenv::read(text, options).map_err(ImportError::Dotenv)?;
    let mut secrets: Vec<(Name, Value)> = Vec::new();
    for assignment in document.assignments {
        match secrets.iter_mut().find(|(name, _)| *name == assignment.name) {
            Some((_, value)) => *value = assignment.value,
            None => secrets.push((assignment.name, assignment.value)),
        }
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests;
