//! The editor that `VISUAL` or `EDITOR` names, and what keeps it from leaving copies of the text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::error::Error;
use crate::sys::program::{find_in_path, run_in_foreground};

/// An editor whose copies are known, and the options against them. All get a private home directory as well.
struct KnownEditor {
    names: &'static [&'static str],
    options: &'static [&'static str],
}

/// vim and nvim: no swap file, no history file; no backup and undo files, whatever their configuration says.
const VIM: KnownEditor = KnownEditor {
    names: &["vim", "nvim", "gvim", "vimx"],
    options: &[
        "-n",
        "-i",
        "NONE",
        "--cmd",
        "set nobackup nowritebackup noswapfile | silent! set noundofile",
        "-c",
        "set nobackup nowritebackup noswapfile | silent! set noundofile",
    ],
};

const KNOWN: [KnownEditor; 4] = [
    VIM,
    KnownEditor { names: &["nano", "rnano"], options: &["--ignorercfiles"] },
    KnownEditor {
        names: &["emacs"],
        options: &[
            "-q",
            "--eval",
            "(setq make-backup-files nil auto-save-default nil create-lockfiles nil \
             auto-save-list-file-prefix nil)",
        ],
    },
    // They keep no copy of a file that is saved.
    KnownEditor { names: &["ed", "hx", "helix", "kak"], options: &[] },
];

/// How the names of scripts end.
const SCRIPTS: [&str; 6] = [".sh", ".bash", ".py", ".pl", ".rb", ".js"];

/// Variables that point to places where editors keep files.
const PLACES: [&str; 5] =
    ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];

/// Variables that would undo the options.
const DROPPED: [&str; 3] = ["VIMINIT", "EXINIT", "NVIM_APPNAME"];

/// An editor.
#[derive(Debug)]
pub(super) struct Editor {
    /// Its command, split at white space.
    words: Vec<String>,
    file: PathBuf,
    options: Option<&'static [&'static str]>,
}

impl Editor {
    /// Finds the editor: `VISUAL`, `EDITOR`, or vi.
    pub(super) fn find(environment: &Environment) -> Result<Self, Error> {
        let named = ["VISUAL", "EDITOR"].iter().find_map(|name| {
            let text = environment.text(name)?.to_str()?.trim().to_owned();
            (!text.is_empty()).then_some(text)
        });
        let command = named.unwrap_or_else(|| "vi".to_owned());
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let missing = || Error::NoEditor(command.clone());
        let first = words.first().ok_or_else(missing)?;
        let file = if first.contains('/') {
            Some(PathBuf::from(first)).filter(|file| file.is_file())
        } else {
            environment.text("PATH").and_then(|path| find_in_path(first, path))
        };
        let file = file.ok_or_else(missing)?;
        Ok(Self { options: known_options(&file), words, file })
    }

    /// What to tell about an editor that may keep copies.
    pub(super) fn warning(&self) -> Option<String> {
        let name = self.words.first().map_or("", String::as_str);
        self.options.is_none().then(|| {
            format!(
                "hushed does not know how `{name}` keeps backups, swap files and history; they may \
                 hold secrets on a disk"
            )
        })
    }

    /// Runs it on a file, with a home directory beside the file, and waits for its end.
    pub(super) fn run(&self, path: &Path, environment: &Environment) -> Result<(), Error> {
        let failed = |error| Error::Editor(self.words.join(" "), error);
        let mut arguments: Vec<OsString> = self.words.iter().skip(1).map(OsString::from).collect();
        let mut variables: Vec<(OsString, OsString)> = environment
            .iter()
            .map(|variable| {
                let value = std::ffi::OsStr::from_bytes(variable.value.expose()).to_owned();
                (variable.name.clone(), value)
            })
            .collect();
        if let Some(options) = self.options {
            arguments.extend(options.iter().map(OsString::from));
            let home = path.with_file_name("home");
            std::fs::create_dir(&home).map_err(failed)?;
            let is_kept =
                |name: &OsString| !PLACES.iter().chain(&DROPPED).any(|known| name == known);
            variables.retain(|(name, _)| is_kept(name));
            variables.extend(PLACES.map(|name| (name.into(), home.clone().into_os_string())));
        }
        arguments.push(path.into());
        let status = run_in_foreground(&self.file, &arguments, &variables).map_err(failed)?;
        if status.success() { Ok(()) } else { Err(Error::EditorFailed(self.words.join(" "))) }
    }
}

/// The options of a known editor; `vi` is known where it is a link to vim.
fn known_options(file: &Path) -> Option<&'static [&'static str]> {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_vim = name(&real).is_some_and(|name| name.starts_with("vim.") || name == "vim");
    if is_vim {
        return Some(VIM.options);
    }
    let is_called = |known: &&KnownEditor| {
        [name(file), name(&real)].into_iter().flatten().any(|name| {
            // `ed.sh` is no `ed`, but `vim.tiny` and `emacs-29` are what they begin with.
            if SCRIPTS.iter().any(|end| name.ends_with(end)) {
                return false;
            }
            let name = name.split(['.', '-']).next().unwrap_or_default();
            known.names.contains(&name)
        })
    };
    KNOWN.iter().find(is_called).map(|known| known.options)
}
