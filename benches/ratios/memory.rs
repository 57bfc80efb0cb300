//! Peak memory of a process, exec included: the kernel keeps the mark of what was before.

use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};

/// The first argument of this program when it measures one command and nothing else. A child begins
/// with its parent's mark, so the parent has to be a small one.
pub(crate) const CHILD: &str = "measure-memory-of";

/// The peak memory of a command in MB.
pub(crate) fn peak(command: &Command) -> f64 {
    let mut parent = Command::new(std::env::current_exe().unwrap());
    parent.arg(CHILD).arg(command.get_program()).args(command.get_args());
    parent.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        parent.current_dir(directory);
    }
    let output = parent.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kilobytes: u32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    f64::from(kilobytes) * 1024.0 / 1e6
}

/// The peak memory so far of a process that runs, in MB.
pub(crate) fn mark(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u32 = line.trim().trim_end_matches(" kB").parse().unwrap();
    f64::from(kilobytes) * 1024.0 / 1e6
}

/// Runs the command and prints its peak in KiB.
pub(crate) fn child(command: &[String]) {
    let (program, arguments) = command.split_first().unwrap();
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program}: {status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}
