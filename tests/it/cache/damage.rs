//! Entries that were damaged, exchanged, written by others or interrupted: the run goes on from the
//! server, with one warning, and never with wrong values.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use hushed::cache::{FetchLock, SourceCache, Timestamp};
use hushed::config::{CacheKey, CacheMode, CacheSettings, Credential, Origin};
use hushed::provider::Configured as _;
use hushed::provider::infisical::{Infisical, Login, ProjectRef};
use hushed::secret::{Name, Provenance, Secret, SecretSet, Value};

use super::{
    FALLBACK, TTL, away, directory, entries, entry, fails, home, run, serves, skipped, start,
};
use crate::support::infisical::{CLIENT_ID, CLIENT_SECRET, Server};
use crate::support::sandbox::{Sandbox, hushed};

const KILLS: u32 = 120;

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// One warning, and the secrets from the server, which replace what is there.
fn goes_on(sandbox: &Sandbox, why: &str) {
    let said = fails(sandbox, &["--offline"]);
    assert!(said.contains(why), "{said}");
    let said = serves(sandbox, &TTL);
    assert!(
        said.starts_with("hushed: warning: the cache of source `infisical` is not used: "),
        "{said}"
    );
    assert!(said.contains(why), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(serves(sandbox, &TTL), "hushed: source `infisical` is from the cache, 0 s old\n");
}

#[test]
fn what_was_damaged_or_is_of_another_version_is_fetched_anew() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &TTL);
    let path = entry(&sandbox);
    let good = fs::read(&path).unwrap();
    // Of both envelopes: the first 204 bytes are the wrapped data key.
    for (at, why) in [
        (0, "it is not a file that hushed encrypted"),
        (9, "its format has version 0; this hushed supports up to version 2"),
        (100, "it is damaged: its checksum does not match"),
        (204, "it is not a file that hushed encrypted"),
        (213, "its format has version 0; this hushed supports up to version 2"),
        (2000, "it is damaged: its checksum does not match"),
        (good.len() - 1, "it is damaged: its checksum does not match"),
    ] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        write(&path, &bad);
        goes_on(&sandbox, why);
    }
    for (length, why) in [
        (0, "it is truncated: 0 bytes"),
        (203, "it is truncated: 203 bytes"),
        (204, "it is truncated: 0 bytes"),
        (good.len() - 1, "it is truncated: "),
    ] {
        write(&path, &good[..length]);
        goes_on(&sandbox, why);
    }
    write(&path, &[&good[..], b"x"].concat());
    goes_on(&sandbox, "it is damaged");
    fs::write(directory(&sandbox).join("names"), b"short").unwrap();
    // Nothing is found under another key of names; a new one is made.
    assert_eq!(serves(&sandbox, &TTL), "");
    assert!(serves(&sandbox, &TTL).contains("from the cache"));
}

#[test]
fn the_entry_of_another_scope_does_not_open() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &TTL);
    let own = entry(&sandbox);
    for flags in [
        ["--env", "prod"],
        ["--path", "/api"],
        ["--recursive=true", "--expand=true"],
        ["--include-imports=false", "--expand=true"],
        ["--expand=false", "--recursive=false"],
        ["--secret-overriding=false", "--recursive=false"],
        ["--allow-empty", "--recursive=false"],
    ] {
        let before = entries(&sandbox);
        run(&sandbox, &[&TTL[..], &flags].concat()).run().success();
        let other = entries(&sandbox).into_iter().find(|path| !before.contains(path)).unwrap();
        // The same key, the same directory: only the scope differs.
        write(&own, &fs::read(&other).unwrap());
        goes_on(&sandbox, "it was altered: its authentication tag does not match");
    }
}

#[test]
fn halves_of_two_entries_are_no_entry() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    let path = entry(&sandbox);
    let first = fs::read(&path).unwrap();
    serves(&sandbox, &FALLBACK);
    let second = fs::read(&path).unwrap();
    write(&path, &[&first[..204], &second[204..]].concat());
    goes_on(&sandbox, "it is encrypted with another key");
}

#[test]
fn the_format_is_what_an_independent_implementation_makes_of_its_description() {
    let server = start();
    let sandbox = home(&server).env("CLIENT_SECRET", CLIENT_SECRET);
    serves(&sandbox, &FALLBACK);
    if std::process::Command::new("python3").arg("-V").output().is_err() {
        return skipped("no python3");
    }
    let project = sandbox.variable("INFISICAL_PROJECT_ID");
    let (url, yes, no) = (server.url(), "\u{1}", "\0");
    let scope = serde_json::json!([
        "secrets",
        "infisical",
        url,
        "universal-auth",
        CLIENT_ID,
        null,
        project,
        "dev",
        no,
        yes,
        yes,
        yes,
        no,
        "0",
        "0",
    ]);
    let place = directory(&sandbox).display().to_string();
    let script = include_str!("independent.py");
    let run = sandbox.program("python3", ["-", &place, &scope.to_string()]).stdin(script);
    let output = run.reveals().run().success();
    let mut lines: Vec<_> = output.stdout.splitn(2, '\n').collect();
    assert_eq!(lines.remove(0), "version 1 secrets 2");
    let text = lines.remove(0);
    assert!(text.contains("NAME|canary-one|/ in dev|1\n"), "{text}");
    assert!(text.contains("SECOND|canary-two\nlines|/ in dev|1\n"), "{text}");
}

