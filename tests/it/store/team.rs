//! A store that several keys open: recipients, a change of the key, and branches that are merged.

use std::fs;
use std::path::PathBuf;

use super::{get, names, set};
use crate::support::sandbox::{Output, Sandbox, hushed};

/// Identities that age-keygen made for tests: the file, and the public key in it.
fn member(name: &str) -> (PathBuf, String) {
    let file =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/sops/keys/{name}.txt"));
    let text = fs::read_to_string(&file).unwrap();
    let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    (file, public.to_owned())
}

/// A copy of a member's identity, which only its owner can read.
fn identity(sandbox: &Sandbox, name: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let file = sandbox.home().join(format!("{name}.key"));
    fs::copy(member(name).0, &file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file.to_str().unwrap().to_owned()
}

fn as_member(sandbox: &Sandbox, name: &str, line: &[&str]) -> Output {
    let key = identity(sandbox, name);
    sandbox.command(line).env("HUSHED_KEY_FILE", key).stdin("canary of a member").reveals().run()
}

#[test]
fn a_recipient_reads_and_writes_and_the_owner_still_does() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let (_, bob) = member("bob");
    as_member(&sandbox, "bob", &["secrets", "get", "A"]).fails_with(65);
    sandbox.run(["secrets", "grant", &bob]).success();
    let again = sandbox.run(["secrets", "grant", &bob]).success();
    assert!(again.stderr.contains("is a recipient already"), "{}", again.stderr);

    assert_eq!(as_member(&sandbox, "bob", &["secrets", "get", "A"]).success().bytes, b"canary");
    as_member(&sandbox, "bob", &["secrets", "set", "B"]).success();
    assert_eq!(get(&sandbox, "B"), b"canary of a member");
    set(&sandbox, "C", "canary three").success();
    assert_eq!(names(&sandbox), ["A", "B", "C"]);

    let list = sandbox.run(["secrets", "recipients"]).success().stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].starts_with("age1") && lines[0].ends_with("  (your key)"), "{list}");
    assert_eq!(lines[1], bob);
    let list = as_member(&sandbox, "carol", &["secrets", "recipients"]).success();
    assert_eq!(list.stdout.lines().count(), 2);
    assert!(list.stderr.contains("the list is not verified"), "{}", list.stderr);
}

#[test]
fn a_revoked_key_does_not_open_what_is_written_after() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let ((_, bob), (_, carol)) = (member("bob"), member("carol"));
    sandbox.run(["secrets", "grant", &bob, &carol]).success();
    let store = sandbox.project().join("secrets.hushed");
    let before = fs::read(&store).unwrap();
    let output = as_member(&sandbox, "bob", &["secrets", "revoke", &carol]).success();
    assert!(output.stderr.contains("change the secrets that it could read"), "{}", output.stderr);
    set(&sandbox, "A", "canary two").success();
    as_member(&sandbox, "carol", &["secrets", "get", "A"]).fails_with(65);
    assert_eq!(as_member(&sandbox, "bob", &["secrets", "get", "A"]).success().bytes, b"canary two");
    // What was written before does open, as the notice says.
    fs::write(&store, before).unwrap();
    assert_eq!(as_member(&sandbox, "carol", &["secrets", "get", "A"]).success().bytes, b"canary");

    for (recipient, want) in [
        (member("stranger").1, "is not a recipient of the local store"),
        (bob.replace("age1", "age1q"), "argument 1 is not a recipient"),
    ] {
        let output = sandbox.run(["secrets", "revoke", &recipient]);
        assert_ne!(output.code(), 0);
        assert!(output.stderr.contains(want), "{}", output.stderr);
    }
    let output = as_member(&sandbox, "bob", &["secrets", "revoke", &bob]).fails_with(65);
    assert!(output.stderr.contains("the recipient of your own key"), "{}", output.stderr);
}

#[test]
fn a_private_key_in_place_of_a_recipient_is_not_repeated() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let text = fs::read_to_string(member("bob").0).unwrap();
    let private = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    let output = sandbox.command(["secrets", "grant", private]).argv_reveals().run().fails_with(2);
    assert!(output.stderr.contains("that is a private key"), "{}", output.stderr);
    assert!(!output.stderr.contains(private.get(20..40).unwrap()), "{}", output.stderr);
}

#[test]
fn a_member_without_age_makes_a_key_and_is_granted() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let line = ["secrets", "recipients", "--new-key", "--key-file", "../bob/key"];
    let recipient = sandbox.run(line).success().stdout;
    let output = sandbox.run(line);
    assert_ne!(output.code(), 0, "a key file is never replaced");
    sandbox.run(["secrets", "grant", recipient.trim_end()]).success();
    let sandbox = sandbox.env("HUSHED_KEY_FILE", "../bob/key");
    assert_eq!(get(&sandbox, "A"), b"canary");
    set(&sandbox, "B", "canary two").success();
}

