//! Changing a Secret, with the answers that a real API server gave (`tests/corpus/kubernetes/writes.jsonl`, recorded with
//! Kubernetes 1.37.2): what is sent, and what the user is told.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::server::{ApiServer, Reply, Request, http, path, secret, status};
use super::{CONFIG, project};
use crate::support::sandbox::{Output, Sandbox};

/// The recorded answer to a write.
fn recorded(id: &str) -> Reply {
    let rows = include_str!("../../corpus/kubernetes/writes.jsonl").lines();
    let mut rows = rows.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = rows.find(|row| row["id"] == id).expect("a recorded row");
    let text = row["body"].as_str().unwrap();
    let retry = row["retry_after"].as_str().unwrap();
    let headers =
        if retry.is_empty() { String::new() } else { format!("retry-after: {retry}\r\n") };
    let status = row["status"].as_u64().unwrap().try_into().unwrap();
    Reply::Raw(http(status, &headers, text).into_bytes())
}

/// A server that has this Secret, or none, and answers writes so, one after the other.
fn server(stored: Option<Value>, writes: Vec<Reply>) -> ApiServer {
    let next = AtomicUsize::new(0);
    ApiServer::start(move |request| {
        let is_read = request.method == "GET";
        let stored = || match &stored {
            Some(object) => Reply::Json(200, object.clone()),
            None => status(404, "NotFound", "secrets \"db\" not found"),
        };
        Some(if is_read { stored() } else { writes[next.fetch_add(1, Ordering::SeqCst)].clone() })
    })
}

fn set(sandbox: &Sandbox, name: &str, value: impl AsRef<[u8]>) -> Output {
    sandbox.command(["secrets", "set", name, "-v"]).stdin(value.as_ref()).run()
}

fn writes(server: &ApiServer) -> Vec<Request> {
    server.asked().into_iter().filter(|request| request.method != "GET").collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

fn stored() -> Value {
    secret("db", &json!({"USER": "ZGJ1c2Vy", "PASSWORD": "Y2FuYXJ5LXBhc3N3b3Jk"}))
}

#[test]
fn a_change_sends_its_own_key_and_the_version_that_was_read() {
    let answers = ["pt-merge-set", "pt-merge-del", "pt-merge-set"].map(recorded);
    let server = server(Some(stored()), answers.to_vec());
    let sandbox = project(&server, CONFIG);
    let place = format!("Secret blue/db at {}", server.url());
    let output = set(&sandbox, "USER", b"canary \xff\x00").success();
    let want = format!("hushed: `k8s`: {place}\nhushed: replaced `USER` in {place}\n");
    let warning = "hushed: warning: the value contains a NUL byte";
    assert!(
        output.stderr.starts_with(warning) && output.stderr.ends_with(&want),
        "{}",
        output.stderr
    );
    sandbox.run(["secrets", "delete", "USER", "PASSWORD", "--yes"]).success();
    sandbox.run(["secrets", "rename", "USER", "DB_USER"]).success();
    let sent = writes(&server);
    let version = json!({"resourceVersion": "230"});
    let bytes = STANDARD.encode(b"canary \xff\x00");
    for (request, data) in sent.iter().zip([
        json!({"USER": bytes}),
        json!({"PASSWORD": null, "USER": null}),
        json!({"USER": null, "DB_USER": "ZGJ1c2Vy"}),
    ]) {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PATCH", &*path("db")));
        assert_eq!(body(request), json!({"metadata": version, "data": data}));
    }
    assert_eq!(sent.len(), 3);
}

#[test]
fn a_secret_that_does_not_exist_is_created_as_opaque() {
    let server = server(None, vec![recorded("cr-binary")]);
    let sandbox = project(&server, CONFIG).file("more.env", "A=canary-a\nB=canary-b\n");
    sandbox.run(["secrets", "import", "more.env"]).success();
    let sent = writes(&server);
    let data = json!({"A": STANDARD.encode("canary-a"), "B": STANDARD.encode("canary-b")});
    let want = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"},
        "type": "Opaque", "data": data});
    assert_eq!((sent.len(), body(&sent[0])), (1, want));
    assert_eq!(
        (sent[0].method.as_str(), sent[0].path.trim_end_matches('/')),
        ("POST", "/api/v1/namespaces/blue/secrets")
    );
}

