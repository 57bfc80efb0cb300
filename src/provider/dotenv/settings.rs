//! The settings of a dotenv file.

use std::path::Path;
use std::sync::Arc;

use super::references::FileReferences;
use super::{Dialect, DotenvFile, DotenvSource};
use crate::config::schema::{FILE, OVERRIDE, SourceSchema, keys};
use crate::config::{EnvFile, Error, Layers, RunSettings, Setting};
use crate::message::shown_path;
use crate::provider::doctor::{private, reading};
use crate::provider::{
    self, Checks, Configured, Example, InitContext, Source, SourceInputs, StoreType, Write, Writes,
    WrittenValues,
};
use crate::redact::policy::Scope;

keys! {
    DIALECT = "dialect" Text None, [],
        "The program whose reading of the file is reproduced: `strict` (hushed's own, the default: an error wherever programs disagree), `node`, `dotenv` (npm), `python`, `ruby`, `compose`, `docker` or `systemd`.";
    EXPAND = "expand" Text None, [],
        "With the dialect `strict`: `references` (the default) expands `${NAME}`, and `none` keeps every `$` as it is. Other dialects have their own rule.";
    OPTIONAL = "optional" Switch None, [],
        "Whether the file may be missing. By default that is an error.";
}

/// The type `dotenv`.
#[derive(Debug)]
pub struct DotenvType;

impl StoreType for DotenvType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let layers = &inputs.layers;
        let path = layers.path(&FILE)?.map_or_else(|| ".env".into(), |setting| setting.value);
        let file = DotenvFile {
            path: Some(path),
            is_optional: layers.switch(&OPTIONAL, false)?,
            dialect: dialect(layers.text(&DIALECT)?)?,
            expand: expand(layers)?,
            overrides: layers.switch(&OVERRIDE, self.overrides())?,
        };
        Ok(Box::new(Dotenv { name: Arc::clone(&inputs.name), file, references: None }))
    }

    fn overrides(&self) -> bool {
        false
    }

    fn redaction_scope(&self) -> Scope {
        Scope::Auto
    }

    fn example(&self, found: &InitContext<'_>) -> Option<Example> {
        if !found.directory.join(".env").exists() {
            return None;
        }
        let mut table = "# If several sources have a name, the last one wins. An inherited variable wins over the file,\n\
                         # unless override = true.\n[source.dotenv]\ntype = \"dotenv\"\nfile = \".env\"\n"
            .to_owned();
        if let Some((file, dialect)) = proposed_dialect(found.directory) {
            for part in [
                "# ",
                file,
                " is here: read the file as its programs do. Without this line, hushed refuses\n# what \
                 programs read in different ways.\ndialect = \"",
                dialect.as_str(),
                "\"\n",
            ] {
                table += part;
            }
        }
        Some(Example { table, what: "the file .env", next: None, new_key: None })
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    fn env_file(&self, file: &EnvFile) -> Result<Option<Box<dyn Configured>>, Error> {
        let file = DotenvFile {
            path: file.path.clone(),
            is_optional: file.is_optional,
            dialect: dialect(file.dialect.clone())?,
            expand: true,
            overrides: self.overrides(),
        };
        // A secret in place of the path must not become a name.
        let name = match file.path.as_deref() {
            Some(path) => shown_path(path).to_string().into(),
            None => super::file::place(None).into(),
        };
        Ok(Some(Box::new(Dotenv { name, file, references: None })))
    }
}

/// The dialect of the programs that a project uses, by the files that it has, with one of these.
fn proposed_dialect(directory: &Path) -> Option<(&'static str, Dialect)> {
    let has = |name: &str| directory.join(name).exists();
    let package = std::fs::read_to_string(directory.join("package.json"));
    if let Ok(package) = package {
        let dialect = if package.contains("\"dotenv\"") { Dialect::Dotenv } else { Dialect::Node };
        return Some(("package.json", dialect));
    }
    [
        ("compose.yaml", Dialect::Compose),
        ("compose.yml", Dialect::Compose),
        ("docker-compose.yaml", Dialect::Compose),
        ("docker-compose.yml", Dialect::Compose),
        ("pyproject.toml", Dialect::Python),
        ("Gemfile", Dialect::Ruby),
    ]
    .into_iter()
    .find(|(file, _)| has(file))
}

fn dialect(setting: Option<Setting<String>>) -> Result<Dialect, Error> {
    let Some(Setting { value, origin }) = setting else { return Ok(Dialect::default()) };
    value.parse().map_err(|_unknown| Error::Choice {
        origin,
        what: "dialect of dotenv files",
        value,
        known: Dialect::NAMES.map(str::to_owned).into(),
    })
}

/// Whether references are expanded. Only the strict dialect leaves a choice.
fn expand(layers: &Layers<'_>) -> Result<bool, Error> {
    let Some(Setting { value, origin }) = layers.text(&EXPAND)? else { return Ok(true) };
    if let Some(dialect) = layers.text(&DIALECT)?
        && dialect.value != Dialect::Strict.as_str()
    {
        let what = "no `expand` beside another dialect than `strict`, which has its own rule";
        return Err(Error::Form { origin, what, value });
    }
    match value.as_str() {
        "references" => Ok(true),
        "none" => Ok(false),
        _ => {
            let known = ["references", "none"].map(str::to_owned).into();
            Err(Error::Choice { origin, what: "way to expand", value, known })
        }
    }
}

/// What a dotenv file can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "dotenv",
    heading: "Dotenv files",
    doc: "A dotenv file. hushed-dotenv(5) describes its syntax and the dialects.",
    keys: &[&FILE, &DIALECT, &EXPAND, &OPTIONAL],
    credentials: &[],
};

/// A dotenv file.
#[derive(Clone, Debug)]
pub struct Dotenv {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The file, and how it is read.
    pub file: DotenvFile,
    /// The references in its values, once they are bound.
    pub(super) references: Option<FileReferences>,
}

impl Dotenv {
    fn source(&self) -> DotenvSource {
        DotenvSource::new(Arc::clone(&self.name), self.file.clone())
            .with_references(self.references.clone().map(FileReferences::unbound))
    }
}

impl Configured for Dotenv {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        let references = self.references.clone().map(|it| it.without_credentials(&run.inherit));
        Ok(Box::new(self.source().with_references(references)))
    }

    fn as_written_values(&mut self) -> Option<&mut dyn WrittenValues> {
        Some(self)
    }

    fn open_for_writing(&self, _: &RunSettings) -> Result<Option<Box<dyn Write>>, provider::Error> {
        let Some(writer) = super::write::writer(self) else { return Ok(None) };
        Ok(Some(Box::new(writer)))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async {
            let mode = self.file.path.as_deref().and_then(|path| private("file mode", path));
            mode.into_iter().chain([reading(&self.source())]).collect()
        })
    }
}
