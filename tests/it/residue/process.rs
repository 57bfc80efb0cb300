//! The process itself while it holds secrets: undumpable, without core files; its command is not affected.

use std::os::unix::fs::MetadataExt as _;
use std::{fs, path::Path, process::Stdio};

use nix::sys::resource::{Resource, getrlimit};

use super::{
    Kernel, Subject, Vault, copies, kernels,
    launch::{self, NOBODY},
    may_look, skipped,
};
use crate::support::sandbox::{Sandbox, hushed};

/// The ways in which a command is started.
const MODES: [&[&str]; 3] = [&["run"], &["run", "--init"], &["run", "--redact"]];

/// A limit that is neither nothing nor everything.
const CORE: (u64, u64) = (512 * 3, 512 * 7);

#[test]
fn the_command_inherits_the_resource_limits() {
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE).unwrap();
    if hard < CORE.1 && !nix::unistd::geteuid().is_root() {
        return skipped("the limit of core files is too low to be changed here");
    }
    let sandbox = Sandbox::new().file(".env", "NAME=canary-value\n");
    for mode in MODES {
        let command = ["--env-file", ".env", "--", "sh", "-c", "ulimit -Sc; ulimit -Hc"];
        let arguments = mode.iter().chain(&command).copied();
        let mut run = sandbox.program(hushed(), arguments).prepared();
        let output = launch::with_core_limit(&mut run, CORE).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "3\n7\n", "{mode:?}");
    }
}

#[test]
fn attest_reports_the_core_file_limit_of_the_command() {
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE).unwrap();
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    if hard < CORE.1 && !nix::unistd::geteuid().is_root() || pattern.starts_with('|') {
        return skipped("the limit of core files cannot be changed, or means nothing here");
    }
    let sandbox = Sandbox::new();
    let said = |limits| {
        let mut run = sandbox.program(hushed(), ["attest"]).prepared();
        let output = launch::with_core_limit(&mut run, limits).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find(|line| line.contains("core files")).unwrap().to_owned()
    };
    assert_ne!(said(CORE), said((0, CORE.1)));
}

#[test]
fn a_missing_command_leaves_the_process_hardened() {
    let sandbox = Sandbox::new().file(".env", "NAME=canary-value\n").file("text", "no program");
    for program in ["./nosuch", "./text"] {
        let output = sandbox.run(["run", "--env-file", ".env", "--", program]);
        assert!(matches!(output.code(), 126 | 127), "{program}: {}", output.stderr);
    }
}

/// Looks at what the kernel says of a process.
fn has_no_core_file(pid: u32) -> bool {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    line.split_whitespace().nth(4) == Some("0")
}

fn owner(pid: u32) -> u32 {
    Path::new(&format!("/proc/{pid}/mem")).metadata().unwrap().uid()
}

#[test]
fn hushed_is_undumpable_and_the_command_is_not() {
    if !may_look() {
        return;
    }
    for flag in ["--init", "--redact"] {
        let vault = Vault::open();
        let program = vault.open_to_all();
        let script = "tr '\\0' '\\n' </proc/$$/environ | grep -c SECRET_; echo started; read line";
        let arguments = ["run", flag, "--", "sh", "-c", script];
        let mut command = vault.command(&program, &arguments);
        launch::with_core_limit(&mut command, CORE);
        let mut subject = Subject::start(command, Kernel::NothingLocked, false);
        // A process that is not dumpable belongs to root, and its own user may not read this.
        assert_eq!(subject.await_line(), "20");
        assert_eq!(subject.await_line(), "started");
        // The witness has its name once it runs.
        let child = loop {
            match subject.witnesses_and_commands().1[..] {
                [child] => break child,
                [_, _] => std::thread::yield_now(),
                _ => panic!("{:?}", subject.children()),
            }
        };
        assert_eq!((owner(subject.0.id()), owner(child)), (0, NOBODY), "{flag}");
        assert_eq!((has_no_core_file(subject.0.id()), has_no_core_file(child)), (true, false));
    }
}

#[test]
fn without_locked_memory_doctor_warns() {
    if !may_look() {
        return;
    }
    let vault = Vault::open();
    let program = vault.open_to_all();
    for mode in MODES {
        let command = ["--", "sh", "-c", "echo \"${#SECRET_00} ${#LARGE}\""];
        let arguments: Vec<&str> = mode.iter().chain(&command).copied().collect();
        let subject =
            Subject::start(vault.command(&program, &arguments), Kernel::NothingLocked, false);
        let (out, err) = subject.output();
        assert_eq!((out.as_str(), err.as_str()), ("43 40044\n", ""), "{mode:?}");
    }
    let subject =
        Subject::start(vault.command(&program, &["doctor"]), Kernel::NothingLocked, false);
    let (out, _) = subject.output();
    let want = "RLIMIT_MEMLOCK (0 bytes) is too low; secrets may be swapped out";
    assert!(out.contains(want), "{out}");
}

#[test]
fn a_seccomp_filter_does_not_kill_hushed() {
    let sandbox = Sandbox::new().file(".env", "NAME=canary-value\n");
    for mode in MODES {
        let command = ["--env-file", ".env", "--", "sh", "-c", "echo ${#NAME}"];
        let arguments = mode.iter().chain(&command).copied();
        let mut run = sandbox.program(hushed(), arguments).prepared();
        run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (out, err) = Subject::start(run, Kernel::SecretMemoryKills, false).output();
        assert_eq!((out.as_str(), err.as_str()), ("12\n", ""), "{mode:?}");
    }
}

#[test]
fn unlocked_memory_is_excluded_from_core_dumps() {
    if !may_look() {
        return;
    }
    let vault = Vault::open();
    let program = vault.open_to_all();
    let subject = Subject::start(
        vault.command(&program, &["run", "--", "true"]),
        Kernel::NothingLocked,
        true,
    );
    launch::until_execve(&subject.0);
    let found = copies(subject.0.id(), &vault.secrets);
    assert!(!found.is_empty(), "nothing was found");
    assert!(found.iter().all(|copy| copy.place.mapping.is("dd")), "{found:?}");
}

#[test]
fn doctor_accepts_a_sufficient_memory_lock_limit() {
    let (soft, _) = getrlimit(Resource::RLIMIT_MEMLOCK).unwrap();
    if kernels().is_empty() || soft < 1 << 20 {
        return;
    }
    let output = Sandbox::new().file(".env", "NAME=canary-value\n");
    let output = output.run(["doctor", "--env-file", ".env"]);
    assert!(!output.stdout.contains("RLIMIT_MEMLOCK"), "{}", output.stdout);
}
