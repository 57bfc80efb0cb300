//! The secrets of Secrets Manager as a change finds them, and what changes make of them. Pure.
//!
//! A secret with a JSON object is one object: a change of one key stores the whole object anew, with the other keys
//! byte for byte as they were.

use serde_json::Value as Json;

use super::secrets_manager::Selection;
use super::write::Planned;
use super::write_error::WriteError;
use crate::provider::shape::{self, JsonMode, Members};
use crate::provider::{Action, Annotations, Change, Revision, StoredSecret, WriteRefusal};
use crate::secret::{Name, SecretBuffer, Value, to_json};

/// A secret as it is stored, or as it is listed, if there is none.
#[derive(Debug)]
pub(super) struct StoredObject {
    /// Its name or ARN.
    pub(super) id: String,
    /// The variable that it gives, unless it is a JSON object.
    pub(super) variable: String,
    /// The ID of its version; `None` if it does not exist.
    pub(super) version: Option<String>,
    /// What it holds, or will hold; `None` if it does not exist, or will be deleted.
    pub(super) content: Option<Content>,
    /// Whether it is stored as bytes, which programs read by another name than a text.
    pub(super) is_binary: bool,
    pub(super) is_changed: bool,
    /// The secret that it is a renamed copy of.
    pub(super) like: Option<String>,
}

/// What a secret holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// One value.
    Whole(Value),
    /// The members of a JSON object, in order, each with the JSON of its value.
    Members(Vec<(String, Value)>),
}

impl Content {
    /// The content of a value that is read.
    pub(super) fn parse(value: Value, mode: JsonMode) -> Self {
        if mode == JsonMode::Off {
            return Self::Whole(value);
        }
        match serde_json::from_slice::<Members<'_>>(value.expose()) {
            Ok(Members(members)) => {
                let member = |(key, raw): (String, &serde_json::value::RawValue)| {
                    (key, Value::from(raw.get()))
                };
                Self::Members(members.into_iter().map(member).collect())
            }
            Err(_quotes_values) => Self::Whole(value),
        }
    }

    /// The value to store.
    pub(super) fn to_value(&self) -> Value {
        let members = match self {
            Self::Whole(value) => return value.clone(),
            Self::Members(members) => members,
        };
        let length: usize = members.iter().map(|(key, json)| key.len() * 2 + json.len() + 8).sum();
        let mut text = SecretBuffer::with_capacity(length + 2);
        text.push("{");
        for (at, (key, json)) in members.iter().enumerate() {
            text.push(if at == 0 { "" } else { "," });
            text.push(to_json(key).expose());
            text.push(":");
            text.push(json.expose());
        }
        text.push("}");
        text.into_value()
    }

    /// The value of a variable in it.
    pub(super) fn value_of(&self, name: &str) -> Option<Value> {
        let members = match self {
            Self::Whole(value) => return Some(value.clone()),
            Self::Members(members) => members,
        };
        let (_, json) = members.iter().find(|(key, _)| key == name)?;
        match json.expose().first() {
            Some(b'"') => {
                let text: crate::provider::SecretText =
                    serde_json::from_slice(json.expose()).ok()?;
                Some(text.0)
            }
            Some(b'n') => None,
            _ => Some(json.clone()),
        }
    }
}

impl StoredObject {
    /// A secret that exists.
    pub(super) fn new(
        id: String,
        variable: String,
        version: Option<String>,
        content: Content,
    ) -> Self {
        let version =
            version.or_else(|| Some(Revision::of_content([content.to_value().expose()]).0));
        Self { content: Some(content), version, ..Self::absent(id, variable) }
    }

    /// A secret that is listed, and does not exist.
    pub(super) fn absent(id: String, variable: String) -> Self {
        Self {
            id,
            variable,
            version: None,
            content: None,
            is_binary: false,
            is_changed: false,
            like: None,
        }
    }

    /// The names of its variables.
    fn names(&self) -> Vec<&str> {
        match &self.content {
            None => Vec::new(),
            Some(Content::Whole(_)) => vec![&self.variable],
            Some(Content::Members(members)) => {
                members.iter().map(|(key, _)| key.as_str()).collect()
            }
        }
    }

