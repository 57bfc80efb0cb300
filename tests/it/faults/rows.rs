//! The rows of the table of hushed-faults(7), by when it happens: while connecting, at the login, at the
//! list. Must not do anything.

use std::time::Duration;

use super::table::{
    Cause::{self, Cut, Handshake, Once, Says, Server},
    Ends::{self, Cached, Fails, Starts},
    Row,
    When::{self, Connecting, List, Login},
};
use crate::support::{
    breaker::How,
    infisical::{Certificate, Fault, FaultKind},
};

const fn row(
    what: &'static str,
    when: When,
    cause: Cause,
    (none, fallback): (Ends, Ends),
    says: &'static str,
) -> Row {
    Row { what, when, cause, none, fallback, says }
}

/// The server is away: the cache may stand in.
const AWAY: (Ends, Ends) = (Fails, Cached);
/// Somebody answered: the cache does not stand in.
const WRONG: (Ends, Ends) = (Fails, Fails);
/// It passes.
const FINE: (Ends, Ends) = (Starts, Starts);

/// In the middle of an answer's head, and of its body.
const HEAD: usize = 20;
const BODY: usize = 300;

const SLOW: How = How::Drip(Duration::from_millis(50));
const BRISK: How = How::Drip(Duration::ZERO);

const TIMEOUT: &str = "no answer from `URL` within TIME";
const LOST: &str = "the connection to `URL` was lost before an answer came";
const BROKE: &str = "the answer from `URL` broke off after N bytes";
const NO_TLS: &str = "no trusted connection to `ADDRESS`: it does not speak TLS";
const EXPIRED: &str = "no trusted connection to `ADDRESS`: its certificate has expired";
const OTHER_NAME: &str = "no trusted connection to `ADDRESS`: its certificate is not for this name";
const UNTRUSTED: &str =
    "no trusted connection to `ADDRESS`: its certificate is from an issuer that is not trusted";
const LIMITED: &str = "`URL` limits the rate of requests (429)";

const LONG: &str = "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"canary\":1";
const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"canary\":1}";
const CHUNKS: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\ncanary\r\n";
const NO_HTTP: &str = "SSH-2.0-canary\r\n";
const OTHER: &str = r#"{"canary":true}"#;
const DAMAGED: &str = "the answer from URL is incomplete JSON";
const WEB_PAGE: &str = "what answers at URL is not Infisical: it sends a web page";
const OTHER_JSON: &str =
    "what answers at URL is not Infisical: it sends JSON that is not Infisical's";
const NO_JSON: &str = "what answers at URL is not Infisical: it sends no JSON";
const NOT_HTTP: &str = "what answers at `ADDRESS` does not speak HTTP";

