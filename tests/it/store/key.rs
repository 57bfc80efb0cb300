//! What opens a store: a key file, a passphrase, a systemd credential; and what is said when it does
//! not open. Must not test values.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{get, names, set};
use crate::support::sandbox::{Sandbox, hushed};

const PHRASE: &str = "correct horse canary staple";

#[test]
fn a_passphrase_opens_what_it_sealed_and_makes_no_key() {
    let sandbox = Sandbox::new().env("HUSHED_PASSPHRASE", PHRASE);
    let output = set(&sandbox, "A", "canary").success();
    assert_eq!(output.stderr, "");
    assert!(!sandbox.home().join(".config/hushed/key").exists());
    assert_eq!(get(&sandbox, "A"), b"canary");
    let sandbox = sandbox.without("HUSHED_PASSPHRASE").file("phrase", format!("{PHRASE}\n"));
    let output = sandbox.run(["secrets", "get", "A"]).fails_with(65);
    assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    let line = ["secrets", "get", "A", "--passphrase-file", "phrase"];
    assert_eq!(sandbox.command(line).reveals().run().success().bytes, b"canary");
    let sandbox = sandbox.env("HUSHED_PASSPHRASE_FILE", "phrase");
    assert_eq!(get(&sandbox, "A"), b"canary");
    let both = sandbox.env("HUSHED_PASSPHRASE", PHRASE);
    let output = both.run(["secrets", "list"]).fails_with(78);
    let want = "hushed: HUSHED_PASSPHRASE and HUSHED_PASSPHRASE_FILE are both set\n  hint: unset ";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
}

#[test]
fn a_systemd_credential_opens_a_store() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let credentials = sandbox.home().join("credentials");
    fs::create_dir(&credentials).unwrap();
    let key = credentials.join("hushed-key");
    fs::rename(sandbox.home().join(".config/hushed/key"), &key).unwrap();
    // As systemd mounts it: who else may read it is systemd's business.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o440)).unwrap();
    sandbox.run(["secrets", "list"]).fails_with(65);
    let sandbox = sandbox.env("CREDENTIALS_DIRECTORY", credentials.as_os_str());
    assert_eq!(get(&sandbox, "A"), b"canary");

    let sandbox = Sandbox::new().env("HUSHED_PASSPHRASE", PHRASE);
    set(&sandbox, "A", "canary").success();
    let sandbox = sandbox.without("HUSHED_PASSPHRASE").file("c/hushed-passphrase", PHRASE);
    let sandbox = sandbox.env("CREDENTIALS_DIRECTORY", "c");
    assert_eq!(get(&sandbox, "A"), b"canary");
}

type Change<'a> = &'a dyn Fn(&mut Vec<u8>);

