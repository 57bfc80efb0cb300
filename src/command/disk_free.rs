//! `--disk-free`: rejects settings that would write to disk, and checks that the kernel can confine the
//! fetch. `fetcher` applies the confinement.

use std::sync::Arc;

use super::context::Context;
use crate::config::{CacheSettings, DiskFree, Origin, OutputSettings, Setting};
use crate::error::Error;
use crate::provider::Settings;
use crate::sys::sandbox::{MissingRestriction, SandboxSupport};

/// What the mode means, for `hushed plan`.
pub(super) const MEANING: &str =
    "the fetch is confined, and settings that write files are rejected";

/// A setting that would write a file.
#[derive(Clone, Debug)]
pub(super) struct DiskWrite {
    /// What would be written, and where.
    pub(super) what: String,
    /// Which setting requests it.
    pub(super) origin: Origin,
}

/// Everything in the settings that would write to disk. This is the only such list: a writer that is
/// missing here is not rejected. The redaction report counts only if output is `redacted`.
pub(super) fn writes(settings: &Settings, redacted: bool) -> Vec<DiskWrite> {
    let report = report(&settings.run.output).filter(|_| redacted);
    report.into_iter().chain(settings.caches().map(cache)).collect()
}

/// A cache. Even a read removes entries that are no longer usable.
fn cache((source, caching): (&Arc<str>, &CacheSettings)) -> DiskWrite {
    let what = format!("the cache of source `{source}` in `{}`", caching.directory.display());
    DiskWrite { what, origin: caching.origin.clone() }
}

/// The redaction report, if one is requested.
pub(super) fn report(output: &OutputSettings) -> Option<DiskWrite> {
    let Setting { value: path, origin } = output.report.as_ref()?;
    let what = format!("the report `{}`", path.display());
    Some(DiskWrite { what, origin: origin.clone() })
}

/// Rejects settings that would write in disk-free mode.
pub(super) fn refuse(
    disk_free: Option<&Setting<DiskFree>>,
    writes: &[DiskWrite],
) -> Result<(), Error> {
    let Some(promise) = disk_free.filter(|_| !writes.is_empty()) else { return Ok(()) };
    let listed: Vec<_> = writes.iter().map(DiskWrite::described).collect();
    Err(Error::DiskFreeWrites { writes: listed.join(" and "), promise: promise.origin.clone() })
}

impl DiskWrite {
    /// What would be written, with the setting that requests it.
    pub(super) fn described(&self) -> String {
        format!("{} ({})", self.what, self.origin)
    }
}

/// Enforces disk-free mode before a fetch: no setting writes, and the kernel can confine the fetch. In
/// best-effort mode a missing kernel feature is only a warning.
pub(super) fn enforce(
    settings: &Settings,
    writes: &[DiskWrite],
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let Some(disk_free) = &settings.run.disk_free else { return Ok(()) };
    refuse(Some(disk_free), writes)?;
    let lacks = require_kernel(disk_free)?.missing();
    if !lacks.is_empty() {
        context.warn(&format!("disk-free mode is only partly enforced: {}", listed(&lacks)));
    }
    Ok(())
}

/// Probes the kernel; fails if it lacks a required feature.
pub(super) fn require_kernel(disk_free: &Setting<DiskFree>) -> Result<SandboxSupport, Error> {
    let kernel = SandboxSupport::probe().map_err(Error::KernelProbe)?;
    let lacks = kernel.missing();
    if lacks.is_empty() || disk_free.value == DiskFree::BestEffort {
        return Ok(kernel);
    }
    let hint = if lacks.iter().any(|lack| lack.is_denied()) { ALLOW } else { NEWER }.to_owned();
    Err(Error::DiskFreeUnsupported {
        lacks: listed(&lacks),
        hint,
        promise: disk_free.origin.clone(),
    })
}

/// Hint for a kernel that lacks a feature.
const NEWER: &str =
    "use a newer kernel, or accept partial confinement with --disk-free=best-effort";

/// Hint for a policy that denies a system call.
const ALLOW: &str = "allow the system calls landlock_create_ruleset, landlock_add_rule, landlock_restrict_self, \
                     capset and prctl (in a systemd unit: SystemCallFilter=), or accept partial \
                     confinement with --disk-free=best-effort";

fn listed(lacks: &[MissingRestriction]) -> String {
    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
