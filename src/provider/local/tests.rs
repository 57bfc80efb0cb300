use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::seal::Argon2Cost;

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    fn store(&self) -> LocalStore {
        self.store_with(KeySource::File(self.path("config/key")))
    }

    fn store_with(&self, key: KeySource) -> LocalStore {
        LocalStore::new("local".into(), self.path("data/store"), key)
    }

    fn initialized(&self) -> LocalStore {
        let store = self.store();
        assert!(store.initialize().unwrap());
        store
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path("data/store")).unwrap()
    }

    fn overwrite(&self, bytes: &[u8]) {
        private_file::write_atomically(&self.path("data/store"), bytes).unwrap();
    }
}

fn passphrase(text: &str) -> KeySource {
    let cost = Argon2Cost::new(64, 1, 1).unwrap();
    KeySource::Passphrase { passphrase: Value::from(text), cost }
}

fn fetch(store: &LocalStore) -> Result<SecretSet, Error> {
    store.read()
}

fn remove(store: &mut LocalStore, name: &str) -> Result<bool, Error> {
    store.delete(&Name::new(name))
}

fn shown(store: &LocalStore) -> Vec<(String, String, u64)> {
    let secrets = fetch(store).unwrap();
    let show = |secret: &Secret| {
        let value = secret.value.expose_str().unwrap().to_owned();
        (secret.name.to_string(), value, secret.provenance.version.unwrap())
    };
    secrets.iter().map(show).collect()
}

fn put(store: &LocalStore, name: &str, value: &str) -> Result<WriteOutcome, Error> {
    store.put_at(&Name::new(name), &Value::from(value), SystemTime::UNIX_EPOCH)
}

fn row(name: &str, value: &str, version: u64) -> (String, String, u64) {
    (name.to_owned(), value.to_owned(), version)
}

#[test]
fn secrets_are_put_replaced_and_removed() {
    let place = Place::new();
    let mut store = place.initialized();
    assert_eq!(put(&store, "B", "canary b").unwrap(), WriteOutcome::Created);
    assert_eq!(put(&store, "A", "canary a").unwrap(), WriteOutcome::Created);
    assert_eq!(put(&store, "B", "canary c").unwrap(), WriteOutcome::Replaced);
    assert_eq!(shown(&store), [row("A", "canary a", 1), row("B", "canary c", 2)]);
    assert!(remove(&mut store, "A").unwrap());
    assert!(!remove(&mut store, "A").unwrap());
    assert_eq!(shown(&store), [row("B", "canary c", 2)]);
    assert!(remove(&mut store, "B").unwrap());
    assert_eq!(shown(&store), []);
}

#[test]
fn an_entry_remembers_when_it_was_made_and_changed() {
    let mut entries = Vec::new();
    let name = Name::new("A");
    for (value, now) in [("canary", 10), ("another canary", 20)] {
        let change = Change::put(name.clone(), Value::from(value));
        write::apply(&mut entries, &[change], now).unwrap();
    }
    let [entry] = entries.as_slice() else { panic!("one entry") };
    assert_eq!((entry.version, entry.created, entry.updated), (2, 10, 20));
}

#[test]
fn a_secret_knows_its_source_and_its_file() {
    let place = Place::new();
    let store = place.initialized();
    put(&store, "A", "canary").unwrap();
    let secrets = fetch(&store).unwrap();
    let provenance = &secrets.iter().next().unwrap().provenance;
    let want = format!("`local` ({})", place.path("data/store").display());
    assert_eq!(provenance.to_string(), want);
}

