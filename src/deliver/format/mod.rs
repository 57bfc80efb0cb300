//! The formats of `hushed export`, as pure functions from secrets to bytes. Nothing here writes a
//! file or a terminal, and nothing here writes what the format's own reader would read differently.
//!
//! Each format is quoted so that its reader gives back every byte. What a format cannot carry is an
//! error that names the secret:
//!
//! | format       | read by                                    | names              | values                     |
//! |--------------|--------------------------------------------|--------------------|----------------------------|
//! | `dotenv`     | hushed, node, python-dotenv, ruby, sh      | identifiers        | see `dotenv`               |
//! | `fish`       | `source` in fish                           | identifiers        | UTF-8 but NUL              |
//! | `powershell` | PowerShell                                 | identifiers        | UTF-8 but NUL and empty    |
//! | `shell`      | `. FILE` in any POSIX shell                | identifiers        | any bytes but NUL          |
//! | `json`       | any JSON parser                            | any                | UTF-8                      |
//! | `yaml`       | any YAML 1.1 or 1.2 parser                 | 170 characters     | UTF-8                      |
//! | `csv`        | RFC 4180 readers, spreadsheets             | any                | UTF-8 but NUL              |
//! | `docker`     | `docker run --env-file`                    | no blanks, no `=`  | UTF-8, one line            |
//! | `systemd`    | `EnvironmentFile=`                         | identifiers        | UTF-8 but noncharacters    |
//! | `kubernetes` | `kubectl apply`, as a Secret               | `[-._a-zA-Z0-9]+`  | any bytes, 1 MiB in all    |

mod csv;
mod docker;
mod dotenv;
mod error;
mod fish;
mod kubernetes;
mod powershell;
mod quoted;
mod shell;
mod systemd;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

pub use dotenv::DotenvReader;
pub use error::{Error, Unsupported};

use crate::secret::{Name, SecretBuffer, Value};

/// A format that secrets can be exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME='value'`, in the quoting that the readers of dotenv files agree on.
    Dotenv,
    /// The same after `export `.
    DotenvExport,
    /// `export NAME='value'`, for a POSIX shell to source.
    Shell,
    /// `set -gx NAME 'value'`, for fish to source.
    Fish,
    /// `$env:NAME = 'value'`, for PowerShell to run.
    Powershell,
    /// One JSON object.
    Json,
    /// One YAML mapping.
    Yaml,
    /// RFC 4180, with the header `name,value`.
    Csv,
    /// `NAME=value` as `docker run --env-file` reads it.
    Docker,
    /// `NAME="value"` as `EnvironmentFile=` of a systemd unit reads it.
    Systemd,
    /// The manifest of a Kubernetes Secret.
    Kubernetes,
}

impl Format {
    /// All formats, in the order of [`Self::NAMES`].
    pub const ALL: [Self; 11] = [
        Self::Dotenv,
        Self::DotenvExport,
        Self::Shell,
        Self::Fish,
        Self::Powershell,
        Self::Json,
        Self::Yaml,
        Self::Csv,
        Self::Docker,
        Self::Systemd,
        Self::Kubernetes,
    ];

    /// What the formats are called on the command line.
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

    /// What it is called on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::DotenvExport => "dotenv-export",
            Self::Shell => "shell",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Csv => "csv",
            Self::Docker => "docker",
            Self::Systemd => "systemd",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// What an error calls it.
    fn reader(self) -> &'static str {
        match self {
            Self::Dotenv | Self::DotenvExport => "a dotenv file",
            Self::Shell => "a shell",
            Self::Fish => "fish",
            Self::Powershell => "PowerShell",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Csv => "CSV",
            Self::Docker => "`docker --env-file`",
            Self::Systemd => "a systemd environment file",
            Self::Kubernetes => "a Kubernetes Secret",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let named = Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(text));
        named.ok_or_else(|| Error::Unknown { given: text.to_owned() })
    }
}

/// What some formats want to know besides the secrets.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions<'a> {
    /// `metadata.name` of the Kubernetes object.
    pub object_name: &'a str,
    /// The reader that a dotenv file is written for; `None` for all usual ones.
    pub dotenv_reader: Option<DotenvReader>,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self { object_name: "hushed", dotenv_reader: None }
    }
}

