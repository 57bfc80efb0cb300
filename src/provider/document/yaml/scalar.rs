//! The type and spelling of a YAML scalar, as yaml.v3 resolves it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{ScalarStyle, Tag};
use zeroize::Zeroizing;

use super::super::{Node, ParseError, Scalar, ScalarKind, timestamp};

/// The node of a scalar.
pub(super) fn node(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    line: usize,
) -> Result<Node, ParseError> {
    let unsupported = || ParseError::new(line, "a tag that is not supported");
    match tag {
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        None => Ok(Node::text(text.as_bytes())),
        Some(tag) if tag.handle == "!" && tag.suffix.is_empty() => Ok(Node::text(text.as_bytes())),
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "str" => Ok(Node::text(text.as_bytes())),
            "binary" => {
                let compact: String = text.split_ascii_whitespace().collect();
                let bytes = STANDARD.decode(compact);
                let bytes = bytes.map_err(|_| ParseError::new(line, "malformed !!binary"))?;
                Ok(Node::text(&Zeroizing::new(bytes)))
            }
            "null" | "bool" | "int" | "float" | "timestamp" => Ok(plain(text)),
            _ => Err(unsupported()),
        },
        Some(_) => Err(unsupported()),
    }
}

fn plain(text: &str) -> Node {
    let scalar =
        |kind, text: String| Node::Scalar(Scalar { kind, text: Zeroizing::new(text.into_bytes()) });
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Node::Null,
        "true" | "True" | "TRUE" => return scalar(ScalarKind::Bool, "true".to_owned()),
        "false" | "False" | "FALSE" => return scalar(ScalarKind::Bool, "false".to_owned()),
        _ => {}
    }
    if let Some(number) = number(text) {
        return scalar(ScalarKind::Number, number);
    }
    let is_dated = text.as_bytes().get(4) == Some(&b'-');
    if let Some(time) = timestamp::from_yaml(text).filter(|_| is_dated) {
        return scalar(ScalarKind::Time, time);
    }
    Node::text(text.as_bytes())
}

/// The number that a plain scalar is, in decimal without an exponent.
fn number(text: &str) -> Option<String> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some("NaN".to_owned()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some("+Inf".to_owned()),
        "-.inf" | "-.Inf" | "-.INF" => return Some("-Inf".to_owned()),
        _ => {}
    }
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let digits = text.replace('_', "");
    if first != b'.'
        && let Some(integer) = integer(&digits)
    {
        return Some(integer.to_string());
    }
    is_float(&digits).then(|| digits.parse().ok().map(written_float))?
}

/// A whole number with the prefixes that Go knows: `0x`, `0o`, `0b`, and `0` for octal.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = |prefix, radix| lower.strip_prefix(prefix).map(|digits| (digits, radix));
    let (digits, radix) = prefixed("0x", 16)
        .or_else(|| prefixed("0o", 8))
        .or_else(|| prefixed("0b", 2))
        .or_else(|| prefixed("0", 8).filter(|(digits, _)| !digits.is_empty()))
        .unwrap_or((&lower, 10));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = sign * i128::from(u64::from_str_radix(digits, radix).ok()?);
    (value >= i128::from(i64::MIN)).then_some(value)
}

/// Whether this is a float of YAML: digits, at most one point, and an exponent.
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|digits| !digits.is_empty() && is_digits(digits))
}

/// A float in decimal without an exponent, with as few digits as tell it from all others.
pub(in crate::provider) fn written_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_resolved_as_yaml_v3_does() {
        use ScalarKind::{Bool, Number, Text, Time};
        for (text, kind, want) in [
            ("42", Number, "42"),
            ("+12", Number, "12"),
            ("0x1F", Number, "31"),
            ("0o17", Number, "15"),
            ("0755", Number, "493"),
            ("08", Number, "8"),
            ("1_000_000", Number, "1000000"),
            ("18446744073709551615", Number, "18446744073709551615"),
            ("-9223372036854775808", Number, "-9223372036854775808"),
            ("1000000.0", Number, "1000000"),
            ("0.00001", Number, "0.00001"),
            ("6.02e23", Number, "602000000000000000000000"),
            ("-0.0", Number, "-0"),
            (".inf", Number, "+Inf"),
            (".5", Number, "0.5"),
            ("1.", Number, "1"),
            ("TRUE", Bool, "true"),
            ("yes", Text, "yes"),
            ("190:20:30", Text, "190:20:30"),
            ("1.2.3", Text, "1.2.3"),
            ("+", Text, "+"),
            ("0x", Text, "0x"),
            ("2001-12-14", Time, "2001-12-14T00:00:00Z"),
            ("<<", Text, "<<"),
        ] {
            let Node::Scalar(scalar) = plain(text) else { panic!("{text}") };
            assert_eq!((scalar.kind, &**scalar.text), (kind, want.as_bytes()), "{text}");
        }
        assert!(["", "~", "null", "NULL"].iter().all(|text| matches!(plain(text), Node::Null)));
    }
}
