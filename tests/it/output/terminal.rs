//! On a terminal, the command has a terminal, and its output is redacted.

use super::sandbox;
use crate::support::sandbox::hushed;

/// Runs a script on a pseudo-terminal; gives what is seen there, and how it ended.
fn on_terminal(steps: &[&str], text: &str) -> String {
    let sandbox = sandbox();
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/output/terminal.py");
    let hushed = hushed().to_string_lossy().into_owned();
    let line = std::iter::once(driver).chain(steps.iter().copied());
    let line = line.chain(["--", &hushed, "run", "--redact", "--env-file", "app.env", "--"]);
    let output = sandbox.program("python3", line.chain(["sh", "-c", text])).run().success();
    output.stdout.replace('\r', "")
}

#[test]
fn the_command_has_a_terminal_of_the_same_size() {
    let text = "for fd in 0 1 2; do test -t $fd && echo $fd; done; stty size; echo $SECRET >&2";
    let seen = on_terminal(&[], text);
    assert_eq!(seen, "0\n1\n2\n33 101\n[hushed:SECRET]\nended 0, modes kept\n");
}

#[test]
fn a_redirected_stream_is_a_pipe() {
    let sandbox = sandbox();
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/output/terminal.py");
    let hushed = hushed().to_string_lossy().into_owned();
    let inner = "test -t 1 || echo pipe >&2; test -t 2 && echo terminal >&2; echo $SECRET | tee /dev/stderr";
    let text = format!("\"$0\" run --redact --env-file app.env -- sh -c '{inner}' | cat >out");
    let line = [driver, "--", "sh", "-c", &text, &hushed];
    let output = sandbox.program("python3", line).run().success();
    let seen = output.stdout.replace('\r', "");
    assert_eq!(seen, "pipe\nterminal\n[hushed:SECRET]\nended 0, modes kept\n");
    let out = std::fs::read_to_string(sandbox.project().join("out")).unwrap();
    assert_eq!(out, "[hushed:SECRET]\n");
}

#[test]
fn input_without_echo_reaches_the_command() {
    let text = "stty -echo; printf 'Password: '; read x; stty echo; echo; echo \"${#x}: $SECRET\"";
    let seen = on_terminal(&["=Password: ", ">hunter\\n"], text);
    assert_eq!(seen, "Password: \n6: [hushed:SECRET]\nended 0, modes kept\n");
}

#[test]
fn a_killed_command_leaves_its_terminal_modes() {
    let text = "stty -echo -icanon; printf 'Password: '; read x; kill -KILL $$";
    // As without us: whoever started it, such as a shell, knows what to do about that.
    let seen = on_terminal(&["=Password: ", ">hunter\\n"], text);
    assert_eq!(seen, "Password: ended -9, modes changed\n");
}

#[test]
fn ctrl_c_reaches_the_command_once() {
    // A shell's `read` may or may not end at a signal that it catches.
    let text = "trap 'n=$((n+1)); echo caught' INT; echo ready
        until [ \"$x\" = end ]; do read x; done; echo \"$n time\"; exit 7";
    let seen = on_terminal(&["=ready", ">\\x03", "=caught", ">end\\n"], text);
    assert!(seen.ends_with("1 time\nended 7, modes kept\n"), "{seen}");
    let seen = on_terminal(&["=ready", ">\\x03"], "echo ready; read x; echo not");
    assert!(seen.starts_with("ready\n") && !seen.contains("not"), "{seen}");
    assert!(seen.ends_with("ended -2, modes kept\n"), "{seen}");
}