/// Writes secrets in a format, in the given order. Their names must differ.
///
/// ```
/// use hushed::deliver::format::{Format, RenderOptions, render};
/// use hushed::secret::{Name, Value};
///
/// let (name, value) = (Name::new("DB_PASSWORD"), Value::from("it's"));
/// let text = render(Format::Shell, [(&name, &value)], RenderOptions::default())?;
/// assert_eq!(*text, b"export DB_PASSWORD='it'\\''s'\n");
/// # Ok::<_, hushed::deliver::format::Error>(())
/// ```
pub fn render<'a>(
    format: Format,
    secrets: impl IntoIterator<Item = (&'a Name, &'a Value)>,
    options: RenderOptions<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let secrets: Vec<ExportedSecret<'a>> =
        secrets.into_iter().map(|(name, value)| ExportedSecret { format, name, value }).collect();
    let mut names = BTreeSet::new();
    if let Some(again) = secrets.iter().find(|secret| !names.insert(secret.name)) {
        return Err(Error::Duplicate { name: again.name.clone() });
    }
    let mut out = SecretBuffer::default();
    match format {
        Format::Dotenv => match options.dotenv_reader {
            Some(reader) => dotenv::write_for(reader, &secrets, &mut out),
            None => dotenv::write(&secrets, "", &mut out),
        },
        Format::DotenvExport => dotenv::write(&secrets, "export ", &mut out),
        Format::Fish => fish::write(&secrets, &mut out),
        Format::Powershell => powershell::write(&secrets, &mut out),
        Format::Shell => shell::write(&secrets, &mut out),
        Format::Json => quoted::write_json(&secrets, &mut out),
        Format::Yaml => quoted::write_yaml(&secrets, &mut out),
        Format::Csv => csv::write(&secrets, &mut out),
        Format::Docker => docker::write(&secrets, &mut out),
        Format::Systemd => systemd::write(&secrets, &mut out),
        Format::Kubernetes => kubernetes::write(&secrets, options.object_name, &mut out),
    }?;
    Ok(out.finish())
}

/// A secret on its way into a format, with the checks that formats share.
#[derive(Clone, Copy)]
struct ExportedSecret<'a> {
    format: Format,
    name: &'a Name,
    value: &'a Value,
}

