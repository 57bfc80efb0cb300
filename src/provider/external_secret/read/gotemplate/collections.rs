//! Functions of sprig for lists and maps. Pure.

use std::rc::Rc;

use super::functions::{Arguments, Called};
use super::value::{GoMap, GoValue};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Called {
    let result = match name {
        "list" => Ok(GoValue::list(arguments.values.to_vec())),
        "dict" => dict(arguments),
        "get" => arguments.map(0).and_then(|map| {
            Ok(map.get(arguments.text(1)?).cloned().unwrap_or_else(|| GoValue::text("")))
        }),
        "hasKey" => {
            arguments.map(0).and_then(|map| Ok(GoValue::Bool(map.contains_key(arguments.text(1)?))))
        }
        "set" => arguments.map(0).and_then(|map| {
            let mut map = map.clone();
            map.insert(arguments.text(1)?.to_owned(), arguments.value(2)?.clone());
            Ok(GoValue::map(map))
        }),
        "keys" => {
            arguments.map(0).map(|map| GoValue::list(map.keys().map(GoValue::text).collect()))
        }
        "values" => arguments.map(0).map(|map| GoValue::list(map.values().cloned().collect())),
        "pick" | "omit" => pick(name == "pick", arguments),
        "merge" => merge(arguments),
        "dig" => dig(arguments),
        "first" => arguments.list(0).map(|items| items.first().cloned().unwrap_or(GoValue::Nil)),
        "last" => arguments.list(0).map(|items| items.last().cloned().unwrap_or(GoValue::Nil)),
        "rest" => part(arguments, |items| items.get(1..)),
        "initial" => part(arguments, |items| items.get(..items.len().saturating_sub(1))),
        "append" | "push" => extended(arguments, false),
        "prepend" => extended(arguments, true),
        "concat" => {
            let lists = (0..arguments.values.len()).map(|at| arguments.list(at));
            lists.collect::<Result<Vec<_>, _>>().map(|lists| GoValue::list(lists.concat()))
        }
        "reverse" => {
            arguments.list(0).map(|items| GoValue::list(items.iter().rev().cloned().collect()))
        }
        "compact" => arguments.list(0).map(|items| {
            GoValue::list(items.iter().filter(|item| item.is_true()).cloned().collect())
        }),
        "uniq" => arguments.list(0).map(|items| {
            let mut kept: Vec<GoValue> = Vec::new();
            for item in items {
                if !kept.iter().any(|known| known.same(item)) {
                    kept.push(item.clone());
                }
            }
            GoValue::list(kept)
        }),
        "without" => arguments.list(0).map(|items| {
            let removed = arguments.values.get(1..).unwrap_or_default();
            let keeps = |item: &&GoValue| !removed.iter().any(|other| other.same(item));
            GoValue::list(items.iter().filter(keeps).cloned().collect())
        }),
        "has" => arguments.list(1).and_then(|items| {
            let wanted = arguments.value(0)?;
            Ok(GoValue::Bool(items.iter().any(|item| item.same(wanted))))
        }),
        "sortAlpha" => sort(arguments),
        "until" => until(arguments),
        _ => return None,
    };
    Some(result)
}

fn dict(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let mut map = GoMap::new();
    for at in (0..arguments.values.len()).step_by(2) {
        let value = arguments.values.get(at + 1).cloned().unwrap_or_else(|| GoValue::text(""));
        map.insert(arguments.text(at)?.to_owned(), value);
    }
    Ok(GoValue::map(map))
}

fn pick(keeps: bool, arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let map = arguments.map(0)?;
    let names = (1..arguments.values.len()).map(|at| arguments.text(at));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let chosen = map.iter().filter(|(key, _)| names.contains(&key.as_str()) == keeps);
    Ok(GoValue::map(chosen.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

/// The first map wins, key by key.
fn merge(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let mut merged = arguments.map(0)?.clone();
    for at in 1..arguments.values.len() {
        for (key, value) in arguments.map(at)? {
            merged.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok(GoValue::map(merged))
}

/// `dig "a" "b" DEFAULT MAP`.
fn dig(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let count = arguments.values.len();
    let (map, default) = (count.saturating_sub(1), count.saturating_sub(2));
    let mut found = GoValue::map(arguments.map(map)?.clone());
    for at in 0..default {
        let GoValue::Map(map) = &found else { return arguments.value(default).cloned() };
        let Some(next) = map.get(arguments.text(at)?).cloned() else {
            return arguments.value(default).cloned();
        };
        found = next;
    }
    Ok(found)
}

fn part(
    arguments: &Arguments<'_>,
    take: impl Fn(&[GoValue]) -> Option<&[GoValue]>,
) -> Result<GoValue, String> {
    Ok(GoValue::list(take(arguments.list(0)?).unwrap_or_default().to_vec()))
}

fn extended(arguments: &Arguments<'_>, in_front: bool) -> Result<GoValue, String> {
    let (mut items, new) = (arguments.list(0)?.to_vec(), arguments.value(1)?.clone());
    items.insert(if in_front { 0 } else { items.len() }, new);
    Ok(GoValue::list(items))
}

fn sort(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let texts = arguments.list(0)?.iter().map(|item| match item {
        GoValue::Text(text) => Ok(Rc::clone(text)),
        other => Err(format!("`sortAlpha` sorts strings, not {}", other.type_name())),
    });
    let mut texts = texts.collect::<Result<Vec<_>, _>>()?;
    texts.sort_unstable_by(|a, b| a.as_slice().cmp(b.as_slice()));
    Ok(GoValue::list(texts.into_iter().map(GoValue::Text).collect()))
}

fn until(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let end = arguments.loose(0)?;
    if !(0..=100_000).contains(&end) {
        return Err("`until` takes a number up to 100000".to_owned());
    }
    Ok(GoValue::list((0..end).map(GoValue::Integer).collect()))
}
