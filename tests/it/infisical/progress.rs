//! The progress line of a slow fetch.
//! Must not test what the fetch gives.

use std::time::Duration;

use super::fixture::{LIST, home, start};
use crate::support::{
    infisical::{Fault, FaultKind},
    sandbox::hushed,
};

#[test]
fn a_slow_fetch_shows_a_line_on_a_terminal_and_erases_it_before_the_command_runs() {
    let server = start();
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/output/terminal.py");
    let hushed = hushed().to_string_lossy().into_owned();
    let line = [driver, "--", &hushed, "run", "--", "echo", "started"];
    for (seconds, is_shown) in [(0, false), (3, true)] {
        server.heal();
        server.fault(Fault::on(LIST, FaultKind::Delay(Duration::from_secs(seconds))));
        // A confined fetch has no terminal.
        let sandbox = home(&server).without("HUSHED_DISK_FREE");
        let seen = sandbox.program("python3", line).run().success().stdout;
        assert_eq!(seen.contains("hushed: fetching secrets |"), is_shown, "{seen:?}");
        if is_shown {
            let erased = format!("\r{}\rstarted", " ".repeat(26));
            assert!(seen.contains(&erased), "{seen:?}");
        }
        assert_eq!(seen.matches("started").count(), 1, "{seen:?}");
    }
}

#[test]
fn a_slow_fetch_shows_nothing_without_a_terminal() {
    let server = start();
    server.fault(Fault::on(LIST, FaultKind::Delay(Duration::from_secs(3))));
    let output = home(&server).command(["run", "--", "true"]).run().success();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
}
