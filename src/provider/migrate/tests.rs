//! What becomes of each form, and what does not.

use super::*;

/// The source's type and settings, and the reference.
fn converted(value: &str) -> (String, String) {
    let converted = convert(value).unwrap().unwrap_or_else(|| panic!("no reference: {value}"));
    let settings = converted.source.settings.iter().map(|(name, value)| format!(" {name}={value}"));
    let source = format!("{}{}", converted.source.kind, settings.collect::<String>());
    (source, converted.reference(converted.source.kind).unwrap())
}

#[test]
fn each_form_becomes_a_reference_to_a_source() {
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    for (value, source, reference) in [
        ("op://App/My item/password", "op", "op://App/My item/password"),
        ("op://App/Item/Section/f?attribute=otp", "op", "op://App/Item/Section/f?attribute=otp"),
        ("op://App/a@b'c/f", "op", "op://App/a%40b%27c/f"),
        ("ref+vault://kv/foo#/bar", "vault", "vault://kv/foo#bar"),
        ("secretref+vault://kv/foo#/a/b+", "vault", "vault://kv/foo#/a/b"),
        (
            "ref+vault://kv/foo?version=3&address=https://v.example.com:8200&namespace=t#/bar",
            "vault address=https://v.example.com:8200 namespace=t",
            "vault://kv/foo?version=3#bar",
        ),
        (
            "ref+vault://kv/foo#/bar?auth_method=approle&role_id=r&secret_id=canary",
            "vault method=approle role-id=r",
            "vault://kv/foo#bar",
        ),
        (
            "ref+awssecrets://app/db?region=eu-west-1&version_stage=AWSPREVIOUS#/password",
            "aws-sm region=eu-west-1",
            "aws-sm://app/db?stage=AWSPREVIOUS#password",
        ),
        ("ref+awssec://app/db", "aws-sm", "aws-sm://app/db"),
        ("ref+awsssm://app/db/password", "aws-ssm", "aws-ssm://app/db/password"),
        ("ref+awsssm://app/db#/password", "aws-ssm", "aws-ssm://app/db/password"),
        ("ref+awsssm:///app/db?mode=singleparam#/a/b", "aws-ssm", "aws-ssm://app/db#/a/b"),
        ("ref+gcpsecrets://p/s?version=3#/k", "gcp-sm", "gcp-sm://p/s?version=3#k"),
        ("ref+gcpsecrets://p/s?trim_nl=true", "gcp-sm", "gcp-sm://p/s?trim=newline"),
        ("ref+azurekeyvault://kv/name/1a2b", "azure-kv vault=kv", "azure-kv://name?version=1a2b"),
        ("ref+sops://enc/app.yaml#/db/user", "sops file=enc/app.yaml", "sops://#/db/user"),
        ("ref+sops://enc/app#/user", "sops file=enc/app format=yaml", "sops://#user"),
        ("ref+doppler://shop/prd/KEY?token=canary", "doppler", "doppler://shop/prd#KEY"),
        ("ref+op://App/Item/password", "op", "op://App/Item/password"),
        ("vault:secret/data/app#key", "vault", "vault://secret/data/app#key"),
        ("vault:secret/data/app#key#2", "vault", "vault://secret/data/app?version=2#key"),
        (arn, "aws-sm region=eu-west-1", &format!("aws-sm://{arn}")),
        (
            &format!("{arn}:password::"),
            "aws-sm region=eu-west-1",
            &format!("aws-sm://{arn}#password"),
        ),
        (
            &format!("{arn}:password:AWSPREVIOUS:"),
            "aws-sm region=eu-west-1",
            &format!("aws-sm://{arn}?stage=AWSPREVIOUS#password"),
        ),
        (
            &format!("{arn}:::uuid-1"),
            "aws-sm region=eu-west-1",
            &format!("aws-sm://{arn}?version=uuid-1"),
        ),
        (
            "arn:aws:ssm:eu-west-1:1:parameter/app/db",
            "aws-ssm region=eu-west-1",
            "aws-ssm://arn:aws:ssm:eu-west-1:1:parameter/app/db",
        ),
        (
            "{{resolve:secretsmanager:app/db:SecretString:password::}}",
            "aws-sm",
            "aws-sm://app/db#password",
        ),
        (
            &format!("{{{{resolve:secretsmanager:{arn}:SecretString:password}}}}"),
            "aws-sm region=eu-west-1",
            &format!("aws-sm://{arn}#password"),
        ),
        ("{{resolve:ssm-secure:/app/db:4}}", "aws-ssm", "aws-ssm://app/db?version=4"),
        ("{{resolve:ssm:/flat}}", "aws-ssm", "aws-ssm:///flat"),
        (
            "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db/1a)",
            "azure-kv vault=kv",
            "azure-kv://db?version=1a",
        ),
        (
            "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.cn/secrets/db/)",
            "azure-kv vault=https://kv.vault.azure.cn",
            "azure-kv://db",
        ),
        (
            "@Microsoft.KeyVault(VaultName=kv;SecretName=db;SecretVersion=1a)",
            "azure-kv vault=kv",
            "azure-kv://db?version=1a",
        ),
        (
            "gcp:secretmanager:projects/p/secrets/s/versions/7",
            "gcp-sm",
            "gcp-sm://projects/p/secrets/s?version=7",
        ),
        ("sm://p/s#3", "gcp-sm", "gcp-sm://p/s?version=3"),
    ] {
        assert_eq!(converted(value), (source.to_owned(), reference.to_owned()), "{value}");
    }
}

