//! The signal mask, dispositions and pending signals reach the command, and a termination signal ends
//! hushed while it waits.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};

use super::{both, sandbox, through_hushed};

/// What `/proc/self/status` says of signals, after `env` has set them.
fn signals(flags: &[&str], script: &str) -> (String, String) {
    let set = format!("exec env {} sh -c '{script}' sh \"$@\"", flags.join(" "));
    both(&set, &["grep", "-E", "^(SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt):", "/proc/self/status"])
}

/// A set of signals in what was said, without 32 and 33: those are libc's own.
fn set(said: &str, name: &str) -> u64 {
    let line = said.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    u64::from_str_radix(line.trim_start_matches(":\t"), 16).unwrap() & !0x1_8000_0000
}

#[test]
fn signal_masks_and_dispositions_are_inherited() {
    struct Case {
        flags: &'static [&'static str],
        blocked: u64,
        ignored: u64,
    }
    let case = |flags, blocked, ignored| Case { flags, blocked, ignored };
    let cases = [
        case(&["--default-signal"][..], 0, 0),
        case(&["--default-signal", "--ignore-signal=PIPE"], 0, 0x1000),
        case(&["--default-signal", "--ignore-signal=HUP,INT,QUIT"], 0, 0x7),
        case(&["--default-signal", "--ignore-signal=INT,TERM,PIPE"], 0, 0x5002),
        case(&["--default-signal", "--block-signal=USR1"], 0x200, 0),
        case(&["--default-signal", "--block-signal=HUP,INT,TERM"], 0x4003, 0),
        case(&["--default-signal", "--block-signal=1,2,3,10,13,15"], 0x5207, 0),
        case(&["--default-signal", "--ignore-signal=TERM", "--block-signal=TERM"], 0x4000, 0x4000),
    ];
    for case in cases {
        let (directly, through) = signals(case.flags, r#"exec "$@""#);
        assert_eq!(set(&through, "SigBlk"), case.blocked, "{:?}\n{through}", case.flags);
        assert_eq!(set(&through, "SigIgn"), case.ignored, "{:?}\n{through}", case.flags);
        assert_eq!(through, directly, "{:?}", case.flags);
    }
}

#[test]
fn a_pending_blocked_signal_reaches_the_command() {
    let (directly, through) = signals(&["--block-signal=USR1,TERM"], "kill -USR1 $$; exec \"$@\"");
    assert_eq!(set(&through, "ShdPnd"), 0x200, "{through}");
    assert_eq!(through, directly);
}

#[test]
fn the_command_dies_of_a_signal_as_if_started_directly() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGKILL, Signal::SIGPIPE] {
        let sandbox = sandbox();
        let script = format!("kill -{} $$", signal.as_str().trim_start_matches("SIG"));
        let line = through_hushed(&sandbox, &["sh", "-c", &script]);
        let arguments = ["--default-signal".into()].into_iter().chain(line);
        let output = sandbox.program("env", arguments).run();
        let died_of = output.status.signal().and_then(|number| Signal::try_from(number).ok());
        assert_eq!(died_of, Some(signal), "{}", output.stderr);
    }
}

#[test]
fn a_signal_ends_hushed_while_it_waits_for_a_pipe() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        let sandbox = sandbox();
        let pipe = sandbox.project().join("pipe");
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        let line: Vec<OsString> = vec![
            "--default-signal".into(),
            crate::support::sandbox::hushed().into(),
            "run".into(),
            "--env-file".into(),
            pipe.clone().into(),
            "--".into(),
            "true".into(),
        ];
        let running = sandbox.program("env", line).spawn();
        // This returns when hushed has opened the other end, so that it waits for a first byte.
        let writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        kill(Pid::from_raw(i32::try_from(running.pid()).unwrap()), signal).unwrap();
        let output = running.wait();
        let died_of = output.status.signal().and_then(|number| Signal::try_from(number).ok());
        assert_eq!(died_of, Some(signal), "{}", output.stderr);
        assert_eq!(output.stderr, "", "whoever sent the signal knows of it");
        drop(writer);
    }
}
