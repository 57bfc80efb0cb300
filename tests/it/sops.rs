//! Files of sops through the binary: where keys are found, what the command gets, and which value wins.

use std::path::Path;

use crate::support::sandbox::Sandbox;

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sops").join(name)).unwrap()
}

/// A project with a file of sops, `A=one` and `B=two`.
fn project() -> Sandbox {
    Sandbox::new().file("secrets.yaml", data("files/yaml_comments_flat.yaml"))
}

fn key() -> String {
    let text = String::from_utf8(data("keys/alice.txt")).unwrap();
    text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned()
}

const PRINT: [&str; 6] = ["run", "--sops", "secrets.yaml", "--", "sh", "-c"];

/// What a shell prints that got the secrets.
fn printed(sandbox: &Sandbox, script: &str) -> String {
    let arguments = PRINT.into_iter().chain([script]);
    sandbox.command(arguments).reveals().run().success().stdout
}

#[test]
fn the_command_never_gets_the_age_key() {
    let sandbox = project().env("SOPS_AGE_KEY", key()).env("COPY_OF_THE_KEY", key());
    let environment = printed(&sandbox, "env; tr '\\0' '\\n' </proc/self/environ");
    assert!(environment.contains("A=one"), "{environment}");
    assert!(!environment.contains("AGE-SECRET-KEY"), "{environment}");
    assert!(!environment.contains("SOPS_AGE_KEY"), "{environment}");
}

#[test]
fn keys_are_found_in_the_usual_file_and_in_a_systemd_credential() {
    let usual = project().file(".config/sops/age/keys.txt", data("keys/stranger_then_alice.txt"));
    let home = usual.project();
    let usual = usual.env("XDG_CONFIG_HOME", home.join(".config"));
    assert_eq!(printed(&usual, "echo $A"), "one\n");
    let credential = project().file("credentials/age-identity", key());
    let directory = credential.project().join("credentials");
    let credential = credential.env("CREDENTIALS_DIRECTORY", directory);
    assert_eq!(printed(&credential, "echo $A"), "one\n");
}

#[test]
fn later_files_win_and_inherited_variables_do_not() {
    let sandbox = project()
        .file("other.env", data("files/rcpt_three_env.env"))
        .file(".env", "B=three\n")
        .env("SOPS_AGE_KEY", key())
        .env("A", "inherited");
    let arguments =
        ["run", "--sops", "secrets.yaml", "--env-file", ".env", "--", "sh", "-c", "echo $A $B"];
    assert_eq!(sandbox.command(arguments).reveals().run().success().stdout, "one three\n");
    let why = sandbox.run(["why", "A", "--sops", "other.env", "--sops", "secrets.yaml"]);
    let why = why.success().stdout;
    assert!(why.contains("secrets.yaml:2") && why.contains("other.env:1"), "{why}");
}

#[test]
fn a_reference_reaches_a_nested_value() {
    let sandbox = Sandbox::new()
        .file("secrets.yaml", data("files/old_nested.yaml"))
        .file(
            "hushed.toml",
            "[source.app]\ntype = \"sops\"\nfile = \"secrets.yaml\"\ndeliver = false\n\
             [env]\nDB_USER = \"app://app#/db/user\"\nPORT = \"app://#/app/db/port\"\n",
        )
        .env("SOPS_AGE_KEY", key());
    let run = sandbox.command(["run", "--", "sh", "-c", "echo $DB_USER $PORT $flat"]);
    assert_eq!(run.reveals().run().success().stdout, "bob 5432\n");
}

#[test]
fn a_pipe_can_be_the_key_and_the_file() {
    let sandbox = project().file("key.txt", key());
    let script = "SOPS_AGE_KEY_FILE=/dev/fd/3 hushed run --sops /dev/stdin --sops-format yaml -- \
                  sh -c 'echo $A' 3<key.txt <secrets.yaml";
    let hushed = crate::support::sandbox::hushed();
    let script = script.replace("hushed run", &format!("{} run", hushed.display()));
    let output = sandbox.program("sh", ["-c", &script]).reveals().run();
    assert_eq!(output.success().stdout, "one\n");
}
