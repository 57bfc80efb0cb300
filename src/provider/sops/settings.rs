//! The settings of a sops file, and the flag that names one.

use std::path::Path;
use std::sync::Arc;

use super::{Format, SopsFile};
use crate::config::schema::{FILE, Flag, SettingKey, SourceSchema, keys};
use crate::config::{Error, RunSettings, Setting};
use crate::message::shown_path;
use crate::provider::age::keys::{
    AGE_KEY, IDENTITY_FILE, KeyPlaces, PASSPHRASE, PASSPHRASE_FILE, SSH_KEY,
};
use crate::provider::age::selection;
use crate::provider::doctor::fetching;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType, Writes};
use crate::secret::Value;

keys! {
    FILES = "sops" Paths Some(Flag::new("--sops", "FILE", "Read this sops file after the sources of the configuration; may be repeated")), [],
        "Files that sops encrypted. On the command line only.";
    FILES_FORMAT = "sops-format" Text Some(Flag::new("--sops-format", "FORMAT", "Format of the files of --sops: yaml, json, dotenv, ini or binary [default: by name]")), [],
        "The format of the files of `--sops`.";
    FILES_FLATTEN = "sops-flatten" Text Some(Flag::new("--sops-flatten", "TEXT", "Join the keys of nested values in the files of --sops with TEXT")), [],
        "What joins the keys of nested values in the files of `--sops`.";
    FILES_POINTER = "sops-path" Text Some(Flag::new("--sops-path", "POINTER", "Read only what is below this JSON pointer, such as #/production/web")), [],
        "The part of the files of `--sops` that is read.";
    FORMAT = "format" Text None, [],
        "The format: `yaml`, `json`, `dotenv`, `ini` or `binary`. By default that of the file's name, as with sops: `.yaml`, `.yml`, `.json`, `.env` and `.ini`; all others are binary.";
    FLATTEN = "flatten" Text None, [],
        "Join the keys of nested values with this text: with `_`, the value `user` below `db` becomes `db_user`. Without it, a map or a list is an error.";
    POINTER = "path" Text None, [],
        "Read only what is below this JSON pointer: `#/production/web`.";
}

static FILE_FLAGS: &[&SettingKey] = &[&FILES, &FILES_FORMAT, &FILES_FLATTEN, &FILES_POINTER];

/// The type `sops`.
#[derive(Debug)]
pub struct SopsType;

/// What a sops file can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "sops",
    heading: "sops files",
    doc: "A file that sops encrypted. hushed-sops(7) describes it.",
    keys: &[&FILE, &FORMAT, &FLATTEN, &POINTER, &IDENTITY_FILE, &PASSPHRASE_FILE],
    credentials: &[&AGE_KEY, &SSH_KEY, &PASSPHRASE],
};

impl StoreType for SopsType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((AGE_KEY.systemd, "age-identity"))
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let missing =
            Error::Required { what: "file", hint: "set `file` to the path of the sops file" };
        let file = inputs.layers.path(&FILE)?.ok_or(missing)?.value;
        source(inputs, &file, false)
    }

    fn file_flags(&self) -> &'static [&'static SettingKey] {
        FILE_FLAGS
    }

    fn source_of_flag(
        &self,
        file: &Path,
        inputs: &SourceInputs<'_>,
    ) -> Result<Option<Box<dyn Configured>>, Error> {
        source(inputs, file, true).map(Some)
    }
}

fn source(
    inputs: &SourceInputs<'_>,
    file: &Path,
    by_flag: bool,
) -> Result<Box<dyn Configured>, Error> {
    let layers = &inputs.layers;
    let [format, flatten, pointer] = if by_flag {
        [&FILES_FORMAT, &FILES_FLATTEN, &FILES_POINTER]
    } else {
        [&FORMAT, &FLATTEN, &POINTER]
    };
    // A secret in place of the path must not become a name.
    let shown = || shown_path(file).to_string().into();
    let name = if by_flag { shown() } else { Arc::clone(&inputs.name) };
    let format = match layers.text(format)? {
        None => Format::of_path(file),
        Some(Setting { value, origin }) => {
            if let Some(format) = Format::parse(&value) {
                format
            } else {
                let known = Format::NAMES.map(str::to_owned).into();
                return Err(Error::Choice { origin, what: "format", value, known });
            }
        }
    };
    Ok(Box::new(Sops(SopsFile {
        name,
        file: file.to_owned(),
        format,
        selection: selection(layers, pointer, flatten)?,
        keys: KeyPlaces::find(layers)?,
        timeout: layers.timeout(),
        by_flag,
    })))
}

/// A configured sops file.
#[derive(Clone, Debug)]
pub struct Sops(SopsFile);

impl Configured for Sops {
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

    fn open_for_writing(
        &self,
        _: &RunSettings,
    ) -> Result<Option<Box<dyn provider::Write>>, provider::Error> {
        Ok(Some(Box::new(self.0.clone())))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async {
            let mut checks = self.0.keys.checks().await;
            checks.push(fetching(&self.0).await);
            checks
        })
    }
}
