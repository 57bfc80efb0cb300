//! The program without the allocator that clears what is freed: for the test of what is left in memory,
//! which must find something here. It is no part of the product.

use std::process::ExitCode;

fn main() -> ExitCode {
    hushed::main().into()
}
