//! A proxy that makes no tunnel to the server. Must not do anything.

use super::{
    super::table::{
        Cause::Proxy,
        Row,
        Way::{self, Cut, Says},
        When::{Connecting, List, Login},
    },
    AWAY, FINE, WRONG, row,
};
use crate::support::breaker::{Closed, How};

/// In the middle of the proxy's answer.
const HALF: usize = 8;

const WITHIN: &str =
    "cannot connect to `ADDRESS` through the proxy `PROXY` (HTTPS_PROXY) within TIME";
const UNREACHABLE: &str = "cannot connect to the proxy `PROXY` (HTTPS_PROXY)";
const LOST: &str = "the proxy `PROXY` (HTTPS_PROXY) closed the connection before it responded";
const CREDENTIALS: &str = "the proxy `PROXY` (HTTPS_PROXY) requires valid credentials (407)";
const NO_TUNNEL: &str = "the proxy `PROXY` (HTTPS_PROXY) refuses to connect to `URL`";

const GARBAGE: &str = "SSH-2.0-canary\r\n";
const WEB_PAGE: &str = "<!DOCTYPE html><title>canary</title>\r\n\r\n";
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 60\r\n\r\n";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
const ASKS: &str = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                    proxy-authenticate: Basic realm=\"canary\"\r\n\r\n";

pub(super) const ROWS: &[Row] = &[
    row(
        "the proxy refuses the connection",
        Connecting,
        Proxy(Way::Closed(Closed::Refusing)),
        AWAY,
        UNREACHABLE,
    ),
    row(
        "the proxy does not accept the connection",
        Connecting,
        Proxy(Way::Closed(Closed::Silent)),
        AWAY,
        WITHIN,
    ),
    row(
        "the proxy accepts the connection and does not answer",
        Login,
        Proxy(Cut(0, How::Hang)),
        AWAY,
        WITHIN,
    ),
    row(
        "the proxy accepts the connection and does not answer",
        List,
        Proxy(Cut(0, How::Hang)),
        AWAY,
        WITHIN,
    ),
    row("the proxy sends an incomplete answer", Login, Proxy(Cut(HALF, How::Hang)), AWAY, WITHIN),
    row("the proxy sends an incomplete answer", List, Proxy(Cut(HALF, How::Hang)), AWAY, WITHIN),
    row("the proxy closes or resets every connection", Login, Proxy(Cut(0, How::End)), AWAY, LOST),
    row("the proxy closes or resets every connection", List, Proxy(Cut(0, How::End)), AWAY, LOST),
    row(
        "the proxy closes or resets every connection",
        Login,
        Proxy(Cut(HALF, How::Reset)),
        AWAY,
        LOST,
    ),
    row(
        "the proxy closes or resets every connection",
        List,
        Proxy(Cut(HALF, How::Reset)),
        AWAY,
        LOST,
    ),
    row(
        "the proxy closes the connection or answers 502, once",
        Login,
        Proxy(Way::Once("", How::End)),
        FINE,
        "",
    ),
    row(
        "the proxy closes the connection or answers 502, once",
        List,
        Proxy(Way::Once("", How::End)),
        FINE,
        "",
    ),
    row(
        "the proxy closes the connection or answers 502, once",
        Login,
        Proxy(Way::Once(BAD_GATEWAY, How::End)),
        FINE,
        "",
    ),
    row(
        "the proxy closes the connection or answers 502, once",
        List,
        Proxy(Way::Once(BAD_GATEWAY, How::End)),
        FINE,
        "",
    ),
    row(
        "the proxy answers 403, 502 or 503",
        Login,
        Proxy(Says(FORBIDDEN, How::End)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy answers 403, 502 or 503",
        List,
        Proxy(Says(FORBIDDEN, How::End)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy answers 403, 502 or 503",
        Login,
        Proxy(Says(BAD_GATEWAY, How::Hang)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy answers 403, 502 or 503",
        List,
        Proxy(Says(BAD_GATEWAY, How::Hang)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy answers 403, 502 or 503",
        Login,
        Proxy(Says(UNAVAILABLE, How::End)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy answers 403, 502 or 503",
        List,
        Proxy(Says(UNAVAILABLE, How::End)),
        AWAY,
        NO_TUNNEL,
    ),
    row(
        "the proxy requires authentication (407)",
        Login,
        Proxy(Says(ASKS, How::Hang)),
        WRONG,
        CREDENTIALS,
    ),
    row(
        "the proxy requires authentication (407)",
        List,
        Proxy(Says(ASKS, How::Hang)),
        WRONG,
        CREDENTIALS,
    ),
    row("the proxy's answer is not HTTP", Login, Proxy(Says(GARBAGE, How::Hang)), AWAY, NO_TUNNEL),
    row("the proxy's answer is not HTTP", List, Proxy(Says(GARBAGE, How::Hang)), AWAY, NO_TUNNEL),
    row("the proxy's answer is not HTTP", Login, Proxy(Says(WEB_PAGE, How::End)), AWAY, NO_TUNNEL),
    row("the proxy's answer is not HTTP", List, Proxy(Says(WEB_PAGE, How::End)), AWAY, NO_TUNNEL),
];
