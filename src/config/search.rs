//! Searches for configuration files from the working directory upward: to the root of the repository;
//! without a repository, to the home directory or the root of the file system. Above the working directory
//! anybody may be able to create files, so a file counts there only if this user or root owns it.

use std::path::{Path, PathBuf};

use nix::sys::stat::{FileStat, lstat, stat};
use nix::unistd::geteuid;

use super::Environment;
use super::user_dirs::{base_directories, path_exists};

/// Finds the nearest file of this name. Adds a warning for each file that it ignores.
pub(super) fn find_upward(
    directory: &Path,
    name: &str,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Option<PathBuf> {
    let home = base_directories().map(directories::BaseDirs::home_dir);
    let mut device = None;
    for above in directory.ancestors() {
        let path = above.join(name);
        if path_exists(&path) {
            match foreign_owner(&path, environment).filter(|_| above != directory) {
                None => return Some(path),
                Some(owner) => warnings.push(format!(
                    "ignoring {}: it is owned by another user (uid {owner})",
                    path.display()
                )),
            }
        }
        if is_boundary(above, home, &mut device, environment) {
            break;
        }
    }
    None
}

/// Finds the nearest file of this name above the directories that [`find_upward`] searches.
pub(super) fn find_beyond(
    directory: &Path,
    name: &str,
    environment: &Environment,
) -> Option<PathBuf> {
    let home = base_directories().map(directories::BaseDirs::home_dir);
    let mut device = None;
    let mut ancestors = directory.ancestors();
    for above in ancestors.by_ref() {
        if is_boundary(above, home, &mut device, environment) {
            break;
        }
    }
    ancestors.map(|above| above.join(name)).find(|path| path_exists(path))
}

/// Whether the search ends with this directory: at the root of a repository that this user owns, at the
/// home directory, and where the parent directory is on another file system.
fn is_boundary(
    directory: &Path,
    home: Option<&Path>,
    device: &mut Option<u64>,
    environment: &Environment,
) -> bool {
    let git = directory.join(".git");
    // A repository that somebody else made, in /tmp say, does not make its other files trustworthy.
    if path_exists(&git) && foreign_owner(&git, environment).is_none() {
        return true;
    }
    if home == Some(directory) {
        return true;
    }
    let Some(parent) = directory.parent() else { return true };
    let of = |path: &Path| stat(path).map(|found: FileStat| found.st_dev).ok();
    let own = device.take().or_else(|| of(directory));
    *device = of(parent);
    own.is_none() || own != *device
}

/// The owner of a file, or of a symbolic link or its target, if that is neither this user nor root. Under
/// sudo, the user who called it counts too.
fn foreign_owner(path: &Path, environment: &Environment) -> Option<u32> {
    let own = geteuid();
    let caller = || environment.text("SUDO_UID")?.to_str()?.parse().ok();
    let is_trusted =
        |uid: u32| uid == own.as_raw() || uid == 0 || (own.is_root() && Some(uid) == caller());
    let owners = [lstat(path), stat(path)].into_iter().map(|found| found.map(|found| found.st_uid));
    // What cannot be looked at is nobody's.
    owners.map(|owner| owner.unwrap_or(u32::MAX)).find(|owner| !is_trusted(*owner))
}
