//! Parses, runs, exits: all of it in the library.
//! Rust's own start-up, which would call an ordinary `main`, is left out: it reads `/proc/self/maps` to
//! find its stack's guard page and makes a stack for handlers, 3 % of a start that becomes the command.
//! What else it does, [`hushed::main`] does for itself.
#![no_main]
#![expect(unsafe_code, reason = "the C library finds `main` by its name alone")]

use hushed::ClearingAllocator;

#[global_allocator]
static ALLOCATOR: ClearingAllocator = ClearingAllocator::new();

// SAFETY: the C library calls the one function of this name once, on the main thread, after all
// initialisers; that its arguments are not taken is allowed (ISO C 5.1.2.2.1).
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    hushed::main().into()
}
