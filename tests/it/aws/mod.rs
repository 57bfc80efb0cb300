//! The AWS stores through the binary: what a run reads, with how few requests, and what it says when AWS
//! refuses, fails or answers nonsense. Must not repeat the cases of the credential chain.

mod fake;
mod real;
mod writing;

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::sandbox::{Output, Sandbox};
use fake::{Aws, World, refusal};

fn text(value: &str) -> Value {
    json!({ "SecretString": value, "VersionId": "v1", "Stage": "AWSCURRENT" })
}

fn secrets<const N: usize>(pairs: [(&str, Value); N]) -> World {
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
    World { secrets: pairs.collect(), ..World::default() }
}

fn parameters<const N: usize>(pairs: [(&str, &str); N]) -> World {
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), (value.to_owned(), 3)));
    World { parameters: pairs.collect(), ..World::default() }
}

/// A project with one source, and keys in the environment.
fn project(url: &str, settings: &str) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", format!("[source.cloud]\n{settings}\n"))
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "canary-secret-key")
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

fn manager_at(url: &str, settings: &str) -> Sandbox {
    project(url, &format!("type = \"aws-sm\"\n{settings}"))
}

fn store_at(url: &str, settings: &str) -> Sandbox {
    project(url, &format!("type = \"aws-ssm\"\n{settings}"))
}

fn manager(aws: &Aws, settings: &str) -> Sandbox {
    manager_at(&aws.url(), settings)
}

fn store(aws: &Aws, settings: &str) -> Sandbox {
    store_at(&aws.url(), settings)
}

