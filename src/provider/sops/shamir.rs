//! Shamir's secret sharing over GF(2^8), as sops splits data keys among key groups: a share is the 32 bytes of
//! the polynomials' values, and the point at which they were evaluated.

use zeroize::Zeroizing;

/// A share: values, and the point.
pub(super) type Share = Zeroizing<Vec<u8>>;

/// Combines shares; `None` if they cannot be shares of one key.
pub(super) fn combine(shares: &[Share]) -> Option<Zeroizing<Vec<u8>>> {
    let split = |share: &'_ Share| Some((*share.last()?, share.len() - 1));
    let points: Vec<(u8, usize)> = shares.iter().map(split).collect::<Option<_>>()?;
    let length = points.first()?.1;
    let distinct = |at: usize| {
        let (point, _) = points.get(at).copied().unwrap_or_default();
        point != 0 && points.iter().skip(at + 1).all(|(other, _)| *other != point)
    };
    let is_usable = (0..points.len()).all(distinct);
    if !is_usable || points.iter().any(|(_, other)| *other != length) || length == 0 {
        return None;
    }
    let mut secret = Zeroizing::new(vec![0; length]);
    for (share, (point, _)) in shares.iter().zip(&points) {
        // The value at zero of the Lagrange polynomial of this point.
        let weight =
            points.iter().filter(|(other, _)| other != point).fold(1, |weight, (other, _)| {
                multiply(weight, multiply(*other, invert(other ^ point)))
            });
        for (output, value) in secret.iter_mut().zip(share.iter()) {
            *output ^= multiply(*value, weight);
        }
    }
    Some(secret)
}

/// The product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, without a branch on the operands.
fn multiply(a: u8, b: u8) -> u8 {
    let mut product = 0;
    let mut shifted = a;
    for bit in 0..8 {
        product ^= shifted & (0_u8.wrapping_sub((b >> bit) & 1));
        let reduce = 0_u8.wrapping_sub(shifted >> 7) & 0x1b;
        shifted = (shifted << 1) ^ reduce;
    }
    product
}

/// The inverse: the 254th power.
fn invert(a: u8) -> u8 {
    // 254 is 0b1111_1110.
    let mut power = a;
    let mut result = 1;
    for _ in 0..7 {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_are_inverses() {
        assert!((1..=255).all(|a| multiply(a, invert(a)) == 1));
        assert_eq!(multiply(0x57, 0x83), 0xc1);
    }

    #[test]
    fn shares_of_a_line_give_its_value_at_zero() {
        let at = |x: u8| Zeroizing::new(vec![0x2a ^ multiply(0x99, x), x]);
        let combined = combine(&[at(3), at(7)]).unwrap();
        assert_eq!(*combined, [0x2a]);
        assert!(combine(&[at(3), at(3)]).is_none());
        assert!(combine(&[]).is_none());
    }
}
