//! Pipes: other output passes unchanged, at once, and in bounded memory.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::{SECRET, sandbox, script};
use crate::support::sandbox::{Sandbox, hushed};

/// The peak of resident memory in KiB that a debug build may have, with up to 25 MiB of its own file.
const MOST_MEMORY: u64 = 40 * 1024;

fn gate(sandbox: &Sandbox) -> PathBuf {
    let gate = sandbox.project().join("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    gate
}

fn open(gate: &Path) {
    std::fs::write(gate, "\n").unwrap();
}

#[test]
fn a_prompt_is_shown_while_the_command_waits() {
    let sandbox = sandbox();
    let gate = gate(&sandbox);
    for text in [
        "printf 'Password: '; read x <gate; echo $SECRET",
        "printf 'Password: ' >&2; exec 3>&1 1>&2 2>&3; read x <gate; echo $SECRET",
    ] {
        let mut running = script(&sandbox, &["--redact"], text).spawn();
        let mut seen = [0; 10];
        if text.contains(">&2") {
            running.child().stderr.as_mut().unwrap().read_exact(&mut seen).unwrap();
        } else {
            running.child().stdout.as_mut().unwrap().read_exact(&mut seen).unwrap();
        }
        assert_eq!(&seen, b"Password: ");
        open(&gate);
        let output = running.wait().success();
        assert_eq!(output.stdout + &output.stderr, "[hushed:SECRET]\n");
    }
}

#[test]
fn a_secret_written_in_pieces_is_redacted() {
    let sandbox = sandbox();
    let gate = gate(&sandbox);
    let text = "printf 'a %.6s' $SECRET; read x <gate; printf '%s b' ${SECRET#??????}";
    let mut running = script(&sandbox, &["--redact"], text).spawn();
    let mut seen = [0; 2];
    running.child().stdout.as_mut().unwrap().read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"a ");
    open(&gate);
    assert_eq!(running.wait().success().stdout, "[hushed:SECRET] b");
}

