//! The local store among several processes: writers at once, and writers that are killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use hushed::provider::Source as _;
use hushed::provider::local::LocalStore;
use hushed::seal::KeySource;
use hushed::secret::{Name, SecretSet, Value};

const PLACE: &str = "HUSHED_TEST_PLACE";
const PREFIX: &str = "HUSHED_TEST_PREFIX";
const NAMES: usize = 10;
const WRITERS: usize = 4;
const KILLS: u32 = 150;

/// Enough that a write is more than one page.
const FILLER: usize = 20_000;

fn store(place: &Path) -> LocalStore {
    let key = KeySource::File(place.join("config/key"));
    LocalStore::new("local".into(), place.join("data/store"), key).waiting(Duration::from_mins(1))
}

fn fetch(store: &LocalStore) -> SecretSet {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.fetch()).unwrap()
}

fn put(store: &LocalStore, name: &str, value: &str) {
    store.put_at(&Name::new(name), &Value::from(value), SystemTime::now()).unwrap();
}

fn put_names(place: &Path, prefix: &str) {
    let store = store(place);
    // All begin with nothing, and one key has to come out of it.
    store.initialize().unwrap();
    for number in 0..NAMES {
        put(&store, &format!("{prefix}_{number}"), "canary");
    }
}

/// The counter in the store, or 0; panics if its value is not whole.
fn counter(store: &LocalStore) -> u64 {
    let secrets = fetch(store);
    let Some(secret) = secrets.iter().next() else { return 0 };
    let text = secret.value.expose_str().unwrap();
    let (number, filler) = text.split_once(' ').unwrap();
    assert_eq!(filler, "canary".repeat(FILLER / 6));
    assert_eq!(secret.provenance.version, Some(number.parse().unwrap()));
    number.parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test itself starts and kills processes")]
fn start(role: &str, place: &Path, prefix: &str) -> Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([role, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .env(PREFIX, prefix)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test is told by its parent what to do")]
fn told(variable: &str) -> PathBuf {
    std::env::var_os(variable).expect("this test is started by another one").into()
}

#[test]
#[ignore = "started by `writers_at_once_lose_nothing`"]
fn puts_names() {
    put_names(&told(PLACE), told(PREFIX).to_str().unwrap());
}

#[test]
#[ignore = "started by `a_killed_writer_leaves_the_old_or_the_new_store`"]
fn counts_until_killed() {
    let store = store(&told(PLACE));
    let filler = "canary".repeat(FILLER / 6);
    eprintln!("ready");
    for number in counter(&store) + 1.. {
        put(&store, "COUNTER", &format!("{number} {filler}"));
        eprintln!("{number}");
    }
}

#[test]
fn writers_at_once_lose_nothing() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let children: Vec<Child> = (0..WRITERS)
        .map(|writer| start("local::puts_names", place, &format!("PROCESS_{writer}")))
        .collect();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || put_names(place, &format!("THREAD_{writer}")));
        }
    });
    for mut child in children {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
    }
    assert_eq!(fetch(&store(place)).len(), 2 * WRITERS * NAMES);
}

#[test]
fn a_killed_writer_leaves_the_old_or_the_new_store() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let store = store(place);
    store.initialize().unwrap();
    put(&store, "COUNTER", &format!("1 {}", "canary".repeat(FILLER / 6)));

    let hidden = place.join("data/.store.hushed-new");
    let (mut last, mut interrupted) = (1, 0);
    for kill in 0..KILLS {
        let mut child = start("local::counts_until_killed", place, "");
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        assert_eq!(said.next().unwrap().unwrap(), "ready");
        // The moment of the kill is what is tried here: it moves through the first writes.
        thread::sleep(Duration::from_micros(u64::from(kill) * 499));
        child.kill().unwrap();
        child.wait().unwrap();

        // What the writer was told is done is done, and no more than one write beyond it.
        let done = said.map(|line| line.unwrap().parse().unwrap()).last().unwrap_or(last);
        let found = counter(&store);
        assert!((done..=done + 1).contains(&found), "kill {kill}: {done} done, {found} found");
        last = found;
        interrupted += u32::from(hidden.exists());
    }
    assert!(interrupted > 0, "no kill came in the middle of a write");
    put(&store, "COUNTER", "");
    assert!(!hidden.exists());
}
