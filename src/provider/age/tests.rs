//! Files that age wrote, sound and damaged, with what age said of them.

use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use serde_json::Value as Json;

use super::*;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sops")
}

fn rows() -> Vec<Json> {
    let text = std::fs::read_to_string(data().join("age/truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Decrypts the file of a row with its key and its passphrase.
fn decrypt_row(row: &Json) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = |key| row.get(key).and_then(Json::as_str);
    let file = std::fs::read(data().join(text("file").unwrap())).unwrap();
    let mut identities = Vec::new();
    if let Some(key) = text("identity") {
        let places = KeyPlaces::in_variable("-i", &data().join(key), text("passphrase"));
        identities = places.load(&[]).now_or_never().unwrap().identities;
    } else if let Some(passphrase) = text("passphrase") {
        identities.push(Identity::from_passphrase(Value::from(passphrase)));
    }
    decrypt(&file, &identities).map_err(|error| error.to_string())
}

/// What age opens and hushed does not: keys of RSA, and SSH keys with a passphrase.
const NOT_OPENED: [&str; 2] = ["age/ssh_rsa.env.age", "age/ssh_ed25519_pass.env.age"];

#[test]
fn files_open_as_age_opens_them() {
    let rows = rows();
    assert!(rows.len() > 45, "{}", rows.len());
    for row in rows {
        let file = row["file"].as_str().unwrap();
        let opened = decrypt_row(&row);
        if NOT_OPENED.contains(&file) || row["exit"] != 0 {
            assert!(opened.is_err(), "{file} is opened");
            continue;
        }
        let plain = opened.unwrap_or_else(|error| panic!("{file}: {error}"));
        if let Some(want) = row["decrypted"].as_str() {
            assert_eq!(String::from_utf8_lossy(&plain), want, "{file}");
        } else {
            assert_eq!(
                Some(plain.len()),
                row["decrypted_len"].as_u64().map(|n| n.try_into().unwrap())
            );
            let digest = ring::digest::digest(&ring::digest::SHA256, &plain);
            let hex = digest
                .as_ref()
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            assert_eq!(row["decrypted_sha256"], hex, "{file}");
        }
    }
}

#[test]
fn every_changed_byte_of_a_file_is_noticed() {
    let file = std::fs::read(data().join("age/x25519.env.age")).unwrap();
    let key = std::fs::read(data().join("keys/alice.txt")).unwrap();
    let identities = parse_identities(&key, false).unwrap();
    assert!(decrypt(&file, &identities).is_ok());
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(decrypt(&changed, &identities).is_err(), "byte {at}");
        assert!(decrypt(&file[..at], &identities).is_err(), "cut at {at}");
    }
}

#[test]
fn an_identity_has_one_spelling() {
    let key = |name: &str| std::fs::read(data().join("keys").join(name)).unwrap();
    for (name, want) in [
        ("alice.txt", Ok(1)),
        ("alice_crlf.txt", Ok(1)),
        ("alice_bob.txt", Ok(2)),
        ("alice_indented.txt", Err(KeyError::Line(3))),
        ("alice_trailing_space.txt", Err(KeyError::Line(3))),
        ("alice_lowercase.txt", Err(KeyError::Line(3))),
        ("ssh_ed25519", Err(KeyError::Ssh)),
    ] {
        let parsed = parse_identities(&key(name), false).map(|identities| identities.len());
        match (&parsed, &want) {
            (Err(KeyError::Line(_)), Err(KeyError::Line(_))) => {}
            _ => assert_eq!(parsed, want, "{name}"),
        }
    }
    let both = String::from_utf8(key("alice_bob.txt")).unwrap();
    let words = both.lines().filter(|line| line.starts_with("AGE")).collect::<Vec<_>>().join(" ");
    assert_eq!(parse_identities(words.as_bytes(), true).map(|found| found.len()), Ok(2));
    assert!(parse_identities(words.as_bytes(), false).is_err());
    assert_eq!(
        parse_identities(b"AGE-PLUGIN-YUBIKEY-1QQ", false).map(|_| ()),
        Err(KeyError::Plugin(1))
    );
    for (name, want) in [
        ("ssh_ed25519", Ok(())),
        ("ssh_ed25519_pass", Err(KeyError::SshPassphrase)),
        ("ssh_rsa", Err(KeyError::SshType)),
        ("alice.txt", Err(KeyError::NotSsh)),
    ] {
        assert_eq!(Identity::from_ssh(&key(name)).map(|_| ()), want, "{name}");
    }
}

#[test]
fn nothing_of_an_identity_is_shown() {
    let key = std::fs::read(data().join("keys/alice.txt")).unwrap();
    assert_eq!(format!("{:?}", parse_identities(&key, false).unwrap()), "[X25519(..)]");
}
