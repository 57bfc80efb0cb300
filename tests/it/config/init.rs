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
    let sandbox = Sandbox::new().file(".env", "KEY=canary\n");
    sandbox.run(["init"]).success();
    let output = sandbox.run(["run", "--", "sh", "-c", "echo $KEY; echo $KEY >&2"]).success();
    assert_eq!((&*output.stdout, &*output.stderr), ("[hushed:KEY]\n", "[hushed:KEY]\n"));
    let output = sandbox.run(["plan", "--", "server"]).success();
    let verdict = "`server` would run as hushed's child (supervised): --redact by ";
    assert!(output.stdout.contains(verdict), "{}", output.stdout);
}

#[test]
fn a_dotenv_file_becomes_a_source_that_works() {
    let sandbox = Sandbox::new().file(".env", "A=canary\n");
    let output = sandbox.run(["init"]).success();
    assert!(output.stdout.starts_with("wrote hushed.toml: the file .env\n"), "{}", output.stdout);
    let text = fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap();
    assert!(!text.contains("above"), "there is no source above: {text}");
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

/// The only key below `~/.config/hushed/keys`.
fn keys(sandbox: &Sandbox) -> Vec<String> {
    let listing = fs::read_dir(sandbox.home().join(".config/hushed/keys"));
    let names = listing.into_iter().flatten();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_new_store_gets_a_key_of_its_own_that_its_file_names() {
    let sandbox = Sandbox::new();
    let config = sandbox.project().join("hushed.toml");
    let mut sealed = Vec::new();
    for (number, want) in [(1, "project.key"), (2, "project-2.key")] {
        let output = sandbox.run(["init", "--local"]).success();
        let path = format!("~/.config/hushed/keys/{want}");
        let made = format!("made the key {path}; keep a copy in a safe place");
        assert!(output.stdout.contains(&made), "{}", output.stdout);
        assert!(output.stdout.contains("next: add the first secret with `hushed secrets set"));
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.contains(&format!("\nkey-file = \"{path}\"")), "{text}");
        assert_eq!(keys(&sandbox).len(), number);
        let output = sandbox.command(["secrets", "set", "A"]).stdin("canary").run().success();
        assert_eq!(output.stderr, "", "the key is there already");
        sandbox.run(["run", "--", "sh", "-c", "test ${#A} = 6"]).success();
        fs::remove_file(&config).unwrap();
        let store = sandbox.project().join("secrets.hushed");
        sealed.push(fs::read(&store).unwrap());
        fs::remove_file(store).unwrap();
    }
    let mode = |path: &str| {
        let path = sandbox.home().join(".config/hushed").join(path);
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    };
    assert_eq!((mode("keys"), mode("keys/project.key")), (0o700, 0o600));
    // The first store does not open with the second key.
    fs::write(sandbox.project().join("secrets.hushed"), &sealed[0]).unwrap();
    let second = sandbox.home().join(".config/hushed/keys/project-2.key");
    let output = sandbox
        .command(["run", "--key-file", second.to_str().unwrap(), "--", "true"])
        .run()
        .fails_with(125);
    assert!(output.stderr.contains("encrypted with another key"), "{}", output.stderr);
}

#[test]
fn no_key_is_made_where_one_is_set_or_a_store_exists() {
    for (variable, value) in [
        ("HUSHED_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("HUSHED_KEY_FILE", "../key"),
        ("HUSHED_PASSPHRASE", "canary of several words"),
        ("HUSHED_PASSPHRASE_FILE", "../passphrase"),
    ] {
        let sandbox = Sandbox::new().env(variable, value);
        let output = sandbox.run(["init", "--local"]).success();
        assert!(!output.stdout.contains("made the key"), "{}", output.stdout);
        assert!(output.stdout.contains("next: add the first secret"), "{}", output.stdout);
        assert_eq!(keys(&sandbox), Vec::<String>::new(), "{variable}");
    }
    // A store from before, with the common key, works with the new file.
    let sandbox = Sandbox::new();
    sandbox.command(["secrets", "set", "A"]).stdin("canary").run().success();
    assert!(sandbox.home().join(".config/hushed/key").exists());
    sandbox.run(["init", "--local"]).success();
    assert_eq!(keys(&sandbox), Vec::<String>::new());
    sandbox.run(["run", "--", "sh", "-c", "test ${#A} = 6"]).success();
}

#[test]
fn a_file_that_cannot_be_written_leaves_no_key() {
    let sandbox = Sandbox::new();
    // A file that init does not see, and that is there when it writes.
    let path = sandbox.project().join("hushed.toml");
    std::os::unix::fs::symlink("missing/target", &path).unwrap();
    sandbox.run(["init", "--local"]).fails_with(1);
    assert_eq!(keys(&sandbox), Vec::<String>::new());
    assert!(path.symlink_metadata().is_ok());
}