fn status(path: &str, code: u16) -> Fault {
    Fault::status(path, code, r#"{"message":"down","error":"Down"}"#)
}

/// All of it.
pub(crate) const ROWS: &[Row] = &[
    row(
        "the server's name has no address",
        Connecting,
        Cause::NoName,
        AWAY,
        "no address is known for the host `secrets.invalid`",
    ),
    row("the resolver does not answer", Connecting, Cause::SilentResolver, AWAY, TIMEOUT),
    row(
        "nothing listens at the port",
        Connecting,
        Cause::Refused,
        AWAY,
        "`ADDRESS` refuses the connection",
    ),
    row(
        "TLS: no answer to the handshake, or half of one",
        Connecting,
        Handshake(0, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row(
        "TLS: no answer to the handshake, or half of one",
        Connecting,
        Handshake(500, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row(
        "TLS: the connection is reset or ends in the handshake",
        Connecting,
        Handshake(0, How::Reset),
        AWAY,
        "no connection to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or ends in the handshake",
        Connecting,
        Handshake(500, How::Reset),
        AWAY,
        "no connection to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or ends in the handshake",
        Connecting,
        Handshake(0, How::End),
        AWAY,
        "no connection to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or ends in the handshake",
        Connecting,
        Handshake(500, How::HalfClosed),
        AWAY,
        "no connection to `ADDRESS`",
    ),
    row("TLS: the server does not speak it", Connecting, Cause::NoTls, WRONG, NO_TLS),
    row(
        "TLS: the certificate is out of date",
        Connecting,
        Cause::Certificate(Certificate::Expired),
        WRONG,
        EXPIRED,
    ),
    row(
        "TLS: the certificate is for another name",
        Connecting,
        Cause::Certificate(Certificate::OtherName),
        WRONG,
        OTHER_NAME,
    ),
    row(
        "TLS: the certificate is by nobody trusted",
        Connecting,
        Cause::Certificate(Certificate::SelfSigned),
        WRONG,
        UNTRUSTED,
    ),
    row(
        "TLS: after the login, on a new connection: a certificate that is out of date",
        List,
        Cause::Change(Certificate::Expired),
        WRONG,
        EXPIRED,
    ),
    row(
        "TLS: after the login, on a new connection: a certificate for another name",
        List,
        Cause::Change(Certificate::OtherName),
        WRONG,
        OTHER_NAME,
    ),
    row(
        "TLS: after the login, on a new connection: a certificate by nobody trusted",
        List,
        Cause::Change(Certificate::SelfSigned),
        WRONG,
        UNTRUSTED,
    ),
    row(
        "TLS: after the login, on a new connection: a certificate that is right",
        List,
        Cause::Change(Certificate::Right),
        FINE,
        "",
    ),
    row("no answer comes", Login, Cut(0, How::Hang), AWAY, TIMEOUT),
    row("no answer comes", List, Cut(0, How::Hang), AWAY, TIMEOUT),
    row("the answer stops in its head or its body", Login, Cut(HEAD, How::Hang), AWAY, TIMEOUT),
    row("the answer stops in its head or its body", Login, Cut(BODY, How::Hang), AWAY, TIMEOUT),
    row("the answer stops in its head or its body", List, Cut(HEAD, How::Hang), AWAY, TIMEOUT),
    row("the answer stops in its head or its body", List, Cut(BODY, How::Hang), AWAY, TIMEOUT),
    row("the answer drips, too slowly for the time", Login, Cut(HEAD, SLOW), AWAY, TIMEOUT),
    row("the answer drips, too slowly for the time", List, Cut(BODY, SLOW), AWAY, TIMEOUT),
    row("the answer drips, and is there in time", Login, Cut(HEAD, BRISK), FINE, ""),
    row("the answer drips, and is there in time", List, Cut(HEAD, BRISK), FINE, ""),
    row(
        "the connection is reset or ends before the answer, once",
        Login,
        Once(0, How::Reset),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or ends before the answer, once",
        Login,
        Once(HEAD, How::End),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or ends before the answer, once",
        List,
        Once(0, How::Reset),
        FINE,
        "",
    ),
    row(
        "the connection is reset or ends before the answer, once",
        List,
        Once(HEAD, How::End),
        FINE,
        "",
    ),
    row(
        "the connection is reset or ends before the answer, each time",
        List,
        Cut(0, How::End),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or ends before the answer, each time",
        List,
        Cut(HEAD, How::Reset),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or ends in the body, once",
        Login,
        Once(BODY, How::Reset),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or ends in the body, once",
        Login,
        Once(BODY, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or ends in the body, once",
        List,
        Once(BODY, How::Reset),
        FINE,
        "",
    ),
    row("the connection is reset or ends in the body, once", List, Once(BODY, How::End), FINE, ""),
    row(
        "the connection is reset or ends in the body, each time",
        List,
        Cut(BODY, How::Reset),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or ends in the body, each time",
        List,
        Cut(BODY, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is half closed by the server, before the answer or in it",
        Login,
        Cut(0, How::HalfClosed),
        AWAY,
        LOST,
    ),
    row(
        "the connection is half closed by the server, before the answer or in it",
        Login,
        Cut(BODY, How::HalfClosed),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is half closed by the server, before the answer or in it",
        List,
        Cut(HEAD, How::HalfClosed),
        AWAY,
        LOST,
    ),
    row(
        "the connection is half closed by the server, before the answer or in it",
        List,
        Cut(BODY, How::HalfClosed),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is half closed on the way there, and the server gives up",
        Login,
        Cut(0, How::Deaf),
        AWAY,
        LOST,
    ),
    row(
        "the connection is half closed on the way there, and the server gives up",
        List,
        Cut(0, How::Deaf),
        AWAY,
        LOST,
    ),
    row(
        "the connection is half closed on the way there, and the server answers",
        Login,
        Cut(1, How::Deaf),
        FINE,
        "",
    ),
    row(
        "the connection is half closed on the way there, and the server answers",
        List,
        Cut(1, How::Deaf),
        FINE,
        "",
    ),
    row(
        "`content-length` is too long, and the connection ends",
        Login,
        Says(LONG, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "`content-length` is too long, and the connection ends",
        List,
        Says(LONG, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "`content-length` is too long, and the connection stays",
        Login,
        Says(LONG, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row(
        "`content-length` is too long, and the connection stays",
        List,
        Says(LONG, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row("`content-length` is too short", Login, Says(SHORT, How::Hang), WRONG, DAMAGED),
    row(
        "`content-length` is too short",
        List,
        Server(|path| Fault::on(path, FaultKind::ShortLength), None),
        WRONG,
        DAMAGED,
    ),
    row("the chunks of the body are none", Login, Says(CHUNKS, How::Hang), AWAY, BROKE),
    row("the chunks of the body are none", List, Says(CHUNKS, How::Hang), AWAY, BROKE),
    row("what comes is no HTTP", Login, Says(NO_HTTP, How::Hang), WRONG, NOT_HTTP),
    row("what comes is no HTTP", List, Says(NO_HTTP, How::Hang), WRONG, NOT_HTTP),
    row(
        "what comes is a web page",
        Login,
        Server(|path| Fault::on(path, FaultKind::Html), None),
        WRONG,
        WEB_PAGE,
    ),
    row(
        "what comes is a web page",
        List,
        Server(|path| Fault::on(path, FaultKind::Html), None),
        WRONG,
        WEB_PAGE,
    ),
    row(
        "what comes is no JSON",
        Login,
        Server(|path| Fault::status(path, 200, "canary"), None),
        WRONG,
        NO_JSON,
    ),
    row(
        "what comes is no JSON",
        List,
        Server(|path| Fault::status(path, 200, "canary"), None),
        WRONG,
        NO_JSON,
    ),
    row(
        "what comes is JSON of another shape",
        Login,
        Server(|path| Fault::status(path, 200, OTHER), None),
        WRONG,
        OTHER_JSON,
    ),
    row(
        "what comes is JSON of another shape",
        List,
        Server(|path| Fault::status(path, 200, OTHER), None),
        WRONG,
        OTHER_JSON,
    ),
    row(
        "the rate is limited (429) for shorter than the time, with or without `retry-after`",
        Login,
        Server(|path| status(path, 429), Some(2)),
        FINE,
        "",
    ),
    row(
        "the rate is limited (429) for shorter than the time, with or without `retry-after`",
        List,
        Server(|path| Fault::on(path, FaultKind::RateLimited(1)), Some(1)),
        FINE,
        "",
    ),
    row(
        "the rate is limited (429) until the time is over, without `retry-after`",
        Login,
        Server(|path| status(path, 429), None),
        AWAY,
        LIMITED,
    ),
    row(
        "the rate is limited (429) until the time is over, without `retry-after`",
        List,
        Server(|path| status(path, 429), None),
        AWAY,
        LIMITED,
    ),
    row(
        "the rate is limited (429), with a `retry-after` beyond the time",
        Login,
        Server(|path| Fault::on(path, FaultKind::RateLimited(60)), None),
        AWAY,
        "`URL` limits the rate of requests (429) and asks to wait 60 s",
    ),
    row(
        "the rate is limited (429), with a `retry-after` beyond the time",
        List,
        Server(|path| Fault::on(path, FaultKind::RateLimited(60)), None),
        AWAY,
        "`URL` limits the rate of requests (429) and asks to wait 60 s",
    ),
    row(
        "the server fails with 502, 503 or 504, up to four times",
        Login,
        Server(|path| status(path, 502), Some(2)),
        FINE,
        "",
    ),
    row(
        "the server fails with 502, 503 or 504, up to four times",
        List,
        Server(|path| status(path, 503), Some(2)),
        FINE,
        "",
    ),
    row(
        "the server fails with 502, 503 or 504, more often",
        Login,
        Server(|path| status(path, 503), None),
        AWAY,
        "`URL` cannot answer now (503), asked 5 times",
    ),
    row(
        "the server fails with 502, 503 or 504, more often",
        List,
        Server(|path| status(path, 504), None),
        AWAY,
        "`URL` cannot answer now (504), asked 5 times",
    ),
    row(
        "the server fails with 500, even once",
        Login,
        Server(|path| status(path, 500), Some(1)),
        AWAY,
        "the server answered 500 Internal Server Error: down",
    ),
    row(
        "the server fails with 500, even once",
        List,
        Server(|path| status(path, 500), Some(1)),
        AWAY,
        "the server answered 500 Internal Server Error: down",
    ),
    row(
        "the server fails with 500 and `retry-after`, for shorter than the time",
        Login,
        Server(|path| status(path, 500).header("retry-after", "0"), Some(2)),
        FINE,
        "",
    ),
    row(
        "the server fails with 500 and `retry-after`, for shorter than the time",
        List,
        Server(|path| status(path, 500).header("retry-after", "0"), Some(2)),
        FINE,
        "",
    ),
];
