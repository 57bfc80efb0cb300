//! Names that would take over the command: what the loader, a shell or an interpreter acts upon
//! before the program's own first line. One table, in code, in the manual and under test.

/// Names that are reserved for one reason. A name that ends in `*` stands for all that begin so.
#[derive(Clone, Copy, Debug)]
pub struct ReservedNames {
    /// Who acts upon them.
    pub reason: &'static str,
    /// The names.
    pub names: &'static [&'static str],
}

/// The table of reserved names.
pub const RESERVED_NAMES: &[ReservedNames] = &[
    ReservedNames {
        reason: "loads code into every dynamic program, or changes how libc behaves",
        names: &[
            "LD_*",
            "DYLD_*",
            "GCONV_PATH",
            "GETCONF_DIR",
            "GLIBC_TUNABLES",
            "LOCPATH",
            "MALLOC_*",
            "NIS_PATH",
            "NLSPATH",
            "RESOLV_HOST_CONF",
            "RES_OPTIONS",
            "HOSTALIASES",
            "LOCALDOMAIN",
            "TZDIR",
            "OPENSSL_CONF",
            "OPENSSL_ENGINES",
            "OPENSSL_MODULES",
        ],
    },
    ReservedNames {
        reason: "is where the user, the programs or temporary files are looked for",
        names: &["PATH", "HOME", "SHELL", "PWD", "OLDPWD", "TMPDIR", "XDG_*"],
    },
    ReservedNames {
        reason: "is run or obeyed by a shell",
        names: &[
            "BASH_ENV",
            "BASH_FUNC_*",
            "BASHOPTS",
            "BASH_XTRACEFD",
            "CDPATH",
            "ENV",
            "FPATH",
            "GLOBIGNORE",
            "IFS",
            "PROMPT_COMMAND",
            "PS0",
            "PS1",
            "PS2",
            "PS4",
            "SHELLOPTS",
            "ZDOTDIR",
            "FIGNORE",
            "KSH_ENV",
        ],
    },
    ReservedNames {
        reason: "loads code into an interpreter or a virtual machine",
        names: &[
            "NODE_OPTIONS",
            "NODE_PATH",
            "NODE_REPL_EXTERNAL_MODULE",
            "BUN_OPTIONS",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "PYTHONHOME",
            "PYTHONUSERBASE",
            "PYTHONBREAKPOINT",
            "PYTHONINSPECT",
            "PYTHONWARNINGS",
            "PYTHONPYCACHEPREFIX",
            "PYTHONPLATLIBDIR",
            "PERL5OPT",
            "PERL5LIB",
            "PERL5DB",
            "PERLLIB",
            "PERL_UNICODE",
            "RUBYOPT",
            "RUBYLIB",
            "RUBYSHELL",
            "GEM_HOME",
            "GEM_PATH",
            "BUNDLE_GEMFILE",
            "PHPRC",
            "PHP_INI_SCAN_DIR",
            "LUA_INIT*",
            "LUA_PATH*",
            "LUA_CPATH*",
            "R_ENVIRON*",
            "R_PROFILE*",
            "R_LIBS*",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "CLASSPATH",
            "MAVEN_OPTS",
            "GRADLE_OPTS",
            "ERL_AFLAGS",
            "ERL_FLAGS",
            "ERL_ZFLAGS",
            "ELIXIR_ERL_OPTIONS",
            "DOTNET_STARTUP_HOOKS",
            "DOTNET_ADDITIONAL_DEPS",
            "CORECLR_PROFILER*",
            "COR_PROFILER*",
            "CORECLR_ENABLE_PROFILING",
            "COR_ENABLE_PROFILING",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "CARGO_BUILD_RUSTC_WRAPPER",
            "GOFLAGS",
            "JULIA_LOAD_PATH",
            "TCLLIBPATH",
        ],
    },
    ReservedNames {
        reason: "names a program that others start",
        names: &[
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_ASKPASS",
            "GIT_EDITOR",
            "GIT_SEQUENCE_EDITOR",
            "GIT_PAGER",
            "GIT_EXTERNAL_DIFF",
            "GIT_PROXY_COMMAND",
            "GIT_TEMPLATE_DIR",
            "GIT_EXEC_PATH",
            "GIT_CONFIG*",
            "SSH_ASKPASS",
            "SUDO_ASKPASS",
            "EDITOR",
            "VISUAL",
            "PAGER",
            "MANPAGER",
            "SYSTEMD_PAGER",
            "BROWSER",
            "LESSOPEN",
            "LESSCLOSE",
            "LESSKEY",
            "MAKEFLAGS",
            "MFLAGS",
            "GNUMAKEFLAGS",
            "RSYNC_RSH",
            "CVS_RSH",
        ],
    },
    ReservedNames {
        reason: "tells a service manager's protocol to the command",
        names: &[
            "NOTIFY_SOCKET",
            "LISTEN_FDS",
            "LISTEN_PID",
            "LISTEN_PIDFDID",
            "LISTEN_FDNAMES",
            "WATCHDOG_PID",
            "WATCHDOG_USEC",
            "SYSTEMD_EXEC_PID",
            "MAINPID",
            "CREDENTIALS_DIRECTORY",
            "INVOCATION_ID",
            "JOURNAL_STREAM",
        ],
    },
];