/// The settings of a run in [`home`], as the binary makes them.
fn settings(server: &Server, sandbox: &Sandbox) -> Infisical {
    let credential =
        |text: &str| Credential { value: Value::from(text), origin: String::new(), file: None };
    Infisical {
        name: "infisical".into(),
        base: server.url().parse().unwrap(),
        base_origin: Origin::Default,
        login: Login::UniversalAuth {
            client_id: credential(CLIENT_ID),
            client_secret: credential(CLIENT_SECRET),
        },
        project: Some(ProjectRef::parse(&sandbox.variable("INFISICAL_PROJECT_ID"))),
        environment: Some("dev".to_owned()),
        paths: Vec::new(),
        recursive: false,
        include_imports: true,
        expand: true,
        personal: true,
        tags: Vec::new(),
        organization: None,
        revoke_token: None,
        allow_empty: false,
        ca_file: None,
        insecure_http: false,
        cache: Some(CacheSettings {
            mode: CacheMode::Fallback,
            offline: false,
            origin: Origin::Default,
            max_age: Duration::from_hours(24),
            token: false,
            key: CacheKey::Credential,
            directory: directory(sandbox),
            runtime: None,
        }),
    }
}

/// Keeps one secret as if the server had given it at this time, before the kernel was started.
fn store(server: &Server, sandbox: &Sandbox, wall: SystemTime) {
    store_at(server, sandbox, Timestamp { wall, uptime: Duration::ZERO, boot: 1 });
}

fn store_at(server: &Server, sandbox: &Sandbox, at: Timestamp) {
    let source = settings(server, sandbox);
    let (caching, identity) = source.cache().unwrap();
    let cache = SourceCache::new(&source.name, caching, &identity);
    let provenance = Provenance {
        source: "infisical".into(),
        place: "/ in dev".into(),
        version: Some(1),
        age: None,
    };
    let secret = Secret { name: Name::new("NAME"), value: Value::from("canary-old"), provenance };
    let FetchLock::Acquired(lock) = cache.lock_for_fetch().unwrap() else {
        panic!("nobody else fetches")
    };
    cache.store_secrets(lock, &SecretSet::from_iter([secret]), at).unwrap();
}

#[test]
fn an_entry_has_the_age_that_is_sealed_in_it() {
    let server = start();
    let sandbox = home(&server);
    let now = SystemTime::now();
    let hours = |hours| now - Duration::from_hours(hours);
    store(&server, &sandbox, hours(3));
    away(&server);
    let output = run(&sandbox, &FALLBACK).run().success();
    assert!(output.stdout.contains("NAME=canary-old"));
    assert!(output.stderr.contains("is from the cache, 3 h old: cannot"), "{}", output.stderr);
    // Its file is new: the date of the file counts for nothing.
    store(&server, &sandbox, hours(25));
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("its entry is 25 h old, and at most 24 h are accepted"), "{said}");
    let longer = ["--cache", "fallback", "--cache-max-age", "26h"];
    assert!(run(&sandbox, &longer).run().success().stderr.contains("25 h old"));
    store(&server, &sandbox, hours(24 * 30));
    assert!(fails(&sandbox, &["--offline"]).contains("its entry is 30 days old"));
}

#[test]
fn an_entry_from_the_future_is_not_used() {
    let server = start();
    let sandbox = home(&server);
    store(&server, &sandbox, SystemTime::now() + Duration::from_hours(1));
    goes_on(&sandbox, "is dated in the future: the system clock was set back");
    store(&server, &sandbox, SystemTime::now() + Duration::from_hours(1));
    away(&server);
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("is dated in the future"), "{said}");
}

#[test]
fn a_clock_that_was_put_back_makes_no_entry_younger() {
    let server = start();
    let sandbox = home(&server);
    let now = Timestamp::now();
    if now.boot == 0 {
        return skipped("the kernel tells no boot_id");
    }
    // Then the clock was put back to where it was when the entry was made.
    let then = Timestamp { uptime: Duration::ZERO, ..now };
    store_at(&server, &sandbox, then);
    let limit = format!("{}ms", now.uptime.as_millis());
    let said = fails(&sandbox, &["--offline", "--cache-max-age", &limit]);
    assert!(said.contains(" old, and at most "), "{said}");
    // The same age by the clock alone, of another run of the kernel.
    store_at(&server, &sandbox, Timestamp { boot: 1, ..then });
    run(&sandbox, &["--offline", "--cache-max-age", &limit]).run().success();
}

#[test]
fn a_killed_run_leaves_the_old_entry_or_the_new_one() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    let path = entry(&sandbox);
    let hidden = {
        let name = path.file_name().unwrap().to_str().unwrap();
        directory(&sandbox).join(format!(".{name}.hushed-new"))
    };
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let mut command = std::process::Command::new(hushed());
        command.args(["run", "--cache", "fallback", "--", "true"]);
        for name in [
            "HOME",
            "XDG_CACHE_HOME",
            "INFISICAL_DOMAIN",
            "INFISICAL_PROJECT_ID",
            "HUSHED_ENV",
            "HUSHED_CACHE_KEY",
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID",
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
        ] {
            command.env(name, sandbox.variable(name));
        }
        command.current_dir(sandbox.project()).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // The moment of the kill is what is tried here: it moves through a run.
        std::thread::sleep(Duration::from_micros(u64::from(kill % 60) * 400));
        child.kill().unwrap();
        child.wait().unwrap();
        interrupted += u32::from(hidden.exists());
        let said = serves(&sandbox, &["--offline"]);
        assert_eq!(said.lines().count(), 1, "kill {kill}: {said}");
        assert!(said.contains("is from the cache, "), "kill {kill}: {said}");
    }
    assert!(interrupted > 0, "no kill came while an entry was fetched or written");
    assert_eq!(serves(&sandbox, &FALLBACK), "");
    assert!(!hidden.exists());
}
