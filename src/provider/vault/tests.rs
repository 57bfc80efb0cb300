//! The source against a server that answers with what a real `OpenBao` answered (`wire/openbao.jsonl`), and
//! against servers that misbehave.

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::error_response::ResponseKind;
use super::settings::tests::{approle, credential, path, settings};
use super::settings::{EngineSetting, SecretId, WrappedFor};
use super::*;
use crate::config::Origin;
use crate::http::stub::{Stub, answer, run};
use crate::http::{Client, Options, Response};
use crate::provider::Class;

const JSON: &str = "content-type: application/json\r\n";

/// A recorded request and its response.
struct Exchange {
    name: String,
    request: Json,
    response: Json,
}

impl Exchange {
    fn status(&self) -> u16 {
        self.response["status"].as_u64().unwrap().try_into().unwrap()
    }

    fn body(&self) -> String {
        match &self.response["body"] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The response as bytes.
    fn wire(&self) -> Vec<u8> {
        let headers = self.response["headers"].as_object().unwrap();
        let headers =
            headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap()));
        answer(self.status(), &headers.collect::<String>(), &self.body()).into_bytes()
    }
}

fn recorded() -> Vec<Exchange> {
    let exchange = |line: &str| {
        let mut value: Json = serde_json::from_str(line).unwrap();
        let name = value["name"].as_str().unwrap().to_owned();
        Exchange { name, request: value["request"].take(), response: value["response"].take() }
    };
    let lines = include_str!("../../../tests/it/wire/openbao.jsonl").lines();
    lines.filter(|line| !line.is_empty()).map(exchange).collect()
}

fn exchange(name: &str) -> Exchange {
    let mut all = recorded();
    let at = all.iter().position(|exchange| exchange.name == name);
    all.swap_remove(at.unwrap_or_else(|| panic!("no exchange {name}")))
}

