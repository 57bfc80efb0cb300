//! `hushed migrate references`: what it prints is a configuration that hushed accepts, and a rewritten file is one that
//! `--references` reads.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::sandbox::Sandbox;

/// A reference of each form, in an account or vault of its own kind.
const FILE: &str = "\
A=op://App/My item/password
B=ref+vault://kv/foo?address=https://vault.example.com:8200&version=3#/bar
C=ref+awssecrets://app/db?region=eu-west-1#/password
D=ref+awsssm://app/db/password
E=ref+gcpsecrets://p/s?version=3#/k
F=ref+azurekeyvault://shop-kv/name
G=ref+sops://enc.yaml#/db/user
H=ref+doppler://shop/prd/KEY
I=vault:secret/data/app#key#2
J=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password:AWSCURRENT:
K=@Microsoft.KeyVault(SecretUri=https://other-kv.vault.azure.net/secrets/db)
L='it is a canary'
";

fn home() -> Sandbox {
    let login = [
        ("OP_CONNECT_HOST", "https://connect.example.com"),
        ("OP_CONNECT_TOKEN", "canary-connect"),
        ("VAULT_ADDR", "https://vault.example.com:8200"),
        ("VAULT_TOKEN", "canary-vault"),
        ("DOPPLER_TOKEN", "dp.st.canary"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "canary-aws"),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "client"),
        ("AZURE_CLIENT_SECRET", "canary-azure"),
        ("GOOGLE_CLOUD_PROJECT", "p"),
        ("HUSHED_CACHE_KEY", "passphrase"),
        ("HUSHED_CACHE_PASSPHRASE", "canary-passphrase"),
    ];
    login.into_iter().fold(Sandbox::new(), |sandbox, (name, value)| sandbox.env(name, value))
}

/// The settings are read, every source is built, and every reference has its source.
fn is_accepted(sandbox: &Sandbox) {
    sandbox.run(["cache", "status", "--config", "out.toml"]).success();
}

#[test]
fn hushed_accepts_what_it_converts() {
    let sandbox = home().file("old.env", FILE);
    let output = sandbox.run(["migrate", "references", "old.env"]).success();
    assert!(output.stderr.contains("11 references; 1 other variable"), "{}", output.stderr);
    for table in [
        "[source.vault]",
        "[source.vault-2]",
        "[source.azure-kv-2]",
        "vault = \"other-kv\"",
        "E = \"gcp-sm://p/s?version=3#k\"",
    ] {
        assert!(output.stdout.contains(table), "no {table} in {}", output.stdout);
    }
    let sandbox = sandbox.file("out.toml", &output.stdout);
    is_accepted(&sandbox);
    // A reference to a source that is not there would not be accepted.
    let without = output.stdout.replace("[source.vault-2]", "[source.other]");
    let sandbox = sandbox.file("out.toml", without);
    sandbox.run(["cache", "status", "--config", "out.toml"]).fails_with(78);
}

#[test]
fn a_file_is_rewritten_in_place_for_references() {
    let sandbox = home().file("old.env", FILE);
    let path = sandbox.project().join("old.env");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let output = sandbox.run(["migrate", "references", "--in-place", "old.env"]).success();
    assert!(!output.stdout.contains("[env]"), "{}", output.stdout);
    let rewritten = fs::read_to_string(&path).unwrap();
    assert!(rewritten.contains("\nI='vault-2://secret/data/app?version=2#key'\n"), "{rewritten}");
    assert!(rewritten.ends_with("\nL='it is a canary'\n"), "{rewritten}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let configuration =
        format!("[run]\nreferences = true\nenv-file = \"old.env\"\n{}", output.stdout);
    let sandbox = sandbox.file("out.toml", configuration);
    is_accepted(&sandbox);
}

#[test]
fn no_file_is_rewritten_if_another_one_cannot_be_read() {
    let sandbox = home().file("old.env", FILE);
    let line = ["migrate", "references", "--in-place", "old.env", "none.env"];
    sandbox.run(line).fails_with(1);
    let path = sandbox.project().join("old.env");
    assert_eq!(fs::read_to_string(path).unwrap(), FILE);
}

#[test]
fn an_unconverted_reference_is_named_by_its_line() {
    let sandbox = home().file("old.env", "A=op://App/Item/f\nB=vault:v1:canary\n");
    let output = sandbox.run(["migrate", "references", "old.env"]).fails_with(1);
    assert!(output.stdout.contains("A = \"op://App/Item/f\""), "{}", output.stdout);
    assert!(output.stderr.contains("`old.env`, line 2: `B` is not converted"), "{}", output.stderr);
    let line = ["migrate", "references", "none.env"];
    assert!(home().run(line).fails_with(1).stderr.contains("none.env"));
}
