//! An answer that asks to come again, or to stay away. Must not do anything.

use super::{
    super::table::{
        Cause::Server,
        Row,
        When::{List, Login},
    },
    AWAY, FINE, row,
};
use crate::support::infisical::{Fault, FaultKind};

const LIMITED: &str = "`URL` limits the rate of requests (429)";

fn status(path: &str, code: u16) -> Fault {
    Fault::status(path, code, r#"{"message":"down","error":"Down"}"#)
}

pub(super) const ROWS: &[Row] = &[
    row(
        "rate limit (429) that ends within the time limit, with or without `retry-after`",
        Login,
        Server(|path| status(path, 429), Some(2)),
        FINE,
        "",
    ),
    row(
        "rate limit (429) that ends within the time limit, with or without `retry-after`",
        List,
        Server(|path| Fault::on(path, FaultKind::RateLimited(1)), Some(1)),
        FINE,
        "",
    ),
    row(
        "rate limit (429) without `retry-after` until the time limit",
        Login,
        Server(|path| status(path, 429), None),
        AWAY,
        LIMITED,
    ),
    row(
        "rate limit (429) without `retry-after` until the time limit",
        List,
        Server(|path| status(path, 429), None),
        AWAY,
        LIMITED,
    ),
    row(
        "rate limit (429) with a `retry-after` beyond the time limit",
        Login,
        Server(|path| Fault::on(path, FaultKind::RateLimited(60)), None),
        AWAY,
        "`URL` limits the rate of requests (429) and asks to wait 60 s",
    ),
    row(
        "rate limit (429) with a `retry-after` beyond the time limit",
        List,
        Server(|path| Fault::on(path, FaultKind::RateLimited(60)), None),
        AWAY,
        "`URL` limits the rate of requests (429) and asks to wait 60 s",
    ),
    row(
        "status 502, 503 or 504, up to four times",
        Login,
        Server(|path| status(path, 502), Some(2)),
        FINE,
        "",
    ),
    row(
        "status 502, 503 or 504, up to four times",
        List,
        Server(|path| status(path, 503), Some(2)),
        FINE,
        "",
    ),
    row(
        "status 502, 503 or 504, five times or more",
        Login,
        Server(|path| status(path, 503), None),
        AWAY,
        "`URL` is unavailable (503) after 5 attempts",
    ),
    row(
        "status 502, 503 or 504, five times or more",
        List,
        Server(|path| status(path, 504), None),
        AWAY,
        "`URL` is unavailable (504) after 5 attempts",
    ),
    row(
        "status 500, even once",
        Login,
        Server(|path| status(path, 500), Some(1)),
        AWAY,
        "the server answered 500 Internal Server Error: down",
    ),
    row(
        "status 500, even once",
        List,
        Server(|path| status(path, 500), Some(1)),
        AWAY,
        "the server answered 500 Internal Server Error: down",
    ),
    row(
        "status 500 with `retry-after`, within the time limit",
        Login,
        Server(|path| status(path, 500).header("retry-after", "0"), Some(2)),
        FINE,
        "",
    ),
    row(
        "status 500 with `retry-after`, within the time limit",
        List,
        Server(|path| status(path, 500).header("retry-after", "0"), Some(2)),
        FINE,
        "",
    ),
];
