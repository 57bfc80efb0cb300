//! PATH is searched as a shell does; a real shell runs each case, too.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::sandbox;
use crate::support::sandbox::{Output, Sandbox};

/// Places with something of the name `tool` in them, each with what would be executed there.
fn places() -> Sandbox {
    let sandbox = sandbox();
    let project = sandbox.project();
    let script = |place: &str, mode| {
        let path = project.join(place).join("tool");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\necho {place}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    script("one", 0o700);
    script("two", 0o700);
    script("plain", 0o600);
    script(".", 0o700);
    fs::create_dir_all(project.join("folder/tool")).unwrap();
    fs::create_dir_all(project.join("dangling")).unwrap();
    std::os::unix::fs::symlink("nowhere", project.join("dangling/tool")).unwrap();
    fs::write(project.join("file"), "").unwrap();
    sandbox
}

/// Looks for a program in a PATH, through hushed and by a shell.
fn look(sandbox: &Sandbox, path: Option<&str>, program: &str) -> (Output, Output) {
    let quoted = format!("{program}; exit $?");
    let through = ["run", "--env-file", "app.env", "--", program].map(OsString::from);
    let through = sandbox.command(through);
    let shell = sandbox.program("/bin/bash", ["-c", &quoted]);
    let path = |run: crate::support::sandbox::Run<'_>| match path {
        Some(path) => run.env("PATH", path).run(),
        None => run.run(),
    };
    (path(through), path(shell))
}

#[test]
fn path_is_searched_as_a_shell_does() {
    struct Case {
        path: &'static str,
        program: &'static str,
        /// What runs, or the exit code.
        want: Result<&'static str, i32>,
    }
    let case = |path, program, want| Case { path, program, want };
    let cases = [
        case("one:two", "tool", Ok("one")),
        case("two:one", "tool", Ok("two")),
        case("none:two", "tool", Ok("two")),
        case("file:two", "tool", Ok("two")),
        case("plain:two", "tool", Ok("two")),
        case("folder:two", "tool", Ok("two")),
        case("dangling:two", "tool", Ok("two")),
        case(":one", "tool", Ok(".")),
        case("none:", "tool", Ok(".")),
        case("none::one", "tool", Ok(".")),
        case("", "tool", Ok(".")),
        case("one", "./tool", Ok(".")),
        case("one", "two/tool", Ok("two")),
        case("plain", "tool", Err(126)),
        case("folder", "tool", Err(127)),
        case("plain:none", "tool", Err(126)),
        case("dangling", "tool", Err(127)),
        case("none", "tool", Err(127)),
        case("one", "tools", Err(127)),
    ];
    let sandbox = places();
    for Case { path, program, want } in cases {
        let (through, shell) = look(&sandbox, Some(path), program);
        let said = |output: &Output| match output.code() {
            0 => Ok(output.stdout.trim().to_owned()),
            code => Err(code),
        };
        assert_eq!(said(&through), want.map(str::to_owned), "{path} {program}: {}", through.stderr);
        assert_eq!(said(&shell), said(&through), "a shell does not agree: {path} {program}");
    }
}

#[test]
fn without_path_the_default_path_is_searched() {
    let sandbox = sandbox().without("PATH");
    let (through, _) = look(&sandbox, None, "true");
    through.success();
    let (through, _) = look(&sandbox, None, "no-such-tool");
    let through = through.fails_with(127);
    let want = "hushed: `no-such-tool` was not found in PATH (/bin:/usr/bin)\n";
    assert!(through.stderr.starts_with(want), "{}", through.stderr);
}

#[test]
fn the_inherited_path_is_searched_even_with_a_clean_environment() {
    let sandbox = places();
    let line = ["run", "--env-file", "app.env", "--clean-env", "--", "tool"];
    let output = sandbox.command(line).env("PATH", "one").run().success();
    assert_eq!(output.stdout, "one\n");
}

#[test]
fn an_empty_name_is_not_found() {
    let output = sandbox().run(["run", "--env-file", "app.env", "--", ""]).fails_with(127);
    assert!(output.stderr.starts_with("hushed: `` was not found in PATH"), "{}", output.stderr);
}
