//! Where memory may be written to: what swap there is, and whether it is encrypted or itself in memory.
//! What it cannot tell counts as a disk.

use std::path::{Path, PathBuf};

use super::Roots;
use super::line::Line;
use super::mount::{self, Mount};

/// One row of `/proc/swaps`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Swap {
    pub(super) place: PathBuf,
    pub(super) is_file: bool,
}

/// What a page that is swapped out comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    Memory,
    Encrypted,
    Disk,
}

/// Judges all swap.
pub(super) fn swap(roots: Roots<'_>, mounts: &[Mount]) -> Line {
    let why = "what is swapped out may stay on the disk, secrets of the command included";
    let Some(listed) = roots.proc("swaps") else {
        // A kernel without swap has no such file; a /proc that is not there has no file at all.
        let there = roots.proc("self/mountinfo").is_some();
        let finding = if there { "this kernel has none" } else { "not known: there is no /proc" };
        return Line::new("swap", there, finding, why).or("mount /proc");
    };
    let swaps = parse(&listed);
    if swaps.is_empty() {
        return Line::new("swap", true, "off", why);
    }
    let judged: Vec<_> = swaps.iter().map(|swap| (swap, ground(swap, roots.sys, mounts))).collect();
    let described = judged.iter().map(|(swap, ground)| {
        let words = match ground {
            Ground::Memory => "in memory",
            Ground::Encrypted => "encrypted",
            Ground::Disk => "not encrypted",
        };
        format!("{} ({words})", swap.place.display())
    });
    let mut finding = described.collect::<Vec<_>>().join(", ");
    let zswap = roots.sys.join("module/zswap/parameters/enabled");
    if std::fs::read_to_string(zswap).is_ok_and(|enabled| enabled.trim() == "Y") {
        finding += "; zswap before it, which keeps only some pages in memory";
    }
    let holds = judged.iter().all(|(_, ground)| *ground != Ground::Disk);
    Line::new("swap", holds, finding, why).or("swapoff -a, zram, or swap on an encrypted device")
}

/// Reads `/proc/swaps`: a heading, then a name, a type and numbers in columns.
pub(super) fn parse(listed: &str) -> Vec<Swap> {
    let row = |line: &str| {
        let mut columns = line.split_whitespace();
        let place = PathBuf::from(mount::unescaped(columns.next()?));
        Some(Swap { place, is_file: columns.next()? == "file" })
    };
    listed.lines().skip(1).filter_map(row).collect()
}

fn ground(swap: &Swap, sys: &Path, mounts: &[Mount]) -> Ground {
    let device = if swap.is_file {
        let Some(mount) = mount::holding(mounts, &swap.place) else { return Ground::Disk };
        sys.join("dev/block").join(&mount.device)
    } else {
        sys.join("class/block").join(swap.place.file_name().unwrap_or_default())
    };
    device_ground(&device)
}

/// By what sysfs says of a block device: zram is memory unless it writes back; a device mapper target
/// is encrypted if it is of dm-crypt, or if all below it is.
fn device_ground(device: &Path) -> Ground {
    let said = |name: &str| std::fs::read_to_string(device.join(name)).ok();
    if said("comp_algorithm").is_some() {
        let backing = said("backing_dev");
        let none = backing.is_none_or(|backing| backing.trim() == "none");
        return if none { Ground::Memory } else { Ground::Disk };
    }
    if said("dm/uuid").is_some_and(|uuid| uuid.starts_with("CRYPT-")) {
        return Ground::Encrypted;
    }
    let Ok(below) = std::fs::read_dir(device.join("slaves")) else { return Ground::Disk };
    let mut below =
        below.filter_map(Result::ok).map(|entry| device_ground(&entry.path())).peekable();
    let all = below.peek().is_some() && below.all(|ground| ground == Ground::Encrypted);
    if all { Ground::Encrypted } else { Ground::Disk }
}
