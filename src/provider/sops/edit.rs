//! Changes values of a sops file in its text: everything else stays byte for byte. Pure but for randomness.
//!
//! ```text
//! text ── layout ──► places ── seal ──► new text ── load, digest ──► new MAC ── open ──► compared with what is wanted
//! ```
//!
//! The new text is read back as any other file. Only if its MAC is right and it has exactly the wanted values, it is
//! returned.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::cipher::{self, DataKey};
use super::error::Reason;
use super::format::{self, Format};
use super::layout::{Entry, Layout, Place, Step, Style};
use super::metadata::Metadata;
use super::open;
use crate::provider::document::{Node, Selection};
use crate::provider::{Action, Change};
use crate::secret::{Name, to_json};

/// Why a file cannot be changed in place.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditError {
    #[error("the file has several YAML documents")]
    SeveralDocuments,
    #[error("the form of the file is too unusual to change it in place")]
    Unusual,
    #[error("`{name}` is {what}")]
    Entry { name: String, what: &'static str },
    #[error("there is no place for the new value `{name}`: {what}")]
    NoPlace { name: String, what: &'static str },
    #[error("the value of `{name}` is not UTF-8 text")]
    NotText { name: String },
    #[error("the format cannot hold this value or name: {name}")]
    NotHeld { name: String },
    #[error("this system gives no random bytes")]
    NoRandomness,
    #[error(transparent)]
    Read(#[from] Reason),
}

impl EditError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::SeveralDocuments | Self::Unusual | Self::Entry { .. } => {
                "change it with `sops edit`".to_owned()
            }
            Self::NoPlace { .. } => {
                "set `path` to the map or section that it belongs to, such as `#/production`"
                    .to_owned()
            }
            Self::NotText { .. } => {
                "store it in base64, and decode it with ?encoding=base64 in [env]".to_owned()
            }
            Self::NotHeld { .. } => "keep this secret in a YAML or JSON file".to_owned(),
            Self::NoRandomness => "check that /dev/urandom exists".to_owned(),
            Self::Read(_) => return None,
        })
    }
}

/// All single values of a file, by their paths.
pub(super) type Leaves = BTreeMap<Vec<String>, Zeroizing<Vec<u8>>>;

/// A file that is to be changed.
pub(super) struct Editor<'a> {
    pub(super) format: Format,
    pub(super) selection: &'a Selection,
    pub(super) key: &'a DataKey,
}

/// A file as it was read.
pub(super) struct Opened {
    pub(super) tree: Node,
    pub(super) metadata: Metadata,
}

