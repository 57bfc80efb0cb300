//! `hushed attest`: checks what this machine guarantees about memory, swap and disk. It reads kernel files,
//! changes nothing and contacts no source.

mod finding;
mod kernel;
mod mount;
mod swap;

use std::fmt::Write as _;
use std::path::Path;

use nix::unistd::{AccessFlags, access};
use serde_json::json;

use super::context::Context;
use super::disk_free;
use super::flags::Flags;
use crate::cli::Attest;
use crate::config::{DiskFree, Setting};
use crate::error::Error;
use crate::exit::Exit;
use crate::sys::limits;
use crate::sys::memory::supports_secret_memory;
use crate::sys::sandbox::SandboxSupport;
use finding::Finding;

/// The roots of procfs and sysfs; tests use their own.
#[derive(Clone, Copy, Debug)]
struct KernelFiles<'a> {
    proc: &'a Path,
    sys: &'a Path,
}

impl KernelFiles<'_> {
    /// Reads a file below `/proc`, if it exists.
    fn proc(self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.proc.join(name)).ok()
    }
}

/// What the kernel reports through system calls.
#[derive(Clone, Copy, Debug)]
struct KernelFacts {
    kernel: SandboxSupport,
    /// The maximum size of a core file, in bytes.
    core: u64,
    /// The limit of locked memory, in bytes.
    locked: u64,
    memfd_secret: bool,
}

/// Whether the settings allow writing to disk.
#[derive(Clone, Debug)]
struct WriteMode {
    disk_free: Option<Setting<DiskFree>>,
    /// What would write, and where it was args.
    writes: Vec<String>,
}

/// Prints one line for each property. The exit status is 1 if a requirement is not met.
pub(super) fn attest(args: &Attest, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&args.scope).with(&args.confinement);
    let (mode, fault) = mode(&flags, context)?;
    let facts = KernelFacts {
        kernel: SandboxSupport::probe().map_err(Error::KernelProbe)?,
        core: limits::core_file_limit(),
        locked: limits::lockable_memory(),
        memfd_secret: supports_secret_memory(),
    };
    let files = KernelFiles { proc: Path::new("/proc"), sys: Path::new("/sys") };
    let reachable = |place: &Path| access(place, AccessFlags::X_OK).is_ok();
    let mut lines = lines(files, facts, &mode, &reachable);
    lines.extend(fault);
    let text = if args.json { as_json(&lines) } else { as_text(&lines) };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(if lines.iter().all(|line| line.holds) { Exit::Success } else { Exit::Failure })
}

/// The mode of a run with these settings. Invalid settings are a finding of their own.
fn mode(flags: &Flags, context: &mut Context<'_>) -> Result<(WriteMode, Option<Finding>), Error> {
    let (writes, fault) = match context.settings_without_fetch(flags) {
        Ok(settings) => (disk_free::writes(&settings, settings.run.output.redact.is_some()), None),
        Err(error) => {
            let output = context.output(flags)?;
            let report = disk_free::report(&output).filter(|_| output.redact.is_some());
            let nothing = matches!(error, Error::NoSource { .. });
            let fault = (!nothing).then(|| Finding::from_settings_error(&error));
            (report.into_iter().collect(), fault)
        }
    };
    let writes = writes.iter().map(disk_free::DiskWrite::described).collect();
    Ok((WriteMode { disk_free: context.disk_free(flags)?, writes }, fault))
}

fn lines(
    files: KernelFiles<'_>,
    facts: KernelFacts,
    mode: &WriteMode,
    reachable: &dyn Fn(&Path) -> bool,
) -> Vec<Finding> {
    let mounted = files.proc("self/mountinfo");
    let mounts = mount::parse(mounted.as_deref().unwrap_or_default());
    let mode = kernel::mode(mode, facts.kernel);
    let is_enforced = mode.holds;
    let mut lines = vec![
        mode,
        kernel::landlock(facts.kernel.landlock),
        kernel::seccomp(facts.kernel.seccomp),
        swap::swap(files, &mounts),
        kernel::core(files.proc("sys/kernel/core_pattern").as_deref(), facts.core),
        kernel::ptrace(files.proc("sys/kernel/yama/ptrace_scope").as_deref()),
        kernel::memory(facts.locked, facts.memfd_secret),
    ];
    lines.extend(kernel::capabilities(facts.kernel.capabilities));
    lines.extend(mounted.is_none().then(mount::unknown));
    lines.extend(
        mount::writable(&mounts, reachable).into_iter().map(|found| found.to_finding(is_enforced)),
    );
    lines
}

fn as_text(lines: &[Finding]) -> String {
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    let row = |line: &Finding| {
        let word = if line.holds { "holds   " } else { "DOES NOT" };
        let mut row = format!("{word} {:width$}  {}\n", line.what, line.observed);
        if !line.holds {
            let _ = writeln!(row, "         why: {}", line.why);
            if let Some(hint) = &line.hint {
                let _ = writeln!(row, "         hint: {hint}");
            }
        }
        row
    };
    lines.iter().map(row).collect()
}

fn as_json(lines: &[Finding]) -> String {
    let entry = |line: &Finding| {
        json!({
            "what": line.what,
            "finding": line.observed,
            "holds": line.holds,
            "why": line.why,
            "hint": line.hint,
        })
    };
    let entries: Vec<_> = lines.iter().map(entry).collect();
    let all = lines.iter().all(|line| line.holds);
    format!("{:#}\n", json!({ "holds": all, "lines": entries }))
}

#[cfg(test)]
mod tests;
