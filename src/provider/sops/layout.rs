//! Where the values of a file stand in its text, in each format. Pure.
//!
//! It is used to change single values and leave all other bytes as they are. It need not understand everything that
//! a format has: what a change makes of a file is read and compared before it is stored.

use std::ops::Range;

use super::format::Format;
use super::{layout_json, layout_yaml};

/// One step from a map or a list to an item of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The key, or the position in a list.
    pub(super) text: String,
    pub(super) is_position: bool,
}

impl Step {
    pub(super) fn key(text: &str) -> Self {
        Self { text: text.to_owned(), is_position: false }
    }

    pub(super) fn position(at: usize) -> Self {
        Self { text: at.to_string(), is_position: true }
    }
}

/// How a value is written at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In a block of YAML: `key: value`.
    YamlBlock,
    /// Between brackets or braces of YAML.
    YamlFlow,
    Json,
    Dotenv,
    Ini,
}

/// A single value, or null.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: Vec<Step>,
    /// Its key as it is written; empty in a list.
    pub(super) key: Range<usize>,
    /// Its value as it is written.
    pub(super) value: Range<usize>,
    /// What is removed with it; none if that would take more away.
    pub(super) removal: Option<Range<usize>>,
    pub(super) style: Style,
    /// Whether it is an alias, or has an anchor or a tag.
    pub(super) is_special: bool,
}

/// A map that new entries can be added to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: Vec<Step>,
    /// Where a new entry is inserted.
    pub(super) at: usize,
    /// What is written before and behind it.
    pub(super) before: String,
    pub(super) behind: String,
    pub(super) style: Style,
}

/// Everything that can be changed in a file.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) entries: Vec<Entry>,
    pub(super) places: Vec<Place>,
}

impl Layout {
    /// Reads a file that its format's parser has accepted. `None` if its form is too unusual to be changed.
    pub(super) fn read(text: &str, format: Format) -> Option<Self> {
        match format {
            Format::Yaml => layout_yaml::read(text),
            Format::Json | Format::Binary => layout_json::read(text),
            Format::Dotenv => Some(dotenv(text)),
            Format::Ini => Some(ini(text)),
        }
    }

    pub(super) fn entry(&self, path: &[Step]) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }

    pub(super) fn place(&self, path: &[Step]) -> Option<&Place> {
        self.places.iter().find(|place| place.path == path)
    }
}

/// The lines of a text with the offset of each, without their line breaks.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.strip_suffix('\n').unwrap_or(line))
    })
}

/// What separates a new line from the text before it.
fn line_break_before(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    if before.is_empty() || before.ends_with('\n') { String::new() } else { "\n".to_owned() }
}

fn dotenv(text: &str) -> Layout {
    let mut layout = Layout::default();
    let mut end = text.len();
    for (start, line) in lines(text) {
        let Some(sign) = line.find('=').filter(|_| !line.starts_with('#')) else { continue };
        let key = line.get(..sign).unwrap_or_default();
        if key.starts_with("sops_") && end == text.len() {
            end = start;
        }
        let stop = start + line.len();
        let removal = start..(stop + 1).min(text.len());
        layout.entries.push(Entry {
            path: vec![Step::key(key)],
            key: start..start + sign,
            value: start + sign + 1..stop,
            removal: Some(removal),
            style: Style::Dotenv,
            is_special: false,
        });
    }
    layout.places.push(Place {
        path: Vec::new(),
        at: end,
        before: line_break_before(text, end),
        behind: "\n".to_owned(),
        style: Style::Dotenv,
    });
    layout
}

/// Keys in sections. A value that goes on over several lines is found as its first line.
fn ini(text: &str) -> Layout {
    let mut layout = Layout::default();
    let mut section = Step::key("DEFAULT");
    let mut end = None;
    for (start, line) in lines(text) {
        let trimmed = line.trim();
        let stop = start + line.len();
        let next = (stop + 1).min(text.len());
        if let Some(rest) = trimmed.strip_prefix('[') {
            if let Some(at) = end.take() {
                layout.places.push(ini_place(text, &section, at));
            }
            section = Step::key(rest.rsplit_once(']').map_or(rest, |(name, _)| name));
            end = Some(next);
        } else if let Some(sign) =
            line.find(['=', ':']).filter(|_| !trimmed.starts_with([';', '#']))
        {
            let (key, value) = line.split_at(sign);
            let value = value.get(1..).unwrap_or_default();
            let indent = key.len() - key.trim_start().len();
            let space = value.len() - value.trim_start().len();
            let from = start + sign + 1 + space;
            layout.entries.push(Entry {
                path: vec![section.clone(), Step::key(key.trim())],
                key: start + indent..start + key.trim_end().len(),
                value: from..(start + line.trim_end().len()).max(from),
                removal: Some(start..next),
                style: Style::Ini,
                is_special: false,
            });
            end = Some(next);
        }
    }
    layout.places.extend(end.map(|at| ini_place(text, &section, at)));
    layout
}

fn ini_place(text: &str, section: &Step, at: usize) -> Place {
    let before = line_break_before(text, at);
    let path = vec![section.clone()];
    Place { path, at, before, behind: "\n".to_owned(), style: Style::Ini }
}
