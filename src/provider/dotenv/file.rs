//! Reads a small secret file whole into memory that is wiped. It does not look at what it reads.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::{Error, MAX_SIZE};

/// Reads a file, or a pipe, since `--env-file <(command)` is one.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let refused = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => Error::Missing { file: path.to_owned() },
        ErrorKind::IsADirectory => Error::Directory { file: path.to_owned() },
        _ => Error::Unreadable { file: path.to_owned(), source },
    };
    let mut file = File::open(path).map_err(refused)?;
    let length = usize::try_from(file.metadata().map_err(refused)?.len()).unwrap_or(usize::MAX);
    // One byte more than the file has, so that its end is seen without growing.
    let mut bytes = Zeroizing::new(vec![0; length.clamp(4095, MAX_SIZE) + 1]);
    let mut filled = 0;
    loop {
        if filled > MAX_SIZE {
            return Err(Error::TooLarge { file: path.to_owned() });
        }
        if filled == bytes.len() {
            // A vector that grows by itself leaves its old bytes behind.
            let mut larger = Zeroizing::new(vec![0; (filled * 2).min(MAX_SIZE + 1)]);
            larger[..filled].copy_from_slice(&bytes);
            bytes = larger;
        }
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(error)),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