#[test]
fn what_hushed_cannot_have_is_refused_without_the_value() {
    for (value, why) in [
        ("op://$ENV/canary/f", "variable"),
        ("op://App/canary", "vault, item and field"),
        ("op://App/canary/key?ssh-format=openssh", "one-time"),
        ("bw://canary/field", "Bitwarden"),
        ("ref+vault://kv/canary", "a key after"),
        ("ref+vault://kv/canary?made_up=1#/a", "parameter"),
        ("ref+vault://kv/a?address=https://u:canary@vault#/a", "a login"),
        ("ref+awssecrets://canary?role_arn=x", "role"),
        ("ref+awsssm://a/b?mode=other#/canary", "mode"),
        ("ref+tfstate://canary/x", "backend"),
        ("ref+sops://canary?key_type=base64#/a", "file itself"),
        ("ref+sops://canary.yaml", "whole file"),
        ("ref+gcpsecrets://canary", "project and secret"),
        ("ref+vault://a/b?optional=true#/c", "may be missing"),
        ("postgres://u:ref+vault://kv/canary#/p+@db", "longer text"),
        ("vault:v1:canary", "transit"),
        (">>vault:secret/data/canary#k", "writes"),
        ("vault:secret/data/canary", "path and key"),
        ("vault:secret/data/canary#${.a}", "template"),
        ("arn:aws:ssm:eu-west-1:1:parameter/canary:3", "version"),
        ("{{resolve:other:canary}}", "service"),
        ("x {{resolve:ssm:canary}}", "longer text"),
        ("@Microsoft.KeyVault(SecretName=canary)", "vault and secret"),
        ("@Microsoft.KeyVault(SecretUri=https://u@canary/secrets/x)", "address"),
        ("sm://p/canary?destination=tempfile", "file"),
    ] {
        let error = convert(value).unwrap_err();
        assert!(error.contains(why) && !error.contains("canary"), "{value}: {error}");
    }
}

#[test]
fn other_values_are_no_references() {
    for value in [
        "",
        "canary",
        "postgres://db/app",
        "https://example.com/?a=ref",
        "arn:aws:iam::123456789012:role/app",
        "vault://secret/app#hushed",
        "vaulted",
    ] {
        assert!(convert(value).unwrap().is_none(), "{value}");
    }
}

#[test]
fn a_file_is_rewritten_where_its_references_stand() {
    let text = "# op://a comment\r\nexport A = \"op://v/i/f\" # why\r\nB=vault:a/b#c # d\nC='x\nD=op://v/i/f\n'\nE=op://v\nF=plain\n";
    let mut sources = Sources::default();
    let migration = migrate(text, &mut sources);
    let want = "# op://a comment\r\nexport A = 'op://v/i/f' # why\r\nB='vault://a/b#c' # d\nC='x\nD=op://v/i/f\n'\nE=op://v\nF=plain\n";
    assert_eq!(rewrite(text, &migration.converted), want);
    let refused: Vec<_> = migration.refused.iter().map(|it| (it.name.as_str(), it.line)).collect();
    assert_eq!((refused.as_slice(), migration.others), (&[("E", 7)][..], 1));
}
