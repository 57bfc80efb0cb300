//! What opens the cache, and what must not; who may turn it on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{FALLBACK, TTL, away, entries, entry, fails, home, run, serves, skipped, start};
use crate::support::infisical::{ClientSecret, Login, Server};
use crate::support::sandbox::{Sandbox, hushed};

const PHRASE: &str = "correct horse canary staple";

/// What is served while the server is away, which says that the entry opens.
fn opens(server: &Server, sandbox: &Sandbox) {
    away(server);
    assert!(serves(sandbox, &FALLBACK).contains("from the cache, 0 s old"));
    server.heal();
}

/// The entry does not open: one warning, and the server is asked.
fn does_not_open(sandbox: &Sandbox, why: &str) {
    let said = serves(sandbox, &TTL);
    assert!(
        said.starts_with("hushed: warning: the cache of source `infisical` is not used: "),
        "{said}"
    );
    assert!(said.contains(why), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn only_who_could_fetch_can_read() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    opens(&server, &sandbox);
    server.world(|world| {
        let Login::Universal(login) = &mut world.edit_identity("reader").login else { panic!() };
        let new = ClientSecret { value: "canary-second".into(), ..login.secrets[0].clone() };
        login.secrets.push(new);
    });
    let sandbox = sandbox.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-second");
    does_not_open(&sandbox, "it is encrypted with another key");
    // From now on it is sealed with the new one.
    opens(&server, &sandbox);
}

#[test]
fn a_key_file_is_made_and_opens_what_it_sealed() {
    let server = start();
    let sandbox = home(&server).without("HUSHED_CACHE_KEY");
    let sandbox = sandbox.env("HUSHED_CACHE_KEY_FILE", "../keys/cache");
    serves(&sandbox, &FALLBACK);
    let key = sandbox.home().join("keys/cache");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    opens(&server, &sandbox);
    let own = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    does_not_open(&sandbox, "the key file `../keys/cache` does not exist");
    assert_ne!(fs::read(&key).unwrap(), own, "a new one was made, and the entry replaced");
    opens(&server, &sandbox);
    fs::write(&key, own).unwrap();
    does_not_open(&sandbox, "it is encrypted with another key");

    // As systemd gives it.
    let text = fs::read(&key).unwrap();
    let sandbox = sandbox.without("HUSHED_CACHE_KEY_FILE").env("HUSHED_CACHE_KEY", "systemd");
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("cache: missing systemd credential `hushed-cache-key`"), "{said}");
    let sandbox = sandbox.file("c/hushed-cache-key", text).env("CREDENTIALS_DIRECTORY", "c");
    opens(&server, &sandbox);
}

#[test]
fn a_key_file_beside_what_it_opens_is_refused() {
    let server = start();
    let sandbox = home(&server).env("HUSHED_CACHE_KEY", "file");
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("cache: missing key file"), "{said}");
    let flags = ["--cache", "fallback", "--cache-key-file", "../.cache/hushed/key"];
    let said = serves(&sandbox, &flags);
    assert!(said.contains("is inside the cache directory"), "{said}");
    assert_eq!(entries(&sandbox).len(), 0);
}

#[test]
fn a_passphrase_opens_what_it_sealed_and_is_not_passed_on() {
    let server = start();
    let sandbox = home(&server).env("HUSHED_CACHE_KEY", "passphrase");
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("cache: missing cache passphrase"), "{said}");
    let sandbox = sandbox.env("HUSHED_CACHE_PASSPHRASE", PHRASE);
    let line = ["run", "--cache", "fallback", "--", "env", "-0"];
    let output = sandbox.command(line).reveals().run().success();
    assert!(!output.stdout.contains(PHRASE), "{}", output.stdout);
    // Nor where it is not used.
    let output = sandbox.command(["run", "--", "env", "-0"]).reveals().run().success();
    assert!(!output.stdout.contains(PHRASE), "{}", output.stdout);
    opens(&server, &sandbox);
    let other = sandbox.env("HUSHED_CACHE_PASSPHRASE", "canary");
    does_not_open(&other, "it is encrypted with another key");
    let file = other.without("HUSHED_CACHE_PASSPHRASE").file("phrase", "canary\n");
    let flags = ["--offline", "--cache-passphrase-file", "phrase"];
    assert!(serves(&file, &flags).contains("0 s old"));
}

#[test]
fn the_kernels_keyring_opens_what_it_sealed_and_no_file_does() {
    let server = start();
    let sandbox = home(&server).env("HUSHED_CACHE_KEY", "keyring");
    let said = serves(&sandbox, &FALLBACK);
    if said.contains("cannot use the kernel keyring") {
        return skipped(&format!("the kernel gives no keyring here: {said}"));
    }
    assert_eq!(said, "");
    opens(&server, &sandbox);
    let path = entry(&sandbox);
    // A copy of the directory, with all that is on the disk, elsewhere: the kernel has no key for it.
    let sealed = fs::read(&path).unwrap();
    sandbox.run(["cache", "clear"]).success();
    fs::write(&path, sealed).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    does_not_open(&sandbox, "the kernel keyring no longer holds the key of the cache entry");
    opens(&server, &sandbox);
    sandbox.run(["cache", "clear"]).success();
}

