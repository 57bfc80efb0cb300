//! The directories of this user (XDG base directory specification), found once. It looks into none.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use directories::BaseDirs;

/// The directories; none where there is no home.
pub fn base_directories() -> Option<&'static BaseDirs> {
    static BASE: OnceLock<Option<BaseDirs>> = OnceLock::new();
    BASE.get_or_init(BaseDirs::new).as_ref()
}

/// Whether there is something at this path that can be seen. Unlike the standard library's, it does not
/// first try what the kernel can do, at the price of a page fault.
pub fn path_exists(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::F_OK).is_ok()
}

/// Expands `~`, `$HOME` or `${HOME}` at the start of a path, as a shell would. Other text stays as it is,
/// also where there is no home directory.
pub fn expand_home(text: &str) -> PathBuf {
    let home = || base_directories().map(BaseDirs::home_dir);
    expand_with(text, home).unwrap_or_else(|| PathBuf::from(text))
}

fn expand_with<'h>(text: &str, home: impl FnOnce() -> Option<&'h Path>) -> Option<PathBuf> {
    let rest = ["~", "$HOME", "${HOME}"].into_iter().find_map(|word| text.strip_prefix(word))?;
    match rest.strip_prefix('/') {
        Some(below) => Some(home()?.join(below.trim_start_matches('/'))),
        // `~user` and `$HOMES` are other words.
        None => rest.is_empty().then(home)?.map(Path::to_owned),
    }
}

/// Abbreviates a path below the home directory with `~`, for a configuration file that others share.
pub fn abbreviate_home(path: &Path) -> PathBuf {
    let home = base_directories().map(BaseDirs::home_dir);
    let below = home.and_then(|home| path.strip_prefix(home).ok());
    below.map_or_else(|| path.to_owned(), |below| Path::new("~").join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_is_expanded_at_the_start_of_a_path_only() {
        let home = || Some(Path::new("/home/u"));
        for (text, want) in [
            ("~", Some("/home/u")),
            ("~/.config/key", Some("/home/u/.config/key")),
            ("~//key", Some("/home/u/key")),
            ("$HOME/key", Some("/home/u/key")),
            ("${HOME}/key", Some("/home/u/key")),
            ("${HOME}", Some("/home/u")),
            ("~root/key", None),
            ("$HOMES/key", None),
            ("./~/key", None),
            ("a/$HOME", None),
            ("$USER/key", None),
            ("key", None),
        ] {
            assert_eq!(expand_with(text, home), want.map(PathBuf::from), "{text}");
        }
        assert_eq!(expand_with("~/key", || None), None, "there is no home directory");
    }
}