#[test]
fn why_a_store_does_not_open_is_told_apart() {
    let other = Sandbox::new();
    set(&other, "A", "canary").success();
    let other_key = fs::read(other.home().join(".config/hushed/key")).unwrap();

    let flip = |bytes: &mut Vec<u8>, at: usize| bytes[at] ^= 1;
    let cases: [(Change<'_>, &str); 6] = [
        (&|bytes| flip(bytes, 0), "it is not a file that hushed encrypted"),
        (
            &|bytes| {
                let end = bytes.len() - 1;
                flip(bytes, end);
            },
            "it is damaged: its checksum",
        ),
        (
            &|bytes| {
                let middle = bytes.len() / 2;
                flip(bytes, middle);
            },
            "it is damaged: its checksum",
        ),
        (&|bytes| bytes.truncate(bytes.len() - 1), "it is truncated: "),
        (&|bytes| bytes.truncate(10), "it is truncated: 10 bytes"),
        (&|bytes| bytes.clear(), ""),
    ];
    for (change, want) in cases {
        let sandbox = Sandbox::new();
        set(&sandbox, "A", "canary").success();
        let path = sandbox.project().join("secrets.hushed");
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        for output in [
            sandbox.run(["secrets", "list"]).fails_with(65),
            sandbox.run(["run", "--", "true"]).fails_with(125),
            set(&sandbox, "B", "canary").fails_with(65),
        ] {
            assert!(output.stderr.contains("`secrets.hushed`"), "{}", output.stderr);
            assert!(output.stderr.contains(want), "{want}: {}", output.stderr);
            assert!(output.stderr.contains("\n  hint: "), "{}", output.stderr);
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "a store that cannot be read was written");
    }

    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let key = sandbox.home().join(".config/hushed/key");
    let own_key = fs::read(&key).unwrap();
    fs::write(&key, other_key).unwrap();
    let output = sandbox.run(["secrets", "list"]).fails_with(65);
    assert!(output.stderr.contains("it is encrypted with another key"), "{}", output.stderr);
    set(&sandbox, "B", "canary").fails_with(65);
    let output =
        sandbox.command(["secrets", "list"]).env("HUSHED_PASSPHRASE", PHRASE).run().fails_with(65);
    assert!(
        output.stderr.contains("encrypted with a key file, not with a passphrase"),
        "{}",
        output.stderr
    );
    fs::remove_file(&key).unwrap();
    for output in [sandbox.run(["secrets", "list"]), set(&sandbox, "B", "canary")] {
        let output = output.fails_with(65);
        assert!(
            output.stderr.contains("of the local store `secrets.hushed` is missing"),
            "{}",
            output.stderr
        );
        assert!(!key.exists(), "a key was made for a store that it cannot open");
    }
    fs::write(&key, &own_key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let output = sandbox.run(["secrets", "list"]).fails_with(65);
    assert!(
        output.stderr.contains("is accessible to other users: its mode is 0644"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("chmod 600"), "{}", output.stderr);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(names(&sandbox), ["A"]);
}

#[test]
fn a_store_of_another_version_is_told_with_both_numbers() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let path = sandbox.project().join("secrets.hushed");
    let bytes = fs::read(&path).unwrap();
    // The number behind the eight bytes that every envelope begins with.
    let mut changed = bytes.clone();
    changed[9] = 3;
    fs::write(&path, &changed).unwrap();
    let said = sandbox.run(["secrets", "list"]).fails_with(65).stderr;
    assert!(
        said.contains("its format has version 3; this hushed supports up to version 2"),
        "{said}"
    );
    assert!(said.contains("update hushed"), "{said}");
}

#[test]
fn a_key_beside_its_store_is_refused_before_anything_is_made() {
    let config =
        "[source.local]\ntype = \"local\"\nfile = \"secrets.hushed\"\nkey-file = \"keys/key\"\n";
    let sandbox = Sandbox::new().file("hushed.toml", config);
    let output = set(&sandbox, "A", "canary").fails_with(65);
    assert!(
        output.stderr.contains("is inside the directory of the local store"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("hint: store the key file outside"), "{}", output.stderr);
    let left: Vec<_> =
        fs::read_dir(sandbox.project()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["hushed.toml"]);
}

#[test]
fn a_key_file_may_be_named_in_every_way() {
    let sandbox = Sandbox::new();
    let line = ["secrets", "set", "A", "--key-file", "../keys/one"];
    sandbox.command(line).stdin("canary").run().success();
    assert!(sandbox.home().join("keys/one").exists());
    sandbox.run(["run", "--key-file", "../keys/one", "--", "true"]).success();
    let by_variable = sandbox.env("HUSHED_KEY_FILE", "../keys/one");
    assert_eq!(get(&by_variable, "A"), b"canary");
    let both = by_variable.env("HUSHED_PASSPHRASE", PHRASE);
    let output = both.run(["secrets", "list"]).fails_with(78);
    assert!(output.stderr.contains("both a key and a passphrase are set"), "{}", output.stderr);
}

/// The key of a sandbox's store, without the prefix of a key file.
fn key_text(sandbox: &Sandbox) -> String {
    let file = fs::read_to_string(sandbox.home().join(".config/hushed/key")).unwrap();
    file.trim_end().strip_prefix("hushed-key-1:").unwrap().to_owned()
}

#[test]
fn the_key_itself_may_be_in_a_variable_and_is_not_passed_on() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let text = key_text(&sandbox);
    fs::remove_file(sandbox.home().join(".config/hushed/key")).unwrap();
    sandbox.run(["secrets", "list"]).fails_with(65);
    for text in [text.clone(), format!("hushed-key-1:{text}\n")] {
        let sandbox = Sandbox::new().env("HUSHED_KEY", &text).env("COPY", text.trim_end());
        set(&sandbox, "A", "canary").success();
        assert!(!sandbox.home().join(".config/hushed").exists(), "no key file is made");
        assert_eq!(get(&sandbox, "A"), b"canary");
        let script = "test -z \"$HUSHED_KEY$COPY\" && test -n \"$A\"";
        sandbox.run(["run", "--", "sh", "-c", script]).success();
    }
    // The variable of one source alone.
    let config = "[source.shop]\ntype = \"local\"\nfile = \"secrets.hushed\"\n";
    let sandbox = sandbox.file("hushed.toml", config).env("HUSHED_SOURCE_SHOP_KEY", &text);
    assert_eq!(get(&sandbox, "A"), b"canary");
}

#[test]
fn a_variable_that_holds_no_key_is_named_and_not_shown() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    for text in ["canary", "hushed-key-1:canary", &"canary!".repeat(6)] {
        let output = sandbox.command(["secrets", "list"]).env("HUSHED_KEY", text).run();
        let output = output.fails_with(65);
        let want = "HUSHED_KEY is not a key: expected 32 bytes in base64";
        assert!(output.stderr.contains(want), "{}", output.stderr);
    }
    let key = key_text(&sandbox);
    let both = sandbox.env("HUSHED_KEY", key).env("HUSHED_KEY_FILE", "key");
    let output = both.run(["secrets", "list"]).fails_with(78);
    assert!(output.stderr.contains("HUSHED_KEY and HUSHED_KEY_FILE are both"), "{}", output.stderr);
    let both = both.without("HUSHED_KEY_FILE").env("HUSHED_PASSPHRASE", PHRASE);
    let output = both.run(["secrets", "list"]).fails_with(78);
    assert!(output.stderr.contains("both a key and a passphrase are set"), "{}", output.stderr);
}

#[test]
fn a_key_file_may_be_a_pipe_and_one_without_an_end_is_given_up() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let hushed = hushed().display().to_string();
    let script = format!(
        "mv ~/.config/hushed/key ../moved && {hushed} run --key-file <(sleep 0.1; cat ../moved) -- \
         sh -c 'test \"$A\" = \"$0\"' canary"
    );
    let home = sandbox.home().to_owned();
    let output = sandbox.program("bash", ["-c", &script]).env("HOME", &home).argv_reveals().run();
    output.success();
    let script = format!("{hushed} run --key-file /dev/fd/7 -- true 7< ../moved");
    sandbox.program("bash", ["-c", &script]).run().success();

    let output = sandbox.run(["run", "--key-file", "/dev/zero", "--", "true"]).fails_with(125);
    assert!(output.stderr.contains("`/dev/zero` has "), "{}", output.stderr);
    let script = format!("mkfifo ../fifo; {hushed} run --timeout 300ms --key-file ../fifo -- true");
    let output = sandbox.program("bash", ["-c", &script]).run().fails_with(125);
    assert!(output.stderr.contains("no data from `../fifo` within 0.3 s"), "{}", output.stderr);
}