impl Editor<'_> {
    /// Opens a text, and checks its MAC.
    pub(super) fn open(&self, text: &[u8]) -> Result<Opened, EditError> {
        let mut loaded = format::load(text, self.format)?;
        if loaded.documents.len() > 1 {
            return Err(EditError::SeveralDocuments);
        }
        let metadata = Metadata::read(&loaded.metadata)?;
        open::open(&mut loaded.documents, &metadata, self.key)?;
        Ok(Opened { tree: loaded.documents.pop().unwrap_or(Node::Null), metadata })
    }

    /// Makes one change, with a new time of the last modification.
    pub(super) fn change(
        &self,
        file: &[u8],
        change: &Change,
        now: &str,
    ) -> Result<Zeroizing<Vec<u8>>, EditError> {
        let opened = self.open(file)?;
        let bom: &[u8] = if file.starts_with(b"\xef\xbb\xbf") { b"\xef\xbb\xbf" } else { b"" };
        let text = file.get(bom.len()..).and_then(|text| std::str::from_utf8(text).ok());
        let text = text.ok_or(EditError::Unusual)?;
        let layout = Layout::read(text, self.format).ok_or(EditError::Unusual)?;
        let mut wanted = leaves(&opened.tree);
        let edits = self.edits(&layout, &opened, change, &mut wanted)?;
        let text = replaced(text, edits)?;
        let text = self.sealed(&text, now)?;
        let whole = Zeroizing::new([bom, text.as_bytes()].concat());
        let held = leaves(&self.open(&whole)?.tree);
        if held != wanted {
            return Err(EditError::NotHeld { name: shown(&change.name) });
        }
        Ok(whole)
    }

    /// What is replaced in the text for a change; the values that it gives.
    fn edits(
        &self,
        layout: &Layout,
        opened: &Opened,
        change: &Change,
        wanted: &mut Leaves,
    ) -> Result<Vec<Edit>, EditError> {
        let name = &change.name;
        let found = layout.entries.iter().find(|entry| self.is_named(entry, name));
        let unusable = |what| EditError::Entry { name: shown(name), what };
        if found.is_some_and(|entry| entry.is_special) {
            return Err(unusable("an alias, or has an anchor or a tag"));
        }
        match (&change.action, found) {
            (Action::Put { value, .. }, Some(entry)) => {
                let text =
                    self.written(entry.style, &entry.path, opened, value.expose(), "str", name)?;
                wanted.insert(texts(&entry.path), Zeroizing::new(value.expose().to_vec()));
                Ok(vec![entry.set(text)])
            }
            (Action::Put { value, .. }, None) => {
                let path = self.new_path(layout, name)?;
                let place = path.split_last().and_then(|(_, map)| layout.place(map));
                let what = "there is no such map or section, or it is empty or written in one line";
                let place = place.ok_or(EditError::NoPlace { name: shown(name), what })?;
                let text = self.written(place.style, &path, opened, value.expose(), "str", name)?;
                let key = path.last().map_or("", |step| step.text.as_str());
                wanted.insert(texts(&path), Zeroizing::new(value.expose().to_vec()));
                Ok(vec![place.insert(key, &text)])
            }
            (Action::Delete, Some(entry)) => {
                if self.format == Format::Binary {
                    return Err(unusable("the whole content of a binary file"));
                }
                let siblings = layout.entries.iter().filter(|other| {
                    other.path.len() >= entry.path.len()
                        && other.path.get(..entry.path.len() - 1)
                            == entry.path.get(..entry.path.len() - 1)
                });
                if entry.path.len() > 1 && self.format != Format::Ini && siblings.count() == 1 {
                    return Err(unusable("the last value of its map"));
                }
                let range = entry
                    .removal
                    .clone()
                    .ok_or_else(|| unusable("written in one line with others"))?;
                wanted.remove(&texts(&entry.path));
                Ok(vec![Edit { range, text: Zeroizing::default() }])
            }
            (Action::Rename { to }, Some(entry)) => {
                self.renamed(layout, opened, entry, name, to, wanted)
            }
            (Action::Delete | Action::Rename { .. }, None) => Ok(Vec::new()),
        }
    }

    /// A value is bound to its name, so that it is sealed anew.
    fn renamed(
        &self,
        layout: &Layout,
        opened: &Opened,
        entry: &Entry,
        name: &Name,
        to: &Name,
        wanted: &mut Leaves,
    ) -> Result<Vec<Edit>, EditError> {
        let unusable = |what| EditError::Entry { name: shown(name), what };
        let path = self.new_path(layout, to)?;
        let (Some((_, old_map)), Some((step, new_map))) =
            (entry.path.split_last(), path.split_last())
        else {
            return Err(unusable("no value with a name"));
        };
        if entry.key.is_empty() || old_map != new_map || self.format == Format::Binary {
            return Err(unusable("not in the map that new names belong to"));
        }
        let old = texts(&entry.path);
        let value = wanted.remove(&old).ok_or_else(|| unusable("null"))?;
        let kind = opened.kind(&old);
        let text = self.written(entry.style, &path, opened, &value, kind, name)?;
        let mut edits = vec![entry.set(text)];
        let range = entry.key.clone();
        let text = Zeroizing::new(key_text(entry.style, &step.text));
        edits.push(Edit { range, text });
        wanted.insert(texts(&path), value);
        Ok(edits)
    }

    /// Whether an entry gives the secret of this name.
    fn is_named(&self, entry: &Entry, name: &Name) -> bool {
        self.name_of(&entry.path).as_deref() == Some(name.as_str())
    }

    /// The name that the selection gives a path.
    pub(super) fn name_of(&self, path: &[Step]) -> Option<String> {
        let is_metadata = |step: &Step| match self.format {
            Format::Dotenv => step.text.starts_with("sops_"),
            _ => step.text == "sops",
        };
        if path.first().is_some_and(is_metadata) {
            return None;
        }
        let base = self.selection.pointer.as_ref().map_or(&[][..], |pointer| pointer.steps());
        let is_below = path.len() >= base.len() && base.iter().zip(path).all(|(a, b)| *a == b.text);
        let rest = path.get(base.len()..).filter(|_| is_below)?;
        match (rest, &self.selection.flatten) {
            ([], _) => base.last().cloned(),
            ([only], _) => Some(only.text.clone()),
            (rest, Some(separator)) => {
                let parts: Vec<_> = rest.iter().map(|step| step.text.as_str()).collect();
                Some(parts.join(separator))
            }
            (_, None) => None,
        }
    }

    /// Where a new value goes: below the pointer. In INI, a flattened name begins with its section.
    fn new_path(&self, layout: &Layout, name: &Name) -> Result<Vec<Step>, EditError> {
        let no_place = |what| EditError::NoPlace { name: shown(name), what };
        let base = self.selection.pointer.as_ref().map_or(&[][..], |pointer| pointer.steps());
        let mut path: Vec<Step> = base.iter().map(|key| Step::key(key)).collect();
        let mut key = name.as_str();
        if self.format == Format::Binary {
            return Err(no_place("a binary file is the one value `data`"));
        }
        if self.format == Format::Ini && path.is_empty() {
            let separator = self.selection.flatten.as_deref();
            let separator = separator.ok_or_else(|| no_place("an INI file has sections"))?;
            let section = |place: &Place| {
                let section = place.path.first()?.text.clone();
                let key = key.strip_prefix(section.as_str())?.strip_prefix(separator)?;
                Some((section, key))
            };
            let found = layout.places.iter().filter_map(section).max_by_key(|(name, _)| name.len());
            let (section, rest) = found.ok_or_else(|| no_place("no section begins its name"))?;
            path.push(Step::key(&section));
            key = rest;
        }
        path.push(Step::key(key));
        if self.name_of(&path).as_deref() != Some(name.as_str()) || key.is_empty() {
            return Err(no_place("sops uses this name itself"));
        }
        Ok(path)
    }

    /// The text of a value at its place: sealed, if a rule of the file demands it.
    fn written(
        &self,
        style: Style,
        path: &[Step],
        opened: &Opened,
        value: &[u8],
        kind: &str,
        name: &Name,
    ) -> Result<Zeroizing<String>, EditError> {
        if self.format != Format::Binary && std::str::from_utf8(value).is_err() {
            return Err(EditError::NotText { name: shown(name) });
        }
        let keys: Vec<String> =
            path.iter().filter(|step| !step.is_position).map(|step| step.text.clone()).collect();
        let comments = opened.comments(&texts(path));
        let is_sealed = opened.metadata.rule.encrypts(&keys, &comments) && !value.is_empty();
        if is_sealed {
            let label = format!("{}:", keys.join(":"));
            let sealed = cipher::seal(value, kind, self.key, &label);
            let sealed = sealed.ok_or(EditError::NoRandomness)?;
            return Ok(value_text(style, &sealed, true));
        }
        let text = std::str::from_utf8(value);
        let text = text.map_err(|_| EditError::NotText { name: shown(name) })?;
        if kind != "str" {
            return Ok(Zeroizing::new(text.to_owned()));
        }
        Ok(value_text(style, text, false))
    }

    /// The text with a new MAC and time.
    fn sealed(&self, text: &str, now: &str) -> Result<Zeroizing<String>, EditError> {
        let text = self.with_metadata(text, "lastmodified", now)?;
        let mut loaded = format::load(text.as_bytes(), self.format)?;
        let metadata = Metadata::read(&loaded.metadata)?;
        let (digest, _) = open::digest(&mut loaded.documents, &metadata, self.key)?;
        let mac = open::written_digest(&digest);
        let mac = cipher::seal(&mac, "str", self.key, &metadata.last_modified);
        self.with_metadata(&text, "mac", &mac.ok_or(EditError::NoRandomness)?)
    }

    fn with_metadata(
        &self,
        text: &str,
        key: &str,
        value: &str,
    ) -> Result<Zeroizing<String>, EditError> {
        let layout = Layout::read(text, self.format).ok_or(EditError::Unusual)?;
        let path = match self.format {
            Format::Dotenv => vec![Step::key(&format!("sops_{key}"))],
            _ => vec![Step::key("sops"), Step::key(key)],
        };
        let entry = layout.entry(&path).ok_or(EditError::Unusual)?;
        // A time must be in quotes in YAML.
        let is_plain = key == "mac";
        replaced(text, vec![entry.set(value_text(entry.style, value, is_plain))])
    }
}

