//! Variables of `[env]` with `deliver = "file"`: writes their values to files in memory, and gives the command the
//! paths.

use std::path::{Path, PathBuf};

use super::context::Context;
use crate::config::SecretFilesSetting;
use crate::deliver::files::{FileStorage, SecretFile, SecretFiles, memory_directory};
use crate::error::Error;
use crate::provider::Settings;
use crate::provider::doctor::{Check, counted};
use crate::secret::Value;

/// World-writable directory in memory on most systems (glibc's `shm_open`).
const SHARED_MEMORY: &str = "/dev/shm";

/// Where the files of a run are written.
pub(super) fn storage(
    settings: &Settings,
    supervises: bool,
    context: &Context<'_>,
) -> Result<FileStorage, Error> {
    match settings.run.secret_files {
        SecretFilesSetting::Memfd => Ok(FileStorage::Memfd),
        SecretFilesSetting::Auto if !supervises => Ok(FileStorage::Memfd),
        SecretFilesSetting::Auto => {
            Ok(directory(context).map_or(FileStorage::Memfd, FileStorage::Directory))
        }
        SecretFilesSetting::Tmpfs if !supervises => Err(Error::FilesNeedSupervision),
        SecretFilesSetting::Tmpfs => {
            directory(context).map(FileStorage::Directory).ok_or(Error::NoMemoryDirectory)
        }
    }
}

/// Writes the files, and replaces their variables by those with the paths.
pub(super) fn write(
    settings: &Settings,
    storage: &FileStorage,
    variables: &mut Vec<(String, Value)>,
) -> Result<SecretFiles, Error> {
    let requested = &settings.references.files;
    if requested.is_empty() {
        return Ok(SecretFiles::default());
    }
    let delivery = |name: &str| requested.iter().find(|(file, _)| file == name).map(|(_, it)| it);
    let (found, mut others): (Vec<_>, Vec<_>) =
        std::mem::take(variables).into_iter().partition(|(name, _)| delivery(name).is_some());
    let file = |(name, value): &'_ (String, Value)| {
        let mode = delivery(name).map_or(0o400, |delivery| delivery.mode);
        (name.clone(), value.clone(), mode)
    };
    let contents: Vec<_> = found.iter().map(file).collect();
    let files: Vec<_> = contents
        .iter()
        .map(|(name, value, mode)| SecretFile { name, value, mode: *mode })
        .collect();
    let (written, paths) = SecretFiles::write(storage, &files).map_err(Error::SecretFile)?;
    for ((name, _), path) in found.iter().zip(paths) {
        let Some(delivery) = delivery(name) else { continue };
        if others.iter().any(|(other, _)| *other == delivery.variable) {
            let (variable, secret) = (delivery.variable.clone(), name.clone());
            return Err(Error::FileVariable { variable, secret });
        }
        let path = path.into_os_string().into_encoded_bytes();
        others.push((delivery.variable.clone(), Value::new(path)));
    }
    *variables = others;
    Ok(written)
}

/// The variables that a run would pass, for a plan: paths in place of contents, and nothing is written.
pub(super) fn without_content(
    settings: &Settings,
    variables: Vec<(String, Value)>,
) -> Vec<(String, Value)> {
    let requested = &settings.references.files;
    let passed = |(name, value)| match requested.iter().find(|(file, _)| *file == name) {
        Some((_, file)) => (file.variable.clone(), Value::from("/proc/self/fd/10")),
        None => (name, value),
    };
    variables.into_iter().map(passed).collect()
}

/// Says which kinds of files work here, if any variable is delivered as one.
pub(super) fn check(settings: &Settings, context: &Context<'_>) -> Option<Check> {
    let count = settings.references.files.len();
    (count > 0).then(|| {
        let directory = match directory(context) {
            Some(directory) => format!("tmpfs in {}", directory.display()),
            None => "no tmpfs".to_owned(),
        };
        Check::ok("secret files", format!("{}: memfd, {directory}", counted(count, "variable")))
    })
}

/// A directory in memory.
fn directory(context: &Context<'_>) -> Option<PathBuf> {
    let runtime = context.environment.text("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute());
    let candidates: Vec<_> =
        runtime.as_deref().into_iter().chain([Path::new(SHARED_MEMORY)]).collect();
    memory_directory(&candidates)
}
