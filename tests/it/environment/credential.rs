//! What opens the store does not reach the command: neither its variable nor any other with the same
//! value. Must not test the store itself.

use super::{env, pairs, variables};
use crate::support::sandbox::Sandbox;

const PASSPHRASE: &str = "correct horse canary";

/// A sandbox with a store that a passphrase opens.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new().env("HUSHED_PASSPHRASE", PASSPHRASE);
    sandbox.command(["secrets", "set", "A"]).stdin("canary a").run().success();
    sandbox.env("COPY", PASSPHRASE).env("LONGER", format!("{PASSPHRASE}!")).env("OTHER", "x")
}

#[test]
fn the_command_gets_no_credential() {
    let sandbox = sandbox();
    let got = variables(env(&sandbox, &[]));
    let longer = format!("{PASSPHRASE}!");
    assert_eq!(pairs(&got), [("LONGER", &*longer), ("OTHER", "x"), ("A", "canary a")]);
    let got = variables(env(&sandbox, &["--preserve-env"]));
    assert!(!pairs(&got).iter().any(|(name, _)| ["COPY", "HUSHED_PASSPHRASE"].contains(name)));
    let got = variables(env(&sandbox, &["--clean-env", "--keep", "*"]));
    assert!(!pairs(&got).iter().any(|(name, _)| ["COPY", "HUSHED_PASSPHRASE"].contains(name)));
}

#[test]
fn the_command_gets_its_credentials_where_that_is_said() {
    let sandbox = sandbox();
    let got = variables(env(&sandbox, &["--pass-credentials"]));
    assert!(pairs(&got).contains(&("HUSHED_PASSPHRASE", PASSPHRASE)));
    assert!(pairs(&got).contains(&("COPY", PASSPHRASE)));
}

#[test]
fn the_variable_that_names_a_file_is_taken_out_too() {
    let sandbox = sandbox().without("HUSHED_PASSPHRASE").file("phrase", format!("{PASSPHRASE}\n"));
    let sandbox = sandbox.env("HUSHED_PASSPHRASE_FILE", "phrase");
    let got = variables(env(&sandbox, &[]));
    let longer = format!("{PASSPHRASE}!");
    assert_eq!(pairs(&got), [("LONGER", &*longer), ("OTHER", "x"), ("A", "canary a")]);
}