impl<'a> ExportedSecret<'a> {
    /// The value as text.
    fn text(&self) -> Result<&'a str, Error> {
        self.value.expose_str().ok_or_else(|| self.unsupported(Unsupported::NotUtf8))
    }

    /// The name, if it is one that a shell accepts for a variable.
    fn identifier(&self) -> Result<&'a str, Error> {
        let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
        self.name_if(|name| {
            name.starts_with(starts) && name.chars().all(|c| starts(c) || c.is_ascii_digit())
        })
    }

    fn name_if(&self, fits: impl FnOnce(&str) -> bool) -> Result<&'a str, Error> {
        let name = self.name.as_str();
        if fits(name) {
            Ok(name)
        } else {
            Err(Error::Name { format: self.format, name: self.name.clone() })
        }
    }

    fn refuse(&self, unsupported: bool, what: Unsupported) -> Result<(), Error> {
        if unsupported { Err(self.unsupported(what)) } else { Ok(()) }
    }

    /// The error of a value that one reader of dotenv files cannot be given.
    fn unsupported_by(&self, reader: DotenvReader) -> Error {
        Error::DotenvValue { reader, name: self.name.clone() }
    }

    fn unsupported(&self, what: Unsupported) -> Error {
        Error::Value { format: self.format, name: self.name.clone(), what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, secrets: &[(&str, &[u8])]) -> Result<String, Error> {
        let secrets: Vec<_> =
            secrets.iter().map(|(name, value)| (Name::new(*name), Value::from(*value))).collect();
        let pairs = secrets.iter().map(|(name, value)| (name, value));
        let text = render(
            format,
            pairs,
            RenderOptions { object_name: "app", ..RenderOptions::default() },
        )?;
        Ok(String::from_utf8(text.to_vec()).unwrap())
    }

    #[test]
    fn writes_each_format_in_order() {
        let secrets: &[(&str, &[u8])] = &[("B", b"canary 'one' \"\\"), ("A", b"canary\t$2")];
        for (format, want) in [
            (Format::Shell, "export B='canary '\\''one'\\'' \"\\'\nexport A='canary\t$2'\n"),
            (Format::Fish, "set -gx B 'canary \\'one\\' \"\\\\'\nset -gx A 'canary\t$2'\n"),
            (Format::Powershell, "$env:B = 'canary ''one'' \"\\'\n$env:A = 'canary\t$2'\n"),
            (Format::Json, "{\n  \"B\": \"canary 'one' \\\"\\\\\",\n  \"A\": \"canary\\t$2\"\n}\n"),
            (Format::Yaml, "\"B\": \"canary 'one' \\\"\\\\\"\n\"A\": \"canary\\t$2\"\n"),
            (
                Format::Csv,
                "name,value\r\n\"B\",\"canary 'one' \"\"\\\"\r\n\"A\",\"canary\t$2\"\r\n",
            ),
            (Format::Docker, "B=canary 'one' \"\\\nA=canary\t$2\n"),
            (Format::Systemd, "B=\"canary 'one' \\\"\\\\\"\nA=\"canary\t$2\"\n"),
            (
                Format::Kubernetes,
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"app\"\ntype: Opaque\ndata:\n  \
                 \"B\": \"Y2FuYXJ5ICdvbmUnICJc\"\n  \"A\": \"Y2FuYXJ5CSQy\"\n",
            ),
        ] {
            assert_eq!(written(format, secrets).as_deref(), Ok(want));
        }
    }

    #[test]
    fn quoted_strings_have_no_raw_character_that_yaml_refuses() {
        let value = "canary\u{1}\r\n\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{ffff}é🐤";
        let string = r#""canary\u0001\r\n\u007f\u0085NBSP\u2028\u2029\ufeff\uffffé🐤""#;
        let string = string.replace("NBSP", "\u{a0}");
        let secrets = [("A", value.as_bytes())];
        assert_eq!(written(Format::Yaml, &secrets), Ok(format!("\"A\": {string}\n")));
        assert_eq!(written(Format::Json, &secrets), Ok(format!("{{\n  \"A\": {string}\n}}\n")));
    }

    #[test]
    fn refuses_names_that_the_reader_would_not_take() {
        for (format, bad) in [
            (Format::Dotenv, &["", "1A", "a-b", "a.b", "A B", "é", "A=B", "A\nB"][..]),
            (Format::Shell, &["", "1A", "a-b", "a;id", "$A", "A\n"]),
            (Format::Systemd, &["", "1A", "a-b", "#A", "A "]),
            (Format::Docker, &["", "A B", "A=", "#A", "A\n", "\u{feff}A", "\u{a0}A"]),
            (Format::Kubernetes, &["", "A B", "a/b", "é", ".", "..", "..a"]),
            (Format::Csv, &["A\0"]),
        ] {
            for name in bad {
                let error = written(format, &[(name, b"canary")]).unwrap_err();
                assert_eq!(error, Error::Name { format, name: Name::new(*name) });
            }
        }
        for (format, length) in [(Format::Yaml, 170), (Format::Kubernetes, 253)] {
            assert!(written(format, &[(&"A".repeat(length), b"canary")]).is_ok());
            assert!(written(format, &[(&"A".repeat(length + 1), b"canary")]).is_err());
        }
    }

    #[test]
    fn an_error_says_what_cannot_be_carried_and_what_can_carry_it() {
        let error = written(Format::Docker, &[("PEM_KEY", b"canary\n")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the value of `PEM_KEY`: `docker --env-file` cannot carry a newline"
        );
        assert!(error.hint().unwrap().contains("docker run --env NAME"));
        let error = written(Format::Json, &[("RAW", b"canary\xff")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the value of `RAW`: JSON cannot carry bytes that are not UTF-8"
        );
        assert!(error.hint().unwrap().contains("--format shell"));
    }

    #[test]
    fn two_secrets_with_one_name_are_refused() {
        for format in Format::ALL {
            let twice = [("A", &b"canary 1"[..]), ("A", b"canary 2")];
            let error = written(format, &twice).unwrap_err();
            assert_eq!(error, Error::Duplicate { name: Name::new("A") });
        }
    }

    #[test]
    fn a_kubernetes_object_has_a_valid_name_and_size() {
        let object = |object_name| {
            let value = Value::from("canary");
            render(
                Format::Kubernetes,
                [(&Name::new("A"), &value)],
                RenderOptions { object_name, ..RenderOptions::default() },
            )
        };
        for good in ["a", "app", "my-app.v2", "0"] {
            assert!(object(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a..b", ".a", "a\nb", &"a".repeat(254)] {
            assert!(matches!(object(bad), Err(Error::ObjectName { .. })), "{bad}");
        }
        let half = vec![b'c'; 1 << 19];
        let full = [("A", half.as_slice()), ("B", half.as_slice())];
        assert!(written(Format::Kubernetes, &full).is_ok());
        let error = written(Format::Kubernetes, &[full[0], full[1], ("C", b"canary")]).unwrap_err();
        assert_eq!(error, Error::ObjectSize { size: (1 << 20) + 6 });
    }

    #[test]
    fn formats_are_known_by_name() {
        for (format, name) in Format::ALL.into_iter().zip(Format::NAMES) {
            assert_eq!(name.parse(), Ok(format));
            assert_eq!(format.to_string(), name);
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "there is no format `xml`");
        assert!(error.hint().unwrap().ends_with("systemd, kubernetes"));
    }
}
