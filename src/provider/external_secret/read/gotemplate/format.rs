//! How values are written: by an action, as JSON, as YAML. Pure.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::value::GoValue;

/// Appends a value as an action writes it.
pub(super) fn print(value: &GoValue, out: &mut Zeroizing<Vec<u8>>) {
    match value {
        GoValue::Nil => out.extend_from_slice(b"<no value>"),
        GoValue::Text(text) => out.extend_from_slice(text),
        GoValue::Bool(switch) => out.extend_from_slice(switch.to_string().as_bytes()),
        GoValue::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        GoValue::Float(number) => out.extend_from_slice(general(*number).as_bytes()),
        GoValue::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                nested(item, out);
            }
            out.push(b']');
        }
        GoValue::Map(map) | GoValue::Root(map) => {
            out.extend_from_slice(b"map[");
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(key.as_bytes());
                out.push(b':');
                nested(item, out);
            }
            out.push(b']');
        }
    }
}

fn nested(value: &GoValue, out: &mut Zeroizing<Vec<u8>>) {
    if let GoValue::Nil = value {
        out.extend_from_slice(b"<nil>");
    } else {
        print(value, out);
    }
}

/// Digits and decimal exponent of the shortest text for a number: 0.DIGITS × 10^exponent.
fn shortest(number: f64) -> (String, i32) {
    let text = format!("{:e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// A number as Go's `%v`: with an exponent below 1e-4 and from 1e6 on.
pub(super) fn general(number: f64) -> String {
    let (digits, exponent) = shortest(number);
    if number == 0.0 || (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    scientific(number, &digits, exponent)
}

fn scientific(number: f64, digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if number < 0.0 { "-" } else { "" };
    let direction = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}e{direction}{:02}", exponent.abs())
}

/// A number in JSON, as Go writes it.
pub(super) fn json_number(number: f64) -> String {
    let (digits, exponent) = shortest(number);
    if number == 0.0 || (-6..21).contains(&exponent) {
        return format!("{number}");
    }
    // Go shortens e-09 to e-9.
    scientific(number, &digits, exponent).replace("e-0", "e-").replace("e+0", "e+")
}

/// How JSON is written.
#[derive(Clone, Copy)]
pub(super) struct JsonStyle {
    /// Whether `<`, `>` and `&` are escaped.
    pub(super) escapes_html: bool,
    /// Whether it has lines.
    pub(super) pretty: bool,
}

/// Appends a value as JSON.
pub(super) fn json(value: &GoValue, style: JsonStyle, depth: usize, out: &mut Zeroizing<String>) {
    let line = |out: &mut Zeroizing<String>, depth: usize| {
        if style.pretty {
            out.push('\n');
            for _ in 0..depth {
                out.push_str("  ");
            }
        }
    };
    match value {
        GoValue::Nil => out.push_str("null"),
        GoValue::Bool(switch) => out.push_str(if *switch { "true" } else { "false" }),
        GoValue::Integer(number) => out.push_str(&number.to_string()),
        GoValue::Float(number) => out.push_str(&json_number(*number)),
        GoValue::Text(text) => json_text(text, style.escapes_html, out),
        GoValue::List(items) if items.is_empty() => out.push_str("[]"),
        GoValue::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                json(item, style, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        GoValue::Map(map) | GoValue::Root(map) if map.is_empty() => out.push_str("{}"),
        GoValue::Map(map) | GoValue::Root(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                json_text(key.as_bytes(), style.escapes_html, out);
                out.push(':');
                if style.pretty {
                    out.push(' ');
                }
                json(item, style, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

/// Appends a text in JSON, as Go writes it: bytes that are no UTF-8 become an escaped replacement character.
pub(super) fn json_text(text: &[u8], escapes_html: bool, out: &mut Zeroizing<String>) {
    out.push('"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            json_char(c, escapes_html, out);
        }
        for _ in chunk.invalid() {
            out.push_str("\\ufffd");
        }
    }
    out.push('"');
}

fn json_char(c: char, escapes_html: bool, out: &mut Zeroizing<String>) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '<' | '>' | '&' if !escapes_html => out.push(c),
        '<' | '>' | '&' | '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
            let _infallible = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// Appends a value as YAML, with a line break behind each line.
pub(super) fn yaml(value: &GoValue, depth: usize, out: &mut Zeroizing<String>) {
    match value {
        GoValue::Map(map) | GoValue::Root(map) if !map.is_empty() => {
            for (key, item) in map.iter() {
                indent(depth, out);
                yaml_text(key, depth, out);
                out.push(':');
                yaml_item(item, depth, out);
            }
        }
        GoValue::List(items) if !items.is_empty() => {
            for item in items.iter() {
                indent(depth, out);
                out.push('-');
                match item {
                    GoValue::Map(map) if !map.is_empty() => {
                        let mut nested = Zeroizing::new(String::new());
                        yaml(item, depth + 2, &mut nested);
                        out.push(' ');
                        out.push_str(nested.trim_start_matches(' '));
                    }
                    item => yaml_item(item, depth, out),
                }
            }
        }
        other => {
            yaml_single(other, depth, out);
            out.push('\n');
        }
    }
}

fn indent(depth: usize, out: &mut Zeroizing<String>) {
    for _ in 0..depth {
        out.push(' ');
    }
}

fn yaml_item(item: &GoValue, depth: usize, out: &mut Zeroizing<String>) {
    match item {
        GoValue::Map(map) if !map.is_empty() => {
            out.push('\n');
            yaml(item, depth + 2, out);
        }
        GoValue::List(items) if !items.is_empty() => {
            out.push('\n');
            yaml(item, depth, out);
        }
        item => {
            out.push(' ');
            yaml_single(item, depth, out);
            out.push('\n');
        }
    }
}

fn yaml_single(value: &GoValue, depth: usize, out: &mut Zeroizing<String>) {
    match value {
        GoValue::Nil => out.push_str("null"),
        GoValue::Float(number) => out.push_str(&json_number(*number)),
        GoValue::List(_) => out.push_str("[]"),
        GoValue::Map(_) | GoValue::Root(_) => out.push_str("{}"),
        GoValue::Text(text) => yaml_text(&String::from_utf8_lossy(text), depth, out),
        other => json(other, JsonStyle { escapes_html: false, pretty: false }, 0, out),
    }
}

/// Appends a text: plain where that is read as this text, in quotes otherwise.
fn yaml_text(text: &str, depth: usize, out: &mut Zeroizing<String>) {
    let is_control = |c: char| c.is_control() && c != '\n';
    if text.contains('\n') && !text.contains(is_control) && !text.starts_with([' ', '\n']) {
        out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
        for line in text.trim_end_matches('\n').split('\n') {
            out.push('\n');
            if !line.is_empty() {
                indent(depth + 2, out);
                out.push_str(line);
            }
        }
        return;
    }
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""];
    let starts = |c: char| {
        c.is_alphabetic() || matches!(c, '_' | '/' | '.' | '$' | '(' | '+' | '=' | ';' | '<')
    };
    let is_number = text.parse::<f64>().is_ok() || text.starts_with(|c: char| c.is_ascii_digit());
    let is_plain = text.starts_with(starts)
        && !is_number
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_control)
        && !words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain {
        out.push_str(text);
    } else if text.contains(is_control)
        || is_number
        || words.iter().any(|word| text.eq_ignore_ascii_case(word))
    {
        json_text(text.as_bytes(), false, out);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
}
