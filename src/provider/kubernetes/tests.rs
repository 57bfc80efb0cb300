//! The source against a server that answers as recorded, or as an API server would.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::access::{Access, Login};
use super::kubeconfig::Impersonation;
use super::*;
use crate::http::stub::{Stub, answer, run};
use crate::http::{self, ServerTls};
use crate::provider::{Class, ProviderError as _};
use crate::secret::Value;

const JSON: &str = "content-type: application/json\r\n";

fn access(server: &Stub, login: Login) -> Access {
    Access {
        server: server.url.clone(),
        tls: ServerTls::default(),
        proxy: None,
        proxy_url: None,
        login,
        impersonation: Impersonation::default(),
        namespace: "default".to_owned(),
        origin: "the kubeconfig's context `c`".to_owned(),
    }
}

fn scope(names: &[&str], selector: Option<&str>) -> Scope {
    Scope {
        namespace: "blue".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        label_selector: selector.map(str::to_owned),
        allow_empty: false,
    }
}

fn source_with(server: &Stub, login: Login, scope: Scope) -> KubernetesSource {
    let api = Api::new(access(server, login), http::Options::default());
    KubernetesSource { name: "k8s".into(), scope, api }
}

fn source(server: &Stub, scope: Scope) -> KubernetesSource {
    source_with(server, Login::Token(Value::from("canary-token")), scope)
}

/// Answers by the beginning of the path, and 404 for anything else.
async fn server(routes: Vec<(String, u16, String)>) -> Stub {
    Stub::new(move |request| {
        let path = request.split(' ').nth(1).unwrap();
        let found = routes.iter().find(|(route, ..)| path.starts_with(route.as_str()));
        let name = path.rsplit('/').next().unwrap();
        let missing = json!({"kind": "Status", "reason": "NotFound", "message": "not found",
            "details": {"name": name, "kind": "secrets"}})
        .to_string();
        let (status, body) = found.map_or((404, &missing), |(_, status, body)| (*status, body));
        Some(answer(status, JSON, body).into_bytes())
    })
    .await
}

fn secret(name: &str, data: &Json) -> Json {
    let metadata = json!({"name": name, "namespace": "blue", "resourceVersion": "230"});
    json!({"kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data})
}

fn one(name: &str, data: &Json) -> (String, u16, String) {
    let path = format!("/api/v1/namespaces/blue/secrets/{name}");
    (path, 200, secret(name, data).to_string())
}

fn list(items: &[Json], continue_token: &str) -> String {
    json!({"kind": "SecretList", "metadata": {"continue": continue_token}, "items": items})
        .to_string()
}

fn shown(set: &SecretSet) -> Vec<String> {
    let text = |secret: &Secret| {
        let value = String::from_utf8_lossy(secret.value.expose()).into_owned();
        format!("{}={value} {}", secret.name, secret.provenance.place)
    };
    set.iter().map(text).collect()
}

/// Writes a file anew.
fn replace(path: &Path, content: &str) {
    let mut open = fs::OpenOptions::new();
    let mut file = open.write(true).create(true).truncate(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, content.as_bytes()).unwrap();
}

/// The error as a user sees it; it must not show a token.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let _ = write!(text, " <- {error}");
        cause = error.source();
    }
    let hint = error.hint().unwrap_or_default();
    assert!(!format!("{text} {hint} {error:?}").contains("canary"), "{text} {hint}");
    text
}

#[test]
fn keys_become_secrets_byte_for_byte() {
    run(async {
        let large = "x".repeat(65_536);
        let data = json!({
            "empty": "",
            "bytes": "/wAB",
            "text": "emHFvMOzxYLEhwo=",
            "large": base64::Engine::encode(&kubeconfig::BASE64, &large),
            "null": null,
        });
        let server = server(vec![one("db", &data)]).await;
        let set = source(&server, scope(&["db"], None)).read().await.unwrap();
        let values: Vec<_> = set.iter().map(|s| (s.name.as_str(), s.value.expose())).collect();
        assert_eq!(
            values,
            [
                ("bytes", &b"\xff\x00\x01"[..]),
                ("empty", b""),
                ("large", large.as_bytes()),
                ("null", b""),
                ("text", "za\u{17c}\u{f3}\u{142}\u{107}\n".as_bytes()),
            ]
        );
        let first = set.iter().next().unwrap();
        assert_eq!(
            (&*first.provenance.place, first.provenance.version),
            ("Secret blue/db", Some(230))
        );
        let asked = server.asked();
        assert!(asked[0].contains("authorization: Bearer canary-token\r\n"), "{}", asked[0]);
    });
}