/// For each letter that a name of the table begins with, the letters that come second, as bits. Names
/// of one letter, if there were any, would have no place here.
#[expect(clippy::as_conversions, reason = "done by the compiler, which has no other")]
const BEGINNINGS: [u32; 32] = {
    let mut beginnings = [0; 32];
    let mut groups = RESERVED_NAMES;
    while let [group, rest @ ..] = groups {
        let mut names = group.names;
        while let [name, rest @ ..] = names {
            let [first, second, ..] = name.as_bytes() else { panic!("a name of one letter") };
            beginnings[(*first & 31) as usize] |= 1 << (*second & 31);
            names = rest;
        }
        groups = rest;
    }
    beginnings
};

/// Why a name is reserved, if it is. The loader's and the shell's names count in their own letter
/// case only, as their readers see them.
pub fn is_reserved(name: &str) -> Option<&'static str> {
    // Every name of every run comes by, and hardly any begins as one of the table does.
    let [first, second, ..] = name.as_bytes() else { return None };
    let seconds = BEGINNINGS.get(usize::from(*first & 31))?;
    if seconds >> (second & 31) & 1 == 0 {
        return None;
    }
    let covers = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    };
    RESERVED_NAMES.iter().find(|group| group.names.iter().any(covers)).map(|it| it.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_covers_families_and_single_names() {
        for name in [
            "LD_PRELOAD",
            "LD_AUDIT",
            "DYLD_INSERT_LIBRARIES",
            "GCONV_PATH",
            "BASH_ENV",
            "ENV",
            "IFS",
            "PATH",
            "HOME",
            "SHELL",
            "PROMPT_COMMAND",
            "NODE_OPTIONS",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "PERL5OPT",
            "RUBYOPT",
            "JAVA_TOOL_OPTIONS",
            "GIT_SSH_COMMAND",
            "BASH_FUNC_ls%%",
        ] {
            assert!(is_reserved(name).is_some(), "{name}");
        }
        for name in ["DATABASE_URL", "PATHS", "MY_PATH", "ENVIRONMENT", "LDAP_URL", "API_KEY"] {
            assert!(is_reserved(name).is_none(), "{name}");
        }
    }

    #[test]
    fn every_name_of_the_table_is_reserved_and_what_only_begins_alike_is_not() {
        for group in RESERVED_NAMES {
            for pattern in group.names {
                let name = pattern.replace('*', "anything");
                assert_eq!(is_reserved(&name), Some(group.reason), "{name}");
                let lower = name.to_lowercase();
                assert_eq!(is_reserved(&lower), None, "{lower}");
            }
        }
        for name in ["", "L", "_", "\u{e9}t\u{e9}", "XD", "PATI"] {
            assert_eq!(is_reserved(name), None, "{name}");
        }
    }

    #[test]
    fn no_name_is_listed_twice() {
        let mut all: Vec<_> = RESERVED_NAMES.iter().flat_map(|group| group.names).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
