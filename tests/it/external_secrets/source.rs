//! Manifests as a source: the stores in them become hushed's own sources. What the operator makes of manifests is
//! replayed in `src/provider/external_secret/read/cases.rs`; messages are in tests/cmd/external-secrets.md.

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::Sandbox;

const CONFIGURATION: &str = r#"
[source.cluster]
type = "external-secret"
manifests = ["app.yaml", "store.yaml"]
[source.cluster.credentials]
"login/id" = "client-id"
"login/secret" = "env:LOGIN_SECRET"
"#;

const MANIFEST: &str = r"
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: app }
spec:
  secretStoreRef: { name: shop, kind: ClusterSecretStore }
  refreshInterval: 1h
  target:
    deletionPolicy: Merge
    template:
      mergePolicy: Merge
      data:
        URL: 'db://{{ .DB_USER }}:{{ .password | urlquery }}@{{ .host }}:{{ .port }}'
  dataFrom:
    - find: { name: { regexp: '^DB_' } }
    - extract: { key: /api/CONFIG }
  data:
    - secretKey: password
      remoteRef: { key: api/CONFIG, property: nested.password }
    - secretKey: absent
      remoteRef: { key: NOSUCH }
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: more }
spec:
  data:
    - secretKey: DECODED
      sourceRef: { storeRef: { name: shop, kind: ClusterSecretStore } }
      remoteRef: { key: ENCODED, decodingStrategy: Base64 }
";

fn store(server: &Server) -> String {
    format!(
        "apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {{ name: shop }}
spec:
  provider:
    infisical:
      hostAPI: {}/api
      auth:
        universalAuthCredentials:
          clientId: {{ name: login, key: id, namespace: ops }}
          clientSecret: {{ name: login, key: secret, namespace: ops }}
      secretsScope: {{ projectSlug: shop, environmentSlug: dev }}
",
        server.url()
    )
}

fn start() -> Server {
    let project = Project::new("shop")
        .env("dev")
        .secret("dev", "/", "DB_USER", "canary-user")
        .secret("dev", "/", "OTHER", "canary-other")
        .secret("dev", "/", "ENCODED", "Y2FuYXJ5LXRleHQ=")
        .secret(
            "dev",
            "/api",
            "CONFIG",
            r#"{"host":"db","port":5432.0,"nested":{"password":"canary p/w"}}"#,
        );
    let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop");
    Server::builder(Generation::V4C, World::default().project(project).identity(reader))
        .plain()
        .start()
}

fn home(server: &Server) -> Sandbox {
    Sandbox::new()
        .address(server)
        .env("LOGIN_SECRET", CLIENT_SECRET)
        .file("hushed.toml", CONFIGURATION)
        .file("app.yaml", MANIFEST)
        .file("store.yaml", store(server))
        .file("client-id", CLIENT_ID)
}

#[test]
fn a_host_gets_the_keys_that_a_cluster_would_get() {
    let server = start();
    let sandbox = home(&server);
    let print = [
        "run",
        "--config",
        "hushed.toml",
        "--only",
        "DB_*,URL,host,port,nested,password,absent,DECODED",
        "--clean-env",
        "--keep",
        "PATH",
        "--",
        "env",
    ];
    let output = sandbox.command(print).reveals().run().success();
    let mut lines: Vec<_> =
        output.stdout.lines().filter(|line| !line.starts_with("PATH=")).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "DB_USER=canary-user",
            "DECODED=canary-text",
            "URL=db://canary-user:canary+p%2Fw@db:5432.0",
            "host=db",
            r#"nested={"password":"canary p/w"}"#,
            "password=canary p/w",
            "port=5432.0",
        ]
    );
    let plan = sandbox.run(["plan", "--config", "hushed.toml"]).success();
    for note in [
        "app.yaml:7: `refreshInterval` has no effect",
        "app.yaml:21: ClusterSecretStore `shop` has no secret `NOSUCH`, and is left out",
    ] {
        assert!(plan.stdout.contains(note), "{}", plan.stdout);
    }
    // One object, one request: the folders / and /api, though five references name them.
    let logins =
        server.requests().iter().filter(|request| request.path().contains("login")).count();
    assert_eq!(logins, 2, "one login for each run");
}

#[test]
fn manifests_of_a_project_need_trust_again_after_each_change() {
    let server = start();
    let sandbox = home(&server);
    let list = ["secrets", "list"];
    let refused = sandbox.run(list);
    assert_eq!(refused.status.code(), Some(78), "{}", refused.stderr);
    assert!(refused.stderr.contains("names manifests, which choose servers to log in to"));
    sandbox.run(["trust"]).success();
    sandbox.run(list).success();
    let changed = sandbox.file("store.yaml", store(&server).replace("dev", "prod"));
    assert_eq!(changed.run(list).status.code(), Some(78));
}
