//! `hushed secrets` on a dotenv file: what it changes, what it leaves, and what it refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::sandbox::{Output, Sandbox};

const FILE: &str = "# the database\r\nDB='old' # why\r\n\r\nPORT=5432\r\n";

fn sandbox(dialect: &str, file: &str) -> Sandbox {
    let config = format!("[source.env]\ntype = \"dotenv\"\nfile = \".env\"\n{dialect}");
    let sandbox = Sandbox::new().file("hushed.toml", config).permits(".env");
    if file.is_empty() { sandbox } else { sandbox.file(".env", file) }
}

fn set(sandbox: &Sandbox, name: &str, value: &str) -> Output {
    sandbox.command(["secrets", "set", name]).stdin(value).run()
}

fn content(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.project().join(".env")).unwrap()
}

#[test]
fn set_and_delete_keep_comments_order_line_ends_and_mode() {
    let sandbox = sandbox("", FILE);
    let path = sandbox.project().join(".env");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    set(&sandbox, "DB", "canary").success();
    set(&sandbox, "NEW", "canary two").success();
    let want = "# the database\r\nDB='canary' # why\r\n\r\nPORT=5432\r\nNEW='canary two'\r\n";
    assert_eq!(content(&sandbox), want);
    sandbox.run(["secrets", "delete", "PORT"]).success();
    assert_eq!(content(&sandbox), want.replace("PORT=5432\r\n", ""));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    let output = sandbox.command(["secrets", "get", "DB"]).reveals().run().success();
    assert_eq!(output.bytes, b"canary");
    let output = sandbox.run(["secrets", "delete", "PROT"]).fails_with(1);
    assert!(output.stderr.starts_with("hushed: no secret `PROT` in `env`"), "{}", output.stderr);
}

#[test]
fn a_new_file_is_private_and_a_dialect_decides_about_quotes() {
    let sandbox = sandbox("dialect = \"docker\"\n", "");
    set(&sandbox, "A", "it's a \"canary\"").success();
    assert_eq!(content(&sandbox), "A=it's a \"canary\"\n");
    let mode = fs::metadata(sandbox.project().join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let output = set(&sandbox, "B", "can\nary").fails_with(65);
    let want = "no line of the dialect `docker` gives this value to `B`";
    assert!(output.stderr.contains(want), "{}", output.stderr);
    assert!(output.stderr.contains("hint: keep this secret in another store"), "{}", output.stderr);
    assert_eq!(content(&sandbox), "A=it's a \"canary\"\n");
}

#[test]
fn a_file_that_cannot_be_read_or_is_a_link_is_not_changed() {
    let sandbox = sandbox("", "A='x\n");
    let output = set(&sandbox, "B", "canary").fails_with(65);
    assert!(output.stderr.contains("1:3: "), "{}", output.stderr);
    assert_eq!(content(&sandbox), "A='x\n");
    let path = sandbox.project().join(".env");
    fs::rename(&path, sandbox.project().join("real")).unwrap();
    std::os::unix::fs::symlink("real", &path).unwrap();
    set(&sandbox, "B", "canary").fails_with(65);
    assert!(path.is_symlink());
}
