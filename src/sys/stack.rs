//! What calls leave behind on the stack: keys that ciphers and hashes work with have no owner there who
//! could wipe them. It knows nothing of what they are.
#![expect(unsafe_code, reason = "memory is cleared that holds no value")]

use std::mem::MaybeUninit;

use super::allocator::clear;

/// How deep calls may go whose traces are cleared, in bytes. Argon2 goes deepest; what it and the cipher
/// after it leave is beyond 8 KiB when all of them become one function.
const DEPTH: usize = 16 << 10;

/// Does some work, and clears what its calls left on the stack.
pub(crate) fn without_trace<T>(work: impl FnOnce() -> T) -> T {
    let outcome = apart(work);
    clear_below();
    outcome
}

/// A call of its own, so that nothing of the work is in a frame that goes on.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Clears where the frames of calls were that have returned.
#[inline(never)]
fn clear_below() {
    let mut room = [MaybeUninit::<u8>::uninit(); DEPTH];
    // SAFETY: the room is ours until this returns, and nobody reads it.
    unsafe { clear(room.as_mut_ptr().cast(), DEPTH) };
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::ptr;

    use super::*;

    /// Where this call puts bytes on the stack, which stay there when it returns.
    #[inline(never)]
    fn leave() -> *const u8 {
        let mut room = [0_u8; 512];
        black_box(&mut room).fill(0xa5);
        black_box(room.as_ptr())
    }

    /// Whether eight of these bytes in a row are there: one may be of an address that a frame holds now.
    fn remains(at: *const u8) -> bool {
        let mut row = 0;
        (0..512).any(|offset| {
            // SAFETY: the stack is mapped down to where a call has been; any byte will do.
            let byte = unsafe { ptr::read_volatile(at.wrapping_add(offset)) };
            row = if byte == 0xa5 { row + 1 } else { 0 };
            row == 8
        })
    }

    #[test]
    fn what_a_call_put_on_the_stack_is_gone() {
        // Else the test shows nothing.
        assert!(remains(leave()));
        assert!(!remains(without_trace(leave)));
    }
}
