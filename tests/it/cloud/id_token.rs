//! Logins of CI jobs in Google Cloud and Azure: that the ID token is requested for the right audience, that it is
//! exchanged, and that nobody else gets it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::fake::{Fake, Reply, Request};
use super::gcp::{latest, value};
use super::{fails, project};
use crate::support::sandbox::{Output, Sandbox};

const PROVIDER: &str = "projects/123/locations/global/workloadIdentityPools/ci/providers/github";
const ACCOUNT: &str = "app@p1.iam.gserviceaccount.com";

/// A token with claims that show what it is; its signature is a canary.
fn jwt() -> String {
    let claims =
        r#"{"iss":"https://issuer.test","sub":"repo:example/app:ref:refs/heads/main","aud":"me"}"#;
    format!("e30.{}.canary", URL_SAFE_NO_PAD.encode(claims))
}

/// GitHub Actions, the token services of both clouds, and their stores.
fn cloud() -> Fake {
    Fake::start(|request| match request.path() {
        "/github" if request.header("authorization") == "Bearer canary-request-token" => {
            Reply::Json(200, json!({ "count": 1, "value": jwt() }))
        }
        "/v1/token" => exchange(request),
        path if path.contains("generateAccessToken") => match request.header("authorization") {
            "Bearer canary-federated" => {
                Reply::Json(200, json!({ "accessToken": "canary-account" }))
            }
            _ => Reply::Json(403, json!({})),
        },
        "/tenant-1/oauth2/v2.0/token" => entra(request),
        path if path == latest("key") => value("key", "1", b"canary-key"),
        "/secrets/key" => Reply::Json(
            200,
            json!({ "value": "canary-key", "id": "https://v/secrets/key/1", "attributes": { "enabled": true } }),
        ),
        _ => Reply::Json(404, json!({})),
    })
}

fn exchange(request: &Request) -> Reply {
    if request.field("subject_token") != Some(jwt()) {
        let text = "The given credential is rejected by the attribute condition.";
        let error = json!({ "error": "unauthorized_client", "error_description": text });
        return Reply::Json(400, error);
    }
    let want = format!("//iam.googleapis.com/{PROVIDER}");
    assert_eq!(request.field("audience"), Some(want));
    let kind = request.field("subject_token_type");
    assert_eq!(kind.as_deref(), Some("urn:ietf:params:oauth:token-type:jwt"));
    Reply::Json(200, json!({ "access_token": "canary-federated", "expires_in": 3600 }))
}

fn entra(request: &Request) -> Reply {
    if request.field("client_assertion") != Some(jwt()) {
        let text = "AADSTS700213: No matching federated identity record found";
        return Reply::Json(401, json!({ "error": "invalid_client", "error_description": text }));
    }
    assert_eq!(request.field("client_id").as_deref(), Some("client-1"));
    Reply::Json(200, json!({ "access_token": "canary-entra", "expires_in": 3600 }))
}

fn google(fake: &Fake, settings: &str) -> Sandbox {
    let settings = format!(
        "type = \"gcp-sm\"\nproject = \"p1\"\nsecrets = \"key\"\n\
         workload-identity-provider = \"{PROVIDER}\"\n{settings}"
    );
    job(fake, &settings)
        .env("HUSHED_SOURCE_CLOUD_ENDPOINT", fake.url())
        .env("CLOUDSDK_API_ENDPOINT_OVERRIDES_STS", fake.url())
        .env("CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", format!("{}/", fake.url()))
}

fn azure(fake: &Fake, settings: &str) -> Sandbox {
    let settings = format!(
        "type = \"azure-kv\"\nsecrets = \"key\"\ntenant-id = \"tenant-1\"\nclient-id = \"client-1\"\n{settings}"
    );
    job(fake, &settings)
        .env("HUSHED_SOURCE_CLOUD_VAULT", fake.url())
        .env("HUSHED_SOURCE_CLOUD_AUDIENCE", "https://vault.azure.net")
        .env("AZURE_AUTHORITY_HOST", fake.url())
}

/// A job of GitHub Actions that also has a token of GitLab.
fn job(fake: &Fake, settings: &str) -> Sandbox {
    project(settings)
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/github?v=2", fake.url()))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-request-token")
        .env("APP_ID_TOKEN", jwt())
}

fn show(sandbox: &Sandbox) -> Output {
    let script = "echo $KEY ${ACTIONS_ID_TOKEN_REQUEST_TOKEN-no} ${APP_ID_TOKEN-no}";
    sandbox.command(["run", "--", "sh", "-c", script]).reveals().run()
}

/// The audience that GitHub was asked for, if it was.
fn audience(fake: &Fake) -> Option<String> {
    fake.asked().iter().find(|asked| asked.path() == "/github")?.field("audience")
}

