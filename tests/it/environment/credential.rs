//! Credentials of stores do not reach the command: neither their variables nor others with the same value.

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
fn credentials_are_removed_from_the_environment() {
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
fn credentials_are_passed_on_if_configured() {
    let sandbox = sandbox();
    let got = variables(env(&sandbox, &["--pass-credentials"]));
    assert!(pairs(&got).contains(&("HUSHED_PASSPHRASE", PASSPHRASE)));
    assert!(pairs(&got).contains(&("COPY", PASSPHRASE)));
}

#[test]
fn variables_that_name_a_credential_file_are_removed() {
    let sandbox = sandbox().without("HUSHED_PASSPHRASE").file("phrase", format!("{PASSPHRASE}\n"));
    let sandbox = sandbox.env("HUSHED_PASSPHRASE_FILE", "phrase");
    let got = variables(env(&sandbox, &[]));
    let longer = format!("{PASSPHRASE}!");
    assert_eq!(pairs(&got), [("LONGER", &*longer), ("OTHER", "x"), ("A", "canary a")]);
}
