//! The binary; everything is in the library.

use std::process::ExitCode;

use hushed::ClearingAllocator;

#[global_allocator]
static ALLOCATOR: ClearingAllocator = ClearingAllocator::new();

fn main() -> ExitCode {
    hushed::main().into()
}
