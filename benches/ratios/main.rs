//! How fast hushed is against what is installed, in one run: `cargo bench`, or `cargo bench -- --quick`.
//! It prints ratios, which hold on any machine, and fails on none of them: a time is no test.
//!
//! `HUSHED_BIN` and `HUSHED_STATIC_BIN` name the binaries to measure. Without the first, the release
//! binary is built; without the second, the figures of the static build are left out. `HUSHED_EARLIER_BIN` names an
//! earlier build whose start is measured, too.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so at once, starts processes and prints figures"
)]

mod binary;
mod doppler;
mod files;
#[path = "../../tests/it/support/infisical/mod.rs"]
mod infisical;
mod local;
#[expect(dead_code, reason = "shared with the benchmark `relay`, which uses all of it")]
mod memory;
mod network;
#[path = "../../tests/it/support/replies.rs"]
mod replies;
mod round;
mod scan;
mod stores;
#[expect(dead_code, reason = "shared with the benchmark `relay`, which uses all of it")]
mod target;
#[path = "../text/mod.rs"]
mod text;

use round::Rounds;

/// The rounds of figures that take a millisecond or two, and of those that take a hundred.
const FULL: Rounds = Rounds { quick: 300, slow: 30 };
const QUICK: Rounds = Rounds { quick: 40, slow: 5 };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((_, command)) = arguments.split_first().filter(|(first, _)| *first == memory::CHILD)
    {
        return memory::child(command);
    }
    let rounds = if arguments.iter().any(|argument| argument == "--quick") { QUICK } else { FULL };
    let binaries = binary::find();
    if binaries.fixed.is_none() {
        println!("static: none (`.ci/static` builds it, HUSHED_STATIC_BIN names it)");
    }
    binary::size(&binaries);
    local::measure(&binaries, rounds);
    network::measure(&binaries, rounds);
    stores::measure(&binaries, rounds);
    scan::measure(&binaries, rounds);
}
