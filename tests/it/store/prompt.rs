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
        let mut session =
            Self::start(sandbox, &[hushed().to_str().unwrap(), "secrets", "set", "TYPED"]);
        session.see("Value of TYPED: ");
        session
    }

    fn start(sandbox: &Sandbox, words: &[&str]) -> Self {
        let person = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let path = ptsname_r(&person).unwrap();
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        let mut command = Command::new("setsid");
        command.args(["-w", "-c"]).args(words);
        command.current_dir(sandbox.project()).env_clear();
        for name in ["HOME", "XDG_CONFIG_HOME", "PATH"] {
            command.env(name, sandbox.variable(name));
        }
        let terminal = open();
        let child = command.stdin(open()).stdout(Stdio::null()).stderr(open()).spawn().unwrap();
        Self { person, terminal, child, seen: Vec::new() }
    }

    /// Reads what the person sees until this is there.
    fn see(&mut self, text: &str) {
        self.see_times(text, 1);
    }

    /// Reads what the person sees until this is there so many times.
    fn see_times(&mut self, text: &str, times: usize) {
        while String::from_utf8_lossy(&self.seen).matches(text).count() < times {
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

    /// The state of a process: `T` if it is stopped.
    fn state(pid: &str) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    }

    /// The PID of the hushed that the shell started.
    fn child_of_shell(&self) -> String {
        let pid = self.child.id();
        let path = format!("/proc/{pid}/task/{pid}/children");
        std::fs::read_to_string(path).unwrap().trim().to_owned()
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

#[test]
fn a_stopped_prompt_leaves_the_terminal_as_it_was_and_asks_again() {
    let sandbox = Sandbox::new();
    // dash restores no modes of its own, so what is seen is hushed's doing.
    let script = format!("set -m; {} secrets set TYPED; echo stopped >&2; fg", hushed().display());
    let mut session = Session::start(&sandbox, &["sh", "-c", &script]);
    session.see("Value of TYPED: ");
    session.wait_for_silence();
    session.person.write_all(b"canary half").unwrap();
    session.person.write_all(b"\x1a").unwrap();
    session.see("stopped");
    session.see_times("Value of TYPED: ", 2);
    session.wait_for_silence();
    session.person.write_all(b"canary whole\n").unwrap();
    session.see("made the key");
    assert!(session.child.wait().unwrap().success());
    assert!(!leak::is_in(&session.seen), "{}", String::from_utf8_lossy(&session.seen));
    assert!(session.echoes());
    assert_eq!(get(&sandbox, "TYPED"), b"canary whole", "what was typed before is forgotten");
}

#[test]
fn a_stopped_prompt_echoes_until_it_continues() {
    let sandbox = Sandbox::new();
    // A shell that waits: nobody else changes the modes.
    let script = format!("set -m; {} secrets set TYPED; read line; fg", hushed().display());
    let mut session = Session::start(&sandbox, &["sh", "-c", &script]);
    session.see("Value of TYPED: ");
    session.wait_for_silence();
    let pid = session.child_of_shell();
    session.person.write_all(b"\x1a").unwrap();
    let begun = Instant::now();
    while Session::state(&pid) != 'T' {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not stop");
        std::thread::yield_now();
    }
    assert!(session.echoes(), "a stopped prompt leaves the terminal without echo");
    session.person.write_all(b"\n").unwrap();
    session.see_times("Value of TYPED: ", 2);
    session.wait_for_silence();
    session.person.write_all(b"\x03").unwrap();
    session.child.wait().unwrap();
    assert!(session.echoes());
    assert!(!sandbox.project().join("secrets.hushed").exists());
}
