//! Relayed output: complete, in order, in bounded memory.

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use super::{SupervisedProcess, as_child, output, probe_path, status, within_deadline};

#[test]
fn every_byte_value_passes_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bytes");
    let bytes: Vec<u8> =
        (0..3_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    std::fs::write(&path, &bytes).unwrap();
    let (ended, said, _) = output(as_child(&[], &["cat", path.to_str().unwrap()]));
    assert!(ended.success());
    assert!(said == bytes, "{} bytes of {} came, or others", said.len(), bytes.len());
}

#[test]
fn standard_output_and_error_stay_apart() {
    let (_, said, errors) =
        output(as_child(&[], &["sh", "-c", "echo one; echo two >&2; echo three"]));
    assert_eq!((&*said, &*errors), (&b"one\nthree\n"[..], "two\n"));
}

#[test]
fn memory_is_bounded_without_a_newline_and_with_a_slow_reader() {
    const ALL: usize = 64 << 20;
    let mut talk =
        SupervisedProcess::start(as_child(&[], &["head", "-c", &ALL.to_string(), "/dev/zero"]));
    let pid = talk.pid();
    let mut lines = talk.lines.take().unwrap();
    let peak = within_deadline("the output", move || {
        let mut most = vec![1; ALL - (1 << 20)];
        lines.read_exact(&mut most).unwrap();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        assert!(most.iter().all(|&byte| byte == 0));
        let mut rest = Vec::new();
        assert_eq!(lines.read_to_end(&mut rest).unwrap(), 1 << 20);
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().to_owned();
        peak.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    });
    assert!(peak < 24 << 10, "{peak} KiB");
    assert!(talk.wait().success());
}

#[test]
fn a_closed_reader_ends_the_command_by_sigpipe() {
    let mut talk = SupervisedProcess::start(as_child(&[], &["yes"]));
    assert_eq!(talk.line(), "y");
    drop(talk.lines.take());
    assert_eq!(talk.wait().signal(), Some(13));
}

#[test]
fn a_nonblocking_output_loses_nothing() {
    const ALL: usize = 8 << 20;
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let mut command = as_child(&[], &["head", "-c", &ALL.to_string(), "/dev/zero"]);
    let mut child = command.stdout(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    drop(command);
    let count = within_deadline("the output", move || {
        let mut all = Vec::new();
        ours.read_to_end(&mut all).unwrap()
    });
    assert_eq!(count, ALL);
    assert!(child.wait().unwrap().success());
}

#[test]
fn flags_of_shared_descriptions_are_not_changed() {
    // The command sees the description that we have as our input and share with our parent.
    let flags = "exec 3<&0; grep flags /proc/self/fdinfo/3";
    let under = |mode| {
        let mut command = as_child(&[mode], &["sh", "-c", flags]);
        let (reader, _writer) = std::io::pipe().unwrap();
        output({
            command.stdin(reader);
            command
        })
        .1
    };
    assert_eq!(under("--exec"), under("--init"));
}

#[test]
fn a_descendant_that_holds_the_output_does_not_delay_the_end() {
    let mut talk = SupervisedProcess::start(as_child(&[], &["sh", "-c", "sleep 1000 & echo $!"]));
    let left = talk.line();
    assert_eq!(talk.rest_of_output(), b"");
    assert!(talk.wait().success());
    super::kill("KILL", left.parse().unwrap());
}

#[test]
fn the_last_output_of_a_descendant_is_relayed() {
    // The command is over before its descendant has spoken.
    let script = "{ while kill -0 $$ 2>/dev/null; do :; done; echo late; } & echo early";
    let (ended, said, _) = output(as_child(&[], &["sh", "-c", script]));
    assert!(ended.success());
    assert_eq!(said, b"early\nlate\n");
}

#[test]
fn closed_standard_streams_stay_closed() {
    let closed = "for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && exit 1; done; exit 42";
    let probe = probe_path();
    for mode in ["--init", "--plain", "--exec"] {
        let mut command = Command::new("sh");
        let script = format!("exec '{}' {mode} -- sh -c '{closed}' <&- >&- 2>&-", probe.display());
        command.args(["-c", &script]);
        assert_eq!(status(command).code(), Some(42), "{mode}");
    }
}

#[test]
fn the_command_inherits_no_descriptor_of_hushed() {
    let under = |mode| output(as_child(&[mode], &["ls", "/proc/self/fd"])).1;
    let exec = under("--exec");
    for mode in ["--init", "--plain"] {
        assert_eq!(String::from_utf8(under(mode)), String::from_utf8(exec.clone()), "{mode}");
    }
}

/// Writes to both streams in turn, many times.
const IN_TURN: &str = "for i in $(seq 200); do echo out $i; echo err $i >&2; done";

fn in_turn() -> String {
    (1..=200).fold(String::new(), |text, i| text + &format!("out {i}\nerr {i}\n"))
}

#[test]
fn outputs_to_one_file_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let probe = probe_path();
    for redirections in ["> LOG 2>&1", ">>LOG 2>>LOG", "2>&1 | cat >LOG", "2>LOG 1>&2"] {
        let redirections = redirections.replace("LOG", log.to_str().unwrap());
        let script = format!("'{}' -- sh -c '{IN_TURN}' {redirections}", probe.display());
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        assert!(status(command).success(), "{redirections}");
        assert_eq!(std::fs::read_to_string(&log).unwrap(), in_turn(), "{redirections}");
        std::fs::remove_file(&log).unwrap();
    }
}

