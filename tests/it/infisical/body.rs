//! Bodies that are no answer: each is told by what is wrong with it, and nothing of it is quoted.
//! Must not test refusals.

use super::fixture::{LIST, LOGIN, count, home, refusal, start};
use crate::support::infisical::{Fault, FaultKind};

#[test]
fn a_body_that_cannot_be_read_is_told() {
    let json = |path, body: &str| Fault::status(path, 200, body);
    let text = |path, body: &str| json(path, body).header("content-type", "text/plain");
    for (fault, want, times) in [
        (Fault::on(LIST, FaultKind::Huge(33 << 20)), "is larger than 33554432 bytes\n", 1),
        (Fault::on(LOGIN, FaultKind::Huge(33 << 20)), "is larger than 33554432 bytes\n", 0),
        (Fault::on(LIST, FaultKind::Html), "is not Infisical: it sent a web page\n", 1),
        (Fault::on(LOGIN, FaultKind::Html), "is not Infisical: it sent a web page\n", 0),
        (Fault::on(LIST, FaultKind::Truncated), "ended early, after ", 5),
        (Fault::on(LIST, FaultKind::ShortLength), "is incomplete JSON\n", 1),
        (Fault::on(LIST, FaultKind::InvalidUtf8), "is not valid UTF-8\n", 1),
        (Fault::on(LOGIN, FaultKind::InvalidUtf8), "is not valid UTF-8\n", 0),
        (json(LIST, r#"{"canary":1}"#), "it sent JSON that is not Infisical's\n", 1),
        (json(LIST, r#"{"secrets":"canary"}"#), "it sent JSON that is not Infisical's\n", 1),
        (json(LIST, r#"["canary"]"#), "it sent JSON that is not Infisical's\n", 1),
        (
            json(LIST, r#"{"secrets":[{"secretKey":1}]}"#),
            "it sent JSON that is not Infisical's\n",
            1,
        ),
        (json(LIST, r#"{"secrets":[canary]}"#), "is not valid JSON at line 1, column 13\n", 1),
        (json(LIST, ""), "is incomplete JSON\n", 1),
        (json(LOGIN, r#"{"token":"canary"}"#), "it sent JSON that is not Infisical's\n", 0),
        (text(LIST, "It works! canary"), "it did not send JSON\n", 1),
    ] {
        let server = start();
        let what = format!("{fault:?}").chars().take(90).collect::<String>();
        server.fault(fault);
        let said = refusal(&home(&server), &[]);
        assert!(said.contains(want), "{what}: {said}");
        assert!(said.contains("\n  hint: "), "{what}: {said}");
        assert_eq!(count(&server, LIST), times, "{what}");
    }
}

#[test]
fn a_page_for_people_is_no_refusal_of_infisicals() {
    for (code, kind, body, want) in [
        (404, "text/html", "<html>canary</html>", "it sent a web page"),
        (404, "text/plain", "404 page not found", "it did not send JSON"),
        (403, "application/json", r#"{"detail":"canary"}"#, "it sent JSON that is not Infisical's"),
    ] {
        let server = start();
        server.fault(Fault::status(LOGIN, code, body).header("content-type", kind));
        let said = refusal(&home(&server), &[]);
        assert!(said.contains(&format!("is not Infisical: {want}\n")), "{said}");
    }
}

#[test]
fn a_token_that_no_header_can_hold_is_told() {
    let server = start();
    for token in ["canary\u{7f}", "canary\nX-Injected: yes"] {
        server.fault(Fault::status(
            LOGIN,
            200,
            &serde_json::json!({"accessToken": token, "expiresIn": 1}).to_string(),
        ));
        let said = refusal(&home(&server), &[]);
        assert!(
            said.contains("the token contains a character that is not allowed in an HTTP header"),
            "{said}"
        );
        server.heal();
    }
    assert_eq!(count(&server, LIST), 0);
}
