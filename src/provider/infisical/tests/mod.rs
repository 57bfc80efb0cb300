//! The source against a server that answers in the shapes of recorded ones.

use std::cell::Cell;
use std::rc::Rc;

use super::scope::tests::settings;
use super::*;
use crate::config::Credential;
use crate::http::stub::{Stub, answer, run};
use crate::http::{Client, Options};
use crate::secret::Value;

mod refusal;

const JSON: &str = "content-type: application/json; charset=utf-8\r\n";
const LOGIN: &str = r#"{"accessToken":"canary-jwt","expiresIn":2592000.0,"tokenType":"Bearer"}"#;
const EMPTY: &str = r#"{"secrets":[],"imports":[]}"#;
const EXPIRED: &str =
    r#"{"statusCode":403,"message":"Your token has expired.","error":"TokenError"}"#;
const GONE: &str =
    r#"{"statusCode":401,"message":"No identity access token found","error":"UnauthorizedError"}"#;
const FORBIDDEN: &str =
    r#"{"statusCode":403,"message":"You are not allowed","error":"PermissionDenied"}"#;
const FAILED: &str =
    r#"{"statusCode":500,"message":"Something went wrong","error":"InternalServerError"}"#;
const PROJECT: &str =
    r#"{"id":"p1","slug":"shop","environments":[{"slug":"dev"},{"slug":"prod"}]}"#;

/// A server by its routes: the first whose text is in the request's first line answers. What no
/// route answers is missing, as a server says that does not know the route.
async fn server(routes: &[(&'static str, u16, &'static str)]) -> Stub {
    let routes = routes.to_vec();
    Stub::new(move |request| {
        let line = request.lines().next().unwrap();
        let found = routes.iter().find(|(route, ..)| line.contains(route));
        let missing = format!(
            r#"{{"message":"Route {line} not found","error":"Not Found","statusCode":404}}"#
        );
        let (status, body) = found.map_or((404, missing.as_str()), |&(_, s, b)| (s, b));
        Some(answer(status, JSON, body).into_bytes())
    })
    .await
}

fn universal() -> Login {
    let credential = |value: &str, origin: &str| Credential {
        value: Value::from(value),
        origin: origin.to_owned(),
        file: None,
    };
    Login::UniversalAuth {
        client_id: credential("id", "CLIENT_ID"),
        client_secret: credential("canary-secret", "CLIENT_SECRET"),
    }
}

fn source(server: &Stub, settings: Settings) -> InfisicalSource {
    let client = Client::new(Options::default());
    InfisicalSource::new(Settings { base: server.url.clone(), ..settings }, client)
}

/// `KEY=value`, lowest precedence first.
async fn fetched(source: &InfisicalSource) -> Vec<String> {
    let set = source.fetch().await.unwrap();
    set.iter().map(|s| format!("{}={}", s.name, s.value.expose_str().unwrap())).collect()
}

/// The error with its causes and its hint, as a user sees it.
async fn told(source: &InfisicalSource) -> String {
    let error = source.fetch().await.unwrap_err();
    let mut lines = vec![error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        lines.push(format!("  caused by: {error}"));
        cause = error.source();
    }
    lines.extend(error.hint().map(|hint| format!("  hint: {hint}")));
    let told = lines.join("\n");
    let shown = format!("{told} {error:?} {source:?}");
    assert!(!shown.contains("canary"), "{shown}");
    told
}

/// The first lines of the requests, without the query.
fn asked(server: &Stub) -> Vec<String> {
    let route = |request: &String| {
        let line = request.lines().next().unwrap();
        line.split(['?', ' ']).take(2).collect::<Vec<_>>().join(" ")
    };
    server.asked().iter().map(route).collect()
}