/// A server that answers with these exchanges, in this order, and then with nothing there.
async fn replaying(names: &[&str]) -> Stub {
    let answers: Vec<_> = names.iter().map(|name| exchange(name).wire()).collect();
    let next = std::cell::Cell::new(0);
    let missing = answer(404, JSON, r#"{"errors":[]}"#).into_bytes();
    Stub::new(move |_| {
        let at = next.replace(next.get() + 1);
        Some(answers.get(at).unwrap_or(&missing).clone())
    })
    .await
}

fn source(server: &Stub, change: impl FnOnce(Vault) -> Vault) -> VaultSource {
    let options = Options { timeout: Duration::from_secs(2), ..Options::default() };
    VaultSource::new(change(settings(server.url.clone())), Client::new(options))
}

/// `KEY=value` in order.
async fn fetched(source: &VaultSource) -> Vec<String> {
    let set = source.fetch().await.unwrap();
    set.iter().map(|s| format!("{}={}", s.name, s.value.expose_str().unwrap())).collect()
}

/// The class of the error, and the error with its causes and its hint, as a user sees it.
async fn told(source: &VaultSource) -> (Class, String) {
    let error = source.fetch().await.unwrap_err();
    let mut lines = vec![error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    lines.extend(error.hint().map(|hint| format!("hint: {hint}")));
    let told = lines.join("\n");
    let shown = format!("{told} {error:?} {source:?}");
    assert!(!shown.contains("canary"), "{shown}");
    (error.class(), told)
}

/// The first lines of the requests.
fn asked(server: &Stub) -> Vec<String> {
    let line = |request: &String| request.lines().next().unwrap().replace(" HTTP/1.1", "");
    server.asked().iter().map(line).collect()
}

#[test]
fn recorded_rejections_have_their_meaning() {
    use ResponseKind as K;
    for (name, want) in [
        ("token-unknown", K::BadToken),
        ("token-expired", K::BadToken),
        ("token-missing", K::BadToken),
        ("token-uses-3", K::BadToken),
        ("token-forbidden-path", K::Forbidden),
        ("listonly-read", K::Forbidden),
        ("mount-preflight-missing-mount", K::NoMountVisible),
        ("mount-preflight-expired-token", K::BadToken),
        ("kv2-read-never-existed", K::Missing),
        ("kv2-read-version-99", K::Missing),
        ("wrong-mount", K::NoMount),
        ("namespace-wrong", K::NoNamespace),
        ("namespace-missing-header", K::NoMount),
        ("kv2-read-without-data", K::WrongEngine),
        ("kv2-read-mount-root", K::WrongEngine),
        ("kv2-read-destroyed", K::Destroyed { version: Some(3) }),
        (
            "kv2-read-soft-deleted",
            K::Deleted { version: Some(3), time: "2026-11-28T20:50:21.32875593Z".into() },
        ),
        ("kv2-read-version-text", K::Invalid),
        ("wrap-lookup-after-unwrap", K::WrappingToken),
        ("approle-login-wrong-secret-id", K::Invalid),
        ("approle-login-missing-role-id", K::Failure),
        ("approle-login-wrong-mount", K::BadToken),
        ("userpass-lockout-known-5", K::BadToken),
        ("kubernetes-login-wrong-namespace", K::Forbidden),
        ("batch-token-revoke-self", K::Invalid),
        ("pki-issue-unknown-role", K::Invalid),
        ("just-unsealed-login-at-once", K::Failure),
    ] {
        let exchange = exchange(name);
        let response = Response::of(exchange.status(), "application/json", &exchange.body());
        assert_eq!(*ErrorResponse::new(&response, &[]).kind(), want, "{name}");
    }
}

#[test]
fn every_recorded_name_of_a_secret_is_sent_as_it_was() {
    let names = recorded().into_iter().filter(|exchange| {
        exchange.name.starts_with("kv2-name-")
            && exchange.name.ends_with("-read")
            && exchange.status() == 200
    });
    let mut count = 0;
    for exchange in names {
        let sent = exchange.request["path"].as_str().unwrap().to_owned();
        let decode = |text: &str| {
            url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
                .map(|(_, value)| value.into_owned())
                .collect::<String>()
        };
        let Ok(path) = ApiPath::parse(&decode(sent.strip_prefix("/v1/").unwrap())) else {
            // A control character, which no name in a configuration needs.
            continue;
        };
        count += 1;
        run(async {
            let bytes = exchange.wire();
            let server = Stub::new(move |_| Some(bytes.clone())).await;
            let source = source(&server, |own| Vault {
                paths: vec![path],
                engine: EngineSetting::Kv2,
                ..own
            });
            assert!(!fetched(&source).await.is_empty(), "{}", exchange.name);
            let line = asked(&server).remove(0);
            let got = line.strip_prefix("GET ").unwrap();
            // `%2F` in a name is a slash to the server too.
            assert_eq!(decode(got), decode(&sent), "{}", exchange.name);
        });
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_secret_of_kv_2_is_found_by_asking_for_its_mount() {
    run(async {
        let names = ["mount-preflight-secret", "kv2-read-newest", "kv2-read-version-1"];
        let server = replaying(&names).await;
        let source = source(&server, |own| Vault {
            paths: vec![path("secret/app/web"), path("secret/data/num")],
            ..own
        });
        let set = source.fetch().await.unwrap();
        assert_eq!(
            asked(&server),
            [
                "GET /v1/sys/internal/ui/mounts/secret/app/web",
                "GET /v1/secret/data/app/web",
                "GET /v1/secret/data/num",
            ]
        );
        let first = set.iter().next().unwrap();
        assert_eq!(&*first.provenance.place, "secret/data/app/web");
        assert_eq!(first.provenance.version, Some(3));
        let request = &server.asked()[1];
        assert!(request.contains("\r\nx-vault-token: canary-token\r\n"), "{request}");
        assert!(request.contains("\r\nx-vault-request: true\r\n"), "{request}");
        assert!(!request.contains("namespace"), "{request}");
    });
}

#[test]
fn numbers_and_nested_values_keep_their_text() {
    run(async {
        let server = replaying(&["kv1-read-numbers"]).await;
        let source = source(&server, |own| Vault {
            paths: vec![path("kv1/num")],
            engine: EngineSetting::Kv1,
            namespace: Some("team".into()),
            ..own
        });
        let lines = fetched(&source).await.join("\n");
        assert!(lines.contains("=12345678901234567890"), "{lines}");
        assert!(server.asked()[0].contains("\r\nx-vault-namespace: team\r\n"));
        assert_eq!(asked(&server), ["GET /v1/kv1/num"]);
    });
}

#[test]
fn a_version_is_asked_for_and_kv_1_has_none() {
    run(async {
        let server = replaying(&["kv2-read-version-1"]).await;
        let of = |server: &Stub, engine| {
            source(server, |own| Vault {
                paths: vec![path("secret/app/web")],
                engine,
                version: Some(1),
                ..own
            })
        };
        let set = of(&server, EngineSetting::Kv2).fetch().await.unwrap();
        assert_eq!(asked(&server), ["GET /v1/secret/data/app/web?version=1"]);
        assert_eq!(set.iter().next().unwrap().provenance.version, Some(1));

        let server = replaying(&["kv1-read-version"]).await;
        let (class, told) = told(&of(&server, EngineSetting::Kv1)).await;
        assert_eq!(class, Class::BadConfiguration);
        assert!(told.contains("has no versions"), "{told}");
    });
}

#[test]
fn what_is_not_there_is_told_apart() {
    for (names, class, text) in [
        (&["kv2-read-never-existed"][..], Class::NotFound, "there is no secret at `secret/data/x`"),
        (
            &["kv2-read-soft-deleted"],
            Class::NotFound,
            "version 3 of `secret/data/x` was deleted at 2026",
        ),
        (&["kv2-read-destroyed"], Class::NotFound, "version 3 of `secret/data/x` is destroyed"),
        (&["wrong-mount"], Class::NotFound, "there is no secrets engine at `secret/data/x`"),
        (&["namespace-wrong"], Class::NotFound, "there is no namespace `nope`"),
        (&["token-forbidden-path"], Class::Denied, "the token may not read `secret/data/x`"),
        (&["token-expired"], Class::Denied, "does not accept the token from VAULT_TOKEN"),
        (&["kv2-read-without-data"], Class::BadConfiguration, "does not have the form"),
        (
            &["kv2-read-folder", "kv2-metadata-list"],
            Class::NotFound,
            "`secret/data/x` is a folder, not a secret; in it there",
        ),
        (
            &["kv2-read-never-existed", "kv2-metadata-list-empty", "kv2-metadata-list"],
            Class::NotFound,
            "hint: ",
        ),
        (&["raft-health"], Class::BadData, "it sent JSON that is not Vault's"),
    ] {
        let names: Vec<_> = names
            .iter()
            .map(|name| if *name == "raft-health" { "health-ok" } else { name })
            .collect();
        run(async {
            let server = replaying(&names).await;
            let source = source(&server, |own| Vault {
                paths: vec![path("secret/x")],
                engine: EngineSetting::Kv2,
                namespace: Some("nope".into()),
                ..own
            });
            let (got, told) = told(&source).await;
            assert!(told.contains(text), "{names:?}: {told}");
            assert_eq!(got, class, "{told}");
        });
    }
}

#[test]
fn an_absent_secret_is_empty_where_that_is_accepted_and_only_then() {
    run(async {
        let server = replaying(&["kv2-read-never-existed"]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, allow_empty: true, ..own };
        assert_eq!(fetched(&source(&server, change)).await, [""; 0]);
        let empty =
            answer(200, JSON, r#"{"data":{"data":{},"metadata":{"version":1}},"lease_id":""}"#);
        let server = Stub::answering(&[&empty]).await;
        assert_eq!(fetched(&source(&server, change)).await, [""; 0]);
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        assert!(told(&source(&server, change)).await.1.contains("has no keys"));
        let null = answer(
            200,
            JSON,
            r#"{"data":{"data":{"A":"canary","B":null},"metadata":{"version":1}},"lease_id":""}"#,
        );
        let server = Stub::answering(&[&null]).await;
        let (class, told) = told(&source(&server, change)).await;
        assert_eq!(
            (class, told.contains("`B` at `secret/data/app` has no value")),
            (Class::BadData, true)
        );
    });
}

#[test]
fn each_login_is_one_request_whose_token_reads() {
    let jwt = || credential("canary.jwt", "JWT");
    let password = || credential("canary-password", "PASSWORD");
    let username = || "alice".to_owned();
    for (login, mount, recorded, line) in [
        (approle("role"), "approle", "approle-login-ok", "POST /v1/auth/approle/login"),
        (
            Login::Userpass { username: username(), password: password() },
            "userpass",
            "userpass-login-ok",
            "POST /v1/auth/userpass/login/alice",
        ),
        (
            Login::Jwt { role: None, jwt: jwt().into() },
            "jwt",
            "jwt-login-ok",
            "POST /v1/auth/jwt/login",
        ),
        (
            Login::Kubernetes { role: "web".into(), jwt: jwt() },
            "k8s/prod",
            "kubernetes-login-ok",
            "POST /v1/auth/k8s/prod/login",
        ),
    ] {
        run(async {
            let server =
                replaying(&[recorded, "kv2-read-newest", "token-revoke-self-with-lease"]).await;
            let source = source(&server, |own| Vault {
                login,
                auth_mount: path(mount),
                engine: EngineSetting::Kv2,
                revoke_token: Some(Origin::Default),
                ..own
            });
            assert!(!fetched(&source).await.is_empty());
            source.end().await.unwrap();
            let lines = asked(&server);
            let revoke = "POST /v1/auth/token/revoke-self";
            assert_eq!(lines, [line, "GET /v1/secret/data/app", revoke]);
            for request in &server.asked()[1..] {
                assert!(request.contains("\r\nx-vault-token: <token>\r\n"), "{request}");
            }
            assert!(!server.asked()[0].contains("x-vault-token"));
        });
    }
}

#[test]
fn a_rejected_login_is_made_once_and_told() {
    for (name, class, text) in [
        ("approle-login-wrong-secret-id", Class::Denied, "secret ID (from VAULT_SECRET_ID)"),
        ("approle-login-wrong-mount", Class::Denied, "check that an auth method is enabled"),
        ("approle-secret-id-wrong-ip", Class::Denied, "log in from an address"),
        (
            "approle-login-missing-role-id",
            Class::Unreachable,
            "500 Internal Server Error: missing role_id",
        ),
        ("namespace-wrong-login", Class::NotFound, "there is no namespace"),
        ("just-unsealed-login-at-once", Class::Unreachable, "active cluster node not found"),
    ] {
        run(async {
            let server = replaying(&[name]).await;
            let source = source(&server, |own| Vault {
                login: approle("role"),
                auth_mount: path("approle"),
                engine: EngineSetting::Kv2,
                ..own
            });
            let (got, told) = told(&source).await;
            assert!(told.contains(text), "{name}: {told}");
            assert_eq!(got, class, "{name}");
            assert_eq!(asked(&server).len(), 1, "{name}");
        });
    }
}

#[test]
fn a_token_that_was_good_is_replaced_once_and_a_new_one_is_not() {
    let of = |server: &Stub| {
        source(server, |own| Vault {
            login: approle("role"),
            auth_mount: path("approle"),
            engine: EngineSetting::Kv2,
            ..own
        })
    };
    run(async {
        // From the cache: rejected, a new login, and it reads.
        let server = replaying(&["token-expired", "approle-login-ok", "kv2-read-newest"]).await;
        let source = of(&server);
        source.resume(Value::from("canary-cached"));
        assert!(!fetched(&source).await.is_empty());
        assert_eq!(asked(&server).len(), 3);
        // New, and rejected at once: another login would not help.
        let server = replaying(&["approle-login-ok", "token-bound-cidr-use"]).await;
        let (class, told) = told(&of(&server)).await;
        assert_eq!((class, asked(&server).len()), (Class::Denied, 2));
        assert!(told.contains("does not accept the token of a new login"), "{told}");
        // Used up after a success.
        let server = replaying(&[
            "approle-login-token-2-uses",
            "token-uses-1",
            "token-uses-3",
            "approle-login-ok",
            "token-uses-2",
        ])
        .await;
        let source = of(&server);
        fetched(&source).await;
        fetched(&source).await;
        assert_eq!(asked(&server).len(), 5);
    });
}

#[test]
fn a_wrapped_secret_id_is_looked_up_and_unwrapped_once() {
    let login = || {
        let credential = credential("canary-wrapping", "VAULT_SECRET_ID");
        let secret_id =
            Some(SecretId { credential, wrapped: Some(WrappedFor { role: Some("web".into()) }) });
        Login::AppRole { role_id: self::credential("r", "ID"), secret_id }
    };
    let of = |server: &Stub| {
        source(server, |own| Vault {
            login: login(),
            auth_mount: path("approle"),
            engine: EngineSetting::Kv2,
            ..own
        })
    };
    run(async {
        let lookup = |path: &str| {
            answer(
                200,
                JSON,
                &format!(r#"{{"data":{{"creation_path":"{path}","creation_ttl":60}}}}"#),
            )
        };
        let good = lookup("auth/approle/role/web/secret-id");
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let names = ["approle-unwrap-secret-id", "approle-login-ok", "kv2-read-newest"].map(wire);
        let answers = [&good, &names[0], &names[1], &names[2]].map(String::as_str);
        let server = Stub::answering(&answers).await;
        assert!(!fetched(&of(&server)).await.is_empty());
        assert_eq!(
            asked(&server)[..3],
            [
                "POST /v1/sys/wrapping/lookup",
                "POST /v1/sys/wrapping/unwrap",
                "POST /v1/auth/approle/login"
            ]
        );
        let requests = server.asked();
        assert!(!requests[0].contains("x-vault-token") && requests[0].contains("canary-wrapping"));
        assert!(
            requests[1].contains("x-vault-token: canary-wrapping") && requests[1].ends_with("{}")
        );

        let server = Stub::answering(&[&lookup("sys/wrapping/wrap")]).await;
        let (class, text) = told(&of(&server)).await;
        assert_eq!((class, asked(&server).len()), (Class::BadData, 1));
        assert!(text.contains("was created by `sys/wrapping/wrap`"), "{text}");

        let server = replaying(&["wrap-lookup-after-unwrap"]).await;
        let (class, text) = told(&of(&server)).await;
        assert_eq!((class, asked(&server).len()), (Class::Denied, 1));
        assert!(text.contains("was used already, or has expired"), "{text}");
    });
}

#[test]
fn the_login_is_sent_with_the_request_where_the_server_can_do_that() {
    let of = |server: &Stub| {
        source(server, |own| Vault {
            login: approle("role"),
            auth_mount: path("approle"),
            engine: EngineSetting::Kv2,
            inline_auth: true,
            revoke_token: Some(Origin::Default),
            ..own
        })
    };
    run(async {
        let server = replaying(&["kv2-read-newest"]).await;
        let source = of(&server);
        assert!(!fetched(&source).await.is_empty());
        source.end().await.unwrap();
        assert_eq!(asked(&server), ["GET /v1/secret/data/app"]);
        let request = &server.asked()[0];
        assert!(
            request.contains("\r\nx-vault-inline-auth-path: auth/approle/login\r\n"),
            "{request}"
        );
        assert!(request.contains("\r\nx-vault-inline-auth-parameter-2: "), "{request}");
        assert!(!request.contains("x-vault-token"), "{request}");

        // A server without it answers as to a request without a token.
        let old = answer(200, JSON, r#"{"initialized":true,"sealed":false,"version":"1.20.4"}"#);
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let [no, login, read] = ["token-missing", "approle-login-ok", "kv2-read-newest"].map(wire);
        let server = Stub::answering(&[&no, &old, &login, &read]).await;
        assert!(!fetched(&of(&server)).await.is_empty());
        assert_eq!(asked(&server)[2..], ["POST /v1/auth/approle/login", "GET /v1/secret/data/app"]);

        // A new one means it: the identity is locked out.
        let server = replaying(&["token-missing", "health-ok"]).await;
        let (class, text) = told(&of(&server)).await;
        assert_eq!((class, asked(&server).len()), (Class::Denied, 2));
        assert!(text.contains("check that an auth method is enabled"), "{text}");
        let server = replaying(&["approle-login-wrong-secret-id"]).await;
        assert!(told(&of(&server)).await.1.contains("secret ID (from VAULT_SECRET_ID)"));
    });
}

#[test]
fn a_server_that_cannot_answer_now_is_told_by_its_state() {
    run(async {
        // Sealed: its status is asked for when the retries are over.
        let (sealed, health) =
            (exchange("sealed-kv-read").wire(), exchange("sealed-health").body());
        let health = answer(200, JSON, &health).into_bytes();
        let server = Stub::new(move |request| {
            Some(if request.contains("sys/health") { health.clone() } else { sealed.clone() })
        })
        .await;
        let options = Options { timeout: Duration::from_secs(10), ..Options::default() };
        let own = Vault { engine: EngineSetting::Kv2, ..settings(server.url.clone()) };
        let (class, text) = told(&VaultSource::new(own, Client::new(options))).await;
        assert_eq!(class, Class::Unreachable);
        assert!(
            text.ends_with("is sealed\nhint: unseal it, or wait until its operator does"),
            "{text}"
        );

        let server = replaying(&["no-leader-login"]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        let (class, text) = told(&source(&server, change)).await;
        assert_eq!(class, Class::Unreachable);
        assert!(text.contains("a standby points to its leader"), "{text}");
    });
}

#[test]
fn a_rate_limit_is_waited_out_and_told_if_it_lasts() {
    run(async {
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let limited = wire("quota-request-1");
        let server = Stub::answering(&[&limited, &wire("kv2-read-newest")]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        let source = source(&server, change);
        assert!(!fetched(&source).await.is_empty());
        let server = Stub::answering(&[&limited]).await;
        let (class, _) = told(&self::source(&server, change)).await;
        assert_eq!(class, Class::RateLimited);
    });
}

#[test]
fn what_is_no_answer_of_vaults_is_told() {
    for (body, class, text) in [
        (
            answer(200, "content-type: text/html\r\n", "<html>"),
            Class::BadData,
            "it sent a web page",
        ),
        (answer(404, "", "404 page not found"), Class::BadData, "it did not send JSON"),
        (answer(403, "", "<html>forbidden"), Class::BadData, "it sent a web page"),
        (
            answer(200, JSON, "{\"data\":{\"data\":{\"A\":\"canary"),
            Class::BadData,
            "incomplete JSON",
        ),
        (answer(200, JSON, "[]"), Class::BadData, "it sent JSON that is not Vault's"),
        (answer(500, "", "oops canary"), Class::Unreachable, "500 Internal Server Error"),
        (answer(401, JSON, r#"{"detail":"canary"}"#), Class::BadData, "JSON that is not Vault's"),
        (
            answer(302, "location: https://sso.example.com/\r\n", ""),
            Class::Unreachable,
            "redirects to `https://sso.example.com`",
        ),
    ] {
        run(async {
            let server = Stub::answering(&[&body]).await;
            let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
            let (got, told) = told(&source(&server, change)).await;
            assert!(told.contains(text), "{body}: {told}");
            assert_eq!(got, class, "{told}");
        });
    }
}

#[test]
fn a_redirect_within_the_origin_takes_a_login_along() {
    run(async {
        let to = answer(307, "location: /v1/auth/approle/login?again\r\n", "");
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let server =
            Stub::answering(&[&to, &wire("approle-login-ok"), &wire("kv2-read-newest")]).await;
        let source = source(&server, |own| Vault {
            login: approle("role"),
            auth_mount: path("approle"),
            engine: EngineSetting::Kv2,
            ..own
        });
        assert!(!fetched(&source).await.is_empty());
        assert!(server.asked()[1].starts_with("POST /v1/auth/approle/login?again"));
        assert!(server.asked()[1].contains("canary-secret-id"));
    });
}

#[test]
fn a_long_value_and_unicode_arrive_whole() {
    run(async {
        let long = "é".repeat(32 << 10);
        let body = format!(
            r#"{{"data":{{"data":{{"L":"{long}","ключ":"\ud83d\udd11"}},"metadata":{{"version":2}}}}}}"#
        );
        let server = Stub::answering(&[&answer(200, JSON, &body)]).await;
        let change = |own| Vault { engine: EngineSetting::Kv2, ..own };
        let lines = fetched(&source(&server, change)).await;
        assert_eq!(lines, [format!("L={long}"), "ключ=🔑".to_owned()]);
    });
}

#[test]
fn an_agents_listener_gets_no_token() {
    run(async {
        let server = replaying(&["kv2-read-newest"]).await;
        let change = |own| Vault { login: Login::Agent, engine: EngineSetting::Kv2, ..own };
        assert!(!fetched(&source(&server, change)).await.is_empty());
        assert!(!server.asked()[0].contains("x-vault-token"));
        assert!(server.asked()[0].contains("x-vault-request: true"));
    });
}

#[test]
fn a_token_that_no_server_made_is_not_sent() {
    run(async {
        let server = replaying(&[]).await;
        let login = Login::Token(credential("canary token", "VAULT_TOKEN"));
        let (class, told) = told(&source(&server, |own| Vault { login, ..own })).await;
        assert_eq!((class, asked(&server).len()), (Class::BadData, 0));
        assert!(told.starts_with("the token from VAULT_TOKEN has characters"), "{told}");
    });
}

#[test]
fn revoking_is_never_more_than_a_warning() {
    for (name, ok) in [
        ("token-revoke-self-with-lease", true),
        ("token-expired", true),
        ("batch-token-revoke-self", false),
        ("token-forbidden-path", false),
    ] {
        run(async {
            let server = replaying(&["approle-login-ok", "kv2-read-newest", name]).await;
            let source = source(&server, |own| Vault {
                login: approle("role"),
                engine: EngineSetting::Kv2,
                revoke_token: Some(Origin::Default),
                ..own
            });
            fetched(&source).await;
            assert_eq!(source.end().await.is_ok(), ok, "{name}");
            source.end().await.unwrap();
            assert_eq!(asked(&server).len(), 3, "{name}");
        });
    }
}

#[test]
fn references_name_objects() {
    run(async {
        let wire = |name: &str| String::from_utf8(exchange(name).wire()).unwrap();
        let server =
            Stub::answering(&[&wire("kv2-read-newest"), &wire("kv2-read-never-existed")]).await;
        let source =
            source(&server, |own| Vault { paths: Vec::new(), engine: EngineSetting::Kv2, ..own });
        assert!(source.fetch().await.unwrap().is_empty());
        let address = |path: &str, version: Option<&str>| ObjectAddress {
            path: path.into(),
            version: version.map(str::to_owned),
            options: Vec::new(),
        };
        let reader = source.as_read_objects().unwrap();
        let addresses = [address("secret/app/web", None), address("secret/none", None)];
        let objects = reader.read_objects(&addresses).await.unwrap();
        let object = objects[0].as_ref().unwrap();
        assert_eq!(object.version.as_deref(), Some("3"));
        assert!(matches!(&object.content, ObjectContent::Members(members) if !members.is_empty()));
        assert!(objects[1].is_none());
        for (wrong, text) in [
            (address("secret/x", Some("latest")), "`latest` is not the number of a version"),
            (address("secret//x", None), "`secret//x` is not a path in Vault"),
            (
                ObjectAddress {
                    options: vec![("stage".into(), "x".into())],
                    ..address("secret/x", None)
                },
                "no option `stage`",
            ),
        ] {
            let error = reader.read_objects(&[wrong]).await.unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    });
}

#[test]
fn an_address_has_its_base_path() {
    run(async {
        let server = replaying(&["kv2-read-newest"]).await;
        let base = Url::parse(&format!("{}vault/", server.url)).unwrap();
        let own = Vault { engine: EngineSetting::Kv2, ..settings(base) };
        let source = VaultSource::new(own, Client::new(Options::default()));
        assert!(!fetched(&source).await.is_empty());
        assert_eq!(asked(&server), ["GET /v1/secret/data/app".replace("/v1", "/vault/v1")]);
    });
}

#[test]
fn a_dynamic_secret_is_requested_once_and_its_lease_ends_with_the_login() {
    run(async {
        let names =
            ["approle-login-ok", "database-creds", "lease-renew", "token-revoke-self-with-lease"];
        let server = replaying(&names).await;
        let source = source(&server, |own| Vault {
            login: approle("role"),
            auth_mount: path("approle"),
            paths: vec![path("database/creds/app")],
            engine: EngineSetting::Other,
            ..own
        });
        assert_eq!(fetched(&source).await.len(), 2);
        let lease = source.as_lease().unwrap();
        let leases = lease.leases();
        assert_eq!((leases.len(), leases[0].place.as_str()), (1, "database/creds/app"));
        assert!(leases[0].remaining > Duration::from_secs(3500), "{leases:?}");
        // Nothing is due yet.
        let renewal = lease.renew().await;
        assert!(renewal.next.unwrap() > Duration::from_secs(2000), "{renewal:?}");
        assert_eq!(asked(&server).len(), 2);
        lease.revoke().await.unwrap();
        assert!(lease.leases().is_empty());
        assert_eq!(asked(&server)[2..], ["POST /v1/auth/token/revoke-self"]);
    });
}

#[test]
fn the_lease_of_a_token_of_the_users_own_is_revoked_by_its_id() {
    run(async {
        let creds = r#"{"lease_id":"database/creds/app/x","renewable":true,"lease_duration":1,"data":{"username":"u"}}"#;
        let renewed = r#"{"lease_id":"database/creds/app/x","renewable":true,"lease_duration":9,"data":null}"#;
        let server = server_by_path(&[
            ("/creds/", 200, creds),
            ("lookup-self", 200, r#"{"data":{"ttl":60}}"#),
            ("/leases/renew", 200, renewed),
            ("/leases/revoke", 204, ""),
        ])
        .await;
        let source = source(&server, |own| Vault {
            paths: vec![path("database/creds/app")],
            engine: EngineSetting::Other,
            ..own
        });
        fetched(&source).await;
        let lease = source.as_lease().unwrap();
        let wait = lease.renew().await.next.unwrap();
        tokio::time::sleep(wait).await;
        assert!(lease.renew().await.next.unwrap() > Duration::from_secs(4));
        lease.revoke().await.unwrap();
        let lines = asked(&server);
        assert_eq!(lines[2..], ["POST /v1/sys/leases/renew", "POST /v1/sys/leases/revoke"]);
        let last = server.asked().pop().unwrap();
        assert!(last.ends_with(r#"{"lease_id":"database/creds/app/x"}"#), "{last}");
    });
}

#[test]
fn the_creation_of_a_lease_is_never_repeated() {
    run(async {
        let server = Stub::answering(&[&answer(502, "", "")]).await;
        let source = source(&server, |own| Vault {
            paths: vec![path("pki/issue/web")],
            parameters: vec![("common_name".into(), "a.example.com".into())],
            ..own
        });
        assert_eq!(told(&source).await.0, Class::Unreachable);
        assert_eq!(asked(&server), ["POST /v1/pki/issue/web"]);
        assert!(server.asked()[0].ends_with(r#"{"common_name":"a.example.com"}"#));
    });
}

/// A server by its routes: the first whose text is in the request's first line answers.
async fn server_by_path(routes: &[(&'static str, u16, &'static str)]) -> Stub {
    let routes = routes.to_vec();
    Stub::new(move |request| {
        let line = request.lines().next().unwrap();
        let found = routes.iter().find(|(route, ..)| line.contains(route));
        let (status, body) = found.map_or((404, r#"{"errors":[]}"#), |&(_, s, b)| (s, b));
        Some(answer(status, JSON, body).into_bytes())
    })
    .await
}
