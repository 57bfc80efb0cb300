//! `hushed scan`: values in files, in the index of git and in commits. What it prints has no value in it.

use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::{Value as Json, json};

use crate::support::sandbox::{Output, Sandbox, hushed};

const SECRETS: &str = "API_KEY=sk-live-canary-7f3a9x\nDB_PASSWORD=hunter2-canary-long\nPORT=5432\nSHORT=abc\n\
                       WORD_KEY=n0t-4-w0rd-K9z\n";

/// A project whose values are in a file outside.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let secrets = outside(&sandbox, "secrets.env");
    sandbox.file(secrets, SECRETS)
}

/// A path outside the project.
fn outside(sandbox: &Sandbox, name: &str) -> String {
    sandbox.home().join(name).into_os_string().into_string().unwrap()
}

/// The same with a repository.
fn repository() -> Sandbox {
    let sandbox = sandbox();
    git(&sandbox, &["init", "--quiet", "--initial-branch", "main"]);
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
    let arguments = identity.iter().chain(arguments).copied();
    sandbox.program("git", arguments).reveals().run().success();
}

fn commit(sandbox: &Sandbox, message: &str) {
    let file = outside(sandbox, "message");
    fs::write(&file, message).unwrap();
    git(sandbox, &["add", "."]);
    git(sandbox, &["commit", "--quiet", "--file", &file]);
    fs::remove_file(file).unwrap();
}

fn scan(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let secrets = outside(sandbox, "secrets.env");
    let line = ["scan", "--env-file", &secrets].into_iter().chain(arguments.iter().copied());
    sandbox.run(line)
}

/// What was found, line by line.
fn found(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let output = scan(sandbox, arguments);
    let lines: Vec<_> = output.stdout.lines().map(str::to_owned).collect();
    assert_eq!(output.code(), i32::from(!lines.is_empty()), "{}", output.stderr);
    lines
}

#[test]
fn values_are_found_in_every_written_form_by_file_and_line() {
    let sandbox = sandbox()
        .file("a.py", "import os\n\nkey = \"sk-live-canary-7f3a9x\"\n")
        .file("deep/er/b.json", "{\"password\": \"aHVudGVyMi1jYW5hcnktbG9uZw==\"}\n")
        .file("port.txt", "5432 abc\n")
        .file("binary", b"\0\xff\nsk%2Dlive%2Dcanary%2D7f3a9x\n");
    let want = ["a.py:3: API_KEY", "binary:2: API_KEY", "deep/er/b.json:1: DB_PASSWORD"];
    assert_eq!(found(&sandbox, &[]), want);
    assert_eq!(found(&sandbox, &["deep", "port.txt"]), ["deep/er/b.json:1: DB_PASSWORD"]);
    assert_eq!(found(&sandbox, &["port.txt"]), [""; 0]);
    let output = scan(&sandbox, &["port.txt"]).success();
    assert_eq!(output.stderr, "hushed: searched 1 text for 3 secrets: nothing found\n");
    let json: Json = serde_json::from_str(&scan(&sandbox, &["--json", "a.py"]).stdout).unwrap();
    let want = json!([{ "name": "API_KEY", "path": "a.py", "line": 3, "commit": null }]);
    assert_eq!((&json["findings"], &json["searched"]), (&want, &json!(1)));
}

#[test]
fn links_are_not_followed_and_what_cannot_be_read_is_told() {
    let sandbox = sandbox();
    let (directory, key) = (outside(&sandbox, "outside"), outside(&sandbox, "outside/key"));
    let sandbox = sandbox.file(&key, "sk-live-canary-7f3a9x");
    symlink(directory, sandbox.project().join("directory")).unwrap();
    symlink(key, sandbox.project().join("file")).unwrap();
    assert_eq!(found(&sandbox, &[]), [""; 0]);
    // Who names a link means what it leads to.
    assert_eq!(found(&sandbox, &["directory"]), ["directory/key:1: API_KEY"]);
    assert_eq!(found(&sandbox, &["file"]), ["file:1: API_KEY"]);
    // What was found before that is printed.
    let output = scan(&sandbox, &["file", "none"]).fails_with(1);
    assert!(output.stderr.starts_with("hushed: cannot read `none`\n"), "{}", output.stderr);
    assert_eq!(output.stdout, "file:1: API_KEY\n");
}

