//! `--disk-free`: what would write and is therefore refused, and whether the kernel can hold the fetch to
//! it. It holds nothing itself; that is `fetcher`.

use std::sync::Arc;

use super::context::Context;
use crate::config::{CacheSettings, DiskFree, Origin, OutputSettings, Setting};
use crate::error::Error;
use crate::provider::Settings;
use crate::sys::confine::{Kernel, Lack};

/// What it means, for a plan.
pub(super) const MEANING: &str =
    "the fetch is confined, and whatever would write a file is refused";

/// Something that would write a file.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// What it is, and where it would write.
    pub(super) what: String,
    /// Where it was asked for.
    pub(super) origin: Origin,
}

/// Everything in the settings that would write, each with where it was said. The one list of them: what
/// may write and does not stand here is written in spite of a promise. The report of redaction counts
/// where output is `redacted`.
pub(super) fn writes(settings: &Settings, redacted: bool) -> Vec<Write> {
    let report = report(&settings.run.output).filter(|_| redacted);
    report.into_iter().chain(settings.caches().map(cache)).collect()
}

/// A cache. Even one that is only read removes what cannot be used any more.
fn cache((source, caching): (&Arc<str>, &CacheSettings)) -> Write {
    let what = format!("the cache of source `{source}` in `{}`", caching.directory.display());
    Write { what, origin: caching.origin.clone() }
}

/// The report of redaction, where one is asked for.
pub(super) fn report(output: &OutputSettings) -> Option<Write> {
    let Setting { value: path, origin } = output.report.as_ref()?;
    let what = format!("the report `{}`", path.display());
    Some(Write { what, origin: origin.clone() })
}

/// Refuses what would write, where that was promised not to be.
pub(super) fn refuse(disk_free: Option<&Setting<DiskFree>>, writes: &[Write]) -> Result<(), Error> {
    let Some(promise) = disk_free.filter(|_| !writes.is_empty()) else { return Ok(()) };
    let listed: Vec<_> = writes.iter().map(Write::described).collect();
    Err(Error::Writes { writes: listed.join(" and "), promise: promise.origin.clone() })
}

impl Write {
    /// What it is, and where it was asked for.
    pub(super) fn described(&self) -> String {
        format!("{} ({})", self.what, self.origin)
    }
}

/// What must be so before a fetch: nothing would write, and the kernel can hold the fetch to it. Where
/// the best effort is enough, a warning says what is not held back.
pub(super) fn promise(
    settings: &Settings,
    writes: &[Write],
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let Some(disk_free) = &settings.run.disk_free else { return Ok(()) };
    refuse(Some(disk_free), writes)?;
    let lacks = kernel(disk_free)?.lacks();
    if !lacks.is_empty() {
        context.warn(&format!("disk-free is not held to in full: {}", listed(&lacks)));
    }
    Ok(())
}

/// The kernel, if it is good enough.
pub(super) fn kernel(disk_free: &Setting<DiskFree>) -> Result<Kernel, Error> {
    let kernel = Kernel::ask().map_err(Error::NoTrial)?;
    let lacks = kernel.lacks();
    if lacks.is_empty() || disk_free.value == DiskFree::BestEffort {
        return Ok(kernel);
    }
    let hint = if lacks.iter().any(|lack| lack.is_denied()) { ALLOW } else { NEWER }.to_owned();
    Err(Error::Unconfined { lacks: listed(&lacks), hint, promise: disk_free.origin.clone() })
}

/// What to do about a kernel that lacks something.
const NEWER: &str = "use a newer kernel, or be content with less: --disk-free=best-effort";

/// What to do about a policy that denies something.
const ALLOW: &str = "allow the calls landlock_create_ruleset, landlock_add_rule, landlock_restrict_self, \
                     capset and prctl (in a systemd unit: SystemCallFilter=), or be content with less: \
                     --disk-free=best-effort";

fn listed(lacks: &[Lack]) -> String {
    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
