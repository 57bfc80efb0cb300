//! An answer that is not what it should be. Must not do anything.

use super::{
    super::table::{
        Cause::{Says, Server},
        Row,
        When::{List, Login},
    },
    AWAY, BROKE, MALFORMED, TIMEOUT, WRONG, row,
};
use crate::support::{
    breaker::How,
    infisical::{Fault, FaultKind},
};

const LONG: &str = "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"canary\":1";
const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"canary\":1}";
const CHUNKS: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\ncanary\r\n";
const NO_HTTP: &str = "SSH-2.0-canary\r\n";
const OTHER: &str = r#"{"canary":true}"#;
const DAMAGED: &str = "the response from URL is incomplete JSON";
const WEB_PAGE: &str = "the server at URL is not Infisical: it sent a web page";
const OTHER_JSON: &str = "the server at URL is not Infisical: it sent JSON that is not Infisical's";
const NO_JSON: &str = "the server at URL is not Infisical: it did not send JSON";
const NOT_HTTP: &str = "the server at `ADDRESS` does not speak HTTP";

pub(super) const ROWS: &[Row] = &[
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
    row("the chunks of the body are none", Login, Says(CHUNKS, How::Hang), WRONG, MALFORMED),
    row("the chunks of the body are none", List, Says(CHUNKS, How::Hang), WRONG, MALFORMED),
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
];
