//! Secrets in a dotenv file. Without `dialect` it is read in hushed's own, strict dialect, which refuses
//! with line and column whatever other programs read in different ways; with `dialect`, as that program
//! reads it.
//!
//! ```text
//! bytes ── parse::prepare ──► text ── tokenize ──► quoted values ── decode, expand ──► assignments
//!                                        ▲                              ▲
//!                                        └────────── dialect: Rules ────┘
//! ```
//!
//! No command is ever run. `docs/dotenv.md` describes the dialects and compares them.

mod cursor;
mod decode;
mod dialect;
mod edit;
mod expand;
mod explain;
mod file;
mod parse;
mod quote;
mod references;
mod settings;
mod syntax;
mod tokenize;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use dialect::{Dialect, UnknownDialect};
pub use parse::{
    Assignment, Document, ReadOptions, Substitute, UnresolvedReference, UrlValue, parse, read,
};
pub use quote::{QUOTINGS, Quoting, is_read_back, quote_value};
pub use settings::{DIALECT, Dotenv, DotenvType, EXPAND, OPTIONAL, SCHEMA};
pub use syntax::{Oddity, OddityKind, ParseError, ParseErrorKind, ParseErrors};

use crate::message::shown_path;
use crate::provider::written::{Resolver, Unresolved};
use crate::provider::{self, Class, Fetch, FetchEnvironment, ProviderError, Source, env_table};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};
use crate::sys::stack::clear_stack_after;
use references::FileReferences;

/// The largest file that is read, in bytes.
pub const MAX_SIZE: usize = 16 << 20;

/// Where a dotenv file is read from, and how.
#[derive(Clone, Debug)]
pub struct DotenvFile {
    /// The file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Whether it may be missing.
    pub is_optional: bool,
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the strict dialect expands references.
    pub expand: bool,
    /// Whether the file wins over inherited variables.
    pub overrides: bool,
}

/// A dotenv file as a source of secrets.
#[derive(Debug)]
pub struct DotenvSource {
    name: Arc<str>,
    file: DotenvFile,
    references: Option<FileReferences>,
}

impl DotenvSource {
    /// Names a file. It is read, and must exist, when the secrets are fetched; a relative path is
    /// relative to the working directory.
    pub fn new(name: Arc<str>, file: DotenvFile) -> Self {
        Self { name, file, references: None }
    }

    /// The same source, with the references in its values.
    #[must_use]
    fn with_references(self, references: Option<FileReferences>) -> Self {
        Self { references, ..self }
    }

    /// What the file has: as it was read for its references, so that both mean the same values.
    fn content(&self) -> Result<Option<Value>, Error> {
        let path = self.file.path.as_deref();
        if let Some(content) = self.references.as_ref().and_then(|it| it.content.clone()) {
            return Ok(Some(content));
        }
        match file::read(path) {
            Err(Error::Missing { .. }) if self.file.is_optional => Ok(None),
            Ok(_) if self.references.is_some() => {
                Err(Error::Appeared { file: path.map(Path::to_owned).unwrap_or_default() })
            }
            bytes => Ok(Some(Value::plain(std::mem::take(&mut *bytes?)))),
        }
    }

