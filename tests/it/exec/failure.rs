//! Programs that cannot be executed: the exit codes of a shell, and a message with file and reason.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::sandbox;

fn executable(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A file that is a program in all but its machine, which no kernel knows.
fn other_machine() -> Vec<u8> {
    let mut program = fs::read("/bin/true").unwrap();
    program[18..20].copy_from_slice(&0xfefe_u16.to_le_bytes());
    program
}

/// A file that is a program in all but the name of its loader.
fn other_loader() -> Vec<u8> {
    let mut program = fs::read("/bin/true").unwrap();
    let loader = b"/lib64/ld-linux";
    let other = program.windows(loader.len()).position(|window| window == loader);
    let at = other.unwrap_or_else(|| program.windows(7).position(|w| w == b"/lib/ld").unwrap());
    program[at + 1] = b'X';
    program
}

#[test]
fn each_exec_error_has_its_exit_code_file_and_reason() {
    struct Case {
        name: &'static str,
        content: Option<Vec<u8>>,
        mode: u32,
        code: i32,
        /// What the shell gives, where it disagrees.
        shell: Option<i32>,
        want: &'static str,
    }
    let case = |name, content: Option<&[u8]>, mode, code, want| Case {
        name,
        content: content.map(<[u8]>::to_vec),
        mode,
        code,
        shell: None,
        want,
    };
    let cases = [
        case("none", None, 0, 127, "`./none` was not found"),
        case("denied", Some(b"#!/bin/sh\n"), 0o644, 126, "permission denied"),
        Case {
            shell: Some(127),
            ..case(
                "lost",
                Some(b"#!/none/sh -e\n"),
                0o755,
                126,
                "interpreter `/none/sh` does not exist",
            )
        },
        Case {
            shell: Some(127),
            ..case(
                "crlf",
                Some(b"#!/bin/sh\r\necho\r\n"),
                0o755,
                126,
                "interpreter `/bin/sh\\r` does not exist",
            )
        },
        case(
            "closed",
            Some(b"#!/etc/passwd\n"),
            0o755,
            126,
            "its interpreter `/etc/passwd` cannot be executed",
        ),
        case("folder", Some(b"#!/etc\n"), 0o755, 126, "its interpreter `/etc` cannot be executed"),
        Case {
            content: Some(other_machine()),
            ..case("machine", None, 0o755, 126, "it is not an executable for this machine")
        },
        Case {
            content: Some(other_loader()),
            shell: Some(127),
            ..case(
                "loader",
                None,
                0o755,
                126,
                "the dynamic loader in its ELF header does not exist",
            )
        },
        case(
            "binary",
            Some(b"\x7fNOT\0ELF\n"),
            0o755,
            126,
            "it is not an executable for this machine",
        ),
    ];
    let sandbox = sandbox();
    for case in cases {
        let path = sandbox.project().join(case.name);
        if let Some(content) = &case.content {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(case.mode)).unwrap();
        }
        let command = format!("./{}", case.name);
        let output = sandbox.run(["run", "--env-file", "app.env", "--", &command]);
        let output = output.fails_with(case.code);
        assert!(output.stderr.starts_with(&format!("hushed: `{command}` ")), "{}", output.stderr);
        assert!(output.stderr.contains(case.want), "{}", output.stderr);
        assert_eq!(output.stdout, "");
        let shell = sandbox.program("/bin/bash", ["-c", &format!("{command}; exit $?")]).run();
        assert_eq!(
            shell.code(),
            case.shell.unwrap_or(case.code),
            "bash: {command}: {}",
            shell.stderr
        );
    }
}

#[test]
fn directories_and_dangling_links_have_their_own_errors() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.project().join("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.project().join("dangling")).unwrap();
    std::os::unix::fs::symlink("circle", sandbox.project().join("circle")).unwrap();
    let said = |command| sandbox.run(["run", "--env-file", "app.env", "--", command]);
    let output = said("./folder").fails_with(126);
    assert!(output.stderr.contains("caused by: it is a directory\n"), "{}", output.stderr);
    let output = said("./dangling").fails_with(127);
    assert!(
        output.stderr.contains("`./dangling` is a link to `nowhere`, which"),
        "{}",
        output.stderr
    );
    let output = said("./circle").fails_with(126);
    assert!(output.stderr.contains("symbolic links"), "{}", output.stderr);
    let output = said("./app.env/x").fails_with(127);
    assert!(output.stderr.starts_with("hushed: `./app.env/x` was not found"), "{}", output.stderr);
}

#[test]
fn a_busy_program_is_retried_and_then_reported() {
    let sandbox = sandbox();
    let path = sandbox.project().join("busy");
    executable(&path, &fs::read("/bin/true").unwrap());
    let writer = File::options().append(true).open(&path).unwrap();
    let output = sandbox.run(["run", "--env-file", "app.env", "--", "./busy"]).fails_with(126);
    assert!(output.stderr.contains("it is open for writing"), "{}", output.stderr);
    drop(writer);
    sandbox.run(["run", "--env-file", "app.env", "--", "./busy"]).success();
}

#[test]
fn a_script_without_a_shebang_is_run_by_sh() {
    let sandbox = sandbox();
    let script = "printf '<%s>' \"${0##*/}\" \"$@\" \"${#SECRET}\"\n";
    executable(&sandbox.project().join("script"), script.as_bytes());
    let line = ["run", "--env-file", "app.env", "--", "./script", "-a", ""];
    assert_eq!(sandbox.run(line).success().stdout, "<script><-a><><6>");
    // As a shell has it: an empty file is a script with nothing in it.
    executable(&sandbox.project().join("empty"), b"");
    sandbox.run(["run", "--env-file", "app.env", "--", "./empty"]).success();
}

#[test]
fn an_error_of_hushed_is_not_an_error_of_the_command() {
    let sandbox = sandbox().file("bad.env", "A=\"canary\n");
    for line in [
        &["run", "--env-file", "none.env", "--", "true"][..],
        &["run", "--env-file", "bad.env", "--", "true"],
        &["run", "--no-such-flag", "--", "true"],
        &["run", "--", "true"],
        &["run", "--env-file", "app.env", "--require", "OTHER", "--", "true"],
    ] {
        let output = sandbox.run(line).fails_with(125);
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{line:?}");
    }
}
