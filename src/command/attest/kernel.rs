//! What the kernel can be held to: confinement, core files, debuggers, locked memory; and what the
//! settings make of it. It reads no file itself.

use super::Mode;
use super::line::Line;
use crate::config::DiskFree;
use crate::sys::sandbox::{MissingRestriction, SandboxSupport, TCP_PORTS, Unavailable};

/// Less than this a run with many secrets may need to lock.
const ENOUGH_LOCKED: u64 = 1 << 20;

/// Whether a run with these settings could write.
pub(super) fn mode(mode: &Mode, kernel: SandboxSupport) -> Line {
    let why = "without the promise nothing holds hushed to writing nothing";
    let line = |holds, finding: String| Line::new("mode", holds, finding, why);
    let Some(promise) = &mode.disk_free else {
        let finding = if mode.writes.is_empty() {
            "not disk-free: nothing would be written, and nothing is held to that".to_owned()
        } else {
            format!("not disk-free, and would write: {}", mode.writes.join(", "))
        };
        return line(false, finding).or("use --disk-free, or `disk-free = true` under [run]");
    };
    let origin = &promise.origin;
    if !mode.writes.is_empty() {
        let writes = mode.writes.join(", ");
        return line(true, format!("disk-free ({origin}): a run is refused, because of {writes}"));
    }
    if kernel.missing().is_empty() {
        return line(true, format!("disk-free ({origin}): the fetch cannot write"));
    }
    match promise.value {
        DiskFree::Strict => line(true, format!("disk-free ({origin}): a run is refused here")),
        DiskFree::BestEffort => {
            line(false, format!("disk-free ({origin}), as far as the kernel goes"))
                .or("the lines below say what it lacks")
        }
    }
}

/// What to do where a policy denies what the kernel has.
const ALLOW: &str = "allow it in the system-call filter (in a systemd unit: SystemCallFilter=)";

/// Whether files and TCP ports can be limited.
pub(super) fn landlock(landlock: Result<u32, Unavailable>) -> Line {
    let (holds, finding) = match landlock {
        Ok(abi) if abi < TCP_PORTS => (false, MissingRestriction::TcpPorts(abi).to_string()),
        Ok(abi) => (true, format!("ABI {abi}")),
        Err(absence) => (false, found(absence).to_owned()),
    };
    let why = "it holds the fetch to opening no file for writing, and to its TCP ports";
    let hint = match landlock {
        Err(Unavailable::Denied) => ALLOW,
        _ => "Linux 6.7 or later, with `landlock` among the modules of the boot parameter `lsm`",
    };
    Line::new("Landlock", holds, finding, why).or(hint)
}

/// Whether system calls can be limited.
pub(super) fn seccomp(seccomp: Result<(), Unavailable>) -> Line {
    let finding = match seccomp {
        Ok(()) => "filters",
        Err(Unavailable::Unsupported) => "no filters",
        Err(absence) => found(absence),
    };
    let why = "it takes from the fetch what Landlock does not know: modes, owners, other processes";
    let hint = match seccomp {
        Err(Unavailable::Denied) => ALLOW,
        _ => "a kernel with CONFIG_SECCOMP_FILTER",
    };
    Line::new("seccomp", seccomp.is_ok(), finding, why).or(hint)
}

/// A line only where capabilities cannot be given up.
pub(super) fn capabilities(capabilities: Result<(), Unavailable>) -> Option<Line> {
    let absence = capabilities.err()?;
    let why = "the fetch keeps rights that it does not need";
    Some(Line::new("capabilities", false, found(absence), why).or(ALLOW))
}

fn found(absence: Unavailable) -> &'static str {
    match absence {
        Unavailable::Unsupported => "none",
        Unavailable::UnsupportedOrHidden => "none, or a system-call filter hides it",
        Unavailable::Denied => "denied by a system-call filter or a container's policy",
    }
}

/// What becomes of the memory of a command that crashes. A program that gets core files gets them
/// whatever the limit.
pub(super) fn core(pattern: Option<&str>, limit: u64) -> Line {
    let known = pattern.is_some();
    let pattern = pattern.unwrap_or_default().trim();
    let (holds, finding) = if !known {
        (false, "not known: there is no core_pattern in /proc".to_owned())
    } else if let Some(program) = pattern.strip_prefix('|') {
        let program = program.split(' ').next().unwrap_or_default();
        let nobody = matches!(program, "/bin/false" | "/usr/bin/false");
        (nobody, format!("`{program}` gets every core file"))
    } else if pattern.is_empty() {
        (true, "none are written".to_owned())
    } else if limit == 0 {
        (true, format!("files `{pattern}`, limited to 0 bytes"))
    } else {
        (false, format!("files `{pattern}`, not limited to 0 bytes"))
    };
    let why = "the core file of a command holds the secrets in its environment";
    Line::new("core files", holds, finding, why)
        .or("ulimit -c 0, or an empty /proc/sys/kernel/core_pattern")
}

/// Who may attach to a process of the same user.
pub(super) fn ptrace(scope: Option<&str>) -> Line {
    let (holds, finding) = match scope.map(str::trim) {
        Some("1") => (true, "ptrace_scope 1: parents only"),
        Some("2") => (true, "ptrace_scope 2: administrators only"),
        Some("3") => (true, "ptrace_scope 3: nobody"),
        Some("0") => (false, "ptrace_scope 0: any process of the same user"),
        Some(_) => (false, "a ptrace_scope that is not known"),
        None => (false, "no Yama in this kernel: any process of the same user"),
    };
    let why = "who attaches to the command reads its environment";
    Line::new("debuggers", holds, finding, why).or("sysctl kernel.yama.ptrace_scope=1")
}

/// Whether secrets can be kept out of swap by themselves.
pub(super) fn memory(locked: u64, memfd_secret: bool) -> Line {
    let limit = match locked {
        u64::MAX => "without limit".to_owned(),
        bytes => format!("up to {} KiB", bytes / 1024),
    };
    let secret = if memfd_secret { "memfd_secret" } else { "no memfd_secret" };
    let why = "memory that is not locked may be written to swap";
    Line::new("locked memory", locked >= ENOUGH_LOCKED, format!("{limit}; {secret}"), why)
        .or("ulimit -l 8192, or LimitMEMLOCK=8M in the unit")
}
