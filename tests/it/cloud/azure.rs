//! Azure Key Vault. Must not repeat what the Python client shows beside it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::fake::{Fake, Reply, Request};
use super::{fails, pairs, project, variables};
use crate::support::sandbox::Sandbox;

const KEY: &str = include_str!("../../identity/rsa.pem");
const CERTIFICATE: &str = include_str!("../../identity/certificate.pem");
const VERSION: &str = "0123456789abcdef0123456789abcdef";
const AUDIENCE: &str = "https://vault.azure.net";

/// A secret with its current version.
pub(super) fn secret(request: &Request, name: &str, value: &str) -> Reply {
    let id = format!("http://{}/secrets/{name}/{VERSION}", request.header("host"));
    Reply::Json(200, json!({ "value": value, "id": id, "attributes": { "enabled": true } }))
}

/// An error of the API.
pub(super) fn refusal(status: u16, code: &str, reason: &str, message: &str) -> Reply {
    let error = json!({ "code": code, "message": message, "innererror": { "code": reason } });
    Reply::Json(status, json!({ "error": error }))
}

fn missing() -> Reply {
    refusal(404, "SecretNotFound", "", "A secret with (name/id) x was not found in this key vault.")
}

/// The token endpoint, for a client secret.
fn token(request: &Request) -> Option<Reply> {
    (request.path() == "/tenant-1/oauth2/v2.0/token").then(|| {
        assert_eq!(request.method, "POST");
        assert_eq!(request.field("scope").as_deref(), Some("https://vault.azure.net/.default"));
        assert_eq!(request.field("grant_type").as_deref(), Some("client_credentials"));
        assert_eq!(request.field("client_id").as_deref(), Some("client-1"));
        Reply::Json(200, json!({ "access_token": "canary-token", "expires_in": 3599 }))
    })
}