/// The variables that a run would add, as JSON.
fn variables(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let output = sandbox.command(["export", "--format", "json"]).reveals().run().success();
    serde_json::from_str(&output.stdout).unwrap()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn fails(sandbox: &Sandbox, words: &[&str]) -> Output {
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    for word in words {
        assert!(output.stderr.contains(word), "no `{word}` in: {}", output.stderr);
    }
    output
}

#[test]
fn secrets_become_variables_with_one_request() {
    let aws = Aws::start(secrets([
        ("app/db", text(r#"{"DB_USER":"canary-user","DB_PORT":5432,"DB_TLS":true}"#)),
        ("app/api-key", text("canary-\u{fc}nicode\nline")),
        ("app/empty", text("")),
        (
            "app/blob",
            json!({ "SecretBinary": STANDARD.encode("canary-bytes"), "Stage": "AWSCURRENT" }),
        ),
    ]));
    let sandbox = manager(&aws, r#"secrets = ["app/db", "app/api-key", "app/empty", "app/blob"]"#);
    let want = [
        ("DB_USER", "canary-user"),
        ("DB_PORT", "5432"),
        ("DB_TLS", "true"),
        ("API_KEY", "canary-\u{fc}nicode\nline"),
        ("EMPTY", ""),
        ("BLOB", "canary-bytes"),
    ];
    assert_eq!(variables(&sandbox), pairs(want));
    assert_eq!(aws.operations(), ["BatchGetSecretValue"]);
}

#[test]
fn a_command_gets_secrets_and_its_own_aws_variables_unless_they_are_withheld() {
    let aws = Aws::start(secrets([("app/key", text("canary-key"))]));
    let line = ["run", "--", "sh", "-c", "echo $KEY ${AWS_SECRET_ACCESS_KEY-unset}"];
    let run =
        |settings: &str| manager(&aws, settings).command(line).reveals().run().success().stdout;
    let settings = "secrets = \"app/key\"";
    assert_eq!(run(settings), "canary-key canary-secret-key\n");
    assert_eq!(run(&format!("{settings}\nwithhold = true")), "canary-key unset\n");
}

#[test]
fn the_number_of_requests_is_the_least_that_the_api_allows() {
    let names: Vec<_> = (0..100).map(|at| format!("app/s{at:03}")).collect();
    let values = names.iter().map(|name| (name.clone(), text("canary-value")));
    let parameters = (0..300).map(|at| (format!("/app/p{at:03}"), ("canary-value".to_owned(), 1)));
    let aws = Aws::start(World {
        secrets: values.collect(),
        parameters: parameters.collect(),
        ..World::default()
    });
    let listed = format!("secrets = {}", serde_json::to_string(&names).unwrap());
    assert_eq!(variables(&manager(&aws, &listed)).len(), 100);
    assert_eq!(aws.operations(), ["BatchGetSecretValue"; 5]);
    aws.world(|world| world.asked.clear());
    assert_eq!(variables(&manager(&aws, "name-prefix = \"app/\"")).len(), 100);
    assert_eq!(aws.operations(), ["BatchGetSecretValue"; 5]);
    aws.world(|world| world.asked.clear());
    assert_eq!(variables(&store(&aws, "path = \"/app\"")).len(), 300);
    assert_eq!(aws.operations(), ["GetParametersByPath"; 30]);
    aws.world(|world| world.asked.clear());
    let names: Vec<_> = (0..25).map(|at| format!("/app/p{at:03}")).collect();
    let listed = format!("parameters = {}", serde_json::to_string(&names).unwrap());
    assert_eq!(variables(&store(&aws, &listed)).len(), 25);
    assert_eq!(aws.operations(), ["GetParameters"; 3]);
}

#[test]
fn where_the_policy_allows_no_batch_secrets_are_read_one_by_one() {
    let world = secrets([("a", text("canary-a")), ("b", text("canary-b"))]);
    let aws = Aws::start(world);
    let (status, body) = refusal("AccessDeniedException", "not authorized to perform BatchGet");
    aws.world(|world| world.faults.push_back(("BatchGetSecretValue", status, body)));
    let sandbox = manager(&aws, r#"secrets = ["a", "b"]"#);
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a"), ("B", "canary-b")]));
    let mut operations = aws.operations();
    operations.sort();
    assert_eq!(operations, ["BatchGetSecretValue", "GetSecretValue", "GetSecretValue"]);
}

#[test]
fn a_version_is_read_by_stage_or_id() {
    let value = |value: &str, id: &str, stage: &str| json!({ "SecretString": value, "VersionId": id, "Stage": stage });
    let id = "11111111-2222-3333-4444-555555555555";
    let aws = Aws::start(secrets([("old", value("canary-old", id, "AWSPREVIOUS"))]));
    let by_id = format!("secrets = \"old?version={id}\"");
    for settings in ["secrets = \"old?stage=AWSPREVIOUS\"", &by_id] {
        assert_eq!(variables(&manager(&aws, settings)), pairs([("OLD", "canary-old")]));
    }
    let plan = manager(&aws, &by_id).run(["plan"]).success().stdout;
    assert!(plan.contains(&format!("(old, version {id})")), "{plan}");
    let note = "AWS credentials: keys of AWS_ACCESS_KEY_ID; region eu-west-1";
    assert!(plan.contains(note), "{plan}");
    let missing = "cannot read the secret `old`: ResourceNotFoundException";
    fails(&manager(&aws, "secrets = \"old?stage=AWSPENDING\""), &[missing]);
}

#[test]
fn parameters_are_named_after_what_follows_the_path() {
    let aws = Aws::start(parameters([
        ("/app/db/password", "canary-password"),
        ("/app/db-user", "canary-user"),
        ("/app/LEVEL", "canary-level"),
        ("/other/key", "canary-other"),
    ]));
    let all =
        [("DB_PASSWORD", "canary-password"), ("DB_USER", "canary-user"), ("LEVEL", "canary-level")];
    assert_eq!(variables(&store(&aws, "path = \"/app/\"")), pairs(all));
    let flat = [("DB_USER", "canary-user"), ("LEVEL", "canary-level")];
    assert_eq!(variables(&store(&aws, "path = \"/app\"\nrecursive = false")), pairs(flat));
    let listed = "parameters = [\"/other/key:3\", \"/app/db-user\"]";
    let want = [("KEY", "canary-other"), ("DB_USER", "canary-user")];
    assert_eq!(variables(&store(&aws, listed)), pairs(want));
    let why = store(&aws, listed).run(["why", "KEY"]).success().stdout;
    assert!(why.contains("/other/key"), "{why}");
    fails(&store(&aws, "parameters = \"/other/key:4\""), &["no parameter `/other/key:4`"]);
    fails(&store(&aws, "path = \"/none\""), &["nothing in the path `/none`", "--allow-empty"]);
    let empty = store(&aws, "path = \"/none\"").run(["run", "--allow-empty", "--", "true"]);
    empty.success();
}

#[test]
fn two_parameters_with_one_name_are_refused() {
    let aws = Aws::start(parameters([("/app/a-b", "canary-1"), ("/app/a_b", "canary-2")]));
    fails(&store(&aws, "path = \"/app\""), &["`/app/a-b` and `/app/a_b` both give the name `A_B`"]);
}

#[test]
fn a_missing_secret_is_named_and_nothing_is_started() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    let sandbox = manager(&aws, r#"secrets = ["a", "gone"]"#);
    fails(
        &sandbox,
        &["the secret `gone`: ResourceNotFoundException", "check the name, the region"],
    );
    let output =
        sandbox.command(["run", "--allow-empty", "--", "sh", "-c", "echo $A ${GONE-none}"]);
    assert_eq!(output.reveals().run().success().stdout, "canary-a none\n");
}

#[test]
fn what_aws_refuses_is_told_with_its_code_and_a_hint() {
    for (code, words) in [
        ("AccessDeniedException", ["AccessDeniedException (400): canary", "IAM policy"]),
        ("UnrecognizedClientException", ["UnrecognizedClientException", "AWS_SESSION_TOKEN"]),
        ("ExpiredTokenException", ["ExpiredTokenException", "aws sso login"]),
        ("InvalidSignatureException", ["InvalidSignatureException", "secret access key"]),
        ("DecryptionFailure", ["DecryptionFailure", "hushed-aws(7)"]),
    ] {
        let aws = Aws::start(secrets([("a", text("canary-a"))]));
        let (status, body) = refusal(code, "told");
        aws.world(|world| world.faults.push_back(("GetSecretValue", status, body)));
        let words = words.map(|word| word.replace("canary", "told"));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        fails(&manager(&aws, "secrets = \"a\""), &words);
        assert_eq!(aws.operations().len(), 1, "{code} is final");
    }
}

#[test]
fn throttling_and_failures_are_retried_by_code_and_end() {
    let value = || secrets([("a", text("canary-a"))]);
    let throttled = refusal("ThrottlingException", "Rate exceeded").1;
    for (status, body) in [
        (400, throttled.as_str()),
        (500, r#"{"__type":"InternalServiceError"}"#),
        (503, ""),
        (0, ""),
    ] {
        let aws = Aws::start(value());
        aws.world(|world| world.faults.push_back(("GetSecretValue", status, body.to_owned())));
        let sandbox = manager(&aws, "secrets = \"a\"");
        assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]), "{status}");
        assert_eq!(aws.operations().len(), 2, "{status}");
    }
    let aws = Aws::start(value());
    aws.world(|world| {
        for _ in 0..5 {
            world.faults.push_back(("GetSecretValue", 400, throttled.clone()));
        }
    });
    let sandbox = manager(&aws, "secrets = \"a\"").env("AWS_MAX_ATTEMPTS", "2");
    fails(&sandbox, &["ThrottlingException", "try again later"]);
    assert_eq!(aws.operations().len(), 2);
}

#[test]
fn expired_credentials_of_a_role_are_replaced_once() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    aws.world(|world| world.expired = vec!["ASIASESSION1".to_owned()]);
    let config = "[profile x]\nrole_arn = arn:aws:iam::111122223333:role/deploy\n\
                  source_profile = base\n[profile base]\naws_access_key_id = AKIABASE\n\
                  aws_secret_access_key = canary-base\n";
    let sandbox = manager(&aws, "secrets = \"a\"")
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY")
        .file("config", config)
        .env("AWS_CONFIG_FILE", "config")
        .env("AWS_PROFILE", "x");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
    let asked = aws.world(|world| world.asked.clone());
    let asked: Vec<_> = asked.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    let want = [
        ("AssumeRole", "AKIABASE"),
        ("GetSecretValue", "ASIASESSION1"),
        ("AssumeRole", "AKIABASE"),
        ("GetSecretValue", "ASIASESSION2"),
    ];
    assert_eq!(asked, want);
    aws.world(|world| world.expired = (1..9).map(|at| format!("ASIASESSION{at}")).collect());
    fails(&sandbox, &["ExpiredTokenException"]);
    assert_eq!(aws.world(|world| world.sessions), 4, "a second replacement is not tried");
}

#[test]
fn an_answer_that_is_none_of_aws_is_an_error_without_its_words() {
    for body in ["<html>canary</html>", "canary", r#"{"SecretString":"canary"}"#, "[]", ""] {
        let aws = Aws::start(secrets([("a", text("canary-a"))]));
        aws.world(|world| world.faults.push_back(("GetSecretValue", 200, body.to_owned())));
        fails(&manager(&aws, "secrets = \"a\""), &["cannot be understood"]);
    }
    let aws = Aws::start(secrets([("a", json!({ "Stage": "AWSCURRENT" }))]));
    fails(&manager(&aws, "secrets = \"a\""), &["the secret `a`: it has no value"]);
}

#[test]
fn a_signed_request_is_not_redirected() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    aws.world(|world| world.faults.push_back(("GetSecretValue", 307, String::new())));
    fails(&manager(&aws, "secrets = \"a\""), &["sent a redirect that cannot be followed (307)"]);
    assert_eq!(aws.operations().len(), 1);
}

#[test]
fn a_prefix_without_secrets_is_an_error_and_pages_are_followed() {
    let aws = Aws::start(secrets([("app/a", text("canary-a"))]));
    let none = manager(&aws, "name-prefix = \"none/\"");
    fails(&none, &["nothing in the secrets named `none/…`", "--allow-empty"]);
    let (status, denied) = refusal("AccessDeniedException", "ListSecrets");
    aws.world(|world| world.faults.push_back(("BatchGetSecretValue", status, denied)));
    fails(&none, &["refuses BatchGetSecretValue: AccessDeniedException", "IAM policy"]);
    let endless = json!({ "SecretValues": [], "NextToken": "1" }).to_string();
    aws.world(|world| {
        for _ in 0..2 {
            world.faults.push_back(("BatchGetSecretValue", 200, endless.clone()));
        }
    });
    fails(&none, &["the answer of AWS Secrets Manager to BatchGetSecretValue cannot be"]);
}

#[test]
fn a_large_value_arrives_whole() {
    let large = format!("canary-{}", "x".repeat(65_529));
    let aws = Aws::start(secrets([("a", text(&large))]));
    let sandbox = manager(&aws, "secrets = \"a\"");
    assert_eq!(variables(&sandbox)["A"].len(), 65_536);
    let line = ["run", "--", "sh", "-c", "echo ${#A}"];
    assert_eq!(sandbox.command(line).run().success().stdout, "65536\n");
}

#[test]
fn a_slow_service_ends_with_the_time_limit() {
    let world = World { delay: Duration::from_secs(20), ..secrets([("a", text("canary-a"))]) };
    let sandbox = manager(&Aws::start(world), "secrets = \"a\"").env("HUSHED_TIMEOUT", "300ms");
    fails(&sandbox, &["cannot reach AWS Secrets Manager", "within 0.3 s"]);
}

#[test]
fn a_refused_connection_names_the_service() {
    let aws = Aws::start(World::default());
    let sandbox = manager(&aws, "secrets = \"a\"").env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    fails(&sandbox, &["cannot reach AWS Secrets Manager", "`127.0.0.1:1` refuses"]);
    let open = manager(&aws, "secrets = \"a\"").env("AWS_ENDPOINT_URL", "http://192.0.2.1");
    fails(&open, &["plain http"]);
}

#[test]
fn keys_from_files_are_used_instead_of_all_other_logins() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    let settings =
        "secrets = \"a\"\naccess-key-id = \"AKIAFILE\"\nsecret-access-key-file = \"key\"";
    let sandbox = manager(&aws, settings).file("key", "canary-file-key\n");
    let sandbox = sandbox.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
    assert_eq!(aws.world(|world| world.asked[0].1.clone()), "AKIAFILE");
    let sandbox = manager(&aws, "secrets = \"a\"\nsecret-access-key-file = \"key\"");
    let sandbox = sandbox.file("key", "canary-file-key\n").without("AWS_ACCESS_KEY_ID");
    fails(&sandbox.without("AWS_SECRET_ACCESS_KEY"), &["no AWS access key ID specified"]);
}