#[test]
fn a_conflict_begins_anew_and_loses_nothing() {
    // Somebody else changed another key between the reading and the writing.
    let answers = ["pt-merge-rv", "pt-404", "pt-merge-set"].map(recorded);
    let busy = server(Some(stored()), answers.to_vec());
    set(&project(&busy, CONFIG), "USER", "canary-new").success();
    let methods: Vec<_> = busy.asked().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["GET", "PATCH", "GET", "PATCH", "GET", "PATCH"]);

    let busy = server(Some(stored()), vec![recorded("pt-merge-rv"); 5]);
    let output = set(&project(&busy, CONFIG), "USER", "canary-new");
    assert_ne!(output.code(), 0);
    assert!(output.stderr.contains("others keep changing the Secret `db`"), "{}", output.stderr);

    // An import expects what it has read.
    let reads = AtomicUsize::new(0);
    let changed = ApiServer::start(move |request| {
        let mut object = stored();
        if request.method == "GET" && reads.fetch_add(1, Ordering::SeqCst) > 0 {
            object["metadata"]["resourceVersion"] = "231".into();
        }
        assert_eq!(request.method, "GET", "nothing is written");
        Some(Reply::Json(200, object))
    });
    let sandbox = project(&changed, CONFIG).file("more.env", "USER=canary-new\n");
    let output = sandbox.run(["secrets", "import", "more.env", "--on-conflict", "replace"]);
    assert_ne!(output.code(), 0);
    assert!(output.stderr.contains("somebody else changed `USER` meanwhile"), "{}", output.stderr);
}

#[test]
fn each_refusal_of_a_write_is_told_and_no_value_is_quoted() {
    let tls = || {
        let mut object = stored();
        object["type"] = "kubernetes.io/tls".into();
        Some(object)
    };
    let with = |field: &str, value: Value| {
        let mut object = stored();
        match field {
            "immutable" => object[field] = value,
            _ => object["metadata"][field] = value,
        }
        Some(object)
    };
    for (object, answer, words) in [
        (with("immutable", true.into()), None, "the Secret `db` is immutable"),
        (with("deletionTimestamp", "2026-11-28T23:41:16Z".into()), None, "`db` is being deleted"),
        (tls(), Some("type-tls-nokey"), "the Secret `db` of type `kubernetes.io/tls`"),
        (Some(stored()), Some("imm-data"), "rejects the change of the Secret `db`"),
        (Some(stored()), Some("pt-merge-b64"), "rejects the change of the Secret `db`"),
        (Some(stored()), Some("auth-403-patch"), "not allowed to patch the Secret `db`"),
        (None, Some("auth-403-create"), "not allowed to create the Secret `db`"),
        (None, Some("ns-term-create"), "because it is being terminated"),
        (Some(stored()), Some("etcd-stop-write"), "cannot write to Kubernetes"),
    ] {
        let answers = answer.map(recorded);
        let server = server(object, answers.into_iter().collect());
        let output = set(&project(&server, CONFIG), "USER", "canary-new");
        assert_ne!(output.code(), 0, "{answer:?}");
        assert!(output.stderr.contains(words), "no `{words}` in {}", output.stderr);
        for value in ["canary", "Mg==", "!!"] {
            assert!(!output.stderr.contains(value), "{}", output.stderr);
        }
    }
    let missing = status(404, "NotFound", "namespaces \"blue\" not found");
    let Reply::Json(code, mut object) = missing else { unreachable!() };
    object["details"] = json!({"name": "blue", "kind": "namespaces"});
    let server = server(None, vec![Reply::Json(code, object)]);
    let output = set(&project(&server, CONFIG), "USER", "canary-new");
    assert!(output.stderr.contains("there is no namespace `blue`"), "{}", output.stderr);
}

#[test]
fn what_kubernetes_would_refuse_is_told_before_the_request() {
    let large = format!("\"{}\"", "c".repeat(1 << 20));
    for (config, name, value, words) in [
        (CONFIG.replace("\"db\"", "\"a\", \"b\""), "A", "canary", "selects several Secrets"),
        (
            CONFIG.replace("secret = [\"db\"]", "label-selector = \"a=b\""),
            "A",
            "canary",
            "by their labels",
        ),
        (CONFIG.to_owned(), "A", large.as_str(), "would have 10485"),
    ] {
        let server = server(Some(stored()), Vec::new());
        let output = set(&project(&server, &config), name, value);
        assert_ne!(output.code(), 0, "{config}");
        assert!(output.stderr.contains(words), "no `{words}` in {}", output.stderr);
        assert!(writes(&server).is_empty());
    }
}

#[test]
fn a_manager_that_may_undo_the_change_is_named() {
    let mut object = stored();
    object["metadata"]["ownerReferences"] = json!([{"apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret", "name": "db", "uid": "1", "controller": true}]);
    let server = server(Some(object), vec![recorded("pt-merge-set")]);
    let output = set(&project(&server, CONFIG), "USER", "canary-new").success();
    let words = "ExternalSecret `db` manages this Secret, and may undo the change";
    assert!(output.stderr.contains(words), "{}", output.stderr);
}
