//! What is looked for and what is not, what is told about it, and what a quiet terminal sees.

use std::sync::Arc;

use hushed::redact::{Encoding, Encodings, Error, Label, Patterns, RedactionRules, Redactor};
use hushed::secret::{Name, Value};

use super::{Oracle, compile, outputs, random::Random, whole};

fn compiled(secrets: &[(&str, &str)], rules: &RedactionRules) -> Patterns {
    let secrets: Vec<(Name, Value)> =
        secrets.iter().map(|(name, value)| (Name::new(*name), Value::from(*value))).collect();
    Patterns::compile(secrets.iter().map(|(n, v)| (n, v)), rules).unwrap()
}

fn shown(patterns: Patterns, text: &str) -> String {
    String::from_utf8(whole(&Arc::new(patterns), &[text.as_bytes()])).unwrap()
}

#[test]
fn short_values_are_not_patterns_and_are_told_by_name() {
    let secrets = [("MODE", "canar"), ("KEY", "canary"), ("FILE", "canar\n"), ("NONE", "")];
    let patterns = compiled(&secrets, &RedactionRules::default());
    assert_eq!(patterns.too_short(), [Name::new("MODE"), Name::new("FILE")]);
    assert_eq!(shown(patterns, "canar canary"), "canar [hushed:KEY]");
    let rules = RedactionRules { min: 5, ..RedactionRules::default() };
    assert_eq!(compiled(&secrets, &rules).too_short(), []);
}

#[test]
fn an_excepted_name_is_seen_unless_another_has_its_value() {
    let secrets = [("A", "canary-one"), ("B", "canary-two"), ("C", "canary-one")];
    let except = vec![Name::new("A"), Name::new("B")];
    let rules = RedactionRules { except, ..RedactionRules::default() };
    assert_eq!(shown(compiled(&secrets, &rules), "canary-two canary-one"), "canary-two [hushed:C]");
}

#[test]
fn a_fixed_label_stands_for_every_name() {
    for label in ["***", ""] {
        let rules =
            RedactionRules { label: Label::Fixed(label.to_owned()), ..RedactionRules::default() };
        let patterns = compiled(&[("A", "canary-one"), ("B", "canary-two")], &rules);
        assert_eq!(shown(patterns, "<canary-two canary-one>"), format!("<{label} {label}>"));
    }
}

#[test]
fn a_control_character_of_a_name_does_not_reach_the_output() {
    let patterns = compiled(&[("A\u{1b}[2J", "canary-one")], &RedactionRules::default());
    assert_eq!(shown(patterns, "canary-one"), "[hushed:A\\u{1b}[2J]");
}

#[test]
fn nothing_to_hide_lets_everything_through_at_once() {
    let patterns = Arc::new(compiled(&[], &RedactionRules::default()));
    assert!(patterns.is_empty());
    assert_eq!(
        outputs(&patterns, &[b"\xff", b"", b"text"]),
        [&b"\xff"[..], b"\xff", b"\xfftext", b"\xfftext"]
    );
}

