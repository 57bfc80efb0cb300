//! What is asked again, how often and when; and the end of patience.
//! Must not test what a broken body says: that is `body`.

use std::thread;
use std::time::{Duration, Instant};

use super::fixture::{AT_ROOT, LIST, LOGIN, asked, count, home, map, refusal, secrets, start};
use crate::support::infisical::{Fault, FaultKind};

const BUSY: &str = r#"{"message":"busy","error":"Busy"}"#;

fn status(path: &str, status: u16) -> Fault {
    Fault::status(path, status, BUSY)
}

#[test]
fn what_may_pass_is_asked_again() {
    let twice = |path, fault: Fault| {
        let server = start();
        let what = format!("{fault:?}");
        server.fault(fault.times(2));
        // Of which chance takes half at most before it asks again.
        let flags = ["--timeout", "4s"];
        assert_eq!(secrets(&home(&server), &flags), map(&AT_ROOT), "{what}");
        assert_eq!(count(&server, path), 3, "{what}");
        assert_eq!(server.requests().len(), 4, "{what}");
    };
    // Each case waits before it asks again: all at once.
    thread::scope(|scope| {
        for path in [LOGIN, LIST] {
            for fault in [
                Fault::on(path, FaultKind::RateLimited(0)),
                status(path, 429),
                status(path, 502),
                status(path, 503),
                status(path, 504),
                status(path, 500).header("retry-after", "0"),
            ] {
                scope.spawn(move || twice(path, fault));
            }
        }
    });
}

#[test]
fn a_lost_connection_is_made_again_for_a_list_and_not_for_a_login() {
    let server = start();
    server.fault(Fault::on(LIST, FaultKind::Reset).times(1));
    assert_eq!(secrets(&home(&server), &[]), map(&AT_ROOT));
    assert_eq!(count(&server, LIST), 2);
    server.forget();
    server.fault(Fault::on(LIST, FaultKind::Truncated).times(1));
    assert_eq!(secrets(&home(&server), &[]), map(&AT_ROOT));
    assert_eq!(count(&server, LIST), 2);
    // A client secret may be good for few logins: none is spent twice.
    server.forget();
    server.fault(Fault::on(LOGIN, FaultKind::Reset).times(1));
    assert!(refusal(&home(&server), &[]).contains("was lost before a response"));
    assert_eq!(asked(&server), [format!("POST {LOGIN}")]);
}

#[test]
fn a_refused_login_is_never_repeated() {
    for (code, message) in [
        (401, "Invalid credentials"),
        (401, "This identity auth method is temporarily locked, please try again later"),
        (403, "You are not allowed to access this resource from the current IP address"),
        (404, "No identity with specified client ID was found"),
        (500, "Something went wrong"),
    ] {
        let server = start();
        let body = format!(r#"{{"statusCode":{code},"message":"{message}","error":"E"}}"#);
        server.fault(Fault::status(LOGIN, code, &body));
        let said = refusal(&home(&server), &[]);
        assert!(said.contains("log in to Infisical at"), "{said}");
        assert_eq!(asked(&server), [format!("POST {LOGIN}")], "{code} {message}");
    }
}

#[test]
fn attempts_come_to_an_end() {
    let server = start();
    server.fault(status(LIST, 503).header("retry-after", "0"));
    let said = refusal(&home(&server), &[]);
    assert!(said.contains("is unavailable (503) after 5 attempts\n"), "{said}");
    assert_eq!(count(&server, LIST), 5);
    server.heal();
    server.forget();
    server.fault(status(LIST, 500));
    let said = refusal(&home(&server), &[]);
    assert!(said.contains("cannot read secrets from Infisical at"), "{said}");
    assert_eq!(count(&server, LIST), 1);
}

#[test]
fn the_server_says_when_to_come_again() {
    let server = start();
    server.fault(Fault::on(LIST, FaultKind::RateLimited(1)).times(1));
    let begun = Instant::now();
    assert_eq!(secrets(&home(&server), &["--timeout", "3s"]), map(&AT_ROOT));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_wait_beyond_the_time_allowed_is_told_at_once() {
    for path in [LOGIN, LIST] {
        let server = start();
        server.fault(Fault::on(path, FaultKind::RateLimited(60)));
        let begun = Instant::now();
        let said = refusal(&home(&server), &["--timeout", "40s"]);
        assert!(
            said.contains("limits the rate of requests (429) and asks to wait 60 s\n"),
            "{said}"
        );
        assert!(said.contains("hint: try again in 60 s, or increase --timeout"), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert_eq!(count(&server, path), 1);
    }
}

#[test]
fn a_server_that_never_answers_meets_the_time_allowed() {
    let server = start();
    for path in [LOGIN, LIST] {
        server.heal();
        server.fault(Fault::on(path, FaultKind::Hang));
        let config = "[run]\ntimeout = \"300ms\"\n";
        for (sandbox, flags) in [
            (home(&server), vec!["--timeout", "300ms"]),
            (home(&server).env("HUSHED_TIMEOUT", "300ms"), vec![]),
            (home(&server).file("hushed.toml", config), vec![]),
        ] {
            let begun = Instant::now();
            let said = refusal(&sandbox, &flags);
            let want = format!("caused by: no response from `{}` within 0.3 s\n", server.url());
            assert!(said.contains(&want), "{said}");
            assert!(begun.elapsed() < Duration::from_secs(20), "the default is 30 s");
        }
    }
}

#[test]
fn a_closed_port_is_told() {
    let server = start();
    let sandbox = home(&server);
    let address = server.address();
    drop(server);
    let said = refusal(&sandbox, &["--timeout", "1s"]);
    assert!(said.contains(&format!("`{address}` refuses the connection\n")), "{said}");
}

#[test]
fn a_limit_that_is_only_in_the_message_is_kept() {
    let server = start();
    let body = r#"{"statusCode":429,"error":"RateLimitExceeded",
        "message":"Rate limit exceeded. Please try again in 60 seconds"}"#;
    server.fault(Fault::status(LIST, 429, body));
    assert!(refusal(&home(&server), &[]).contains("asks to wait 60 s\n"));
    assert_eq!(count(&server, LIST), 1);
}

#[test]
fn a_request_of_the_wrong_shape_is_told_and_no_reason_to_log_in_again() {
    // Older servers say 401 for it, which of a token would mean a new login.
    for code in [401, 422] {
        let server = start();
        let body = format!(
            r#"{{"statusCode":{code},"error":"ValidationFailure","message":[{{"code":"invalid_type",
                "path":["environment"],"message":"Required"}}]}}"#
        );
        server.fault(Fault::status(LIST, code, &body));
        let said = refusal(&home(&server), &[]);
        assert!(said.contains("environment") && said.contains("Required"), "{said}");
        assert_eq!((count(&server, LOGIN), count(&server, LIST)), (1, 1), "{code}");
    }
}
