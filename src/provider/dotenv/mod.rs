//! Secrets in a dotenv file, read in one documented dialect. It expands nothing, runs nothing, and
//! refuses with line and column what other readers of such files read in different ways.
//!
//! The dialect, which `docs/dotenv.md` compares with others:
//!
//! - A file is UTF-8, with or without a BOM, its lines end with LF or CRLF. NUL and a CR elsewhere
//!   are errors.
//! - A line is empty, a `# comment`, or `NAME=value`, with `export ` before it or not, and with
//!   blanks (spaces and tabs) round any part or not. A name is of ASCII letters, digits, `_`, `.`
//!   and `-`, and begins with a letter or `_`. A name without `=` is an error.
//! - In single quotes and in backticks every character stands for itself, up to the closing quote.
//! - In double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes, and any other backslash is
//!   an error.
//! - A quoted value may have many lines; a CRLF in it is a LF. Behind it there may be a comment
//!   after a blank, and nothing else.
//! - An unquoted value ends with its line, or before a space and a `#`; blanks at its end are no
//!   part of it. A `#` elsewhere in it, a backslash, a control character and a space that is not
//!   ASCII are errors. Quotes inside it stand for themselves.
//! - In double quotes and unquoted, a `$` before a letter, a digit, `_`, `{`, `(` or `$` is an
//!   error, because some readers expand it. Any other `$` stands for itself.
//! - Of two lines with one name the later wins.

mod cursor;
mod fault;
mod parse;
mod read;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;

pub use fault::{ParseError, ParseErrorKind};
pub use parse::{Assignment, parse};
pub use settings::{Dotenv, DotenvType, SCHEMA};

use crate::message::shown_path;
use crate::provider::{self, Class, Fetch, ProviderError, Source};
use crate::secret::{Provenance, Secret, SecretSet};

/// The largest file that is read, in bytes.
pub const MAX_SIZE: usize = 16 << 20;

/// A dotenv file as a source of secrets.
#[derive(Debug)]
pub struct DotenvSource {
    name: Arc<str>,
    file: PathBuf,
}

impl DotenvSource {
    /// Names a file. It is read, and must exist, when the secrets are fetched; a relative path is
    /// resolved by whoever knows what it is relative to.
    pub fn new(name: Arc<str>, file: PathBuf) -> Self {
        Self { name, file }
    }

    fn read(&self) -> Result<SecretSet, Error> {
        let bytes = read::file(&self.file)?;
        let entries =
            parse(&bytes).map_err(|error| Error::Syntax { file: self.file.clone(), error })?;
        let place = self.file.display();
        Ok(entries
            .into_iter()
            .map(|Assignment { name, value, line }| Secret {
                name,
                value,
                provenance: Provenance {
                    source: Arc::clone(&self.name),
                    place: format!("{place}:{line}").into(),
                    version: None,
                    age: None,
                },
            })
            .collect())
    }
}

impl Source for DotenvSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().map_err(provider::Error::from) })
    }
}

/// Why a dotenv file gave no secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("there is no file `{}`", shown_path(file))]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// It is a directory.
    #[error("`{}` is a directory, not a dotenv file", file.display())]
    Directory {
        /// The directory.
        file: PathBuf,
    },
    /// It is there, and cannot be read.
    #[error("cannot read `{}`", shown_path(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is larger than [`MAX_SIZE`].
    #[error("`{}` is larger than 16 MiB", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// It is not in the dialect that hushed reads.
    #[error("{}:{error}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Where in it, and why.
        error: ParseError,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("check the path, and the directory it starts from".into()),
            Self::Directory { .. } => Some("name the file inside it".into()),
            Self::Unreadable { .. } => Some(
                "give this user read access to the file and to the directories above it".into(),
            ),
            Self::TooLarge { .. } => Some("check that it is a dotenv file".into()),
            Self::Syntax { error, .. } => error.hint(),
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Missing { .. } => Class::NotFound,
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::path::Path;

    use futures_util::FutureExt as _;

    use super::*;

    /// Fetches; the future of a file is ready at once.
    fn fetch(file: &Path) -> Result<SecretSet, provider::Error> {
        let source = DotenvSource::new("dev".into(), file.to_owned());
        assert_eq!(source.name(), "dev");
        source.fetch().now_or_never().expect("a file is read at once")
    }

    fn written(directory: &Path, content: &[u8]) -> PathBuf {
        let path = directory.join(".env");
        File::create_new(&path).unwrap().write_all(content).unwrap();
        path
    }

    #[test]
    fn gives_each_secret_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = written(directory.path(), b"# canary\nA=canary 1\nB='canary\n2'\nA=canary 3\n");
        let set = fetch(&path).unwrap();
        let got: Vec<_> = set
            .iter()
            .map(|secret| (secret.name.to_string(), secret.provenance.to_string()))
            .collect();
        let place = |line| format!("`dev` ({}:{line})", path.display());
        assert_eq!(got, [("A".into(), place(2)), ("B".into(), place(3)), ("A".into(), place(5))]);
        assert_eq!(set.iter().last().unwrap().value.expose(), b"canary 3");
    }

    #[test]
    fn tells_apart_why_there_is_nothing_to_read() {
        let directory = tempfile::tempdir().unwrap();
        let error = |path: &Path| fetch(path).unwrap_err();
        let path = directory.path().join("none");
        assert_eq!(error(&path).to_string(), format!("there is no file `{}`", path.display()));
        let text = error(directory.path()).to_string();
        assert_eq!(
            text,
            format!("`{}` is a directory, not a dotenv file", directory.path().display())
        );
        let inside = written(directory.path(), b"A=\"canary");
        let unreadable = error(&inside.join("x"));
        assert!(matches!(unreadable.downcast_ref(), Some(Error::Unreadable { .. })));
        let text = error(&inside).to_string();
        let want = "1:3: the value of `A`: this double quote is never closed";
        assert_eq!(text, format!("{}:{want}", inside.display()));
        assert!(error(&inside).hint().is_some());
    }

    #[test]
    fn reads_up_to_the_largest_size_and_no_further() {
        let directory = tempfile::tempdir().unwrap();
        let mut content = b"A=canary #".to_vec();
        content.resize(MAX_SIZE, b'-');
        let path = written(directory.path(), &content);
        assert_eq!(fetch(&path).unwrap().len(), 1);
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"-").unwrap();
        let error = fetch(&path).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::TooLarge { .. })));
    }

    #[test]
    fn reads_a_pipe_that_says_no_length() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let lines: Vec<_> = (0..2000).map(|n| format!("A{n}=canary {n}\n")).collect();
        let reader = path.clone();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut pipe = fs::OpenOptions::new().write(true).open(&path).unwrap();
                pipe.write_all(lines.concat().as_bytes()).unwrap();
            });
            assert_eq!(fetch(&reader).unwrap().len(), 2000);
        });
    }
}
