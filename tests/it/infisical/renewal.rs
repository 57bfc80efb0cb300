//! A token that the server no longer takes: one new login, or an error.
//! Must not test logins that are refused.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::fixture::{AT_ROOT, LIST, LOGIN, count, home, map, refusal, secrets, start, stranger};
use crate::support::infisical::{Fault, ServiceToken};

const EXPIRED: &str = r#"{"statusCode":403,"message":"Your token has expired. Please re-authenticate.","error":"TokenError"}"#;
const UNKNOWN: &str =
    r#"{"statusCode":401,"message":"No access token found","error":"UnauthorizedError"}"#;

#[test]
fn one_new_login_replaces_a_token_that_ended() {
    for (code, body) in [(403, EXPIRED), (401, UNKNOWN)] {
        let server = start();
        server.fault(Fault::status(LIST, code, body).times(1));
        assert_eq!(secrets(&home(&server), &[]), map(&AT_ROOT), "{code}");
        assert_eq!((count(&server, LOGIN), count(&server, LIST)), (2, 2), "{code}");
        let bearer = |index: usize| {
            let lists = server.requests().into_iter().filter(|it| it.path() == LIST);
            lists.map(|it| it.header("authorization").unwrap().to_owned()).nth(index)
        };
        assert_ne!(bearer(0), bearer(1), "{code}");
    }
}

#[test]
fn requests_that_fail_together_log_in_once() {
    let server = start();
    // Nobody is refused before all five have asked, so that no second attempt is among them.
    let barrier = Arc::new(Barrier::new(5));
    server.fault(Fault::status(LIST, 401, UNKNOWN).times(5).at(&barrier));
    let paths = ["/", "/api", "/api/deep", "/api2", "/base"].map(|path| format!("--path={path}"));
    let flags: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_eq!(secrets(&home(&server), &flags)["NAME"], "canary-api");
    assert_eq!((count(&server, LOGIN), count(&server, LIST)), (2, 10));
}

#[test]
fn a_new_token_that_is_refused_ends_it() {
    for (code, body) in [(403, EXPIRED), (401, UNKNOWN)] {
        let server = start();
        server.fault(Fault::status(LIST, code, body));
        let said = refusal(&home(&server), &[]);
        assert!(said.contains("does not accept the token of a new login\n"), "{said}");
        assert_eq!((count(&server, LOGIN), count(&server, LIST)), (2, 2), "{code}");
    }
}

#[test]
fn a_ready_token_that_ended_is_told_by_its_variable() {
    let server = start();
    let token = server.mint("reader");
    for (change, want) in [("revoke", "is unknown or revoked"), ("expire", "has expired")] {
        if change == "expire" {
            server.heal();
            server.fault(Fault::status(LIST, 403, EXPIRED));
        } else {
            server.world(|world| world.tokens.clear());
        }
        server.forget();
        let sandbox = stranger(&server).env("INFISICAL_TOKEN", token.as_str());
        let said = refusal(&sandbox, &[]);
        assert!(said.contains(&format!("the token from INFISICAL_TOKEN: it {want}\n")), "{said}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_service_token_that_is_wrong_is_told() {
    let server = start();
    let token = ServiceToken::new("shop", &[("dev", "/")]);
    for wrong in ["st.canary", "st..canary.canary", "st.", "st.canary."] {
        let sandbox = stranger(&server).env("INFISICAL_TOKEN", wrong);
        assert!(refusal(&sandbox, &[]).contains("is not of the form `st.ID.SECRET…`"), "{wrong}");
    }
    assert_eq!(server.requests().len(), 0);
    let other = token.whole().replace(&token.secret, "canary-other");
    let sandbox = stranger(&server).env("INFISICAL_TOKEN", other);
    let said = refusal(&sandbox, &[]);
    assert!(said.contains("does not accept the token from INFISICAL_TOKEN"), "{said}");
    // The one scope of a token would override what is asked for: an error, rather.
    let sandbox = stranger(&server).env("INFISICAL_TOKEN", token.whole());
    for (flags, want) in [
        (["--env", "prod"], "is for the environment `dev`, not for `prod`\n"),
        (["--path", "/api"], "is for the path `/`, not for `/api`\n"),
        (["--project", "other"], "is for the project `"),
    ] {
        server.forget();
        assert!(refusal(&sandbox, &flags).contains(want), "{want}");
        assert_eq!(count(&server, LIST), 0);
    }
}
