//! What systemd does with the credentials of a unit (`systemd.exec(5)`), for hints and checks.

use std::path::{Path, PathBuf};

use super::Environment;

/// The longest ID of a credential, in bytes.
const LONGEST_ID: usize = 255;

/// Which IDs systemd accepts, for hints.
pub const VALID_IDS: &str =
    "an ID must be 1 to 255 characters of ASCII without `/`, `:` and control characters";

/// Whether systemd accepts the ID of a credential. One that it does not accept is ignored, and the unit
/// starts without it.
pub fn is_valid_credential_id(id: &str) -> bool {
    let permitted = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'/' && byte != b':';
    !matches!(id, "" | "." | "..") && id.len() <= LONGEST_ID && id.bytes().all(permitted)
}

/// The directory of the credentials that systemd passes to this process.
pub fn credentials_directory(environment: &Environment) -> Option<PathBuf> {
    environment.text("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// Why a systemd credential may be missing here. `None` where systemd did not start us.
pub fn explain_missing(environment: &Environment) -> Option<String> {
    if let Some(directory) = credentials_directory(environment) {
        return Some(format!(
            "systemd passes {} in {}; it ignores a LoadCredential= with an invalid ID: {VALID_IDS}",
            list(&directory),
            directory.display()
        ));
    }
    let started = environment.text("SYSTEMD_EXEC_PID")?.to_str()?.parse::<u32>().ok()?;
    [std::process::id(), std::os::unix::process::parent_id()].contains(&started).then(|| {
        "systemd passes no credentials here: CREDENTIALS_DIRECTORY is not set, as it is not in \
         ExecReload= and ExecStop= of some versions; fetch in ExecStart=, or use a variable with _FILE"
            .to_owned()
    })
}

/// The names in a directory of credentials.
fn list(directory: &Path) -> String {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| format!("`{}`", entry.file_name().to_string_lossy())).collect();
    names.sort();
    if names.is_empty() { "no credentials".to_owned() } else { names.join(", ") }
}

/// Whether a path names a credential by an ID that systemd does not accept.
pub(super) fn names_invalid_credential(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let below = path.strip_prefix("/run/").and_then(|path| path.split_once("credentials/"));
    let id = below.and_then(|(_, below)| below.split_once('/')).map(|(_unit, id)| id);
    id.is_some_and(|id| !id.is_empty() && !is_valid_credential_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_as_systemd_does() {
        let longest = "x".repeat(255);
        for id in ["infisical-client-secret", "a b", "~", "...", &longest] {
            assert!(is_valid_credential_id(id), "{id}");
        }
        let too_long = "x".repeat(256);
        for id in ["", ".", "..", "a/b", "a:b", "sch\u{fc}ssel", "a\tb", &too_long] {
            assert!(!is_valid_credential_id(id), "{id}");
        }
    }

    #[test]
    fn a_path_below_the_credentials_of_a_unit_names_an_id() {
        for (path, want) in [
            ("/run/credentials/app.service/a/b", true),
            ("/run/user/1000/credentials/app.service/\u{fc}", true),
            ("/run/credentials/app.service/a", false),
            ("/run/credentials/app.service", false),
            ("/etc/credentials/app/a/b", false),
        ] {
            assert_eq!(names_invalid_credential(Path::new(path)), want, "{path}");
        }
    }
}
