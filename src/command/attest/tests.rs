//! Machines as `/proc` and `/sys` show them, and what is said of them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;

use super::mount::{Mount, unescaped};
use super::swap::Swap;
use super::*;
use crate::config::Origin;
use crate::sys::sandbox::Unavailable;

/// A `/proc` and a `/sys`, file by file; a file named `A -> B` is a link.
fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["proc", "sys"] {
        fs::create_dir(root.path().join(folder)).unwrap();
    }
    for (name, content) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => symlink(root.path().join(target), path).unwrap(),
            None => fs::File::create_new(path).unwrap().write_all(content.as_bytes()).unwrap(),
        }
    }
    root
}

const ALL: SandboxSupport =
    SandboxSupport { landlock: Ok(4), seccomp: Ok(()), capabilities: Ok(()) };

const GOOD: KernelFacts =
    KernelFacts { kernel: ALL, core: 0, locked: 8 << 20, memfd_secret: false };

fn disk_free(how: DiskFree) -> WriteMode {
    let promise = Setting { value: how, origin: Origin::Flag("--disk-free".into()) };
    WriteMode { disk_free: Some(promise), writes: Vec::new() }
}

fn default() -> WriteMode {
    WriteMode { disk_free: None, writes: Vec::new() }
}

fn found(contents: &[(&str, &str)], asked: KernelFacts, mode: &WriteMode) -> Vec<Finding> {
    let root = machine(contents);
    let (proc, sys) = (root.path().join("proc"), root.path().join("sys"));
    let files = KernelFiles { proc: &proc, sys: &sys };
    lines(files, asked, mode, &|place| place != Path::new("/secluded"))
}

/// What does not hold.
fn broken(lines: &[Finding]) -> Vec<&str> {
    lines.iter().filter(|line| !line.holds).map(|line| line.what.as_str()).collect()
}

const SWAPS: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
const MOUNTS: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
24 27 0:6 / /dev rw - devtmpfs devtmpfs rw,mode=755
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
28 27 0:23 / /dev/shm rw shared:4 master:2 - tmpfs tmpfs rw
29 27 8:1 / /boot ro,relatime - vfat /dev/sda1 rw
30 27 8:2 / /media/a\\040b rw - ext4 /dev/sdb1 ro
31 27 8:3 / /secluded rw - xfs /dev/sdc1 rw
32 27 254:0 /etc /mnt/etc rw - ext4 /dev/vda rw
";
const YAMA: (&str, &str) = ("proc/sys/kernel/yama/ptrace_scope", "1\n");

#[test]
fn a_machine_where_everything_holds() {
    let files = [
        ("proc/swaps", SWAPS),
        ("proc/self/mountinfo", MOUNTS),
        ("proc/sys/kernel/core_pattern", "core\n"),
        YAMA,
    ];
    let lines = found(&files, GOOD, &disk_free(DiskFree::Strict));
    assert_eq!(broken(&lines), [""; 0], "{lines:?}");
    assert!(
        as_text(&lines).starts_with("holds    mode           disk-free (--disk-free): the fetch")
    );
    assert!(as_json(&lines).starts_with("{\n  \"holds\": true,"));
    // The same without the promise: the mode, and the disk that it could write to.
    let lines = found(&files, GOOD, &default());
    assert_eq!(broken(&lines), ["mode", "file system"]);
    let findings: Vec<_> = lines
        .iter()
        .filter(|line| line.what == "file system")
        .map(|line| &*line.observed)
        .collect();
    assert_eq!(
        findings,
        ["ext4, on a disk or another machine: /, /mnt/etc", "tmpfs, in memory: /dev/shm"]
    );
    assert!(as_text(&lines).contains("hint: use --disk-free"));
    assert!(as_json(&lines).contains("\"holds\": false"));
}

#[test]
fn a_machine_that_says_nothing_is_not_trusted() {
    let asked = KernelFacts {
        kernel: SandboxSupport {
            landlock: Err(Unavailable::Unsupported),
            seccomp: Err(Unavailable::Unsupported),
            capabilities: Err(Unavailable::Denied),
        },
        core: u64::MAX,
        locked: 65_536,
        memfd_secret: false,
    };
    assert_eq!(
        broken(&found(&[], asked, &disk_free(DiskFree::BestEffort))),
        [
            "mode",
            "Landlock",
            "seccomp",
            "swap",
            "core files",
            "debuggers",
            "locked memory",
            "capabilities",
            "file system"
        ]
    );
    // Without swap in the kernel there is no such file.
    let files = [("proc/self/mountinfo", MOUNTS), YAMA, ("proc/sys/kernel/core_pattern", "")];
    assert_eq!(broken(&found(&files, GOOD, &disk_free(DiskFree::Strict))), [""; 0]);
}