#[test]
fn later_secrets_win_and_plan_is_told() {
    run(async {
        let routes = vec![
            one("a", &json!({"KEY": "MQ==", "tls.crt": "Mg=="})),
            one("b", &json!({"KEY": "Mw=="})),
            (
                "/api/v1/namespaces/blue/secrets?".to_owned(),
                200,
                list(&[secret("selected", &json!({"KEY": "NA=="}))], ""),
            ),
        ];
        let server = server(routes).await;
        let mut set = source(&server, scope(&["a", "b"], Some("app=x"))).read().await.unwrap();
        assert_eq!(
            shown(&set),
            [
                "KEY=4 Secret blue/selected",
                "KEY=1 Secret blue/a",
                "tls.crt=2 Secret blue/a",
                "KEY=3 Secret blue/b",
            ]
        );
        let notes = set.take_notes().join("\n");
        for want in [
            "`k8s`: Secret blue/a, type Opaque, resourceVersion 230",
            "keys of Secret blue/a that are no names of shell variables: `tls.crt`",
            "the key `KEY` is in the Secrets selected and a; that of a is used",
            "the key `KEY` is in the Secrets a and b; that of b is used",
        ] {
            assert!(notes.contains(want), "{want}\n{notes}");
        }
    });
}

#[test]
fn a_key_in_two_selected_secrets_is_an_error() {
    run(async {
        let items =
            [secret("one", &json!({"KEY": "MQ=="})), secret("two", &json!({"KEY": "Mg=="}))];
        let route = "/api/v1/namespaces/blue/secrets?".to_owned();
        let server = server(vec![(route, 200, list(&items, ""))]).await;
        let error = source(&server, scope(&[], Some("app=x"))).read().await.unwrap_err();
        assert_eq!(
            told(&error),
            "the key `KEY` is in the Secrets `one` and `two`, which the label selector both selects"
        );
    });
}

#[test]
fn lists_are_read_in_pages_and_begun_anew_when_they_expire() {
    run(async {
        let item = |name: &str| secret(name, &json!({ name: "MQ==" }));
        let expired = json!({"kind": "Status", "reason": "Expired", "code": 410}).to_string();
        for (failures, wanted) in [(0, Some(2)), (1, Some(4)), (2, Some(6)), (3, None)] {
            let left = Cell::new(failures);
            let (first, second) = (list(&[item("A")], "next/+"), list(&[item("B")], ""));
            let expired = expired.clone();
            let server = Stub::new(move |request| {
                let (status, body) = if !request.contains("continue=next%2F%2B") {
                    (200, &first)
                } else if left.get() > 0 {
                    left.set(left.get() - 1);
                    (410, &expired)
                } else {
                    (200, &second)
                };
                Some(answer(status, JSON, body).into_bytes())
            })
            .await;
            let read = source(&server, scope(&[], Some("app in (a,b)"))).read().await;
            let asked = server.asked();
            assert!(
                asked[0].contains("?labelSelector=app+in+%28a%2Cb%29&limit=500 "),
                "{}",
                asked[0]
            );
            match wanted {
                Some(requests) => {
                    assert_eq!((read.unwrap().len(), asked.len()), (2, requests));
                }
                None => assert_eq!(
                    told(&read.unwrap_err()),
                    "the list of Secrets expired 3 times while it was read"
                ),
            }
        }
    });
}

