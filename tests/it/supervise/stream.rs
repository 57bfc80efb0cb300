//! Output on its way through the supervisor: whole, in order, in bounded memory.

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use super::{Talk, direct, output, probe_path, status, within_deadline};

#[test]
fn bytes_of_every_value_pass_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bytes");
    let bytes: Vec<u8> =
        (0..3_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    std::fs::write(&path, &bytes).unwrap();
    let (ended, said, _) = output(direct(&[], &["cat", path.to_str().unwrap()]));
    assert!(ended.success());
    assert!(said == bytes, "{} bytes of {} came, or others", said.len(), bytes.len());
}

#[test]
fn standard_output_and_error_stay_apart() {
    let (_, said, errors) =
        output(direct(&[], &["sh", "-c", "echo one; echo two >&2; echo three"]));
    assert_eq!((&*said, &*errors), (&b"one\nthree\n"[..], "two\n"));
}

#[test]
fn memory_is_bounded_without_a_newline_and_with_a_slow_reader() {
    const ALL: usize = 64 << 20;
    let mut talk = Talk::start(direct(&[], &["head", "-c", &ALL.to_string(), "/dev/zero"]));
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
    assert!(talk.end().success());
}

#[test]
fn a_reader_that_goes_ends_the_command_as_a_pipe_would() {
    let mut talk = Talk::start(direct(&[], &["yes"]));
    assert_eq!(talk.line(), "y");
    drop(talk.lines.take());
    assert_eq!(talk.end().signal(), Some(13));
}

#[test]
fn an_output_that_does_not_block_loses_nothing() {
    const ALL: usize = 8 << 20;
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let mut command = direct(&[], &["head", "-c", &ALL.to_string(), "/dev/zero"]);
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
fn flags_of_shared_descriptions_are_left_alone() {
    // The command sees the description that we have as our input and share with our parent.
    let flags = "exec 3<&0; grep flags /proc/self/fdinfo/3";
    let under = |mode| {
        let mut command = direct(&[mode], &["sh", "-c", flags]);
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
fn a_descendant_that_keeps_the_output_is_not_waited_for() {
    let mut talk = Talk::start(direct(&[], &["sh", "-c", "sleep 1000 & echo $!"]));
    let left = talk.line();
    assert_eq!(talk.rest(), b"");
    assert!(talk.end().success());
    super::kill("KILL", left.parse().unwrap());
}

#[test]
fn a_descendants_last_words_are_heard() {
    // The command is over before its descendant has spoken.
    let script = "{ while kill -0 $$ 2>/dev/null; do :; done; echo late; } & echo early";
    let (ended, said, _) = output(direct(&[], &["sh", "-c", script]));
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
fn the_command_has_no_descriptor_of_ours() {
    let under = |mode| output(direct(&[mode], &["ls", "/proc/self/fd"])).1;
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
fn what_goes_to_one_place_keeps_its_order() {
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
fn two_files_stay_two() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (directory.path().join("one"), directory.path().join("other"));
    let open = |path| std::fs::File::create(path).unwrap();
    let mut command = direct(&[], &["sh", "-c", "echo out; echo err >&2"]);
    command.stdout(open(&one)).stderr(open(&other));
    assert!(status(command).success());
    assert_eq!(std::fs::read_to_string(&one).unwrap(), "out\n");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "err\n");
}

#[test]
fn a_reader_that_goes_is_told_to_a_command_that_writes_nothing() {
    // As tail(1) does: it waits for its output to fail, and would wait for ever.
    let waits =
        "import select; p = select.poll(); p.register(1, 0); print('y', flush=True); p.poll()";
    for options in [&[][..], &["--plain"], &["--init"]] {
        let mut talk = Talk::start(direct(options, &["python3", "-c", waits]));
        assert_eq!(talk.line(), "y");
        drop(talk.lines.take());
        assert!(talk.end().success(), "{options:?}");
    }
}

#[test]
fn an_output_that_the_command_closes_ends_for_its_reader() {
    for options in [&[][..], &["--plain"], &["--init"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = direct(options, &["sh", "-c", "echo last; exec >&-; read x; exit 0"]);
        command.stdin(reader);
        let mut talk = Talk::start(command);
        assert_eq!(talk.rest(), b"last\n", "{options:?}");
        drop(writer);
        assert_eq!(talk.end().code(), Some(0), "{options:?}");
    }
}

#[test]
fn both_outputs_that_the_command_closes_end_for_their_reader() {
    let script = format!(
        "exec '{}' -- sh -c 'echo last; exec >&- 2>&-; read x; exit 0' 2>&1",
        probe_path().display()
    );
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(reader);
    let mut talk = Talk::start(command);
    assert_eq!(talk.rest(), b"last\n");
    drop(writer);
    assert_eq!(talk.end().code(), Some(0));
}

#[test]
fn an_input_that_the_command_closes_breaks_for_its_writer() {
    for options in [&[][..], &["--plain"], &["--init"]] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut command = direct(options, &["sh", "-c", "exec <&-; echo closed; exec sleep 1000"]);
        command.stdin(reader);
        let mut talk = Talk::start(command);
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
        talk.end();
    }
}

#[test]
fn a_lock_that_the_command_gives_up_is_free() {
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
    let mut talk = Talk::start(command);
    assert_eq!(talk.line(), "free");
    let mut waiting = Command::new("flock");
    waiting.arg(&lock).arg("true");
    assert!(status(waiting).success());
    talk.signal("TERM");
    talk.end();
}

#[test]
fn a_full_disk_is_no_success_for_who_dies_of_it() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (script, code) in [("exec yes", 1), ("echo lost; exit 3", 3), ("exec cat /etc/passwd", 1)] {
        let mut command = direct(&[], &["sh", "-c", script]);
        command.stdout(full()).stderr(Stdio::piped());
        let (ended, _, errors) = output(command);
        assert_eq!(ended.code(), Some(code), "{script}: {errors}");
        assert!(errors.contains("cannot write the command's output"), "{script}: {errors}");
    }
}

#[test]
fn a_full_disk_is_no_success() {
    let mut command = direct(&[], &["sh", "-c", "echo lost; exit 0"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (ended, _, errors) = output({
        command.stdout(full).stderr(Stdio::piped());
        command
    });
    assert_eq!(ended.code(), Some(1), "{errors}");
    assert!(errors.contains("cannot write the command's output"), "{errors}");
}

#[test]
fn a_full_disk_does_not_end_who_goes_on_without_it() {
    let script = "trap '' PIPE; while echo lost 2>/dev/null; do :; done; exit 9";
    let mut command = direct(&[], &["sh", "-c", script]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stdout(full);
    assert_eq!(status(command).code(), Some(9));
}

#[test]
fn a_descendant_that_never_pauses_is_not_waited_for() {
    let mut talk = Talk::start(direct(&[], &["sh", "-c", "yes & echo done"]));
    assert!(talk.rest().len() > 4);
    assert!(talk.end().success());
}
