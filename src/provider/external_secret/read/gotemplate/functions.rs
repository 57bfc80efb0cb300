//! The functions that templates may call: those of Go's text/template and a part of sprig. Pure.

use regex_lite::Regex;

use super::value::GoValue;
use super::{collections, encode, format, text};

/// Calls a function. An unknown name, a missing argument or an argument of another type is an error.
pub(super) fn call(name: &str, arguments: &[GoValue]) -> Result<GoValue, String> {
    let arguments = Arguments { name, values: arguments };
    let found = builtin(name, &arguments)
        .or_else(|| text::call(name, &arguments))
        .or_else(|| encode::call(name, &arguments))
        .or_else(|| collections::call(name, &arguments));
    found.unwrap_or_else(|| Err(format!("the function `{}` is not supported", name.escape_debug())))
}

/// The result of a function; `None` for an unknown one.
pub(super) type Called = Option<Result<GoValue, String>>;

/// The arguments of a call.
pub(super) struct Arguments<'a> {
    pub(super) name: &'a str,
    pub(super) values: &'a [GoValue],
}

impl<'a> Arguments<'a> {
    fn fault(&self, at: usize, wanted: &str) -> String {
        let found = self.values.get(at).map_or("nothing", GoValue::type_name);
        format!("the argument {} of `{}` is {found}, not {wanted}", at + 1, self.name)
    }

    pub(super) fn value(&self, at: usize) -> Result<&'a GoValue, String> {
        self.values.get(at).ok_or_else(|| self.fault(at, "a value"))
    }

    /// A text, as functions of Go take it.
    pub(super) fn bytes(&self, at: usize) -> Result<&'a [u8], String> {
        match self.values.get(at) {
            Some(GoValue::Text(text)) => Ok(text),
            _ => Err(self.fault(at, "a string")),
        }
    }

    /// The same, if it is UTF-8.
    pub(super) fn text(&self, at: usize) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes(at)?).map_err(|_| self.fault(at, "UTF-8"))
    }

    pub(super) fn integer(&self, at: usize) -> Result<i64, String> {
        match self.values.get(at) {
            Some(GoValue::Integer(number)) => Ok(*number),
            _ => Err(self.fault(at, "an integer")),
        }
    }

    pub(super) fn list(&self, at: usize) -> Result<&'a [GoValue], String> {
        match self.values.get(at) {
            Some(GoValue::List(items)) => Ok(items),
            _ => Err(self.fault(at, "a list")),
        }
    }

    pub(super) fn map(&self, at: usize) -> Result<&'a super::value::GoMap, String> {
        match self.values.get(at) {
            Some(GoValue::Map(map)) => Ok(map),
            _ => Err(self.fault(at, "a map of any values")),
        }
    }

    /// A number as sprig reads it: out of a text, too. What is no number is 0.
    pub(super) fn loose(&self, at: usize) -> Result<i64, String> {
        Ok(to_integer(self.value(at)?))
    }

    pub(super) fn regex(&self, at: usize) -> Result<Regex, String> {
        Regex::new(self.text(at)?)
            .map_err(|_| self.fault(at, "a regular expression that is supported"))
    }
}

/// An integer, as sprig's `int` reads it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "as in Go, digits are cut off"
)]
pub(super) fn to_integer(value: &GoValue) -> i64 {
    match value {
        GoValue::Integer(number) => *number,
        GoValue::Float(number) => *number as i64,
        GoValue::Bool(switch) => i64::from(*switch),
        GoValue::Text(text) => std::str::from_utf8(text).ok().map_or(0, go_integer),
        _ => 0,
    }
}

/// A text as an integer with the prefixes of Go; 0 if it is none.
fn go_integer(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let lower = digits.to_ascii_lowercase();
    let parsed = if let Some(hex) = lower.strip_prefix("0x") {
        i64::from_str_radix(hex, 16).ok()
    } else if let Some(binary) = lower.strip_prefix("0b") {
        i64::from_str_radix(binary, 2).ok()
    } else if let Some(octal) = lower.strip_prefix("0o") {
        i64::from_str_radix(octal, 8).ok()
    } else if lower.len() > 1 && lower.starts_with('0') {
        i64::from_str_radix(&lower, 8).ok()
    } else {
        lower.parse().ok()
    };
    sign * parsed.unwrap_or(0)
}

