//! A secret that was typed as an argument, or put in place of a path, is never printed.

use crate::support::sandbox::{Output, Sandbox};

/// The canary as a value that a user may type.
const SECRET: &str = "sk-live-canary-X";

fn sandbox() -> Sandbox {
    Sandbox::new().file(".env", "A=1\n").env("HUSHED_ENV_FILE", ".env")
}

/// Runs hushed with a secret among its arguments. The sandbox fails the test if any stream has it.
fn run(arguments: &[&str]) -> Output {
    sandbox().command(arguments.iter().copied()).argv_reveals().run()
}

#[test]
fn a_secret_argument_is_not_printed() {
    let assignment = format!("API_KEY={SECRET}");
    for arguments in [
        &["secrets", "set", &assignment][..],
        &["secrets", "set", "API_KEY", SECRET],
        &["secrets", "set", SECRET],
        &["secrets", &assignment],
        &["secrets", SECRET],
        &["secrets", "get", SECRET],
        &["secrets", "get", &assignment],
        &["secrets", "delete", SECRET],
        &["run", &assignment, "./server"],
        &["run", "--", &format!("mysql -p{SECRET}")],
        &["why", SECRET],
        &["why", &assignment],
        &["export", SECRET],
        &["export", &assignment],
        &["cache", SECRET],
        &["plan", &format!("--{SECRET}")],
        &["plan", &format!("--unknown={SECRET}")],
        &["plan", &format!("--recursive={SECRET}")],
        &["plan", "--only", SECRET],
        &["completions", SECRET],
        &["trust", SECRET],
        &["doctor", SECRET],
        &["login", SECRET],
        &["token", SECRET],
        &["secrets", "list", "--output", SECRET],
        &[SECRET],
        &[&assignment],
    ] {
        let output = run(arguments);
        assert_ne!(output.code(), 0, "{arguments:?}");
        assert!(output.stderr.starts_with("hushed: "), "{arguments:?}: {}", output.stderr);
    }
}

#[test]
fn the_hint_names_the_way_to_set_a_secret() {
    for arguments in [
        &["secrets", "set", "API_KEY=canary"][..],
        &["secrets", "set", "API_KEY", "canary"],
        &["secrets", "API_KEY=canary"],
    ] {
        let stderr = run(arguments).fails_with(2).stderr;
        assert!(stderr.contains("`hushed secrets set API_KEY`"), "{stderr}");
    }
    let stderr = run(&["run", "API_KEY=canary", "./server"]).fails_with(127).stderr;
    assert!(stderr.contains("assignment to `API_KEY`"), "{stderr}");
    assert!(stderr.contains("hushed run -c"), "{stderr}");
}

#[test]
fn content_in_place_of_a_path_is_not_printed() {
    let project = [("INFISICAL_PROJECT_ID", "p"), ("INFISICAL_DOMAIN", "http://127.0.0.1:1")];
    for (variable, content) in [
        ("INFISICAL_TOKEN_FILE", "eyJhbGciOiJIUzI1NiJ9.canary.c2ln"),
        ("INFISICAL_TOKEN_FILE", "canary/token+of/base64=="),
        ("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET_FILE", "canary0123456789"),
        ("HUSHED_KEY_FILE", "hushed-key-v1:canary"),
        ("HUSHED_CONFIG", "canary"),
        ("HUSHED_ENV_FILE", "canary"),
        ("HUSHED_CA_FILE", "canary"),
    ] {
        let mut sandbox = Sandbox::new().env(variable, content);
        for (name, value) in project {
            sandbox = sandbox.env(name, value);
        }
        let sandbox = sandbox
            .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "id")
            .file("hushed.toml", "[source.local]\ntype = \"local\"\n");
        for command in [&["plan"][..], &["run", "true"], &["secrets", "list"], &["doctor"]] {
            let output = sandbox.command(command.iter().copied()).run();
            assert!(!output.stdout.contains("canary"), "{variable}: {}", output.stdout);
        }
    }
}
