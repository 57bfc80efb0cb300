//! Reads the memory of another process, as a debugger does.

use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt,
    process::{Command, Stdio},
};

use super::launch::standing_still;

/// One mapping of a process.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// The addresses.
    pub range: Range<u64>,
    /// `rw-p` and so on.
    pub permissions: String,
    /// The file, or what stands in its place.
    pub name: String,
    /// What the kernel says of it, in two letters each.
    flags: String,
}

impl Mapping {
    /// Returns whether the kernel keeps it in memory and out of core dumps.
    pub(super) fn is_protected(&self) -> bool {
        self.is("lo") && self.is("dd")
    }

    /// Returns whether it has this flag (`VmFlags` in proc(5)).
    pub(super) fn is(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|own| own == flag)
    }

    /// Returns whether nobody but the process itself can look into it (`memfd_secret(2)`).
    pub(super) fn is_hidden(&self) -> bool {
        self.name.contains("secretmem")
    }
}

/// A place where something was found.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Which of the patterns.
    pub pattern: usize,
    /// Where.
    pub address: u64,
    /// The mapping.
    pub mapping: Mapping,
}

/// Returns all mappings of a process.
pub(super) fn mappings(pid: u32) -> io::Result<Vec<Mapping>> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps"))?;
    let mut mappings: Vec<Mapping> = Vec::new();
    for line in text.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            flags.trim().clone_into(&mut mappings.last_mut().unwrap().flags);
        } else if let Some(mapping) = head(line) {
            mappings.push(mapping);
        }
    }
    Ok(mappings)
}

/// Reads the first line of a mapping.
fn head(line: &str) -> Option<Mapping> {
    let mut words = line.split_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let address = |digits| u64::from_str_radix(digits, 16).ok();
    Some(Mapping {
        range: address(from)?..address(to)?,
        permissions: words.next()?.to_owned(),
        name: words.skip(3).collect::<Vec<_>>().join(" "),
        flags: String::new(),
    })
}

/// Finds every occurrence of the patterns in the writable memory of a process, as far as the kernel
/// lets anybody read it. The process must stand still.
pub(super) fn find(pid: u32, patterns: &[Vec<u8>]) -> io::Result<Vec<Place>> {
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut places = Vec::new();
    for mapping in mappings(pid)?.iter().filter(|mapping| mapping.permissions.contains('w')) {
        let length = usize::try_from(mapping.range.end - mapping.range.start).unwrap();
        let mut bytes = vec![0; length];
        if memory.read_exact_at(&mut bytes, mapping.range.start).is_err() {
            assert!(mapping.is_hidden(), "{mapping:?} cannot be read");
            continue;
        }
        for (pattern, at) in occurrences(&bytes, patterns) {
            let address = mapping.range.start + u64::try_from(at).unwrap();
            places.push(Place { pattern, address, mapping: mapping.clone() });
        }
    }
    Ok(places)
}

/// Returns which pattern is where.
fn occurrences(bytes: &[u8], patterns: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut by_first: Vec<Vec<usize>> = vec![Vec::new(); 256];
    for (number, pattern) in patterns.iter().enumerate() {
        by_first[usize::from(pattern[0])].push(number);
    }
    let mut found = Vec::new();
    for (at, first) in bytes.iter().enumerate() {
        for &number in &by_first[usize::from(*first)] {
            if bytes[at..].starts_with(&patterns[number]) {
                found.push((number, at));
            }
        }
    }
    found
}

#[test]
fn the_scanner_finds_a_text_in_memory() {
    let text = "canary-in-the-memory-of-another";
    let mut cat = Command::new("cat");
    let cat = cat.env("TEXT", text).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut cat = cat.spawn().unwrap();
    let patterns = [text.as_bytes().to_vec(), b"canary-that-is-not-there".to_vec()];
    let places = standing_still(cat.id(), || find(cat.id(), &patterns));
    drop(cat.stdin.take());
    cat.wait().unwrap();
    let Ok(places) = places else { return super::skipped("no process may be looked into") };
    assert!(places.iter().any(|place| place.mapping.name == "[stack]"), "{places:?}");
    assert!(places.iter().all(|place| place.pattern == 0 && !place.mapping.is_protected()));
}