#[test]
fn each_encoding_alone_finds_its_forms_only() {
    let value = "can'ary \"&\" /é\nthe 2nd canary\n";
    for (encoding, form) in [
        (Encoding::Raw, "can'ary \"&\" /é\nthe 2nd canary\n"),
        (Encoding::Lines, "the 2nd canary"),
        (Encoding::Crlf, "can'ary \"&\" /é\r\nthe 2nd canary\r\n"),
        (Encoding::Trim, "can'ary \"&\" /é\nthe 2nd canary"),
        (Encoding::Base64, "Y2FuJ2FyeSAiJiIgL8OpCnRoZSAybmQgY2FuYXJ5C"),
        (Encoding::Hex, "63616e2761727920222622202fc3a90a74686520326e642063616e6172790a"),
        (Encoding::Hex, "63616E2761727920222622202FC3A90A74686520326E642063616E6172790A"),
        (Encoding::Percent, "can%27ary%20%22%26%22%20%2F%C3%A9%0Athe%202nd%20canary%0A"),
        (Encoding::Percent, "can%27ary%20%22%26%22%20%2f%c3%a9%0athe%202nd%20canary%0a"),
        (Encoding::Percent, "can'ary%20%22%26%22%20%2F%C3%A9%0Athe%202nd%20canary%0A"),
        (Encoding::Percent, "can%27ary+%22%26%22+%2F%C3%A9%0Athe+2nd+canary%0A"),
        (Encoding::Json, "can'ary \\\"&\\\" /é\\nthe 2nd canary\\n"),
        (Encoding::Json, "can'ary \\\"\\u0026\\\" /é\\nthe 2nd canary\\n"),
        (Encoding::Json, "can'ary \\\"&\\\" \\/\\u00e9\\nthe 2nd canary\\n"),
        (Encoding::Json, "can'ary \\\"&\\\" /\\u00e9\\nthe 2nd canary\\n"),
        (Encoding::Shell, "can'\\''ary \"&\" /é\nthe 2nd canary\n"),
        (Encoding::Shell, "can'\"'\"'ary \"&\" /é\nthe 2nd canary\n"),
        (Encoding::Shell, "can\\'ary \"&\" /é\\nthe 2nd canary\\n"),
        (Encoding::Shell, "can\\'ary \"&\" /\\303\\251\\nthe 2nd canary\\n"),
        (Encoding::Shell, "can'ary \\\"&\\\" /é\nthe 2nd canary\n"),
        (Encoding::Shell, "can\\'ary\\ \\\"\\&\\\"\\ /é\nthe\\ 2nd\\ canary\n"),
        (Encoding::Xml, "can&apos;ary &quot;&amp;&quot; /é\nthe 2nd canary\n"),
        (Encoding::Xml, "can&#39;ary &#34;&amp;&#34; /é\nthe 2nd canary\n"),
        (Encoding::Xml, "can&#x27;ary &quot;&amp;&quot; /é\nthe 2nd canary\n"),
    ] {
        let with = |encodings: Encodings| {
            let rules = RedactionRules { encodings, ..RedactionRules::default() };
            shown(compiled(&[("K", value)], &rules), &format!("<{form}>"))
        };
        assert_eq!(with([encoding].into_iter().collect()), "<[hushed:K]>", "{encoding} {form}");
        let raw = if encoding == Encoding::Raw { "<[hushed:K]>" } else { &format!("<{form}>") };
        assert_eq!(with(Encodings::RAW), raw, "{form}");
        assert_eq!(with(Encodings::ALL), "<[hushed:K]>", "{encoding} {form}");
    }
}

#[test]
fn base64_is_found_at_any_offset_and_in_both_alphabets() {
    // What the value shares a character with is seen: it is not wholly the value's.
    for (text, want) in [
        ("Y2FuYXJ5Pj4_Pz8-", "[hushed:K]"),          // canary>>???>
        ("Y2FuYXJ5Pj4/Pz8+", "[hushed:K]"),          //
        ("OmNhbmFyeT4-Pz8_Pg==", "Om[hushed:K]g=="), // :canary>>???>
        ("OmNhbmFyeT4+Pz8/Pg==", "Om[hushed:K]g=="), //
        ("YTpjYW5hcnk-Pj8_Pz4=", "YTp[hushed:K]4="), // a:canary>>???>
        ("YTpjYW5hcnk+Pj8/Pz4=", "YTp[hushed:K]4="), //
    ] {
        let patterns = compiled(&[("K", "canary>>???>")], &RedactionRules::default());
        assert_eq!(shown(patterns, text), want);
    }
}

#[test]
fn empty_lines_behind_a_value_stay() {
    let patterns = compiled(&[("K", "canary-one\ncanary-two\n")], &RedactionRules::default());
    assert_eq!(shown(patterns, "<canary-one\ncanary-two\n\n\n>"), "<[hushed:K]\n\n>");
}

#[test]
fn counts_are_of_labels_by_name() {
    let patterns = compiled(
        &[("A", "canary-one"), ("B", "canary-two"), ("C", "canary-3")],
        &RedactionRules::default(),
    );
    let mut redactor = Redactor::new(Arc::new(patterns));
    redactor.push(b"canary-two canary-one canary-two 63616e6172792d74776f", |_| {});
    redactor.finish(|_| {});
    redactor.push(b"canary-one", |_| {});
    let counts: Vec<(&str, u64)> =
        redactor.counts().map(|(n, count)| (n.as_str(), count)).collect();
    assert_eq!(counts, [("A", 2), ("B", 3)]);
}

/// What is seen when a terminal is quiet after each chunk.
fn quiet(value: &str, chunks: &[&str]) -> Vec<String> {
    let mut redactor =
        Redactor::new(Arc::new(compiled(&[("K", value)], &RedactionRules::default())));
    let mut outs = Vec::new();
    for chunk in chunks {
        let mut out = Vec::new();
        redactor.push(chunk.as_bytes(), |bytes| out.extend_from_slice(bytes));
        redactor.idle(|bytes| out.extend_from_slice(bytes));
        redactor.idle(|_| panic!("nothing comes twice"));
        outs.push(String::from_utf8(out).unwrap());
    }
    redactor.finish(|bytes| outs.push(String::from_utf8(bytes.to_vec()).unwrap()));
    outs
}

