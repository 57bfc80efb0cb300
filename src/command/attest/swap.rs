//! Swap areas: whether each is encrypted, in memory, or on a disk. An unknown device counts as a disk.

use std::path::{Path, PathBuf};

use super::KernelFiles;
use super::finding::Finding;
use super::mount::{self, Mount};

/// One row of `/proc/swaps`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Swap {
    pub(super) place: PathBuf,
    pub(super) is_file: bool,
}

/// Where swapped-out pages are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SwapBacking {
    Memory,
    Encrypted,
    Disk,
}

/// Checks all swap areas.
pub(super) fn swap(files: KernelFiles<'_>, mounts: &[Mount]) -> Finding {
    let why = "swapped-out memory, including the command's secrets, may remain on disk";
    let Some(listed) = files.proc("swaps") else {
        // A kernel without swap support lacks only this file; without /proc all files are missing.
        let has_proc = files.proc("self/mountinfo").is_some();
        let finding =
            if has_proc { "not supported by this kernel" } else { "unknown: /proc is not mounted" };
        return Finding::new("swap", has_proc, finding, why).with_hint("mount /proc");
    };
    let swaps = parse(&listed);
    if swaps.is_empty() {
        return Finding::new("swap", true, "off", why);
    }
    let judged: Vec<_> =
        swaps.iter().map(|swap| (swap, backing(swap, files.sys, mounts))).collect();
    let described = judged.iter().map(|(swap, backing)| {
        let words = match backing {
            SwapBacking::Memory => "in memory",
            SwapBacking::Encrypted => "encrypted",
            SwapBacking::Disk => "not encrypted",
        };
        format!("{} ({words})", swap.place.display())
    });
    let mut finding = described.collect::<Vec<_>>().join(", ");
    let zswap = files.sys.join("module/zswap/parameters/enabled");
    if std::fs::read_to_string(zswap).is_ok_and(|enabled| enabled.trim() == "Y") {
        finding += "; zswap keeps only some pages in memory";
    }
    let holds = judged.iter().all(|(_, backing)| *backing != SwapBacking::Disk);
    Finding::new("swap", holds, finding, why)
        .with_hint("run `swapoff -a`, or use zram or an encrypted swap device")
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

fn backing(swap: &Swap, sys: &Path, mounts: &[Mount]) -> SwapBacking {
    let device = if swap.is_file {
        let Some(mount) = mount::holding(mounts, &swap.place) else { return SwapBacking::Disk };
        sys.join("dev/block").join(&mount.device)
    } else {
        sys.join("class/block").join(swap.place.file_name().unwrap_or_default())
    };
    device_backing(&device)
}

/// Classifies a block device by its sysfs entry: zram is memory unless it has a backing device; a device
/// mapper target is encrypted if it is dm-crypt or all devices below it are encrypted.
fn device_backing(device: &Path) -> SwapBacking {
    let read = |name: &str| std::fs::read_to_string(device.join(name)).ok();
    if read("comp_algorithm").is_some() {
        let device = read("backing_dev");
        let none = device.is_none_or(|device| device.trim() == "none");
        return if none { SwapBacking::Memory } else { SwapBacking::Disk };
    }
    if read("dm/uuid").is_some_and(|uuid| uuid.starts_with("CRYPT-")) {
        return SwapBacking::Encrypted;
    }
    let Ok(below) = std::fs::read_dir(device.join("slaves")) else { return SwapBacking::Disk };
    let mut below =
        below.filter_map(Result::ok).map(|entry| device_backing(&entry.path())).peekable();
    let all = below.peek().is_some() && below.all(|backing| backing == SwapBacking::Encrypted);
    if all { SwapBacking::Encrypted } else { SwapBacking::Disk }
}
