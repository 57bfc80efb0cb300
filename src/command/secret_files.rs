//! Variables of `[env]` with `deliver = "file"`: writes their values to files in memory, and gives the command the
//! paths.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid};

use super::context::Context;
use crate::config::{EnvFileDelivery, SecretFilesSetting};
use crate::deliver::files::{
    Fifos, FileError, FileStorage, NamespaceAccess, SecretFile, SecretFiles, abandoned,
    memory_directory, parse_owner, probe_namespace,
};
use crate::error::Error;
use crate::process::BackgroundTask;
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
    let files = &settings.references.files;
    let directory = || directory(files, context).ok_or(Error::NoMemoryDirectory);
    match settings.run.secret_files {
        _ if files.is_empty() => Ok(FileStorage::Memfd),
        SecretFilesSetting::Memfd => Ok(FileStorage::Memfd),
        SecretFilesSetting::Auto if !supervises => Ok(FileStorage::Memfd),
        SecretFilesSetting::Auto => Ok(match directory() {
            // In a user namespace, programs such as sudo fail: that is only for those who request it.
            Ok(directory) => match probe_namespace(&directory) {
                Ok(access @ NamespaceAccess::Capability) => {
                    FileStorage::Namespace(directory, access)
                }
                Ok(NamespaceAccess::UserNamespace) | Err(_) => FileStorage::Directory(directory),
            },
            Err(_) => FileStorage::Memfd,
        }),
        SecretFilesSetting::Namespace => {
            let directory = directory()?;
            match probe_namespace(&directory) {
                Ok(access) => Ok(FileStorage::Namespace(directory, access)),
                Err(error) => Err(Error::NoNamespace(error)),
            }
        }
        kind @ (SecretFilesSetting::Tmpfs | SecretFilesSetting::Fifo) if !supervises => {
            let kind = if kind == SecretFilesSetting::Fifo { "fifo" } else { "tmpfs" };
            Err(Error::FilesNeedSupervision { kind })
        }
        SecretFilesSetting::Tmpfs => directory().map(FileStorage::Directory),
        SecretFilesSetting::Fifo => directory().map(FileStorage::Fifo),
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
        let delivery = delivery(name);
        let mode = delivery.map_or(0o400, |delivery| delivery.mode);
        let owner = delivery.map(|delivery| owner(name, delivery)).transpose()?.flatten();
        Ok((name.clone(), value.clone(), mode, owner))
    };
    let contents: Vec<_> = found.iter().map(file).collect::<Result<_, Error>>()?;
    let files: Vec<_> = contents
        .iter()
        .map(|(name, value, mode, owner)| SecretFile { name, value, mode: *mode, owner: *owner })
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

/// The owner of a file, if one is set.
fn owner(name: &str, delivery: &EnvFileDelivery) -> Result<Option<(Uid, Gid)>, Error> {
    let parse = |text: &String| {
        parse_owner(text).map_err(|error| {
            let place = format!("owner = \"{text}\"");
            Error::SecretFile(FileError { name: name.to_owned(), place, error })
        })
    };
    delivery.owner.as_ref().map(parse).transpose()
}

/// The FIFOs of a run, which are replaced while the command runs.
pub(super) fn task(files: &mut SecretFiles) -> Option<Box<dyn BackgroundTask>> {
    struct Replace(Fifos);
    impl BackgroundTask for Replace {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }

        fn handle(&mut self) {
            self.0.replace_opened();
        }
    }
    Some(Box::new(Replace(files.take_fifos()?)))
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
    let files = &settings.references.files;
    if files.is_empty() {
        return None;
    }
    let mut kinds = vec!["memfd".to_owned()];
    let mut left = 0;
    match directory(files, context) {
        Some(directory) => {
            kinds.push(match probe_namespace(&directory) {
                Ok(NamespaceAccess::Capability) => "namespace".to_owned(),
                Ok(NamespaceAccess::UserNamespace) => {
                    "namespace (with a user namespace)".to_owned()
                }
                Err(error) => format!("no namespace ({error})"),
            });
            left = abandoned(&directory);
            kinds.push(format!("tmpfs and fifo in {}", directory.display()));
        }
        None => kinds.push("no namespace, tmpfs and fifo (no directory is on a tmpfs)".to_owned()),
    }
    let text = format!("{}: {}", counted(files.len(), "variable"), kinds.join(", "));
    Some(if left > 0 {
        let text = format!("{text}; files of killed runs are still there ({left})");
        let hint = "the next run with --secret-files=tmpfs or fifo removes them";
        Check::warning("secret files", text, hint)
    } else {
        Check::ok("secret files", text)
    })
}

/// A directory in memory. Other users cannot pass `$XDG_RUNTIME_DIR`.
pub(super) fn directory(
    files: &[(String, EnvFileDelivery)],
    context: &Context<'_>,
) -> Option<PathBuf> {
    let runtime = context.environment.text("XDG_RUNTIME_DIR").map(PathBuf::from);
    let is_ours = files.iter().all(|(_, file)| file.owner.is_none());
    let runtime = runtime.filter(|path| path.is_absolute() && is_ours);
    let candidates: Vec<_> =
        runtime.as_deref().into_iter().chain([Path::new(SHARED_MEMORY)]).collect();
    memory_directory(&candidates)
}
