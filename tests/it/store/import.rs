//! `hushed secrets import`: what it says by name, what it writes, and what it refuses.

use super::{get, names};
use crate::support::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new()
        .file("one.json", r#"{"A": "canary one", "B": "canary"}"#)
        .file("two.yaml", "A: canary two\nC: canary three\n")
}

#[test]
fn a_dry_run_says_what_an_import_then_does() {
    let sandbox = sandbox();
    let output = sandbox.run(["secrets", "import", "one.json", "--dry-run"]).success();
    assert_eq!(output.stdout, "A  new\nB  new\n");
    assert!(!sandbox.project().join("secrets.hushed").exists());
    let output = sandbox.run(["secrets", "import", "one.json"]).success();
    assert_eq!(output.stdout, "A  new\nB  new\n");
    let output = sandbox.run(["secrets", "import", "one.json"]).success();
    assert_eq!(output.stdout, "A  same\nB  same\n");
    assert_eq!((get(&sandbox, "A"), get(&sandbox, "B")), (b"canary one".into(), b"canary".into()));
}

#[test]
fn a_secret_with_another_value_stops_the_import_unless_told_otherwise() {
    let sandbox = sandbox();
    sandbox.run(["secrets", "import", "one.json"]).success();
    let output = sandbox.run(["secrets", "import", "two.yaml"]).fails_with(1);
    assert_eq!(output.stdout, "A  different\nC  new\n");
    let want = "hushed: 1 secret has another value in the store\n  hint: nothing was written; ";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
    assert_eq!(names(&sandbox), ["A", "B"]);

    let output = sandbox.run(["secrets", "import", "two.yaml", "--on-conflict", "skip"]).success();
    assert_eq!(output.stdout, "A  different, skipped\nC  new\n");
    assert_eq!((names(&sandbox).len(), get(&sandbox, "A")), (3, b"canary one".into()));
    let line = ["secrets", "import", "two.yaml", "--on-conflict", "replace", "--only", "A,X*"];
    let output = sandbox.run(line).success();
    assert_eq!(output.stdout, "A  different, replaced\n");
    assert_eq!(get(&sandbox, "A"), b"canary two");
}

#[test]
fn formats_are_named_or_known_by_the_file() {
    let sandbox = Sandbox::new().file(".env", "A=canary # x\n");
    sandbox.run(["secrets", "import", ".env"]).success();
    assert_eq!(get(&sandbox, "A"), b"canary");
    let line = ["secrets", "import", "-", "-f", "csv"];
    sandbox.command(line).stdin("Key,Value\nB,\"canary, two\"\n").run().success();
    assert_eq!(get(&sandbox, "B"), b"canary, two");
    let line = ["secrets", "import", ".env", "--dialect", "docker", "--on-conflict", "replace"];
    sandbox.run(line).success();
    assert_eq!(get(&sandbox, "A"), b"canary # x");
    let output = sandbox.run(["secrets", "import", ".env", "-f", "xml"]);
    assert_ne!(output.code(), 0);
    assert!(output.stderr.contains("powershell"), "{}", output.stderr);
}

#[test]
fn a_bad_file_or_an_empty_value_writes_nothing() {
    let sandbox = Sandbox::new()
        .file("bad.json", "{\"A\": \"canary\",\n\"B\": {\"canary\": 1}}")
        .file("empty.json", "{\"A\": \"canary\", \"B\": \"\"}")
        .file("name.json", "{\"A\": \"canary\", \"B=C\": \"canary\"}");
    for (file, want) in [
        ("bad.json", "line 2: `B` is a map, not a text"),
        ("empty.json", "the value of `B` is empty"),
        ("name.json", "cannot store"),
        ("none.json", "hushed: "),
    ] {
        let output = sandbox.run(["secrets", "import", file]);
        assert_ne!(output.code(), 0, "{file}");
        assert!(output.stderr.contains(want), "{file}: {}", output.stderr);
        assert!(!sandbox.project().join("secrets.hushed").exists(), "{file}");
    }
    sandbox.run(["secrets", "import", "empty.json", "--allow-empty"]).success();
    assert_eq!(names(&sandbox), ["A", "B"]);
}
