//! `export`: to standard output, or to a private file in one step. Must not test the formats.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;

use crate::support::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new().file("a.env", "A=canary one\nB=canary\n").permits("out")
}

const LINE: [&str; 3] = ["export", "--env-file", "a.env"];

#[test]
fn every_format_goes_to_standard_output() {
    for format in ["dotenv", "shell", "json", "yaml", "csv", "docker", "systemd", "kubernetes"] {
        let line = [&LINE[..], &["--format", format]].concat();
        let output = sandbox().command(line).reveals().run().success();
        assert!(output.stdout.contains('A') && output.stdout.ends_with('\n'), "{}", output.stdout);
        assert_eq!(output.stderr, "");
    }
    let output = sandbox().run([&LINE[..], &["--format", "jsn"]].concat()).fails_with(2);
    assert!(
        output
            .stderr
            .starts_with("hushed: --format: `jsn` is not a format; expected one of `dotenv`, "),
        "{}",
        output.stderr
    );
    assert!(output.stderr.ends_with("hint: did you mean `json`?\n"), "{}", output.stderr);
}

#[test]
fn a_file_is_private_and_replaced_as_a_whole() {
    let sandbox = sandbox();
    let out = sandbox.project().join("out");
    fs::write(&out, "before").unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o644)).unwrap();
    let before = fs::File::open(&out).unwrap();
    let line = [&LINE[..], &["-f", "json", "--output", "out"]].concat();
    let output = sandbox.run(line).success();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o7777, 0o600);
    let said: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!(said["A"], "canary one");
    // Whoever had the old file open still reads the old one: it was replaced, not written into.
    assert_eq!(std::io::read_to_string(before).unwrap(), "before");
    let files = fs::read_dir(sandbox.project()).unwrap().count();
    assert_eq!(files, 2, "something was left beside it");
}

#[test]
fn no_link_is_written_through() {
    let sandbox = sandbox();
    fs::write(sandbox.project().join("target"), "mine").unwrap();
    for target in ["target", "nowhere"] {
        let out = sandbox.project().join("out");
        symlink(target, &out).unwrap();
        let output = sandbox.run([&LINE[..], &["-o", "out"]].concat()).fails_with(1);
        assert!(
            output.stderr.starts_with("hushed: `out` is a symbolic link\n  hint: "),
            "{}",
            output.stderr
        );
        fs::remove_file(out).unwrap();
    }
    assert_eq!(fs::read_to_string(sandbox.project().join("target")).unwrap(), "mine");
    assert!(!sandbox.project().join("nowhere").exists());
    let output = sandbox.run([&LINE[..], &["-o", "none/out"]].concat()).fails_with(1);
    assert!(output.stderr.contains("none"), "{}", output.stderr);
}

#[test]
fn what_is_refused_writes_nothing() {
    let sandbox = sandbox();
    let line = [&LINE[..], &["-o", "out", "--require", "C"]].concat();
    sandbox.run(line).fails_with(65);
    assert!(!sandbox.project().join("out").exists());
}
