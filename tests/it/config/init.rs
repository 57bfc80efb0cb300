//! `hushed init`: what it writes works at once, and it writes over nothing. Must not need a network.

use std::fs;

use super::planned;
use crate::support::sandbox::Sandbox;

#[test]
fn an_empty_directory_gets_a_sealed_store_that_works() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(["init"]).success();
    assert!(
        output.stdout.starts_with("wrote hushed.toml: a sealed local store\n"),
        "{}",
        output.stdout
    );
    assert_eq!(output.stderr, "");
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    assert!(output.stderr.contains("hushed secrets set"), "{}", output.stderr);
    sandbox.command(["secrets", "set", "GREETING"]).stdin("canary").run().success();
    sandbox.run(["run", "--", "sh", "-c", "test ${#GREETING} = 6"]).success();
}

#[test]
fn what_it_writes_keeps_secrets_out_of_the_output() {
    let sandbox = Sandbox::new().file(".env", "A=canary\n");
    sandbox.run(["init"]).success();
    let output = sandbox.run(["run", "--", "sh", "-c", "echo $A; echo $A >&2"]).success();
    assert_eq!((&*output.stdout, &*output.stderr), ("[hushed:A]\n", "[hushed:A]\n"));
    let output = sandbox.run(["plan", "--", "server"]).success();
    let verdict = "`server` would run as hushed's child (supervised): --redact by ";
    assert!(output.stdout.contains(verdict), "{}", output.stdout);
}

#[test]
fn a_dotenv_file_becomes_a_source_that_works() {
    let sandbox = Sandbox::new().file(".env", "A=canary\n");
    let output = sandbox.run(["init"]).success();
    assert!(output.stdout.starts_with("wrote hushed.toml: the file .env\n"), "{}", output.stdout);
    sandbox.run(["run", "--", "sh", "-c", "test ${#A} = 6"]).success();
    assert_eq!(planned(&sandbox, &[]), "A");
}

#[test]
fn infisicals_own_project_file_is_understood() {
    let json =
        r#"{"workspaceId":"7e0b8a92-0000-4000-8000-4b6f2c0d1e11","defaultEnvironment":"staging"}"#;
    let sandbox = Sandbox::new().file(".infisical.json", json).file(".env", "A=canary\n");
    let output = sandbox.run(["init"]).success();
    assert!(output.stdout.contains("a place in Infisical and the file .env"), "{}", output.stdout);
    let text = fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap();
    for line in [
        "\n[source.infisical]\ntype = \"infisical\"\n",
        "\nproject = \"7e0b8a92-0000-4000-8000-4b6f2c0d1e11\"\n",
        "\nenv = \"staging\"\n",
        "\n[source.dotenv]\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // What it wrote is understood: what is missing is a credential, and nothing else.
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    assert!(
        output.stderr.starts_with("hushed: no credentials for Infisical\n"),
        "{}",
        output.stderr
    );
    assert_eq!(planned(&sandbox, &["--source", "dotenv"]), "A");
}

#[test]
fn nothing_is_written_over() {
    let sandbox = Sandbox::new().file("hushed.toml", "# mine\n");
    let output = sandbox.run(["init"]).fails_with(1);
    assert!(output.stderr.contains("hushed.toml` already exists\n  hint: "), "{}", output.stderr);
    assert_eq!(fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap(), "# mine\n");
    // A link to nowhere is something too.
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink("target", sandbox.project().join("hushed.toml")).unwrap();
    sandbox.run(["init"]).fails_with(1);
    assert!(!sandbox.project().join("target").exists());
}

#[test]
fn every_commented_line_holds_when_it_is_taken_in() {
    let sandbox = Sandbox::new();
    sandbox.run(["init", "--local"]).success();
    let path = sandbox.project().join("hushed.toml");
    let text = fs::read_to_string(&path).unwrap();
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
    let taken_in = lines.collect::<Vec<_>>().join("\n");
    fs::write(&path, taken_in.replace("env = \"prod\"", "")).unwrap();
    let output = sandbox.run(["plan"]).fails_with(1);
    assert!(output.stderr.contains("secrets.hushed` does not exist"), "{}", output.stderr);
}
