//! Values that readers get wrong: a table of them, and a batch that is generated anew each time.

use hushed::secret::{Name, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

pub(super) type Secret = (Name, Value);

const TABLE: &[&[u8]] = &[
    b"canary",
    b" canary ",
    b"\tcanary\t",
    b"\ncanary\n",
    b"\r\ncanary\r\n",
    b"canary\r",
    b"can\rary",
    b"'canary'",
    b"\"canary\"",
    b"`canary`",
    b"it's canary",
    b"it's a \"canary\"",
    b"canary 'one' \"two\" `three`",
    b"can\"ary",
    b"\\canary\\",
    b"canary\\",
    b"can\\ary",
    b"can\\\\ary",
    b"canary\\n\\r\\t\\x41\\u0041\\101",
    b"it's a can\\ary",
    b"canary\\'",
    b"\\\"canary",
    b"#canary",
    b"canary #one",
    b"canary#one",
    b"; canary",
    b"canary $HOME ${HOME} $(id) $$ $1",
    b"canary $HOME",
    b"canary $",
    b"it's $HOME canary",
    b"canary `id`",
    b"it's `canary`",
    b"canary!canary!!",
    b"=canary=",
    b"A=canary",
    b"export A=canary",
    b"canary\nB='x'",
    b"canary'\nB='x",
    b"canary\"\nB=\"x",
    b"canary\\\ncontinued",
    b"-canary",
    b"@canary,+canary",
    b"{\"canary\": [1, null, \"\\\"\"]}",
    b"canary: yes\n- no",
    b"%canary%s",
    b"canary*?[a]~",
    b"canary & canary | canary; canary > canary",
    b"<canary/>&amp;",
    b"canary,canary",
    b"\x01canary\x02\x07\x08\x0b\x0c\x1b[31m\x7f",
    b"canary\0canary",
    b"canary\xff\xfe",
    b"\xc3canary\x80",
    "cänärÿ canary ключ 鍵".as_bytes(),
    "canary 🐤👩‍👧".as_bytes(),
    "\u{a0}canary\u{3000}\u{85}".as_bytes(),
    "canary\u{2028}\u{2029}canary".as_bytes(),
    "canary \u{2028} \u{85} canary".as_bytes(),
    "\u{feff}canary".as_bytes(),
    "canary\u{fdd0}".as_bytes(),
    "canary\u{1fffe}".as_bytes(),
    "canary\u{202e}\u{200b}".as_bytes(),
    b"-----BEGIN PRIVATE KEY-----\nMIIEvQcanary+/=\nAAAA==\n-----END PRIVATE KEY-----\n",
    b"-----BEGIN PRIVATE KEY-----\r\nMIIEvQcanary+/=\r\n-----END PRIVATE KEY-----\r\n",
];

/// The table, the empty value and 8 KiB, and a batch of generated values.
pub(super) fn secrets() -> Vec<Secret> {
    let long = "canary'\" \\$`\n#!".repeat(8192 / 14);
    let fixed = TABLE.iter().copied().chain([&b""[..], long.as_bytes()]).map(<[u8]>::to_vec);
    let mut runner = TestRunner::default();
    let generated = (0..400).map(|_| value().new_tree(&mut runner).unwrap().current());
    fixed
        .chain(generated)
        .enumerate()
        .map(|(index, bytes)| (Name::new(format!("S_{index}")), Value::new(bytes)))
        .collect()
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => r"[\PC]",
        8 => r#"['"`\\$#!=;&|<>(){}*?~%^,: \t\n-]"#,
        1 => r"[\r]",
        2 => r"\$[A{]A?\}?|\\n|\\\\| #|\\'",
        6 => r"[a-z0-9 ]{1,5}",
    ];
    // Most are short, since one bad character makes a format refuse the whole value.
    let text = |length| {
        let pieces = proptest::collection::vec(piece.clone(), length);
        pieces.prop_map(|pieces| pieces.concat().into_bytes())
    };
    let bytes = proptest::collection::vec(1_u8.., 0..6);
    let part = prop_oneof![6 => text(0..4), 3 => text(0..20), 1 => bytes];
    (part.clone(), part).prop_map(|(before, after)| [before, b"canary".to_vec(), after].concat())
}
