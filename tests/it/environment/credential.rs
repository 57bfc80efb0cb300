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

#[test]
fn the_command_gets_no_login_secret_of_a_store_that_is_not_in_use() {
    let sandbox = sandbox()
        .env("HUSHED_PROFILE_OF_MINE", "x")
        .env("INFISICAL_TOKEN_FILE", "nowhere")
        .env("DOPPLER_TOKEN", "canary doppler")
        .env("AWS_SECRET_ACCESS_KEY", "a")
        .env("KUBECONFIG", "b")
        .env("VAULT_TOKEN", "c");
    let config = "[source.local]\ntype = \"local\"\n";
    let sandbox = sandbox.file("hushed.toml", config);
    let names = |flags: &[&str]| {
        let got = variables(env(&sandbox, flags));
        pairs(&got).into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    let got = names(&[]);
    for name in ["HUSHED_PROFILE_OF_MINE", "INFISICAL_TOKEN_FILE", "DOPPLER_TOKEN"] {
        assert!(!got.contains(&name.to_owned()), "{got:?}");
        assert!(names(&["--pass-credentials"]).contains(&name.to_owned()), "{name}");
        let plan = sandbox.run(["plan"]).success().stdout;
        let line = plan.lines().find(|line| line.starts_with("withheld from the command: "));
        assert!(line.unwrap().contains(name), "{plan}");
    }
    for name in ["AWS_SECRET_ACCESS_KEY", "KUBECONFIG", "VAULT_TOKEN", "A"] {
        assert!(got.contains(&name.to_owned()), "{got:?}");
    }
}

#[test]
fn a_delivered_secret_passes_under_any_name() {
    let sandbox = sandbox().env("DOPPLER_TOKEN", "inherited");
    sandbox.command(["secrets", "set", "DOPPLER_TOKEN"]).stdin("canary delivered").run().success();
    let got = variables(env(&sandbox, &[]));
    assert!(pairs(&got).contains(&("DOPPLER_TOKEN", "canary delivered")), "{got:?}");
}