#[test]
fn it_logs_in_and_reads_with_the_token() {
    run(async {
        let server = server(&[
            ("universal-auth/login", 200, LOGIN),
            ("/api/v4/secrets", 200, r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#),
        ])
        .await;
        let source = source(&server, Settings { login: universal(), ..settings() });
        assert_eq!(fetched(&source).await, ["A=canary"]);
        let requests = server.asked();
        assert_eq!(
            asked(&server),
            ["POST /api/v1/auth/universal-auth/login", "GET /api/v4/secrets"]
        );
        assert!(!requests[0].to_ascii_lowercase().contains("authorization"), "{}", requests[0]);
        assert!(requests[0].ends_with(r#"{"clientId":"id","clientSecret":"canary-secret"}"#));
        assert!(requests[1].contains("authorization: Bearer canary-jwt\r\n"), "{}", requests[1]);
        assert!(!requests[1].contains("content-type"), "{}", requests[1]);
    });
}

#[test]
fn an_older_server_is_asked_its_own_way_from_then_on() {
    run(async {
        let server = server(&[(
            "/api/v3/secrets/raw",
            200,
            r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#,
        )])
        .await;
        let source = source(&server, settings());
        fetched(&source).await;
        fetched(&source).await;
        assert_eq!(
            asked(&server),
            ["GET /api/v4/secrets", "GET /api/v3/secrets/raw", "GET /api/v3/secrets/raw"]
        );
        assert!(server.asked()[1].contains("workspaceId=9ac97618"));
    });
}

#[test]
fn a_later_path_wins() {
    run(async {
        let server = server(&[
            (
                "secretPath=%2Fa&",
                200,
                r#"{"secrets":[{"secretKey":"A","secretValue":"canary-a"}]}"#,
            ),
            (
                "secretPath=%2Fb&",
                200,
                r#"{"secrets":[{"secretKey":"A","secretValue":"canary-b"}]}"#,
            ),
        ])
        .await;
        for (paths, want) in [
            (["/a", "/b"], ["A=canary-a", "A=canary-b"]),
            (["b/", "a"], ["A=canary-b", "A=canary-a"]),
        ] {
            let paths = paths.map(str::to_owned).into();
            assert_eq!(fetched(&source(&server, Settings { paths, ..settings() })).await, want);
        }
    });
}

#[test]
fn a_token_that_ended_is_replaced_by_one_new_login() {
    for (status, ended) in [(403, EXPIRED), (401, GONE)] {
        run(async {
            let logins = Rc::new(Cell::new(0));
            let count = Rc::clone(&logins);
            let server = Stub::new(move |request| {
                if request.starts_with("POST") {
                    count.set(count.get() + 1);
                    let body = format!(r#"{{"accessToken":"canary-{}"}}"#, count.get());
                    return Some(answer(200, JSON, &body).into_bytes());
                }
                let row = r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#;
                let good = request.contains("Bearer canary-2\r\n");
                let (status, body) = if good { (200, row) } else { (status, ended) };
                Some(answer(status, JSON, body).into_bytes())
            })
            .await;
            let paths = ["/a", "/b", "/c"].map(str::to_owned).into();
            let source = source(&server, Settings { login: universal(), paths, ..settings() });
            assert_eq!(fetched(&source).await.len(), 3);
            assert_eq!(logins.get(), 2, "requests that fail together log in once");
        });
    }
}

#[test]
fn a_new_token_that_is_refused_ends_it() {
    run(async {
        let server = server(&[("universal-auth", 200, LOGIN), ("/v4/secrets", 403, EXPIRED)]).await;
        let told = told(&source(&server, Settings { login: universal(), ..settings() })).await;
        assert!(told.contains("does not accept the token of a new login"), "{told}");
        assert_eq!(asked(&server).iter().filter(|line| line.starts_with("POST")).count(), 2);
    });
}

#[test]
fn a_ready_token_that_is_refused_is_named_by_its_origin() {
    for (status, body, want) in [
        (403, EXPIRED, "does not accept the token from TOKEN: it has expired"),
        (401, GONE, "does not accept the token from TOKEN: it is unknown or revoked"),
        (403, r#"{"message":"invalid signature","error":"TokenError"}"#, "it is malformed"),
    ] {
        run(async {
            let server = Stub::answering(&[&answer(status, JSON, body)]).await;
            let told = told(&source(&server, settings())).await;
            assert!(
                told.contains(want) && told.contains("hint: ") && told.contains("TOKEN"),
                "{told}"
            );
            assert_eq!(server.asked().len(), 1);
        });
    }
}

#[test]
fn a_slug_is_looked_up_in_the_new_way_and_in_the_old() {
    for route in ["GET /api/v1/projects/slug/shop", "GET /api/v2/workspace/shop"] {
        run(async move {
            let server = Stub::new(move |request| {
                let row = r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#;
                let (status, body) = match request {
                    _ if request.starts_with(route) => (200, PROJECT),
                    _ if request.contains("secrets?") => (200, row),
                    _ => (404, r#"{"message":"Route not found","error":"Not Found"}"#),
                };
                Some(answer(status, JSON, body).into_bytes())
            })
            .await;
            let project = Some(ProjectRef::parse("shop"));
            let source = source(&server, Settings { project, ..settings() });
            assert_eq!(fetched(&source).await, ["A=canary"]);
            assert!(server.asked().last().unwrap().contains("projectId=p1&"));
            assert_eq!(source.project().await.unwrap().environments.len(), 2);
        });
    }
}

#[test]
fn a_service_token_brings_project_and_place() {
    run(async {
        let server = server(&[
            ("/v2/service-token", 200, r#"{"workspace":"p9","scopes":[{"environment":"prod","secretPath":"/api"}],"expiresAt":null}"#),
            ("/v4/secrets", 200, r#"{"secrets":[{"secretKey":"A","secretValue":"canary","secretPath":"/api"}]}"#),
        ])
        .await;
        let token = Credential {
            value: Value::from("st.id.canary.key"),
            origin: "TOKEN".to_owned(),
            file: None,
        };
        let login = Login::from_token(token);
        let settings = Settings { login, project: None, environment: None, ..settings() };
        let source = source(&server, settings);
        let set = source.fetch().await.unwrap();
        assert_eq!(&*set.iter().next().unwrap().provenance.place, "/api in prod");
        let list = &server.asked()[1];
        assert!(list.contains("environment=prod&") && list.contains("projectId=p9&"), "{list}");
        assert!(server.asked().iter().all(|r| r.contains("Bearer st.id.canary\r\n")));
    });
}

#[test]
fn a_rewritten_value_is_restored_by_a_second_look() {
    run(async {
        let server = server(&[
            ("expandSecretReferences=true", 200, r#"{"secrets":[{"secretKey":"A","secretValue":"\"canary\\nx\"","skipMultilineEncoding":true}]}"#),
            ("expandSecretReferences=false", 200, r#"{"secrets":[{"secretKey":"A","secretValue":"canary\n${B}","skipMultilineEncoding":true}]}"#),
        ])
        .await;
        assert_eq!(fetched(&source(&server, settings())).await, ["A=canary\nx"]);
        assert_eq!(server.asked().len(), 2);
        let expand = false;
        let source = source(&server, Settings { expand, ..settings() });
        assert_eq!(fetched(&source).await, ["A=canary\n${B}"]);
        assert_eq!(server.asked().len(), 3);
    });
}

#[test]
fn the_status_needs_no_login() {
    run(async {
        let status = r#"{"date":"2026-11-21T22:29:53.692Z","message":"Ok","redisConfigured":true}"#;
        let server = server(&[("/api/status", 200, status)]).await;
        let source = source(&server, Settings { login: universal(), ..settings() });
        assert_eq!(source.status().await.unwrap().date, "2026-11-21T22:29:53.692Z");
        assert!(!server.asked()[0].contains("authorization"));
    });
}
