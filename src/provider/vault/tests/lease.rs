//! Dynamic secrets and their leases.

use super::*;

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
