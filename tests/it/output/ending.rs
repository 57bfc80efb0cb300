//! The exit status of a command whose output is redacted.

use std::os::unix::process::ExitStatusExt as _;

use super::{sandbox, script};

const MODES: [&str; 2] = ["--redact", "--init"];

#[test]
fn the_exit_code_is_the_commands() {
    let sandbox = sandbox();
    for mode in MODES {
        for code in [0, 1, 2, 7, 125, 126, 127, 128, 143, 255] {
            let output = script(&sandbox, &[mode], &format!("exit {code}")).run();
            assert_eq!(output.status.code(), Some(code), "{mode}: {}", output.stderr);
        }
    }
}

#[test]
fn the_signal_of_the_command_is_raised_without_a_core_file() {
    let sandbox = sandbox();
    for mode in MODES {
        for signal in [1, 2, 3, 6, 9, 11, 13, 14, 15, 10, 34] {
            let text = format!("ulimit -c 0; kill -{signal} $$");
            let line = ["env", "--default-signal", "sh", "-c", &text].map(String::from);
            let flags = ["run", "--env-file", "app.env", mode, "--"].map(String::from);
            let output = sandbox.command(flags.into_iter().chain(line)).run();
            assert_eq!(output.status.signal(), Some(signal), "{mode}: {}", output.stderr);
            assert!(!output.status.core_dumped(), "{mode}, {signal}");
            assert_eq!(output.stderr, "", "{mode}, {signal}");
        }
    }
}

#[test]
fn a_command_that_does_not_start_has_its_own_exit_code() {
    let sandbox = sandbox().file("plain", "no program\n");
    for mode in MODES {
        for (command, code) in
            [("./missing", 127), ("no-such-program", 127), ("./plain", 126), ("/", 126)]
        {
            let line = ["run", "--env-file", "app.env", mode, "--", command];
            let output = sandbox.run(line).fails_with(code);
            assert!(output.stderr.starts_with("hushed: "), "{}", output.stderr);
        }
        let line = ["run", "--env-file", "missing.env", mode, "--", "touch", "started"];
        sandbox.run(line).fails_with(125);
        let line = ["run", "--env-file", "app.env", mode, "--require", "NOPE", "--", "touch"];
        sandbox.command(line.iter().chain(&["started"]).copied()).run().fails_with(125);
        assert!(!sandbox.project().join("started").exists());
    }
}

#[test]
fn the_command_does_not_start_if_its_output_cannot_be_redacted() {
    let sandbox = sandbox();
    let hushed = crate::support::sandbox::hushed().to_string_lossy().into_owned();
    // From too few descriptors to be loaded to enough, past all that redaction needs of them.
    let codes = (3..=24).map(|limit| {
        let text = format!(
            "ulimit -n {limit}; exec \"$0\" run --redact --env-file app.env -- sh -c 'echo $SECRET'"
        );
        let output = sandbox.program("sh", ["-c", &text, &hushed]).run();
        let want = if output.status.success() { "[hushed:SECRET]\n" } else { "" };
        assert_eq!(output.stdout, want, "{limit}: {}", output.stderr);
        output.code()
    });
    let codes: Vec<i32> = codes.collect();
    assert!([125, 0].iter().all(|code| codes.contains(code)), "{codes:?}");
}
