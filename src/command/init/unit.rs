//! Renders the systemd unit that `hushed init --systemd` writes. Does no I/O.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The contents of a unit.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    /// The path of the hushed binary.
    pub(super) hushed: &'a Path,
    /// The configuration file.
    pub(super) config: &'a Path,
    /// The command and its arguments.
    pub(super) command: &'a [&'a OsStr],
    /// Credentials for `LoadCredential=`: IDs and files.
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

/// Escapes specifiers; `LoadCredential=` needs no other quoting.
fn escape_specifiers(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%%")
}

/// Quotes a word of a command line for systemd.service(5), so that systemd expands nothing in it.
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
# For a server that reports readiness, use Type=notify: hushed forwards READY=1, WATCHDOG=1, and so on.
Type=exec
# systemd expands ${NAME} and $NAME before it starts hushed, without the secrets. Write $${NAME} for a
# shell to expand, or start the line with ExecStart=: to turn expansion off.
";

const CREDENTIALS: &str = "\
# systemd passes these files in memory, to ExecStart= but not to ExecReload=. It ignores an ID unless it
# has 1 to 255 ASCII characters without `/` and `:`.
";

const TAIL: &str = "\
# Time to log in and fetch.
TimeoutStartSec=60s
# Send SIGTERM to hushed only, which forwards it. The default, control-group, signals every process of
# the unit, and the command twice.
KillMode=mixed
TimeoutStopSec=45s
# Memory that hushed may lock, to keep redaction patterns out of swap.
LimitMEMLOCK=64M
Restart=on-failure
RestartSec=5s

# A user that exists only while the unit runs. It must be able to read hushed.toml and the files that it
# names; for files of an existing user, set User= instead of DynamicUser=.
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
# Remove this for programs with a JIT compiler, such as node and the JVM.
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
# hushed hides memory with memfd_secret; without it, memory is only locked and root can read it.
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
