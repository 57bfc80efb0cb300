//! What must not be said: no command shows a secret on stderr, whatever becomes of it, and no
//! `Debug` of what holds one.

use hushed::config::{
    ConfigInputs, ConfigRequest, Environment, Layer, Origin, RawValue, ReferenceScope,
    ResolvedCredentials, TrustRecords, load,
};
use hushed::provider::Registry;
use hushed::provider::infisical::schema;

use crate::support::{
    infisical::{Fault, FaultKind, Generation, Server, World},
    sandbox::Sandbox,
};

/// The harness fails on a secret on stderr, and on stdout where the command is not to print one.
const COMMANDS: &[&[&str]] = &[
    &["run", "-v", "--", "true"],
    &["run", "-v", "--", "./nosuch"],
    &["run", "-v", "-c", "exit 3"],
    &["plan"],
    &["plan", "--json"],
    &["why", "SECRET_00001"],
    &["why", "SECRET_00001", "--json"],
    &["secrets", "list", "-v"],
    &["secrets", "list", "--json"],
    &["secrets", "get", "NOSUCH", "-v"],
    &["doctor"],
    &["doctor", "--json"],
    &["export", "-v", "--require", "NOSUCH"],
];

#[test]
fn no_command_shows_a_secret() {
    let server = Server::start(Generation::V4C, World::sample(3));
    let sandbox = Sandbox::new().server(&server, "sample");
    for command in COMMANDS {
        sandbox.run(command.iter().copied());
    }
    let revealing = sandbox.command(["secrets", "list", "--reveal", "-v"]).reveals().run();
    assert!(revealing.success().stdout.contains("canary"), "the secrets are there to be shown");
}

#[test]
fn no_fault_of_the_server_shows_a_secret() {
    let server = Server::start(Generation::V4C, World::sample(3));
    let sandbox = Sandbox::new().server(&server, "sample").env("HUSHED_TIMEOUT", "1s");
    let echo = r#"{"message":"no such secret: canary-client-secret-of-the-sample"}"#;
    for fault in [
        Fault::status("/api/v1/auth", 400, echo),
        Fault::status("/api/v1/auth", 500, echo),
        Fault::status("/api/v4", 400, r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#),
        Fault::status("/api/v4", 200, r#"{"secrets":[{"secretKey":7,"secretValue":"canary"}]}"#),
        Fault::status("/api/v4", 200, r#"{"secrets":[{"secretKey":"A","secretValue":"canary"#),
        Fault::on("/api/v4", FaultKind::Truncated),
        Fault::on("/api/v4", FaultKind::InvalidUtf8),
        Fault::on("/api/v1/auth", FaultKind::Truncated),
    ] {
        server.heal();
        server.fault(fault.clone());
        let output = sandbox.run(["run", "-v", "--", "true"]).fails_with(125);
        assert!(output.stderr.contains("hushed: source `infisical`: "), "{fault:?}");
        sandbox.run(["doctor"]).fails_with(1);
    }
}

#[test]
fn settings_credentials_and_sources_debug_as_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for variables in [
        &[("INFISICAL_TOKEN", "canary-token")][..],
        &[("INFISICAL_TOKEN", "st.canary.token.key")],
        &[
            ("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "an-id"),
            ("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-secret"),
        ],
        &[
            ("INFISICAL_MACHINE_IDENTITY_ID", "an-id"),
            ("INFISICAL_LDAP_USERNAME", "anna"),
            ("INFISICAL_LDAP_PASSWORD", "canary-password"),
        ],
        &[("INFISICAL_MACHINE_IDENTITY_ID", "an-id"), ("INFISICAL_OIDC_AUTH_JWT", "canary.jwt")],
    ] {
        let network = [("HTTPS_PROXY", "http://user:canary@proxy:1"), ("OTHER", "canary")];
        let project = [("INFISICAL_PROJECT_ID", "shop"), ("HUSHED_PASSPHRASE", "canary")];
        let all = variables.iter().copied().chain(network).chain(project);
        let environment: Environment = all.collect();
        let formats = Registry::default().formats();
        let files =
            load(&ConfigRequest::default(), &environment, directory.path(), &formats).unwrap();
        let mut flags = Layer::default();
        let token = RawValue::Text("canary-flag".into());
        flags.push(&schema::TOKEN_ITSELF, token, Origin::flag(&schema::TOKEN_ITSELF));
        for flags in [Layer::default(), flags] {
            let trust = TrustRecords::default();
            let inputs = ConfigInputs {
                flags: &flags,
                environment: &environment,
                files: &files,
                trust: &trust,
                credentials: &ResolvedCredentials::default(),
                references: ReferenceScope::default(),
            };
            let settings = Registry::default().configure(&inputs).unwrap();
            let sources = settings.sources.iter();
            let sources: Vec<_> =
                sources.map(|source| source.open(&settings.run).unwrap()).collect();
            let shown = format!("{settings:?} {environment:?} {files:?} {flags:?} {sources:?}");
            assert!(shown.contains("Infisical") && !shown.contains("canary"), "{shown}");
        }
    }
}

#[test]
#[ignore = "started by `a_panic_does_not_show_what_it_was_about`"]
fn panics() {
    hushed::install_panic_hook();
    panic!("canary");
}

#[test]
fn a_panic_does_not_show_what_it_was_about() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["silence::panics", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    assert!(said.contains("this is a bug in hushed (tests/it/silence.rs:"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn what_was_said_debugs_without_its_secrets() {
    let said = ["hushed", "run", "--token=canary", "--jwt=canary", "--client-secret=canary", "x"];
    let said = hushed::cli::parse(&said.map(std::ffi::OsString::from)).unwrap();
    let shown = format!("{said:?}");
    assert!(shown.contains("\"token\": Flag(\"--token\")") && !shown.contains("canary"), "{shown}");
}
