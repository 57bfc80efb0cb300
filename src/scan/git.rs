//! What a git repository has: the files of a work tree, the index, and the objects of commits. The program git
//! reads them; it runs no program that the configuration of the repository names.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::Error;
use crate::sys::program::{HelperProgram, PipedProgram};

/// The mode of a commit of another repository, in a tree.
const SUBMODULE: &[u8] = b"160000";

/// git in a directory.
#[derive(Clone, Debug)]
pub struct Git {
    /// The file of the program.
    pub program: PathBuf,
    /// Its environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The directory.
    pub directory: PathBuf,
}

/// The content of a file in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The ID of the object.
    pub id: String,
    /// A path that has it.
    pub path: PathBuf,
}

/// Some commits.
#[derive(Clone, Debug)]
pub enum Revisions {
    /// A range, such as `main..HEAD`.
    Range(OsString),
    /// All commits that HEAD, a branch or a tag leads to.
    All,
}

impl Revisions {
    fn arguments(&self) -> Vec<OsString> {
        match self {
            // What follows is no option, whatever it looks like.
            Self::Range(range) => vec!["--end-of-options".into(), range.clone()],
            Self::All => vec!["--all".into()],
        }
    }
}

impl Git {
    /// The files of the work tree, by their paths from the directory: tracked ones, and untracked ones that are not
    /// ignored.
    pub fn work_tree_files(&self) -> Result<Vec<PathBuf>, Error> {
        let listed =
            ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
        let output = self.output(listed.map(OsString::from))?;
        Ok(parts(&output).map(path).collect())
    }

    /// The files that the index adds to the last commit, or changes.
    pub fn staged(&self) -> Result<Vec<Blob>, Error> {
        // Outside a repository, `git diff` compares files instead.
        self.output(["rev-parse", "--git-dir"].map(OsString::from))?;
        let arguments = [
            "diff",
            "--cached",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--diff-filter=AMT",
        ];
        let output = self.output(arguments.map(OsString::from))?;
        let mut parts = parts(&output);
        let mut blobs = Vec::new();
        while let (Some(change), Some(name)) = (parts.next(), parts.next()) {
            // `:100644 100644 OLD NEW M`
            let mut fields = change.split(|&byte| byte == b' ');
            let (mode, id) = (fields.nth(1), fields.nth(1));
            let (Some(mode), Some(id)) = (mode, id) else { return Err(Error::GitAnswer) };
            if mode != SUBMODULE {
                blobs.push(Blob { id: text(id)?, path: path(name) });
            }
        }
        Ok(blobs)
    }

    /// The files of commits, each content once.
    pub fn blobs(&self, revisions: &Revisions) -> Result<Vec<Blob>, Error> {
        let arguments =
            ["rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects"];
        let arguments = arguments.map(OsString::from).into_iter();
        let output = self.output(arguments.chain(revisions.arguments()))?;
        let lines = output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let blob = |line: &[u8]| {
            let split = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
            let (id, name) = line.split_at(split);
            Ok(Blob { id: text(id)?, path: path(name.get(1..).unwrap_or_default()) })
        };
        lines.map(blob).collect()
    }

    /// The IDs and the messages of commits.
    pub fn messages(&self, revisions: &Revisions) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let arguments = ["log", "-z", "--format=%H%n%B"].map(OsString::from).into_iter();
        let output = self.output(arguments.chain(revisions.arguments()))?;
        let message = |part: &[u8]| {
            let split = part.iter().position(|&byte| byte == b'\n').ok_or(Error::GitAnswer)?;
            let (id, message) = part.split_at(split);
            Ok((text(id)?, message.get(1..).unwrap_or_default().to_vec()))
        };
        parts(&output).map(message).collect()
    }

    /// The first of the commits that has a content, if one of them added it.
    pub fn commit_of(&self, blob: &Blob, revisions: &Revisions) -> Result<Option<String>, Error> {
        let find = format!("--find-object={}", blob.id);
        let arguments = ["log", "-m", "--no-renames", "--no-patch", "--format=%H", &find];
        let arguments = arguments.map(OsString::from).into_iter();
        let output = self.output(arguments.chain(revisions.arguments()))?;
        let last = output.split(|&byte| byte == b'\n').rfind(|line| !line.is_empty());
        last.map(text).transpose()
    }

    /// The directory of the hooks.
    pub fn hooks(&self) -> Result<PathBuf, Error> {
        let output = self.output(["rev-parse", "--git-path", "hooks"].map(OsString::from))?;
        Ok(self.directory.join(path(output.strip_suffix(b"\n").unwrap_or(&output))))
    }

    /// A reader of contents.
    pub fn reader(&self) -> Result<BlobReader, Error> {
        let program = self.program(["cat-file", "--batch"].map(OsString::from));
        program.start_piped().map(BlobReader).map_err(Error::Git)
    }

    fn output(&self, arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<u8>, Error> {
        let program = self.program(arguments).start_piped().map_err(Error::Git)?;
        let (output, status) = program.finish().map_err(Error::Git)?;
        if status.success() { Ok(output) } else { Err(Error::GitFailed) }
    }

    fn program(&self, arguments: impl IntoIterator<Item = OsString>) -> HelperProgram {
        // The configuration of a repository can name programs that watch its files, or check signatures; and
        // servers, with programs to reach them, that have what a partial clone lacks.
        let options = [
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "log.showSignature=false",
            "-c",
            "protocol.allow=never",
            "-C",
        ];
        let mut all: Vec<_> = options.map(OsString::from).into();
        all.push(self.directory.clone().into());
        all.extend(arguments);
        let mut environment = self.environment.clone();
        // In a partial clone, git would ask a server for what is missing.
        environment.push(("GIT_NO_LAZY_FETCH".into(), "1".into()));
        let file = self.program.clone();
        HelperProgram { file, arguments: all, environment, is_interactive: false }
    }
}

/// Reads contents, one after the other.
#[derive(Debug)]
pub struct BlobReader(PipedProgram);

impl BlobReader {
    /// Reads one content with `read`, which may leave some of it unread.
    pub fn read<T>(
        &mut self,
        id: &str,
        read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> Result<T, Error> {
        self.0.write(format!("{id}\n").as_bytes()).map_err(Error::Git)?;
        let mut header = String::new();
        self.0.output.read_line(&mut header).map_err(Error::Git)?;
        // `ID blob SIZE`, or `ID missing`
        let size = match header.split_whitespace().collect::<Vec<_>>()[..] {
            [_, _, size] => size.parse::<u64>().map_err(|_| Error::GitAnswer)?,
            [_, "missing"] => return Err(Error::MissingObject(id.to_owned())),
            _ => return Err(Error::GitAnswer),
        };
        let mut content = (&mut self.0.output).take(size);
        let outcome = read(&mut content).map_err(Error::Git)?;
        io::copy(&mut content, &mut io::sink()).map_err(Error::Git)?;
        let mut end = [0];
        self.0.output.read_exact(&mut end).map_err(Error::Git)?;
        Ok(outcome)
    }
}

/// The parts of a list that NUL bytes end.
fn parts(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|&byte| byte == 0).filter(|part| !part.is_empty())
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

fn text(bytes: &[u8]) -> Result<String, Error> {
    OsStr::from_bytes(bytes).to_str().map(str::to_owned).ok_or(Error::GitAnswer)
}

/// Whether a directory, given by its absolute path, is in a work tree of git.
pub fn is_in_work_tree(directory: &Path) -> bool {
    directory.ancestors().any(|directory| directory.join(".git").symlink_metadata().is_ok())
}
