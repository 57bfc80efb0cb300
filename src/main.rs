//! Parses, runs, exits: all of it in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hushed::main()
}