    /// Its secrets as `Write` reads them.
    pub(super) fn stored(&self, mode: JsonMode) -> Result<Vec<StoredSecret>, shape::Error> {
        let (Some(content), Some(version)) = (&self.content, &self.version) else {
            return Ok(Vec::new());
        };
        let variables =
            shape::variables(&self.id, self.variable.clone(), &content.to_value(), mode)?;
        let stored = |(name, value)| StoredSecret {
            name: Name::new(name),
            value,
            revision: Revision(version.clone()),
            annotations: Annotations::default(),
        };
        Ok(variables.into_iter().map(stored).collect())
    }
}

/// The secrets of a source.
#[derive(Debug)]
pub(super) struct StoredObjects<'a> {
    pub(super) objects: Vec<StoredObject>,
    pub(super) selection: &'a Selection,
}

impl StoredObjects<'_> {
    /// The secret that a variable is read from: the last one that has it.
    pub(super) fn find(&self, name: &Name) -> Option<usize> {
        self.objects.iter().rposition(|object| object.names().contains(&name.as_str()))
    }

    /// Makes a change, and says which secret has to be stored for it.
    pub(super) fn apply<'c>(&mut self, change: &'c Change) -> Result<Planned<'c>, WriteError> {
        let at = self.find(&change.name);
        let stored = at.and_then(|at| self.objects.get(at)?.version.clone()).map(Revision);
        let outcome = change.outcome(stored.as_ref(), |to| self.find(to).is_some())?;
        let object = match (&change.action, at) {
            (Action::Put { value, .. }, Some(at)) => {
                self.put(at, &change.name, value)?;
                Some(at)
            }
            (Action::Put { value, .. }, None) => {
                let at = self.place_for(&change.name)?;
                self.put(at, &change.name, value)?;
                Some(at)
            }
            (Action::Delete, Some(at)) => {
                self.delete(at, &change.name);
                Some(at)
            }
            (Action::Rename { to }, Some(at)) => {
                self.rename(at, &change.name, to)?;
                Some(at)
            }
            (Action::Delete | Action::Rename { .. }, None) => None,
        };
        Ok(Planned { change, outcome, object })
    }

    fn put(&mut self, at: usize, name: &Name, value: &Value) -> Result<(), WriteError> {
        let mode = self.selection.json;
        let Some(object) = self.objects.get_mut(at) else { return Ok(()) };
        object.is_changed = true;
        if object.content.is_none() && (mode == JsonMode::On || object.variable != name.as_str()) {
            object.content = Some(Content::Members(Vec::new()));
        }
        match &mut object.content {
            Some(Content::Members(members)) => {
                let json = to_json(&value.expose_str().ok_or_else(|| not_text(name))?);
                match members.iter_mut().find(|(key, _)| key == name.as_str()) {
                    Some((_, known)) => *known = json,
                    None => members.push((name.as_str().to_owned(), json)),
                }
            }
            whole => {
                let content = Content::parse(value.clone(), mode);
                if let Content::Members(_) = content {
                    return Err(WriteError::ReadAsObject { name: name.as_str().to_owned() });
                }
                *whole = Some(content);
            }
        }
        Ok(())
    }

    /// Deletes a key, or a secret with one value. An object without keys stays: its name would be taken anyway.
    fn delete(&mut self, at: usize, name: &Name) {
        let Some(object) = self.objects.get_mut(at) else { return };
        object.is_changed = true;
        match &mut object.content {
            Some(Content::Members(members)) => members.retain(|(key, _)| key != name.as_str()),
            whole => *whole = None,
        }
    }

    fn rename(&mut self, at: usize, name: &Name, to: &Name) -> Result<(), WriteError> {
        let Some(object) = self.objects.get_mut(at) else { return Ok(()) };
        object.is_changed = true;
        if let Some(Content::Members(members)) = &mut object.content {
            if let Some((key, _)) = members.iter_mut().find(|(key, _)| key == name.as_str()) {
                to.as_str().clone_into(key);
            }
            return Ok(());
        }
        let (content, id, is_binary) = (object.content.take(), object.id.clone(), object.is_binary);
        let new = self.place_for(to)?;
        if let Some(object) = self.objects.get_mut(new) {
            if object.variable != to.as_str() || object.content.is_some() {
                return Err(no_place(to));
            }
            (object.content, object.is_binary, object.is_changed) = (content, is_binary, true);
            object.like = Some(id);
        }
        Ok(())
    }

    /// Where a new variable goes: into a listed secret that does not exist yet and is named so, into the only secret if
    /// it is an object, or below the only prefix.
    fn place_for(&mut self, name: &Name) -> Result<usize, WriteError> {
        let is_free = |object: &StoredObject| {
            object.content.is_none() && object.variable == name.as_str() && !object.is_changed
        };
        if let Some(at) = self.objects.iter().rposition(is_free) {
            return Ok(at);
        }
        let Selection { secrets, prefixes, json, .. } = self.selection;
        match (secrets.as_slice(), prefixes.as_slice(), self.objects.as_slice()) {
            ([_], [], [only]) => match only.content {
                Some(Content::Whole(_)) => one_value(only),
                None if *json == JsonMode::Off => one_value(only),
                _ => Ok(0),
            },
            ([], [prefix], _) => {
                let variable = shape::upper_snake(name.as_str());
                if variable != name.as_str() {
                    let name = name.as_str().to_owned();
                    return Err(WriteError::OtherName { name, variable });
                }
                let id = format!("{prefix}{}", name.as_str());
                self.objects.push(StoredObject::absent(id, variable));
                Ok(self.objects.len() - 1)
            }
            _ => Err(no_place(name)),
        }
    }
}

