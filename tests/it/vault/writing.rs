//! Writing to Vault and `OpenBao`: versions are compared, and what a secret has beside the key stays.

use super::{
    Sandbox,
    server::{FakeVault, TOKEN},
};
use crate::support::sandbox::Output;

fn sandbox(server: &FakeVault) -> Sandbox {
    let source = "[source.app]\ntype = \"vault\"\npath = \"secret/app\"\n";
    Sandbox::new()
        .file("hushed.toml", source)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("VAULT_ADDR", server.address())
        .env("VAULT_TOKEN", TOKEN)
}

fn secrets(sandbox: &Sandbox, arguments: &[&str], value: &str) -> Output {
    sandbox.command([&["secrets"], arguments].concat()).stdin(value).run()
}

#[test]
fn a_key_is_written_with_the_version_that_was_read() {
    let server = FakeVault::start();
    let sandbox = sandbox(&server);
    let said = secrets(&sandbox, &["set", "NEW"], "canary new\n").success().stderr;
    assert!(said.contains("path secret/app at http"), "{said}");
    assert_eq!(
        server.written(),
        [
            r#"{"data":{"USER":"app","PASSWORD":"canary-password","NEW":"canary new"},"options":{"cas":3}}"#
        ]
    );
    secrets(&sandbox, &["rename", "USER", "LOGIN"], "").success();
    secrets(&sandbox, &["delete", "PASSWORD", "--yes"], "").success();
    let written = server.written();
    assert_eq!(
        written[1],
        r#"{"data":{"LOGIN":"app","PASSWORD":"canary-password"},"options":{"cas":3}}"#
    );
    assert_eq!(written[2], r#"{"data":{"USER":"app"},"options":{"cas":3}}"#);
    // The last keys are deleted with their version, which can be undeleted.
    secrets(&sandbox, &["delete", "USER", "PASSWORD", "--yes"], "").success();
    assert_eq!(server.written()[3], r#"{"versions":[3]}"#);
    let said = secrets(&sandbox, &["delete", "NOPE", "--yes"], "").fails_with(1).stderr;
    assert!(said.contains("no secret `NOPE`"), "{said}");
    assert_eq!(server.written().len(), 4);
}

#[test]
fn a_change_by_somebody_else_is_not_overwritten() {
    let server = FakeVault::start();
    let sandbox = sandbox(&server);
    server.conflict(1);
    secrets(&sandbox, &["set", "NEW"], "canary\n").success();
    assert_eq!(server.written().len(), 2);
    server.conflict(99);
    let said = secrets(&sandbox, &["set", "NEW"], "canary\n").fails_with(1).stderr;
    assert!(said.contains("others keep changing"), "{said}");
}

#[test]
fn a_path_that_may_not_be_written_is_told() {
    let server = FakeVault::start();
    let said =
        secrets(&sandbox(&server), &["set", "A", "--set", "app.path=secret/denied"], "canary\n");
    let said = said.fails_with(77).stderr;
    assert!(said.contains("may not read `secret/data/denied`"), "{said}");
    let said = secrets(
        &sandbox(&server),
        &["set", "A", "--set", "app.path=database/creds/app"],
        "canary\n",
    );
    let said = said.fails_with(78).stderr;
    assert!(said.contains("is not KV"), "{said}");
}
