//! Descendants of a process, from `/proc`.

use std::fs;

fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name in parentheses come the state and the parent.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Whether `pid` is `ancestor` or descends from it.
pub(super) fn is_descendant(pid: i32, ancestor: i32) -> bool {
    let mut at = Some(pid);
    while let Some(pid) = at.filter(|&pid| pid > 0) {
        if pid == ancestor {
            return true;
        }
        at = parent(pid);
    }
    false
}

/// All descendants of a process, parents before their children.
pub(super) fn descendants(of: i32) -> Vec<i32> {
    let parents: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent(pid)?)))
        .collect();
    let mut found = vec![of];
    let mut next = 0;
    while let Some(&above) = found.get(next) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == above).map(|(pid, _)| pid));
        next += 1;
    }
    found.remove(0);
    found
}
