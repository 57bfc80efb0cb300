use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

const CONTENT: &str = "hushed-key-1:Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2E=\n";

fn parse(content: &str) -> Result<Key, Error> {
    Key::parse(content.as_bytes(), Path::new("team.key"))
}

fn bytes(key: &Key) -> &[u8] {
    match &key.0 {
        KeyMaterial::Random(bytes) => bytes.expose(),
        _ => panic!("no random key"),
    }
}

#[test]
fn a_key_survives_what_editors_and_credential_stores_do_to_the_line_end() {
    let line = CONTENT.trim_end();
    for content in [CONTENT.to_owned(), line.to_owned(), format!("{line}\r\n")] {
        assert_eq!(bytes(&parse(&content).unwrap()), b"canarycanarycanarycanarycanaryca");
    }
}

#[test]
fn each_way_of_not_being_a_key_has_its_own_error() {
    let text = CONTENT.trim_end();
    for (content, want) in [
        (
            String::new(),
            "`team.key` is not a key file: it does not begin with `hushed-key-1:`, and is not an age identity file",
        ),
        (
            text.replace('1', "2"),
            "`team.key` is not a key file: it does not begin with `hushed-key-1:`, and is not an age identity file",
        ),
        (text.replace("Y2E=", ""), "the key in `team.key` is not 32 bytes long"),
        (format!("{text}\n\n"), "the key in `team.key` is not 32 bytes long"),
        (text.replace("Y2E=", "Y2Fu"), "the key in `team.key` is not 32 bytes long"),
        (text.replace("Y2E=", "Y2*="), "the key in `team.key` is not base64"),
        (text.replace("Y2E=", "Y2F="), "the key in `team.key` is not base64"),
    ] {
        assert_eq!(parse(&content).unwrap_err().to_string(), want);
    }
}

#[test]
fn a_new_key_file_is_private_and_holds_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    let created = create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let loaded = KeySource::File(path.clone()).load().unwrap();
    assert_eq!(bytes(&loaded), bytes(&created));
    assert_ne!(bytes(&loaded), [0; KEY_LENGTH]);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_file_that_is_there_is_never_made_a_key_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    create(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let error = create(&path).unwrap_err();
    assert!(matches!(error, Error::File(private_file::Error::Exists { .. })), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let link = directory.path().join("link");
    symlink(directory.path().join("elsewhere"), &link).unwrap();
    let error = create(&link).unwrap_err();
    assert!(matches!(error, Error::File(private_file::Error::Symlink { .. })), "{error}");
}

#[test]
fn a_key_that_others_can_read_is_refused_unless_somebody_else_put_it_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    create(&path).unwrap();
    for (mode, private) in
        [(0o600, true), (0o400, true), (0o440, true), (0o604, false), (0o620, false)]
    {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        match KeySource::File(path.clone()).load() {
            Ok(_) => assert!(private, "{mode:o}"),
            Err(Error::Exposed { mode: found, .. }) => assert!(!private && found == mode),
            Err(error) => panic!("{error}"),
        }
        assert!(KeySource::Credential(path.clone()).load().is_ok(), "{mode:o}");
    }
}

#[test]
fn a_missing_key_file_is_told_by_its_path() {
    let error = KeySource::File("/nowhere/key".into()).load().unwrap_err();
    assert_eq!(error.to_string(), "the key file `/nowhere/key` does not exist");
}

#[test]
fn an_empty_passphrase_is_none() {
    let error = Key::from_passphrase(Value::from(""), Argon2Cost::RECOMMENDED).unwrap_err();
    assert!(matches!(error, Error::EmptyPassphrase));
}

#[test]
fn debug_shows_no_key() {
    let source =
        KeySource::Passphrase { passphrase: Value::from("canary"), cost: Argon2Cost::RECOMMENDED };
    for shown in [format!("{:?}", parse(CONTENT).unwrap()), format!("{source:?}")] {
        assert!(shown.contains("(..)") && !shown.contains("canary"), "{shown}");
    }
}
