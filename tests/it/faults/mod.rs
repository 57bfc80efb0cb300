//! Faults on the way to a server: what comes of each, in each mode of the cache.
//! Must not test what a server means that answers as it should: that is `infisical`.

mod crowd;
mod resolver;
mod rows;
mod stage;
mod supervised;
mod sweep;
pub(crate) mod table;

use std::time::Duration;

use crate::support::infisical::{Fault, FaultKind};
use rows::rows;
use stage::{Run, Stage, each, labels, secrets};
use table::{Cause, Ends, Row, Way, When};

/// How much longer than the time allowed a run may take here, where others work too.
const SLACK: Duration = Duration::from_secs(5);

/// The modes of the cache, with what the table says of them; and a run that writes nothing at all, whose
/// fetch is a process of its own, and one that stays as the command's parent: both end as without a
/// cache. What stays to redact has a cache here.
const MODES: [(&str, &[&str]); 9] = [
    ("no cache", &[]),
    ("ttl, younger", &["--cache", "ttl=1h"]),
    ("fallback", &["--cache", "fallback"]),
    ("fallback, nothing there", &["--cache", "fallback", "--cache-dir"]),
    ("offline", &["--offline"]),
    ("ttl, older", &["--cache", "ttl=1ms"]),
    ("disk-free", &["--disk-free=best-effort"]),
    ("init", &["--init"]),
    (REDACTED, &["--redact", "--cache", "fallback"]),
];

/// The mode in which the command's output shows labels in place of values.
const REDACTED: &str = "redact, fallback";

#[test]
fn every_fault_ends_as_the_manual_says() {
    let rows = rows().filter(|row| !matches!(row.cause, Cause::SilentResolver));
    // In parts, because each row waits, and so none waits for long.
    let items: Vec<_> =
        rows.flat_map(|row| MODES.chunks(3).map(move |modes| (row, modes))).collect();
    each(&items, |(row, modes)| {
        let mut stage = Stage::of(row);
        stage.seed();
        let mut wrong = Vec::new();
        for (mode, flags) in *modes {
            stage.strike(row);
            if let Err(why) = check(&stage, row, mode, flags) {
                wrong
                    .push(format!("{} ({:?}, {:?}), {mode}: {why}", row.what, row.when, row.cause));
            }
        }
        wrong
    });
}

/// How long a run of this row may take: short where it is to be over, or where waits are a part of it; and
/// longer than it takes to ask five times elsewhere, though others work here too.
fn time(row: &Row) -> (Duration, &'static str) {
    let is_limit = row.what.contains("(429)") || row.what.contains("`retry-after`");
    let (seconds, flag) = match () {
        () if row.says.contains("TIME") => (1, "1s"),
        () if is_limit => (4, "4s"),
        () => (15, "15s"),
    };
    (Duration::from_secs(seconds), flag)
}

/// Runs a row in a mode; says what is not as the table has it.
fn check(stage: &Stage, row: &Row, mode: &str, flags: &[&str]) -> Result<(), String> {
    let (_, flag) = time(row);
    let empty = stage.empty();
    let mut line = vec!["--timeout", flag];
    line.extend(flags);
    if flags.last() == Some(&"--cache-dir") {
        line.push(empty.to_str().unwrap());
    }
    judge(stage, row, mode, &stage.run(&line))
}

