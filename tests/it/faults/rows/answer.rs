//! An answer that does not come, comes slowly, or breaks off. Must not do anything.

use std::time::Duration;

use super::{
    super::table::{
        Cause::{Cut, Once},
        Row,
        When::{List, Login},
    },
    AWAY, BROKE, FINE, LOST, TIMEOUT, row,
};
use crate::support::breaker::How;

/// In the middle of an answer's head, and of its body.
const HEAD: usize = 20;
const BODY: usize = 300;

const SLOW: How = How::Drip(Duration::from_millis(50));
const BRISK: How = How::Drip(Duration::ZERO);

pub(super) const ROWS: &[Row] = &[
    row("the server does not answer", Login, Cut(0, How::Hang), AWAY, TIMEOUT),
    row("the server does not answer", List, Cut(0, How::Hang), AWAY, TIMEOUT),
    row("the response stops in its header or body", Login, Cut(HEAD, How::Hang), AWAY, TIMEOUT),
    row("the response stops in its header or body", Login, Cut(BODY, How::Hang), AWAY, TIMEOUT),
    row("the response stops in its header or body", List, Cut(HEAD, How::Hang), AWAY, TIMEOUT),
    row("the response stops in its header or body", List, Cut(BODY, How::Hang), AWAY, TIMEOUT),
    row("the response is too slow for the time limit", Login, Cut(HEAD, SLOW), AWAY, TIMEOUT),
    row("the response is too slow for the time limit", List, Cut(BODY, SLOW), AWAY, TIMEOUT),
    row("the response is slow but within the time limit", Login, Cut(HEAD, BRISK), FINE, ""),
    row("the response is slow but within the time limit", List, Cut(HEAD, BRISK), FINE, ""),
    row(
        "the connection is reset or closed before the response, once",
        Login,
        Once(0, How::Reset),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or closed before the response, once",
        Login,
        Once(HEAD, How::End),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or closed before the response, once",
        List,
        Once(0, How::Reset),
        FINE,
        "",
    ),
    row(
        "the connection is reset or closed before the response, once",
        List,
        Once(HEAD, How::End),
        FINE,
        "",
    ),
    row(
        "the connection is reset or closed before the response, every time",
        List,
        Cut(0, How::End),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or closed before the response, every time",
        List,
        Cut(HEAD, How::Reset),
        AWAY,
        LOST,
    ),
    row(
        "the connection is reset or closed in the body, once",
        Login,
        Once(BODY, How::Reset),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or closed in the body, once",
        Login,
        Once(BODY, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or closed in the body, once",
        List,
        Once(BODY, How::Reset),
        FINE,
        "",
    ),
    row(
        "the connection is reset or closed in the body, once",
        List,
        Once(BODY, How::End),
        FINE,
        "",
    ),
    row(
        "the connection is reset or closed in the body, every time",
        List,
        Cut(BODY, How::Reset),
        AWAY,
        BROKE,
    ),
    row(
        "the connection is reset or closed in the body, every time",
        List,
        Cut(BODY, How::End),
        AWAY,
        BROKE,
    ),
    row(
        "the server half-closes the connection before or in the response",
        Login,
        Cut(0, How::HalfClosed),
        AWAY,
        LOST,
    ),
    row(
        "the server half-closes the connection before or in the response",
        Login,
        Cut(BODY, How::HalfClosed),
        AWAY,
        BROKE,
    ),
    row(
        "the server half-closes the connection before or in the response",
        List,
        Cut(HEAD, How::HalfClosed),
        AWAY,
        LOST,
    ),
    row(
        "the server half-closes the connection before or in the response",
        List,
        Cut(BODY, How::HalfClosed),
        AWAY,
        BROKE,
    ),
    row(
        "the connection to the server is half-closed, and the server gives up",
        Login,
        Cut(0, How::Deaf),
        AWAY,
        LOST,
    ),
    row(
        "the connection to the server is half-closed, and the server gives up",
        List,
        Cut(0, How::Deaf),
        AWAY,
        LOST,
    ),
    row(
        "the connection to the server is half-closed, and the server answers",
        Login,
        Cut(1, How::Deaf),
        FINE,
        "",
    ),
    row(
        "the connection to the server is half-closed, and the server answers",
        List,
        Cut(1, How::Deaf),
        FINE,
        "",
    ),
];