#[test]
fn an_age_identity_may_be_the_key_of_a_store_of_its_own() {
    let sandbox = Sandbox::new();
    as_member(&sandbox, "bob", &["secrets", "set", "A"]).success();
    let list = as_member(&sandbox, "bob", &["secrets", "recipients"]).success().stdout;
    assert_eq!(list, format!("{}  (your key)\n", member("bob").1));
    let text = fs::read_to_string(member("bob").0).unwrap();
    let private = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    let sandbox = sandbox.env("HUSHED_KEY", private);
    assert_eq!(get(&sandbox, "A"), b"canary of a member");
}

#[test]
fn rekey_changes_what_opens_the_store_and_keeps_the_others() {
    let sandbox = Sandbox::new();
    set(&sandbox, "A", "canary").success();
    let output = sandbox.run(["secrets", "rekey", "--new-key-file", "../two/key"]).success();
    let want = "hushed: secrets.hushed opens with the key file `../two/key`: set `key-file` to it, \
                and keep a copy";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
    sandbox.run(["secrets", "get", "A"]).fails_with(65);
    let sandbox = sandbox.env("HUSHED_KEY_FILE", "../two/key");
    assert_eq!(get(&sandbox, "A"), b"canary");

    sandbox.run(["secrets", "grant", &member("bob").1]).success();
    let phrase = "correct horse canary staple";
    let line = ["secrets", "rekey", "--new-passphrase"];
    sandbox.command(line).stdin(format!("{phrase}\n")).run().success();
    sandbox.run(["secrets", "get", "A"]).fails_with(65);
    let sandbox = sandbox.without("HUSHED_KEY_FILE").env("HUSHED_PASSPHRASE", phrase);
    assert_eq!(get(&sandbox, "A"), b"canary");
    set(&sandbox, "A", "canary two").success();
    let list = sandbox.run(["secrets", "recipients"]).success().stdout;
    assert!(list.contains("  passphrase  (your key)\n"), "{list}");
    let sandbox = sandbox.without("HUSHED_PASSPHRASE");
    assert_eq!(as_member(&sandbox, "bob", &["secrets", "get", "A"]).success().bytes, b"canary two");

    let sandbox = sandbox.env("HUSHED_PASSPHRASE", "another canary");
    sandbox.run(["secrets", "rekey", "--new-key-file", "../three/key"]).fails_with(65);
    assert!(!sandbox.home().join("three").exists(), "no key is made for a store that stays shut");
    let output = sandbox.run(["secrets", "rekey"]).fails_with(2);
    assert!(output.stderr.contains("--new-key-file"), "{}", output.stderr);
}

/// Makes three versions of a store by the same steps: all of `base`, then those of a side.
fn versions(sandbox: &Sandbox, base: &[&[&str]], ours: &[&[&str]], theirs: &[&[&str]]) {
    let store = sandbox.project().join("secrets.hushed");
    let steps = |steps: &[&[&str]]| {
        for line in steps {
            sandbox.command(*line).stdin("canary").run().success();
        }
    };
    steps(base);
    fs::copy(&store, sandbox.project().join("base")).unwrap();
    steps(ours);
    fs::rename(&store, sandbox.project().join("ours")).unwrap();
    fs::copy(sandbox.project().join("base"), &store).unwrap();
    steps(theirs);
    fs::rename(&store, sandbox.project().join("theirs")).unwrap();
}

fn merge(sandbox: &Sandbox, options: &[&str]) -> Output {
    let line = ["secrets", "merge", "base", "ours", "theirs"];
    let output = sandbox.run(line.iter().chain(options));
    fs::copy(sandbox.project().join("ours"), sandbox.project().join("secrets.hushed")).unwrap();
    output
}

#[test]
fn secrets_that_one_side_changed_are_merged() {
    let sandbox = Sandbox::new().file("two", "canary two").file("three", "canary three");
    versions(
        &sandbox,
        &[
            &["secrets", "set", "KEPT"],
            &["secrets", "set", "CHANGED"],
            &["secrets", "set", "DELETED"],
            &["secrets", "set", "BOTH"],
        ],
        &[
            &["secrets", "set", "OURS"],
            &["secrets", "delete", "DELETED"],
            &["secrets", "set", "BOTH", "--file", "two"],
        ],
        &[
            &["secrets", "set", "THEIRS"],
            &["secrets", "set", "CHANGED", "--file", "three"],
            &["secrets", "set", "BOTH", "--file", "two"],
        ],
    );
    let output = merge(&sandbox, &[]).success();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    assert_eq!(names(&sandbox), ["BOTH", "CHANGED", "KEPT", "OURS", "THEIRS"]);
    assert_eq!(get(&sandbox, "CHANGED"), b"canary three");
    assert_eq!(get(&sandbox, "BOTH"), b"canary two");
}