fn one_value(object: &StoredObject) -> Result<usize, WriteError> {
    let (secret, variable) = (object.id.clone(), object.variable.clone());
    Err(WriteError::OneValue { secret, variable })
}

fn no_place(name: &Name) -> WriteError {
    let hint = "choose one secret with --set SOURCE.secrets=NAME, or a prefix with --set SOURCE.name-prefix=PREFIX";
    WriteError::NoPlace { name: name.as_str().to_owned(), hint }
}

fn not_text(name: &Name) -> WriteError {
    WriteError::BadValue {
        service: super::endpoint::Service::SecretsManager,
        name: name.as_str().to_owned(),
        rule: "a key of a JSON object is UTF-8 text".to_owned(),
        hint: "store it in base64, and decode it with ?encoding=base64 in [env]",
    }
}

/// Whether two variables of different secrets have one name, of which only one could be changed.
pub(super) fn check_names(objects: &[StoredObject]) -> Result<(), WriteError> {
    let whole = objects.iter().filter(|object| matches!(object.content, Some(Content::Whole(_))));
    let names = whole.map(|object| (object.variable.as_str(), object.id.as_str()));
    Ok(shape::refuse_same(names).map_err(super::error::Error::from)?)
}

/// A refusal for a secret that does not exist.
pub(super) fn missing(name: &Name) -> WriteError {
    WriteRefusal::Missing { name: name.clone() }.into()
}