#[test]
fn a_credential_that_changes_or_may_be_guessed_is_no_key() {
    let server = start();
    let id = |name: &str| server.world(|world| world.edit_identity(name).id.clone());
    let plain = || Sandbox::new().address(&server).project_of(&server, "shop", "dev");
    let pod = plain().file("token", "canary-of-a-pod");
    let pod = ["--method=kubernetes", "--service-account-token-path=token"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("--machine-identity-id={}", id("pod")), "--cache=fallback".to_owned()])
        .fold((pod, Vec::new()), |(sandbox, mut flags), flag| {
            flags.push(flag);
            (sandbox, flags)
        });
    let ada = plain().file("password", "canary of ada ");
    let ada_flags = vec![
        "--method=ldap-auth".to_owned(),
        "--ldap-username=ada".to_owned(),
        "--ldap-password-file=password".to_owned(),
        format!("--machine-identity-id={}", id("ada")),
        "--cache=fallback".to_owned(),
    ];
    for ((sandbox, flags), why) in [
        (pod, "kubernetes-auth proves the identity by a token that is new each time"),
        ((ada, ada_flags), "ldap-auth proves the identity by a password, which may be guessed"),
    ] {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let said = fails(&sandbox, &flags);
        assert!(said.contains(why), "{said}");
        assert!(said.contains("hint: pass one with --cache-key: `keyring`, `file`"), "{said}");
        let flags: Vec<&str> = [&flags[..], &["--cache-key-file=../key"]].concat();
        assert_eq!(serves(&sandbox, &flags), "");
        away(&server);
        assert!(serves(&sandbox, &flags).contains("from the cache"));
        server.heal();
    }
}

#[test]
fn a_projects_file_cannot_turn_it_on_by_itself() {
    let source = "[source.a]\ntype = \"infisical\"\n";
    for (run_keys, source_keys, flag) in [
        ("cache = \"fallback\"", "", "--cache"),
        ("", "cache = \"ttl=5m\"", "--cache"),
        ("offline = true", "", "--offline"),
        ("", "cache-dir = \"here\"", "--cache-dir"),
        ("cache-key-file = \"key\"", "", "--cache-key-file"),
        ("", "cache-token = true", "--cache-token"),
        ("cache-max-age = \"9000h\"", "", "--cache-max-age"),
        ("cache-key = \"keyring\"", "", "--cache-key"),
    ] {
        let server = start();
        let config = format!("[run]\n{run_keys}\n{source}{source_keys}\n");
        let sandbox = home(&server).without("HUSHED_CACHE_KEY").file("hushed.toml", &config);
        let said = fails(&sandbox, &[]);
        assert!(said.contains("and this project file is not trusted\n  hint: if you trust that file, run `hushed trust`; otherwise set it yourself"), "{said}");
        assert!(said.contains(flag), "{said}");
        assert_eq!(server.requests().len(), 0, "{config}");
        assert!(!sandbox.home().join(".cache/hushed").exists());
        let said = sandbox.run(["trust"]).success().stdout;
        assert!(said.starts_with("now trusts settings in "), "{said}");
        if flag != "--offline" {
            run(&sandbox, &[]).run().success();
        }
        // The user's own word needs no trust.
        let sandbox = home(&server).without("HUSHED_CACHE_KEY").file("named.toml", &config);
        if flag != "--offline" {
            run(&sandbox, &["--config", "named.toml"]).run().success();
        }
    }
    let server = start();
    let config = format!("[run]\ncache = \"off\"\noffline = false\n{source}");
    let sandbox = home(&server).file("hushed.toml", config);
    run(&sandbox, &[]).run().success();
}

#[test]
fn without_a_keyring_the_run_goes_on_and_refusals_are_remembered_in_memory_alone() {
    if !cfg!(target_arch = "x86_64") {
        return skipped("the filter is for x86-64");
    }
    if std::process::Command::new("python3").arg("-V").output().is_err() {
        return skipped("no python3");
    }
    let server = start();
    let memory = match tempfile::tempdir_in("/dev/shm") {
        Ok(memory) => memory,
        Err(error) => return skipped(&format!("nothing in memory here: {error}")),
    };
    fs::set_permissions(memory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let script = include_str!("without_keyring.py");
    let hushed = hushed().display().to_string();
    let without = |sandbox: &Sandbox| {
        let line = ["-", &hushed, "run", "--cache", "fallback", "--", "true"];
        sandbox.program("python3", line).stdin(script).run()
    };
    let sandbox = home(&server).env("HUSHED_CACHE_KEY", "keyring");
    let output = without(&sandbox);
    if output.stderr.contains("no seccomp") {
        return skipped("no filter can be set");
    }
    let said = output.success().stderr;
    assert!(said.contains("is not used: cannot use the kernel keyring: Operation not"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");

    let wrong = home(&server).env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-wrong");
    // What is on a disk is no place for it.
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let disk = tempfile::tempdir_in(target).unwrap();
    fs::set_permissions(disk.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let wrong = wrong.env("XDG_RUNTIME_DIR", disk.path());
    for _ in 0..2 {
        assert!(without(&wrong).fails_with(125).stderr.contains("the server answered 401"));
    }
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0);
    let wrong = wrong.env("XDG_RUNTIME_DIR", memory.path());
    assert!(without(&wrong).fails_with(125).stderr.contains("the server answered 401"));
    let said = without(&wrong).fails_with(125).stderr;
    assert!(said.contains("the server refused this login "), "{said}");
    let left: Vec<_> = fs::read_dir(memory.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(left.len(), 1);
    let (name, text) = (left[0].file_name(), fs::read(left[0].path()).unwrap());
    assert!(name.to_string_lossy().starts_with("hushed-refused-"), "{name:?}");
    let text = String::from_utf8(text).unwrap();
    let (time, checksum) = text.split_once(' ').unwrap();
    assert!(time.bytes().all(|byte| byte.is_ascii_digit()) && checksum.len() == 2, "{text}");
}
