//! Manifests of External Secrets that name Google Secret Manager and Azure Key Vault, as a source.

use serde_json::json;

use super::fake::{Fake, Reply};
use super::gcp::{key_file, latest, value};
use super::{pairs, variables};
use crate::support::sandbox::Sandbox;

fn manifests(provider: &str) -> Sandbox {
    let manifest = format!(
        "apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {{ name: store }}
spec:
  provider:
{provider}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {{ name: app }}
spec:
  secretStoreRef: {{ name: store }}
  dataFrom: [{{ extract: {{ key: db }} }}]
  data: [{{ secretKey: OLD, remoteRef: {{ key: key, version: \"3\" }} }}]
"
    );
    let configuration = "[source.cluster]\ntype = \"external-secret\"\nmanifests = \"app.yaml\"\n\
                         [source.cluster.credentials]\n\"login/key\" = \"key.json\"\n\"login/id\" = \"env:LOGIN_ID\"\n";
    Sandbox::new()
        .file("hushed.toml", configuration)
        .file("app.yaml", manifest)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("LOGIN_ID", "client-1")
        .env("NO_GCE_CHECK", "true")
}

#[test]
fn a_store_of_google_reads_with_the_key_of_a_secret() {
    let fake = Fake::start(|request| match request.path() {
        path if path == latest("db") => value("db", "1", br#"{"USER":"canary-user"}"#),
        "/v1/projects/p1/secrets/key/versions/3:access" => value("key", "3", b"canary-old"),
        _ => Reply::Json(404, json!({})),
    });
    let auth = "auth: { secretRef: { secretAccessKeySecretRef: { name: login, key: key } } }";
    let sandbox = manifests(&format!("    gcpsm: {{ projectID: p1, {auth} }}"))
        .file("key.json", key_file())
        .env("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", fake.url());
    let want = pairs([("OLD", "canary-old"), ("USER", "canary-user")]);
    assert_eq!(variables(&sandbox), want);
}

#[test]
fn a_store_of_azure_logs_in_with_the_keys_of_a_secret() {
    let fake = Fake::start(|_| {
        let text = "AADSTS7000222: expired";
        Reply::Json(401, json!({ "error": "invalid_client", "error_description": text }))
    });
    let selectors =
        "{ clientId: { name: login, key: id }, clientSecret: { name: login, key: key } }";
    let block = "    azurekv: { vaultUrl: 'https://my-vault.vault.azure.net', tenantId: tenant-1, authSecretRef: ";
    let sandbox = manifests(&format!("{block}{selectors} }}"))
        .file("key.json", "canary-secret\n")
        .env("AZURE_AUTHORITY_HOST", fake.url());
    let error = sandbox.run(["run", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("AADSTS7000222"), "{error}");
    let login = fake.asked().remove(0);
    assert_eq!(login.path(), "/tenant-1/oauth2/v2.0/token");
    assert_eq!(login.field("client_id").as_deref(), Some("client-1"));
    assert_eq!(login.field("client_secret").as_deref(), Some("canary-secret"));
}

#[test]
fn what_a_host_cannot_do_is_an_error_with_its_line() {
    let vault = "vaultUrl: 'https://my-vault.vault.azure.net'";
    for (provider, want) in [
        (
            "    gcpsm: { projectID: p1, replication: x }".to_owned(),
            "app.yaml:6: unknown field `replication`",
        ),
        (
            "    gcpsm:\n      auth:\n        workloadIdentityFederation: { audience: x }"
                .to_owned(),
            "app.yaml:8: not supported: `workloadIdentityFederation`",
        ),
        (
            "    gcpsm: { secretVersionSelectionPolicy: Any }".to_owned(),
            "app.yaml:6: `secretVersionSelectionPolicy` is `Any`; known: LatestOrFail, LatestOrFetch",
        ),
        (
            "    azurekv:\n      vaultUrl: https://vault.example".to_owned(),
            "app.yaml:7: `vaultUrl` is not the address of a vault in the cloud",
        ),
        (
            format!("    azurekv:\n      {vault}\n      environmentType: GermanCloud"),
            "app.yaml:8: `environmentType` is `GermanCloud`; known: PublicCloud",
        ),
        (
            format!("    azurekv:\n      {vault}\n      customCloudConfig: {{}}"),
            "app.yaml:8: not supported: `customCloudConfig`",
        ),
        (format!("    azurekv: {{ {vault} }}"), "app.yaml:6: `authSecretRef` is missing"),
    ] {
        let output = manifests(&provider).run(["run", "--", "true"]).fails_with(125);
        assert!(output.stderr.contains(want), "{provider}: {}", output.stderr);
    }
    for (key, want) in [
        ("other/a", "`/other/a` is not the name of a secret"),
        ("projects/other/secrets/a", "is not the name of a secret"),
    ] {
        let sandbox = manifests("    gcpsm: { projectID: p1 }").file("key.json", key_file());
        let manifest = std::fs::read_to_string(sandbox.project().join("app.yaml")).unwrap();
        let sandbox = sandbox
            .file("app.yaml", manifest.replace("key: db", &format!("key: {key}")))
            .env("GOOGLE_APPLICATION_CREDENTIALS", "key.json");
        let output = sandbox.run(["run", "--", "true"]).fails_with(125);
        assert!(output.stderr.contains(want), "{}", output.stderr);
    }
}
