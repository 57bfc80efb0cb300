//! Reads a small secret file whole into memory that is wiped. It does not look at what it reads.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Error, MAX_SIZE, UrlValue};
use crate::config::{ConfigScope, FileLocation, Origin};

/// How messages name a file.
pub(super) fn place(path: Option<&Path>) -> String {
    path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
}

/// The place of a value in a file, for errors about its reference.
pub(super) fn origin(path: Option<&Path>, value: &UrlValue<'_>) -> Origin {
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Origin::File(FileLocation {
        file: path.unwrap_or_else(|| Path::new("standard input")).into(),
        scope: ConfigScope::Project,
        line: number(value.line),
        column: number(value.column),
    })
}

/// Reads a file or a pipe, since `--env-file <(command)` is one; or standard input.
pub(super) fn read(path: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = || path.map_or_else(|| PathBuf::from("standard input"), Path::to_owned);
    let refused = |source: io::Error| match source.kind() {
        ErrorKind::NotFound => Error::Missing { file: file() },
        ErrorKind::IsADirectory => Error::Directory { file: file() },
        _ => Error::Unreadable { file: file(), source },
    };
    let mut input = match path {
        Some(path) => File::open(path),
        // The library's own reader would keep a copy in its buffer.
        None => io::stdin().as_fd().try_clone_to_owned().map(File::from),
    }
    .map_err(refused)?;
    let length = usize::try_from(input.metadata().map_err(refused)?.len()).unwrap_or(usize::MAX);
    // One byte more than the file has, so that its end is seen without growing.
    let mut bytes = Zeroizing::new(vec![0; length.clamp(4095, MAX_SIZE) + 1]);
    let mut filled = 0;
    loop {
        if filled > MAX_SIZE {
            return Err(Error::TooLarge { file: file() });
        }
        if filled == bytes.len() {
            // A vector that grows by itself leaves its old bytes behind.
            let mut larger = Zeroizing::new(vec![0; (filled * 2).min(MAX_SIZE + 1)]);
            larger[..filled].copy_from_slice(&bytes);
            bytes = larger;
        }
        match input.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(error)),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