#[test]
fn a_rejected_token_is_read_anew_once() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let unauthorized =
            json!({"kind": "Status", "reason": "Unauthorized", "message": "Unauthorized"});
        let (good, bad) =
            (secret("db", &json!({"A": "MQ=="})).to_string(), unauthorized.to_string());
        for (later, requests, succeeds) in
            [("canary-new", 2, true), ("canary-old", 1, false), ("canary-other", 2, false)]
        {
            replace(&path, "canary-old\n");
            let (good, bad, file) = (good.clone(), bad.clone(), path.clone());
            let server = Stub::new(move |request| {
                let is_new = request.contains("Bearer canary-new\r\n");
                // The token rotates while the request is under way.
                replace(&file, later);
                let (status, body) = if is_new { (200, &good) } else { (401, &bad) };
                Some(answer(status, JSON, body).into_bytes())
            })
            .await;
            let login = Login::TokenFile { path: path.clone(), fallback: None };
            let read = source_with(&server, login, scope(&["db"], None)).read().await;
            assert_eq!((read.is_ok(), server.asked().len()), (succeeds, requests), "{later}");
            if let Err(error) = read {
                assert_eq!(error.class(), Class::Denied);
                assert!(told(&error).contains("does not accept the credentials"), "{error}");
            }
        }
    });
}

#[test]
fn what_is_missing_or_empty_is_told_and_can_be_accepted() {
    run(async {
        let route = "/api/v1/namespaces/blue/secrets?".to_owned();
        let server = server(vec![one("empty", &Json::Null), (route, 200, list(&[], ""))]).await;
        for (names, selector, want) in [
            (&["gone"][..], None, "there is no Secret `gone` in the namespace `blue`"),
            (&["empty"], None, "the Secret `empty` in the namespace `blue` has no keys"),
            (
                &[],
                Some("app=x"),
                "no Secret in the namespace `blue` matches the label selector `app=x`",
            ),
        ] {
            let strict = scope(names, selector);
            let error = source(&server, strict.clone()).read().await.unwrap_err();
            assert_eq!((told(&error).as_str(), error.class()), (want, Class::NotFound));
            let set = source(&server, Scope { allow_empty: true, ..strict }).read().await.unwrap();
            assert!(set.is_empty(), "{want}");
        }
        let nothing = source(&server, scope(&[], None)).read().await.unwrap();
        assert!(nothing.is_empty(), "references alone may use the source");
    });
}

#[test]
fn references_read_secrets_of_any_namespace() {
    run(async {
        let mut other = one("mail", &json!({"b": "Mg=="}));
        other.0 = other.0.replace("blue", "green");
        let server = server(vec![one("db", &json!({"a": "MQ=="})), other]).await;
        let source = source(&server, scope(&[], None));
        let address = |path: &str| ObjectAddress { path: path.to_owned(), ..Default::default() };
        let addresses = ["db", "green/mail", "gone"].map(address);
        let objects = source.read_objects(&addresses).await.unwrap();
        let members = |object: &Option<Object>| match object.as_ref().map(|object| &object.content)
        {
            Some(ObjectContent::Members(members)) => members.len(),
            _ => 0,
        };
        assert_eq!(objects.iter().map(members).collect::<Vec<_>>(), [1, 1, 0]);
        assert_eq!(objects[0].as_ref().unwrap().version.as_deref(), Some("230"));
        for (address, want) in [
            (address("a/b/c"), "`a/b/c` is not the name of a Secret"),
            (address("Upper"), "`Upper` is not the name of a Secret"),
            (
                ObjectAddress { version: Some("3".into()), ..address("db") },
                "a reference to a Secret has no option `version`",
            ),
        ] {
            let error = source.read_objects(&[address]).await.unwrap_err();
            assert_eq!(error.to_string(), want);
        }
    });
}

#[test]
fn what_is_no_answer_of_kubernetes_is_told() {
    run(async {
        for (status, kind, body, want) in [
            (200, "text/html", "<html>canary", "it sent HTML"),
            (
                200,
                "application/json",
                "{\"kind\":\"Secret\",\"data\":{\"a\":\"cana",
                "it sent JSON of another form, or only a part",
            ),
            (
                200,
                "application/json",
                "{\"kind\":\"Table\"}",
                "it sent another object than a Secret",
            ),
            (
                200,
                "application/json",
                "{\"kind\":\"Secret\",\"data\":{\"a\":\"canary!\"}}",
                "it sent JSON of another form, or only a part",
            ),
            (200, "text/plain", "canary", "it sent no JSON"),
            (404, "text/plain", "404 page not found\n", "it has no API for Secrets"),
            (400, "text/plain", "canary", "it sent no answer of Kubernetes"),
        ] {
            let response = answer(status, &format!("content-type: {kind}\r\n"), body);
            let server = Stub::answering(&[&response]).await;
            let error = source(&server, scope(&["db"], None)).read().await.unwrap_err();
            let told = told(&error);
            assert!(
                told.ends_with(want) && told.contains("does not answer as Kubernetes"),
                "{told}"
            );
            assert_eq!(error.class(), Class::BadData);
        }
    });
}

