//! Clears what function calls leave on the stack: ciphers and hashes keep keys there that have no owner to
//! wipe them.
#![expect(unsafe_code, reason = "memory is cleared that holds no value")]

use std::mem::MaybeUninit;

use super::allocator::wipe;

/// How many bytes of the stack are cleared. Argon2 goes deepest: with the cipher after it, more than 8 KiB.
const DEPTH: usize = 16 << 10;

/// Runs `work`, then clears the stack that it used.
pub fn clear_stack_after<T>(work: impl FnOnce() -> T) -> T {
    let outcome = call(work);
    clear_below();
    outcome
}

/// A call of its own, so that no part of the work is inlined into a frame that stays.
#[inline(never)]
fn call<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Clears the stack below the caller's frame.
#[inline(never)]
fn clear_below() {
    let mut unused = [MaybeUninit::<u8>::uninit(); DEPTH];
    // SAFETY: the local array has this length, and nobody reads it.
    unsafe { wipe(unused.as_mut_ptr().cast(), DEPTH) };
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::ptr;

    use super::*;

    /// Writes to the stack; the address of the bytes, which stay there when it returns.
    #[inline(never)]
    fn leave_bytes() -> *const u8 {
        let mut bytes = [0_u8; 512];
        black_box(&mut bytes).fill(0xa5);
        black_box(bytes.as_ptr())
    }

    /// Whether eight of the bytes in a row are there; a single one may belong to an address in a live frame.
    fn remains(start: *const u8) -> bool {
        let mut row = 0;
        (0..512).any(|offset| {
            // SAFETY: the stack is mapped down to where a call has been, and any byte is valid.
            let byte = unsafe { ptr::read_volatile(start.wrapping_add(offset)) };
            row = if byte == 0xa5 { row + 1 } else { 0 };
            row == 8
        })
    }

    #[test]
    fn bytes_that_a_call_left_on_the_stack_are_cleared() {
        assert!(remains(leave_bytes()), "the test has nothing to clear");
        assert!(!remains(clear_stack_after(leave_bytes)));
    }
}
