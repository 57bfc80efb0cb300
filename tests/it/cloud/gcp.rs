//! Google Secret Manager. Must not repeat what the Python client shows beside it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::fake::{Fake, Reply, Request};
use super::{fails, pairs, project, variables};
use crate::support::sandbox::Sandbox;

const KEY: &str = include_str!("../../identity/rsa.pem");

/// CRC-32C, by the table of the standard's bits.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 };
        }
    }
    !crc
}

/// The answer of `access` for a version.
pub(super) fn value(id: &str, version: &str, bytes: &[u8]) -> Reply {
    let mut payload = json!({ "dataCrc32c": crc32c(bytes).to_string() });
    if !bytes.is_empty() {
        payload["data"] = STANDARD.encode(bytes).into();
    }
    let name = format!("projects/123/secrets/{id}/versions/{version}");
    Reply::Json(200, json!({ "name": name, "payload": payload }))
}

/// An error of the API.
pub(super) fn refusal(code: u16, status: &str, reason: &str, message: &str) -> Reply {
    let details = json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
        "domain": "googleapis.com", "metadata": {},
    }]);
    let details = if reason.is_empty() { json!([]) } else { details };
    let error = json!({ "code": code, "status": status, "message": message, "details": details });
    Reply::Json(code, json!({ "error": error }))
}

fn missing() -> Reply {
    refusal(404, "NOT_FOUND", "", "Secret [projects/123/secrets/x] not found.")
}

/// The path of the newest version of a secret.
pub(super) fn latest(id: &str) -> String {
    format!("/v1/projects/p1/secrets/{id}/versions/latest:access")
}

/// A store with the newest versions of these secrets.
fn store<const N: usize>(secrets: [(&'static str, &'static [u8]); N]) -> Fake {
    Fake::start(move |request| {
        let found = secrets.iter().find(|(id, _)| request.path() == latest(id));
        found.map_or_else(missing, |(id, bytes)| value(id, "7", bytes))
    })
}

