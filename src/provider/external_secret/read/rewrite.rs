//! `rewrite`: operations on the keys of an entry of `dataFrom`, and the merging of JSON objects. Pure.

use regex_lite::Regex;
use zeroize::Zeroizing;

use super::fields::Fault;
use super::gotemplate::{self, GoValue};
use super::model::Rewrite;
use super::value::ValueMap;

/// Applies the operations in their order.
pub(super) fn apply(mut map: ValueMap, operations: &[Rewrite]) -> Result<ValueMap, Fault> {
    for operation in operations {
        map = match operation {
            Rewrite::Regexp { line, source, target } => {
                // Go and this crate have the same `$1` and `${name}`.
                rename(map, *line, |key| Ok(source.replace_all(key, target.as_str()).into_owned()))?
            }
            Rewrite::Transform { line, template } => rename(map, *line, |key| {
                gotemplate::render_value(template, key)
                    .map_err(|error| format!("the template for the key: {error}"))
            })?,
            Rewrite::Merge { .. } => merge(map, operation)?,
        };
    }
    Ok(map)
}

/// Gives each key another name. Two keys that become one are an error: which of them is lost, the operator does not say.
fn rename(
    map: ValueMap,
    line: usize,
    new_name: impl Fn(&str) -> Result<String, String>,
) -> Result<ValueMap, Fault> {
    let mut renamed = ValueMap::new();
    for (key, value) in map {
        let name = new_name(&key).map_err(|what| Fault::new(line, what))?;
        if renamed.insert(name.clone(), value).is_some() && !name.is_empty() {
            let what = format!("two keys become `{}`", name.escape_debug());
            return Err(Fault::new(line, what));
        }
    }
    Ok(renamed)
}

/// Refuses a target that names a group which the expression does not have: Go leaves that empty.
pub(super) fn check_groups(source: &Regex, target: &str) -> Result<(), String> {
    let names: Vec<_> = source.capture_names().collect();
    let mut rest = target;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let word: String = after.chars().take_while(|c| is_word(*c)).collect();
        let name = braced.map_or(word.as_str(), |(name, _)| name);
        let exists = match name.parse::<usize>() {
            Ok(number) => number < names.len(),
            Err(_) => names.iter().flatten().any(|known| *known == name),
        };
        if !name.is_empty() && !exists {
            let name = name.escape_debug();
            return Err(format!(
                "the expression has no group `{name}`; write ${{1}} if text follows a group"
            ));
        }
        rest = after;
    }
    Ok(())
}

/// Merges JSON objects: their members become the keys, or one JSON object under a key of its own.
fn merge(map: ValueMap, operation: &Rewrite) -> Result<ValueMap, Fault> {
    let Rewrite::Merge { line, into, priority, strict, ignores_conflicts } = operation else {
        return Ok(map);
    };
    let fault = |what: String| Fault::new(*line, what);
    if *strict && let Some(missing) = priority.iter().find(|name| !map.contains_key(*name)) {
        return Err(fault(format!(
            "`priority` names `{}`, which does not exist",
            missing.escape_debug()
        )));
    }
    // Those of the list come last, and win.
    let mut order: Vec<&String> = map.keys().filter(|key| !priority.contains(key)).collect();
    order.extend(priority.iter().filter(|name| map.contains_key(*name)));
    let mut merged = gotemplate::GoMap::new();
    for key in order {
        let value = map.get(key).map_or(&[][..], |value| value.as_slice());
        let object = gotemplate::from_json(value);
        let Some(GoValue::Map(members)) = object else {
            return Err(fault(format!(
                "`merge`: the value of `{}` is no JSON object",
                key.escape_debug()
            )));
        };
        for (name, member) in members.iter() {
            if merged.insert(name.clone(), member.clone()).is_some() && !ignores_conflicts {
                return Err(fault(format!(
                    "`merge`: two objects have the key `{}`",
                    name.escape_debug()
                )));
            }
        }
    }
    if let Some(into) = into {
        let mut map = map;
        map.insert(into.clone(), gotemplate::to_json(&GoValue::Map(merged.into()), false));
        return Ok(map);
    }
    let member = |(name, value): (String, GoValue)| {
        let bytes = match &value {
            GoValue::Nil => Zeroizing::new(Vec::new()),
            GoValue::Float(number) => Zeroizing::new(format!("{number}").into_bytes()),
            GoValue::Text(text) => Zeroizing::new(text.to_vec()),
            other => gotemplate::to_json(other, true),
        };
        (name, bytes)
    };
    Ok(merged.into_iter().map(member).collect())
}
