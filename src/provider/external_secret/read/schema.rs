//! The settings of a source of manifests, and how it is built from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::error::ManifestFault;
use super::fields::Fault;
use super::settings::Credentials;
use super::source::ExternalSecrets;
use super::stores::Documents;
use crate::config::schema::{ALLOW_EMPTY, SourceSchema, keys};
use crate::config::{Error, Layers, Origin, RawValue, Setting, expand_home, resolve_path};
use crate::provider::{Configured, SourceInputs, StoreType};
use crate::seal::private_file::read_within;

keys! {
    MANIFESTS = "manifests" List None, [],
        "The files with the manifests: of kind `ExternalSecret`, of the stores that they name, and of each `ConfigMap` with templates. All external secrets in them are read. In a project's file, it requires `hushed trust`, again after each change of the manifests.";
    CREDENTIALS = "credentials" Map None, [],
        "Where the keys of the Kubernetes Secrets are that the stores log in with: `NAME/KEY = \"FILE\"`, `\"env:VARIABLE\"` or `\"systemd:ID\"`.";
    CREDENTIAL_DIRECTORY = "credential-directory" Path None, [],
        "A directory with a file `NAME/KEY` for each key of such a Secret.";
}

/// What a source of manifests can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "external-secret",
    heading: "Manifests of External Secrets",
    doc: "Manifests of the External Secrets operator, read on a host. hushed-external-secrets(7) describes it.",
    keys: &[&MANIFESTS, &CREDENTIALS, &CREDENTIAL_DIRECTORY],
    credentials: &[],
};

/// The most bytes of a manifest.
const MAX_SIZE: u64 = 16 << 20;

/// The type `external-secret`.
#[derive(Debug)]
pub struct ExternalSecretType;

impl StoreType for ExternalSecretType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let layers = &inputs.layers;
        let files = files(layers)?;
        check_trust(&files, inputs)?;
        let documents = read(&files, layers)?;
        let built = documents.build(&credentials(layers)?, inputs, warnings);
        let (manifests, stores, config_maps) = built.map_err(|error| match error {
            BuildError::Fault(fault) => fault.into_config(),
            BuildError::Config(error) => error,
        })?;
        Ok(Box::new(ExternalSecrets {
            name: Arc::clone(&inputs.name),
            manifests: manifests.into(),
            stores,
            config_maps,
            allow_empty: inputs.run.switch(&ALLOW_EMPTY, false)?,
        }))
    }

    fn trusted_content(&self, layers: &Layers<'_>) -> Result<Vec<(String, PathBuf)>, Error> {
        let Some(setting) = layers.list(&MANIFESTS)? else { return Ok(Vec::new()) };
        let Some(file) = setting.origin.project_file().map(Path::to_owned) else {
            return Ok(Vec::new());
        };
        Ok(vec![(pin(&files(layers)?, layers)?, file)])
    }
}

/// Why a source cannot be built.
pub(super) enum BuildError {
    Fault(ManifestFault),
    Config(Error),
}

/// The files, with where they are named.
pub(super) struct ManifestFiles {
    paths: Vec<PathBuf>,
    origin: Origin,
}

fn files(layers: &Layers<'_>) -> Result<ManifestFiles, Error> {
    let setting = layers.list(&MANIFESTS)?.filter(|setting| !setting.value.is_empty());
    let Setting { value, origin } = setting.ok_or(Error::Required {
        what: "manifests",
        hint: "set `manifests` to the files with the ExternalSecrets and their stores",
    })?;
    let path = |value: String| resolve_path(Setting { value, origin: origin.clone() }).value;
    Ok(ManifestFiles { paths: value.into_iter().map(path).collect(), origin })
}

/// A manifest names servers, and which credential goes there: that of a project needs the user's trust.
fn check_trust(files: &ManifestFiles, inputs: &SourceInputs<'_>) -> Result<(), Error> {
    let Some(file) = files.origin.project_file() else { return Ok(()) };
    if inputs.trust.has(&pin(files, &inputs.layers)?, file) {
        return Ok(());
    }
    let what = "names manifests, which choose servers to log in to".to_owned();
    Err(Error::Untrusted { origin: files.origin.clone(), what, key: &MANIFESTS })
}

/// What stands for the content of the manifests among what the user trusts.
fn pin(files: &ManifestFiles, layers: &Layers<'_>) -> Result<String, Error> {
    let mut digest = Sha256::new();
    for path in &files.paths {
        let text = text(path, layers)?;
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    }
    let hex =
        digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    Ok(format!("manifests:{hex}"))
}

fn text(path: &Path, layers: &Layers<'_>) -> Result<String, Error> {
    let unreadable = |error: std::io::Error| Error::Unreadable { path: path.to_owned(), error };
    let content = read_within(path, MAX_SIZE, || layers.timeout())
        .map_err(|error| unreadable(error.into()))?;
    let fault = || {
        let fault = Fault { line: 1, what: "it is not UTF-8".to_owned() };
        ManifestFault { file: path.into(), fault }.into_config()
    };
    content.bytes.expose_str().map(str::to_owned).ok_or_else(fault)
}

fn read(files: &ManifestFiles, layers: &Layers<'_>) -> Result<Documents, Error> {
    let mut documents = Documents::default();
    for path in &files.paths {
        let text = text(path, layers)?;
        documents.add(&path.as_path().into(), &text).map_err(ManifestFault::into_config)?;
    }
    Ok(documents)
}

fn credentials(layers: &Layers<'_>) -> Result<Credentials, Error> {
    let map = match layers.raw(&CREDENTIALS)? {
        Some(Setting { value: RawValue::Map(map), origin }) => (map, Some(origin)),
        _ => (Vec::new(), None),
    };
    let base = match &map.1 {
        Some(Origin::File(place)) => place.file.parent().map(Path::to_owned).unwrap_or_default(),
        _ => PathBuf::new(),
    };
    let expanded = map.0.into_iter().map(|(key, place)| {
        let is_word = place.starts_with("env:") || place.starts_with("systemd:");
        let path = if is_word { place } else { expand_home(&place).display().to_string() };
        (key, path)
    });
    Ok(Credentials {
        map: expanded.collect(),
        base,
        directory: layers.path(&CREDENTIAL_DIRECTORY)?.map(|setting| setting.value),
    })
}