#[test]
fn swap_is_classified_by_its_device() {
    let zram = ("sys/class/block/zram0/comp_algorithm", "lzo [zstd]");
    let crypt = ("sys/class/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
    let lvm = ("sys/class/block/dm-2/dm/uuid", "LVM-abc\n");
    let below = ("sys/class/block/dm-2/slaves/dm-1", "-> sys/class/block/dm-1");
    let beside = ("sys/class/block/dm-2/slaves/sda1", "-> sys/class/block/sda1");
    let plain = ("sys/class/block/sda1/size", "1");
    let zswap = ("sys/module/zswap/parameters/enabled", "Y\n");
    let root = ("sys/dev/block/254:0/dm/uuid", "CRYPT-LUKS2-root\n");
    for (row, files, holds, want) in [
        ("", &[][..], true, "off"),
        ("/dev/zram0 partition 1 0 -2", &[zram], true, "/dev/zram0 (in memory)"),
        (
            "/dev/zram0 partition 1 0 -2",
            &[zram, ("sys/class/block/zram0/backing_dev", "none\n")],
            true,
            "/dev/zram0 (in memory)",
        ),
        (
            "/dev/zram0 partition 1 0 -2",
            &[zram, ("sys/class/block/zram0/backing_dev", "/dev/sda9\n")],
            false,
            "/dev/zram0 (not encrypted)",
        ),
        ("/dev/dm-1 partition 1 0 -2", &[crypt], true, "/dev/dm-1 (encrypted)"),
        ("/dev/dm-2 partition 1 0 -2", &[lvm, crypt, below], true, "/dev/dm-2 (encrypted)"),
        (
            "/dev/dm-2 partition 1 0 -2",
            &[lvm, crypt, below, plain, beside],
            false,
            "/dev/dm-2 (not encrypted)",
        ),
        ("/dev/dm-2 partition 1 0 -2", &[lvm], false, "/dev/dm-2 (not encrypted)"),
        (
            "/dev/sda1 partition 1 0 -2",
            &[plain, zswap],
            false,
            "/dev/sda1 (not encrypted); zswap keeps only some pages in memory",
        ),
        ("/swap\\040file file 1 0 -2", &[], false, "/swap file (not encrypted)"),
        ("/swapfile file 1 0 -2", &[root], true, "/swapfile (encrypted)"),
        ("/boot/swap file 1 0 -2", &[root], false, "/boot/swap (not encrypted)"),
        (
            "/dev/zram0 partition 1 0 -2\n/swapfile file 1 0 -3",
            &[zram],
            false,
            "/dev/zram0 (in memory), /swapfile (not encrypted)",
        ),
    ] {
        let machine = machine(files);
        let swaps = format!("{SWAPS}{row}\n");
        let (proc, sys) = (machine.path().join("proc"), machine.path().join("sys"));
        let mut file = fs::File::create_new(proc.join("swaps")).unwrap();
        file.write_all(swaps.as_bytes()).unwrap();
        let line = swap::swap(KernelFiles { proc: &proc, sys: &sys }, &mount::parse(MOUNTS));
        assert_eq!((line.holds, &*line.observed), (holds, want));
    }
}

#[test]
fn malformed_rows_are_skipped() {
    let rows = format!("{SWAPS}/dev/sda2   partition\t1\t0\t-2\n\nnonsense\n");
    assert_eq!(swap::parse(&rows), [Swap { place: "/dev/sda2".into(), is_file: false }]);
    assert_eq!(swap::parse(""), []);
    assert_eq!(mount::parse("nonsense\n1 2 3 - \n\n - ext4 x rw"), []);
}

#[test]
fn mounts_are_read_with_their_options_and_the_later_hides_the_earlier() {
    let text = "1 0 8:1 / /a rw - ext4 x rw\n2 1 0:9 / /a ro,nosuid - tmpfs x rw,size=1k\n";
    let want =
        Mount { device: "0:9".into(), point: "/a".into(), kind: "tmpfs".into(), writable: false };
    assert_eq!(mount::parse(text), [want]);
    let mounts = mount::parse(MOUNTS);
    let writable: Vec<_> =
        mounts.iter().filter(|mount| mount.writable).map(|mount| mount.point.to_str()).collect();
    let want = ["/proc", "/dev", "/", "/dev/shm", "/secluded", "/mnt/etc"];
    assert_eq!(writable, want.map(Some));
    assert_eq!(mount::holding(&mounts, Path::new("/dev/shm/x")).unwrap().kind, "tmpfs");
    assert_eq!(mount::holding(&mounts, Path::new("/dev/shmx")).unwrap().kind, "devtmpfs");
    assert_eq!(mount::holding(&mounts, Path::new("/media/a b/x")).unwrap().device, "8:2");
}

#[test]
fn many_mounts_of_one_file_system_are_one_line() {
    let bind = |point| format!("1 0 8:1 / {point} rw - overlay x rw\n");
    let text: String = ["/a", "/b", "/c", "/d", "/e"].map(bind).concat();
    let found = mount::writable(&mount::parse(&text), &|_| true);
    let findings: Vec<_> = found.iter().map(|found| found.to_finding(false).observed).collect();
    assert_eq!(findings, ["overlay, stored on the file system below it: /a, /b, /c and 2 more"]);
}

#[test]
fn octal_escapes_are_undone() {
    for (given, want) in [
        ("/a", "/a"),
        (r"/a\040b\134c", "/a b\\c"),
        (r"\", "\\"),
        (r"a\04", r"a\04"),
        (r"\999", r"\999"),
    ] {
        assert_eq!(unescaped(given), want);
    }
}

#[test]
fn core_files_are_judged_by_pattern_and_limit() {
    for (pattern, limit, holds, want) in [
        ("core\n", 0, true, "files `core`, limited to 0 bytes"),
        ("core\n", 1, false, "files `core`, not limited to 0 bytes"),
        ("", u64::MAX, true, "none are written"),
        (
            "|/lib/systemd/systemd-coredump %P\n",
            0,
            false,
            "`/lib/systemd/systemd-coredump` receives",
        ),
        ("|/bin/false\n", u64::MAX, true, "`/bin/false` receives every core file"),
    ] {
        let line = kernel::core(Some(pattern), limit);
        assert_eq!(line.holds, holds, "{pattern}");
        assert!(line.observed.starts_with(want), "{}", line.observed);
    }
}

#[test]
fn debuggers_landlock_and_memory_are_judged_by_their_numbers() {
    for (scope, holds) in [
        (None, false),
        (Some("0\n"), false),
        (Some("1\n"), true),
        (Some("3"), true),
        (Some("x"), false),
    ] {
        assert_eq!(kernel::ptrace(scope).holds, holds, "{scope:?}");
    }
    for (abi, holds, want) in [
        (Err(Unavailable::Unsupported), false, "none"),
        (Err(Unavailable::Denied), false, "denied by a system-call filter"),
        (Ok(3), false, "Landlock of this kernel (ABI 3) does not limit TCP ports"),
        (Ok(4), true, "ABI 4"),
    ] {
        let line = kernel::landlock(abi);
        assert_eq!(line.holds, holds);
        assert!(line.observed.starts_with(want), "{}", line.observed);
    }
    for (locked, secret, holds, want) in [
        (65_536, true, false, "up to 64 KiB; memfd_secret"),
        (8 << 20, false, true, "up to 8192 KiB; no memfd_secret"),
        (u64::MAX, true, true, "unlimited; memfd_secret"),
    ] {
        let line = kernel::memory(locked, secret);
        assert_eq!((line.holds, &*line.observed), (holds, want));
    }
}

#[test]
fn the_mode_is_what_the_settings_and_the_kernel_make_of_it() {
    let old = SandboxSupport { landlock: Ok(3), ..ALL };
    let writing = |mode: WriteMode| WriteMode { writes: vec!["the report `r` (x)".into()], ..mode };
    for (mode, kernel, holds, want) in [
        (default(), GOOD.kernel, false, "not disk-free: nothing would be written"),
        (writing(default()), GOOD.kernel, false, "not disk-free; would write the report `r`"),
        (disk_free(DiskFree::Strict), GOOD.kernel, true, "disk-free (--disk-free): the fetch"),
        (disk_free(DiskFree::Strict), old, true, "disk-free (--disk-free): a run would fail here"),
        (
            writing(disk_free(DiskFree::Strict)),
            GOOD.kernel,
            true,
            "disk-free (--disk-free): a run would fail because of the report",
        ),
        (disk_free(DiskFree::BestEffort), GOOD.kernel, true, "disk-free (--disk-free): the fetch"),
        (disk_free(DiskFree::BestEffort), old, false, "disk-free (--disk-free), as far as"),
    ] {
        let line = kernel::mode(&mode, kernel);
        assert_eq!(line.holds, holds, "{}", line.observed);
        assert!(line.observed.starts_with(want), "{}", line.observed);
    }
}
