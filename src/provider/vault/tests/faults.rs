//! Servers that refuse, cannot answer, or are no Vault.

use super::*;

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