#[test]
fn a_key_file_may_be_shared_with_a_group_of_ours_and_with_nobody_else() {
    // Root in a confined fetch has no capability to read what the mode does not permit.
    let sandbox = Sandbox::new().without("HUSHED_DISK_FREE");
    set(&sandbox, "A", "canary").success();
    let key = sandbox.home().join(".config/hushed/key");
    let mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    for (bits, is_accepted) in [
        (0o440, true),
        (0o400, true),
        (0o040, true),
        (0o640, false),
        (0o460, false),
        (0o444, false),
    ] {
        mode(bits);
        // Root reads every file, other users one that they may not read at all.
        if bits == 0o040 && !nix::unistd::geteuid().is_root() {
            continue;
        }
        let output = sandbox.run(["secrets", "list"]);
        assert_eq!(output.status.success(), is_accepted, "{bits:o}: {}", output.stderr);
    }
    mode(0o440);
    let foreign = nix::unistd::Gid::from_raw(54_321);
    if nix::unistd::chown(&key, None, Some(foreign)).is_err() {
        return eprintln!("SKIPPED: only root can give a file to another group");
    }
    let output = sandbox.run(["secrets", "list"]).fails_with(65);
    assert!(output.stderr.contains("its mode is 0440"), "{}", output.stderr);
}

#[test]
fn the_home_directory_may_stand_for_itself_in_a_path() {
    for path in ["~/keys/shop", "$HOME/keys/shop", "${HOME}/keys/shop"] {
        let config = format!(
            "[source.shop]\ntype = \"local\"\nfile = \"secrets.hushed\"\nkey-file = \"{path}\"\n"
        );
        let sandbox = Sandbox::new().file("hushed.toml", config);
        set(&sandbox, "A", "canary").success();
        assert!(sandbox.home().join("keys/shop").exists(), "{path}");
        assert_eq!(get(&sandbox, "A"), b"canary");
        let line = ["secrets", "get", "A", "--source", "shop"];
        sandbox.command(line).env("HUSHED_KEY_FILE", path).reveals().run().success();
    }
    // Elsewhere these are names as any other.
    let sandbox = Sandbox::new().env("HUSHED_KEY_FILE", "../keys/~");
    set(&sandbox, "A", "canary").success();
    assert!(sandbox.home().join("keys/~").exists());
}