#[test]
fn what_cannot_be_read_hides_nothing_else() {
    if nix::unistd::geteuid().is_root() {
        println!("skipped: root can read every directory");
        return;
    }
    let sandbox = sandbox().file("closed/x", "").file("open/key", "sk-live-canary-7f3a9x\n");
    let closed = sandbox.project().join("closed");
    let permit = |mode| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(&closed, mode).unwrap();
    };
    permit(0);
    let line = ["scan", "--env-file", &outside(&sandbox, "secrets.env")];
    let output = sandbox.program(hushed(), line).run();
    permit(0o700);
    assert_eq!(output.code(), 1);
    assert_eq!(output.stdout, "open/key:1: API_KEY\n");
    assert!(output.stderr.contains("warning: cannot read `./closed`"), "{}", output.stderr);
}

#[test]
fn in_a_repository_ignored_files_are_left_out() {
    let sandbox = repository()
        .file(".gitignore", "*.log\n")
        .file("x.log", "sk-live-canary-7f3a9x\n")
        .file("new", "sk-live-canary-7f3a9x\n");
    assert_eq!(found(&sandbox, &[]), ["new:1: API_KEY"]);
    assert_eq!(found(&sandbox, &["--no-git"]), ["new:1: API_KEY", "x.log:1: API_KEY"]);
    assert_eq!(found(&sandbox, &["x.log"]), ["x.log:1: API_KEY"]);
    let sandbox = sandbox.file("sub/deeper", "hunter2-canary-long\n");
    assert_eq!(found(&sandbox, &["sub"]), ["sub/deeper:1: DB_PASSWORD"]);
}

#[test]
fn the_index_counts_not_the_file() {
    let sandbox = repository().file("a", "one\nsk-live-canary-7f3a9x\n").file("b", "fine\n");
    git(&sandbox, &["add", "."]);
    let sandbox = sandbox.file("a", "clean\n").file("b", "sk-live-canary-7f3a9x\n");
    assert_eq!(found(&sandbox, &["--staged"]), ["a:2: API_KEY"]);
    git(&sandbox, &["add", "a"]);
    // A hook says nothing of a commit that is clean.
    let output = scan(&sandbox, &["--staged"]).success();
    assert_eq!((&*output.stdout, &*output.stderr), ("", ""));
}

#[test]
fn commits_are_searched_with_their_messages() {
    let sandbox = repository().file("a", "clean\n").permits(".git/COMMIT_EDITMSG");
    let message_file = outside(&sandbox, "message");
    let sandbox = sandbox.permits(message_file);
    commit(&sandbox, "first");
    let sandbox = sandbox.file("a", "\nhunter2-canary-long\n");
    commit(&sandbox, "second");
    let sandbox = sandbox.file("a", "clean again\n");
    commit(&sandbox, "third\n\nremoves sk-live-canary-7f3a9x\n");
    let ids = sandbox.program("git", ["log", "--format=%H", "--abbrev=12"]).run().success().stdout;
    let ids: Vec<_> = ids.lines().map(|id| id.get(..12).unwrap()).collect();
    let [third, second, _] = ids[..] else { panic!("{ids:?}") };
    let message = format!("{third}:(message):3: API_KEY");
    let file = format!("{second}:a:2: DB_PASSWORD");
    assert_eq!(found(&sandbox, &["--history"]), [message.clone(), file.clone()]);
    assert_eq!(found(&sandbox, &["--range", "HEAD~1..HEAD"]), [message]);
    assert_eq!(found(&sandbox, &["--range", "HEAD~2..HEAD~1"]), [file]);
    assert_eq!(found(&sandbox, &[]), [""; 0]);
}

#[test]
fn a_value_behind_a_reference_is_searched_for_and_not_the_reference() {
    let sandbox = repository();
    let file = outside(&sandbox, "secrets.env");
    let config = format!(
        "[run]\nreferences = true\n[source.app]\ntype = \"dotenv\"\nfile = \"{file}\"\ndeliver = false\n"
    );
    let sandbox = sandbox
        .file("hushed.toml", config)
        .file(".env", "PASSWORD='app://DB_PASSWORD'\n")
        .file("a", "hunter2-canary-long\n");
    let output = sandbox.run(["scan", "--env-file", ".env"]).fails_with(1);
    assert_eq!(output.stdout, "a:1: PASSWORD\n", "{}", output.stderr);
}

