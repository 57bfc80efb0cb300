//! What shells do to environment variables: names that they drop, and names that they give a value of
//! their own. Measured with dash 0.5.12, busybox 1.35, bash 5.2, mksh R59 and zsh 5.9; a test runs those
//! that are installed against this table. It starts no shell.

/// A shell, and the variables that do not get through it as they are.
#[derive(Clone, Copy, Debug)]
pub struct Shell {
    /// Its usual name.
    pub name: &'static str,
    /// Whether it removes names that are no identifiers from the environment of what it starts.
    pub drops_other_names: bool,
    /// Names whose value it changes: in its own `$NAME`, for what it starts, or both.
    pub changes: &'static [&'static str],
}

/// The shells that were measured.
pub const SHELLS: &[Shell] = &[
    Shell { name: "dash", drops_other_names: true, changes: &["IFS", "OPTIND", "PPID", "PWD"] },
    Shell {
        name: "busybox",
        drops_other_names: true,
        changes: &[
            "EPOCHREALTIME",
            "EPOCHSECONDS",
            "IFS",
            "OPTIND",
            "PPID",
            "PWD",
            "RANDOM",
            "SHLVL",
        ],
    },
    Shell {
        name: "mksh",
        drops_other_names: true,
        changes: &[
            "BASHPID",
            "COLUMNS",
            "EPOCHREALTIME",
            "HISTSIZE",
            "IFS",
            "KSHEGID",
            "KSHGID",
            "KSHUID",
            "KSH_VERSION",
            "LINENO",
            "LINES",
            "OPTIND",
            "PATHSEP",
            "PGRP",
            "PIPESTATUS",
            "PPID",
            "PS1",
            "PWD",
            "RANDOM",
            "SECONDS",
            "TMOUT",
            "USER_ID",
            "_",
        ],
    },
    Shell {
        name: "bash",
        drops_other_names: false,
        changes: &[
            "BASH",
            "BASHOPTS",
            "BASHPID",
            "BASH_ARGV0",
            "BASH_COMMAND",
            "BASH_EXECUTION_STRING",
            "BASH_SUBSHELL",
            "BASH_VERSINFO",
            "BASH_VERSION",
            "COMP_WORDBREAKS",
            "EPOCHREALTIME",
            "EPOCHSECONDS",
            "HISTCMD",
            "IFS",
            "LINENO",
            "OLDPWD",
            "OPTERR",
            "OPTIND",
            "PPID",
            "PS1",
            "PS2",
            "PS4",
            "PWD",
            "RANDOM",
            "SECONDS",
            "SHELLOPTS",
            "SHLVL",
            "SRANDOM",
            "_",
        ],
    },
    Shell {
        name: "zsh",
        drops_other_names: false,
        changes: &[
            "ARGC",
            "ARGV0",
            "COLUMNS",
            "CPUTYPE",
            "EGID",
            "ERRNO",
            "EUID",
            "FUNCNEST",
            "GID",
            "HISTCHARS",
            "HISTCMD",
            "HISTSIZE",
            "IFS",
            "KEYBOARD_HACK",
            "KEYTIMEOUT",
            "LINENO",
            "LINES",
            "LISTMAX",
            "MACHTYPE",
            "MAILCHECK",
            "MODULE_PATH",
            "OLDPWD",
            "OPTIND",
            "OSTYPE",
            "PPID",
            "PWD",
            "RANDOM",
            "SAVEHIST",
            "SECONDS",
            "SHLVL",
            "TRY_BLOCK_ERROR",
            "TRY_BLOCK_INTERRUPT",
            "TTY",
            "TTYIDLE",
            "UID",
            "USERNAME",
            "VENDOR",
            "ZSH_ARGZERO",
            "ZSH_EVAL_CONTEXT",
            "ZSH_EXECUTION_STRING",
            "ZSH_NAME",
            "ZSH_PATCHLEVEL",
            "ZSH_SUBSHELL",
            "ZSH_VERSION",
            "_",
            "argv",
            "cdpath",
            "fignore",
            "fpath",
            "histchars",
            "mailpath",
            "manpath",
            "module_path",
            "path",
            "pipestatus",
            "psvar",
            "signals",
            "status",
            "zsh_eval_context",
        ],
    },
];

/// What the shells do to one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellEffects {
    /// The shells that remove it from the environment of what they start.
    pub dropped_by: Vec<&'static str>,
    /// The shells that change its value.
    pub changed_by: Vec<&'static str>,
}

impl ShellEffects {
    /// Looks a name up.
    pub fn of(name: &str) -> Self {
        let of = |is_meant: &dyn Fn(&Shell) -> bool| {
            SHELLS.iter().filter(|shell| is_meant(shell)).map(|shell| shell.name).collect()
        };
        let other = !is_identifier(name);
        Self {
            dropped_by: of(&|shell| other && shell.drops_other_names),
            changed_by: of(&|shell| shell.changes.contains(&name)),
        }
    }

    /// Whether every shell passes the name on as it is.
    pub fn is_empty(&self) -> bool {
        self.dropped_by.is_empty() && self.changed_by.is_empty()
    }
}

/// Whether a name is one that POSIX lets a shell have: letters, digits and `_` of ASCII, and no digit first.
fn is_identifier(name: &str) -> bool {
    let bytes = name.as_bytes();
    let first = bytes.first().is_some_and(|&first| first == b'_' || first.is_ascii_alphabetic());
    first && bytes.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_identifiers_are_dropped() {
        for name in ["my.key", "my-key", "1A", "\u{e9}", ""] {
            assert_eq!(ShellEffects::of(name).dropped_by, ["dash", "busybox", "mksh"], "{name}");
        }
        for name in ["A", "_a1", "DB_URL"] {
            assert!(ShellEffects::of(name).is_empty(), "{name}");
        }
        assert_eq!(ShellEffects::of("UID").changed_by, ["zsh"]);
        assert_eq!(ShellEffects::of("RANDOM").changed_by, ["busybox", "mksh", "bash", "zsh"]);
    }
}