/// A credential file of a service account.
pub(super) fn key_file() -> String {
    json!({
        "type": "service_account", "project_id": "p1", "client_email": "app@p1.iam.gserviceaccount.com",
        "private_key": KEY, "private_key_id": "k1", "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    })
    .to_string()
}

/// A source at a fake, with a service account.
fn at(fake: &Fake, settings: &str) -> Sandbox {
    project(&format!("type = \"gcp-sm\"\n{settings}"))
        .env("HUSHED_SOURCE_CLOUD_ENDPOINT", fake.url())
        .file("key.json", key_file())
        .env("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
}

#[test]
fn secrets_become_variables_with_one_request_each() {
    let fake = store([
        ("db", br#"{"DB_USER":"canary-user","DB_PORT":5432}"#),
        ("api-key", "canary-\u{fc}nicode\nline".as_bytes()),
        ("EMPTY", b""),
    ]);
    let sandbox = at(&fake, r#"secrets = ["db", "api-key", "EMPTY"]"#);
    let want = [
        ("DB_USER", "canary-user"),
        ("DB_PORT", "5432"),
        ("API_KEY", "canary-\u{fc}nicode\nline"),
        ("EMPTY", ""),
    ];
    assert_eq!(variables(&sandbox), pairs(want));
    assert_eq!(fake.asked().len(), 3);
    for request in fake.asked() {
        // The token is signed here: no request for it.
        let token = request.header("authorization").strip_prefix("Bearer ").unwrap();
        assert_eq!(token.split('.').count(), 3);
    }
    let plan = sandbox.run(["plan"]).success().stdout;
    let login = "Google credentials: service account app@p1.iam.gserviceaccount.com of `key.json` \
                 (GOOGLE_APPLICATION_CREDENTIALS)";
    assert!(plan.contains(login), "{plan}");
    let why = sandbox.run(["why", "API_KEY"]).success().stdout;
    assert!(why.contains("api-key") && why.contains("version 7"), "{why}");
}

#[test]
fn versions_aliases_projects_and_locations_are_in_the_path() {
    let fake = Fake::start(|request| {
        let id = request.path().split('/').rev().nth(2).unwrap().to_owned();
        value(&id, "3", b"canary-value")
    });
    for (settings, path) in [
        ("secrets = \"a?version=3\"", "/v1/projects/p1/secrets/a/versions/3:access"),
        ("secrets = \"a?version=prod\"", "/v1/projects/p1/secrets/a/versions/prod:access"),
        ("secrets = \"other/a\"", "/v1/projects/other/secrets/a/versions/latest:access"),
        (
            "secrets = \"projects/9/secrets/a/versions/2\"",
            "/v1/projects/9/secrets/a/versions/2:access",
        ),
        ("secrets = \"a\"\nproject = \"p2\"", "/v1/projects/p2/secrets/a/versions/latest:access"),
        (
            "secrets = \"a\"\nlocation = \"europe-west3\"",
            "/v1/projects/p1/locations/europe-west3/secrets/a/versions/latest:access",
        ),
    ] {
        assert_eq!(variables(&at(&fake, settings)), pairs([("A", "canary-value")]));
        assert_eq!(fake.paths().last().unwrap(), path);
    }
    let ambient = at(&fake, "secrets = \"a\"").env("GOOGLE_CLOUD_PROJECT", "p3");
    ambient.run(["run", "--", "true"]).success();
    assert!(fake.paths().last().unwrap().contains("/p3/"));
    let quota = at(&fake, "secrets = \"a\"\nquota-project = \"q\"");
    quota.run(["run", "--", "true"]).success();
    assert_eq!(fake.asked().last().unwrap().header("x-goog-user-project"), "q");
    fails(&at(&fake, "secrets = \"a b\""), &["a secret: NAME, NAME?version=VERSION"]);
}

#[test]
fn lists_follow_pages_and_prefixes_name_variables() {
    let fake = Fake::start(|request| match request.path() {
        "/v1/projects/p1/secrets" => {
            let named = |id: &str| json!({ "name": format!("projects/123/secrets/{id}") });
            Reply::Json(
                200,
                match request.field("pageToken").as_deref() {
                    None => json!({ "secrets": [named("app-b")], "nextPageToken": "t/+=" }),
                    Some("t/+=") => {
                        json!({ "secrets": [named("app-a"), named("other"), named("app-none")] })
                    }
                    Some(_) => Value::Null,
                },
            )
        }
        path if path == latest("app-none") => missing(),
        path => value("x", "1", path.split('/').nth(5).unwrap().as_bytes()),
    });
    let sandbox = at(&fake, "name-prefix = \"app-\"");
    assert_eq!(variables(&sandbox), pairs([("A", "app-a"), ("B", "app-b")]));
    let plan = sandbox.run(["plan"]).success().stdout;
    assert!(plan.contains("the secret `app-none` has no version, and is left out"), "{plan}");
    let all = pairs([("APP_A", "app-a"), ("APP_B", "app-b"), ("OTHER", "other")]);
    assert_eq!(variables(&at(&fake, "all = true")), all);
    assert_eq!(variables(&at(&fake, "filter = \"labels.env=prod\"")), all);
    let filter = fake.asked().iter().rev().find_map(|request| request.field("filter"));
    assert_eq!(filter.as_deref(), Some("labels.env=prod"));
    fails(&at(&fake, "name-prefix = \"none-\""), &["nothing in the secrets named `none-…`"]);
}

#[test]
fn a_disabled_version_is_an_error_unless_the_newest_enabled_one_is_wanted() {
    let fake = Fake::start(|request| match request.path() {
        path if path == latest("a") => {
            let text = "Secret Version [projects/123/secrets/a/versions/9] is in DISABLED state.";
            refusal(400, "FAILED_PRECONDITION", "", text)
        }
        "/v1/projects/p1/secrets/a/versions" => {
            assert_eq!(request.field("filter").as_deref(), Some("state:ENABLED"));
            let name = "projects/123/secrets/a/versions/8";
            Reply::Json(200, json!({ "versions": [{ "name": name, "state": "ENABLED" }] }))
        }
        _ => value("a", "8", b"canary-8"),
    });
    let words = ["cannot read the secret `a`: FAILED_PRECONDITION", "DISABLED", "newest-enabled"];
    fails(&at(&fake, "secrets = \"a\""), &words);
    let settings = "secrets = \"a\"\nnewest-enabled = true";
    assert_eq!(variables(&at(&fake, settings)), pairs([("A", "canary-8")]));
}

#[test]
fn a_value_is_checked_against_its_checksum_and_asked_for_twice() {
    let damaged = |good_after: usize| {
        let count = std::sync::atomic::AtomicUsize::new(0);
        Fake::start(move |_| {
            let at = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let Reply::Json(status, mut body) = value("a", "1", b"canary-value") else { panic!() };
            if at < good_after {
                body["payload"]["data"] = STANDARD.encode("canary-velue").into();
            }
            Reply::Json(status, body)
        })
    };
    let fake = damaged(1);
    assert_eq!(variables(&at(&fake, "secrets = \"a\"")), pairs([("A", "canary-value")]));
    let fake = damaged(9);
    fails(&at(&fake, "secrets = \"a\""), &["does not match its checksum (CRC32C)"]);
    assert_eq!(fake.asked().len(), 2);
}

#[test]
fn refusals_are_told_with_their_code_and_a_hint_once() {
    for (code, status, reason, hint) in [
        (403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED", "secretmanager.secretAccessor"),
        (403, "PERMISSION_DENIED", "SERVICE_DISABLED", "gcloud services enable"),
        (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "cloud-platform"),
        (404, "NOT_FOUND", "", "check the name"),
    ] {
        let fake = Fake::start(move |_| refusal(code, status, reason, "told"));
        let text = format!("cannot read the secret `a`: {status} ({code}): told");
        fails(&at(&fake, "secrets = \"a\""), &[&text, hint]);
        assert_eq!(fake.asked().len(), 1, "{status}");
    }
    let fake = Fake::start(|_| refusal(401, "UNAUTHENTICATED", "", "invalid credentials"));
    fails(&at(&fake, "secrets = \"a\""), &["UNAUTHENTICATED (401)", "log in again"]);
    assert_eq!(fake.asked().len(), 2, "one new login is tried");
}

#[test]
fn failures_are_retried_and_nonsense_is_an_error_without_its_words() {
    for first in [
        Reply::Text(500, String::new(), String::new()),
        Reply::Text(503, String::new(), "<html>canary</html>".to_owned()),
        Reply::Raw(Vec::new()),
    ] {
        let count = std::sync::atomic::AtomicUsize::new(0);
        let fake =
            Fake::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => first.clone(),
                _ => value("a", "1", b"canary-value"),
            });
        assert_eq!(variables(&at(&fake, "secrets = \"a\"")), pairs([("A", "canary-value")]));
        assert_eq!(fake.asked().len(), 2);
    }
    for body in ["<html>canary</html>", "canary", "{\"payload\":\"canary\"}", "[]", ""] {
        let fake = Fake::start(move |_| Reply::Text(200, String::new(), body.to_owned()));
        fails(&at(&fake, "secrets = \"a\""), &["cannot be understood"]);
    }
}

#[test]
fn redirects_slowness_and_plain_http_elsewhere_are_refused() {
    let to = "location: http://127.0.0.1:1/\r\n".to_owned();
    let fake = Fake::start(move |_| Reply::Text(307, to.clone(), String::new()));
    fails(&at(&fake, "secrets = \"a\""), &["redirect"]);
    let fake = Fake::start(|_| Reply::Hang);
    let slow = at(&fake, "secrets = \"a\"").env("HUSHED_TIMEOUT", "300ms");
    fails(&slow, &["cannot reach Google Secret Manager", "0.3 s"]);
    let open = at(&fake, "secrets = \"a\"").env("HUSHED_SOURCE_CLOUD_ENDPOINT", "http://192.0.2.1");
    fails(&open, &["plain http"]);
}

#[test]
fn a_large_value_and_bytes_arrive_whole() {
    let large = vec![b'x'; 65_536];
    let fake = Fake::start(move |_| value("a", "1", &large));
    let line = ["run", "--", "sh", "-c", "echo ${#A}"];
    let sandbox = at(&fake, "secrets = \"a\"");
    assert_eq!(sandbox.command(line).run().success().stdout, "65536\n");
    let fake = Fake::start(|_| value("a", "1", b"\xff\xfecanary"));
    let line = ["run", "--", "sh", "-c", "printf %s \"$A\" | od -An -tx1 | head -c 6"];
    let sandbox = at(&fake, "secrets = \"a\"");
    assert_eq!(sandbox.command(line).run().success().stdout, " ff fe");
}

/// A metadata server with a token and a project.
fn metadata(request: &Request) -> Option<Reply> {
    assert!(
        !request.path().contains("computeMetadata")
            || request.header("metadata-flavor") == "Google"
    );
    let headers = "metadata-flavor: Google\r\n".to_owned();
    let text = match request.path() {
        "/computeMetadata/v1/instance/service-accounts/default/token" => {
            r#"{"access_token":"canary-machine","expires_in":3599,"token_type":"Bearer"}"#
        }
        "/computeMetadata/v1/project/project-id" => "p1",
        _ => return None,
    };
    Some(Reply::Text(200, headers, text.to_owned()))
}

#[test]
fn a_machine_without_a_credential_file_asks_the_metadata_server() {
    let fake = Fake::start(|request| {
        metadata(request).unwrap_or_else(|| value("a", "1", b"canary-value"))
    });
    let sandbox = at(&fake, "secrets = \"a\"")
        .without("GOOGLE_APPLICATION_CREDENTIALS")
        .without("NO_GCE_CHECK")
        .env("GCE_METADATA_HOST", fake.address.to_string());
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-machine");
    let doctor = sandbox.run(["doctor"]).success().stdout;
    assert!(
        doctor.contains("service account of the machine, from the metadata server"),
        "{doctor}"
    );
    assert!(doctor.contains("`cloud`: project") && doctor.contains("1 secret"), "{doctor}");
    // Another server at this address does not choose who we are.
    let other =
        Fake::start(|_| Reply::Text(200, String::new(), r#"{"access_token":"evil"}"#.to_owned()));
    let sandbox = sandbox.env("GCE_METADATA_HOST", other.address.to_string());
    fails(&sandbox, &["metadata server of Google Cloud cannot be understood"]);
    let none = sandbox.env("NO_GCE_CHECK", "true");
    fails(&none, &["no Google Cloud credentials", "GOOGLE_APPLICATION_CREDENTIALS"]);
}

#[test]
fn credential_files_cannot_send_tokens_elsewhere() {
    let fake = store([("a", b"canary-value")]);
    let external = |token_url: &str, source: Value| {
        json!({
            "type": "external_account", "audience": "//iam.googleapis.com/x",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": token_url, "credential_source": source,
        })
    };
    let file = json!({ "file": "token" });
    let sts = "https://sts.googleapis.com/v1/token";
    for (content, words) in [
        (
            external("https://evil.example/token", file.clone()),
            "`token_url` is not an https address",
        ),
        (
            external("https://evilgoogleapis.com/t", file.clone()),
            "`token_url` is not an https address",
        ),
        (external("http://sts.googleapis.com/t", file), "`token_url` is not an https address"),
        (external(sts, json!({ "url": "http://evil.example/" })), "`url` must be https"),
        (
            external(sts, json!({ "executable": { "command": "/bin/evil" } })),
            "runs no `executable`",
        ),
        (external(sts, json!({ "environment_id": "aws1" })), "AWS as the identity provider"),
        (
            json!({ "type": "gdch_service_account" }),
            "the type `gdch_service_account` is not supported",
        ),
        (
            json!({ "type": "authorized_user", "universe_domain": "evil.example" }),
            "universe `evil.example`",
        ),
        (
            json!({ "type": "authorized_user", "client_id": "canary" }),
            "a key of the type `authorized_user` is missing",
        ),
        (json!(["canary"]), "not a JSON object"),
    ] {
        let sandbox = at(&fake, "secrets = \"a\"\nproject = \"p1\"");
        fails(&sandbox.file("key.json", content.to_string()), &[words, "hushed-gcp(7)"]);
    }
    assert!(fake.asked().is_empty());
    let absent = at(&fake, "secrets = \"a\"").env("GOOGLE_APPLICATION_CREDENTIALS", "none.json");
    fails(&absent, &["cannot read `none.json`"]);
}

#[test]
fn a_rejected_login_is_told_without_the_credential() {
    let fake = Fake::start(|request| match request.path() {
        "/token" => Reply::Json(
            400,
            json!({
                "error": "invalid_grant", "error_description": format!("Bad {}", request.field("refresh_token").unwrap()),
            }),
        ),
        _ => missing(),
    });
    let user = json!({
        "type": "authorized_user", "client_id": "i", "client_secret": "canary-secret",
        "refresh_token": "canary-refresh", "token_uri": format!("{}/token", fake.url()),
    });
    let sandbox = at(&fake, "secrets = \"a\"\nproject = \"p1\"").file("key.json", user.to_string());
    let words =
        ["the token service of Google rejects the login: invalid_grant (400)", "gcloud auth"];
    let output = fails(&sandbox, &words);
    assert!(!output.stderr.contains("canary"), "{}", output.stderr);
    assert_eq!(fake.paths(), ["/token"]);
}

#[test]
fn a_project_file_needs_trust_to_choose_a_server_or_credentials() {
    let fake = store([("a", b"canary-value")]);
    for setting in [
        "endpoint = \"http://127.0.0.1:1\"",
        "credentials-file = \"key.json\"",
        "universe-domain = \"x.example\"",
    ] {
        let sandbox = at(&fake, &format!("secrets = \"a\"\n{setting}"))
            .without("HUSHED_SOURCE_CLOUD_ENDPOINT");
        fails(&sandbox, &["this project file is not trusted", "hushed trust"]);
    }
    let settings =
        format!("secrets = \"a\"\nendpoint = \"{}\"\ncredentials-file = \"key.json\"", fake.url());
    let sandbox = at(&fake, &settings)
        .without("HUSHED_SOURCE_CLOUD_ENDPOINT")
        .without("GOOGLE_APPLICATION_CREDENTIALS");
    sandbox.run(["trust"]).success();
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    let changed = sandbox.file("key.json", key_file() + "\n");
    fails(&changed, &["chooses the credentials, which can name servers"]);
}

#[test]
fn references_name_secrets_and_the_cache_stands_in() {
    let fake = store([("db", br#"{"password":"canary-password"}"#), ("key", b"canary-key")]);
    let settings = "[env]\nPASSWORD = \"cloud://db#password\"\nKEY = \"cloud://key\"";
    let want = [("PASSWORD", "canary-password"), ("KEY", "canary-key")];
    assert_eq!(variables(&at(&fake, settings)), pairs(want));
    let typo = at(&fake, "[env]\nA = \"cloud://a.b\"");
    fails(&typo, &["`a.b` is not the name of a secret"]);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let fake =
        Fake::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => value("a", "1", b"canary-value"),
            _ => Reply::Text(500, String::new(), String::new()),
        });
    let sandbox = at(&fake, "secrets = \"a\"").env("HUSHED_CACHE", "fallback");
    for _ in 0..2 {
        assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    }
    assert_eq!(fake.asked().len(), 4);
}
