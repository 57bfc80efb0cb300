//! The Python clients of Google and of Azure beside hushed: both read the same secrets from the same fake with the
//! same credentials, send the same requests for tokens, and fail alike. Must not be silent where a client is missing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::fake::{Fake, Reply, Request};
use super::{azure, gcp, project};
use crate::recipes::snippet::python;
use crate::support::sandbox::Sandbox;

/// Reads the secret `k-a` at each port with a credential file or the metadata server, over the REST transport.
const GOOGLE: &str = r#"
import base64, json, os, sys
import google.auth
import google.oauth2.credentials
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.auth.compute_engine import _metadata
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service import transports
results = []
for case in json.loads(sys.argv[1]):
    try:
        if "credentials" in case:
            os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = case["credentials"]
            os.environ["GOOGLE_CLOUD_PROJECT"] = "p1"  # or it asks another API for the name of the project
            # It does not read `token_uri` from a person's file.
            google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT = f"http://127.0.0.1:{case['port']}/token"
            credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        else:
            from google.auth import compute_engine
            _metadata._GCE_METADATA_HOST = f"127.0.0.1:{case['port']}"
            credentials = compute_engine.Credentials(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        transport = transports.SecretManagerServiceRestTransport(
            host=f"127.0.0.1:{case['port']}", url_scheme="http", credentials=credentials,
            always_use_jwt_access=True)  # as the client makes its own transports
        client = secretmanager.SecretManagerServiceClient(transport=transport)
        answer = client.access_secret_version(
            name=f"projects/p1/secrets/k-a/versions/{case['version']}", retry=None, timeout=5)
        names = [s.name for s in client.list_secrets(parent="projects/p1", retry=None)] if case["list"] else []
        value = base64.b64encode(answer.payload.data).decode()
        results.append({"value": value, "version": answer.name.split("/")[-1], "names": names})
    except (GoogleAPICallError, GoogleAuthError) as error:
        results.append({"error": type(error).__name__})
    except Exception as error:
        results.append({"error": type(error).__name__})
print(json.dumps(results))
"#;

/// The same for Azure, with a managed identity. The client wants TLS and a vault of Azure, which the fake is not.
const AZURE: &str = r#"
import json, os, sys
from azure.core.exceptions import HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.keyvault.secrets._shared import challenge_auth_policy
challenge_auth_policy._enforce_tls = lambda request: None
results = []
for case in json.loads(sys.argv[1]):
    try:
        host = f"http://127.0.0.1:{case['port']}"
        os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = host
        client = SecretClient(
            vault_url=host, credential=ManagedIdentityCredential(client_id="client-1"), api_version="7.4",
            verify_challenge_resource=False, retry_total=0)
        names = sorted(s.name for s in client.list_properties_of_secrets()) if case["list"] else []
        answer = client.get_secret("k-a", case["version"] or None)
        results.append({"value": answer.value, "version": answer.properties.version, "names": names})
    except HttpResponseError as error:
        results.append({"error": type(error).__name__})
    except Exception as error:
        results.append({"error": type(error).__name__})
print(json.dumps(results))
"#;

fn client(module: &str, packages: &str) -> Option<PathBuf> {
    let found = python(module);
    if found.is_none() {
        let text = format!("skipped: cloud: no Python client (PyPI: {packages})\n");
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }
    found
}

/// What a server answers, the version, whether secrets are listed, and what hushed must tell where the client fails.
struct Case {
    name: &'static str,
    fake: Fake,
    version: &'static str,
    lists: bool,
    failure: Option<&'static str>,
}

fn case(
    name: &'static str,
    version: &'static str,
    failure: Option<&'static str>,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> Case {
    Case { name, fake: Fake::start(answer), version, lists: false, failure }
}

fn theirs(sandbox: &Sandbox, python: &Path, script: &str, cases: &Value) -> Vec<Value> {
    let output = sandbox.program(python, ["-c", script, &cases.to_string()]).reveals().run();
    serde_json::from_str(&output.success().stdout).unwrap()
}

/// The secrets that hushed reads, as base64 by name: `K_A` is that of `k-a`.
fn ours(sandbox: &Sandbox, python: &Path) -> Result<Value, String> {
    let print = "import base64, json, os; print(json.dumps({k.decode(): base64.b64encode(v).decode() for k, v in \
                 os.environb.items() if k.startswith(b'K_')}))";
    let line = ["run", "--", python.to_str().unwrap(), "-c", print];
    let output = sandbox.command(line).reveals().run();
    if output.code() == 0 {
        return Ok(serde_json::from_str(&output.success().stdout).unwrap());
    }
    Err(output.fails_with(125).stderr)
}

fn google_cases() -> Vec<Case> {
    let ok = |bytes: &'static [u8]| move |_: &Request| gcp::value("k-a", "7", bytes);
    let refused = |code, status| move |_: &Request| gcp::refusal(code, status, "", "told");
    let large: &'static [u8] = Box::leak(vec![b'x'; 65_536].into_boxed_slice());
    let mut listed = case("paging", "latest", None, |request| {
        let named = |id: &str| json!({ "name": format!("projects/123/secrets/{id}") });
        match (request.path(), request.field("pageToken").as_deref()) {
            ("/v1/projects/p1/secrets", None) => {
                Reply::Json(200, json!({ "secrets": [named("k-b")], "nextPageToken": "a b" }))
            }
            ("/v1/projects/p1/secrets", Some("a b")) => {
                Reply::Json(200, json!({ "secrets": [named("k-a")] }))
            }
            (path, _) => gcp::value("k", "1", if path == gcp::latest("k-a") { b"a" } else { b"b" }),
        }
    });
    listed.lists = true;
    vec![
        case("success", "latest", None, ok(b"canary-value")),
        case("version", "3", None, ok(b"canary-value")),
        case("empty", "latest", None, ok(b"")),
        case("binary", "latest", None, ok(b"\xff\xfe\x01")),
        case("64 KiB", "latest", None, ok(large)),
        case("unicode", "latest", None, ok("za\u{17c}\u{f3}\u{142}\u{107}\n".as_bytes())),
        listed,
        case("missing", "latest", Some("NOT_FOUND (404)"), refused(404, "NOT_FOUND")),
        case(
            "denied",
            "latest",
            Some("PERMISSION_DENIED (403)"),
            refused(403, "PERMISSION_DENIED"),
        ),
        case("expired", "latest", Some("UNAUTHENTICATED (401)"), refused(401, "UNAUTHENTICATED")),
        case(
            "throttled",
            "latest",
            Some("limits the rate of requests"),
            refused(429, "RESOURCE_EXHAUSTED"),
        ),
        case("5xx", "latest", Some("is unavailable (503)"), refused(503, "UNAVAILABLE")),
        case("garbage", "latest", Some("cannot be understood"), |_| {
            Reply::Text(200, String::new(), "{\"payload\": \"Sec".to_owned())
        }),
        case("damaged", "latest", Some("does not match its checksum"), |_| {
            let Reply::Json(status, mut body) = gcp::value("k-a", "7", b"canary") else { panic!() };
            body["payload"]["dataCrc32c"] = "1".into();
            Reply::Json(status, body)
        }),
    ]
}

#[test]
fn the_python_client_of_google_reads_the_same_and_fails_alike() {
    let packages = "google-cloud-secret-manager";
    let Some(python) = client("google.cloud.secretmanager", packages) else { return };
    let cases = google_cases();
    let sandbox = project("type = \"gcp-sm\"")
        .file("key.json", gcp::key_file())
        .env("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
        .env("HUSHED_TIMEOUT", "2s");
    let asked = cases.iter().map(|case| {
        json!({ "port": case.fake.address.port(), "version": case.version, "list": case.lists,
            "credentials": "key.json" })
    });
    let theirs = theirs(&sandbox, &python, GOOGLE, &asked.collect());
    for (case, theirs) in cases.iter().zip(theirs) {
        let settings = if case.lists {
            "all = true".to_owned()
        } else {
            format!("secrets = \"k-a?version={}\"", case.version)
        };
        let sandbox = project(&format!("type = \"gcp-sm\"\n{settings}"))
            .file("key.json", gcp::key_file())
            .env("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
            .env("HUSHED_SOURCE_CLOUD_ENDPOINT", case.fake.url())
            .env("HUSHED_TIMEOUT", "2s");
        let ours = ours(&sandbox, &python);
        match case.failure {
            None => {
                assert_eq!(ours.unwrap()["K_A"], theirs["value"], "{}: {theirs}", case.name);
                let names = theirs["names"].as_array().unwrap().len();
                assert_eq!(names, if case.lists { 2 } else { 0 });
            }
            // The Python client checks no checksum by itself.
            Some(words) => {
                let fails = theirs["error"].is_string();
                assert_eq!(fails, case.name != "damaged", "{}: {theirs}", case.name);
                let error = ours.unwrap_err();
                assert!(error.contains(words), "{}: {error}", case.name);
            }
        }
    }
}

/// A token service, a metadata server and a store in one, that only accepts its last token.
fn google_identities(request: &Request) -> Reply {
    let token = |name: &str| json!({ "access_token": name, "expires_in": 3600, "token_type": "Bearer", "issued_token_type": "x" });
    match request.path() {
        "/token" => Reply::Json(200, token("user")),
        "/sts" => Reply::Json(200, token("federated")),
        "/subject" => Reply::Json(200, json!({ "jwt": "canary.subject" })),
        path if path.ends_with(":generateAccessToken") => {
            assert!(["Bearer user", "Bearer federated"].contains(&request.header("authorization")));
            Reply::Json(
                200,
                json!({ "accessToken": "impersonated", "expireTime": "2099-01-01T00:00:00Z" }),
            )
        }
        path if path.starts_with("/computeMetadata/v1/instance/service-accounts/default/") => {
            let body = match path.rsplit('/').next() {
                Some("token") => token("machine"),
                _ => json!({ "email": "m@p1.iam.gserviceaccount.com", "scopes": ["x"] }),
            };
            let headers =
                "metadata-flavor: Google\r\ncontent-type: application/json\r\n".to_owned();
            Reply::Text(200, headers, body.to_string())
        }
        path if path.contains("universe") => {
            Reply::Text(404, "metadata-flavor: Google\r\n".into(), String::new())
        }
        _ => gcp::value("k-a", "7", b"canary-value"),
    }
}

/// A token request: its path, the fields of its body, and its Authorization header.
type TokenRequest = (String, Vec<(String, String)>, String);

/// What a token request says, apart from what identifies the client.
fn token_requests(fake: &Fake) -> Vec<TokenRequest> {
    let asked = fake.asked().into_iter().filter(|request| request.method == "POST");
    let request = |request: Request| {
        let body = &request.body;
        if let Ok(mut body) = serde_json::from_str::<Value>(body) {
            body["delegates"] = body["delegates"].as_array().cloned().unwrap_or_default().into();
            return (
                request.path().to_owned(),
                vec![("json".to_owned(), body.to_string())],
                request.header("authorization").to_owned(),
            );
        }
        let mut fields: Vec<(String, String)> =
            url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        // Google's own client asks for no scope with a refresh token, or for the same.
        fields.retain(|(name, _)| name != "scope" || request.path() == "/sts");
        fields.sort();
        (request.path().to_owned(), fields, request.header("authorization").to_owned())
    };
    asked.map(request).collect()
}

#[test]
fn the_python_client_of_google_logs_in_with_the_same_requests() {
    let packages = "google-cloud-secret-manager";
    let Some(python) = client("google.cloud.secretmanager", packages) else { return };
    let fakes: [_; 5] =
        std::array::from_fn(|_| (Fake::start(google_identities), Fake::start(google_identities)));
    let file = |fake: &Fake, kind: usize| {
        let url = fake.url();
        let user = json!({ "type": "authorized_user", "client_id": "i", "client_secret": "canary-s",
            "refresh_token": "canary-r", "token_uri": format!("{url}/token") });
        let impersonation =
            format!("{url}/v1/projects/-/serviceAccounts/sa@p1:generateAccessToken");
        let external = |source: Value| {
            json!({ "type": "external_account", "audience": "//iam.googleapis.com/projects/1/x",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": format!("{url}/sts"),
                "credential_source": source })
        };
        match kind {
            0 => user,
            1 => external(json!({ "file": "token" })),
            2 => {
                let format = json!({ "type": "json", "subject_token_field_name": "jwt" });
                let source = json!({ "url": format!("{url}/subject"), "headers": { "X-A": "b" }, "format": format });
                let mut external = external(source);
                external["service_account_impersonation_url"] = impersonation.into();
                external
            }
            _ => json!({ "type": "impersonated_service_account", "delegates": [],
                "source_credentials": user, "service_account_impersonation_url": impersonation }),
        }
    };
    let mut sandbox = project("type = \"gcp-sm\"").file("token", "canary.subject");
    let mut cases = Vec::new();
    for (kind, (fake, _)) in fakes.iter().enumerate() {
        let mut case = json!({ "port": fake.address.port(), "version": "latest", "list": false });
        if kind < 4 {
            let name = format!("{kind}.json");
            sandbox = sandbox.file(&name, file(fake, kind).to_string());
            case["credentials"] = name.into();
        }
        cases.push(case);
    }
    let theirs = theirs(&sandbox, &python, GOOGLE, &cases.into());
    for (kind, ((their_fake, fake), theirs)) in fakes.iter().zip(theirs).enumerate() {
        let sandbox = project("type = \"gcp-sm\"\nsecrets = \"k-a\"\nproject = \"p1\"")
            .file("token", "canary.subject")
            .env("HUSHED_SOURCE_CLOUD_ENDPOINT", fake.url());
        let sandbox = if kind < 4 {
            let content = file(fake, kind).to_string();
            sandbox.file("c.json", content).env("GOOGLE_APPLICATION_CREDENTIALS", "c.json")
        } else {
            sandbox.without("NO_GCE_CHECK").env("GCE_METADATA_HOST", fake.address.to_string())
        };
        let value = ours(&sandbox, &python).unwrap()["K_A"].clone();
        if kind == 3 {
            // Google's client asks its own token server for the user that impersonates, whatever the file says.
            assert!(value.is_string());
            continue;
        }
        assert_eq!(value, theirs["value"], "{kind}: {theirs}");
        assert_eq!(token_requests(fake), token_requests(their_fake), "{kind}");
        let last = |fake: &Fake| fake.asked().last().unwrap().header("authorization").to_owned();
        assert_eq!(last(fake), last(their_fake), "{kind}");
    }
}

fn azure_cases() -> Vec<Case> {
    let identity = |request: &Request| {
        (request.path() == "/metadata/identity/oauth2/token").then(|| {
            let (now, expires) = ("3599", "4102444800");
            Reply::Json(
                200,
                json!({ "access_token": "canary", "expires_in": now, "expires_on": expires,
                "resource": request.field("resource"), "token_type": "Bearer" }),
            )
        })
    };
    // A vault tells how to log in to it, and the Python client wants to be told.
    let with_login = move |answer: Box<dyn Fn(&Request) -> Reply + Send + Sync>| {
        move |request: &Request| {
            identity(request).unwrap_or_else(|| {
                if request.header("authorization") == "Bearer canary" {
                    return answer(request);
                }
                let challenge = "www-authenticate: Bearer authorization=\"https://login.microsoftonline.com/tenant-1\", \
                                 resource=\"https://vault.azure.net\"\r\n";
                Reply::Text(401, challenge.to_owned(), String::new())
            })
        }
    };
    let ok = move |value: &'static str| {
        with_login(Box::new(move |request| azure::secret(request, "k-a", value)))
    };
    let refused =
        move |status, code| with_login(Box::new(move |_| azure::refusal(status, code, "", "told")));
    let large: &'static str = Box::leak("x".repeat(25_600).into_boxed_str());
    let mut listed = case(
        "paging",
        "",
        None,
        with_login(Box::new(|request| {
            let host = request.header("host");
            let item = |name: &str| json!({ "id": format!("http://{host}/secrets/{name}"), "attributes": { "enabled": true } });
            match (request.path(), request.field("skip").as_deref()) {
                ("/secrets", None) => {
                    let next = format!("http://{host}/secrets?api-version=7.4&skip=1");
                    Reply::Json(200, json!({ "value": [item("k-b")], "nextLink": next }))
                }
                ("/secrets", Some(_)) => {
                    Reply::Json(200, json!({ "value": [item("k-a")], "nextLink": null }))
                }
                (path, _) => {
                    let name = path.split('/').nth(2).unwrap();
                    azure::secret(request, name, name)
                }
            }
        })),
    );
    listed.lists = true;
    vec![
        case("success", "", None, ok("canary-value")),
        case("version", "0123456789abcdef0123456789abcdef", None, ok("canary-value")),
        case("empty", "", None, ok("")),
        case("25 KiB", "", None, ok(large)),
        case("unicode", "", None, ok("za\u{17c}\u{f3}\u{142}\u{107}\n")),
        listed,
        case("missing", "", Some("SecretNotFound (404)"), refused(404, "SecretNotFound")),
        case("denied", "", Some("Forbidden (403)"), refused(403, "Forbidden")),
        case("expired", "", Some("belongs to the tenant"), |request: &Request| {
            match request.path() {
                "/metadata/identity/oauth2/token" => Reply::Json(200, json!({ "access_token": "canary", "expires_in": "3599", "expires_on": "4102444800", "resource": "x", "token_type": "Bearer" })),
                _ => Reply::Text(401, "www-authenticate: Bearer authorization=\"https://login.microsoftonline.com/tenant-1\", resource=\"https://vault.azure.net\"\r\n".to_owned(), String::new()),
            }
        }),
        case("throttled", "", Some("limits the rate of requests"), refused(429, "Throttled")),
        case("5xx", "", Some("is unavailable (503)"), refused(503, "x")),
        case(
            "garbage",
            "",
            Some("cannot be understood"),
            with_login(Box::new(|_| {
                Reply::Text(
                    200,
                    "content-type: application/json\r\n".into(),
                    "{\"value\": \"Sec".into(),
                )
            })),
        ),
    ]
}

#[test]
fn the_python_client_of_azure_reads_the_same_and_fails_alike() {
    let Some(python) =
        client("azure.keyvault.secrets, azure.identity", "azure-keyvault-secrets azure-identity")
    else {
        return;
    };
    let cases = azure_cases();
    let sandbox = project("type = \"azure-kv\"");
    let asked = cases.iter().map(|case| {
        json!({ "port": case.fake.address.port(), "version": case.version, "list": case.lists })
    });
    let theirs = theirs(&sandbox, &python, AZURE, &asked.collect());
    for (case, theirs) in cases.iter().zip(theirs) {
        let settings = match (case.lists, case.version) {
            (true, _) => "all = true".to_owned(),
            (_, "") => "secrets = \"k-a\"".to_owned(),
            (_, version) => format!("secrets = \"k-a?version={version}\""),
        };
        let sandbox = project(&format!("type = \"azure-kv\"\n{settings}"))
            .env("HUSHED_SOURCE_CLOUD_VAULT", case.fake.url())
            .env("HUSHED_SOURCE_CLOUD_AUDIENCE", "https://vault.azure.net")
            .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", case.fake.url())
            .env("AZURE_CLIENT_ID", "client-1")
            .env("HUSHED_TIMEOUT", "2s");
        let ours = ours(&sandbox, &python);
        match case.failure {
            None => {
                let want = STANDARD.encode(theirs["value"].as_str().unwrap());
                assert_eq!(ours.unwrap()["K_A"], json!(want), "{}: {theirs}", case.name);
                assert_eq!(
                    theirs["names"].as_array().unwrap().len(),
                    if case.lists { 2 } else { 0 }
                );
            }
            Some(words) => {
                assert!(theirs["error"].is_string(), "{}: {theirs}", case.name);
                let error = ours.unwrap_err();
                assert!(error.contains(words), "{}: {error}", case.name);
            }
        }
    }
}
