//! JSON and YAML: a map of names to values, a list of maps with a name and a value, or a Kubernetes Secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ImportError;
use crate::provider::document::{Item, Node, ParseError, parse_json, parse_yaml};
use crate::secret::{Name, Value};

/// The keys of a name and of a value in a list.
const PAIRS: [[&str; 2]; 3] = [["key", "value"], ["secretKey", "secretValue"], ["name", "value"]];

pub(super) fn read_json(text: &str) -> Result<Vec<(Name, Value)>, ImportError> {
    from_tree(&parse_json(text).map_err(|error| syntax(&error))?)
}

pub(super) fn read_yaml(text: &str) -> Result<Vec<(Name, Value)>, ImportError> {
    let documents = parse_yaml(text, false).map_err(|error| syntax(&error))?;
    let mut secrets = Vec::new();
    for document in documents.iter().filter(|document| !matches!(document, Node::Null)) {
        secrets.extend(from_tree(document)?);
    }
    Ok(secrets)
}

fn syntax(error: &ParseError) -> ImportError {
    ImportError::Whole(error.to_string())
}

fn from_tree(tree: &Node) -> Result<Vec<(Name, Value)>, ImportError> {
    match tree {
        Node::Map(_) if is_text(tree.at("kind"), "Secret") && tree.at("apiVersion").is_some() => {
            from_kubernetes(tree)
        }
        Node::Map(items) => from_map(items),
        Node::List(items) => items.iter().map(from_pair).collect(),
        Node::Null | Node::Scalar(_) => Err(ImportError::Whole(format!(
            "it holds {}, not a map of names and values",
            tree.describe()
        ))),
    }
}

fn is_text(node: Option<&Node>, want: &str) -> bool {
    matches!(node, Some(Node::Scalar(scalar)) if scalar.text.as_slice() == want.as_bytes())
}

fn from_map(items: &[Item]) -> Result<Vec<(Name, Value)>, ImportError> {
    let secret = |item: &Item| Ok((Name::new(&item.key), value(&item.node, &item.key, item.line)?));
    items.iter().map(secret).collect()
}

fn from_pair(item: &Item) -> Result<(Name, Value), ImportError> {
    for [key, value_key] in PAIRS {
        if let (Some(Node::Scalar(name)), Some(node)) = (item.node.at(key), item.node.at(value_key))
        {
            let name = String::from_utf8_lossy(&name.text).into_owned();
            let value = value(node, &name, item.line)?;
            return Ok((Name::new(name), value));
        }
    }
    Err(ImportError::at(item.line, "an item of the list has no name and value"))
}

fn value(node: &Node, name: &str, line: usize) -> Result<Value, ImportError> {
    match node {
        Node::Scalar(scalar) => Ok(Value::from(scalar.text.as_slice())),
        other => {
            let what = format!("`{}` is {}, not a text", Name::new(name), other.describe());
            Err(ImportError::at(line, what))
        }
    }
}

/// `data` in base64, and `stringData`, which wins.
fn from_kubernetes(tree: &Node) -> Result<Vec<(Name, Value)>, ImportError> {
    let mut secrets = Vec::new();
    if let Some(Node::Map(items)) = tree.at("data") {
        for (item, (name, encoded)) in items.iter().zip(from_map(items)?) {
            let decoded = STANDARD.decode(encoded.expose()).map_err(|_| {
                ImportError::at(item.line, format!("the value of `{name}` is not base64"))
            })?;
            secrets.push((name, Value::new(decoded)));
        }
    }
    if let Some(Node::Map(items)) = tree.at("stringData") {
        let plain = from_map(items)?;
        secrets.retain(|(name, _)| plain.iter().all(|(other, _)| other != name));
        secrets.extend(plain);
    }
    Ok(secrets)
}
