//! The Python client of Kubernetes beside hushed: both read the same Secrets from the same server with the same
//! kubeconfig, and fail alike. Must not be silent where the client is missing.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    CONFIG, project,
    server::{ApiServer, Reply, Request, http, path, secret, status},
};
use crate::recipes::snippet::python;

/// Prints the keys and values that the Python client reads, or the status that it fails with.
const CLIENT: &str = r#"
import json, sys
from kubernetes import client, config
from kubernetes.client.rest import ApiException
config.load_kube_config()
api = client.CoreV1Api()
data = {}
try:
    if sys.argv[1] == "named":
        secrets = [api.read_namespaced_secret("db", "blue", _request_timeout=5)]
    else:
        secrets, more = [], None
        while more != "":
            page = api.list_namespaced_secret("blue", label_selector="app=shop", limit=500, _continue=more)
            secrets += page.items
            more = page.metadata._continue or ""
    for secret in secrets:
        data.update(secret.data or {})
    print(json.dumps(data))
except ApiException as error:
    print(json.dumps({"status": error.status}))
except Exception as error:
    print(json.dumps({"status": 0}))
"#;

/// Prints the variables whose names begin with `k_`, as the Python client has them.
const COMMAND: &str = "import base64, json, os; print(json.dumps({k.decode(): \
                       base64.b64encode(v).decode() for k, v in os.environb.items() if k.startswith(b'k_')}))";

/// What a server answers, and what hushed must tell where the client fails.
type Case = (&'static str, Answerer, Option<&'static str>);

/// Answers requests; `None` is 404.
type Answerer = Box<dyn Fn(&Request) -> Option<Reply> + Send + Sync>;

fn cases() -> Vec<Case> {
    let named = |reply: Reply| -> Answerer {
        Box::new(move |request| (request.path == path("db")).then(|| reply.clone()))
    };
    let page = |request: &Request| {
        let is_first = !request.path.contains("continue=");
        let (name, next) = if is_first { ("k_first", "more/+=") } else { ("k_second", "") };
        let items = [secret("x", &json!({ name: "MQ==" }))];
        let list = json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {"continue": next}, "items": items});
        request
            .path
            .starts_with("/api/v1/namespaces/blue/secrets?")
            .then_some(Reply::Json(200, list))
    };
    let data = json!({
        "k_bytes": STANDARD.encode(b"\xff\xfe\x01"),
        "k_empty": "",
        "k_large": STANDARD.encode("x".repeat(65_536)),
        "k_text": STANDARD.encode("za\u{17c}\u{f3}\u{142}\u{107}\n"),
    });
    let raw = |text: String| named(Reply::Raw(text.into_bytes()));
    vec![
        ("named", named(Reply::Json(200, secret("db", &data))), None),
        ("listed", Box::new(page), None),
        ("named", named(status(401, "Unauthorized", "Unauthorized")), Some("does not accept")),
        ("named", named(status(403, "Forbidden", "forbidden")), Some("not allowed to get")),
        ("named", named(status(404, "NotFound", "not found")), Some("there is no Secret")),
        ("named", named(status(500, "InternalError", "etcd")), Some("500 Internal Server Error")),
        ("named", raw(http(503, "", "")), Some("is unavailable (503)")),
        ("named", raw(http(200, "", "{\"kind\": \"Sec")), Some("does not answer as Kubernetes")),
        ("named", raw("\u{1} garbage".to_owned()), Some("does not speak HTTP")),
    ]
}

#[test]
fn the_python_client_reads_the_same_and_fails_alike() {
    let Some(python) = python("kubernetes") else {
        let text = b"skipped: kubernetes: no Python client (PyPI: kubernetes)\n";
        std::io::stderr().write_all(text).unwrap();
        return;
    };
    for (how, answer, failure) in cases() {
        let server = ApiServer::start(answer);
        let config = match how {
            "named" => CONFIG.to_owned(),
            _ => CONFIG.replace("secret = [\"db\"]", "label-selector = \"app=shop\""),
        };
        let sandbox = project(&server, &config).env("HUSHED_TIMEOUT", "2s");
        let theirs = sandbox.program(&python, ["-c", CLIENT, how]).reveals().run().success().stdout;
        let theirs: Value = serde_json::from_str(&theirs).unwrap();
        let script = python.to_str().unwrap();
        let ours = sandbox.command(["run", "--", script, "-c", COMMAND]).reveals().run();
        match failure {
            None => {
                let ours: Value = serde_json::from_str(&ours.success().stdout).unwrap();
                assert_eq!(ours, theirs, "{how}");
            }
            Some(want) => {
                assert!(theirs["status"].is_u64(), "{want}: the Python client reads {theirs}");
                let error = ours.fails_with(125).stderr;
                assert!(error.contains(want), "{want}\n{error}");
            }
        }
    }
}