#[test]
fn a_quiet_terminal_shows_a_few_bytes_and_hides_what_follows_all_the_same() {
    let value = "canary-of-twenty-four-by"; // 24: three bytes are an eighth
    assert_eq!(quiet(value, &["ask: c", "x"]), ["ask: c", "x"]);
    assert_eq!(quiet(value, &["ask: can", "x"]), ["ask: can", "x"]);
    assert_eq!(quiet(value, &["ask: cana", "x"]), ["ask: ", "canax"]);
    let typed = ["c", "a", "n", "a", "ry-of-twenty-four-by", "\n"];
    assert_eq!(quiet(value, &typed), ["c", "a", "n", "", "[hushed:K]", "\n"]);
    assert_eq!(quiet(value, &["ca", "nary", "."]), ["ca", "", "nary."]);
}

#[test]
fn a_pause_shows_no_more_than_an_eighth_but_one_character() {
    assert_eq!(quiet("canary-of-15-by", &["ask: c", "an"]), ["ask: c", "", "an"]);
    assert_eq!(quiet("canary7", &["ask: c", "a", "."]), ["ask: c", "", "a."]);
}

#[test]
fn a_quiet_terminal_shows_the_label_of_what_may_grow_longer() {
    let secrets = [("SHORT", "canary"), ("LONG", "canary-extended")];
    let mut redactor = Redactor::new(Arc::new(compiled(&secrets, &RedactionRules::default())));
    let mut out = Vec::new();
    redactor.push(b"> canary", |bytes| out.extend_from_slice(bytes));
    assert_eq!((out.as_slice(), redactor.held()), (&b"> "[..], 6));
    redactor.idle(|bytes| out.extend_from_slice(bytes));
    assert_eq!((out.as_slice(), redactor.held()), (&b"> [hushed:SHORT]"[..], 0));
    redactor.push(b"-extended <", |bytes| out.extend_from_slice(bytes));
    assert_eq!(out, b"> [hushed:SHORT] <");
}

#[test]
fn long_texts_come_out_the_same_in_reads_of_any_size() {
    let mut random = Random::new(11);
    let long = vec![b'a'; 3_000];
    let values: [&[u8]; 6] = [
        b"canary-one",
        b"aaab",
        b"abababababababab",
        b"canary-one-and-more",
        &long,
        b"aaaaaaaaaaaaaaaaab",
    ];
    let mut text = Vec::new();
    while text.len() < 200_000 {
        match random.below(4) {
            0 => text.extend_from_slice(values[random.below(values.len())]),
            1 => text.extend(std::iter::repeat_n(b'a', random.below(4_000))),
            2 => text.extend(b"ab".iter().cycle().take(random.below(2_000))),
            _ => text.extend(
                b"2026-11-22T01:02:03Z INFO nothing to see here\n".repeat(random.below(90)),
            ),
        }
    }
    let rules = RedactionRules { encodings: Encodings::RAW, min: 1, ..RedactionRules::default() };
    let patterns = compile(&values, &rules);
    let labels = (0..).map(|number: u32| format!("[hushed:S{number}]"));
    let named: Vec<(&[u8], String)> = values.iter().copied().zip(labels).collect();
    let want = Oracle::new(&named, &text).output(text.len(), true);
    for size in [text.len(), 65_537, 65_536, 4_096, 63] {
        let chunks: Vec<&[u8]> = text.chunks(size).collect();
        assert!(whole(&patterns, &chunks) == want, "in reads of {size}");
    }
}

#[test]
fn values_that_are_too_large_are_refused() {
    let value = Value::new(vec![b'c'; (64 << 20) + 1]);
    let rules = RedactionRules { encodings: Encodings::RAW, ..RedactionRules::default() };
    let fault = Patterns::compile([(&Name::new("K"), &value)], &rules).unwrap_err();
    assert!(matches!(fault, Error::TooLarge));
    assert!(fault.hint().unwrap().contains("--no-redact"));
}

#[test]
fn debug_shows_nothing_of_a_value() {
    let patterns = Arc::new(compiled(&[("K", "canary-one")], &RedactionRules::default()));
    let redactor = Redactor::new(Arc::clone(&patterns));
    assert_eq!(format!("{patterns:?} {redactor:?}"), "Patterns(..) Redactor(..)");
}
