//! The files of a directory. Symbolic links are not followed, so that nothing outside is read.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;

use super::Error;

/// A directory whose files are opened without leaving it.
#[derive(Debug)]
pub struct Tree(OwnedFd);

impl Tree {
    /// Opens the directory.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_PATH | OFlag::O_CLOEXEC;
        let opened = open(root, flags, Mode::empty());
        opened.map(Self).map_err(|error| Error::Directory(root.to_owned(), error.into()))
    }

    /// Opens a regular file by its path from the root; `None` for anything else, such as a symbolic link, a
    /// directory or a file that is gone.
    pub fn file(&self, path: &Path) -> io::Result<Option<File>> {
        // Opening a FIFO must not wait for a writer.
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let how = OpenHow::new().flags(flags).resolve(resolve);
        match openat2(&self.0, path, how) {
            Ok(file) => {
                let file = File::from(file);
                let is_regular = file.metadata()?.is_file();
                Ok(is_regular.then_some(file))
            }
            // A link, a file that is gone, one that is no directory any more, a socket.
            Err(
                nix::Error::ELOOP | nix::Error::ENOENT | nix::Error::ENOTDIR | nix::Error::ENXIO,
            ) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is below a directory, by the paths from there, in order.
#[derive(Debug, Default)]
pub struct Listing {
    /// The regular files.
    pub files: Vec<PathBuf>,
    /// The directories that cannot be read.
    pub unreadable: Vec<(PathBuf, io::Error)>,
}

/// Lists the files below a directory. Directories named `.git` are left out.
pub fn files_below(root: &Path) -> Listing {
    let mut listing = Listing::default();
    let mut waiting = vec![PathBuf::new()];
    while let Some(directory) = waiting.pop() {
        if let Err(error) = list(root, &directory, &mut listing.files, &mut waiting) {
            listing.unreadable.push((directory, error));
        }
    }
    listing.files.sort();
    listing
}

fn list(
    root: &Path,
    directory: &Path,
    files: &mut Vec<PathBuf>,
    directories: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(root.join(directory))? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, directory.join(entry.file_name()));
        if kind.is_dir() && entry.file_name() != OsStr::new(".git") {
            directories.push(name);
        } else if kind.is_file() {
            files.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::symlink;

    use nix::unistd::mkfifo;

    use super::*;

    #[test]
    fn links_fifos_and_paths_that_lead_out_are_not_opened() {
        let outside = tempfile::tempdir().unwrap();
        let mut file = File::create_new(outside.path().join("secret")).unwrap();
        file.write_all(b"outside").unwrap();
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path();
        fs::create_dir_all(root.join("a/.git")).unwrap();
        for file in ["a/one", "a/.git/config", "two"] {
            fs::copy(outside.path().join("secret"), root.join(file)).unwrap();
        }
        symlink(outside.path(), root.join("linked-directory")).unwrap();
        symlink(outside.path().join("secret"), root.join("linked-file")).unwrap();
        mkfifo(&root.join("fifo"), Mode::S_IRWXU).unwrap();
        assert_eq!(files_below(root).files, ["a/one", "two"].map(PathBuf::from));

        assert_eq!(files_below(&root.join("none")).unreadable.len(), 1);

        let tree = Tree::open(root).unwrap();
        let mut text = String::new();
        tree.file("a/one".as_ref()).unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "outside");
        for path in ["linked-directory/secret", "linked-file", "fifo", "a", "none", "two/x"] {
            assert!(tree.file(path.as_ref()).unwrap().is_none(), "{path}");
        }
        let name = outside.path().file_name().unwrap();
        let out = Path::new("..").join(name).join("secret");
        assert!(tree.file(&out).is_err());
    }
}