#[test]
fn a_program_of_the_profile_supplies_the_keys() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    let print = r#"{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"canary-process"}"#;
    let config = "[default]\ncredential_process = sh ./keys\n";
    let sandbox = manager(&aws, "secrets = \"a\"")
        .without("AWS_ACCESS_KEY_ID")
        .file("config", config)
        .file("keys", format!("echo '{print}'"))
        .env("AWS_CONFIG_FILE", "config");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
    assert_eq!(aws.world(|world| world.asked[0].1.clone()), "ASIAPROCESS");
    let failing = sandbox.file("keys", "exit 3");
    fails(&failing, &["credential_process of the AWS profile `default`", "exit status 3"]);
}

#[test]
fn doctor_names_the_login_and_counts_what_it_reads() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    let doctor = manager(&aws, "secrets = \"a\"").run(["doctor"]).success().stdout;
    for word in [
        "`cloud`: credentials",
        "keys of AWS_ACCESS_KEY_ID",
        "access key AKIATEST in eu-west-1",
        "1 secret",
    ] {
        assert!(doctor.contains(word), "no `{word}` in {doctor}");
    }
    let nobody = manager(&aws, "secrets = \"a\"").without("AWS_ACCESS_KEY_ID").run(["doctor"]);
    assert!(nobody.stdout.contains("no AWS credentials"), "{}", nobody.stdout);
}

