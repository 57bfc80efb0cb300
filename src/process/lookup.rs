//! Finding a program in PATH, as a shell does.

use std::cell::OnceCell;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::Error;

/// Where `execvp(3)` searches if PATH is not set.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// A program's name and the files that it may refer to.
#[derive(Debug)]
pub struct Program {
    name: OsString,
    searched: Option<OsString>,
    candidates: Vec<PathBuf>,
    /// The index of the first candidate that exists, once looked up.
    found: OnceCell<Option<usize>>,
}

impl Program {
    /// Lists the candidates for `name`: itself if it contains a slash, else one in each directory of `path`, where
    /// an empty element means the working directory (POSIX, "Environment Variables").
    pub fn find(name: &OsStr, path: Option<&OsStr>) -> Self {
        if name.as_bytes().contains(&b'/') {
            let candidates = vec![PathBuf::from(name)];
            let found = OnceCell::new();
            return Self { name: name.into(), searched: None, candidates, found };
        }
        let searched = path.unwrap_or(OsStr::new(DEFAULT_PATH)).to_owned();
        let candidates = if name.is_empty() {
            Vec::new()
        } else {
            let directory = |part| {
                let part: &[u8] = part;
                Path::new(if part.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(part) })
            };
            let parts = searched.as_bytes().split(|&byte| byte == b':');
            parts.map(|part| directory(part).join(name)).collect()
        };
        let found = OnceCell::new();
        Self { name: name.into(), searched: Some(searched), candidates, found }
    }

    /// The files to execute, in order, without those that [`Program::file`] has found missing.
    pub fn candidates(&self) -> &[PathBuf] {
        let first = self.found.get().copied().flatten().unwrap_or(0);
        self.candidates.get(first..).unwrap_or_default()
    }

    /// The first candidate that exists, which will most likely be executed.
    pub fn file(&self) -> &Path {
        let found =
            self.found.get_or_init(|| self.candidates.iter().position(|file| file.is_file()));
        found
            .and_then(|index| self.candidates.get(index))
            .map_or(Path::new(&self.name), PathBuf::as_path)
    }

    /// Whether it is searched for in PATH, not given as a path.
    pub fn is_searched(&self) -> bool {
        self.searched.is_some()
    }

    /// The error if no candidate exists.
    pub fn not_found(&self) -> Error {
        if let Some(path) = &self.searched {
            return Error::NotInPath {
                program: self.name.to_string_lossy().into_owned(),
                path: path.to_string_lossy().into_owned(),
            };
        }
        let path = PathBuf::from(&self.name);
        match path.read_link() {
            Ok(target) => Error::Dangling { path, target },
            Err(_) => Error::NotFound { path },
        }
    }
}

/// Converts an argument vector to C strings.
pub(super) fn argv(command: &[OsString]) -> Result<Vec<CString>, Error> {
    let convert = |(index, argument): (usize, &OsString)| {
        CString::new(argument.clone().into_vec()).map_err(|_nul| Error::Nul { index })
    };
    command.iter().enumerate().map(convert).collect()
}