    fn read(&self, environment: &FetchEnvironment<'_>) -> Result<SecretSet, Error> {
        let path = self.file.path.as_deref();
        let Some(content) = self.content()? else { return Ok(SecretSet::default()) };
        let resolver = self.references.as_ref();
        let resolver =
            resolver.map(|it| it.bound.resolver(environment.fetched, environment.admits));
        let substitute = |value: &UrlValue<'_>| {
            let resolver = resolver.as_ref().filter(|_| !value.is_expanded);
            let place = (value.name, value.line);
            resolver.map_or(Ok(None), |it| {
                it.resolve(value.text, place, || file::origin(path, value))
                    .map_err(|Unresolved| UnresolvedReference)
            })
        };
        let options = ReadOptions {
            dialect: self.file.dialect,
            expand: self.file.expand,
            overrides: self.file.overrides,
            environment: environment.variable,
            admits: environment.admits,
            substitute: resolver.is_some().then_some(&substitute),
        };
        let place = file::place(path);
        // Looking for references loads values into vector registers, which are then saved on the stack.
        let document = clear_stack_after(|| read(content.expose(), options));
        let found = resolver.map(Resolver::finish).transpose().map_err(Error::References)?;
        let found = found.unwrap_or_default();
        let document = document.map_err(|errors| Error::Syntax { place: place.clone(), errors })?;
        // They are excluded, so their values do not matter; `hushed plan` shows that they are left out.
        let unreadable = document.unreadable.into_iter().map(|(name, line)| Assignment {
            name,
            value: Value::from(""),
            line,
        });
        let mut secrets: SecretSet = unreadable
            .chain(document.assignments)
            .map(|Assignment { name, value, line }| {
                let written = format!("{place}:{line}");
                let reference = found.get(&(name.as_str().to_owned(), line));
                let provenance = match reference {
                    Some(found) => found.provenance(&self.name, &written),
                    None => Provenance {
                        source: Arc::clone(&self.name),
                        place: written.into(),
                        version: None,
                        age: None,
                    },
                };
                Secret { name, value, provenance }
            })
            .collect();
        // Values below may contain them, whether they are variables themselves or not.
        for ((name, _), found) in found {
            secrets.add_ingredient(Name::new(name), found.value);
        }
        for oddity in document.oddities {
            secrets.add_note(format!("{place}:{oddity}"));
        }
        Ok(secrets)
    }
}

impl Source for DotenvSource {
    fn name(&self) -> &str {
        &self.name
    }

    /// Reads the file where no variables are known: a reference to any is empty.
    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async {
            let variable = |_: &str| Some(Value::plain(Vec::new()));
            let fetched = SecretSet::default();
            let environment =
                FetchEnvironment { variable: &variable, admits: &|_| true, fetched: &fetched };
            self.read(&environment).map_err(provider::Error::from)
        })
    }

    fn refers_to_variables(&self) -> bool {
        true
    }

    fn has_references(&self) -> bool {
        self.references.as_ref().is_some_and(|references| !references.bound.is_empty())
    }

    fn fetch_in<'a>(&'a self, environment: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        Box::pin(async { self.read(environment).map_err(provider::Error::from) })
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
    #[error("`{}` is a directory, not a dotenv file", shown_path(file))]
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
    #[error("`{}` is larger than 16 MiB", shown_path(file))]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// It was not there when its references were looked for.
    #[error("`{}` was written while hushed started", shown_path(file))]
    Appeared {
        /// The file.
        file: PathBuf,
    },
    /// References in it have no value.
    #[error(transparent)]
    References(env_table::Error),
    /// It is not in the dialect that hushed reads.
    #[error("{}", Located(place, errors))]
    Syntax {
        /// The file, as messages name it.
        place: String,
        /// Where in it, and why.
        errors: ParseErrors,
    },
}

/// Errors with the file before each.
struct Located<'a>(&'a str, &'a ParseErrors);

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.list(f, &format!("{}:", self.0))
    }
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some(
                "check the path and the working directory; `optional = true` or `--env-file '?FILE'` allows \
                 it to be missing"
                    .into(),
            ),
            Self::Directory { .. } => Some("name the file inside it".into()),
            Self::Unreadable { .. } => Some(
                "give this user read access to the file and to the directories above it".into(),
            ),
            Self::TooLarge { .. } => Some("check that it is a dotenv file".into()),
            Self::Appeared { .. } => Some("run the command again".into()),
            Self::References(error) => error.hint(),
            Self::Syntax { errors, .. } => Some(errors.hint()),
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Missing { .. } => Class::NotFound,
            Self::References(error) => error.class(),
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
        let file = DotenvFile {
            path: Some(file.to_owned()),
            is_optional: false,
            dialect: Dialect::Strict,
            expand: true,
            overrides: false,
        };
        let source = DotenvSource::new("dev".into(), file);
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
        let want = "1:3: the value of `A`: unterminated double quote";
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
