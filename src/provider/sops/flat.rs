//! Metadata of dotenv and INI files: `age__list_0__map_enc` stands for `age[0].enc`.

use super::dotenv::unescape;
use super::error::Reason;
use crate::provider::document::{Item, Node, refuse_duplicates};

const MAP: &str = "__map_";
const LIST: &str = "__list_";

/// Builds the tree that flat items stand for. With `escaped`, each `\n` in a value stands for a newline.
pub(super) fn unflatten(items: Vec<Item>, escaped: bool) -> Result<Node, Reason> {
    refuse_duplicates(&items)?;
    let mut root = Vec::new();
    for Item { key, line, mut node, .. } in items {
        if let Node::Scalar(scalar) = &mut node
            && escaped
        {
            scalar.text = unescape(&scalar.text);
        }
        place(&mut root, &key, line, node)?;
    }
    Ok(Node::Map(root))
}

fn place(items: &mut Vec<Item>, key: &str, line: usize, node: Node) -> Result<(), Reason> {
    let separator = [(MAP, key.find(MAP)), (LIST, key.find(LIST))];
    let first = separator.into_iter().filter_map(|(word, at)| Some((at?, word))).min();
    let Some((at, word)) = first else {
        items.push(Item { key: key.to_owned(), line, comments: Vec::new(), node });
        return Ok(());
    };
    let (name, rest) = key.split_at(at);
    let rest = rest.strip_prefix(word).unwrap_or_default();
    let below = below(items, name, line, word == LIST)?;
    if word == MAP {
        return place(below, rest, line, node);
    }
    let end = [rest.find(MAP), rest.find(LIST)].into_iter().flatten().min().unwrap_or(rest.len());
    let (number, deeper) = rest.split_at(end);
    let incomplete = || Reason::Metadata(format!("the list `{name}` is incomplete"));
    let number: usize = number.parse().map_err(|_| incomplete())?;
    if number > below.len() {
        return Err(incomplete());
    }
    if deeper.is_empty() {
        below.push(Item { key: String::new(), line, comments: Vec::new(), node });
        return Ok(());
    }
    if number == below.len() {
        let node = Node::Map(Vec::new());
        below.push(Item { key: String::new(), line, comments: Vec::new(), node });
    }
    let is_list = deeper.starts_with(LIST);
    let item = below.get_mut(number).ok_or_else(incomplete)?;
    if is_list && matches!(&item.node, Node::Map(items) if items.is_empty()) {
        item.node = Node::List(Vec::new());
    }
    match &mut item.node {
        Node::Map(items) => {
            place(items, deeper.strip_prefix(MAP).ok_or_else(incomplete)?, line, node)
        }
        _ => Err(incomplete()),
    }
}

/// The items below a name, which is made if it is not there.
fn below<'i>(
    items: &'i mut Vec<Item>,
    name: &str,
    line: usize,
    is_list: bool,
) -> Result<&'i mut Vec<Item>, Reason> {
    let at = if let Some(at) = items.iter().position(|item| item.key == name) {
        at
    } else {
        let node = if is_list { Node::List(Vec::new()) } else { Node::Map(Vec::new()) };
        items.push(Item { key: name.to_owned(), line, comments: Vec::new(), node });
        items.len() - 1
    };
    match items.get_mut(at).map(|item| &mut item.node) {
        Some(Node::List(items)) if is_list => Ok(items),
        Some(Node::Map(items)) if !is_list => Ok(items),
        _ => Err(Reason::Metadata(format!("`{name}` is both a value and a list or a map"))),
    }
}
