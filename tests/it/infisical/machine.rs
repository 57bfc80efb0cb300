//! Logins as the identity that a machine has from its platform: AWS, Azure, Google Cloud, a client certificate. The
//! metadata services are fakes on loopback.
//! Must not test what the clouds' own protocols are; the modules of the identities do.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::fixture::{identity_id, secrets};
use crate::support::{
    infisical::{Generation, Identity, Login, Project, Server, World},
    sandbox::Sandbox,
};

/// A server with one secret, for one identity.
fn server(identity: Identity) -> Server {
    let project = Project::new("shop").env("dev").secret("dev", "/", "KEY", "canary-key");
    let world = World::default().project(project).identity(identity.reads_all("shop"));
    Server::builder(Generation::V4C, world).plain().start()
}

fn home(server: &Server, method: &str) -> Sandbox {
    Sandbox::new()
        .address(server)
        .project_of(server, "shop", "dev")
        .env("HUSHED_METHOD", method)
        .env("INFISICAL_MACHINE_IDENTITY_ID", identity_id(server, "machine"))
}

/// A metadata service that answers every request with this header and body, and keeps the heads.
fn metadata(header: &'static str, body: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heads);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            if head.is_empty() {
                continue;
            }
            kept.lock().unwrap().push(head.join("\n").to_ascii_lowercase());
            let length = body.len();
            let reply = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\n{header}content-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(reply.as_bytes()).unwrap_or_default();
        }
    });
    (address, heads)
}

/// The body of the login request.
fn login(server: &Server) -> Value {
    let requests = server.requests();
    let login = requests.iter().find(|request| request.path().ends_with("/login")).unwrap();
    serde_json::from_slice(&login.body).unwrap()
}

fn has_the_secret(sandbox: &Sandbox) {
    assert_eq!(secrets(sandbox, &["--only", "KEY"])["KEY"], "canary-key");
}

#[cfg(feature = "aws")]
#[test]
fn the_aws_chain_signs_a_request_that_the_server_can_repeat() {
    let server = server(Identity::new("machine", Login::Aws));
    let sandbox = home(&server, "aws-iam")
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "canary-secret-key")
        .env("AWS_SESSION_TOKEN", "canary-session")
        .env("AWS_REGION", "eu-west-1");
    has_the_secret(&sandbox);
    let body = login(&server);
    let decoded = |field: &str| STANDARD.decode(body[field].as_str().unwrap()).unwrap();
    assert_eq!(body["iamHttpRequestMethod"], "POST");
    assert_eq!(decoded("iamRequestBody"), b"Action=GetCallerIdentity&Version=2011-06-15");
    let headers: Value = serde_json::from_slice(&decoded("iamRequestHeaders")).unwrap();
    assert_eq!(headers["Host"], "sts.eu-west-1.amazonaws.com");
    assert_eq!(headers["X-Amz-Security-Token"], "canary-session");
    let authorization = headers["Authorization"].as_str().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIATEST/"), "{authorization}");
    let report = sandbox.run(["doctor"]).stdout;
    assert!(
        report.contains("aws-auth from INFISICAL_MACHINE_IDENTITY_ID; keys of AWS_ACCESS_KEY_ID"),
        "{report}"
    );
    // The variable of Infisical's SDKs selects the method.
    let id = sandbox.variable("INFISICAL_MACHINE_IDENTITY_ID");
    let sandbox = sandbox.without("HUSHED_METHOD").without("INFISICAL_MACHINE_IDENTITY_ID");
    has_the_secret(&sandbox.env("INFISICAL_AWS_IAM_AUTH_IDENTITY_ID", id));
    let none = home(&server, "aws-iam")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let error = none.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("no AWS credentials"), "{error}");
}

