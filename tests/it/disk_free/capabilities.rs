//! The capabilities of the fetcher: none, whoever starts hushed.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions, Permissions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    time::{Duration, Instant},
};

use nix::{libc, sys::stat::Mode, unistd::mkfifo};

use super::{can_be_held, skipped};
use crate::support::sandbox::{Sandbox, hushed};

const PATIENCE: Duration = Duration::from_secs(20);

/// The capability sets of the fetcher, while it reads a pipe as its dotenv file, and those of the command.
/// Hushed is started by `starter`. The exit code is 126 where that could not execute it.
fn sets(starter: &[&str]) -> Result<(Vec<String>, Vec<String>), i32> {
    let sandbox = Sandbox::new();
    let pipe = sandbox.project().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    fs::set_permissions(&pipe, Permissions::from_mode(0o644)).unwrap();
    let hushed = hushed().into_os_string().into_string().unwrap();
    let run = [&hushed, "run", "--disk-free", "--env-file", "pipe"];
    let line = [starter, &run, &["--", "grep", "^Cap", "/proc/self/status"]].concat();
    let mut running = sandbox.program(line[0], line[1..].iter().map(OsString::from)).spawn();
    let end = Instant::now() + PATIENCE;
    let mut pipe = loop {
        // Only the fetcher opens it, once it is confined.
        match OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&pipe) {
            Ok(pipe) => break pipe,
            Err(error) => assert_eq!(error.raw_os_error(), Some(libc::ENXIO), "{error}"),
        }
        if running.child().try_wait().unwrap().is_some() {
            return Err(running.wait().code());
        }
        assert!(Instant::now() < end, "nobody reads the pipe");
        std::thread::yield_now();
    };
    let pid = running.pid();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", children.trim())).unwrap();
    pipe.write_all(b"A=canary\n").unwrap();
    drop(pipe);
    let output = running.wait().success();
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("Cap")).map(str::to_owned).collect()
    };
    Ok((lines(&status), lines(&output.stdout)))
}

const NONE: [&str; 4] = ["Inh", "Prm", "Eff", "Amb"];

/// Whether all sets with these names are empty.
fn are_empty(sets: &[String], names: &[&str]) -> bool {
    assert_eq!(sets.len(), 5, "{sets:?}");
    names.iter().all(|name| sets.contains(&format!("Cap{name}:\t0000000000000000")))
}

#[test]
fn the_fetcher_has_no_capability() {
    if !can_be_held() {
        return;
    }
    let (fetcher, command) = sets(&["env"]).unwrap();
    assert!(are_empty(&fetcher, &NONE), "{fetcher:?}");
    if !nix::unistd::geteuid().is_root() {
        return skipped("only root has capabilities to give up");
    }
    assert!(are_empty(&fetcher, &["Bnd"]), "{fetcher:?}");
    assert!(!are_empty(&command, &["Eff"]) && !are_empty(&command, &["Bnd"]), "{command:?}");
}

#[test]
fn the_fetcher_of_a_user_with_ambient_capabilities_has_none() {
    if !can_be_held() {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        return skipped("only root can give capabilities");
    }
    let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let given = ["--inh-caps=+net_raw,+setpcap", "--ambient-caps=+net_raw,+setpcap"];
    for (starter, has_some) in [(&user[..], false), (&[&user[..], &given].concat(), true)] {
        let (fetcher, command) = match sets(starter) {
            Ok(sets) => sets,
            Err(code) => return skipped(&format!("setpriv cannot start hushed here: {code}")),
        };
        assert!(are_empty(&fetcher, &NONE), "{fetcher:?}");
        // To empty the bounding set takes a capability, too.
        assert_eq!(are_empty(&fetcher, &["Bnd"]), has_some, "{fetcher:?}");
        assert_eq!(!are_empty(&command, &["Amb"]), has_some, "{command:?}");
    }
}
