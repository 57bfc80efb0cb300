//! Measures what redaction costs at a terminal: the echo of a key, the start, and the memory of the supervising
//! process. Run it with `cargo bench --bench terminal`, or with `-- --quick`. It prints figures and sets no limits.
//! `HUSHED_EARLIER_BIN` names an earlier build whose start is measured, too.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark stops at the first error, starts processes and prints figures"
)]

#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/binary.rs"]
mod binary;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/round.rs"]
mod round;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/target.rs"]
mod target;

use std::path::Path;
use std::process::Command;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/terminal/measure.py");
    // Alive until the end: dropping it deletes the installed copy of the binary.
    let binaries = binary::find();
    let mut python = Command::new("python3");
    python.arg(driver).arg(&binaries.dynamic).arg(if quick { "50" } else { "300" });
    python.args(&binaries.earlier);
    match python.status() {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(error) => println!("SKIPPED: cannot run python3: {error}"),
    }
}
