//! The formats of sops files, and how each is loaded into a tree and its metadata.

use std::path::Path;

use super::error::Reason;
use super::{dotenv, flat, ini};
use crate::provider::document::{
    Item, Node, ParseError, parse_json, parse_yaml, refuse_duplicates,
};

/// A format of sops files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// Dotenv as sops reads it: no quotes, no `export`.
    Dotenv,
    /// INI.
    Ini,
    /// Any bytes, in an envelope of JSON; one secret of the name `data`.
    Binary,
}

impl Format {
    /// The names of all formats.
    pub const NAMES: [&'static str; 5] = ["yaml", "json", "dotenv", "ini", "binary"];

    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "yaml" => Self::Yaml,
            "json" => Self::Json,
            "dotenv" => Self::Dotenv,
            "ini" => Self::Ini,
            "binary" => Self::Binary,
            _ => return None,
        })
    }

    /// The format that sops takes a file for, by the end of its name.
    pub fn of_path(path: &Path) -> Self {
        let name = path.as_os_str().as_encoded_bytes();
        let ends = |endings: &[&[u8]]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&[b".yaml", b".yml"]) {
            Self::Yaml
        } else if ends(&[b".json"]) {
            Self::Json
        } else if ends(&[b".env"]) {
            Self::Dotenv
        } else if ends(&[b".ini"]) {
            Self::Ini
        } else {
            Self::Binary
        }
    }
}

/// A file before decryption.
pub(super) struct Loaded {
    /// The documents, without metadata: several in YAML, else one. Only the first gives variables.
    pub(super) documents: Vec<Node>,
    /// The metadata of sops, as a map.
    pub(super) metadata: Node,
}

const KEY: &str = "sops";

/// Parses a file. Comments are looked for only if one of its rules is about them.
pub(super) fn load(bytes: &[u8], format: Format) -> Result<Loaded, Reason> {
    if format == Format::Dotenv {
        return load_dotenv(bytes);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Reason::Parse(ParseError::new(1, "the file is not UTF-8")))?;
    let mut documents = match format {
        Format::Yaml => parse_yaml(text, text.contains("_comment_regex"))?,
        Format::Ini => vec![Node::Map(ini::parse(text)?)],
        Format::Json | Format::Binary | Format::Dotenv => vec![parse_json(text)?],
    };
    for document in &documents {
        if !matches!(document, Node::Map(_) | Node::Null) {
            let what = format!("the file holds {}, not a map", document.describe());
            return Err(ParseError::new(1, what).into());
        }
    }
    let Some(first) = documents.first() else { return Err(Reason::NotSops) };
    refuse_all_duplicates(first)?;
    let mut metadata = None;
    for document in &mut documents {
        let Node::Map(items) = document else { continue };
        let taken = items.extract_if(.., |item| item.key == KEY).next();
        metadata = metadata.or(taken);
    }
    let metadata = metadata.ok_or(Reason::NotSops)?;
    let metadata = match (format, metadata.node) {
        (Format::Ini, Node::Map(items)) => flat::unflatten(items, true)?,
        (_, node @ Node::Map(_)) => node,
        (_, node) => {
            let what = format!("`sops` is {}, not a map", node.describe());
            return Err(Reason::Metadata(what));
        }
    };
    Ok(Loaded { documents, metadata })
}

fn load_dotenv(bytes: &[u8]) -> Result<Loaded, Reason> {
    const PREFIX: &str = "sops_";
    let mut items = dotenv::parse(bytes)?;
    let taken = items.extract_if(.., |item| item.key.starts_with(PREFIX));
    let without_prefix = |item: Item| Item {
        key: item.key.strip_prefix(PREFIX).unwrap_or_default().to_owned(),
        ..item
    };
    let metadata: Vec<Item> = taken.map(without_prefix).collect();
    if metadata.is_empty() {
        return Err(Reason::NotSops);
    }
    refuse_duplicates(&items)?;
    Ok(Loaded { documents: vec![Node::Map(items)], metadata: flat::unflatten(metadata, false)? })
}

fn refuse_all_duplicates(node: &Node) -> Result<(), ParseError> {
    let (Node::Map(items) | Node::List(items)) = node else { return Ok(()) };
    if matches!(node, Node::Map(_)) {
        refuse_duplicates(items)?;
    }
    items.iter().try_for_each(|item| refuse_all_duplicates(&item.node))
}
