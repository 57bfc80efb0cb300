//! Breaks after each byte of what comes back: whatever the place, a command starts with all of its
//! secrets or not at all, and nobody waits beyond the time allowed.

use std::time::Duration;

use super::{
    SLACK,
    stage::{Stage, each, http2, plain, secrets, secure},
};
use crate::support::{
    breaker::{Break, How, Since},
    infisical::{Certificate, Server},
};

/// How long a run may take here: hanging is what it does.
const TIME: (Duration, &str) = (Duration::from_millis(400), "400ms");

const HOWS: [How; 3] = [How::Hang, How::Reset, How::End];

/// Runs once without a break, and gives how many bytes come back.
fn length(stage: &Stage, since: Since) -> usize {
    let breaker = stage.breaker().unwrap();
    breaker.script(Some(Break::new(since, usize::MAX, How::Hang)));
    stage.run(&[]).output.success();
    breaker.passed()
}

/// Breaks after so many bytes; says what is not as it must be.
fn break_at(stage: &Stage, since: Since, at: usize, how: How, may_start: bool) -> Option<String> {
    stage.breaker().unwrap().script(Some(Break::new(since, at, how)));
    let run = stage.run(&["--timeout", TIME.1]);
    let started = run.environment();
    let what = match (started, run.output.code()) {
        (Some(environment), 0) if may_start && environment == secrets() => None,
        (None, 125) => None,
        (Some(_), _) => Some("the command started"),
        (None, _) => Some("another exit code"),
    };
    let late = run.took > TIME.0 + SLACK;
    let what = if late { Some("it took too long") } else { what };
    what.map(|what| format!("{since:?}, byte {at}, {how:?}: {what}\n{}", run.output.stderr))
}

fn sweep(stride: usize) {
    let mut cases = Vec::new();
    let ways: [(Since, fn() -> Server); 4] = [
        (Since::Request("POST "), plain),
        (Since::Request("GET "), plain),
        // What TLS says before the first answer, and the answers in it.
        (Since::Connection, || secure(Certificate::Right)),
        (Since::Connection, http2),
    ];
    for (since, server) in ways {
        let make = move || Stage::before(server());
        let whole = length(&make(), since);
        assert!(whole > 500, "{since:?}: {whole} bytes");
        for how in HOWS {
            // A server for each few.
            let places: Vec<usize> = (0..whole).step_by(stride).collect();
            for places in places.chunks(8) {
                cases.push((make, since, how, whole, places.to_vec()));
            }
        }
    }
    each(&cases, |(make, since, how, whole, places)| {
        let stage = make();
        // A list that broke is asked for on a new connection, which says less before it. The end of a
        // connection over TLS is no part of an answer; its length differs by signatures.
        let may_start =
            |at| *since == Since::Connection && (*how != How::Hang || at + 100 >= *whole);
        let broken = |at: &usize| break_at(&stage, *since, *at, *how, may_start(*at));
        places.iter().filter_map(broken).collect()
    });
}

#[test]
fn a_break_at_any_byte_starts_nothing_with_half_its_secrets() {
    sweep(41);
}

#[test]
#[ignore = "every byte takes minutes: .ci/long runs it"]
fn a_break_at_every_byte_starts_nothing_with_half_its_secrets() {
    sweep(1);
}
