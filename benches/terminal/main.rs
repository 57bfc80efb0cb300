//! What redaction costs at a terminal: `cargo bench --bench terminal`, or with `-- --quick`. It prints the
//! echo of a key, a start and the memory of the waiting parent, and fails on none. `HUSHED_EARLIER_BIN`
//! names an earlier build to compare a start with.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so at once, starts processes and prints figures"
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
    let mut python = Command::new("python3");
    python.arg(driver).arg(binary::find().dynamic).arg(if quick { "50" } else { "300" });
    python.args(std::env::var_os("HUSHED_EARLIER_BIN"));
    match python.status() {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(error) => println!("nothing is measured at a terminal: python3: {error}"),
    }
}
