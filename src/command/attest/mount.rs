//! The mounts of this process (`proc_pid_mountinfo(5)`), and which of them could be written. It writes
//! nothing to find out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::line::Line;

/// File systems that keep no file that anyone writes.
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

const WHY: &str = "what is written there outlives the run";

/// How many mount points of one file system are named.
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

/// Reads `mountinfo`. Of two mounts on one point the later hides the earlier.
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

/// A field with the octal escapes that the kernel writes for blanks and backslashes.
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

/// The mount that a path is on.
pub(super) fn holding<'m>(mounts: &'m [Mount], path: &Path) -> Option<&'m Mount> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    above.max_by_key(|mount| mount.point.components().count())
}

/// Nothing is known of the mounts.
pub(super) fn unknown() -> Line {
    Line::new("file system", false, "not known: there is no mountinfo in /proc", WHY)
        .or("mount /proc")
}

/// A file system that could be written, and where it is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Writable {
    pub(super) kind: String,
    device: String,
    pub(super) points: Vec<PathBuf>,
}

/// The file systems that could be written: mounted so, and with a mount point that can be reached. Who
/// may write which of its folders is not looked at.
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
    /// Holds where it is in memory, or where the mode lets nothing be written.
    pub(super) fn line(&self, held: bool) -> Line {
        let in_memory = IN_MEMORY.contains(&&*self.kind);
        let points = self.points.iter().take(NAMED).map(|point| point.display().to_string());
        let mut points = points.collect::<Vec<_>>().join(", ");
        let more = self.points.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = write!(points, " and {more} more");
        }
        let ground = match &*self.kind {
            _ if in_memory => "in memory",
            "overlay" => "on whatever is below it",
            _ => "on a disk, or another machine",
        };
        let finding = format!("{}, {ground}: {points}", self.kind);
        Line::new("file system", in_memory || held, finding, WHY)
            .or("--disk-free, which writes to none; or mount it read-only")
    }
}
