//! Where the output goes: a reader that has left is no fault, a full disk is one. And completions.
//! Must not test what the output says.

use crate::support::sandbox::{Sandbox, hushed};

const VIEWS: [&[&str]; 8] = [
    &["plan", "--env-file=a.env"],
    &["why", "A", "--env-file=a.env"],
    &["secrets", "list", "--env-file=a.env"],
    &["secrets", "get", "A", "--env-file=a.env"],
    &["export", "--env-file=a.env"],
    &["completions", "bash"],
    &["--help"],
    &["run", "--help"],
];

fn sh(script: &str, view: &[&str]) -> crate::support::sandbox::Output {
    let sandbox = Sandbox::new().file("a.env", "A=canary\n");
    let hushed = hushed();
    let line = [&["-c", script, "sh", hushed.to_str().unwrap()], view].concat();
    sandbox.program("/bin/bash", line).run()
}

#[test]
fn a_reader_that_has_left_is_no_fault() {
    for view in VIEWS {
        // The reader is gone before the first byte: its end is closed when hushed begins.
        let script = r#"exec 3> >(exec 0<&-; echo gone >&2); wait $!; "$@" >&3"#;
        let output = sh(script, view).success();
        assert_eq!(output.stderr, "gone\n", "{view:?}");
    }
}

#[test]
fn a_full_disk_is_a_fault() {
    for view in VIEWS {
        let output = sh(r#"exec "$@" >/dev/full"#, view);
        assert_ne!(output.code(), 0, "{view:?}");
        let want = "hushed: cannot write to standard output\n  caused by: No space left on device";
        assert!(output.stderr.starts_with(want), "{view:?}: {}", output.stderr);
    }
}

#[test]
fn a_closed_output_is_a_reader_that_has_left() {
    for view in VIEWS {
        let output = sh(r#"exec "$@" >&-"#, view);
        assert_eq!((output.code(), output.stderr.as_str()), (0, ""), "{view:?}");
    }
}

#[test]
fn every_shell_has_its_completions() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = sandbox.run(["completions", shell]).success();
        // Elvish and PowerShell list the options, the others ask hushed for them.
        let asks_or_lists =
            ["__complete", "env-file"].iter().any(|text| output.stdout.contains(text));
        assert!(output.stdout.contains("hushed") && asks_or_lists, "{shell}");
        assert_eq!(output.stderr, "");
    }
    let output = sandbox.run(["completions", "tcsh"]).fails_with(2);
    assert!(output.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", output.stderr);
}

#[test]
fn bash_reads_its_completions() {
    let script = r#"source <("$@") && complete -p hushed && PATH=${1%/*}:$PATH &&
        COMP_WORDS=(hushed sec) COMP_CWORD=1 && _hushed hushed sec hushed; echo "${COMPREPLY[@]}""#;
    let output = sh(script, &["completions", "bash"]).success();
    assert_eq!(output.stdout.lines().last().unwrap().trim(), "secrets", "{}", output.stdout);
}
