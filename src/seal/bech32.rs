//! Bech32 (BIP 173) without its limit of length, the text form of age's keys.

use zeroize::Zeroizing;

const CHARACTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM: usize = 6;

/// The bytes of an encoded key of 32 bytes, if it has this prefix, and is in capitals or not as the prefix is.
pub fn decode_key(text: &str, prefix: &str) -> Option<Zeroizing<[u8; 32]>> {
    let encoded = text.strip_prefix(prefix)?.strip_prefix('1')?;
    let is_upper = prefix.bytes().any(|byte| byte.is_ascii_uppercase());
    let mut values = Zeroizing::new(Vec::with_capacity(encoded.len()));
    for byte in encoded.bytes() {
        let is_other_case =
            if is_upper { byte.is_ascii_lowercase() } else { byte.is_ascii_uppercase() };
        if is_other_case {
            return None;
        }
        let value = CHARACTERS.iter().position(|&known| known == byte.to_ascii_lowercase())?;
        values.push(u8::try_from(value).ok()?);
    }
    if checksum(&prefix.to_ascii_lowercase(), &values) != 1 {
        return None;
    }
    let data = values.get(..values.len().checked_sub(CHECKSUM)?)?;
    let mut key = Zeroizing::new([0; 32]);
    let (mut bits, mut held, mut filled) = (0_u32, 0_u32, 0);
    for &value in data {
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            *key.get_mut(filled)? = u8::try_from((bits >> held) & 0xff).ok()?;
            filled += 1;
            bits &= (1 << held) - 1;
        }
    }
    // What is left over is padding: less than a character, and zero.
    (filled == key.len() && held < 5 && bits == 0).then_some(key)
}

/// The text form of a public key. The prefix is in small letters.
pub fn encode_key(key: &[u8; 32], prefix: &str) -> String {
    let bit = |at: usize| key.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
    let value = |first: usize| (first..first + 5).fold(0, |value, at| (value << 1) | bit(at));
    let mut values: Vec<u8> = (0..key.len() * 8).step_by(5).map(value).collect();
    let sum = checksum(prefix, &[values.as_slice(), &[0; CHECKSUM]].concat()) ^ 1;
    values.extend((0..CHECKSUM).rev().map(|at| u8::try_from((sum >> (5 * at)) & 31).unwrap_or(0)));
    let character = |&value: &u8| CHARACTERS.get(usize::from(value)).copied().map(char::from);
    [prefix, "1"]
        .into_iter()
        .flat_map(str::chars)
        .chain(values.iter().filter_map(character))
        .collect()
}

/// The checksum of prefix and values, which is 1 if it matches.
fn checksum(prefix: &str, values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values.iter().copied());
    all.fold(1, |sum, value| {
        let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let top = sum >> 25;
        let applies = |bit: &usize| (top >> bit) & 1 == 1;
        (0..GENERATOR.len()).filter(applies).fold(next, |next, bit| next ^ GENERATOR[bit])
    })
}
