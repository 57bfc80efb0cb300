//! `examples/quickstart/`, the first command of the README, as a new user runs it.
//! Must not build anything: the script is given the binary under test.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::sandbox::{Output, Sandbox, hushed};

const FOLDER: &str = "examples/quickstart";

/// Copies the folder into the working directory of a sandbox.
fn copied() -> Sandbox {
    let sandbox = Sandbox::new().env("HUSHED_BIN", hushed());
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    for name in ["app.sh", "hushed.toml", "run.sh"] {
        fs::copy(from.join(name), sandbox.project().join(name)).unwrap();
    }
    sandbox
}

fn run(sandbox: &Sandbox) -> Output {
    sandbox.program(sandbox.project().join("run.sh"), [""; 0]).run().success()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Returns the secret that the script stored, and fails the test if anything shows it.
fn hidden_secret(sandbox: &Sandbox, said: &Output) -> String {
    let secret = sandbox.command(["secrets", "get", "API_KEY"]).run().success().stdout;
    let secret = secret.trim_end().to_owned();
    assert_eq!(secret.len(), 32);
    assert!(!said.stdout.contains(&secret) && !said.stderr.contains(&secret));
    for name in names(&sandbox.project()) {
        let bytes = fs::read(sandbox.project().join(&name)).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{name}");
    }
    secret
}

#[test]
fn the_quickstart_runs_again_and_again() {
    let sandbox = copied();
    let first = run(&sandbox);
    let said = "my API_KEY has 32 characters.\ndebug: API_KEY=[hushed:API_KEY]\n";
    assert!(first.stdout.ends_with(said), "{}", first.stdout);
    assert!(first.stderr.contains("made the key"));
    let secret = hidden_secret(&sandbox, &first);

    let second = run(&sandbox);
    assert_eq!(second.stderr, "", "the key is made once");
    assert!(second.stdout.ends_with(said), "{}", second.stdout);
    assert_ne!(hidden_secret(&sandbox, &second), secret);
}

#[test]
fn the_quickstart_leaves_nothing_that_git_would_see() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    let sandbox = copied();
    let before = names(&sandbox.project());
    run(&sandbox);
    for left in names(&sandbox.project()).difference(&before) {
        let line = format!("/{FOLDER}/{left}");
        assert!(ignored.lines().any(|known| known == line), "{left} is not in .gitignore");
    }
    assert!(before.len() == 3 && names(&root.join(FOLDER)).is_superset(&before));
}
