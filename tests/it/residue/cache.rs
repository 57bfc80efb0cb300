//! Memory at the stages of a run with a sealed cache: it writes an entry, uses one while the server is down,
//! or sends no request.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Known, Subject, Vault, assert_found, assert_none, assert_protected, envelope, kernels,
    launch::Kernel,
    stage::{
        LIST, assert_none_remains, assert_not_exposed, before_exec, report, reporting, reporting_to,
    },
};
use crate::support::{
    infisical::{CLIENT_SECRET, Fault, FaultKind},
    sandbox::hushed,
};

const PHRASE: &str = "canary of a passphrase of the cache";

/// What opens the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Credential,
    File,
    Systemd,
    Passphrase,
}

const KEYS: [Key; 4] = [Key::Credential, Key::File, Key::Systemd, Key::Passphrase];

fn vault(key: Key) -> Vault {
    let mut vault = Vault::open();
    vault.sandbox = match key {
        Key::Credential => vault.sandbox,
        Key::File => vault.sandbox.env("HUSHED_CACHE_KEY_FILE", "../keys/cache"),
        Key::Systemd => {
            let sandbox = vault.sandbox.env("HUSHED_CACHE_KEY", "systemd");
            let text =
                format!("hushed-key-1:{}\n", STANDARD.encode(b"canary of a key: thirty-two byte"));
            sandbox.file("c/hushed-cache-key", text).env("CREDENTIALS_DIRECTORY", "c")
        }
        Key::Passphrase => {
            let sandbox = vault.sandbox.env("HUSHED_CACHE_KEY", "passphrase");
            sandbox.env("HUSHED_CACHE_PASSPHRASE", PHRASE)
        }
    };
    vault
}

/// The same with an entry, and with a login that is kept.
fn seeded(key: Key) -> Vault {
    let vault = vault(key);
    let line = ["run", "--cache", "fallback", "--cache-token", "--", "true"];
    assert!(vault.command(&hushed(), &line).status().unwrap().success());
    vault
}

