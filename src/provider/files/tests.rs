//! Directories as systemd, Docker and Kubernetes make them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;
use crate::provider::ProviderError as _;
use crate::seal::private_file::write_atomically;

fn source(directory: &Path) -> FileDirectory {
    FileDirectory {
        name: "test".into(),
        directory: Some(directory.to_owned()),
        variables: Vec::new(),
        keep_newline: false,
        allow_empty: false,
    }
}

fn read(source: &FileDirectory) -> Vec<(String, Vec<u8>)> {
    let secrets = source.read().unwrap();
    let pair = |secret: Secret| (secret.name.to_string(), secret.value.expose().to_vec());
    secrets.into_iter().map(pair).collect()
}

fn pairs(pairs: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect()
}

#[test]
fn each_file_is_a_secret() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        write_atomically(&directory.path().join(name), content).unwrap();
    };
    write("db-password", b"canary\n");
    write("two-lines", b"a\n\n");
    write("binary", &[0, 255, 10]);
    write("empty", b"");
    write(".hidden", b"canary");
    fs::create_dir(directory.path().join("below")).unwrap();
    let source = source(directory.path());
    let want: [(&str, &[u8]); 4] =
        [("binary", &[0, 255]), ("db-password", b"canary"), ("empty", b""), ("two-lines", b"a\n")];
    assert_eq!(read(&source), pairs(&want));
    let notes = source.read().unwrap().take_notes();
    let want = "not read: `.hidden` (hidden), `below` (a directory)";
    assert!(notes.len() == 1 && notes[0].ends_with(want), "{notes:?}");
    let kept = FileDirectory { keep_newline: true, ..source };
    assert_eq!(read(&kept)[1], ("db-password".to_owned(), b"canary\n".to_vec()));
}

#[test]
fn a_volume_of_kubernetes_is_read_in_one_generation() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (generation, value) in [("..2026_01", "old"), ("..2026_02", "new")] {
        fs::create_dir(path.join(generation)).unwrap();
        for name in ["user", "password"] {
            write_atomically(&path.join(generation).join(name), value.as_bytes()).unwrap();
        }
    }
    symlink("..2026_01", path.join("..data")).unwrap();
    for name in ["user", "password"] {
        symlink(format!("..data/{name}"), path.join(name)).unwrap();
    }
    let source = source(path);
    assert_eq!(read(&source), pairs(&[("password", b"old"), ("user", b"old")]));
    fs::remove_file(path.join("..data")).unwrap();
    symlink("..2026_02", path.join("..data")).unwrap();
    fs::remove_dir_all(path.join("..2026_01")).unwrap();
    assert_eq!(read(&source), pairs(&[("password", b"new"), ("user", b"new")]));
    let place = source.read().unwrap().iter().next().unwrap().provenance.place.to_string();
    assert_eq!(place, path.join("password").display().to_string());
}

#[test]
fn a_pipe_holds_nothing_up_and_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let error = source(directory.path()).read().unwrap_err();
    assert!(matches!(error.reason, Reason::File(_)), "{error:?}");
    assert!(error.hint().is_some());
}

#[test]
fn what_is_not_there_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let error = source(directory.path()).read().unwrap_err();
    assert!(matches!(error.reason, Reason::Empty { .. }));
    let empty = FileDirectory { allow_empty: true, ..source(directory.path()) };
    assert_eq!(read(&empty), []);
    let missing = source(&directory.path().join("none"));
    assert!(matches!(missing.read().unwrap_err().reason, Reason::Missing));
    let file = directory.path().join("file");
    write_atomically(&file, b"canary").unwrap();
    assert!(matches!(source(&file).read().unwrap_err().reason, Reason::NotADirectory));
    let dangling = directory.path().join("dangling");
    symlink("nowhere", dangling).unwrap();
    let error = source(directory.path()).read().unwrap_err();
    assert!(matches!(error.reason, Reason::File(_)), "{error:?}");
}

#[test]
fn more_than_secrets_can_be_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    write_atomically(&directory.path().join("large"), &vec![b'x'; (1 << 20) + 1]).unwrap();
    let error = source(directory.path()).read().unwrap_err();
    assert!(matches!(error.reason, Reason::File(_)), "{error:?}");
}