/// A vault whose secrets a test answers.
fn vault(answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Fake {
    Fake::start(move |request| {
        token(request).unwrap_or_else(|| {
            assert_eq!(request.header("authorization"), "Bearer canary-token");
            assert_eq!(request.field("api-version").as_deref(), Some("7.4"));
            answer(request).unwrap_or_else(missing)
        })
    })
}

/// A vault with these secrets.
fn store<const N: usize>(secrets: [(&'static str, &'static str); N]) -> Fake {
    vault(move |request| {
        let found = secrets.iter().find(|(name, _)| request.path() == format!("/secrets/{name}"));
        found.map(|(name, value)| secret(request, name, value))
    })
}

/// A source at a fake, with a client secret.
fn at(fake: &Fake, settings: &str) -> Sandbox {
    project(&format!("type = \"azure-kv\"\n{settings}"))
        .env("HUSHED_SOURCE_CLOUD_VAULT", fake.url())
        .env("HUSHED_SOURCE_CLOUD_AUDIENCE", AUDIENCE)
        .env("AZURE_AUTHORITY_HOST", fake.url())
        .env("AZURE_TENANT_ID", "tenant-1")
        .env("AZURE_CLIENT_ID", "client-1")
        .env("AZURE_CLIENT_SECRET", "canary-client-secret")
}

#[test]
fn secrets_become_variables_and_dashes_underscores() {
    let fake = store([
        ("DB-PASSWORD", "canary-password"),
        ("app--level", "canary-\u{fc}nicode\nline"),
        ("json", r#"{"USER":"canary-user"}"#),
        ("empty", ""),
    ]);
    let sandbox = at(&fake, r#"secrets = ["DB-PASSWORD", "app--level", "json", "empty"]"#);
    let want = [
        ("DB_PASSWORD", "canary-password"),
        ("APP__LEVEL", "canary-\u{fc}nicode\nline"),
        ("USER", "canary-user"),
        ("EMPTY", ""),
    ];
    assert_eq!(variables(&sandbox), pairs(want));
    assert_eq!(fake.asked().len(), 5, "one login");
    let why = sandbox.run(["why", "DB_PASSWORD"]).success().stdout;
    assert!(why.contains(&format!("DB-PASSWORD, version {VERSION}")), "{why}");
    let plan = sandbox.run(["plan"]).success().stdout;
    let login = "logs in to Azure as application client-1 in tenant tenant-1, with the client secret of \
                 AZURE_CLIENT_SECRET";
    assert!(plan.contains(login), "{plan}");
    fails(&at(&fake, "secrets = \"DB_PASSWORD\""), &["with dashes and no underscores"]);
}

#[test]
fn a_command_gets_its_own_azure_variables_unless_they_are_withheld() {
    let fake = store([("key", "canary-key")]);
    let line = ["run", "--", "sh", "-c", "echo $KEY ${AZURE_CLIENT_SECRET-unset}"];
    let run = |settings: &str| at(&fake, settings).command(line).reveals().run().success().stdout;
    assert_eq!(run("secrets = \"key\""), "canary-key canary-client-secret\n");
    assert_eq!(run("secrets = \"key\"\nwithhold = true"), "canary-key unset\n");
}

#[test]
fn a_version_is_read_and_two_names_that_clash_are_refused() {
    let fake = vault(|request| {
        let name = request.path().split('/').nth(2)?;
        let is_version = request.path().ends_with(VERSION);
        Some(secret(request, name, if is_version { "canary-old" } else { "canary-new" }))
    });
    let old = format!("secrets = \"a?version={VERSION}\"");
    assert_eq!(variables(&at(&fake, &old)), pairs([("A", "canary-old")]));
    let clash = r#"secrets = ["db-url", "DB-URL"]"#;
    fails(&at(&fake, clash), &["`DB-URL` and `db-url` both give the name `DB_URL`"]);
}

#[test]
fn a_list_follows_links_of_the_vault_alone_and_leaves_out_what_is_not_valid() {
    let listing = |link: &'static str| {
        vault(move |request| {
            let host = request.header("host");
            let item = |name: &str, attributes: Value| json!({ "id": format!("http://{host}/secrets/{name}"), "attributes": attributes });
            let on = json!({ "enabled": true });
            match (request.path(), request.field("page").as_deref()) {
                ("/secrets", None) => {
                    let link = link.replace("HOST", host);
                    let value = json!([
                        item("app-a", on.clone()),
                        item("app-off", json!({ "enabled": false })),
                        item("app-old", json!({ "enabled": true, "exp": 1 })),
                        item("app-early", json!({ "enabled": true, "nbf": 9_999_999_999_u64 })),
                    ]);
                    Some(Reply::Json(200, json!({ "value": value, "nextLink": link })))
                }
                ("/secrets", Some(_)) => {
                    let mut certificate = item("app-cert", on.clone());
                    certificate["managed"] = true.into();
                    let value = json!([item("app-b", on), certificate]);
                    Some(Reply::Json(200, json!({ "value": value, "nextLink": null })))
                }
                (path, _) => {
                    let name = path.split('/').nth(2)?;
                    Some(secret(request, name, name))
                }
            }
        })
    };
    let fake = listing("http://HOST/secrets?api-version=7.4&page=2");
    let sandbox = at(&fake, "all = true");
    assert_eq!(variables(&sandbox), pairs([("APP_A", "app-a"), ("APP_B", "app-b")]));
    let plan = sandbox.run(["plan"]).success().stdout;
    for words in [
        "`app-off` is disabled, and is left out",
        "`app-old` has expired, and is left out",
        "`app-early` is not valid yet, and is left out",
        "`app-cert` belongs to a certificate, and is left out",
    ] {
        assert!(plan.contains(words), "no `{words}` in {plan}");
    }
    let prefixed = at(&fake, "name-prefix = \"app-\"");
    assert_eq!(variables(&prefixed), pairs([("A", "app-a"), ("B", "app-b")]));
    fails(&at(&fake, "name-prefix = \"none-\""), &["nothing in the secrets named `none-…`"]);
    for link in
        ["http://127.0.0.1:1/secrets?page=2", "http://HOST/secrets?api-version=7.4&maxresults=25"]
    {
        fails(&at(&listing(link), "all = true"), &["the list of secrets cannot be understood"]);
    }
}

#[test]
fn a_certificate_signs_an_assertion_and_a_federated_token_is_one() {
    let fake = store([("a", "canary-value")]);
    let application = |sandbox: Sandbox| sandbox.without("AZURE_CLIENT_SECRET");
    let sandbox = application(at(&fake, "secrets = \"a\""))
        .file("app.pem", format!("{KEY}{CERTIFICATE}"))
        .env("AZURE_CLIENT_CERTIFICATE_PATH", "app.pem");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    let assertion = fake.asked()[0].field("client_assertion").unwrap();
    let part = |at: usize| -> Value {
        let text = assertion.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    // As openssl prints it: openssl x509 -noout -fingerprint -sha256.
    let thumbprint = include_str!("../../identity/certificate.thumbprint").trim();
    assert_eq!(
        (part(0)["alg"].as_str(), part(0)["x5t#S256"].as_str()),
        (Some("PS256"), Some(thumbprint))
    );
    let token_url = format!("{}/tenant-1/oauth2/v2.0/token", fake.url());
    assert_eq!(
        (part(1)["aud"].as_str(), part(1)["iss"].as_str()),
        (Some(&*token_url), Some("client-1"))
    );
    for (content, words) in [
        (CERTIFICATE, "is not an RSA key"),
        (KEY, "holds no certificate"),
        ("x", "holds no certificate"),
    ] {
        let sandbox = application(at(&fake, "secrets = \"a\"")).file("app.pem", content);
        fails(&sandbox.env("AZURE_CLIENT_CERTIFICATE_PATH", "app.pem"), &[words]);
    }
    let before = fake.asked().len();
    let sandbox = application(at(&fake, "secrets = \"a\""))
        .file("token", "canary.federated.token\n")
        .env("AZURE_FEDERATED_TOKEN_FILE", "token");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    let assertion = fake.asked()[before].field("client_assertion");
    assert_eq!(assertion.as_deref(), Some("canary.federated.token"));
    fails(&sandbox.file("token", "\n"), &["`token` holds no token"]);
}

#[test]
fn managed_identities_are_asked_with_their_header() {
    let fake = Fake::start(|request| match request.path() {
        "/metadata/identity/oauth2/token" => {
            assert_eq!(request.header("metadata"), "true");
            assert_eq!(request.field("resource").as_deref(), Some(AUDIENCE));
            assert_eq!(request.field("client_id").as_deref(), Some("client-1"));
            Reply::Json(200, json!({ "access_token": "canary-imds", "expires_in": "3599" }))
        }
        "/msi/token" => {
            assert_eq!(request.header("x-identity-header"), "canary-header");
            Reply::Json(200, json!({ "access_token": "canary-app", "expires_on": "1" }))
        }
        _ => secret(request, "a", "canary-value"),
    });
    let sandbox = at(&fake, "secrets = \"a\"")
        .without("AZURE_CLIENT_SECRET")
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", fake.url());
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-imds");
    let sandbox = sandbox
        .env("IDENTITY_ENDPOINT", format!("{}/msi/token", fake.url()))
        .env("IDENTITY_HEADER", "canary-header");
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    assert_eq!(fake.asked().last().unwrap().header("authorization"), "Bearer canary-app");
    let doctor = sandbox.run(["doctor"]).success().stdout;
    assert!(doctor.contains("from the identity endpoint of App Service"), "{doctor}");
    fails(
        &sandbox.env("IDENTITY_ENDPOINT", "http://192.0.2.1/"),
        &["IDENTITY_ENDPOINT is not the address"],
    );
    let none = Fake::start(|_| {
        Reply::Json(
            400,
            json!({ "error": "invalid_request", "error_description": "Identity not found" }),
        )
    });
    let sandbox = at(&none, "secrets = \"a\"")
        .without("AZURE_CLIENT_SECRET")
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", none.url());
    fails(
        &sandbox,
        &["gave no token: invalid_request (400): Identity not found", "assign a managed identity"],
    );
}

#[test]
fn the_azure_cli_is_run_only_when_it_is_the_method() {
    let fake = vault(|request| Some(secret(request, "a", "canary-value")));
    let script = "#!/bin/sh\n[ \"$*\" = \"account get-access-token --output json --resource https://vault.azure.net \
                  --tenant tenant-1\" ] || exit 3\necho '{\"accessToken\": \"canary-token\", \"expiresOn\": \"2030-01-01 00:00:00.000000\"}'\n";
    let sandbox = at(&fake, "secrets = \"a\"\nmethod = \"azure-cli\"").file("bin/az", script);
    let bin = sandbox.project().join("bin");
    fs::set_permissions(bin.join("az"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let sandbox = sandbox.env("PATH", &path);
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
    assert_eq!(fake.paths(), ["/secrets/a"]);
    fails(
        &sandbox.env("AZURE_TENANT_ID", "other"),
        &["the Azure CLI gave no token: it failed with exit status 3"],
    );
}

#[test]
fn what_a_login_lacks_is_named_and_a_rejection_is_told_without_the_secret() {
    let fake = store([("a", "canary-value")]);
    fails(
        &at(&fake, "secrets = \"a\"").without("AZURE_TENANT_ID"),
        &["no tenant ID specified", "AZURE_TENANT_ID"],
    );
    fails(&at(&fake, "secrets = \"a\"").without("AZURE_CLIENT_ID"), &["no client ID specified"]);
    let cert = at(&fake, "secrets = \"a\"\nmethod = \"certificate\"");
    fails(&cert, &["no client certificate specified"]);
    fails(&at(&fake, "secrets = \"a\"\nmethod = \"magic\""), &["magic", "managed-identity"]);
    assert!(fake.asked().is_empty());
    let fake = Fake::start(|request| {
        let secret = request.field("client_secret").unwrap_or_default();
        let text = "AADSTS7000222: The provided client secret keys for app 'client-1' are expired.\r\nTrace ID: x";
        let text =
            if request.path().contains("echo") { format!("got {secret}") } else { text.to_owned() };
        Reply::Json(401, json!({ "error": "invalid_client", "error_description": text }))
    });
    let words = [
        "Microsoft Entra ID rejects the login: invalid_client (401): AADSTS7000222",
        "has expired: create",
    ];
    fails(&at(&fake, "secrets = \"a\""), &words);
    let echo = at(&fake, "secrets = \"a\"").env("AZURE_TENANT_ID", "echo");
    let output = fails(&echo, &["invalid_client (401)"]);
    assert!(!output.stderr.contains("canary"), "{}", output.stderr);
    assert_eq!(fake.asked().len(), 2, "a rejected login is final");
}

#[test]
fn refusals_and_challenges_are_told() {
    for (status, code, reason, hint) in [
        (403, "Forbidden", "ForbiddenByRbac", "Key Vault Secrets User"),
        (403, "Forbidden", "ForbiddenByFirewall", "firewall of the vault"),
        (403, "Forbidden", "SecretDisabled", "enable the secret"),
        (404, "SecretNotFound", "", "check the name"),
    ] {
        let fake = vault(move |_| Some(refusal(status, code, reason, "told")));
        let text = format!("cannot read the secret `a`: {code} ({status}): told");
        fails(&at(&fake, "secrets = \"a\""), &[&text, hint]);
        assert_eq!(fake.asked().len(), 2);
    }
    let challenge = |resource: &str| {
        let header = format!(
            "www-authenticate: Bearer authorization=\"https://login.microsoftonline.com/tenant-2\", resource=\"{resource}\"\r\n"
        );
        vault(move |_| Some(Reply::Text(401, header.clone(), String::new())))
    };
    let fake = challenge("https://vault.azure.net");
    fails(&at(&fake, "secrets = \"a\""), &["it belongs to the tenant tenant-2"]);
    assert_eq!(fake.asked().len(), 4, "one new login is tried");
}

#[test]
fn failures_are_retried_and_nonsense_is_an_error_without_its_words() {
    for first in [
        Reply::Text(500, String::new(), String::new()),
        Reply::Text(503, String::new(), "<html>canary</html>".to_owned()),
        Reply::Raw(Vec::new()),
    ] {
        let count = std::sync::atomic::AtomicUsize::new(0);
        let fake = vault(move |request| {
            Some(match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => first.clone(),
                _ => secret(request, "a", "canary-value"),
            })
        });
        assert_eq!(variables(&at(&fake, "secrets = \"a\"")), pairs([("A", "canary-value")]));
    }
    for body in ["<html>canary</html>", "canary", "{\"value\":[\"canary\"]}", "[]", ""] {
        let fake = vault(move |_| Some(Reply::Text(200, String::new(), body.to_owned())));
        fails(&at(&fake, "secrets = \"a\""), &["cannot be understood"]);
    }
    let to = "location: http://127.0.0.1:1/\r\n".to_owned();
    let fake = vault(move |_| Some(Reply::Text(307, to.clone(), String::new())));
    fails(&at(&fake, "secrets = \"a\""), &["redirect"]);
    let fake = vault(|_| Some(Reply::Hang));
    let slow = at(&fake, "secrets = \"a\"").env("HUSHED_TIMEOUT", "300ms");
    fails(&slow, &["cannot reach Azure Key Vault", "0.3 s"]);
}

#[test]
fn a_vault_outside_of_azure_needs_an_audience_and_trust() {
    let fake = store([("a", "canary-value")]);
    let sandbox = at(&fake, "secrets = \"a\"").without("HUSHED_SOURCE_CLOUD_AUDIENCE");
    fails(&sandbox, &["no audience specified", "set `audience`"]);
    let official = at(&fake, "secrets = \"a\"").env("HUSHED_SOURCE_CLOUD_VAULT", "my-vault");
    let official = official.env("HUSHED_SOURCE_CLOUD_AUDIENCE", "https://evil.example");
    fails(&official, &["only for a vault outside Azure's domains"]);
    for setting in [
        "vault = \"http://127.0.0.1:1\"",
        "vault = \"my-vault\"\nauthority = \"https://evil.example\"",
        "vault = \"my-vault\"\nfederated-token-file = \"/etc/passwd\"",
        "vault = \"my-vault\"\naudience = \"https://vault.azure.net\"",
    ] {
        let sandbox = at(&fake, &format!("secrets = \"a\"\n{setting}"))
            .without("HUSHED_SOURCE_CLOUD_VAULT")
            .without("HUSHED_SOURCE_CLOUD_AUDIENCE")
            .without("AZURE_AUTHORITY_HOST");
        fails(&sandbox, &["this project file is not trusted", "hushed trust"]);
    }
    assert!(fake.asked().is_empty());
    let settings =
        format!("secrets = \"a\"\nvault = \"{}\"\naudience = \"{AUDIENCE}\"", fake.url());
    let sandbox = at(&fake, &settings)
        .without("HUSHED_SOURCE_CLOUD_VAULT")
        .without("HUSHED_SOURCE_CLOUD_AUDIENCE");
    sandbox.run(["trust"]).success();
    assert_eq!(variables(&sandbox), pairs([("A", "canary-value")]));
}

#[test]
fn references_name_secrets_and_a_large_value_arrives() {
    let fake = store([("db", r#"{"password":"canary-password"}"#), ("key", "canary-key")]);
    let settings = "[env]\nPASSWORD = \"cloud://db#password\"\nKEY = \"cloud://key\"";
    let want = [("PASSWORD", "canary-password"), ("KEY", "canary-key")];
    assert_eq!(variables(&at(&fake, settings)), pairs(want));
    fails(&at(&fake, "[env]\nA = \"cloud://DB_X\""), &["DB-PASSWORD, not DB_PASSWORD"]);
    let fake = vault(|request| Some(secret(request, "a", &"x".repeat(65_536))));
    let line = ["run", "--", "sh", "-c", "echo ${#A}"];
    assert_eq!(at(&fake, "secrets = \"a\"").command(line).run().success().stdout, "65536\n");
}
