//! Functions of sprig for texts. Pure.

use zeroize::Zeroizing;

use super::format;
use super::functions::{Arguments, Called};
use super::value::GoValue;

/// The longest text that `repeat` and `indent` make.
const MAX_REPEATED: usize = 1 << 20;

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Called {
    let result = match name {
        "trim" => arguments.text(0).map(|text| GoValue::text(text.trim())),
        "trimAll" | "trimall" => trim_all(arguments),
        "trimSuffix" => affix(arguments, |text, affix| text.strip_suffix(affix)),
        "trimPrefix" => affix(arguments, |text, affix| text.strip_prefix(affix)),
        "upper" => arguments.text(0).map(|text| GoValue::text(text.to_uppercase())),
        "lower" => arguments.text(0).map(|text| GoValue::text(text.to_lowercase())),
        "title" => arguments.text(0).map(|text| GoValue::text(capitals(text, true))),
        "untitle" => arguments.text(0).map(|text| GoValue::text(capitals(text, false))),
        "snakecase" => arguments.text(0).map(|text| GoValue::text(words(text).join("_"))),
        "kebabcase" => arguments.text(0).map(|text| GoValue::text(words(text).join("-"))),
        "camelcase" => arguments.text(0).map(|text| {
            let words: Vec<_> = words(text).iter().map(|word| capitals(word, true)).collect();
            GoValue::text(words.concat())
        }),
        "nospace" => arguments.text(0).map(|text| {
            GoValue::text(text.chars().filter(|c| !c.is_whitespace()).collect::<String>())
        }),
        "repeat" => repeat(arguments),
        "replace" => (|| {
            let (old, new, text) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
            Ok(GoValue::text(&*Zeroizing::new(text.replace(old, new))))
        })(),
        "contains" => test(arguments, |text, part| text.contains(part)),
        "hasPrefix" => test(arguments, |text, part| text.starts_with(part)),
        "hasSuffix" => test(arguments, |text, part| text.ends_with(part)),
        "quote" => Ok(quoted(arguments, true)),
        "squote" => Ok(quoted(arguments, false)),
        "cat" => Ok(cat(arguments)),
        "indent" => indent(arguments, ""),
        "nindent" => indent(arguments, "\n"),
        "trunc" => truncate(arguments),
        "substr" => substring(arguments),
        "toString" => arguments.value(0).map(to_string),
        "join" => join(arguments),
        "split" | "splitList" | "splitn" => split(name, arguments),
        "regexMatch" => arguments
            .regex(0)
            .and_then(|regex| Ok(GoValue::Bool(regex.is_match(arguments.text(1)?)))),
        "regexFind" => arguments.regex(0).and_then(|regex| {
            let found = regex.find(arguments.text(1)?);
            Ok(GoValue::text(found.map_or("", |found| found.as_str())))
        }),
        "regexReplaceAll" | "regexReplaceAllLiteral" => regex_replace(name, arguments),
        _ => return None,
    };
    Some(result)
}

/// A value as text, as an action writes it.
pub(super) fn to_string(value: &GoValue) -> GoValue {
    let mut text = Zeroizing::new(Vec::new());
    format::print(value, &mut text);
    GoValue::text(&*text)
}

