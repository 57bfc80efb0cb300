//! Arguments reach the command byte for byte, and hushed takes none of them for its own.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::sandbox;
use crate::support::sandbox::{Output, Sandbox};

/// Runs a command that prints its arguments, with a NUL byte behind each.
fn printed(sandbox: &Sandbox, front: &[&str], arguments: &[OsString]) -> Output {
    let command = front.iter().map(OsString::from).chain(arguments.iter().cloned());
    sandbox.command(command).run()
}

#[test]
fn arguments_are_passed_verbatim() {
    let sandbox = sandbox();
    let all: [&[&[u8]]; 6] = [
        &[b"--", b"x", b"-v", b"--flag", b""],
        &[b"-v", b"--help", b"--version", b"-c", b"--env-file", b"none", b"run"],
        &[b"a b", b"*", b"$HOME", b"`id`", b"'\"\\", b"\n\t"],
        &[b"\xff\xfe", b"\x80=\x81", "ü".as_bytes()],
        &[b"--env-file=none", b"-e", b"--", b"--"],
        &[],
    ];
    for arguments in all {
        let given: Vec<OsString> =
            arguments.iter().map(|bytes| OsString::from_vec(bytes.to_vec())).collect();
        let want: Vec<u8> =
            given.iter().flat_map(|text| [text.as_encoded_bytes(), b"\0"].concat()).collect();
        let front = ["run", "--env-file", "app.env", "--", "sh", "-c", PRINT, "sh"];
        let output = printed(&sandbox, &front, &given).success();
        assert_eq!(output.bytes, want, "{given:?}");
        let front = ["run", "--env-file", "app.env", "sh", "-c", PRINT, "sh"];
        let output = printed(&sandbox, &front, &given).success();
        assert_eq!(output.bytes, want, "without `--`: {given:?}");
    }
}

const PRINT: &str = r#"for argument; do printf '%s\0' "$argument"; done"#;

#[test]
fn the_first_argument_is_the_program_as_typed() {
    let sandbox = sandbox();
    let bin = sandbox.project().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink("/bin/sh", bin.join("named")).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    for name in ["named", "./bin/named", "bin/../bin/named"] {
        let line =
            ["run", "--env-file", "app.env", "--", name, "-c", "tr '\\0' '\\n' </proc/$$/cmdline"];
        let output = sandbox.command(line).env("PATH", path.as_str()).run().success();
        assert_eq!(output.stdout.lines().next(), Some(name));
    }
}

#[test]
fn a_string_is_run_by_the_users_shell() {
    let shell = |shell: &str| sandbox().env("SHELL", shell);
    let said = |sandbox: Sandbox, string: &str| {
        let line = ["run", "--env-file", "app.env", "-c", string];
        sandbox.command(line).run().success().stdout
    };
    let own = "#!/bin/sh\nprintf '<%s>' own \"$@\"\n";
    let with_own = shell("").file("shell", own);
    let path = with_own.project().join("shell");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!(said(with_own.env("SHELL", path), "a 'b' $c"), "<own><-c><a 'b' $c>");
    let of_sh = r#"test "${#SECRET}" = 6 && tr '\0' ' ' </proc/$$/cmdline"#;
    assert_eq!(said(shell(""), of_sh), format!("/bin/sh -c {of_sh} "));
    assert_eq!(said(sandbox().without("SHELL"), of_sh), format!("/bin/sh -c {of_sh} "));
    assert_eq!(said(shell("/bin/sh"), "exit 0"), "");
}

#[test]
fn a_string_and_a_command_exclude_each_other() {
    for line in [&["run", "-c", "true", "--", "true"][..], &["run"], &["run", "--"]] {
        let output = sandbox().run(line).fails_with(125);
        assert!(output.stderr.contains("Usage: hushed run"), "{}", output.stderr);
    }
}

#[test]
fn the_exit_code_of_the_command_is_returned() {
    let sandbox = sandbox();
    for code in [0, 1, 2, 3, 63, 64, 125, 126, 127, 128, 130, 200, 255] {
        let exit = format!("exit {code}");
        let output = sandbox.run(["run", "--env-file", "app.env", "--", "sh", "-c", &exit]);
        assert_eq!(output.fails_with(code).stderr, "");
    }
}