fn builtin(name: &str, arguments: &Arguments<'_>) -> Called {
    let result = match name {
        "and" | "or" => fold(name == "or", arguments),
        "not" => arguments.value(0).map(|value| GoValue::Bool(!value.is_true())),
        "eq" | "ne" => equal(arguments).map(|equal| GoValue::Bool(equal == (name == "eq"))),
        "lt" | "le" | "gt" | "ge" => compare(name, arguments),
        "len" => length(arguments),
        "index" => index(arguments),
        "print" | "println" => Ok(print(arguments.values, name == "println")),
        "printf" => printf(arguments),
        "fail" => Err("the template calls `fail`".to_owned()),
        "kindOf" => arguments.value(0).map(|value| GoValue::text(value.kind())),
        "typeOf" => arguments.value(0).map(|value| GoValue::text(value.type_name())),
        "int" | "int64" | "atoi" => number(name, arguments),
        "float64" => float(arguments),
        "add" | "sub" | "mul" | "div" | "mod" | "max" | "min" | "add1" => {
            arithmetic(name, arguments)
        }
        "ternary" => ternary(arguments),
        "default" => default(arguments),
        "empty" => arguments.value(0).map(|value| GoValue::Bool(!value.is_true())),
        "coalesce" => {
            let found = arguments.values.iter().find(|value| value.is_true());
            Ok(found.cloned().unwrap_or(GoValue::Nil))
        }
        _ => return None,
    };
    Some(result)
}

fn fold(is_or: bool, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let decisive = arguments.values.iter().find(|value| value.is_true() == is_or);
    let last = arguments.values.last().ok_or_else(|| arguments.fault(0, "a value"))?;
    Ok(decisive.unwrap_or(last).clone())
}

fn equal(arguments: &Arguments<'_>) -> Result<bool, String> {
    let first = arguments.value(0)?;
    arguments.value(1)?;
    let mut others = arguments.values.iter().enumerate().skip(1);
    let compared = |(at, other): (usize, &GoValue)| {
        first
            .equals(other)
            .ok_or_else(|| arguments.fault(at, "of the type that it is compared with"))
    };
    others.try_fold(false, |found, other| Ok(found | compared(other)?))
}

