use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::PathBuf;

use nix::unistd::{geteuid, mkfifo};

use super::*;

struct Place {
    directory: tempfile::TempDir,
    file: PathBuf,
    hidden: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        let hidden = directory.path().join(".file.hushed-new");
        Self { directory, file, hidden }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn lock(&self) -> Result<Lock, Error> {
        Lock::acquire(&self.file, Duration::ZERO)
    }
}

/// A file with any content, made as another program makes it.
fn put(path: &Path, content: &str) {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .unwrap();
}

#[test]
fn writes_are_private_and_leave_nothing_else() {
    let place = Place::new();
    put(&place.file, "old");
    fs::set_permissions(&place.file, Permissions::from_mode(0o644)).unwrap();
    for content in ["canary", "", "a longer canary"] {
        write_atomically(&place.file, content.as_bytes()).unwrap();
        let read = read(&place.file, 100).unwrap();
        assert_eq!((read.bytes.expose(), read.mode), (content.as_bytes(), 0o600));
        assert!(!format!("{read:?}").contains("canary"));
        assert_eq!(place.names(), ["file"]);
    }
}

#[test]
fn a_reader_that_has_the_old_file_open_keeps_it_whole() {
    let place = Place::new();
    write_atomically(&place.file, b"old canary").unwrap();
    let mut reader = File::open(&place.file).unwrap();
    write_atomically(&place.file, b"new").unwrap();
    let mut seen = String::new();
    reader.read_to_string(&mut seen).unwrap();
    assert_eq!(seen, "old canary");
}

#[test]
fn only_one_holds_the_lock_and_the_other_is_told() {
    let place = Place::new();
    let lock = place.lock().unwrap();
    let error = place.lock().unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    lock.replace(b"canary").unwrap();
    assert!(place.lock().is_ok());
}

#[test]
fn who_waits_gets_the_lock_when_it_is_free() {
    let place = Place::new();
    let lock = place.lock().unwrap();
    let file = place.file.clone();
    let waiter = std::thread::spawn(move || {
        let lock = Lock::acquire(&file, LOCK_TIMEOUT)?;
        let seen = lock.read(100)?.map(|content| content.bytes);
        lock.replace(b"second").map(|()| seen)
    });
    lock.replace(b"first").unwrap();
    assert_eq!(waiter.join().unwrap().unwrap(), Some(Value::from("first")));
    assert_eq!(read(&place.file, 100).unwrap().bytes.expose(), b"second");
}

#[test]
fn a_lock_that_is_dropped_leaves_the_file_as_it_was() {
    let place = Place::new();
    drop(place.lock().unwrap());
    assert!(place.names().is_empty());
    write_atomically(&place.file, b"canary").unwrap();
    drop(place.lock().unwrap());
    assert_eq!(place.names(), ["file"]);
}

#[test]
fn what_a_killed_writer_left_is_removed_and_never_written_to() {
    let place = Place::new();
    put(&place.hidden, "half a can");
    let elsewhere = place.directory.path().join("elsewhere");
    fs::hard_link(&place.hidden, &elsewhere).unwrap();
    write_atomically(&place.file, b"canary").unwrap();
    assert_eq!(read(&place.file, 100).unwrap().bytes.expose(), b"canary");
    assert_eq!(fs::read(elsewhere).unwrap(), b"half a can");
    assert!(!place.hidden.exists());
}

#[test]
fn links_and_all_but_regular_files_are_refused() {
    let place = Place::new();
    let target = place.directory.path().join("target");
    put(&target, "canary");

    symlink(&target, &place.file).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::Symlink { .. }), "{error}");
    fs::remove_file(&place.file).unwrap();

    symlink("/nowhere", &place.file).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::Symlink { .. }), "{error}");
    fs::remove_file(&place.file).unwrap();

    fs::create_dir(&place.file).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::NotRegular { .. }), "{error}");
    fs::remove_dir(&place.file).unwrap();

    mkfifo(&place.file, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::NotRegular { .. }), "{error}");
    let error = read(&place.file, 100).unwrap_err();
    assert!(matches!(error, Error::NotRegular { .. }), "{error}");

    assert_eq!(fs::read(&target).unwrap(), b"canary");
    assert_eq!(place.names(), ["file", "target"]);
}