/// The server is there, and fails.
fn away(vault: &Vault) {
    vault.server.fault(Fault::status("/api/", 500, r#"{"message":"down","error":"Down"}"#));
}

/// All that opens something: what logs in, what opens the cache, and the keys that come of it.
fn openers(vault: &Vault, key: Key) -> Vec<Known> {
    let mut known = Vault::client_secret();
    let secret = match key {
        Key::Credential => CLIENT_SECRET.as_bytes().to_vec(),
        Key::Passphrase => PHRASE.as_bytes().to_vec(),
        Key::File | Key::Systemd => {
            let place = if key == Key::File { "keys/cache" } else { "project/c/hushed-cache-key" };
            let line = fs::read_to_string(vault.sandbox.home().join(place)).unwrap();
            let text = line.trim_end().rsplit(':').next().unwrap();
            known.push(Known::new("the key as text", text));
            STANDARD.decode(text).unwrap()
        }
    };
    known.push(Known::new("the key", &secret));
    for entry in entries(vault) {
        let (head, body) = entry.split_at(envelope::LENGTH + 32);
        let wrapping = match key {
            Key::Passphrase => envelope::of_passphrase(&secret, head),
            Key::Credential | Key::File | Key::Systemd => envelope::of_key(&secret, head),
        };
        let data = envelope::opened(&wrapping.last().unwrap().value, head);
        known.extend(wrapping);
        known.extend(envelope::of_key(&data, body));
        known.push(Known::new("the data key", data));
    }
    known
}

fn entries(vault: &Vault) -> Vec<Vec<u8>> {
    let listing = fs::read_dir(vault.sandbox.home().join(".cache/hushed")).unwrap();
    let paths: Vec<PathBuf> = listing.map(|entry| entry.unwrap().path()).collect();
    let entries = paths.iter().filter(|path| !path.ends_with("names"));
    entries.map(|path| fs::read(path).unwrap()).collect()
}

/// Looks at a run that is about to execute its command.
fn check(stage: &str, vault: &Vault, kernel: Kernel, key: Key, flags: &[&str]) {
    let subject = before_exec(vault, &hushed(), kernel, flags);
    let stage = format!("{stage}, {key:?}");
    let copies = subject.find(&vault.secrets);
    assert_protected(&stage, kernel, &copies);
    assert_found(&stage, kernel, &copies, &vault.secrets);
    assert_none(&stage, &subject.find(&openers(vault, key)));
}

#[test]
fn before_the_exec_of_a_run_with_a_cache() {
    for kernel in kernels() {
        for key in KEYS {
            let vault = vault(key);
            let with_token = ["--cache", "fallback", "--cache-token"];
            check("an entry was written", &vault, kernel, key, &with_token);
            assert_eq!(entries(&vault).len(), 2);
            check("an entry was written again", &vault, kernel, key, &with_token);
            let token = vault.token();
            let subject = before_exec(&vault, &hushed(), kernel, &with_token);
            assert_none("with a login that was kept", &subject.find(&token));
            away(&vault);
            check("the server is away", &vault, kernel, key, &with_token);
            vault.server.forget();
            check("the entry is young enough", &vault, kernel, key, &["--cache", "ttl=5m"]);
            check("no server may be asked", &vault, kernel, key, &["--offline"]);
            assert_eq!(vault.server.requests().len(), 0);
        }
    }
}

#[test]
fn while_the_server_of_a_run_with_a_cache_is_asked() {
    for kernel in kernels() {
        for key in KEYS {
            let vault = seeded(key);
            let (openers, token) = (openers(&vault, key), vault.token());
            vault.server.fault(Fault::on(LIST, FaultKind::Hang));
            for flags in [&["--cache", "fallback", "--cache-token"][..], &["--cache", "ttl=1ms"]] {
                vault.server.forget();
                let arguments = [&["run"], flags, &["--", "true"]].concat();
                let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
                vault.server.await_request(LIST);
                let stage = format!("{flags:?}, {key:?}");
                assert_none(&stage, &subject.find(&vault.secrets));
                report(&stage, subject.0.id(), &[openers.clone(), token.clone()].concat());
            }
        }
    }
}

#[test]
fn beside_a_command_that_was_served_from_the_cache() {
    for kernel in kernels() {
        for key in KEYS {
            let vault = seeded(key);
            let known = [openers(&vault, key), vault.token(), vault.secrets.clone()].concat();
            let script = "echo started; read line";
            let arguments = ["run", "--init", "--offline", "--", "sh", "-c", script];
            let mut subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
            assert_eq!(subject.await_line(), "started");
            assert_none_remains(&format!("supervising, {key:?}"), subject.0.id(), &known);
        }
    }
}

#[test]
fn while_an_error_of_a_run_with_a_cache_is_reported() {
    for kernel in kernels() {
        for key in KEYS {
            let vault = seeded(key);
            let known = [openers(&vault, key), vault.token(), vault.secrets.clone()].concat();
            for arguments in [
                &["run", "--offline", "--", "./nosuch"][..],
                &["run", "--offline", "--require", "NOSUCH", "--", "true"],
            ] {
                // First it says that it takes the cache, and then it has what it took.
                let served = "hushed: source `infisical` is from the cache, 0 s old\n";
                let (subject, _reader) = reporting(&vault, kernel, arguments);
                assert_protected(&format!("{arguments:?}, {key:?}"), kernel, &subject.find(&known));
                // On a busy machine the age takes more digits; the error message is longer than that.
                let place = ("/dev/null", served.len() + 4);
                let (subject, _reader) = reporting_to(&vault, kernel, arguments, place);
                assert_none(&format!("{arguments:?}, {key:?}"), &subject.find(&known));
            }
            for arguments in [
                &["run", "--offline", "--env", "prod", "--", "true"][..],
                &["run", "--cache", "fallback", "--cache-token", "--", "./nosuch"],
            ] {
                let (subject, _reader) = reporting(&vault, kernel, arguments);
                assert_none(&format!("{arguments:?}, {key:?}"), &subject.find(&known));
            }
            away(&vault);
            let old = ["run", "--cache", "fallback", "--cache-max-age", "1ms", "--", "true"];
            let (subject, _reader) = reporting(&vault, kernel, &old);
            // The settings are there until the process ends, in protected memory.
            assert_not_exposed(&format!("{old:?}, {key:?}"), subject.0.id(), &known);
        }
    }
}
