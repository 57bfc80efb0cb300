//! What the command inherits of hushed's credentials: nothing.
//! Must not test the rest of the environment.

use super::fixture::{env, home, start, stranger, variables};
use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, ServiceToken},
    sandbox::Sandbox,
};

const ID: &str = "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID";
const SECRET: &str = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET";

fn names(sandbox: &Sandbox, flags: &[&str]) -> Vec<String> {
    variables(&env(sandbox, flags).run().success()).into_keys().collect()
}

#[test]
fn no_credential_is_passed_on_by_any_name() {
    let server = start();
    let whole = ServiceToken::new("shop", &[("dev", "/")]).whole();
    let sandbox = home(&server)
        .file("held", CLIENT_SECRET)
        .env("INFISICAL_CLIENT_SECRET_FILE", "held")
        .env("INFISICAL_ACCESS_TOKEN", "canary-unused-token")
        .env("INFISICAL_LDAP_PASSWORD", "canary-unused-password")
        .env("ANOTHER_NAME", CLIENT_SECRET)
        .env("UNRELATED", "kept")
        .env("HUSHED_METHOD", "universal-auth");
    let gone = [
        ID,
        SECRET,
        "INFISICAL_CLIENT_SECRET_FILE",
        "INFISICAL_ACCESS_TOKEN",
        "INFISICAL_LDAP_PASSWORD",
        "ANOTHER_NAME",
    ];
    let have = names(&sandbox, &[]);
    assert!(have.contains(&"UNRELATED".to_owned()));
    assert!(gone.iter().all(|name| !have.iter().any(|it| it == name)), "{have:?}");
    for (flags, variable) in
        [(vec!["--pass-credentials"], None), (vec![], Some("HUSHED_PASS_CREDENTIALS"))]
    {
        let run = env(&sandbox, &flags);
        let run = match variable {
            Some(name) => run.env(name, "true"),
            None => run,
        };
        let have = variables(&run.run().success());
        assert!(gone.iter().all(|name| have.contains_key(*name)), "{have:?}");
        assert_eq!(have["ANOTHER_NAME"], CLIENT_SECRET);
    }
    let sandbox = stranger(&server).env("INFISICAL_TOKEN", whole.as_str()).env("TOKEN", whole);
    let have = names(&sandbox, &[]);
    assert!(!have.iter().any(|name| name.contains("TOKEN")), "{have:?}");
}

#[test]
fn a_credential_from_a_file_is_known_by_its_value_too() {
    let server = start();
    let base = || stranger(&server).env(ID, CLIENT_ID).env("COPY", CLIENT_SECRET);
    let config = "[source.i]\ntype = \"infisical\"\nclient-secret-file = \"held\"\n";
    for ending in ["", "\n", "\r\n", "  \n"] {
        let held = format!("{CLIENT_SECRET}{ending}");
        let flags = ["--client-secret-file", "held"];
        let sandbox = base().file("held", &held);
        assert!(!names(&sandbox, &flags).contains(&"COPY".to_owned()), "a flag, {ending:?}");
        let sandbox = base().file("held", &held).file("hushed.toml", config);
        assert!(!names(&sandbox, &[]).contains(&"COPY".to_owned()), "a key, {ending:?}");
    }
    // And the other way round: the copy with blanks around it.
    let sandbox = stranger(&server)
        .env(ID, CLIENT_ID)
        .env(SECRET, CLIENT_SECRET)
        .env("COPY", format!(" {CLIENT_SECRET}\n"));
    assert!(!names(&sandbox, &[]).contains(&"COPY".to_owned()), "blanks");
}

#[test]
fn a_secret_of_a_source_may_have_the_name_of_a_credential() {
    let server = start();
    let sandbox = home(&server).file("my.env", "INFISICAL_TOKEN=canary-for-the-command\n");
    let output = env(&sandbox, &["--env-file", "my.env"]).run().success();
    let have = variables(&output);
    assert_eq!(have["INFISICAL_TOKEN"], "canary-for-the-command");
    assert!(!have.contains_key(SECRET));
}