#[test]
fn outputs_to_two_files_stay_separate() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (directory.path().join("one"), directory.path().join("other"));
    let open = |path| std::fs::File::create(path).unwrap();
    let mut command = as_child(&[], &["sh", "-c", "echo out; echo err >&2"]);
    command.stdout(open(&one)).stderr(open(&other));
    assert!(status(command).success());
    assert_eq!(std::fs::read_to_string(&one).unwrap(), "out\n");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "err\n");
}

#[test]
fn a_silent_command_notices_a_closed_reader() {
    // As tail(1) does: it waits for its output to fail, and would wait for ever.
    let waits =
        "import select; p = select.poll(); p.register(1, 0); print('y', flush=True); p.poll()";
    for options in [&[][..], &["--plain"], &["--init"]] {
        let mut talk = SupervisedProcess::start(as_child(options, &["python3", "-c", waits]));
        assert_eq!(talk.line(), "y");
        drop(talk.lines.take());
        assert!(talk.wait().success(), "{options:?}");
    }
}

#[test]
fn closing_an_output_ends_it_for_its_reader() {
    for options in [&[][..], &["--plain"], &["--init"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = as_child(options, &["sh", "-c", "echo last; exec >&-; read x; exit 0"]);
        command.stdin(reader);
        let mut talk = SupervisedProcess::start(command);
        assert_eq!(talk.rest_of_output(), b"last\n", "{options:?}");
        drop(writer);
        assert_eq!(talk.wait().code(), Some(0), "{options:?}");
    }
}

#[test]
fn closing_both_outputs_ends_them_for_their_reader() {
    let script = format!(
        "exec '{}' -- sh -c 'echo last; exec >&- 2>&-; read x; exit 0' 2>&1",
        probe_path().display()
    );
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(reader);
    let mut talk = SupervisedProcess::start(command);
    assert_eq!(talk.rest_of_output(), b"last\n");
    drop(writer);
    assert_eq!(talk.wait().code(), Some(0));
}

#[test]
fn closing_the_input_breaks_it_for_its_writer() {
    for options in [&[][..], &["--plain"], &["--init"]] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut command =
            as_child(options, &["sh", "-c", "exec <&-; echo closed; exec sleep 1000"]);
        command.stdin(reader);
        let mut talk = SupervisedProcess::start(command);
        assert_eq!(talk.line(), "closed");
        let error = within_deadline("the end of the input", move || {
            loop {
                if let Err(error) = std::io::Write::write(&mut writer, b"x") {
                    break error;
                }
            }
        });
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{options:?}");
        talk.signal("TERM");
        talk.wait();
    }
}

#[test]
fn a_lock_that_the_command_releases_is_free() {
    // A lock belongs to the open file description, which we have inherited as well.
    let directory = tempfile::tempdir().unwrap();
    let lock = directory.path().join("lock");
    let script = format!(
        "exec 9>'{}'; flock 9; exec '{}' --init -- sh -c 'exec 9>&-; echo free; exec sleep 1000'",
        lock.display(),
        probe_path().display(),
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::null());
    let mut talk = SupervisedProcess::start(command);
    assert_eq!(talk.line(), "free");
    let mut waiting = Command::new("flock");
    waiting.arg(&lock).arg("true");
    assert!(status(waiting).success());
    talk.signal("TERM");
    talk.wait();
}

#[test]
fn a_full_disk_is_a_failure_if_the_command_dies_of_sigpipe() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (script, code) in [("exec yes", 1), ("echo lost; exit 3", 3), ("exec cat /etc/passwd", 1)] {
        let mut command = as_child(&[], &["sh", "-c", script]);
        command.stdout(full()).stderr(Stdio::piped());
        let (ended, _, errors) = output(command);
        assert_eq!(ended.code(), Some(code), "{script}: {errors}");
        assert!(errors.contains("cannot write the command's output"), "{script}: {errors}");
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let mut command = as_child(&[], &["sh", "-c", "echo lost; exit 0"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (ended, _, errors) = output({
        command.stdout(full).stderr(Stdio::piped());
        command
    });
    assert_eq!(ended.code(), Some(1), "{errors}");
    assert!(errors.contains("cannot write the command's output"), "{errors}");
}

#[test]
fn a_full_disk_does_not_end_a_command_that_goes_on() {
    let script = "trap '' PIPE; while echo lost 2>/dev/null; do :; done; exit 9";
    let mut command = as_child(&[], &["sh", "-c", script]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stdout(full);
    assert_eq!(status(command).code(), Some(9));
}

#[test]
fn a_descendant_that_writes_for_ever_does_not_delay_the_end() {
    let mut talk = SupervisedProcess::start(as_child(&[], &["sh", "-c", "yes & echo done"]));
    assert!(talk.rest_of_output().len() > 4);
    assert!(talk.wait().success());
}
