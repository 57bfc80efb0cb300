//! How names are spelled: the closed set of `--transform`.

use std::fmt;
use std::str::FromStr;

/// A way to spell the name of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// `db-url`, `dbUrl` → `DB_URL`.
    UpperSnake,
    /// `DB_URL` → `dbUrl`.
    Camel,
    /// `DB_URL` → `db-url`.
    LowerKebab,
    /// `DB_URL` → `TF_VAR_db_url`, as Terraform reads its variables.
    TfVar,
    /// `DB__PRIMARY__URL` → `Db__Primary__Url`: .NET's sections, with `__` between them.
    Dotnet,
}

/// The text that names no transform.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no transform; there are {names}", names = Transform::NAMES.join(", "))]
pub struct UnknownTransform(String);

impl Transform {
    /// All of them, as users write them.
    pub const NAMES: [&str; 5] = ["upper-snake", "camel", "lower-kebab", "tf-var", "dotnet"];

    const ALL: [Self; 5] =
        [Self::UpperSnake, Self::Camel, Self::LowerKebab, Self::TfVar, Self::Dotnet];

    /// Spells a name.
    pub fn apply(self, name: &str) -> String {
        match self {
            Self::UpperSnake => words(name).join("_").to_uppercase(),
            Self::LowerKebab => words(name).join("-").to_lowercase(),
            Self::TfVar => format!("TF_VAR_{}", words(name).join("_").to_lowercase()),
            Self::Camel => {
                let words = words(name);
                let (first, rest) =
                    words.split_first().map_or(("", [].as_slice()), |(f, r)| (f, r));
                first.to_lowercase()
                    + &rest.iter().map(|word| capitalized(word)).collect::<String>()
            }
            Self::Dotnet => {
                let section =
                    |part: &str| words(part).iter().map(|word| capitalized(word)).collect();
                name.split("__").map(section).collect::<Vec<String>>().join("__")
            }
        }
    }
}

impl FromStr for Transform {
    type Err = UnknownTransform;

    fn from_str(text: &str) -> Result<Self, UnknownTransform> {
        let found = Self::NAMES.iter().zip(Self::ALL).find(|(name, _)| **name == text);
        found.map(|(_, transform)| transform).ok_or_else(|| UnknownTransform(text.into()))
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().zip(Self::NAMES).find(|(transform, _)| *transform == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

/// The words of a name: parted by anything that is no letter and no digit, and where a lower-case
/// letter or digit is followed by an upper-case one, or an acronym ends (`HTTPServer`).
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let chars: Vec<(usize, char)> = part.char_indices().collect();
        let mut start = 0;
        for window in chars.windows(3) {
            if let [(_, a), (at, b), (_, c)] = *window
                && starts_word(a, b, Some(c))
            {
                words.extend(part.get(start..at));
                start = at;
            }
        }
        if let [.., (_, a), (at, b)] = *chars.as_slice()
            && starts_word(a, b, None)
        {
            words.extend(part.get(start..at));
            start = at;
        }
        words.extend(part.get(start..));
    }
    words
}

/// Whether a word begins at the middle one of three characters.
fn starts_word(before: char, here: char, after: Option<char>) -> bool {
    here.is_uppercase() && (!before.is_uppercase() || after.is_some_and(char::is_lowercase))
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    chars.fold(first, |text: String, c| text + &c.to_lowercase().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_names() {
        struct Case {
            given: &'static str,
            want: [&'static str; 5],
        }
        let cases = [
            Case { given: "DB_URL", want: ["DB_URL", "dbUrl", "db-url", "TF_VAR_db_url", "DbUrl"] },
            Case { given: "dbUrl", want: ["DB_URL", "dbUrl", "db-url", "TF_VAR_db_url", "DbUrl"] },
            Case {
                given: "some.http-Server 2x",
                want: [
                    "SOME_HTTP_SERVER_2X",
                    "someHttpServer2x",
                    "some-http-server-2x",
                    "TF_VAR_some_http_server_2x",
                    "SomeHttpServer2x",
                ],
            },
            Case {
                given: "HTTPServer",
                want: [
                    "HTTP_SERVER",
                    "httpServer",
                    "http-server",
                    "TF_VAR_http_server",
                    "HttpServer",
                ],
            },
            Case {
                given: "LOGGING__LOG_LEVEL",
                want: [
                    "LOGGING_LOG_LEVEL",
                    "loggingLogLevel",
                    "logging-log-level",
                    "TF_VAR_logging_log_level",
                    "Logging__LogLevel",
                ],
            },
            Case { given: "", want: ["", "", "", "TF_VAR_", ""] },
            Case { given: "aB", want: ["A_B", "aB", "a-b", "TF_VAR_a_b", "AB"] },
        ];
        for Case { given, want } in cases {
            for (name, want) in Transform::NAMES.iter().zip(want) {
                let transform: Transform = name.parse().unwrap();
                assert_eq!(transform.to_string(), *name);
                assert_eq!(transform.apply(given), want, "{name} of {given:?}");
            }
        }
    }

    #[test]
    fn names_are_told_apart() {
        let error = "shouting".parse::<Transform>().unwrap_err();
        assert!(error.to_string().contains("upper-snake"), "{error}");
    }
}
