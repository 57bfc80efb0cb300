//! What the installed shells do to environment variables, compared with the table of `resolve`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use hushed::resolve::{SHELLS, ShellEffects};
use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

const VALUE: &str = "canary-value";

/// What a shell does to a variable that it inherits.
#[derive(Debug, PartialEq, Eq)]
enum Effect {
    None,
    Dropped,
    Changed,
}

/// Has a shell print a variable, and then the environment of a command that it starts. `None` where
/// there is no such shell.
fn effect(shell: &str, name: &str) -> Option<Effect> {
    let is_identifier = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && !name.starts_with(|c: char| c.is_ascii_digit());
    let own = if is_identifier { format!("echo \"${{{name}}}\"") } else { format!("echo {VALUE}") };
    // The last command of a shell may take its place; this one starts both as children.
    let script = format!("{own}; cat /proc/self/environ; :");
    let (program, first) = if shell == "busybox" { (shell, Some("sh")) } else { (shell, None) };
    let mut command = Command::new(program);
    command.args(first).args(["-c", &script]).stdin(Stdio::null());
    command.env_clear().env("PATH", "/usr/bin:/bin").env(name, VALUE);
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (seen, passed_on) = text.split_once('\n').unwrap_or_default();
    let passed_on: Vec<&str> = passed_on.split('\0').collect();
    Some(if seen == VALUE && passed_on.contains(&&*format!("{name}={VALUE}")) {
        Effect::None
    } else if is_identifier {
        Effect::Changed
    } else {
        Effect::Dropped
    })
}

#[test]
fn the_table_matches_the_installed_shells() {
    let mut names: BTreeSet<&str> =
        SHELLS.iter().flat_map(|shell| shell.changes).copied().collect();
    names.extend(["my.key", "my-key", "1A", "\u{e9}", "a+b", "A", "_a", "DB_URL", "token", "USER"]);
    let mut found = 0;
    for shell in SHELLS {
        if effect(shell.name, "A").is_none() {
            let why = format!("skipped: what {} does to names: it is not installed\n", shell.name);
            std::io::stderr().write_all(why.as_bytes()).unwrap();
            continue;
        }
        found += 1;
        for name in &names {
            let effects = ShellEffects::of(name);
            let want = match () {
                () if effects.dropped_by.contains(&shell.name) => Effect::Dropped,
                () if effects.changed_by.contains(&shell.name) => Effect::Changed,
                () => Effect::None,
            };
            assert_eq!(effect(shell.name, name), Some(want), "{} and `{name}`", shell.name);
        }
    }
    assert_ne!(found, 0, "there is no shell");
}

#[test]
fn a_plan_marks_names_that_shells_drop_or_change() {
    let text = "my.key=canary\nRANDOM=canary\nDB_URL=canary\n";
    let sandbox = Sandbox::new().file("app.env", text);
    let run = |flags: &[&str]| {
        sandbox.run([&["plan", "--env-file=app.env"], flags].concat()).success().stdout
    };
    let plan = run(&[]);
    for line in [
        "  my.key  `app.env` (app.env:1), 6 bytes, dropped by dash, busybox, mksh, redactable: its name says KEY\n",
        "  RANDOM  `app.env` (app.env:2), 6 bytes, changed by busybox, mksh, bash, zsh, not redactable: ",
        "  DB_URL  `app.env` (app.env:3), 6 bytes, not redactable: ",
        "  hint: `--transform upper-snake` gives names that every shell passes on\n",
    ] {
        assert!(plan.contains(line), "{line}{plan}");
    }
    let plan = run(&["--transform", "upper-snake"]);
    assert!(!plan.contains("dropped") && !plan.contains("hint"), "{plan}");
    let plan: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let entry = |name: &str| {
        let entries = plan["variables"].as_array().unwrap();
        entries.iter().find(|entry| entry["name"] == name).unwrap().clone()
    };
    assert_eq!(entry("my.key")["dropped_by_shells"], json!(["dash", "busybox", "mksh"]));
    assert_eq!(entry("RANDOM")["changed_by_shells"], json!(["busybox", "mksh", "bash", "zsh"]));
    assert_eq!(entry("DB_URL")["dropped_by_shells"], json!([]));
}