#[test]
fn a_project_file_needs_trust_to_choose_a_profile_or_an_endpoint() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    for setting in ["profile = \"x\"", "endpoint = \"http://127.0.0.1:1\""] {
        let sandbox = manager(&aws, &format!("secrets = \"a\"\n{setting}"));
        fails(&sandbox, &["this project file is not trusted", "hushed trust"]);
        assert!(aws.operations().is_empty());
    }
    let settings = format!("secrets = \"a\"\nendpoint = \"{}\"", aws.url());
    let sandbox = manager(&aws, &settings).without("AWS_ENDPOINT_URL");
    sandbox.run(["trust"]).success();
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
}

#[test]
fn the_cache_stands_in_for_the_service() {
    let aws = Aws::start(secrets([("a", text("canary-a"))]));
    let sandbox = manager(&aws, "secrets = \"a\"").env("HUSHED_CACHE", "fallback");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
    let unavailable = refusal("InternalServiceError", "").1;
    aws.world(|world| {
        for _ in 0..3 {
            world.faults.push_back(("GetSecretValue", 500, unavailable.clone()));
        }
    });
    assert_eq!(variables(&sandbox), pairs([("A", "canary-a")]));
}

#[test]
fn references_name_secrets_and_parameters() {
    let aws = Aws::start(World {
        parameters: parameters([("/app/level", "canary-level")]).parameters,
        ..secrets([("db", text(r#"{"password":"canary-password"}"#)), ("key", text("canary-key"))])
    });
    let settings = "[source.params]\ntype = \"aws-ssm\"\n[env]\n\
                    PASSWORD = \"cloud://db#password\"\nKEY = \"cloud://key\"\n\
                    LEVEL = \"params://app/level\"";
    let want = [("PASSWORD", "canary-password"), ("KEY", "canary-key"), ("LEVEL", "canary-level")];
    assert_eq!(variables(&manager(&aws, settings)), pairs(want));
    let mut operations = aws.operations();
    operations.sort();
    assert_eq!(operations, ["BatchGetSecretValue", "GetParameters"]);
}