impl Opened {
    /// The comments of the items on a path.
    fn comments(&self, path: &[String]) -> Vec<Vec<String>> {
        let (mut node, mut comments) = (&self.tree, Vec::new());
        for step in path {
            let item = match node {
                Node::Map(items) => items.iter().find(|item| item.key == *step),
                Node::List(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
                Node::Scalar(_) | Node::Null => None,
            };
            let Some(item) = item else { break };
            comments.push(item.comments.clone());
            node = &item.node;
        }
        comments
    }

    /// The type of a value, as sops names it.
    fn kind(&self, path: &[String]) -> &'static str {
        use crate::provider::document::ScalarKind;
        let mut node = &self.tree;
        for step in path {
            match node.at(step) {
                Some(below) => node = below,
                None => return "str",
            }
        }
        match node {
            Node::Scalar(scalar) => match scalar.kind {
                ScalarKind::Text => "str",
                ScalarKind::Bool => "bool",
                ScalarKind::Time => "time",
                ScalarKind::Number if scalar.text.iter().any(|byte| !byte.is_ascii_digit()) => {
                    "float"
                }
                ScalarKind::Number => "int",
            },
            _ => "str",
        }
    }
}

/// A replacement in a text.
struct Edit {
    range: std::ops::Range<usize>,
    text: Zeroizing<String>,
}