#[test]
fn conflicts_are_told_by_name_and_a_side_may_be_preferred() {
    let sandbox = Sandbox::new().file("two", "canary two").file("three", "canary three");
    let own: &[&[&str]] = &[&["secrets", "set", "X"], &["secrets", "set", "Y"]];
    versions(
        &sandbox,
        own,
        &[&["secrets", "set", "X", "--file", "two"], &["secrets", "delete", "Y"]],
        &[
            &["secrets", "set", "X", "--file", "three"],
            &["secrets", "set", "Y", "--file", "two"],
            &["secrets", "set", "Z"],
        ],
    );
    let ours = fs::read(sandbox.project().join("ours")).unwrap();
    let output = merge(&sandbox, &[]).fails_with(1);
    let want = "hushed: conflict in `X`: changed on both sides\n\
                hushed: conflict in `Y`: deleted here, changed on the other side\n\
                hushed: 2 secrets are in conflict\n  hint: ";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
    assert_eq!(names(&sandbox), ["X", "Z"]);
    assert_eq!(get(&sandbox, "X"), b"canary two");

    for (option, names_left, x) in [
        ("--ours", &["X", "Z"][..], &b"canary two"[..]),
        ("--theirs", &["X", "Y", "Z"], b"canary three"),
    ] {
        fs::write(sandbox.project().join("ours"), &ours).unwrap();
        merge(&sandbox, &[option]).success();
        assert_eq!(names(&sandbox), names_left);
        assert_eq!(get(&sandbox, "X"), x);
    }
}

#[test]
fn whom_a_side_revoked_is_revoked_and_whom_a_side_granted_is_granted() {
    let sandbox = Sandbox::new();
    let (bob, carol) = (member("bob").1, member("carol").1);
    versions(
        &sandbox,
        &[&["secrets", "set", "A"], &["secrets", "grant", &bob]],
        &[&["secrets", "revoke", &bob]],
        &[&["secrets", "grant", &carol], &["secrets", "set", "B"]],
    );
    merge(&sandbox, &[]).success();
    as_member(&sandbox, "bob", &["secrets", "get", "A"]).fails_with(65);
    assert_eq!(as_member(&sandbox, "carol", &["secrets", "get", "B"]).success().bytes, b"canary");
    assert_eq!(get(&sandbox, "B"), b"canary");
}

#[test]
fn a_passphrase_stays_one_recipient_through_a_merge() {
    let sandbox = Sandbox::new().env("HUSHED_PASSPHRASE", "correct horse canary staple");
    let (bob, carol) = (member("bob").1, member("carol").1);
    versions(
        &sandbox,
        &[&["secrets", "set", "A"]],
        &[&["secrets", "grant", &bob]],
        &[&["secrets", "grant", &carol]],
    );
    merge(&sandbox, &[]).success();
    let list = sandbox.run(["secrets", "recipients"]).success().stdout;
    assert_eq!(list.lines().count(), 3, "{list}");
    assert_eq!(list.matches("passphrase").count(), 1, "{list}");
}

#[test]
fn git_merges_branches_with_it() {
    let sandbox = Sandbox::new();
    let script = format!(
        "set -e; export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
         git init -q -b main . && git config user.name t && git config user.email t@example.invalid
         git config merge.hushed.driver '{} secrets merge %O %A %B'
         echo 'secrets.hushed merge=hushed' >.gitattributes
         set_and_commit() {{ printf 'canary %s' \"$2\" | {0} secrets set \"$1\"; git add .; git commit -qm x; }}
         set_and_commit A one
         git checkout -qb side && set_and_commit B two
         git checkout -q main && set_and_commit C three
         git merge -q -m merge side
         {0} secrets list
         git checkout -q side && set_and_commit A four
         git checkout -q main && set_and_commit A five
         if git merge -q -m merge side; then exit 9; fi
         git status --short",
        hushed().display()
    );
    let output = sandbox.program("bash", ["-c", &script]).argv_reveals().run().success();
    let lines: Vec<&str> = output.stdout.lines().collect();
    let listed = |name: &str| lines.iter().any(|line| line.starts_with(&format!("{name}  ")));
    assert!(["A", "B", "C"].into_iter().all(listed), "{}", output.stdout);
    assert!(output.stdout.contains("UU secrets.hushed"), "{}", output.stdout);
    assert!(output.stderr.contains("conflict in `A`: changed on both sides"), "{}", output.stderr);
    assert!(!output.stderr.contains("canary"), "{}", output.stderr);
}

#[test]
fn what_cannot_be_merged_leaves_all_as_it_was() {
    let sandbox = Sandbox::new().file("empty", "").file("foreign", "A=1\n");
    versions(
        &sandbox,
        &[&["secrets", "set", "A"]],
        &[&["secrets", "set", "B"]],
        &[&["secrets", "set", "C"]],
    );
    let path = sandbox.project().join("ours");
    let ours = fs::read(&path).unwrap();
    for (base, theirs, want) in [
        ("foreign", "theirs", "it is not a file that hushed encrypted"),
        ("base", "foreign", "it is not a file that hushed encrypted"),
        ("base", "none", "does not exist"),
    ] {
        let output = sandbox.run(["secrets", "merge", base, "ours", theirs]);
        assert_ne!(output.code(), 0);
        assert!(output.stderr.contains(want), "{}", output.stderr);
        assert_eq!(fs::read(&path).unwrap(), ours);
    }
    // Both sides added the store: there is no ancestor.
    sandbox.run(["secrets", "merge", "empty", "ours", "theirs"]).success();
}
