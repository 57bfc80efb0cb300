use super::super::tests::{KIND, PLAINTEXT, altered, hex, passphrase, random_key};
use super::super::{needs_passphrase, open, open_with_openers, openers, seal};
use super::*;
use crate::seal::key::KeyMaterial;

fn credential(text: &str) -> Key {
    Key(KeyMaterial::Credential(Value::from(text)))
}

fn sealed(keys: &[&Key]) -> Vec<u8> {
    seal_for(KIND, keys, PLAINTEXT).unwrap()
}

/// A slot of a derivation that a later version may have, in place of the count and the slots of `sealed`.
fn with_foreign_slot(sealed: &[u8]) -> Vec<u8> {
    let mut bytes = sealed.to_vec();
    bytes.splice(FIXED..FIXED, [0, 9, 0, 3, 1, 2, 3]);
    altered(bytes, 46, &[0, 2])
}

#[test]
fn the_format_is_what_an_independent_implementation_makes_of_its_description() {
    let bytes =
        |first: u8| -> [u8; 32] { std::array::from_fn(|i| first + u8::try_from(i).unwrap()) };
    let nonce = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
    let (first, second) = (random_key(0), credential("canary of a machine"));
    let salts = [bytes(0x40), bytes(0x60)];
    let drawn = (&bytes(0xa0), nonce, salts.as_slice());
    let slots = [NewSlot::Key(&first), NewSlot::Key(&second)];
    let sealed = seal_with(KIND, &slots, PLAINTEXT, drawn).unwrap();
    let zeros = "0".repeat(24);
    let want = [
        "8f6875736865640a",
        "0002",
        "74657374",
        &hex(&nonce),
        "0000000000000017",
        "0002",
        "0001007c",
        &zeros,
        &hex(&salts[0]),
        "6e81a21518a030e8e0b90bd9924cb79e568f7d8c0984ea1c3828ffda428bbcf0",
        "a3ff8677674586403fd21b37a490f8ba309956cf93e822145eb918819e533fbd35bf93811c02684f383f17a11eeaf47c",
        "0003007c",
        &zeros,
        &hex(&salts[1]),
        "c60872e6cf9f3509f006f1c7e5319c99562940d9eaffd207bf1d2ba2d0274b81",
        "3fd81e29b86249956c7ab2f7530a2e4959a5884c32c25aec5f6672d5e3a3d071470deb406f900e5efc0b4411fb8321a6",
        "db672dd3ddafec9b7afd6ff97d44a8c6340c9f9f047b0543de232f244477d65e25a5cd9dcd68215537db2f9ce5dd9c7de779044f43a837f527e71399d81d952217932e5b7140b4",
    ];
    assert_eq!(hex(&sealed), want.concat());
    for key in [&first, &second] {
        assert_eq!(open(KIND, key, &sealed).unwrap().expose(), PLAINTEXT);
    }
}

#[test]
fn each_recipient_opens_it_and_nobody_else() {
    let (file, other, phrase) = (random_key(0), random_key(1), passphrase("canary"));
    let machine = credential("canary-0123456789");
    let all = sealed(&[&file, &phrase, &machine, &other]);
    for key in [&file, &other, &phrase, &machine] {
        assert_eq!(open(KIND, key, &all).unwrap().expose(), PLAINTEXT);
    }
    let two = sealed(&[&file, &phrase]);
    for (key, want) in [
        (random_key(2), Error::WrongKey),
        (passphrase("Canary"), Error::WrongKey),
        (credential("canary-0123456789"), Error::NeedsKeyFile),
    ] {
        assert_eq!(open(KIND, &key, &two).unwrap_err(), want);
    }
    assert_eq!(open(KIND, &file, &sealed(&[&phrase])).unwrap_err(), Error::NeedsPassphrase);
}

#[test]
fn an_envelope_tells_whether_it_needs_a_passphrase() {
    let (file, phrase) = (random_key(0), passphrase("canary"));
    for (bytes, want) in [
        (sealed(&[&phrase]), true),
        (sealed(&[&file]), false),
        (sealed(&[&phrase, &file]), false),
        (seal(KIND, &phrase, PLAINTEXT).unwrap(), true),
        (seal(KIND, &file, PLAINTEXT).unwrap(), false),
        (sealed(&[&phrase])[..100].to_vec(), false),
        (b"A=canary".to_vec(), false),
    ] {
        assert_eq!(needs_passphrase(&bytes), want);
    }
}