#[test]
fn the_order_within_a_stream_is_kept() {
    let text = "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo o$i $SECRET; echo e$i >&2; done";
    let output = script(&sandbox(), &["--redact"], text).run().success();
    let lines = |label: &str, end: &str| -> String {
        let lines = (1..=2000).map(|number| format!("{label}{number}{end}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    assert_eq!(output.stdout, lines("o", " [hushed:SECRET]"));
    assert_eq!(output.stderr, lines("e", ""));
    let text = format!("exec 2>&1; {text}");
    let merged = (1..=2000).map(|n| format!("o{n} [hushed:SECRET]\ne{n}\n"));
    let output = script(&sandbox(), &["--redact"], &text).run().success();
    assert_eq!(output.stdout, merged.collect::<Vec<_>>().concat());
}

#[test]
fn binary_output_passes_unchanged() {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    let noise: Vec<u8> = (0..300_000).map(|_| noise()).collect();
    for bytes in [all.clone(), noise, b"\xff\xfe\x80".to_vec(), vec![0; 70_000]] {
        let sandbox = sandbox().file("data", &bytes);
        let output = script(&sandbox, &["--redact"], "cat data").run().success();
        assert!(output.bytes == bytes, "{} bytes of {}", output.bytes.len(), bytes.len());
    }
    let around = [&all[..], SECRET.as_bytes(), &all].concat();
    let sandbox = sandbox().file("data", around);
    let output = script(&sandbox, &["--redact"], "cat data").run().success();
    assert_eq!(output.bytes, [&all[..], b"[hushed:SECRET]", &all].concat());
}

#[test]
fn memory_is_bounded_without_a_line_ending() {
    const LENGTH: usize = 64 << 20;
    let sandbox = sandbox();
    let text =
        format!("head -c {LENGTH} /dev/zero | tr '\\0' c; grep VmHWM /proc/$PPID/status >&2");
    let mut running = script(&sandbox, &["--redact"], &text).spawn();
    let mut stdout = running.child().stdout.take().unwrap();
    let (mut chunk, mut length) = (vec![0; 1 << 16], 0);
    loop {
        let count = stdout.read(&mut chunk).unwrap();
        if count == 0 {
            break;
        }
        length += count;
        assert!(chunk[..count].iter().all(|byte| *byte == b'c'));
    }
    assert_eq!(length, LENGTH);
    let output = running.wait().success();
    let peak = output.stderr.split_whitespace().nth(1).and_then(|text| text.parse().ok());
    assert!(peak.is_some_and(|peak: u64| peak < MOST_MEMORY), "{}", output.stderr);
}

#[test]
fn the_command_gets_sigpipe_if_the_reader_leaves() {
    let text = "\"$0\" run --redact --env-file app.env -- yes | head -n 1; echo ${PIPESTATUS[0]}";
    let hushed = hushed().to_string_lossy().into_owned();
    let sandbox = sandbox();
    let line = ["--default-signal", "bash", "-c", text, &hushed];
    let output = sandbox.program("env", line).run().success();
    assert_eq!(output.stdout, "y\n141\n");
    assert_eq!(output.stderr, "");
}

#[test]
fn a_background_process_does_not_delay_the_end() {
    let sandbox = sandbox();
    let gate = gate(&sandbox);
    let text = "{ read x <gate; } & echo $SECRET; exit 7";
    let output = script(&sandbox, &["--redact"], text).run().fails_with(7);
    assert_eq!(output.stdout, "[hushed:SECRET]\n");
    open(&gate);
}

#[test]
fn the_command_reads_the_standard_input() {
    let sandbox = sandbox();
    let run = script(&sandbox, &["--redact"], "read x; echo \"$x $SECRET\"; cat").stdin("a\nb\nc");
    assert_eq!(run.run().success().stdout, "a [hushed:SECRET]\nb\nc");
}

#[test]
fn a_closed_stream_stays_closed() {
    let sandbox = sandbox();
    let hushed = hushed().to_string_lossy().into_owned();
    let command =
        "\"$0\" run --redact --env-file app.env -- sh -c 'ls /proc/self/fd | tr \"\\n\" \" \"'";
    let direct = sandbox.program("sh", ["-c", "ls /proc/self/fd 2>&- | tr \"\\n\" \" \" "]).run();
    let line = ["-c".to_owned(), format!("{command} 2>&-"), hushed];
    assert_eq!(sandbox.program("sh", line).run().stdout, direct.stdout);
}

#[test]
fn the_command_receives_forwarded_signals() {
    let sandbox = sandbox();
    let grep = ["grep", "-E", "^Sig(Blk|Ign)|^ShdPnd", "/proc/self/status"];
    let hushed = hushed().to_string_lossy().into_owned();
    for flags in [
        &["--default-signal"][..],
        &["--default-signal", "--ignore-signal=PIPE,INT,TERM"],
        &["--default-signal", "--block-signal=USR1,HUP,CHLD"],
        &["--default-signal", "--ignore-signal=QUIT,TSTP,TTOU", "--block-signal=TERM"],
    ] {
        let env = |line: &[&str]| {
            let line = flags.iter().chain(line).chain(&grep).copied();
            sandbox.program("env", line).run().success().stdout
        };
        let direct = env(&[]);
        for mode in ["--redact", "--init"] {
            let through = env(&[&hushed, "run", mode, "--env-file", "app.env", "--"]);
            assert_eq!(through, direct, "{mode} {flags:?}");
        }
    }
}

#[test]
fn a_blocked_stream_does_not_block_the_other() {
    // More than any pipe holds on both at once.
    let text = "head -c 300000 /dev/zero >&2 & head -c 300000 /dev/zero; wait; echo $SECRET";
    let seen = script(&sandbox(), &["--redact"], text).run().success();
    assert_eq!((seen.bytes.len(), seen.stderr.len()), (300_016, 300_000));
}
