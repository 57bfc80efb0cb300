//! A value typed at a terminal: it is not echoed, and the terminal is as it was afterwards. Must not
//! need a terminal of its own: each test makes one.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::get;
use crate::support::leak;
use crate::support::sandbox::{Sandbox, hushed};

/// A person at a terminal, and a `hushed secrets set` that runs there.
struct Session {
    person: PtyMaster,
    terminal: File,
    child: Child,
    seen: Vec<u8>,
}

impl Session {
    fn begin(sandbox: &Sandbox) -> Self {
        let person = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let path = ptsname_r(&person).unwrap();
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        let mut command = Command::new("setsid");
        command.args(["-w", "-c"]).arg(hushed()).args(["secrets", "set", "TYPED"]);
        command.current_dir(sandbox.project()).env_clear();
        for name in ["HOME", "XDG_CONFIG_HOME", "PATH"] {
            command.env(name, sandbox.variable(name));
        }
        let terminal = open();
        let child = command.stdin(open()).stdout(Stdio::null()).stderr(open()).spawn().unwrap();
        let mut session = Self { person, terminal, child, seen: Vec::new() };
        session.see("Value of TYPED: ");
        session
    }

    /// Reads what the person sees until this is there.
    fn see(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(text) {
            let mut bytes = [0; 256];
            let count = self.person.read(&mut bytes).unwrap();
            self.seen.extend_from_slice(&bytes[..count]);
        }
    }

    /// Waits until nothing is echoed. The prompt may be seen a moment before.
    fn wait_for_silence(&mut self) {
        let begun = Instant::now();
        while self.echoes() {
            assert!(begun.elapsed() < Duration::from_secs(30), "what is typed is echoed");
            std::thread::yield_now();
        }
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ECHO)
    }
}

#[test]
fn a_typed_value_is_not_echoed() {
    let sandbox = Sandbox::new();
    let mut session = Session::begin(&sandbox);
    session.wait_for_silence();
    session.person.write_all(b"canary typed\n").unwrap();
    session.see("made the key");
    assert!(session.child.wait().unwrap().success());
    assert!(!leak::is_in(&session.seen), "{}", String::from_utf8_lossy(&session.seen));
    assert!(session.echoes());
    assert_eq!(get(&sandbox, "TYPED"), b"canary typed");
}

#[test]
fn an_interrupted_prompt_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::new();
    let mut session = Session::begin(&sandbox);
    session.wait_for_silence();
    session.person.write_all(b"canary\x03").unwrap();
    let status = session.child.wait().unwrap();
    // `setsid -w` passes on how its child ended.
    assert_eq!(status.signal().or(status.code().map(|code| code - 128)), Some(2), "{status}");
    assert!(session.echoes(), "what is typed next would not be seen");
    assert!(!leak::is_in(&session.seen));
    assert!(!sandbox.project().join("secrets.hushed").exists());
}