#[test]
fn the_number_of_recipients_is_bounded() {
    let key = random_key(0);
    for count in [0, MAX_RECIPIENTS + 1] {
        let keys = vec![&key; count];
        let error = seal_for(KIND, &keys, PLAINTEXT).unwrap_err();
        assert_eq!(error, Error::RecipientCount { found: count });
    }
    let most = sealed(&vec![&key; MAX_RECIPIENTS]);
    assert_eq!(open(KIND, &key, &most).unwrap().expose(), PLAINTEXT);
    let mut none = sealed(&[&key]);
    none.drain(FIXED..FIXED + SLOT_HEAD + SLOT_BODY);
    let error = open(KIND, &key, &altered(none, 46, &[0, 0])).unwrap_err();
    assert_eq!(error, Error::RecipientCount { found: 0 });
}

#[test]
fn a_slot_of_an_unknown_kind_is_skipped_but_not_added_unseen() {
    let key = random_key(0);
    let changed = with_foreign_slot(&sealed(&[&key]));
    // The slot of the key is found behind the foreign one; only the content's tag knows of both.
    assert_eq!(open(KIND, &key, &changed).unwrap_err(), Error::Altered);
    let header = Header::parse(&changed).unwrap();
    assert!(header.unwrap_content_key(&key).is_ok());
    let other = header.unwrap_content_key(&passphrase("canary"));
    assert_eq!(other.unwrap_err(), Error::UnknownDerivation { found: 9 });
}

#[test]
fn what_was_altered_on_purpose_does_not_open() {
    let key = random_key(0);
    let second = random_key(1);
    let slot = FIXED;
    for (field, at, change, want) in [
        ("nonce", 14, b"nonce".as_slice(), Error::Altered),
        ("derivation", slot, b"\x00\x02", Error::ExcessiveCost(excessive())),
        ("parameters", slot + 4, b"\x01", Error::Altered),
        ("salt", slot + 16, b"salt", Error::WrongKey),
        ("key check", slot + 48, b"check", Error::WrongKey),
        ("content key", slot + 80, b"content key", Error::Altered),
        ("tag of the slot", slot + 112, b"tag", Error::Altered),
        ("a slot of another", slot + 128 + 16, b"salt", Error::Altered),
        ("first byte of the ciphertext", slot + 256, b"cipher", Error::Altered),
        ("tag", slot + 256 + PLAINTEXT.len(), b"tag", Error::Altered),
    ] {
        let changed = altered(sealed(&[&key, &second]), at, change);
        assert_eq!(open(KIND, &key, &changed).unwrap_err(), want, "{field}");
    }
}

fn excessive() -> crate::seal::ExcessiveCost {
    crate::seal::ExcessiveCost { memory_kib: 0, passes: 0, lanes: 0 }
}