#[test]
fn a_managed_identity_of_azure_logs_in_with_its_token() {
    let server = server(Identity::jwt("machine", "azure-auth", "canary.azure.token"));
    let (address, asked) =
        metadata("", r#"{"access_token":"canary.azure.token","expires_in":"3599"}"#.to_owned());
    let sandbox = home(&server, "azure")
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", format!("http://{address}"));
    has_the_secret(&sandbox);
    let other = sandbox.env("HUSHED_SOURCE_INFISICAL_AZURE_RESOURCE", "api://mine");
    has_the_secret(&other.env("AZURE_CLIENT_ID", "client-7"));
    let heads = asked.lock().unwrap();
    assert!(heads[0].contains("resource=https%3a%2f%2fmanagement.azure.com%2f"), "{}", heads[0]);
    assert!(heads[1].contains("resource=api%3a%2f%2fmine&client_id=client-7"), "{}", heads[1]);
}

#[test]
fn a_machine_of_google_cloud_logs_in_with_an_id_token_for_the_identity() {
    let server = server(Identity::jwt("machine", "gcp-auth", "canary.google.token"));
    let flavor = "metadata-flavor: Google\r\n";
    let (address, asked) = metadata(flavor, "canary.google.token".to_owned());
    let sandbox = home(&server, "gcp-id-token").env("GCE_METADATA_HOST", &address);
    has_the_secret(&sandbox);
    let audience = format!("identity?audience={}&format=full", identity_id(&server, "machine"));
    assert!(asked.lock().unwrap()[0].contains(&audience), "{:?}", asked.lock().unwrap());
    let report = sandbox.run(["doctor"]).stdout;
    assert!(report.contains(&format!("; ID token from http://{address}")), "{report}");
    let error =
        sandbox.env("NO_GCE_CHECK", "true").run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("gcp-id-token: missing metadata server"), "{error}");
}

#[test]
fn the_key_of_a_service_account_signs_a_token_for_the_identity() {
    let server = server(Identity::jwt("machine", "gcp-auth", "canary.other"));
    let key = include_str!("../../identity/rsa.pem");
    let file = json!({ "type": "service_account", "client_email": "ci@p.iam", "private_key": key, "private_key_id": "k1" });
    let sandbox = home(&server, "gcp-iam")
        .file("key.json", file.to_string())
        .env("INFISICAL_GCP_IAM_SERVICE_ACCOUNT_KEY_FILE_PATH", "key.json");
    // The server of the test does not know this key; what it gets is what Google's would verify.
    let error = sandbox.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("service account ci@p.iam in `key.json`"), "{error}");
    let body = login(&server);
    let parts: Vec<&str> = body["jwt"].as_str().unwrap().split('.').collect();
    let part = |at: usize| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[at]).unwrap()).unwrap()
    };
    let (head, claims) = (part(0), part(1));
    assert_eq!((head["alg"].as_str(), head["kid"].as_str()), (Some("RS256"), Some("k1")));
    assert_eq!(claims["sub"], "ci@p.iam");
    assert_eq!(claims["aud"], identity_id(&server, "machine").as_str());
    let wrong = sandbox.file("key.json", r#"{"type":"authorized_user","refresh_token":"canary"}"#);
    let error = wrong.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("is not the JSON file of a service account key"), "{error}");
    let none = home(&server, "gcp-iam").run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(none.contains("--service-account-key-file-path"), "{none}");
}

#[test]
fn a_client_certificate_needs_no_proof_in_the_body() {
    let server = server(Identity::jwt("machine", "tls-cert-auth", ""));
    let config = "[source.infisical]\ntype = \"infisical\"\nclient-certificate = \"c.pem\"\nclient-key = \"k.pem\"\n";
    let sandbox = home(&server, "tls-cert-auth").file("hushed.toml", config);
    let untrusted = sandbox.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(untrusted.contains("chooses the file of a key to log in with"), "{untrusted}");
    let sandbox = sandbox.env("HUSHED_CONFIG", "hushed.toml");
    has_the_secret(&sandbox);
    assert_eq!(login(&server), json!({ "identityId": identity_id(&server, "machine") }));
    let none = home(&server, "tls-cert-auth").run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(none.contains("set `client-certificate` and `client-key`"), "{none}");
}

#[test]
fn a_workload_of_spiffe_logs_in_with_its_jwt() {
    let server = server(Identity::jwt("machine", "spiffe-auth", "canary.svid.token"));
    let sandbox = home(&server, "spiffe-auth").file("svid", "canary.svid.token\n");
    has_the_secret(&sandbox.env("INFISICAL_JWT_FILE", "svid"));
}