/// Compares a run with the table; says what is not as it has it.
fn judge(stage: &Stage, row: &Row, mode: &str, run: &Run) -> Result<(), String> {
    let (want, asks) = match mode {
        "no cache" | "disk-free" | "init" | "ttl, older" | "fallback, nothing there" => {
            (row.none, true)
        }
        "fallback" | REDACTED => (row.fallback, true),
        _ => (Ends::Cached, false),
    };
    let said = &run.output.stderr;
    if run.took > time(row).0 + SLACK {
        return Err(format!("it took {:?}", run.took));
    }
    let left = stage.left_behind();
    if !left.is_empty() {
        return Err(format!("left behind: {left:?}"));
    }
    if !asks && stage.connections() + stage.server.requests().len() > 0 {
        return Err("a server was asked".into());
    }
    let scripted = matches!(
        row.cause,
        Cause::Cut(..)
            | Cause::Once(..)
            | Cause::Says(..)
            | Cause::Handshake(..)
            | Cause::Http2(..)
            | Cause::Proxy(Way::Cut(..) | Way::Says(..) | Way::Once(..))
    );
    if asks && scripted && stage.met() == 0 {
        return Err(format!("nothing went wrong\n{said}"));
    }
    if want == Ends::Fails {
        return failed(stage, row, run);
    }
    let whole = if mode == REDACTED { labels() } else { secrets() };
    if run.environment() != Some(whole) {
        return Err(format!("the command did not get all\n{said}"));
    }
    let from_cache = said.starts_with("hushed: source `infisical` is from the cache, ");
    // Where the kernel cannot hold all back, a run without a disk says so.
    let is_silent =
        said.lines().all(|line| mode == "disk-free" && line.starts_with("hushed: warning: "));
    match (want, from_cache) {
        (Ends::Cached, true) => Ok(()),
        (Ends::Starts, false) if is_silent => Ok(()),
        _ => Err(said.clone()),
    }
}

/// Describes what is wrong with an error.
fn failed(stage: &Stage, row: &Row, run: &Run) -> Result<(), String> {
    let said = &run.output.stderr;
    if run.output.code() != 125 || run.environment().is_some() {
        return Err(format!("{}: the command started", run.output.code()));
    }
    let causes = run.causes();
    let Some(first) = causes.first() else { return Err(said.clone()) };
    let doing = match row.when {
        When::Connecting | When::Login => "cannot log in to Infisical at",
        When::List => "cannot read secrets from Infisical at",
    };
    let doing = format!("{doing} {}", stage.url);
    let want = stage.fill(row.says, "1 s");
    let (outermost, inner) = causes.split_first().unwrap_or((first, &[]));
    let have = match inner {
        [] => outermost.clone(),
        _ if *outermost == doing => inner.join(": "),
        _ => return Err(format!("another first line\n{said}")),
    };
    let (start, end) = want.split_once(" N ").unwrap_or((&want, ""));
    let as_in_table = have.starts_with(start) && have.contains(end);
    if as_in_table { Ok(()) } else { Err(format!("want {want}\n{said}")) }
}

/// Keeps the table honest: whatever is in it is there for each time at which it can happen.
#[test]
fn every_fault_is_in_the_table_at_the_login_and_at_the_list() {
    for row in rows() {
        let times: Vec<When> = rows().filter(|it| it.what == row.what).map(|it| it.when).collect();
        let whole = match row.when {
            When::Connecting => times.iter().all(|when| *when == When::Connecting),
            _ if matches!(row.cause, Cause::Change(_)) => times == [When::List],
            _ => {
                row.what.ends_with("every time")
                    || row.what.ends_with("every connection")
                    || times.contains(&When::Login) && times.contains(&When::List)
            }
        };
        assert!(whole, "{}: {times:?}", row.what);
        assert_eq!(row.says.is_empty(), row.none == Ends::Starts, "{}", row.what);
    }
}

#[test]
fn a_folder_that_fails_beside_one_that_does_not_starts_nothing() {
    let stage = Stage::before(stage::plain());
    let all = ["--path", "/", "--path", "/more", "--cache", "fallback"];
    let whole = stage.run(&all).environment();
    assert_eq!(whole.as_ref().map(std::collections::BTreeMap::len), Some(secrets().len() + 1));
    for (kind, time) in
        [(FaultKind::Hang, "600ms"), (FaultKind::Reset, "1s"), (FaultKind::Html, "4s")]
    {
        let away = !matches!(kind, FaultKind::Html);
        // The first list is answered, whichever it is; no later one is.
        stage.server.heal();
        stage.server.fault(Fault::on(stage::LIST, kind).after(1));
        let flags = [&all[..4], &["--timeout", time]].concat();
        let run = stage.run(&flags);
        assert_eq!((run.output.code(), run.environment()), (125, None), "{}", run.output.stderr);
        stage.server.heal();
        stage.server.fault(Fault::on(stage::LIST, FaultKind::Hang).after(1));
        if away {
            let run = stage.run(&[&all[..], &["--timeout", time]].concat());
            assert_eq!(run.environment(), whole, "{}", run.output.stderr);
        }
    }
}
