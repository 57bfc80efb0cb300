use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn entry(name: &str, value: &str) -> Entry {
    Entry { name: Name::new(name), value: Value::from(value), version: 1, created: 2, updated: 3 }
}

fn example() -> Vec<Entry> {
    vec![entry("A", "canary"), entry("B", ""), entry("\u{e9}", "canary\0\n=")]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let fields: BoxedStrategy<(Vec<u8>, u64, u64, u64)> = any::<(Vec<u8>, u64, u64, u64)>().boxed();
    proptest::collection::btree_map("[^=\0]{1,20}", fields, 0..20).prop_map(
        |map: BTreeMap<String, _>| {
            let entry = |(name, (value, version, created, updated)): (String, _)| {
                let (name, value) = (Name::new(name), Value::new(value));
                Entry { name, value, version, created, updated }
            };
            map.into_iter().map(entry).collect()
        },
    )
}

#[test]
fn the_bytes_are_as_documented() {
    let bytes = encode(&[entry("AB", "canary")]).unwrap();
    let bytes = bytes.expose();
    let want = [
        b"\x00\x01".as_slice(),
        b"\x00\x00\x00\x01",
        b"\x00\x00\x00\x02AB",
        b"\x00\x00\x00\x06canary",
        b"\x00\x00\x00\x00\x00\x00\x00\x01",
        b"\x00\x00\x00\x00\x00\x00\x00\x02",
        b"\x00\x00\x00\x00\x00\x00\x00\x03",
    ]
    .concat();
    assert_eq!(bytes[..want.len()], want);
    assert_eq!(bytes[want.len()..], vec![0; 512 - want.len()]);
}

#[test]
fn the_size_tells_little() {
    for (length, want) in [(0, 512), (6, 512), (473, 512), (474, 1024), (985, 1024), (986, 1536)] {
        let bytes = encode(&[entry("A", &"c".repeat(length))]).unwrap();
        assert_eq!(bytes.len(), want, "{length}");
        assert!(decode(bytes.expose()).is_ok());
    }
}

#[test]
fn names_and_values_have_bounds() {
    for (name, length, want) in [
        ("A", MAX_VALUE, Ok(())),
        ("", 0, Err(Error::EmptyName)),
        ("A=B", 0, Err(Error::InvalidName { name: Name::new("A=B") })),
        ("A\0", 0, Err(Error::InvalidName { name: Name::new("A\0") })),
        (&"A".repeat(MAX_NAME), 0, Ok(())),
        (&"A".repeat(MAX_NAME + 1), 0, Err(Error::LongName { length: MAX_NAME + 1 })),
        ("A", MAX_VALUE + 1, Err(Error::LargeValue { name: Name::new("A"), size: MAX_VALUE + 1 })),
    ] {
        assert_eq!(check(&Name::new(name), &Value::new(vec![b'c'; length])), want);
    }
}

#[test]
fn a_store_that_is_too_large_is_refused() {
    let large = "c".repeat(MAX_VALUE);
    let entries = ["A", "B", "C", "D"].map(|name| entry(name, &large));
    let error = encode(&entries).unwrap_err();
    assert!(matches!(error, Error::LargeStore { .. }), "{error}");
    assert!(encode(&entries[..3]).is_ok());
}

#[test]
fn only_what_hushed_writes_is_understood() {
    let good = encode(&example()).unwrap().expose().to_vec();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let longer = [good.as_slice(), &[0; 512]].concat();
    for (what, bytes, want) in [
        ("nothing", Vec::new(), Error::Malformed),
        ("another version", with(1, 2), Error::UnknownVersion { found: 2, known: 1 }),
        ("a count too small", with(5, 2), Error::Malformed),
        ("a count too large", with(5, 4), Error::Malformed),
        ("a count beyond all", with(2, 0xff), Error::Malformed),
        ("a name beyond the end", with(6, 0xff), Error::Malformed),
        ("no name", with(9, 0), Error::Malformed),
        ("a name that no variable can have", with(10, b'='), Error::Malformed),
        ("a name that is not text", with(10, 0xff), Error::Malformed),
        ("names out of order", with(10, b'C'), Error::Malformed),
        ("one name twice", with(10, b'B'), Error::Malformed),
        ("padding that is not zero", with(511, 1), Error::Malformed),
        ("too much padding", longer, Error::Malformed),
        ("too little padding", good[..511].to_vec(), Error::Malformed),
    ] {
        assert_eq!(decode(&bytes), Err(want), "{what}");
    }
}

proptest! {
    #[test]
    fn what_was_encoded_is_what_is_decoded(entries in entries()) {
        let bytes = encode(&entries).unwrap();
        prop_assert_eq!(bytes.len() % BLOCK, 0);
        prop_assert_eq!(decode(bytes.expose()).unwrap(), entries);
    }

    #[test]
    fn there_is_one_encoding_only(entries in entries(), at: prop::sample::Index, byte: u8) {
        let mut bytes = encode(&entries).unwrap().expose().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(entries) = decode(&bytes) {
            let again = encode(&entries).unwrap();
            prop_assert_eq!(again.expose(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let versioned = [b"\x00\x01".as_slice(), &bytes].concat();
        prop_assert!(decode(&bytes).is_err());
        prop_assert!(decode(&versioned).is_err());
    }
}
