//! The logins, and when they are replaced and ended.

use super::*;

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