fn affix(
    arguments: &Arguments<'_>,
    strip: for<'t> fn(&'t str, &str) -> Option<&'t str>,
) -> Result<GoValue, String> {
    let (affix, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(GoValue::text(strip(text, affix).unwrap_or(text)))
}

fn trim_all(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (cut, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(GoValue::text(text.trim_matches(|c| cut.contains(c))))
}

fn test(arguments: &Arguments<'_>, holds: impl Fn(&str, &str) -> bool) -> Result<GoValue, String> {
    let (part, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(GoValue::Bool(holds(text, part)))
}

fn capitals(text: &str, upper: bool) -> String {
    let mut starts = true;
    let mut out = String::new();
    for c in text.chars() {
        match (starts, upper) {
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
        starts = c.is_whitespace();
    }
    out
}

/// The words of a name, in lower case: at `_`, `-`, spaces and before capitals.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut starts = true;
    let mut after_lower = false;
    for c in text.chars() {
        if matches!(c, '_' | '-' | ' ' | '.') {
            (starts, after_lower) = (true, false);
            continue;
        }
        if starts || c.is_uppercase() && after_lower {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        (starts, after_lower) = (false, c.is_lowercase() || c.is_numeric());
    }
    words
}

fn repeat(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (count, text) = (arguments.loose(0)?, arguments.text(1)?);
    let count = usize::try_from(count).map_err(|_| "`repeat` with a negative number".to_owned())?;
    if text.len().saturating_mul(count) > MAX_REPEATED {
        return Err("`repeat` makes more than 1 MiB".to_owned());
    }
    Ok(GoValue::text(text.repeat(count)))
}

/// Each value in quotes, with spaces between them.
fn quoted(arguments: &Arguments<'_>, double: bool) -> GoValue {
    let mut out = Zeroizing::new(String::new());
    for value in arguments.values.iter().filter(|value| !matches!(value, GoValue::Nil)) {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut text = Zeroizing::new(Vec::new());
        format::print(value, &mut text);
        if double {
            format::json_text(&text, false, &mut out);
        } else {
            out.push('\'');
            out.push_str(&String::from_utf8_lossy(&text));
            out.push('\'');
        }
    }
    GoValue::text(out.as_bytes())
}

fn cat(arguments: &Arguments<'_>) -> GoValue {
    let mut out = Zeroizing::new(Vec::new());
    for value in arguments.values.iter().filter(|value| !matches!(value, GoValue::Nil)) {
        if !out.is_empty() {
            out.push(b' ');
        }
        format::print(value, &mut out);
    }
    GoValue::text(&*out)
}

fn indent(arguments: &Arguments<'_>, before: &str) -> Result<GoValue, String> {
    let (width, text) = (arguments.loose(0)?, arguments.text(1)?);
    let width = usize::try_from(width).ok().filter(|width| *width <= 1024);
    let padding = " ".repeat(width.ok_or_else(|| "`indent` by more than 1024".to_owned())?);
    let lines = Zeroizing::new(text.replace('\n', &format!("\n{padding}")));
    Ok(GoValue::text(&*Zeroizing::new(format!("{before}{padding}{}", *lines))))
}

fn truncate(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (length, text) = (arguments.loose(0)?, arguments.bytes(1)?);
    let count = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    let part = if length >= 0 {
        text.get(..count)
    } else {
        text.len().checked_sub(count).and_then(|start| text.get(start..))
    };
    Ok(GoValue::text(part.unwrap_or(text)))
}

fn substring(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (start, end, text) = (arguments.loose(0)?, arguments.loose(1)?, arguments.bytes(2)?);
    let start = usize::try_from(start).unwrap_or(0);
    let end = usize::try_from(end).unwrap_or(text.len()).min(text.len());
    Ok(GoValue::text(text.get(start..end).unwrap_or_default()))
}

fn join(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let separator = arguments.bytes(0)?;
    let single = std::slice::from_ref(arguments.value(1)?);
    let items = arguments.list(1).unwrap_or(single);
    let mut out = Zeroizing::new(Vec::new());
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(separator);
        }
        format::print(item, &mut out);
    }
    Ok(GoValue::text(&*out))
}

/// `splitList` gives a list, `split` and `splitn` a map with the keys `_0`, `_1` and so on.
fn split(name: &str, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let separator = arguments.text(0)?;
    let parts: Vec<_> = if name == "splitn" {
        let count = usize::try_from(arguments.loose(1)?).unwrap_or(usize::MAX);
        arguments.text(2)?.splitn(count, separator).map(GoValue::text).collect()
    } else {
        arguments.text(1)?.split(separator).map(GoValue::text).collect()
    };
    Ok(if name == "splitList" {
        GoValue::list(parts)
    } else {
        let keyed = parts.into_iter().enumerate().map(|(at, part)| (format!("_{at}"), part));
        GoValue::map(keyed.collect())
    })
}

fn regex_replace(name: &str, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (regex, text, new) = (arguments.regex(0)?, arguments.text(1)?, arguments.text(2)?);
    let replaced = if name == "regexReplaceAll" {
        regex.replace_all(text, new)
    } else {
        regex.replace_all(text, regex_lite::NoExpand(new))
    };
    Ok(GoValue::text(&*Zeroizing::new(replaced.into_owned())))
}
