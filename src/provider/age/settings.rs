//! The settings of an age file.

use std::path::Path;
use std::sync::Arc;

use super::keys::{AGE_KEY, IDENTITY_FILE, KeyPlaces, PASSPHRASE, PASSPHRASE_FILE, SSH_KEY};
use super::{AgeFile, Content};
use crate::config::schema::{FILE, SourceSchema, keys};
use crate::config::{Error, Layers, RunSettings, Setting};
use crate::provider::doctor::fetching;
use crate::provider::document::{Pointer, Selection};
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType};
use crate::secret::Value;

keys! {
    FORMAT = "format" Text None, [],
        "What the file holds: `dotenv`, `json` or `binary`. By default what stands before `.age` in its name: `x.env.age` is dotenv, `x.json.age` is JSON, and all others are binary.";
    NAME = "name" Text None, [],
        "The name of the secret of a binary file. The default is `data`.";
    FLATTEN = "flatten" Text None, [],
        "Join the keys of nested values with this text: with `_`, `{\"db\": {\"user\": \"u\"}}` becomes `db_user`.";
    POINTER = "path" Text None, [],
        "Read only what is below this JSON pointer: `#/production/web`.";
}

/// The type `age`.
#[derive(Debug)]
pub struct AgeType;

/// What an age file can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "age",
    heading: "age files",
    doc: "A file that age encrypted. hushed-sops(7) describes it.",
    keys: &[&FILE, &FORMAT, &NAME, &FLATTEN, &POINTER, &IDENTITY_FILE, &PASSPHRASE_FILE],
    credentials: &[&AGE_KEY, &SSH_KEY, &PASSPHRASE],
};

impl StoreType for AgeType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((AGE_KEY.systemd, "age-identity"))
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let layers = &inputs.layers;
        let missing =
            Error::Required { what: "file", hint: "set `file` to the path of the age file" };
        let file = layers.path(&FILE)?.ok_or(missing)?.value;
        let content = match layers.text(&FORMAT)? {
            Some(format) => content(format)?,
            None => default_content(&file),
        };
        Ok(Box::new(Age(AgeFile {
            name: Arc::clone(&inputs.name),
            content,
            secret: layers.text(&NAME)?.map(|name| name.value),
            selection: selection(layers, &POINTER, &FLATTEN)?,
            keys: KeyPlaces::find(layers)?,
            timeout: layers.timeout(),
            file,
        })))
    }
}

/// What part of a document is selected, and how it is flattened.
pub(in crate::provider) fn selection(
    layers: &Layers<'_>,
    pointer: &'static crate::config::schema::SettingKey,
    flatten: &'static crate::config::schema::SettingKey,
) -> Result<Selection, Error> {
    let pointer = match layers.text(pointer)? {
        None => None,
        Some(Setting { value, origin }) => match Pointer::parse(&value) {
            Some(pointer) => Some(pointer),
            None => {
                let what = "a JSON pointer, such as `#/production/web`";
                return Err(Error::Form { origin, what, value });
            }
        },
    };
    Ok(Selection { pointer, flatten: layers.text(flatten)?.map(|setting| setting.value) })
}

fn content(format: Setting<String>) -> Result<Content, Error> {
    Ok(match format.value.as_str() {
        "dotenv" => Content::Dotenv,
        "json" => Content::Json,
        "binary" => Content::Binary,
        _ => {
            let Setting { value, origin } = format;
            let known = ["dotenv", "json", "binary"].map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "format", value, known });
        }
    })
}

fn default_content(file: &Path) -> Content {
    let name = file.as_os_str().as_encoded_bytes();
    if name.ends_with(b".env.age") {
        Content::Dotenv
    } else if name.ends_with(b".json.age") {
        Content::Json
    } else {
        Content::Binary
    }
}

/// A configured age file.
#[derive(Clone, Debug)]
pub struct Age(AgeFile);

impl Configured for Age {
    fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    fn waits(&self) -> bool {
        self.0.keys.runs_programs()
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        self.0.keys.secrets()
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.0.clone()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async {
            let mut checks = self.0.keys.checks().await;
            checks.push(fetching(&self.0).await);
            checks
        })
    }
}
