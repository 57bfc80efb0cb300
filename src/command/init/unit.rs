//! The systemd unit that `hushed init --systemd` writes. Pure: it finds out nothing about the system.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What a unit is made of.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    /// The hushed that runs.
    pub(super) hushed: &'a Path,
    /// The configuration file.
    pub(super) config: &'a Path,
    /// The command and its arguments.
    pub(super) command: &'a [&'a OsStr],
    /// Credentials that systemd passes: their IDs, and the files that they are read from.
    pub(super) credentials: &'a [(&'static str, PathBuf)],
}

impl Unit<'_> {
    /// The text of the unit file.
    pub(super) fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        let words = [self.hushed.as_os_str(), "run".as_ref(), "--config".as_ref()];
        let words = words.into_iter().chain([self.config.as_os_str(), "--".as_ref()]);
        let words: Vec<_> = words.chain(self.command.iter().copied()).map(quoted).collect();
        let _ = writeln!(text, "ExecStart={}", words.join(" "));
        if !self.credentials.is_empty() {
            text += CREDENTIALS;
        }
        for (id, file) in self.credentials {
            let _ = writeln!(text, "LoadCredential={id}:{}", escape_specifiers(file));
        }
        text + TAIL
    }
}

/// `LoadCredential=` takes the rest of its line as it is, but for specifiers.
fn escape_specifiers(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%%")
}

/// A word of a command line, as systemd.service(5) reads it: quoted where it must be, with nothing left
/// that systemd would expand.
fn quoted(word: &OsStr) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@".contains(&byte);
    let bytes = word.as_bytes();
    if !bytes.is_empty() && bytes.iter().copied().all(plain) {
        return word.to_string_lossy().into_owned();
    }
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '$' => text += "$$",
                '%' => text += "%%",
                '"' => text += "\\\"",
                '\\' => text += "\\\\",
                c if c.is_ascii_control() => {
                    let _ = write!(text, "\\x{:02x}", u32::from(c));
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text.push('"');
    text
}

const HEAD: &str = "\
# Written by `hushed init --systemd`. To install it as app.service:
#   install -m644 FILE /etc/systemd/system/app.service
#   systemctl daemon-reload && systemctl enable --now app.service

[Unit]
Description=A server that gets its secrets from hushed
Wants=network-online.target
After=network-online.target

[Service]
# A server that reports readiness wants Type=notify: hushed passes on READY=1, WATCHDOG=1 and the rest.
Type=exec
# systemd expands ${NAME} and $NAME before anything runs, and knows no secret. Write $${NAME} where a
# shell is to expand it, or begin the line with ExecStart=: to have systemd expand nothing.
";

const CREDENTIALS: &str = "\
# systemd passes these files in memory, to ExecStart= and not to ExecReload=. It ignores an ID that
# is not 1 to 255 characters of ASCII without `/` and `:`.
";

const TAIL: &str = "\
# Enough for logging in and fetching.
TimeoutStartSec=60s
# SIGTERM goes to hushed alone, which passes it on. control-group, the default, would signal every
# process of the unit, and the command twice.
KillMode=mixed
TimeoutStopSec=45s
# What hushed looks for in the output stays out of swap up to this size.
LimitMEMLOCK=64M
Restart=on-failure
RestartSec=5s

# A user that exists while the unit runs. It must be able to read hushed.toml, and the dotenv files and
# stores that are named there; set User= in place of DynamicUser= for files of one user.
DynamicUser=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProcSubset=pid
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
# Not for programs that compile at run time, as node and the JVM do.
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
# memfd_secret is how hushed hides memory; without it memory is locked, and a debugger of root sees it.
SystemCallFilter=@system-service memfd_secret
SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
# No core file with secrets in it.
LimitCORE=0

[Install]
WantedBy=multi-user.target
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_so_that_systemd_expands_nothing() {
        for (word, want) in [
            ("/usr/bin/app", "/usr/bin/app"),
            ("--port=80", "--port=80"),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("echo ${X} $Y", r#""echo $${X} $$Y""#),
            ("100%", r#""100%%""#),
            (r#"say "a\b""#, r#""say \"a\\b\"""#),
            ("a\nb\u{e9}", "\"a\\x0ab\u{e9}\""),
            (";", r#"";""#),
        ] {
            assert_eq!(quoted(word.as_ref()), want);
        }
        assert_eq!(quoted(OsStr::from_bytes(b"\xff")), r#""\xff""#);
    }
}