#[test]
fn neither_names_nor_values_are_in_the_file() {
    let place = Place::new();
    let store = place.initialized();
    put(&store, "CANARY_NAME", "canary value").unwrap();
    let bytes = place.bytes();
    for secret in [b"CANARY_NAME".as_slice(), b"canary value"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    let mode = fs::metadata(place.path("data/store")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn a_passphrase_and_a_credential_are_keys_too() {
    let place = Place::new();
    let store = place.store_with(passphrase("correct canary"));
    assert!(!store.initialize().unwrap(), "there is nothing to make");
    put(&store, "A", "canary").unwrap();
    assert_eq!(shown(&store), [row("A", "canary", 1)]);

    let place = Place::new();
    put(&place.initialized(), "A", "canary").unwrap();
    fs::set_permissions(place.path("config/key"), Permissions::from_mode(0o440)).unwrap();
    let store = place.store_with(KeySource::Credential(place.path("config/key")));
    assert_eq!(shown(&store), [row("A", "canary", 1)]);
}

#[test]
fn what_cannot_be_opened_is_told_apart_and_never_overwritten() {
    let place = Place::new();
    put(&place.initialized(), "A", "canary").unwrap();
    key::create(&place.path("config/other")).unwrap();
    let good = place.bytes();
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let other = KeySource::File(place.path("config/other"));
    for (bytes, store, want) in [
        (good.clone(), place.store_with(other), "it is encrypted with another key"),
        (good.clone(), place.store_with(passphrase("canary")), "it is encrypted with a key file"),
        (changed(200), place.store(), "it is damaged"),
        (good[..200].to_vec(), place.store(), "it is truncated: 200 bytes of 736"),
        (Vec::new(), place.store(), "it is truncated: 0 bytes"),
        (changed(9), place.store(), "its format has version 3"),
        (b"A=canary\n".to_vec(), place.store(), "it is not a file that hushed encrypted"),
    ] {
        place.overwrite(&bytes);
        let mut store = store;
        let removed = remove(&mut store, "A").unwrap_err();
        let put = put(&store, "B", "canary").unwrap_err();
        for error in [fetch(&store).unwrap_err(), put, removed] {
            let Error::Sealed { source, .. } = &error else { panic!("{error}") };
            assert!(source.to_string().starts_with(want), "{source}");
            assert!(error.hint().is_some(), "{want}");
        }
        assert_eq!(place.bytes(), bytes, "{want}");
    }
    place.overwrite(&good);
    assert_eq!(shown(&place.store()), [row("A", "canary", 1)]);
}

#[test]
fn an_envelope_with_strange_content_is_not_overwritten() {
    let place = Place::new();
    let store = place.initialized();
    put(&store, "A", "canary").unwrap();
    let sealed = envelope::seal(KIND, &store.load_key().unwrap(), b"canary").unwrap();
    place.overwrite(&sealed);
    for error in [fetch(&store).unwrap_err(), put(&store, "A", "canary").unwrap_err()] {
        assert!(matches!(error, Error::Content { .. }), "{error}");
    }
    assert_eq!(place.bytes(), sealed);
}

#[test]
fn a_store_of_the_former_format_opens_and_changes() {
    let place = Place::new();
    let store = place.initialized();
    put(&store, "A", "canary").unwrap();
    let key = store.load_key().unwrap();
    let plain = envelope::open(KIND, &key, &place.bytes()).unwrap();
    place.overwrite(&envelope::seal(KIND, &key, plain.expose()).unwrap());
    assert_eq!(place.bytes()[8..10], [0, 1]);
    assert_eq!(shown(&store), [row("A", "canary", 1)]);
    put(&store, "B", "another canary").unwrap();
    assert_eq!(place.bytes()[8..10], [0, 2], "a change writes the present format");
    assert_eq!(shown(&store), [row("A", "canary", 1), row("B", "another canary", 1)]);
}

#[test]
fn a_store_with_a_passphrase_asks_for_it_and_not_for_a_key_file() {
    let place = Place::new();
    put(&place.store_with(passphrase("correct canary")), "A", "canary").unwrap();
    let store = place.store();
    for error in [
        store.initialize().unwrap_err(),
        fetch(&store).unwrap_err(),
        put(&store, "B", "canary").unwrap_err(),
    ] {
        assert!(matches!(error, Error::PassphraseMissing { .. }), "{error}");
        assert!(error.hint().unwrap().contains("HUSHED_PASSPHRASE"));
    }
}

#[test]
fn a_missing_store_is_told_with_what_makes_one() {
    let place = Place::new();
    let mut store = place.initialized();
    let error = fetch(&store).unwrap_err();
    assert!(matches!(error, Error::StoreMissing { .. }), "{error}");
    assert!(error.hint().unwrap().contains("hushed secrets set NAME"));
    let error = remove(&mut store, "A").unwrap_err();
    assert!(matches!(error, Error::StoreMissing { .. }), "{error}");
    assert!(!place.path("data").exists(), "reading makes nothing");
}

#[test]
fn a_key_is_made_once_and_never_for_a_store_that_is_there() {
    let place = Place::new();
    let store = place.initialized();
    assert!(!store.initialize().unwrap());
    put(&store, "A", "canary").unwrap();
    fs::remove_file(place.path("config/key")).unwrap();
    for error in [
        store.initialize().unwrap_err(),
        fetch(&store).unwrap_err(),
        put(&store, "B", "canary").unwrap_err(),
    ] {
        assert!(matches!(error, Error::KeyLost { .. }), "{error}");
    }
    assert!(!place.path("config/key").exists());
}

#[test]
fn without_a_key_no_store_is_made() {
    let place = Place::new();
    let error = put(&place.store(), "A", "canary").unwrap_err();
    assert!(matches!(error, Error::Key(key::Error::Missing { .. })), "{error}");
    assert_eq!(fs::read_dir(place.path("data")).unwrap().count(), 0);
}

#[test]
fn a_key_is_never_beside_its_store() {
    let place = Place::new();
    fs::create_dir_all(place.path("data/keys")).unwrap();
    fs::create_dir_all(place.path("config")).unwrap();
    symlink(place.path("data/keys"), place.path("config/link")).unwrap();
    for key in ["data/key", "data/keys/key", "data/missing/key", "config/link/key"] {
        let store = place.store_with(KeySource::File(place.path(key)));
        for error in [store.initialize().unwrap_err(), put(&store, "A", "canary").unwrap_err()] {
            assert!(matches!(error, Error::KeyBeside { .. }), "{key}: {error}");
        }
        assert!(!place.path(key).exists());
    }
    let store = place.store_with(KeySource::File(place.path("database/key")));
    assert!(store.initialize().unwrap(), "a name that only begins alike is another directory");
}

#[test]
fn names_that_no_variable_can_have_are_refused_before_anything_is_made() {
    let place = Place::new();
    let error = put(&place.store(), "A=B", "canary").unwrap_err();
    assert!(matches!(error, Error::Refused(FormatError::InvalidName { .. })), "{error}");
    assert!(!place.path("data").exists());
}

#[test]
fn a_change_waits_for_another_one_only_so_long() {
    let place = Place::new();
    let store = place.initialized().waiting(Duration::ZERO);
    put(&store, "A", "canary").unwrap();
    let lock = Lock::acquire(&place.path("data/store"), Duration::ZERO).unwrap();
    let error = put(&store, "B", "canary").unwrap_err();
    assert!(matches!(error, Error::File(private_file::Error::Busy { .. })), "{error}");
    assert_eq!(shown(&store), [row("A", "canary", 1)], "reading waits for nobody");
    drop(lock);
    assert_eq!(put(&store, "B", "canary").unwrap(), WriteOutcome::Created);
}
