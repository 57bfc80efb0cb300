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
];
