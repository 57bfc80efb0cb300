//! The keyring of a desktop, in a session of its own: a bus, and GNOME Keyring.

use crate::support::sandbox::{Sandbox, hushed};

const NEEDS: [&str; 3] = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];

/// Runs a script in a session with an unlocked keyring; nothing where a program is missing.
#[expect(clippy::print_stdout, reason = "a test says what it skips")]
fn in_session(sandbox: &Sandbox, script: &str) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &&str| std::env::split_paths(&path).any(|dir| dir.join(name).exists());
    if let Some(missing) = NEEDS.iter().find(|name| !is_there(name)) {
        println!("skipped: {missing} is not installed");
        return None;
    }
    let start =
        "printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n";
    let script = format!("{start}{script}").replace("hushed", &hushed().display().to_string());
    let run = sandbox.program("dbus-run-session", ["--", "sh", "-c", &script]);
    Some(run.reveals().run().success().stdout)
}

fn project() -> Sandbox {
    Sandbox::new().file(
        "hushed.toml",
        "[source.desktop]\ntype = \"secret-service\"\nattributes = { application = \"shop\" }\n",
    )
}

#[test]
fn items_with_the_attributes_are_secrets() {
    let script = "printf one | secret-tool store --label=DB_PASSWORD application shop kind db\n\
                  printf two | secret-tool store --label=API_KEY application shop kind api\n\
                  printf three | secret-tool store --label=OTHER application elsewhere\n\
                  hushed run -- sh -c 'echo $DB_PASSWORD $API_KEY $OTHER'\n\
                  hushed run --set desktop.name-attribute=kind -- sh -c 'echo $db $api'\n\
                  hushed doctor";
    let Some(printed) = in_session(&project(), script) else { return };
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("one two"), "{printed}");
    assert_eq!(lines.next(), Some("one two"), "{printed}");
    assert!(printed.contains("`desktop`: reading  2 secrets"), "{printed}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let script = "hushed run -- true 2>&1 || echo $?\n\
                  printf one | secret-tool store --label=A application shop kind db\n\
                  printf two | secret-tool store --label=A application shop kind api\n\
                  hushed run -- true 2>&1 || echo $?\n\
                  hushed run --set desktop.name-attribute=none -- true 2>&1 || echo $?\n\
                  secret-tool lock --collection=login\n\
                  hushed run -- true 2>&1 || echo $?";
    let Some(printed) = in_session(&project(), script) else { return };
    for want in [
        "no item has these attributes",
        "two items have the name `A`",
        "the item `A` has no attribute `none`",
    ] {
        assert!(printed.contains(want), "{want}: {printed}");
    }
    assert_eq!(printed.matches("125").count(), 4, "{printed}");
    let away = project().env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
    let error = away.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("cannot connect to the session bus"), "{error}");
}