#[test]
fn a_message_with_a_credential_or_of_a_422_is_not_shown() {
    run(async {
        for (status, reason, message) in [
            (403, "Forbidden", "the token canary-token is too weak"),
            (422, "Invalid", "Secret \"db\" is invalid: canary"),
        ] {
            let body = json!({"kind": "Status", "reason": reason, "message": message}).to_string();
            let server = Stub::answering(&[&answer(status, JSON, &body)]).await;
            told(&source(&server, scope(&["db"], None)).read().await.unwrap_err());
        }
    });
}

/// What a recorded answer means.
fn outcome<T>(read: Result<T, Failure>) -> String {
    match read {
        Ok(_) => "read".to_owned(),
        Err(Failure::Refused(error)) => format!("{:?}", error.kind),
        Err(Failure::Failed(error)) => match error {
            Error::Transport { source, .. } => format!("{:?}", source.class()),
            error => error.to_string(),
        },
    }
}

/// What an answer with this status and reason must mean.
fn wanted(exchange: &Json) -> &'static str {
    let body: Json = serde_json::from_str(exchange["body"].as_str().unwrap()).unwrap_or_default();
    let names_secret = body["details"]["name"].is_string() && body["details"]["kind"] == "secrets";
    match (exchange["status"].as_u64().unwrap(), body["reason"].as_str().unwrap_or_default()) {
        (200 | 201, _) => "read",
        (401, "Unauthorized") => "Unauthorized",
        (403, "Forbidden") => "Forbidden",
        (404, "NotFound") if names_secret => "NotFound",
        (404, _) => "NoRoute",
        (410, "Expired") => "Expired",
        (400 | 406 | 422, "BadRequest" | "NotAcceptable" | "Invalid") => "Invalid",
        (429, "") => "RateLimited",
        (500, "") => "Unavailable",
        (504, "Timeout") => "Unreachable",
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_recorded_answer_is_understood() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/kubernetes/exchanges.jsonl");
    let text = fs::read_to_string(path).unwrap();
    run(async {
        for line in text.lines() {
            let exchange: Json = serde_json::from_str(line).unwrap();
            let field = |name: &str| exchange[name].as_str().unwrap_or_default();
            let mut headers = format!("content-type: {}\r\n", field("content_type"));
            if !field("retry_after").is_empty() {
                // Longer than the time that the client has.
                headers += "retry-after: 3600\r\n";
            }
            let status = exchange["status"].as_u64().unwrap().try_into().unwrap();
            let server = Stub::answering(&[&answer(status, &headers, field("body"))]).await;
            let api = source(&server, scope(&[], None)).api;
            let got = match (field("method"), field("path")) {
                ("POST", path) if path.ends_with("/selfsubjectreviews") => {
                    outcome(api.who_am_i().await)
                }
                ("POST", _) => outcome(api.may("get", "blue", None).await),
                (_, path) if path.contains("/secrets/") || path.contains("/secrets%2f") => {
                    outcome(api.secret("blue", "db").await)
                }
                _ => match api.list("blue", "app").await {
                    Err(Failure::Failed(Error::ListExpired { .. })) => "Expired".to_owned(),
                    // A list that goes on answers with the same page again.
                    Err(Failure::Failed(Error::NotKubernetes { seen, .. })) => {
                        assert!(field("body").contains("\"continue\"") && seen.contains("end"));
                        "read".to_owned()
                    }
                    listed => outcome(listed),
                },
            };
            assert_eq!(got, wanted(&exchange), "{}", field("id"));
        }
    });
}
