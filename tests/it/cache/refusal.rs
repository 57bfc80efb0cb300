//! Revocation wins: what the server refuses is deleted and never served; a refused login is not tried
//! again at once.

use super::{FALLBACK, LIST, LOGIN, TTL, away, count, entries, fails, home, run, serves, start};
use crate::support::infisical::{CLIENT_ID, Fault, FaultKind, Server};

const NO: &str = r#"{"statusCode":403,"message":"You are not allowed","error":"PermissionDenied"}"#;
const UNKNOWN: &str =
    r#"{"statusCode":401,"message":"No access token found","error":"UnauthorizedError"}"#;
const MISSING: &str =
    r#"{"statusCode":404,"message":"Folder not found","error":"NotFound","reqId":"req-1"}"#;

type Change = fn(&Server);

#[test]
fn what_the_server_refuses_is_destroyed_and_never_served() {
    let cases: [(&str, Change); 7] = [
        ("a login", |server| {
            server.world(|world| {
                world.identities.retain(|identity| identity.name != "reader");
            });
        }),
        ("a login from here", |server| {
            server.fault(Fault::status(
                LOGIN,
                403,
                r#"{"message":"You are not allowed to access this resource from the current IP address","error":"ForbiddenError"}"#,
            ));
        }),
        ("the token of a new login", |server| server.fault(Fault::status(LIST, 401, UNKNOWN))),
        ("the scope, 403", |server| server.fault(Fault::status(LIST, 403, NO))),
        ("the scope, 404", |server| server.fault(Fault::status(LIST, 404, MISSING))),
        ("the environment", |server| {
            server.world(|world| world.edit("shop").environments.retain(|e| e.slug != "dev"));
        }),
        ("the grant", |server| {
            server.world(|world| world.edit_identity("reader").grants.clear());
        }),
    ];
    for (what, change) in cases {
        for mode in [FALLBACK, ["--cache", "ttl=1ms"]] {
            let server = start();
            let sandbox = home(&server);
            serves(&sandbox, &mode);
            assert_eq!(entries(&sandbox).len(), 1);
            change(&server);
            let said = fails(&sandbox, &mode);
            assert!(!said.contains("from the cache"), "{what}: {said}");
            assert_eq!(entries(&sandbox).len(), 0, "{what}");
            // And it does not come back when the server goes away.
            server.heal();
            away(&server);
            let said = fails(&sandbox, &["--offline"]);
            assert!(said.contains("the cache has no entry for it"), "{what}: {said}");
        }
    }
}

#[test]
fn another_scope_keeps_its_entry() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    run(&sandbox, &["--cache", "fallback", "--env", "prod"]).run().success();
    assert_eq!(entries(&sandbox).len(), 2);
    server.fault(Fault::status(LIST, 403, NO));
    fails(&sandbox, &["--cache", "fallback", "--env", "prod"]);
    server.heal();
    away(&server);
    serves(&sandbox, &FALLBACK);
    let said = fails(&sandbox, &["--cache", "fallback", "--env", "prod"]);
    assert!(said.contains("the cache has no entry for it"), "{said}");
}

#[test]
fn a_locked_identity_is_neither_served_nor_destroyed() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    let locked = r#"{"statusCode":401,"message":"This identity auth method is temporarily locked, please try again later","error":"UnauthorizedError"}"#;
    server.fault(Fault::status(LOGIN, 401, locked));
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("too many logins failed"), "{said}");
    // Whoever knows the client id can lock it out; that must not empty caches.
    assert_eq!(entries(&sandbox).len(), 1);
}

#[test]
fn a_crash_loop_does_not_become_a_login_loop() {
    let server = start();
    let sandbox = home(&server).env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-wrong");
    let said = fails(&sandbox, &FALLBACK);
    assert!(said.contains("the server answered 401"), "{said}");
    for _ in 0..3 {
        let said = fails(&sandbox, &TTL);
        assert!(said.contains("the server refused this login "), "{said}");
        assert!(
            said.contains(" ago, and it is not tried again so soon\n  hint: too many logins"),
            "{said}"
        );
    }
    assert_eq!(count(&server, LOGIN), 1);
    // Another credential is tried at once, for the same identity.
    assert_eq!(server.world(|world| world.identities[0].name.clone()), "reader");
    let right = home(&server);
    assert_eq!(serves(&right, &FALLBACK), "");
    assert_eq!(count(&server, LOGIN), 2);
    // Where nothing is cached, nothing is remembered.
    fails(&sandbox, &[]);
    assert_eq!(count(&server, LOGIN), 3);
    // What failed for another reason is tried again.
    away(&server);
    fails(&home(&server), &FALLBACK);
    fails(&home(&server), &FALLBACK);
    assert_eq!(count(&server, LOGIN), 5, "{CLIENT_ID}");
    assert!(
        !sandbox
            .home()
            .join("run")
            .read_dir()
            .unwrap()
            .any(|file| { file.unwrap().file_name().to_string_lossy().contains("refused") }),
        "the directory of this test is on a disk, or the kernel has a keyring"
    );
}

#[test]
fn a_login_that_cannot_be_reached_is_no_refusal() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    server.fault(Fault::on(LOGIN, FaultKind::Reset));
    for _ in 0..2 {
        assert!(serves(&sandbox, &FALLBACK).contains("from the cache"));
    }
    assert_eq!(count(&server, LOGIN), 3);
}