fn compare(name: &str, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let order = match (arguments.value(0)?, arguments.value(1)?) {
        (GoValue::Integer(a), GoValue::Integer(b)) => a.cmp(b),
        (GoValue::Float(a), GoValue::Float(b)) => a.total_cmp(b),
        (GoValue::Text(a), GoValue::Text(b)) => a.cmp(b),
        _ => return Err(arguments.fault(1, "of the type that it is compared with")),
    };
    Ok(GoValue::Bool(match name {
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn length(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let length = match arguments.value(0)? {
        GoValue::Text(text) => text.len(),
        GoValue::List(items) => items.len(),
        GoValue::Map(map) | GoValue::Root(map) => map.len(),
        _ => return Err(arguments.fault(0, "something with a length")),
    };
    Ok(GoValue::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let mut value = arguments.value(0)?.clone();
    for at in 1..arguments.values.len() {
        value = match &value {
            // What is missing in the map of texts is an empty text; in another map, nothing.
            GoValue::Root(map) => {
                map.get(arguments.text(at)?).cloned().unwrap_or_else(|| GoValue::text(""))
            }
            GoValue::Map(map) => map.get(arguments.text(at)?).cloned().unwrap_or(GoValue::Nil),
            GoValue::List(items) => {
                let index = usize::try_from(arguments.integer(at)?).ok();
                let item = index.and_then(|index| items.get(index));
                item.cloned().ok_or_else(|| "an index that the list does not have".to_owned())?
            }
            _ => return Err(arguments.fault(0, "a map or a list")),
        };
    }
    Ok(value)
}

fn print(values: &[GoValue], line: bool) -> GoValue {
    let mut out = zeroize::Zeroizing::new(Vec::new());
    let is_text = |value: &GoValue| matches!(value, GoValue::Text(_));
    for (at, value) in values.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| values.get(at));
        if before.is_some_and(|before| line || !is_text(before) && !is_text(value)) {
            out.push(b' ');
        }
        format::print(value, &mut out);
    }
    if line {
        out.push(b'\n');
    }
    GoValue::text(&*out)
}

/// `printf` with `%s`, `%v`, `%d`, `%q`, `%t`, `%T`, `%x`, a width and `-` or `0`.
fn printf(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let layout = arguments.text(0)?;
    let unsupported = || "a verb of `printf` that is not supported".to_owned();
    let (mut out, mut next) = (zeroize::Zeroizing::new(Vec::new()), 1);
    let mut characters = layout.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '%' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let mut flags = String::new();
        while let Some(c) = characters.next_if(|c| c.is_ascii_digit() || *c == '-') {
            flags.push(c);
        }
        let verb = characters.next().ok_or_else(unsupported)?;
        if verb == '%' {
            out.push(b'%');
            continue;
        }
        let value = arguments.value(next)?;
        next += 1;
        let mut text = zeroize::Zeroizing::new(Vec::new());
        match (verb, value) {
            ('s', GoValue::Text(_))
            | ('v', _)
            | ('d', GoValue::Integer(_))
            | ('t', GoValue::Bool(_)) => {
                format::print(value, &mut text);
            }
            ('q', GoValue::Text(bytes)) => {
                let mut quoted = zeroize::Zeroizing::new(String::new());
                format::json_text(bytes, false, &mut quoted);
                text.extend_from_slice(quoted.as_bytes());
            }
            ('x', GoValue::Text(bytes)) => {
                for byte in bytes.iter() {
                    text.extend_from_slice(format!("{byte:02x}").as_bytes());
                }
            }
            ('T', value) => text.extend_from_slice(value.type_name().as_bytes()),
            _ => return Err(unsupported()),
        }
        let left = flags.starts_with('-');
        let zero = !left && flags.starts_with('0');
        let width: usize = flags.trim_start_matches('-').parse().unwrap_or(0);
        let padding =
            width.min(1024).saturating_sub(String::from_utf8_lossy(&text).chars().count());
        let fill = |out: &mut Vec<u8>| {
            out.extend(std::iter::repeat_n(if zero { b'0' } else { b' ' }, padding));
        };
        if !left {
            fill(&mut out);
        }
        out.extend_from_slice(&text);
        if left {
            fill(&mut out);
        }
    }
    if next < arguments.values.len() {
        return Err("`printf` has more arguments than verbs".to_owned());
    }
    Ok(GoValue::text(&*out))
}

fn number(name: &str, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    if name == "atoi" {
        let number = arguments.text(0)?.parse().map_err(|_| arguments.fault(0, "a number"))?;
        return Ok(GoValue::Integer(number));
    }
    if let Ok(text) = arguments.text(0)
        && go_integer(text) == 0
        && !text.trim_matches('0').is_empty()
    {
        return Err(arguments.fault(0, "a number"));
    }
    Ok(GoValue::Integer(arguments.loose(0)?))
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "as in Go")]
fn float(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    Ok(GoValue::Float(match arguments.value(0)? {
        GoValue::Float(number) => *number,
        GoValue::Integer(number) => *number as f64,
        _ => arguments.text(0)?.parse().map_err(|_| arguments.fault(0, "a number"))?,
    }))
}

fn arithmetic(name: &str, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let numbers: Vec<i64> = arguments.values.iter().map(to_integer).collect();
    let first = *numbers.first().ok_or_else(|| arguments.fault(0, "a number"))?;
    let rest = numbers.get(1..).unwrap_or_default();
    let step = |a: i64, b: &i64| match name {
        "add" => a.checked_add(*b),
        "sub" => a.checked_sub(*b),
        "mul" => a.checked_mul(*b),
        "div" => a.checked_div(*b),
        "mod" => a.checked_rem(*b),
        "max" => Some(a.max(*b)),
        _ => Some(a.min(*b)),
    };
    let result =
        if name == "add1" { first.checked_add(1) } else { rest.iter().try_fold(first, step) };
    result.map(GoValue::Integer).ok_or_else(|| format!("`{name}` has no result"))
}

fn ternary(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let GoValue::Bool(switch) = arguments.value(2)? else {
        return Err(arguments.fault(2, "a bool"));
    };
    arguments.value(usize::from(!switch)).cloned()
}

fn default(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let given = arguments.values.get(1).filter(|value| value.is_true());
    given.or(arguments.values.first()).cloned().ok_or_else(|| arguments.fault(0, "a value"))
}