#[test]
fn a_history_without_commits_is_empty() {
    let output = scan(&repository(), &["--history"]).success();
    assert_eq!(output.stderr, "hushed: searched 0 texts for 3 secrets: nothing found\n");
}

#[test]
fn a_path_with_a_value_is_shown_without_it() {
    let sandbox = sandbox().file("x/n0t-4-w0rd-K9z\u{1b}[2J.txt", "nothing\n");
    assert_eq!(found(&sandbox, &[]), ["x/[hushed:WORD_KEY]?[2J.txt:(path): WORD_KEY"]);
}

#[test]
fn a_range_is_no_option_of_git() {
    let sandbox = repository().file("a", "clean\n");
    commit(&sandbox, "first");
    let output = scan(&sandbox, &["--range=--output=written"]).fails_with(1);
    assert!(output.stderr.contains("hushed: git failed (see above)\n"), "{}", output.stderr);
    assert!(!sandbox.project().join("written").exists());
}

#[test]
fn git_runs_no_program_of_the_repositorys_configuration() {
    let sandbox = repository().file("a", "sk-live-canary-7f3a9x\n");
    git(&sandbox, &["add", "."]);
    let script = sandbox.home().join("touch.sh");
    fs::write(&script, "#!/bin/sh\n: >\"$(dirname \"$0\")/ran\"\ncat\n").unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    for name in ["core.fsmonitor", "diff.external", "diff.x.textconv", "filter.x.clean"] {
        sandbox.program("git", ["config", name, script]).run().success();
    }
    let sandbox = sandbox.file(".git/info/attributes", "* diff=x\n");
    for arguments in [&["--staged"][..], &[]] {
        assert_eq!(found(&sandbox, arguments), ["a:1: API_KEY"]);
    }
    assert!(!Path::new(script).with_file_name("ran").exists());
}

#[test]
fn the_hook_stops_a_commit_and_replaces_no_other() {
    let sandbox = repository();
    let file = outside(&sandbox, "secrets.env");
    let config = format!("[source.app]\ntype = \"dotenv\"\nfile = \"{file}\"\n");
    let sandbox = sandbox.file("hushed.toml", config).file("a", "sk-live-canary-7f3a9x\n");
    let output = sandbox.run(["scan", "install-hook"]).success();
    let hook = sandbox.project().join(".git/hooks/pre-commit");
    assert_eq!(output.stderr, format!("hushed: wrote the hook `{}`\n", hook.display()));
    git(&sandbox, &["add", "."]);
    let path = format!("{}:{}", hushed().parent().unwrap().display(), sandbox.variable("PATH"));
    let try_commit = |sandbox: &Sandbox| {
        let line = ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"];
        sandbox.program("git", line).env("PATH", &path).run()
    };
    let output = try_commit(&sandbox);
    assert_eq!(output.code(), 1, "{}", output.stderr);
    assert!(output.stderr.contains("a:1: API_KEY\n") || output.stdout.contains("a:1: API_KEY\n"));
    let sandbox = sandbox.file("a", "clean\n");
    git(&sandbox, &["add", "."]);
    try_commit(&sandbox).success();
    let output = sandbox.run(["scan", "install-hook"]).fails_with(1);
    assert!(output.stderr.contains("there is already a hook"), "{}", output.stderr);
    assert!(output.stderr.contains("add the line `hushed scan --staged || exit`"));
}

#[test]
fn a_scan_for_nothing_or_of_nothing_is_an_error() {
    let sandbox = Sandbox::new().file("plain.env", "PORT=5432\n");
    let output = sandbox.run(["scan", "--env-file", "plain.env"]).fails_with(1);
    assert!(output.stderr.starts_with("hushed: there is no value to search for\n"));
    let sandbox = self::sandbox();
    for arguments in [&["--staged"][..], &["--history"], &["--range", "a..b"]] {
        let output = scan(&sandbox, arguments).fails_with(1);
        assert!(output.stderr.contains("hint: run it in a git repository"), "{}", output.stderr);
    }
    let secrets = outside(&sandbox, "secrets.env");
    let no_git = ["scan", "--env-file", &secrets, "--staged"];
    let output = sandbox.command(no_git).env("PATH", "/nowhere").run().fails_with(1);
    assert!(output.stderr.starts_with("hushed: the program git is not in PATH\n"));
}