#[test]
fn slots_together_cannot_ask_for_any_amount_of_work() {
    let key = passphrase("canary");
    let count = 8;
    let mut changed = sealed(&vec![&key; count]);
    // Each alone is acceptable: 2 GiB and one pass.
    for number in 0..count {
        let at = FIXED + number * (SLOT_HEAD + SLOT_BODY) + SLOT_HEAD;
        changed = altered(changed, at, &[0, 0x20, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    }
    let error = open(KIND, &passphrase("another canary"), &changed).unwrap_err();
    assert_eq!(error, Error::ExcessiveSlots { work_kib: 16 << 20 });
}

#[test]
fn damage_and_a_missing_end_are_told_apart_from_a_wrong_key() {
    let key = random_key(0);
    let whole = sealed(&[&key, &random_key(1)]);
    for length in 0..whole.len() {
        let error = open(KIND, &key, &whole[..length]).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{length} bytes: {error}");
    }
    for bit in (0..whole.len() * 8).step_by(3) {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = open(KIND, &key, &flipped).unwrap_err();
        let right = match bit / 8 {
            0..8 => error == Error::NotOurs,
            8..10 => matches!(
                error,
                Error::UnknownVersion { known: 2, .. } | Error::Truncated { .. } | Error::Damaged
            ),
            // Lengths and counts.
            38..48 | 50..52 | 178..180 => {
                matches!(error, Error::Truncated { .. } | Error::Damaged)
            }
            _ => error == Error::Damaged,
        };
        assert!(right, "bit {bit}: {error}");
    }
    let another = seal(KIND, &key, PLAINTEXT).unwrap();
    assert_ne!(another[..10], whole[..10], "one key makes an envelope of version 1");
}

fn age_key(first: u8) -> Key {
    let bytes: [u8; 32] = std::array::from_fn(|i| first + u8::try_from(i).unwrap());
    Key(KeyMaterial::X25519(Value::from(bytes.as_slice())))
}

fn recipients(keys: &[&Key]) -> Vec<Recipient> {
    keys.iter().map(|key| key.to_recipient().unwrap()).collect()
}

#[test]
fn slots_for_recipients_are_what_an_independent_implementation_makes_of_their_description() {
    let bytes =
        |first: u8| -> [u8; 32] { std::array::from_fn(|i| first + u8::try_from(i).unwrap()) };
    let nonce = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
    let (file, age) = (random_key(0), age_key(1));
    let recipients = recipients(&[&file, &age]);
    let slots: Vec<_> = recipients.iter().map(NewSlot::Recipient).collect();
    let drawn = [bytes(0x40), bytes(0x60)];
    let sealed =
        seal_with(KIND, &slots, PLAINTEXT, (&bytes(0xa0), nonce, drawn.as_slice())).unwrap();
    // Made with Python's cryptography and hashlib.
    let want = [
        "8f6875736865640a000274657374808182838485868788898a8b8c8d8e8f909192939495969700000000000000170002",
        "00040070dc854b58084b06aeb9521e2a7925712272a4aedf3175b1aff8d7a0dbb19a967e79a631eede1bf9c98f12032c",
        "deadd0e7a079398fc786b88cc846ec89af85a51aadb864be55528881b4e105feb35fcc277d92c849aeb61c4a009d31ea",
        "fdb22d120838299c956d6b30089f8e7b6febde5c0004007007a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed",
        "0bdfc0b2b86d1c7c675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52ffc8734e3b51d5e05",
        "98c10f7a47b61d1e55e7fc472430f91cadf81511b379944cc9dd76a2753ac494e003684be6c95b6cdb672dd3ddafec9b",
        "7afd6ff97d44a8c6340c9f9f047b05a241ec86a690dbdacc7e67861268c0f1c1d2aff042f7a3626a0ddfc220855ded07",
        "320ad3c989f906fac5a531ae52e355",
    ];
    assert_eq!(hex(&sealed), want.concat());
    for key in [&file, &age] {
        assert_eq!(open(KIND, key, &sealed).unwrap().expose(), PLAINTEXT);
    }
}

#[test]
fn whoever_seals_for_recipients_needs_no_secret_of_theirs() {
    let keys = [random_key(0), age_key(1), passphrase("canary")];
    let known = recipients(&keys.iter().collect::<Vec<_>>());
    let sealed = seal_to(KIND, &known, PLAINTEXT).unwrap();
    for (number, key) in keys.iter().enumerate() {
        let opened = open_with_openers(KIND, key, &sealed).unwrap();
        assert_eq!((opened.plaintext.expose(), opened.own), (PLAINTEXT, number));
        let openers = known.iter().cloned().map(Opener::Recipient).collect::<Vec<_>>();
        assert_eq!(opened.openers, openers);
    }
    for (key, want) in [
        (random_key(2), Error::WrongKey),
        (age_key(2), Error::WrongKey),
        (passphrase("Canary"), Error::WrongKey),
        (credential("canary"), Error::NeedsKeyFile),
    ] {
        assert_eq!(open(KIND, &key, &sealed).unwrap_err(), want);
    }
    // A new envelope for fewer recipients has a content key of its own.
    let fewer = seal_to(KIND, &known[..2], PLAINTEXT).unwrap();
    assert_eq!(open(KIND, &keys[2], &fewer).unwrap_err(), Error::NeedsKeyFile);
    let foreign = openers(&with_foreign_slot(&sealed_with_one())).unwrap();
    assert_eq!(foreign, [Opener::Unknown, Opener::KeyFile]);
}

fn sealed_with_one() -> Vec<u8> {
    sealed(&[&random_key(0)])
}

#[test]
fn a_slot_for_a_recipient_cannot_be_altered() {
    let (key, other) = (age_key(1), passphrase("canary"));
    let recipients = recipients(&[&key, &other]);
    let sealed = seal_to(KIND, &recipients, PLAINTEXT).unwrap();
    let second = FIXED + recipients[0].size();
    for (field, at, change, key, want) in [
        ("recipient", FIXED + 4, b"key".as_slice(), &key, Error::WrongKey),
        ("share", FIXED + 36, b"share", &key, Error::Altered),
        ("share of low order", FIXED + 36, &[0; 32], &key, Error::Altered),
        ("content key", FIXED + 68, b"content key", &key, Error::Altered),
        ("tag", FIXED + 100, b"tag", &key, Error::Altered),
        ("slot of another", second + 4 + 44, b"key", &key, Error::Altered),
        ("salt", second + 4 + 12, b"salt", &other, Error::WrongKey),
        ("cost", second + 4, &[0xff; 12], &key, Error::ExcessiveCost(all_ones())),
    ] {
        let changed = altered(sealed.clone(), at, change);
        assert_eq!(open(KIND, key, &changed).unwrap_err(), want, "{field}");
    }
    assert_eq!(seal_to(KIND, &[weak()], PLAINTEXT).unwrap_err(), Error::WeakRecipient);
}

fn weak() -> Recipient {
    Recipient::X25519(crate::seal::X25519Recipient([0; 32]))
}

fn all_ones() -> crate::seal::ExcessiveCost {
    crate::seal::ExcessiveCost { memory_kib: u32::MAX, passes: u32::MAX, lanes: u32::MAX }
}