#[test]
fn whatever_is_in_the_hidden_place_is_not_followed() {
    let place = Place::new();
    let target = place.directory.path().join("target");
    put(&target, "canary");

    symlink(&target, &place.hidden).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::InTheWay { .. }), "{error}");
    fs::remove_file(&place.hidden).unwrap();

    fs::create_dir(&place.hidden).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::InTheWay { .. }), "{error}");
    fs::remove_dir(&place.hidden).unwrap();

    mkfifo(&place.hidden, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let error = write_atomically(&place.file, b"x").unwrap_err();
    assert!(matches!(error, Error::InTheWay { .. }), "{error}");

    assert_eq!(fs::read(&target).unwrap(), b"canary");
}

#[test]
fn creating_never_replaces() {
    let place = Place::new();
    let lock = place.lock().unwrap();
    put(&place.file, "somebody was faster");
    let error = lock.create(b"canary").unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    assert_eq!(fs::read(&place.file).unwrap(), b"somebody was faster");
    assert_eq!(place.names(), ["file"]);
}

#[test]
fn a_created_file_has_one_name_only() {
    let place = Place::new();
    place.lock().unwrap().create(b"canary").unwrap();
    assert_eq!(fs::metadata(&place.file).unwrap().nlink(), 1);
    assert_eq!(place.names(), ["file"]);
}

#[test]
fn reading_is_bounded_and_follows_links() {
    let place = Place::new();
    write_atomically(&place.file, b"canary").unwrap();
    let link = place.directory.path().join("link");
    symlink("file", &link).unwrap();
    assert_eq!(read(&link, 6).unwrap().bytes.expose(), b"canary");
    let error = read(&link, 5).unwrap_err();
    assert!(matches!(error, Error::TooLarge { size: 6, limit: 5, .. }), "{error}");
    let error = read(&place.directory.path().join("missing"), 5).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

#[test]
fn errors_name_the_step_and_the_path() {
    for (path, want) in [
        ("/nowhere/file", "cannot open the directory of `/nowhere/file`"),
        ("/dev/null/file", "cannot open the directory of `/dev/null/file`"),
        ("/proc/file", "cannot make a new file beside `/proc/file`"),
        ("/", "`/` is not a regular file"),
        ("..", "`..` is not a regular file"),
    ] {
        assert_eq!(write_atomically(Path::new(path), b"canary").unwrap_err().to_string(), want);
    }
}

#[test]
fn a_directory_that_may_not_be_written_is_told_with_what_to_do() {
    let place = Place::new();
    fs::set_permissions(place.directory.path(), Permissions::from_mode(0o500)).unwrap();
    let written = write_atomically(&place.file, b"canary");
    if geteuid().is_root() {
        // Root may write anywhere: what can be seen is that it did.
        assert!(written.is_ok());
    } else {
        let hint = written.unwrap_err().hint().unwrap();
        assert!(hint.starts_with("check the owner and the mode of"), "{hint}");
    }
}

#[test]
fn missing_directories_are_made_for_the_user_alone() {
    let place = Place::new();
    let deep = place.directory.path().join("a/b/c");
    create_directory(&deep).unwrap();
    create_directory(&deep).unwrap();
    for made in ["a", "a/b", "a/b/c"] {
        let mode = fs::metadata(place.directory.path().join(made)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700, "{made}");
    }
    put(&place.file, "canary");
    let error = create_directory(&place.file.join("below")).unwrap_err();
    let want = format!("cannot make the directory `{}`", place.file.display());
    assert_eq!(error.to_string(), want);
}
