//! `hushed attest`: what holds on this machine of what hushed promises about memory and disk. It reads
//! what the kernel says, changes nothing, and asks no source.

mod kernel;
mod line;
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
use crate::config::{DiskFree, Error as ConfigError, Setting};
use crate::error::Error;
use crate::exit::Exit;
use crate::sys::limits;
use crate::sys::memory::supports_secret_memory;
use crate::sys::sandbox::SandboxSupport;
use line::Line;

/// Where the kernel says how things are; a test has a place of its own.
#[derive(Clone, Copy, Debug)]
struct Roots<'a> {
    proc: &'a Path,
    sys: &'a Path,
}

impl Roots<'_> {
    /// A file below `/proc`, if it is there.
    fn proc(self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.proc.join(name)).ok()
    }
}

/// What the kernel is asked by calls.
#[derive(Clone, Copy, Debug)]
struct Asked {
    kernel: SandboxSupport,
    /// The most bytes of a core file.
    core: u64,
    /// The most bytes of locked memory.
    locked: u64,
    memfd_secret: bool,
}

/// Whether the settings let something be written.
#[derive(Clone, Debug)]
struct Mode {
    disk_free: Option<Setting<DiskFree>>,
    /// What would write, and where it was said.
    writes: Vec<String>,
}

/// Prints one line for each thing. Exit code 1 when one of them does not hold.
pub(super) fn attest(said: &Attest, context: &mut Context<'_>) -> Result<Exit, Error> {
    let flags = Flags::new(&said.scope).with(&said.confinement);
    let (mode, fault) = mode(&flags, context)?;
    let asked = Asked {
        kernel: SandboxSupport::probe().map_err(Error::NoTrial)?,
        core: limits::core_file_limit(),
        locked: limits::lockable_memory(),
        memfd_secret: supports_secret_memory(),
    };
    let roots = Roots { proc: Path::new("/proc"), sys: Path::new("/sys") };
    let reachable = |place: &Path| access(place, AccessFlags::X_OK).is_ok();
    let mut lines = lines(roots, asked, &mode, &reachable);
    lines.extend(fault);
    let text = if said.json { as_json(&lines) } else { as_text(&lines) };
    context.stdout.write_all(text.as_bytes()).map_err(Error::Output)?;
    Ok(if lines.iter().all(|line| line.holds) { Exit::Success } else { Exit::Failure })
}

/// The mode that a run would have here. Settings that a run would refuse are a line of their own.
fn mode(flags: &Flags, context: &mut Context<'_>) -> Result<(Mode, Option<Line>), Error> {
    let (writes, fault) = match context.settings(flags) {
        Ok(settings) => (disk_free::writes(&settings, settings.run.output.redact.is_some()), None),
        Err(error) => {
            let output = context.output(flags)?;
            let report = disk_free::report(&output).filter(|_| output.redact.is_some());
            let nothing = matches!(error, Error::Config(ConfigError::NoSource { .. }));
            let fault = (!nothing).then(|| Line::of_settings(&error));
            (report.into_iter().collect(), fault)
        }
    };
    let writes = writes.iter().map(disk_free::Write::described).collect();
    Ok((Mode { disk_free: context.disk_free(flags)?, writes }, fault))
}

fn lines(
    roots: Roots<'_>,
    asked: Asked,
    mode: &Mode,
    reachable: &dyn Fn(&Path) -> bool,
) -> Vec<Line> {
    let mounted = roots.proc("self/mountinfo");
    let mounts = mount::parse(mounted.as_deref().unwrap_or_default());
    let mode = kernel::mode(mode, asked.kernel);
    let held = mode.holds;
    let mut lines = vec![
        mode,
        kernel::landlock(asked.kernel.landlock),
        kernel::seccomp(asked.kernel.seccomp),
        swap::swap(roots, &mounts),
        kernel::core(roots.proc("sys/kernel/core_pattern").as_deref(), asked.core),
        kernel::ptrace(roots.proc("sys/kernel/yama/ptrace_scope").as_deref()),
        kernel::memory(asked.locked, asked.memfd_secret),
    ];
    lines.extend(kernel::capabilities(asked.kernel.capabilities));
    lines.extend(mounted.is_none().then(mount::unknown));
    lines.extend(mount::writable(&mounts, reachable).into_iter().map(|found| found.line(held)));
    lines
}

fn as_text(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    let row = |line: &Line| {
        let word = if line.holds { "holds   " } else { "DOES NOT" };
        let mut row = format!("{word} {:width$}  {}\n", line.what, line.finding);
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

fn as_json(lines: &[Line]) -> String {
    let entry = |line: &Line| {
        json!({
            "what": line.what,
            "finding": line.finding,
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
