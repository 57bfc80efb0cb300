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
        "`content-length` is too large, and the connection is closed",
        Login,
        Says(LONG, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "`content-length` is too large, and the connection is closed",
        List,
        Says(LONG, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "`content-length` is too large, and the connection stays open",
        Login,
        Says(LONG, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row(
        "`content-length` is too large, and the connection stays open",
        List,
        Says(LONG, How::Hang),
        AWAY,
        TIMEOUT,
    ),
    row("`content-length` is too small", Login, Says(SHORT, How::Hang), WRONG, DAMAGED),
    row(
        "`content-length` is too small",
        List,
        Server(|path| Fault::on(path, FaultKind::ShortLength), None),
        WRONG,
        DAMAGED,
    ),
    row("the chunks of the body are invalid", Login, Says(CHUNKS, How::Hang), WRONG, MALFORMED),
    row("the chunks of the body are invalid", List, Says(CHUNKS, How::Hang), WRONG, MALFORMED),
    row("the response is not HTTP", Login, Says(NO_HTTP, How::Hang), WRONG, NOT_HTTP),
    row("the response is not HTTP", List, Says(NO_HTTP, How::Hang), WRONG, NOT_HTTP),
    row(
        "the response is a web page",
        Login,
        Server(|path| Fault::on(path, FaultKind::Html), None),
        WRONG,
        WEB_PAGE,
    ),
    row(
        "the response is a web page",
        List,
        Server(|path| Fault::on(path, FaultKind::Html), None),
        WRONG,
        WEB_PAGE,
    ),
    row(
        "the response is not JSON",
        Login,
        Server(|path| Fault::status(path, 200, "canary"), None),
        WRONG,
        NO_JSON,
    ),
    row(
        "the response is not JSON",
        List,
        Server(|path| Fault::status(path, 200, "canary"), None),
        WRONG,
        NO_JSON,
    ),
    row(
        "the response is JSON with unexpected content",
        Login,
        Server(|path| Fault::status(path, 200, OTHER), None),
        WRONG,
        OTHER_JSON,
    ),
    row(
        "the response is JSON with unexpected content",
        List,
        Server(|path| Fault::status(path, 200, OTHER), None),
        WRONG,
        OTHER_JSON,
    ),
];
