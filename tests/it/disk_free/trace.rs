//! strace shows that reading commands open nothing for writing, with and without `--disk-free`.

use std::fs;

use super::{can_be_held, over_tls, skipped};
use crate::support::sandbox::{Sandbox, hushed};

/// Calls that change a file system, whatever their arguments. What takes a descriptor that can be written
/// to was opened before.
const CHANGES: &str = "creat,truncate,mkdir,mkdirat,mknod,mknodat,rmdir,unlink,unlinkat,\
                       rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmodat,\
                       chown,lchown,fchownat,setxattr,lsetxattr";

/// What a supervisor opens a second time: the streams that it was given, and the terminal.
const GIVEN: [&str; 3] = ["\"/proc/self/fd/1\"", "\"/proc/self/fd/2\"", "\"/dev/tty\""];

/// The lines of a trace of hushed, with what it starts, that change or could change a file; `None` where
/// nothing can be traced.
fn writes(sandbox: &Sandbox, arguments: &[&str]) -> Option<Vec<String>> {
    let trace = sandbox.project().join("../trace");
    // A call that an architecture never had is passed over with the question mark.
    let calls: Vec<_> = CHANGES.split(',').map(|call| format!("?{}", call.trim())).collect();
    let calls = format!("trace=?open,openat,?openat2,{}", calls.join(","));
    let mut line = vec!["-f".into(), "-qq".into(), "-o".into(), trace.clone().into_os_string()];
    line.extend(["-e".into(), calls.into()]);
    line.push(hushed().into_os_string());
    line.extend(arguments.iter().map(Into::into));
    if std::process::Command::new("strace").args(["-qq", "true"]).output().is_err() {
        skipped("there is no strace here");
        return None;
    }
    sandbox.program("strace", line).run().success();
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains("openat("), "nothing was traced:\n{trace}");
    let flags = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"];
    let reads =
        |line: &&str| line.contains(" open") && !flags.iter().any(|flag| line.contains(flag));
    let given = |line: &&str| GIVEN.iter().any(|path| line.contains(path));
    let lines = trace.lines().filter(|line| line.contains('(') && !reads(line) && !given(line));
    Some(lines.map(str::to_owned).collect())
}

#[test]
fn a_run_opens_nothing_for_writing() {
    let (server, sandbox) = over_tls();
    let modes: &[&[&str]] = &[&[], &["--redact"], &["--init"]];
    let promises: &[&[&str]] = if can_be_held() { &[&[], &["--disk-free"]] } else { &[&[]] };
    for mode in modes {
        for promise in promises {
            server.forget();
            let line = [&["run", "-v"], *mode, promise, &["--", "true"]].concat();
            let Some(writes) = writes(&sandbox, &line) else { return };
            assert_eq!(writes, [""; 0], "{line:?}");
            assert_eq!(server.requests().len(), 2, "a login and a list");
        }
    }
}

#[test]
fn other_reading_commands_open_nothing_for_writing() {
    let (_server, sandbox) = over_tls();
    for line in [
        &["plan"][..],
        &["plan", "--json"],
        &["why", "SECRET_00001"],
        &["secrets", "list"],
        &["doctor"],
        &["export", "--exclude", "*"],
        &["redact"],
    ] {
        let Some(writes) = writes(&sandbox, line) else { return };
        assert_eq!(writes, [""; 0], "{line:?}");
    }
}

#[test]
fn the_trace_detects_writes() {
    let (_server, sandbox) = over_tls();
    let sandbox = sandbox.permits("out");
    let Some(writes) = writes(&sandbox, &["export", "--output", "out"]) else { return };
    assert!(writes.iter().any(|line| line.contains("O_CREAT")), "{writes:?}");
    assert!(writes.iter().any(|line| line.contains("rename")), "{writes:?}");
}
