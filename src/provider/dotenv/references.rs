//! References to secrets in the values of a dotenv file. The file is read once, when the sources are configured, so
//! that a pipe can be one and no value changes between the two readings.

use super::settings::Dotenv;
use super::{ReadOptions, UrlValue, file, read};
use crate::config::InheritSettings;
use crate::provider::WrittenValues;
use crate::provider::written::{BoundValues, WrittenValue};
use crate::secret::Value;

/// The references in a dotenv file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileReferences {
    /// The file; `None` if it could not be read.
    pub(super) content: Option<Value>,
    /// What its values refer to.
    pub(super) bound: BoundValues,
}

impl FileReferences {
    /// The file alone, with its values as they are written.
    pub(super) fn unbound(self) -> Self {
        Self { bound: BoundValues::default(), ..self }
    }

    /// The same references, of which none may give a credential that hushed withholds from the command.
    pub(super) fn without_credentials(self, inherit: &InheritSettings) -> Self {
        Self { bound: self.bound.without_credentials(inherit), ..self }
    }
}

impl WrittenValues for Dotenv {
    /// An error is reported when the secrets are fetched.
    fn written(&mut self) -> Vec<WrittenValue> {
        let path = self.file.path.as_deref();
        let references = self.references.get_or_insert_with(|| FileReferences {
            content: file::read(path).ok().map(|mut bytes| Value::new(std::mem::take(&mut *bytes))),
            bound: BoundValues::default(),
        });
        let Some(content) = &references.content else { return Vec::new() };
        let values = std::cell::RefCell::new(Vec::new());
        let collect = |value: &UrlValue<'_>| {
            values.borrow_mut().push(WrittenValue {
                name: value.name.to_owned(),
                origin: file::origin(path, value),
                text: Value::from(value.text),
                is_expanded: value.is_expanded,
            });
            Ok(None)
        };
        // Whatever a value expands, it is no reference. No line is used yet, so none has to be readable.
        let options = ReadOptions {
            dialect: self.file.dialect,
            expand: self.file.expand,
            overrides: true,
            environment: &|_| Some(Value::plain(b"x".to_vec())),
            admits: &|_| false,
            substitute: Some(&collect),
        };
        drop(read(content.expose(), options));
        values.into_inner()
    }

    fn bind(&mut self, bound: BoundValues) {
        self.references.get_or_insert_default().bound = bound;
    }
}
