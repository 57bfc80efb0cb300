use proptest::prelude::*;

use super::*;

pub(super) const KIND: EnvelopeKind = EnvelopeKind(*b"test");
pub(super) const PLAINTEXT: &[u8] = b"canary in a sealed cage";

pub(super) fn random_key(first: u8) -> Key {
    let bytes: Vec<u8> = (first..first + 32).collect();
    Key(KeyMaterial::Random(Value::new(bytes)))
}

pub(super) fn passphrase(text: &str) -> Key {
    let cost = Argon2Cost::new(64, 2, 4).unwrap();
    Key::from_passphrase(Value::from(text), cost).unwrap()
}

fn sealed() -> Vec<u8> {
    seal(KIND, &random_key(0), PLAINTEXT).unwrap()
}

/// What somebody does who changes an envelope on purpose: the checksum is made right again.
pub(super) fn altered(mut bytes: Vec<u8>, at: usize, change: &[u8]) -> Vec<u8> {
    bytes.truncate(bytes.len() - CHECKSUM);
    bytes[at..at + change.len()].copy_from_slice(change);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

#[test]
fn the_format_is_what_an_independent_implementation_makes_of_its_description() {
    // Made with hashlib, PyNaCl and argon2-cffi from the table in the module's documentation.
    for (key, derivation, check, body) in [
        (
            random_key(0),
            "000100000000".to_owned() + "0000000000000000",
            "a47c200a5d0ac0cdbb5195a314a65195eab5b08303d159692d6b78947c851051",
            "c1c1fd8f45b5a53c8332f2a41a76605ad9e4fa180f689211cd1d41b75cc60600061bae18e639f3\
             4e71d796bb49ad1d249be5338d5a43c738358c547b723f333deb6ed55736e69a",
        ),
        (
            passphrase("correct canary battery staple"),
            "000200000040".to_owned() + "0000000200000004",
            "55fb416b29fc0e207f6144f453ab363a1ecf5f638dc5b59258369e7d5000c9d8",
            "1c95ae94ebf6049977788a04a0cad2a1efee6befcbbba0eef41a917e67c03f9b162161cf18c4f1\
             8125e700ad9124de5115ada9fd904eb4c19e81dfa5387e0df250325db178f039",
        ),
    ] {
        let salt: [u8; 32] = std::array::from_fn(|i| 0x40 + u8::try_from(i).unwrap());
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
        let sealed = seal_with(KIND, &key, &[], PLAINTEXT, (salt, nonce)).unwrap();
        let want = [
            "8f6875736865640a",
            "0001",
            "74657374",
            &derivation,
            &hex(&salt),
            &hex(&nonce),
            check,
            "0000000000000017",
            body,
        ];
        assert_eq!(hex(&sealed), want.concat());
        assert_eq!(open(KIND, &key, &sealed).unwrap().expose(), PLAINTEXT);
    }
}

#[test]
fn no_two_envelopes_are_alike() {
    let (one, other) = (sealed(), sealed());
    assert_ne!(one[28..60], other[28..60], "salt");
    assert_ne!(one[60..84], other[60..84], "nonce");
    assert_ne!(one[84..116], other[84..116], "key check");
    assert_ne!(one[124..], other[124..], "ciphertext");
}

#[test]
fn a_flipped_bit_is_told_from_a_wrong_key() {
    let sealed = sealed();
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = open(KIND, &random_key(0), &flipped).unwrap_err();
        let right = match bit / 8 {
            0..8 => error == Error::NotOurs,
            8..10 => matches!(
                error,
                Error::UnknownVersion { known: 2, .. } | Error::Truncated { .. } | Error::Damaged
            ),
            116..124 => matches!(error, Error::Truncated { .. } | Error::Damaged),
            _ => error == Error::Damaged,
        };
        assert!(right, "bit {bit}: {error}");
    }
}

#[test]
fn a_missing_end_is_told_as_such() {
    let sealed = sealed();
    for length in 0..sealed.len() {
        let error = open(KIND, &random_key(0), &sealed[..length]).unwrap_err();
        let expected = (length >= Header::LENGTH).then_some(sealed.len());
        assert_eq!(error, Error::Truncated { found: length, expected });
    }
}

#[test]
fn something_after_the_end_is_damage() {
    let mut sealed = sealed();
    sealed.push(0);
    assert_eq!(open(KIND, &random_key(0), &sealed).unwrap_err(), Error::Damaged);
}

#[test]
fn another_key_is_a_wrong_key() {
    let with_file = sealed();
    let with_passphrase = seal(KIND, &passphrase("canary"), PLAINTEXT).unwrap();
    for (sealed, key, want) in [
        (&with_file, random_key(1), Error::WrongKey),
        (&with_file, passphrase("canary"), Error::NeedsKeyFile),
        (&with_passphrase, passphrase("Canary"), Error::WrongKey),
        (&with_passphrase, random_key(0), Error::NeedsPassphrase),
    ] {
        assert_eq!(open(KIND, &key, sealed).unwrap_err(), want);
    }
}

