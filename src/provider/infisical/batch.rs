//! The order of changes, and how they are grouped: a batch is written as a whole or not at all, and must not be
//! larger than a request may be. Newer servers refuse a value that refers to a secret of the same batch, so secrets
//! are created before those that refer to them. Pure.

use super::api::Method;
use super::write::MAX_VALUE;
use crate::provider::{Action, Change, WriteOutcome};

/// The most changes of one request.
const MAX_ITEMS: usize = 500;

/// What an entry of a batch takes beside its value, in bytes.
const ITEM_OVERHEAD: usize = 500;

/// Names that the batch and move routes of newer servers take the place of.
const ROUTES: &[&str] = &["batch", "move", "id"];

/// A change, and what it does.
pub(super) type Planned<'a> = (&'a Change, WriteOutcome);

/// Changes that are sent together.
#[derive(Clone, Debug)]
pub(super) struct Step<'a> {
    /// How they are sent; `None` if there is nothing to change.
    pub(super) method: Option<Method>,
    pub(super) changes: Vec<Planned<'a>>,
}

impl<'a> Step<'a> {
    /// The change that is sent by its name, if it is only one and can be.
    pub(super) fn single(&self) -> Option<&'a Change> {
        match self.changes.as_slice() {
            [(change, _)] if !ROUTES.contains(&change.name.as_str()) => Some(change),
            _ => None,
        }
    }
}

/// Orders changes by what they do: creations, new values, personal overrides, renames, deletions.
pub(super) fn steps<'a>(changes: &'a [Change], outcomes: &[WriteOutcome]) -> Vec<Step<'a>> {
    let all: Vec<Planned<'a>> = changes.iter().zip(outcomes.iter().copied()).collect();
    let select = |wanted: WriteOutcome, personal: bool| -> Vec<Planned<'a>> {
        let is_wanted =
            |(change, outcome): &&Planned<'a>| *outcome == wanted && change.personal == personal;
        all.iter().filter(is_wanted).copied().collect()
    };
    let one = |method, planned: Vec<Planned<'a>>| {
        planned.into_iter().map(move |change| Step { method, changes: vec![change] })
    };
    let mut steps = Vec::new();
    for personal in [false, true] {
        steps.extend(one(None, select(WriteOutcome::Absent, personal)));
    }
    for level in by_reference(select(WriteOutcome::Created, false)) {
        steps.extend(chunks(Method::Post, level));
    }
    steps.extend(chunks(Method::Patch, select(WriteOutcome::Replaced, false)));
    steps.extend(one(Some(Method::Post), select(WriteOutcome::Created, true)));
    steps.extend(one(Some(Method::Patch), select(WriteOutcome::Replaced, true)));
    for personal in [false, true] {
        steps.extend(one(Some(Method::Patch), select(WriteOutcome::Renamed, personal)));
    }
    // Deleting a shared secret deletes its overrides.
    steps.extend(one(Some(Method::Delete), select(WriteOutcome::Deleted, true)));
    steps.extend(chunks(Method::Delete, select(WriteOutcome::Deleted, false)));
    steps
}

/// Splits what a request cannot hold.
fn chunks(method: Method, changes: Vec<Planned<'_>>) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut size = 0;
    for planned in changes {
        let own = value(planned.0).map_or(0, json_length) + ITEM_OVERHEAD;
        match steps.last_mut() {
            Some(step) if size + own <= MAX_VALUE && step.changes.len() < MAX_ITEMS => {
                size += own;
                step.changes.push(planned);
            }
            _ => {
                size = own;
                steps.push(Step { method: Some(method), changes: vec![planned] });
            }
        }
    }
    steps
}

/// Secrets in levels: none refers to one of its own level or of a later one, unless they refer to each other.
fn by_reference(mut rest: Vec<Planned<'_>>) -> Vec<Vec<Planned<'_>>> {
    let mut levels = Vec::new();
    while !rest.is_empty() {
        let is_ready = |(change, _): &Planned<'_>| {
            let text = value(change).unwrap_or_default();
            !text.contains("${")
                || !rest.iter().any(|(other, _)| {
                    other.name != change.name
                        && text.contains(&format!("${{{}}}", other.name.as_str()))
                })
        };
        let (ready, waiting): (Vec<_>, Vec<_>) = rest.iter().copied().partition(is_ready);
        let (ready, waiting) = if ready.is_empty() { (waiting, ready) } else { (ready, waiting) };
        levels.push(ready);
        rest = waiting;
    }
    levels
}

fn value(change: &Change) -> Option<&str> {
    match &change.action {
        Action::Put { value, .. } => value.expose_str(),
        _ => None,
    }
}

/// The number of bytes that a text takes in JSON.
fn json_length(text: &str) -> usize {
    let length = |byte| match byte {
        b'\n' | b'\r' | b'\t' | b'"' | b'\\' => 2,
        0..32 => 6,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Name, Value};

    fn put(name: &str, value: &str) -> Change {
        Change::put(Name::new(name), Value::from(value))
    }

    fn written(changes: &[Change], outcomes: &[WriteOutcome]) -> Vec<String> {
        let show = |step: Step<'_>| {
            let names: Vec<_> = step.changes.iter().map(|(c, _)| c.name.as_str()).collect();
            let method = step.method.map(|method| format!("{method:?}")).unwrap_or_default();
            format!("{method} {}", names.join(","))
        };
        steps(changes, outcomes).into_iter().map(show).collect()
    }

    #[test]
    fn targets_of_references_are_created_first() {
        let changes = [
            put("URL", "canary://${USER}:${PASSWORD}@x"),
            put("USER", "canary"),
            put("PASSWORD", "canary-${SALT}"),
            put("SALT", "canary"),
            put("SELF", "canary ${SELF}"),
        ];
        let created = [WriteOutcome::Created; 5];
        assert_eq!(
            written(&changes, &created),
            ["Post USER,SALT,SELF", "Post PASSWORD", "Post URL"]
        );
        let circle = [put("A", "${B}"), put("B", "${A}"), put("C", "canary")];
        assert_eq!(written(&circle, &created[..3]), ["Post C", "Post A,B"]);
    }

    #[test]
    fn changes_are_grouped_by_what_they_do() {
        let personal = Change { personal: true, ..put("MINE", "canary") };
        let changes = [
            Change::delete(Name::new("GONE")),
            Change::delete(Name::new("OLD")),
            Change::rename(Name::new("A"), Name::new("B")),
            personal,
            put("KNOWN", "canary"),
            put("NEW", "canary"),
        ];
        let outcomes = [
            WriteOutcome::Absent,
            WriteOutcome::Deleted,
            WriteOutcome::Renamed,
            WriteOutcome::Created,
            WriteOutcome::Replaced,
            WriteOutcome::Created,
        ];
        let want = [" GONE", "Post NEW", "Patch KNOWN", "Post MINE", "Patch A", "Delete OLD"];
        assert_eq!(written(&changes, &outcomes), want);
    }

    #[test]
    fn a_request_holds_what_the_server_takes() {
        let large = "\n".repeat(300 << 10);
        let changes = [put("A", &large), put("B", &large), put("batch", "canary")];
        let created = [WriteOutcome::Created; 3];
        assert_eq!(written(&changes, &created), ["Post A", "Post B,batch"]);
        let named = [put("batch", "canary")];
        let step = &steps(&named, &created[..1])[0];
        assert!(step.single().is_none());
    }
}