/// The staging labels of a version, as a list.
pub(super) fn labels(stages: &Json) -> Vec<String> {
    let texts = stages.as_array().into_iter().flatten();
    texts.filter_map(|stage| stage.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Expected;

    fn selection(secrets: &[&str], prefixes: &[&str], json: JsonMode) -> Selection {
        let secret = |text: &&str| super::super::secrets_manager::SecretRef::parse(text).unwrap();
        Selection {
            secrets: secrets.iter().map(secret).collect(),
            prefixes: prefixes.iter().map(|text| (*text).to_owned()).collect(),
            json,
            allow_empty: true,
        }
    }

    fn object(id: &str, text: Option<&str>, json: JsonMode) -> StoredObject {
        let variable = shape::last_part(id);
        match text {
            None => StoredObject::absent(id.to_owned(), variable),
            Some(text) => {
                let content = Content::parse(Value::from(text), json);
                StoredObject::new(id.to_owned(), variable, Some("v1".to_owned()), content)
            }
        }
    }

    fn put(name: &str, value: &str) -> Change {
        Change::put(Name::new(name), Value::from(value))
    }

    fn text(object: &StoredObject) -> Option<String> {
        let value = object.content.as_ref()?.to_value();
        Some(value.expose_str().unwrap().to_owned())
    }

    /// What the changes make of the secrets, or the error.
    fn run(
        selection: &Selection,
        objects: Vec<StoredObject>,
        changes: &[Change],
    ) -> Result<Vec<(String, Option<String>)>, String> {
        let mut all = StoredObjects { objects, selection };
        for change in changes {
            all.apply(change).map_err(|error| error.to_string())?;
        }
        let stored = all.objects.iter().filter(|object| object.is_changed);
        Ok(stored.map(|object| (object.id.clone(), text(object))).collect())
    }

    #[test]
    fn the_other_keys_of_an_object_stay_as_they_are() {
        let selection = selection(&["app/db"], &[], JsonMode::Auto);
        let stored = r#"{"PORT": 5432, "A":"old","LIST":[1, {"x":null}], "N":null}"#;
        let changes = [
            put("A", "canary \"new\""),
            put("B", "two\nlines"),
            Change::rename(Name::new("LIST"), Name::new("ITEMS")),
            Change::delete(Name::new("PORT")),
            Change::delete(Name::new("GONE")),
        ];
        let got = run(&selection, vec![object("app/db", Some(stored), JsonMode::Auto)], &changes);
        let want = r#"{"A":"canary \"new\"","ITEMS":[1, {"x":null}],"N":null,"B":"two\nlines"}"#;
        assert_eq!(got.unwrap(), [("app/db".to_owned(), Some(want.to_owned()))]);
    }

    /// Listed secrets, prefixes, mode, stored value, new name; the secret that is stored, or the error.
    type Case = (
        &'static [&'static str],
        &'static [&'static str],
        JsonMode,
        Option<&'static str>,
        &'static str,
        Result<(&'static str, &'static str), &'static str>,
    );

    #[test]
    fn a_new_variable_goes_where_it_is_read_back() {
        use JsonMode::{Auto, Off, On};
        let cases: &[Case] = &[
            (&["app/db"], &[], Auto, None, "DB", Ok(("app/db", "canary"))),
            (&["app/db"], &[], On, None, "DB", Ok(("app/db", r#"{"DB":"canary"}"#))),
            (&["app/db"], &[], Auto, None, "USER", Ok(("app/db", r#"{"USER":"canary"}"#))),
            (&["app/db"], &[], Off, None, "USER", Err("holds one value")),
            (&["app/db"], &[], Auto, Some("text"), "USER", Err("holds one value")),
            (&["app/db"], &[], Auto, Some("{}"), "USER", Ok(("app/db", r#"{"USER":"canary"}"#))),
            (&["app/db", "app/key"], &[], Auto, Some("{}"), "USER", Err("do not decide")),
            (&[], &["app/"], Auto, Some("{}"), "USER", Ok(("app/USER", "canary"))),
            (&[], &["app/"], Auto, Some("{}"), "user", Err("reads it back as `USER`")),
            (&[], &["app/", "b/"], Auto, Some("{}"), "USER", Err("do not decide")),
        ];
        for (secrets, prefixes, mode, stored, name, want) in cases {
            let selection = selection(secrets, prefixes, *mode);
            let objects = vec![object("app/db", *stored, *mode)];
            let got = run(&selection, objects, &[put(name, "canary")]);
            match (got, want) {
                (Ok(got), Ok((id, text))) => {
                    assert_eq!(got, [((*id).to_owned(), Some((*text).to_owned()))], "{name}");
                }
                (Err(got), Err(words)) => assert!(got.contains(words), "{got}"),
                (got, want) => panic!("{got:?} {want:?}"),
            }
        }
    }

    #[test]
    fn a_secret_with_one_value_is_replaced_deleted_and_renamed_as_a_whole() {
        let selection = selection(&[], &["app/"], JsonMode::Auto);
        let objects = || vec![object("app/key", Some("canary-old"), JsonMode::Auto)];
        let got = run(&selection, objects(), &[put("KEY", "canary-new")]);
        assert_eq!(got.unwrap(), [("app/key".to_owned(), Some("canary-new".to_owned()))]);
        let got = run(&selection, objects(), &[Change::delete(Name::new("KEY"))]);
        assert_eq!(got.unwrap(), [("app/key".to_owned(), None)]);
        let rename = Change::rename(Name::new("KEY"), Name::new("NEW"));
        let got = run(&selection, objects(), &[rename]);
        let moved = ("app/NEW".to_owned(), Some("canary-old".to_owned()));
        assert_eq!(got.unwrap(), [("app/key".to_owned(), None), moved]);
        let got = run(&selection, objects(), &[put("KEY", r#"{"a":"canary"}"#)]);
        assert!(got.unwrap_err().contains("is a JSON object"));
    }

    #[test]
    fn another_version_than_expected_is_a_conflict() {
        let selection = selection(&["app/db"], &[], JsonMode::Auto);
        let at = |version: &str| {
            put("A", "canary").expecting(Expected::Revision(Revision(version.to_owned())))
        };
        for (version, is_written) in [("v1", true), ("v0", false)] {
            let objects = vec![object("app/db", Some(r#"{"A":"old"}"#), JsonMode::Auto)];
            assert_eq!(run(&selection, objects, &[at(version)]).is_ok(), is_written);
        }
    }
}