#[test]
fn what_was_altered_on_purpose_does_not_open() {
    let version = Error::UnknownVersion { found: 3, known: 2 };
    let kind = Error::OtherKind { found: EnvelopeKind(*b"evil"), wanted: KIND };
    let derivation = Error::UnknownDerivation { found: 4 };
    for (field, at, change, want) in [
        ("version", 8, b"\x00\x03".as_slice(), version),
        ("kind", 10, b"evil", kind),
        ("derivation", 14, b"\x00\x04", derivation),
        ("derivation", 14, b"\x00\x02", Error::NeedsPassphrase),
        ("memory", 16, b"\x01", Error::Altered),
        ("lanes", 27, b"\x01", Error::Altered),
        ("salt", 28, b"saltsalt", Error::WrongKey),
        ("nonce", 60, b"noncenonce", Error::Altered),
        ("key check", 84, b"check", Error::WrongKey),
        ("first byte of the ciphertext", 124, b"cipher", Error::Altered),
        ("tag", 124 + PLAINTEXT.len(), b"tag", Error::Altered),
    ] {
        let error = open(KIND, &random_key(0), &altered(sealed(), at, change)).unwrap_err();
        assert_eq!(error, want, "{field}");
    }
}

#[test]
fn a_header_cannot_ask_for_any_amount_of_memory() {
    let key = passphrase("canary");
    for parameters in [
        [0xff; 12],
        [0, 0x20, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
        [0, 0, 0, 64, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1],
        [0; 12],
    ] {
        let sealed = altered(seal(KIND, &key, PLAINTEXT).unwrap(), 16, &parameters);
        let error = open(KIND, &key, &sealed).unwrap_err();
        assert!(matches!(error, Error::ExcessiveCost(_)), "{error}");
    }
}

#[test]
fn an_envelope_says_itself_what_its_passphrase_cost() {
    let sealed = seal(KIND, &passphrase("canary"), PLAINTEXT).unwrap();
    let cost = Argon2Cost::new(8, 1, 1).unwrap();
    let key = Key::from_passphrase(Value::from("canary"), cost).unwrap();
    assert_eq!(open(KIND, &key, &sealed).unwrap().expose(), PLAINTEXT);
}

#[test]
fn foreign_bytes_are_not_ours() {
    for foreign in [b"hushed-key-1:".as_slice(), b"\x8fhushed\r\n", b"A=canary\n", b"\0"] {
        assert_eq!(open(KIND, &random_key(0), foreign).unwrap_err(), Error::NotOurs);
    }
}

proptest! {
    #[test]
    fn what_was_sealed_is_what_opens(plaintext: Vec<u8>, kind: [u8; 4]) {
        let sealed = seal(EnvelopeKind(kind), &random_key(7), &plaintext).unwrap();
        prop_assert_eq!(sealed.len(), plaintext.len() + OVERHEAD);
        let opened = open(EnvelopeKind(kind), &random_key(7), &sealed).unwrap();
        prop_assert_eq!(opened.expose(), plaintext);
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes: Vec<u8>, version in 0_u8..3) {
        if version > 0 {
            bytes.splice(..0, [b"\x8fhushed\n\x00".as_slice(), &[version]].concat());
        }
        prop_assert!(open(KIND, &random_key(0), &bytes).is_err());
    }
}

#[test]
fn what_is_sealed_in_a_context_opens_in_no_other() {
    let key = random_key(0);
    let sealed = seal_with_context(KIND, &key, b"one place", PLAINTEXT).unwrap();
    assert_eq!(open_with_context(KIND, &key, b"one place", &sealed).unwrap().expose(), PLAINTEXT);
    for context in [&b""[..], b"one plac", b"one place ", b"two place"] {
        assert_eq!(open_with_context(KIND, &key, context, &sealed).unwrap_err(), Error::Altered);
    }
    assert_eq!(open(KIND, &key, &sealed).unwrap_err(), Error::Altered);
    assert_eq!(
        open_with_context(KIND, &key, b"x", &seal(KIND, &key, b"").unwrap()),
        Err(Error::Altered)
    );
}

#[test]
fn a_machine_credential_is_a_key_of_its_own_kind() {
    let text = "canary-0123456789-0123456789-012";
    let credential = Key::from_credential(Value::from(text)).unwrap();
    let sealed = seal(KIND, &credential, PLAINTEXT).unwrap();
    assert_eq!(open(KIND, &credential, &sealed).unwrap().expose(), PLAINTEXT);
    let other = Key::from_credential(Value::from("canary-other")).unwrap();
    assert_eq!(open(KIND, &other, &sealed).unwrap_err(), Error::WrongKey);
    // The same bytes as a key are another key.
    let bytes = Key(KeyMaterial::Random(Value::from(text)));
    assert_eq!(open(KIND, &bytes, &sealed).unwrap_err(), Error::NeedsCredential);
    assert_eq!(open(KIND, &credential, &self::sealed()).unwrap_err(), Error::NeedsKeyFile);
    assert!(Key::from_credential(Value::from("")).is_err());
}