#[test]
fn a_job_logs_in_to_google_and_may_act_as_a_service_account() {
    let fake = cloud();
    let sandbox = google(&fake, "id-token = \"github\"");
    assert_eq!(show(&sandbox).success().stdout, format!("canary-key no {}\n", jwt()));
    let want = format!("https://iam.googleapis.com/{PROVIDER}");
    assert_eq!(audience(&fake), Some(want));
    let scope = |fake: &Fake| {
        fake.asked().iter().find(|asked| asked.path() == "/v1/token").unwrap().field("scope")
    };
    assert!(scope(&fake).unwrap().ends_with("/cloud-platform"));
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-federated");

    let fake = cloud();
    let settings = format!(
        "service-account = \"{ACCOUNT}\"\nid-token = \"github\"\nid-token-audience = \"me\""
    );
    assert!(show(&google(&fake, &settings)).success().stdout.starts_with("canary-key no"));
    assert_eq!(audience(&fake).as_deref(), Some("me"));
    assert!(scope(&fake).unwrap().ends_with("/auth/iam"));
    let account = format!("/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken");
    assert!(fake.paths().contains(&account), "{:?}", fake.paths());
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-account");
}

#[test]
fn a_job_logs_in_to_azure_with_its_token_as_the_assertion() {
    let fake = cloud();
    let sandbox = azure(&fake, "id-token = \"github\"");
    assert_eq!(show(&sandbox).success().stdout, format!("canary-key no {}\n", jwt()));
    assert_eq!(audience(&fake).as_deref(), Some("api://AzureADTokenExchange"));
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-entra");
    let fake = cloud();
    let sandbox = azure(&fake, "method = \"workload-identity\"").env("HUSHED_ID_TOKEN", "github");
    show(&sandbox).success();
    // A file that is configured in a stronger place is the token.
    let fake = cloud();
    let sandbox = azure(&fake, "id-token = \"github\"")
        .file("token", jwt())
        .env("AZURE_FEDERATED_TOKEN_FILE", "token");
    show(&sandbox).success();
    assert_eq!(audience(&fake), None);
}

#[test]
fn a_variable_or_file_holds_the_token_and_needs_trust_in_a_project() {
    let fake = cloud();
    for at in [google, azure] {
        for place in ["env:APP_ID_TOKEN", "file:token"] {
            let sandbox = at(&fake, &format!("id-token = \"{place}\"")).file("token", jwt());
            fails(&sandbox, &["chooses what is sent to", "hushed trust"]);
            sandbox.run(["trust"]).success();
            let shown = show(&sandbox).success().stdout;
            assert_eq!(shown, "canary-key canary-request-token no\n");
            let chosen = at(&fake, "").file("token", jwt()).env("HUSHED_ID_TOKEN", place);
            show(&chosen).success();
        }
    }
    assert_eq!(audience(&fake), None);
}

#[test]
fn what_a_login_lacks_or_confuses_is_an_error() {
    let fake = cloud();
    let of_job = "id-token = \"github\"\n";
    let bare = |settings: &str| {
        let source = "type = \"gcp-sm\"\nproject = \"p1\"\nsecrets = \"key\"\n";
        job(&fake, &format!("{source}{settings}"))
    };
    let provider = |name: &str| bare(&format!("{of_job}workload-identity-provider = \"{name}\""));
    let account = format!("{of_job}service-account = \"app/../evil\"");
    for (sandbox, words) in [
        (bare(of_job), ["no workload identity provider", "set `workload-identity-provider`"]),
        (
            bare(&format!("service-account = \"{ACCOUNT}\"")),
            ["no workload identity provider", "set `workload-identity-provider`"],
        ),
        (google(&fake, ""), ["no ID token", "set `id-token`"]),
        (provider("github"), ["`github` is not a workload", "providers/PROVIDER"]),
        (google(&fake, &account), ["`app/../evil` is not the email", "service account"]),
        (
            google(&fake, &format!("{of_job}credentials-file = \"key.json\""))
                .file("key.json", "{}")
                .env("HUSHED_CONFIG", "hushed.toml"),
            ["`credentials-file` and `workload-identity-provider`", "remove one"],
        ),
        (
            google(&fake, of_job)
                .env("CLOUDSDK_API_ENDPOINT_OVERRIDES_STS", "https://evil.example"),
            ["`https://evil.example` is not the address", "CLOUDSDK_API_ENDPOINT_OVERRIDES_STS"],
        ),
        (
            job(
                &fake,
                &format!("type = \"azure-kv\"\nsecrets = \"key\"\nvault = \"my-vault\"\n{of_job}"),
            ),
            ["no tenant ID specified", "AZURE_TENANT_ID"],
        ),
    ] {
        fails(&sandbox, &words);
    }
    assert!(fake.asked().is_empty(), "{:?}", fake.paths());
    // For all sources, the variable concerns those that can use it.
    let ambient = bare("").env("HUSHED_ID_TOKEN", "github");
    fails(&ambient, &["no Google Cloud credentials"]);
}

#[test]
fn a_rejected_token_is_told_with_what_to_compare() {
    let fake = cloud();
    let other = |at: fn(&Fake, &str) -> Sandbox| {
        at(&fake, "").env("HUSHED_ID_TOKEN", "env:OTHER").env("OTHER", "e30.e30.canary-other")
    };
    for (sandbox, words) in [
        (
            other(google),
            ["unauthorized_client (400): The given credential is rejected", "attribute condition)"],
        ),
        (other(azure), ["AADSTS700213", "compare the federated credential"]),
    ] {
        let output = fails(&sandbox, &words);
        assert!(!output.stderr.contains("canary"), "{}", output.stderr);
    }
    let claims = "from GitHub Actions: issuer https://issuer.test, subject";
    for at in [google, azure] {
        let report = at(&fake, "id-token = \"github\"").run(["doctor"]).success().stdout;
        assert!(report.contains(claims), "{report}");
    }
}
