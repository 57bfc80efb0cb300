//! The login that is kept: used while it is valid, replaced when it is refused, and only when asked.

use std::time::Duration;

use super::{FALLBACK, LIST, LOGIN, away, count, entries, entry, fails, home, serves, start};
use crate::support::infisical::Fault;

const WITH_TOKEN: [&str; 3] = ["--cache", "fallback", "--cache-token"];

#[test]
fn one_login_is_enough_for_many_runs_where_that_is_asked() {
    let server = start();
    let sandbox = home(&server);
    for _ in 0..3 {
        assert_eq!(serves(&sandbox, &FALLBACK), "");
    }
    assert_eq!((count(&server, LOGIN), count(&server, LIST)), (3, 3));
    assert_eq!(entries(&sandbox).len(), 1);
    for _ in 0..3 {
        assert_eq!(serves(&sandbox, &WITH_TOKEN), "");
    }
    assert_eq!((count(&server, LOGIN), count(&server, LIST)), (4, 6));
    assert_eq!(entries(&sandbox).len(), 2);
    // It is for the identity, not for a place.
    super::run(&sandbox, &[&WITH_TOKEN[..], &["--env", "prod"]].concat()).run().success();
    assert_eq!(count(&server, LOGIN), 4);
}

#[test]
fn a_login_that_ended_is_replaced() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &WITH_TOKEN);
    server.world(|world| world.tokens.clear());
    assert_eq!(serves(&sandbox, &WITH_TOKEN), "");
    assert_eq!(count(&server, LOGIN), 2);
    assert_eq!(serves(&sandbox, &WITH_TOKEN), "");
    assert_eq!(count(&server, LOGIN), 2);
}

#[test]
fn a_login_is_not_used_beyond_its_end() {
    let server = start();
    // The server's clock stands, an hour behind ours: for it the token is good for ever.
    server.world(|world| {
        world.edit_identity("reader").ttl = Duration::from_mins(1);
        world.freeze_behind(Duration::from_hours(1));
    });
    let sandbox = home(&server);
    serves(&sandbox, &WITH_TOKEN);
    server.forget();
    serves(&sandbox, &WITH_TOKEN);
    assert_eq!((count(&server, LOGIN), count(&server, LIST)), (1, 1), "the old one was not tried");
}

#[test]
fn a_refused_login_destroys_what_was_kept_of_it() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &WITH_TOKEN);
    assert_eq!(entries(&sandbox).len(), 2);
    server.world(|world| {
        world.tokens.clear();
        world.identities.retain(|identity| identity.name != "reader");
    });
    fails(&sandbox, &WITH_TOKEN);
    assert_eq!(entries(&sandbox).len(), 0);
}

#[test]
fn a_scope_that_is_refused_leaves_the_login() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &WITH_TOKEN);
    let no = r#"{"message":"You are not allowed","error":"PermissionDenied"}"#;
    server.fault(Fault::status(LIST, 403, no));
    fails(&sandbox, &WITH_TOKEN);
    assert!(entry(&sandbox).exists());
    server.heal();
    serves(&sandbox, &WITH_TOKEN);
    assert_eq!(count(&server, LOGIN), 1);
}

#[test]
fn a_ready_token_is_not_kept() {
    let server = start();
    let token = server.mint("reader");
    let sandbox = home(&server).env("INFISICAL_TOKEN", token);
    serves(&sandbox, &WITH_TOKEN);
    assert_eq!(entries(&sandbox).len(), 1);
    away(&server);
    assert!(serves(&sandbox, &WITH_TOKEN).contains("from the cache"));
}

#[test]
fn a_login_is_not_both_kept_and_revoked() {
    let server = start();
    let sandbox = home(&server).env("HUSHED_CACHE", "fallback");
    let said = fails(&sandbox, &["--cache-token", "--revoke-token"]);
    assert!(
        said.contains("--revoke-token revokes the token of a run, but --cache-token keeps it"),
        "{said}"
    );
    assert_eq!(server.requests().len(), 0);
    // Secrets may be kept all the same, and a start from the cache has nothing to revoke.
    assert_eq!(serves(&sandbox, &["--revoke-token"]), "");
    assert_eq!(count(&server, "/api/v1/auth/token/revoke"), 1);
    let said = serves(&sandbox, &["--revoke-token", "--cache", "ttl=1h"]);
    assert!(said.contains("is from the cache"), "{said}");
    assert_eq!(count(&server, "/api/v1/auth/token/revoke"), 1);
    away(&server);
    let said = serves(&sandbox, &["--revoke-token"]);
    assert!(said.contains("is from the cache"), "{said}");
}
