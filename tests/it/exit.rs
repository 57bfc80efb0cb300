//! How each command ends: the table of exit codes, tried.
//! Must not look at texts beyond which stream they are on.

use hushed::exit::{Exit, TABLE};

use crate::support::sandbox::Sandbox;

const OWN: &[&str] = &[
    "plan",
    "why",
    "redact",
    "export",
    "secrets",
    "cache",
    "doctor",
    "attest",
    "init",
    "trust",
    "completions",
];

fn sandbox() -> Sandbox {
    Sandbox::new().file("app.env", "API_KEY=canary\n").file("notes.txt", "no program\n")
}

#[test]
fn a_command_ends_as_the_table_says() {
    let env = ["--env-file", "app.env"];
    let missing = ["--env-file", "missing.env"];
    for (arguments, want) in [
        // The command's own.
        (["run", env[0], env[1], "--", "true"].as_slice(), 0),
        (&["run", env[0], env[1], "--", "sh", "-c", "exit 7"], 7),
        (&["run", env[0], env[1], "-c", "exit 125"], 125),
        // Ours, before it.
        (&["run", missing[0], missing[1], "--", "true"], 125),
        (&["run", env[0], env[1], "--require", "NOSUCH", "--", "true"], 125),
        (&["run", "--", "true"], 125),
        (&["run", "--wrong", "--", "true"], 125),
        (&["run"], 125),
        (&["run", env[0], env[1], "--", "./notes.txt"], 126),
        (&["run", env[0], env[1], "--", "./"], 126),
        (&["run", env[0], env[1], "--", "./nosuch"], 127),
        (&["run", env[0], env[1], "--", "no-such-command"], 127),
        // Commands that run nothing.
        (&["plan", env[0], env[1]], 0),
        (&["plan", env[0], env[1], "--require", "NOSUCH"], 1),
        (&["plan", missing[0], missing[1]], 1),
        (&["plan", "--wrong"], 2),
        (&["why", "API_KEY", env[0], env[1]], 0),
        (&["why", "NOSUCH", env[0], env[1]], 1),
        (&["why"], 2),
        (&["export", env[0], env[1], "--require", "NOSUCH"], 65),
        (&["export", "--wrong"], 2),
        (&["secrets", "list", env[0], env[1]], 0),
        (&["secrets", "list", missing[0], missing[1]], 1),
        (&["secrets", "get", "NOSUCH", env[0], env[1]], 1),
        (&["secrets", "get"], 2),
        (&["secrets", "delete", "NOSUCH"], 1),
        (&["secrets", "nosuch"], 2),
        (&["doctor", env[0], env[1]], 0),
        (&["doctor", missing[0], missing[1]], 1),
        (&["doctor", "--wrong"], 2),
        (&["trust"], 1),
        (&["trust", "--wrong"], 2),
        (&["completions", "bash"], 0),
        (&["completions", "nosuch"], 2),
        (&["init", "--wrong"], 2),
        (&["init"], 0),
        (&["nosuch"], 2),
        (&["--wrong"], 2),
    ] {
        let output = sandbox().run(arguments.iter().copied());
        assert_eq!(output.code(), want, "{arguments:?}: {}{}", output.stdout, output.stderr);
        if want == 2 || want == 125 && arguments.contains(&"--wrong") {
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
        }
    }
}

#[test]
fn a_secret_that_is_printed_ends_with_success() {
    for arguments in [
        ["export", "--env-file", "app.env"].as_slice(),
        &["secrets", "get", "API_KEY", "--env-file", "app.env"],
    ] {
        let output = sandbox().command(arguments.iter().copied()).reveals().run();
        assert_eq!(output.code(), 0, "{arguments:?}: {}", output.stderr);
    }
}

#[test]
fn help_and_version_are_what_was_asked_for() {
    let helps = OWN.iter().map(|command| vec![*command, "--help"]);
    let others = [vec![], vec!["--help"], vec!["--version"], vec!["run", "--help"], vec!["cache"]];
    for arguments in helps.chain(others) {
        let output = sandbox().run(arguments.iter().copied());
        assert_eq!(output.code(), 0, "{arguments:?}: {}", output.stderr);
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
        let longest = output.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{arguments:?}: a line of {longest:?} characters");
    }
}

#[test]
fn every_code_is_in_the_table() {
    let exits =
        [Exit::Success, Exit::Failure, Exit::Usage, Exit::Own, Exit::CannotExecute, Exit::NotFound];
    for exit in exits {
        let code = exit.code().to_string();
        assert!(TABLE.iter().any(|row| row.code == code), "{code}");
    }
    assert_eq!(Exit::Signal(15).code(), 143);
}
