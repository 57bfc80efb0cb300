//! CRC-32C (Castagnoli), the checksum of values in Google Secret Manager (RFC 3720, B.4).

/// The polynomial, with the bits reversed.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// The checksum of bytes.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        // Without a branch, so that the time tells nothing of the bits.
        let shift = |crc: u32, _| crc >> 1 ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
        (0..8).fold(crc ^ u32::from(*byte), shift)
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_match() {
        let ascending: Vec<u8> = (0..32).collect();
        for (bytes, want) in [
            (&b""[..], 0),
            (b"123456789", 0xE306_9283),
            (&[0; 32], 0x8A91_36AA),
            (&[0xFF; 32], 0x62A8_AB43),
            (&ascending, 0x46DD_794E),
        ] {
            assert_eq!(crc32c(bytes), want);
        }
    }
}
