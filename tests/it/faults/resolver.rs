//! A resolver that does not answer, in a network of its own where packets to it get lost.
//! Must not be silent where no such network can be made.

use std::{fs, time::Instant};

use super::{
    MODES, judge,
    rows::rows,
    stage::{Run, Stage},
    table::Cause,
    time,
};
use crate::support::sandbox::hushed;

/// Mounts the file of the first argument as that of the resolver, and runs the rest.
const LOST: &str = "mount --bind \"$1\" /etc/resolv.conf && ip link set lo up && \
                    ip route add 192.0.2.0/24 dev lo && shift && exec \"$@\"";

#[test]
fn a_resolver_that_does_not_answer_holds_nobody_up() {
    let row = rows().find(|row| matches!(row.cause, Cause::SilentResolver)).unwrap();
    let stage = Stage::of(row);
    stage.seed();
    stage.server.forget();
    let file = stage.sandbox.home().join("resolv.conf");
    fs::write(&file, "nameserver 192.0.2.1\n").unwrap();
    let file = file.to_str().unwrap();
    let alone = ["-rmn", "sh", "-c", LOST, "sh", file];
    let tried = stage.sandbox.program("unshare", [&alone[..], &["true"]].concat()).run();
    if !tried.status.success() {
        return eprintln!("skipped: no network of its own can be made here: {}", tried.stderr);
    }
    let empty = stage.empty();
    for (mode, flags) in MODES {
        let (hushed, flag) = (hushed(), time(row).1);
        let run = [hushed.to_str().unwrap(), "run", "--clean-env", "--timeout", flag];
        let mut line = [&alone[..], &run, flags].concat();
        if flags.last() == Some(&"--cache-dir") {
            line.push(empty.to_str().unwrap());
        }
        line.extend(["--", "env", "-0"]);
        let begun = Instant::now();
        let output = stage.sandbox.program("unshare", line).reveals().run();
        let run = Run { output, took: begun.elapsed() };
        judge(&stage, row, mode, &run).unwrap_or_else(|why| panic!("{mode}: {why}"));
    }
}
