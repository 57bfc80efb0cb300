//! Reads files of any kind with a limit of size and time: a regular file, a pipe of process substitution
//! (`/dev/fd/63`), a FIFO. Whoever wrote a project's files must not make hushed wait or run out of memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::mem::take;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::{Error, FileContent, FileOperation, open_for_reading, read_open};
use crate::secret::Value;

/// How much is read at once, in bytes.
const CHUNK: usize = 8192;

/// When this process began to wait for data.
static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Reads a whole file of at most `limit` bytes. Data that is not there yet, in a pipe or a FIFO, is waited
/// for; all reads of this process together wait no longer than `patience` returns.
pub fn read_within(
    path: &Path,
    limit: u64,
    patience: impl FnOnce() -> Duration,
) -> Result<FileContent, Error> {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    let (file, metadata) = open_for_reading(path, OFlag::O_NONBLOCK)?;
    // A file without a size may have content all the same, in /proc for example.
    if metadata.is_file() && metadata.len() > 0 {
        return read_open(file, &metadata, path, limit);
    }
    if metadata.is_dir() {
        return Err(Error::NotRegular { path: path.into() });
    }
    let patience = patience();
    let bytes = read_stream(file, path, limit, *BEGAN.get_or_init(Instant::now), patience)?;
    let mode = metadata.permissions().mode() & 0o7777;
    Ok(FileContent { bytes, mode, gid: metadata.gid(), is_regular: metadata.is_file() })
}

fn read_stream(
    mut file: File,
    path: &Path,
    limit: u64,
    began: Instant,
    patience: Duration,
) -> Result<Value, Error> {
    let failed = |error: io::Error| FileOperation::Read.failed(path, error);
    let mut bytes = Zeroizing::new(Vec::with_capacity(CHUNK));
    let mut chunk = Zeroizing::new([0; CHUNK]);
    loop {
        let left = patience.saturating_sub(began.elapsed());
        // In whole milliseconds, rounded up: the last one must not be spent in a busy loop.
        let left =
            PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX);
        // A FIFO without a writer reads as empty, and only poll(2) waits for one.
        match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], left) {
            Ok(0) => return Err(Error::TimedOut { path: path.into(), waited: patience }),
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(failed(errno.into())),
        }
        match file.read(chunk.as_mut_slice()) {
            Ok(0) => return Ok(Value::plain(take(&mut *bytes))),
            Ok(count) => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(error)),
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > limit {
            return Err(Error::TooLarge { path: path.into(), size, limit });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    const LIMIT: u64 = 20_000;

    /// Reads in this test's own time, whatever other tests have waited.
    fn read(path: &Path, patience: Duration) -> Result<Value, Error> {
        let (file, _) = open_for_reading(path, OFlag::O_NONBLOCK)?;
        read_stream(file, path, LIMIT, Instant::now(), patience)
    }

    #[test]
    fn a_fifo_is_read_to_its_end_and_not_waited_for_longer_than_asked() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        let error = read(&path, Duration::from_millis(30)).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "no writer: {error}");

        let content = vec![b'x'; 10_000];
        let got = std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut writer = fs::OpenOptions::new().write(true).open(&path).unwrap();
                for part in content.chunks(3000) {
                    writer.write_all(part).unwrap();
                }
            });
            read(&path, Duration::from_secs(20)).unwrap()
        });
        assert_eq!(got.expose(), content);
    }

    #[test]
    fn an_endless_file_is_too_large_and_a_directory_is_no_file() {
        let error = read(Path::new("/dev/zero"), Duration::from_secs(20)).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        let patience = || Duration::from_secs(20);
        let error = read_within(Path::new("/dev/zero"), 10, patience).unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 10, .. }), "{error}");
        let error = read_within(Path::new("/"), LIMIT, patience).unwrap_err();
        assert!(matches!(error, Error::NotRegular { .. }), "{error}");
    }

    #[test]
    fn files_of_proc_have_content_though_no_size() {
        let patience = || Duration::from_secs(20);
        let content = read_within(Path::new("/proc/self/comm"), LIMIT, patience).unwrap();
        assert!(!content.bytes.is_empty() && content.is_regular);
    }
}
