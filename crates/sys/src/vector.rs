//! Vector instructions: where a text has one of two bytes.
//!
//! The places come at no regular distance, so that a search for the next one would mispredict a branch for
//! each. Here a block of the text becomes a mask of bits, and most places are noted without a branch.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls functions that need a feature of the processor")
)]

/// The bytes that become one mask.
const BLOCK: usize = 64;
/// How many places are collected before they are told.
const BATCH: usize = 256;

/// Tells each place, from `from` on, where the text has one of these bytes, in order.
pub fn each_place(text: &[u8], from: usize, bytes: [u8; 2], tell: impl FnMut(usize)) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
        {
            // SAFETY: the processor has AVX2.
            unsafe { each_by_avx2(text, from, bytes, tell) }
        } else {
            // SAFETY: SSE2 is part of x86-64.
            unsafe { each_by_sse2(text, from, bytes, tell) }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    each(text, from, bytes, tell, |block| {
        block.iter().rev().fold(0, |mask, byte| mask << 1 | u64::from(bytes.contains(byte)))
    });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn each_by_avx2(text: &[u8], from: usize, bytes: [u8; 2], tell: impl FnMut(usize)) {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
        _mm256_set1_epi8,
    };

    let [first, second] = bytes.map(|byte| _mm256_set1_epi8(byte.cast_signed()));
    each(text, from, bytes, tell, |block| {
        let (words, _) = block.as_chunks::<8>();
        let (halves, _) = words.as_chunks::<4>();
        halves.iter().rev().fold(0, |mask, half| {
            let [a, b, c, d] = half.map(i64::from_le_bytes);
            let text = _mm256_set_epi64x(d, c, b, a);
            let (first, second) = (_mm256_cmpeq_epi8(text, first), _mm256_cmpeq_epi8(text, second));
            let equal = _mm256_movemask_epi8(_mm256_or_si256(first, second));
            mask << 32 | u64::from(equal.cast_unsigned())
        })
    });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn each_by_sse2(text: &[u8], from: usize, bytes: [u8; 2], tell: impl FnMut(usize)) {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    let [first, second] = bytes.map(|byte| _mm_set1_epi8(byte.cast_signed()));
    each(text, from, bytes, tell, |block| {
        let (words, _) = block.as_chunks::<8>();
        let (quarters, _) = words.as_chunks::<2>();
        quarters.iter().rev().fold(0, |mask, quarter| {
            let [low, high] = quarter.map(i64::from_le_bytes);
            let text = _mm_set_epi64x(high, low);
            let (first, second) = (_mm_cmpeq_epi8(text, first), _mm_cmpeq_epi8(text, second));
            let equal = _mm_movemask_epi8(_mm_or_si128(first, second));
            mask << 16 | u64::from(equal.cast_unsigned())
        })
    });
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled with the features of its caller")]
fn each(
    text: &[u8],
    from: usize,
    bytes: [u8; 2],
    mut tell: impl FnMut(usize),
    mask: impl Fn(&[u8; BLOCK]) -> u64,
) {
    let (blocks, last) = text.get(from..).unwrap_or(&[]).as_chunks::<BLOCK>();
    let mut places = [0; BATCH + BLOCK];
    let mut begin = from;
    for blocks in blocks.chunks(BATCH) {
        let mut count = 0;
        for block in blocks {
            let mut marks = mask(block);
            places[count] = begin + lowest(marks);
            count += usize::from(marks != 0);
            marks &= marks.wrapping_sub(1);
            // Few blocks have more than one.
            while marks != 0 {
                places[count] = begin + lowest(marks);
                count += 1;
                marks &= marks - 1;
            }
            if count >= BATCH {
                places[..count].iter().for_each(|place| tell(*place));
                count = 0;
            }
            begin += BLOCK;
        }
        places[..count].iter().for_each(|place| tell(*place));
    }
    let rest = (begin..).zip(last).filter(|(_, byte)| bytes.contains(byte));
    rest.for_each(|(place, _)| tell(place));
}

/// The number of the lowest bit.
#[inline]
#[expect(clippy::as_conversions, reason = "it is 64 at most")]
fn lowest(mask: u64) -> usize {
    mask.trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_told_once_and_in_order() {
        for apart in [1, 2, 3, 7, 63, 64, 65, 200] {
            for length in [0, 1, 63, 64, 65, 1_000, 40_000] {
                let mut text = vec![b'x'; length];
                for (number, at) in (0..length).step_by(apart).enumerate() {
                    text[at] = if number % 3 == 0 { 7 } else { 8 };
                }
                for from in [0, 1, 70] {
                    let mut told = Vec::new();
                    each_place(&text, from, [7, 8], |place| told.push(place));
                    let want: Vec<usize> = (from..length).filter(|at| text[*at] != b'x').collect();
                    assert_eq!(told, want, "{apart} {length} {from}");
                }
            }
        }
    }
}
