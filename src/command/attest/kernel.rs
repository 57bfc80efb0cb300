//! Findings about the kernel: confinement, core files, debuggers and locked memory. Reads no files itself.

use super::WriteMode;
use super::finding::Finding;
use crate::config::DiskFree;
use crate::sys::sandbox::{MissingRestriction, SandboxSupport, TCP_PORTS, Unavailable};

/// Enough locked memory for a run with many secrets, in bytes.
const ENOUGH_LOCKED: u64 = 1 << 20;

/// Whether a run with these settings could write to disk.
pub(super) fn mode(mode: &WriteMode, kernel: SandboxSupport) -> Finding {
    let why = "without disk-free mode, nothing prevents hushed from writing to disk";
    let line = |holds, finding: String| Finding::new("mode", holds, finding, why);
    let Some(promise) = &mode.disk_free else {
        let finding = if mode.writes.is_empty() {
            "not disk-free: nothing would be written, but this is not enforced".to_owned()
        } else {
            format!("not disk-free; would write {}", mode.writes.join(", "))
        };
        return line(false, finding)
            .with_hint("use --disk-free, or `disk-free = true` under [run]");
    };
    let origin = &promise.origin;
    if !mode.writes.is_empty() {
        let writes = mode.writes.join(", ");
        return line(true, format!("disk-free ({origin}): a run would fail because of {writes}"));
    }
    if kernel.missing().is_empty() {
        return line(true, format!("disk-free ({origin}): the fetch cannot write"));
    }
    match promise.value {
        DiskFree::Strict => line(true, format!("disk-free ({origin}): a run would fail here")),
        DiskFree::BestEffort => {
            line(false, format!("disk-free ({origin}), as far as the kernel supports it"))
                .with_hint("see the lines below for what is missing")
        }
    }
}

/// Hint for a policy that denies a feature.
const ALLOW: &str = "allow it in the system-call filter (in a systemd unit: SystemCallFilter=)";

/// Whether access to files and TCP ports can be restricted.
pub(super) fn landlock(landlock: Result<u32, Unavailable>) -> Finding {
    let (holds, finding) = match landlock {
        Ok(abi) if abi < TCP_PORTS => (false, MissingRestriction::TcpPorts(abi).to_string()),
        Ok(abi) => (true, format!("ABI {abi}")),
        Err(absence) => (false, found(absence).to_owned()),
    };
    let why = "it prevents the fetch from opening files for writing and from using other TCP ports";
    let hint = match landlock {
        Err(Unavailable::Denied) => ALLOW,
        _ => "Linux 6.7 or later, with `landlock` among the modules of the boot parameter `lsm`",
    };
    Finding::new("Landlock", holds, finding, why).with_hint(hint)
}

/// Whether system calls can be filtered.
pub(super) fn seccomp(seccomp: Result<(), Unavailable>) -> Finding {
    let finding = match seccomp {
        Ok(()) => "filters",
        Err(Unavailable::Unsupported) => "no filters",
        Err(absence) => found(absence),
    };
    let why = "it blocks what Landlock does not cover: changing modes and owners, other processes";
    let hint = match seccomp {
        Err(Unavailable::Denied) => ALLOW,
        _ => "a kernel with CONFIG_SECCOMP_FILTER",
    };
    Finding::new("seccomp", seccomp.is_ok(), finding, why).with_hint(hint)
}

/// A finding only if capabilities cannot be dropped.
pub(super) fn capabilities(capabilities: Result<(), Unavailable>) -> Option<Finding> {
    let absence = capabilities.err()?;
    let why = "the fetch keeps privileges that it does not need";
    Some(Finding::new("capabilities", false, found(absence), why).with_hint(ALLOW))
}

fn found(absence: Unavailable) -> &'static str {
    match absence {
        Unavailable::Unsupported => "none",
        Unavailable::UnsupportedOrHidden => "none, or a system-call filter hides it",
        Unavailable::Denied => "denied by a system-call filter or a container's policy",
    }
}

/// Where core files go. A core handler program gets them regardless of `RLIMIT_CORE`.
pub(super) fn core(pattern: Option<&str>, limit: u64) -> Finding {
    let known = pattern.is_some();
    let pattern = pattern.unwrap_or_default().trim();
    let (holds, finding) = if !known {
        (false, "unknown: /proc has no core_pattern".to_owned())
    } else if let Some(program) = pattern.strip_prefix('|') {
        let program = program.split(' ').next().unwrap_or_default();
        let nobody = matches!(program, "/bin/false" | "/usr/bin/false");
        (nobody, format!("`{program}` receives every core file"))
    } else if pattern.is_empty() {
        (true, "none are written".to_owned())
    } else if limit == 0 {
        (true, format!("files `{pattern}`, limited to 0 bytes"))
    } else {
        (false, format!("files `{pattern}`, not limited to 0 bytes"))
    };
    let why = "a core file of the command contains the secrets in its environment";
    Finding::new("core files", holds, finding, why)
        .with_hint("ulimit -c 0, or an empty /proc/sys/kernel/core_pattern")
}

/// Which processes may attach a debugger.
pub(super) fn ptrace(scope: Option<&str>) -> Finding {
    let (holds, finding) = match scope.map(str::trim) {
        Some("1") => (true, "ptrace_scope 1: parents only"),
        Some("2") => (true, "ptrace_scope 2: administrators only"),
        Some("3") => (true, "ptrace_scope 3: none"),
        Some("0") => (false, "ptrace_scope 0: any process of the same user"),
        Some(_) => (false, "unknown ptrace_scope"),
        None => (false, "this kernel has no Yama: any process of the same user"),
    };
    let why = "a process that attaches to the command can read its environment";
    Finding::new("debuggers", holds, finding, why).with_hint("sysctl kernel.yama.ptrace_scope=1")
}

/// Whether secrets can be locked in memory.
pub(super) fn memory(locked: u64, memfd_secret: bool) -> Finding {
    let limit = match locked {
        u64::MAX => "unlimited".to_owned(),
        bytes => format!("up to {} KiB", bytes / 1024),
    };
    let secret = if memfd_secret { "memfd_secret" } else { "no memfd_secret" };
    let why = "unlocked memory may be written to swap";
    Finding::new("locked memory", locked >= ENOUGH_LOCKED, format!("{limit}; {secret}"), why)
        .with_hint("ulimit -l 8192, or LimitMEMLOCK=8M in the unit")
}
