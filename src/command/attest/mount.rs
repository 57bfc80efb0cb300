//! Mounted file systems (`proc_pid_mountinfo(5)`), and which of them are writable. It writes nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::finding::Finding;

/// File systems without persistent user files.
const PSEUDO: [&str; 24] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "nfsd",
    "pipefs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sockfs",
    "sysfs",
    "tracefs",
];

/// File systems in memory.
const IN_MEMORY: [&str; 2] = ["ramfs", "tmpfs"];

const WHY: &str = "files written there outlive the run";

/// How many mount points of one file system are listed.
const NAMED: usize = 3;

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor`.
    pub(super) device: String,
    pub(super) point: PathBuf,
    pub(super) kind: String,
    pub(super) writable: bool,
}

/// Parses `mountinfo`. A later mount on the same mount point hides an earlier one.
pub(super) fn parse(text: &str) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for mount in text.lines().filter_map(row) {
        mounts.retain(|hidden| hidden.point != mount.point);
        mounts.push(mount);
    }
    mounts
}

/// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE OPTIONS`
fn row(line: &str) -> Option<Mount> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut fields = mount.split(' ').skip(2);
    let device = fields.next()?.to_owned();
    let point = PathBuf::from(unescaped(fields.nth(1)?));
    let options = fields.next()?;
    let mut fields = file_system.split(' ');
    let kind = fields.next()?.to_owned();
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    let writable = !read_only(options) && !fields.nth(1).is_some_and(read_only);
    Some(Mount { device, point, kind, writable })
}

/// Decodes the octal escapes that the kernel writes for blanks and backslashes.
pub(super) fn unescaped(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok());
        if let (Some(code), Some(rest)) = (code, part.get(3..)) {
            text.push(char::from(code));
            text += rest;
        } else {
            text.push('\\');
            text += part;
        }
    }
    text
}

/// The mount that contains a path.
pub(super) fn holding<'m>(mounts: &'m [Mount], path: &Path) -> Option<&'m Mount> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    above.max_by_key(|mount| mount.point.components().count())
}

/// The finding if mountinfo is missing.
pub(super) fn unknown() -> Finding {
    Finding::new("file system", false, "unknown: /proc has no mountinfo", WHY)
        .with_hint("mount /proc")
}

/// A writable file system and its mount points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Writable {
    pub(super) kind: String,
    device: String,
    pub(super) points: Vec<PathBuf>,
}

/// The file systems that are mounted writable at a reachable mount point. Permissions of their folders are
/// not checked.
pub(super) fn writable(mounts: &[Mount], reachable: &dyn Fn(&Path) -> bool) -> Vec<Writable> {
    let mut found: Vec<Writable> = Vec::new();
    let candidates = mounts.iter().filter(|mount| {
        mount.writable && !PSEUDO.contains(&&*mount.kind) && reachable(&mount.point)
    });
    for mount in candidates {
        match found.iter_mut().find(|known| known.device == mount.device) {
            Some(known) => known.points.push(mount.point.clone()),
            None => found.push(Writable {
                kind: mount.kind.clone(),
                device: mount.device.clone(),
                points: vec![mount.point.clone()],
            }),
        }
    }
    found
}

impl Writable {
    /// Meets the requirement if it is in memory, or if disk-free mode is enforced.
    pub(super) fn to_finding(&self, is_enforced: bool) -> Finding {
        let in_memory = IN_MEMORY.contains(&&*self.kind);
        let points = self.points.iter().take(NAMED).map(|point| point.display().to_string());
        let mut points = points.collect::<Vec<_>>().join(", ");
        let more = self.points.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = write!(points, " and {more} more");
        }
        let where_to = match &*self.kind {
            _ if in_memory => "in memory",
            "overlay" => "stored on the file system below it",
            _ => "on a disk or another machine",
        };
        let finding = format!("{}, {where_to}: {points}", self.kind);
        Finding::new("file system", in_memory || is_enforced, finding, WHY)
            .with_hint("use --disk-free, or mount it read-only")
    }
}