impl Entry {
    fn set(&self, text: Zeroizing<String>) -> Edit {
        // An absent value of YAML begins right behind the colon.
        let is_absent = self.value.is_empty() && self.style == Style::YamlBlock;
        let text = if is_absent { Zeroizing::new(format!(" {}", *text)) } else { text };
        Edit { range: self.value.clone(), text }
    }
}

impl Place {
    fn insert(&self, key: &str, value: &str) -> Edit {
        let sign = match self.style {
            Style::Dotenv => "=",
            Style::Ini => " = ",
            Style::Json | Style::YamlBlock | Style::YamlFlow => ": ",
        };
        let key = key_text(self.style, key);
        let text = Zeroizing::new(format!("{}{key}{sign}{value}{}", self.before, self.behind));
        Edit { range: self.at..self.at, text }
    }
}

fn replaced(text: &str, mut edits: Vec<Edit>) -> Result<Zeroizing<String>, EditError> {
    edits.sort_by_key(|edit| edit.range.start);
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut new = Zeroizing::new(String::with_capacity(text.len() + added));
    let mut at = 0;
    for edit in edits {
        new.push_str(text.get(at..edit.range.start).ok_or(EditError::Unusual)?);
        new.push_str(&edit.text);
        at = edit.range.end;
    }
    new.push_str(text.get(at..).ok_or(EditError::Unusual)?);
    Ok(new)
}

/// A key as its format writes it.
fn key_text(style: Style, key: &str) -> String {
    let is_word = |key: &str| {
        let first =
            key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let all = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let lower = key.to_ascii_lowercase();
        let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
        first && all && !reserved.contains(&lower.as_str())
    };
    match style {
        Style::Json => quoted(key),
        Style::YamlBlock | Style::YamlFlow if !is_word(key) => quoted(key),
        _ => key.to_owned(),
    }
}

/// A value as its format writes it. What is sealed needs no quotes where the format has plain texts.
fn value_text(style: Style, text: &str, is_sealed: bool) -> Zeroizing<String> {
    Zeroizing::new(match style {
        Style::YamlBlock | Style::Ini if is_sealed => text.to_owned(),
        Style::Json | Style::YamlBlock | Style::YamlFlow => quoted(text),
        Style::Dotenv => text.replace('\n', "\\n"),
        Style::Ini => {
            let is_odd = |c: char| "#;`\"'\\\n\r".contains(c);
            let is_padded = text.trim() != text;
            if is_padded || text.contains(is_odd) { format!("`{text}`") } else { text.to_owned() }
        }
    })
}

/// A text in the double quotes of JSON, which are quotes of YAML too.
fn quoted(text: &str) -> String {
    let json = to_json(&text);
    json.expose_str().unwrap_or_default().to_owned()
}

fn shown(name: &Name) -> String {
    name.to_string()
}

fn texts(path: &[Step]) -> Vec<String> {
    path.iter().map(|step| step.text.clone()).collect()
}

/// All single values of a tree.
pub(super) fn leaves(tree: &Node) -> Leaves {
    fn below(node: &Node, path: &mut Vec<String>, found: &mut Leaves) {
        match node {
            Node::Scalar(scalar) => drop(found.insert(path.clone(), scalar.text.clone())),
            Node::Null => {}
            Node::Map(items) | Node::List(items) => {
                let is_map = matches!(node, Node::Map(_));
                for (at, item) in items.iter().enumerate() {
                    path.push(if is_map { item.key.clone() } else { at.to_string() });
                    below(&item.node, path, found);
                    path.pop();
                }
            }
        }
    }
    let mut found = Leaves::new();
    below(tree, &mut Vec::new(), &mut found);
    found
}
