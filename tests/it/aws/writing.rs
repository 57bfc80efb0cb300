//! Changing secrets and parameters: what is sent, with which requests, and what the user is told where AWS refuses or
//! somebody else writes at the same time. Must not repeat what moto shows.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::fake::{Aws, World, refusal};
use super::{manager, pairs, parameters, secrets, store, text, variables};
use crate::support::sandbox::{Output, Sandbox};

/// Sets a secret.
fn set(sandbox: &Sandbox, name: &str, value: &str) -> Output {
    sandbox.command(["secrets", "set", name, "-v"]).stdin(value).run()
}

/// The bodies of an operation's requests.
fn bodies(aws: &Aws, operation: &str) -> Vec<Value> {
    aws.world(|world| {
        let asked = world.asked.iter().zip(&world.bodies);
        asked.filter(|((name, _), _)| name == operation).map(|(_, body)| body.clone()).collect()
    })
}

#[test]
fn a_key_of_a_json_secret_is_changed_and_the_others_stay() {
    let aws = Aws::start(secrets([("app/db", text(r#"{"PORT": 5432, "USER":"canary-user"}"#))]));
    let sandbox = manager(&aws, "secrets = \"app/db\"");
    let output = set(&sandbox, "USER", "canary-new").success();
    let place = format!("secret app/db at {}", aws.url());
    let want = format!("hushed: `cloud`: {place}\nhushed: replaced `USER` in {place}\n");
    assert_eq!(output.stderr, want);
    set(&sandbox, "PASSWORD", "canary-password").success();
    sandbox.run(["secrets", "delete", "PORT", "--yes"]).success();
    let sent = bodies(&aws, "PutSecretValue").pop().unwrap();
    assert_eq!(sent["SecretString"], r#"{"USER":"canary-new","PASSWORD":"canary-password"}"#);
    sandbox.run(["secrets", "delete", "USER", "PASSWORD", "--yes"]).success();
    assert_eq!(bodies(&aws, "PutSecretValue").pop().unwrap()["SecretString"], "{}");
    assert!(bodies(&aws, "DeleteSecret").is_empty(), "the secret itself stays");
}

#[test]
fn secrets_are_created_below_a_prefix_and_deleted_with_a_recovery_window() {
    let aws = Aws::start(World::default());
    let settings = "name-prefix = \"app/\"\nkms-key = \"alias/app\"\nrecovery-window = \"7\"";
    let sandbox = manager(&aws, settings);
    set(&sandbox, "TOKEN", "canary-token").success();
    let created = bodies(&aws, "CreateSecret").pop().unwrap();
    assert_eq!(
        (&created["Name"], &created["KmsKeyId"]),
        (&json!("app/TOKEN"), &json!("alias/app"))
    );
    assert_eq!(variables(&sandbox), pairs([("TOKEN", "canary-token")]));

    sandbox.run(["secrets", "rename", "TOKEN", "API_TOKEN"]).success();
    let created = bodies(&aws, "CreateSecret").pop().unwrap();
    assert_eq!(
        (&created["Name"], &created["Description"], &created["Tags"]),
        // Tags of AWS itself cannot be set.
        (&json!("app/API_TOKEN"), &json!("about it"), &json!([{ "Key": "team", "Value": "a" }]))
    );
    let want = json!({ "SecretId": "app/TOKEN", "RecoveryWindowInDays": 7 });
    assert_eq!(bodies(&aws, "DeleteSecret"), [want]);
    let operations = aws.operations();
    let at = |name: &str| operations.iter().rposition(|known| known == name).unwrap();
    assert!(at("CreateSecret") < at("DeleteSecret"), "{operations:?}");

    // The old name is not free.
    let output = set(&sandbox, "TOKEN", "canary-token").fails_with(1);
    for words in ["`app/TOKEN` is scheduled for deletion", "restore-secret --secret-id app/TOKEN"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    let at_once = sandbox.env("HUSHED_SOURCE_CLOUD_RECOVERY_WINDOW", "none");
    at_once.run(["secrets", "delete", "API_TOKEN", "--yes"]).success();
    let want = json!({ "SecretId": "app/API_TOKEN", "ForceDeleteWithoutRecovery": true });
    assert_eq!(bodies(&aws, "DeleteSecret").pop().unwrap(), want);
}

#[test]
fn a_secret_that_is_listed_by_its_arn_is_written_by_it() {
    let aws = Aws::start(secrets([("app/db", text(r#"{"USER":"canary-user"}"#))]));
    let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:app/db";
    let whole = format!("{arn}-AbCdEf");
    for listed in [arn, &whole] {
        let sandbox = manager(&aws, &format!("secrets = \"{listed}\""));
        set(&sandbox, "USER", "canary-new").success();
        assert_eq!(bodies(&aws, "PutSecretValue").pop().unwrap()["SecretId"], whole.as_str());
    }
}

#[test]
fn a_secret_of_bytes_stays_one() {
    let stored = json!({ "SecretBinary": STANDARD.encode("canary-old"), "VersionId": "v1",
        "Stage": "AWSCURRENT" });
    let aws = Aws::start(secrets([("app/key", stored)]));
    set(&manager(&aws, "secrets = \"app/key\""), "KEY", "canary-new").success();
    let sent = bodies(&aws, "PutSecretValue").pop().unwrap();
    assert_eq!(sent["SecretBinary"], STANDARD.encode("canary-new"));
    assert!(sent.get("SecretString").is_none());
}

#[test]
fn a_version_that_cannot_be_decrypted_is_no_missing_version() {
    let aws = Aws::start(secrets([("app/db", text(r#"{"USER":"canary-user"}"#))]));
    let refused = |code: &str| refusal(code, "Secrets Manager can't decrypt the secret").1;
    let sandbox = manager(&aws, "secrets = \"app/db\"");
    let current = json!({ "Name": "app/db", "ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:app/db-AbCdEf",
        "VersionId": "v1", "SecretString": r#"{"USER":"canary-user"}"# });
    for (code, status, want) in [
        ("DecryptionFailure", 78, "DecryptionFailure"),
        ("InvalidRequestException", 1, "has no version v0"),
        ("ResourceNotFoundException", 1, "has no version v0"),
    ] {
        // The source is read before the version.
        aws.world(|world| {
            world.faults.push_back(("GetSecretValue", 200, current.to_string()));
            world.faults.push_back(("GetSecretValue", 400, refused(code)));
        });
        let line = ["secrets", "rollback", "USER", "--to", "v0", "--yes"];
        let output = sandbox.run(line).fails_with(status);
        assert!(output.stderr.contains(want), "{code}: {}", output.stderr);
    }
}

#[test]
fn a_concurrent_change_of_a_secret_is_told_with_its_version() {
    let aws = Aws::start(secrets([("app/db", text(r#"{"USER":"canary-user"}"#))]));
    aws.world(|world| {
        world.meanwhile.push_back(("PutSecretValue", |world| {
            let body = json!({ "ClientRequestToken": "their-version-0123456789abcdefghi",
                "SecretString": r#"{"USER":"canary-theirs"}"# });
            world.store("app/db", &body);
        }));
    });
    let sandbox = manager(&aws, "secrets = \"app/db\"");
    let output = set(&sandbox, "USER", "canary-new").success();
    let words = "somebody else changed `app/db` at the same time: compare with their version, \
                 their-version-0123456789abcdefghi";
    assert!(output.stderr.contains(words), "{}", output.stderr);
    let output = set(&sandbox, "USER", "canary-newer").success();
    assert!(!output.stderr.contains("somebody else"), "{}", output.stderr);
}

#[test]
fn a_request_that_aws_may_have_processed_is_repeated_only_with_its_token() {
    let aws = Aws::start(secrets([("app/db", text(r#"{"USER":"canary-user"}"#))]));
    let fault =
        |operation| (operation, 500, json!({ "__type": "InternalServiceError" }).to_string());
    aws.world(|world| world.faults.push_back(fault("PutSecretValue")));
    set(&manager(&aws, "secrets = \"app/db\""), "USER", "canary-new").success();
    let sent = bodies(&aws, "PutSecretValue");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["ClientRequestToken"], sent[1]["ClientRequestToken"]);

    let aws = Aws::start(World::default());
    aws.world(|world| world.faults.push_back(fault("PutParameter")));
    set(&store(&aws, "path = \"/app\""), "A", "canary").fails_with(69);
    assert_eq!(bodies(&aws, "PutParameter").len(), 1);
}

#[test]
fn a_parameter_keeps_its_type_key_and_tier() {
    let mut world = parameters([("/app/db/password", "canary-old")]);
    let attributes = json!({ "Type": "String", "KeyId": "alias/theirs", "Tier": "Advanced",
        "Description": "about it", "AllowedPattern": "^c", "DataType": "text" });
    world.attributes.insert("/app/db/password".to_owned(), attributes.clone());
    let aws = Aws::start(world);
    let sandbox = store(&aws, "path = \"/app\"\nkms-key = \"alias/ours\"");
    set(&sandbox, "DB_PASSWORD", "canary-new").success();
    let mut want = attributes;
    want["Name"] = "/app/db/password".into();
    want["Value"] = "canary-new".into();
    want["Overwrite"] = true.into();
    assert_eq!(bodies(&aws, "PutParameter"), [want]);

    set(&sandbox, "TOKEN", "canary-token").success();
    let want = json!({ "Name": "/app/TOKEN", "Value": "canary-token", "Overwrite": false,
        "Type": "SecureString", "KeyId": "alias/ours" });
    assert_eq!(bodies(&aws, "PutParameter").pop().unwrap(), want);

    sandbox.run(["secrets", "rename", "TOKEN", "API_TOKEN"]).success();
    let moved = bodies(&aws, "PutParameter").pop().unwrap();
    assert_eq!(
        (&moved["Name"], &moved["Type"]),
        (&json!("/app/API_TOKEN"), &json!("SecureString"))
    );
    assert_eq!(bodies(&aws, "DeleteParameters"), [json!({ "Names": ["/app/TOKEN"] })]);
}

#[test]
fn parameters_are_deleted_ten_a_request() {
    let names: Vec<_> = (0..23).map(|at| format!("P{at:02}")).collect();
    let stored = names.iter().map(|name| (format!("/app/{name}"), ("canary".to_owned(), 1)));
    let aws = Aws::start(World { parameters: stored.collect(), ..World::default() });
    let line = ["secrets", "delete", "--yes"].into_iter().chain(names.iter().map(String::as_str));
    store(&aws, "path = \"/app\"").run(line).success();
    let sent = bodies(&aws, "DeleteParameters");
    let sizes: Vec<_> = sent.iter().map(|body| body["Names"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 10, 3]);
    assert!(aws.world(|world| world.parameters.is_empty()));
}

#[test]
fn a_concurrent_change_of_a_parameter_is_told_or_refused() {
    let aws = Aws::start(parameters([("/app/A", "canary-old")]));
    aws.world(|world| {
        world.meanwhile.push_back(("PutParameter", |world| {
            world.parameters.insert("/app/A".to_owned(), ("canary-theirs".to_owned(), 4));
        }));
    });
    let sandbox = store(&aws, "path = \"/app\"");
    let output = set(&sandbox, "A", "canary-new").success();
    let words = "somebody else changed `/app/A` at the same time: compare with version 4";
    assert!(output.stderr.contains(words), "{}", output.stderr);

    aws.world(|world| {
        world.meanwhile.push_back(("PutParameter", |world| {
            world.parameters.insert("/app/B".to_owned(), ("canary-theirs".to_owned(), 1));
        }));
    });
    let output = set(&sandbox, "B", "canary-new").fails_with(1);
    assert!(output.stderr.contains("somebody else changed `B` meanwhile"), "{}", output.stderr);
    assert_eq!(aws.world(|world| world.parameters["/app/B"].0.clone()), "canary-theirs");
}

#[test]
fn what_aws_would_refuse_is_told_before_the_request_and_no_value_is_quoted() {
    let large = "c".repeat(4097);
    for (is_secret, settings, name, value, words) in [
        (true, "secrets = [\"app/a\", \"app/b\"]", "NEW", "canary", "do not decide where"),
        (
            true,
            "secrets = \"app/db?stage=AWSPREVIOUS\"",
            "A",
            "canary",
            "a version cannot be changed",
        ),
        (true, "secrets = \"app/db\"\njson = false", "A", "canary", "holds one value"),
        (true, "name-prefix = \"app /\"", "A", "canary", "does not accept the name"),
        (false, "path = [\"/a\", \"/b\"]", "A", "canary", "several paths are configured"),
        (false, "path = \"/a\"\nlabel = \"x\"", "A", "canary", "a version cannot be changed"),
        (false, "parameters = \"/a/b\"", "NEW", "canary", "do not decide where"),
        (false, "path = \"/a\"", "A", "canary {{b}}", "which begins a reference"),
        (false, "path = \"/a\"", "A", large.as_str(), "of the standard tier at most 4096"),
    ] {
        let aws = Aws::start(World::default());
        let sandbox = if is_secret { manager(&aws, settings) } else { store(&aws, settings) };
        let output = set(&sandbox, name, value);
        assert_ne!(output.code(), 0, "{settings}");
        assert!(output.stderr.contains(words), "no `{words}` in {}", output.stderr);
        assert!(!output.stderr.contains("canary"), "{}", output.stderr);
        let written = aws.operations();
        let is_write = |name: &String| name.starts_with("Put") || name.starts_with("Create");
        assert!(!written.iter().any(is_write), "{written:?}");
    }
    // AWS quotes values where it validates them.
    let aws = Aws::start(World::default());
    let (status, body) = refusal("ValidationException", "Value 'canary' at 'value' failed");
    aws.world(|world| world.faults.push_back(("PutParameter", status, body)));
    let output = set(&store(&aws, "path = \"/a\""), "A", "canary").fails_with(78);
    assert!(output.stderr.contains("cannot create the parameter `/a/A`: ValidationException"));
    assert!(!output.stderr.contains("canary"), "{}", output.stderr);
}
