//! What redaction costs the bytes that pass, and supervision a start: `cargo bench --bench relay`, or
//! with `-- --quick`. It prints ratios against our own relay without redaction, filters that work by
//! lines, and `cat`, and fails on none.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so at once, starts processes and prints figures"
)]

#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/binary.rs"]
mod binary;
mod lines;
#[path = "../ratios/memory.rs"]
mod memory;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/round.rs"]
mod round;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/target.rs"]
mod target;
#[path = "../text/mod.rs"]
mod text;

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use round::{Contestant, Race};

/// How much is measured.
struct Extent {
    /// How many bytes pass in one measurement.
    size: usize,
    /// How often they do: many short times, of which some are undisturbed.
    rounds: usize,
    /// How many lines go there and back.
    lines: usize,
    /// How many bytes without a line ending.
    unbroken: usize,
    /// How often the command is started.
    starts: usize,
}

const FULL: Extent =
    Extent { size: 64 << 20, rounds: 25, lines: 3000, unbroken: 1 << 30, starts: 200 };
const QUICK: Extent =
    Extent { size: 32 << 20, rounds: 10, lines: 500, unbroken: 256 << 20, starts: 40 };
/// So much less passes through a filter that works by lines.
const SLOWER: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((_, command)) = arguments.split_first().filter(|(first, _)| *first == memory::CHILD)
    {
        return memory::child(command);
    }
    if let [lines::CHILD, file] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return lines::filter(file);
    }
    let extent = if arguments.iter().any(|argument| argument == "--quick") { QUICK } else { FULL };
    let binaries = binary::find();
    let hushed = &binaries.dynamic;
    let folder = tempfile::tempdir().unwrap();
    let file = |count: usize| {
        let path = folder.path().join(format!("{count}.env"));
        let lines = text::values(count).into_iter().enumerate().map(|(number, value)| {
            format!("SECRET_{number}='{}'\n", String::from_utf8(value).unwrap())
        });
        fs::write(&path, lines.collect::<Vec<_>>().concat()).unwrap();
        path
    };
    throughput(hushed, [&file(50), &file(200), &file(1000)], &extent);
    round_trips(hushed, &file(50), &extent);
    unbroken(hushed, &file(50), &extent);
    start(hushed, &file(50), &extent);
}

fn filter(hushed: &Path, env_file: Option<&Path>) -> Command {
    let mut command = Command::new(hushed);
    command.arg("redact").env("SHORT", "x").stderr(Stdio::null());
    match env_file {
        Some(path) => command.arg("--env-file").arg(path),
        // A value that is too short leaves nothing to look for: the relay alone.
        None => command.args(["--redact-also", "SHORT"]),
    };
    command
}

fn sed(env_file: &Path) -> Command {
    let mut script = String::new();
    for (value, label) in lines::replacements(env_file) {
        let escape = |sign| if "/*.$^[]\\".contains(sign) { vec!['\\', sign] } else { vec![sign] };
        let value: String = value.chars().flat_map(escape).collect();
        writeln!(script, "s/{value}/{label}/g").unwrap();
    }
    let mut command = Command::new("sed");
    command.args(["-u", "-e", &script]);
    command
}

fn line_loop(env_file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(lines::CHILD).arg(env_file);
    command
}

/// Seconds for so many bytes of log-like text through a filter, pipe to pipe, once a first line has shown
/// that it is ready.
fn through(mut command: Command, text: &Arc<[u8]>, size: usize) -> f64 {
    let (text, mut buffer) = (Arc::clone(text), vec![0; 1 << 16]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    to.write_all(b"ready\n").unwrap();
    from.read_exact(&mut buffer[..6]).unwrap();
    let begin = Instant::now();
    let writer = thread::spawn(move || {
        for block in text.chunks_exact(1 << 16).cycle().take(size >> 16) {
            to.write_all(block).unwrap();
        }
    });
    while from.read(&mut buffer).unwrap() > 0 {}
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    begin.elapsed().as_secs_f64()
}

fn throughput(hushed: &Path, [few, many, most]: [&Path; 3], extent: &Extent) {
    let Extent { size, rounds, .. } = *extent;
    println!("\npipe to pipe, log-like text, {} MiB, best of {rounds}", size >> 20);
    let contestants: [(&str, &dyn Fn() -> Command, usize); 6] = [
        ("relay alone", &|| filter(hushed, None), size),
        ("50 secrets", &|| filter(hushed, Some(few)), size),
        ("200 secrets", &|| filter(hushed, Some(many)), size),
        ("1,000 secrets", &|| filter(hushed, Some(most)), size),
        ("sed -u, 50 secrets", &|| sed(few), size / SLOWER / 4),
        ("a loop of lines, 50 secrets", &|| line_loop(few), size / SLOWER),
    ];
    let text: Arc<[u8]> = text::log(&text::values(50), 1 << 20).into();
    let mut rates = [0.0_f64; 6];
    for _ in 0..rounds {
        for (rate, (_, command, size)) in rates.iter_mut().zip(&contestants) {
            let megabytes = f64::from(u32::try_from(*size >> 10).unwrap()) / 976.56;
            *rate = rate.max(megabytes / through(command(), &text, *size));
        }
    }
    for (rate, (name, ..)) in rates.iter().zip(&contestants) {
        println!("  {name:<28} {rate:>8.0} MB/s, {:>5.1} % of the relay", rate / rates[0] * 100.0);
    }
    for (index, limit) in [(1, 90.0), (2, 75.0), (3, 60.0)] {
        let share = rates[index] / rates[0] * 100.0;
        let what = format!("{} × encodings, of the relay's rate", contestants[index].0);
        target::at_least(limit, &what, share, "%");
    }
    for (index, what) in [(4, "sed -u"), (5, "a loop of lines")] {
        target::at_least(10.0, &format!("times as fast as {what}"), rates[1] / rates[index], "x");
    }
}

/// The middle time that a line takes there and back, in microseconds.
fn round_trip(mut command: Command, lines: usize) -> f64 {
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let line = b"2026-11-22T02:31:07.482Z INFO request handled status=200\n";
    let mut answer = vec![0; line.len()];
    let mut times: Vec<Duration> = Vec::with_capacity(lines);
    for _ in 0..lines {
        let begin = Instant::now();
        to.write_all(line).unwrap();
        from.read_exact(&mut answer).unwrap();
        times.push(begin.elapsed());
    }
    drop(to);
    child.wait().unwrap();
    times.sort_unstable();
    times[lines / 2].as_secs_f64() * 1e6
}

fn round_trips(hushed: &Path, few: &Path, extent: &Extent) {
    let lines = extent.lines;
    let cat = round_trip(Command::new("cat"), lines);
    let ours = round_trip(filter(hushed, Some(few)), lines);
    println!(
        "\na line there and back, median of {lines}: cat {cat:.1} us, 50 secrets {ours:.1} us"
    );
    target::below(20.0, "what a line takes more than through cat", ours - cat, "us");
}

/// Text without a line ending: all of it comes out, and takes no more memory than its beginning.
fn unbroken(hushed: &Path, few: &Path, extent: &Extent) {
    let length = extent.unbroken;
    println!("\n{} MiB without a line ending", length >> 20);
    let script = format!("head -c {length} /dev/zero | tr '\\0' x");
    let mut run = Command::new(hushed);
    run.args(["run", "--redact", "--env-file"]).arg(few).args(["--", "sh", "-c", &script]);
    for (what, command) in [("under supervision", run), ("as a filter", filter(hushed, Some(few)))]
    {
        let growth = growth(command, length);
        target::below(1.0, &format!("growth after the fourth MiB, {what}"), growth, "MB");
    }
}

/// How many MB the memory of a program grows while all but the first 4 MiB pass through it.
fn growth(mut command: Command, length: usize) -> f64 {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let writer = thread::spawn(move || {
        // A command under supervision has its own input, and does not read ours.
        let block = vec![b'x'; 1 << 16];
        (0..length >> 16).all(|_| to.write_all(&block).is_ok())
    });
    let (mut block, mut passed, mut marks) = (vec![0; 1 << 16], 0, Vec::new());
    loop {
        let count = from.read(&mut block).unwrap();
        if count == 0 {
            break;
        }
        assert!(block[..count].iter().all(|byte| *byte == b'x'));
        passed += count;
        // More than all pipes hold is still to come, so it is still there.
        for at in [4 << 20, length - (4 << 20)] {
            if (passed - count..passed).contains(&at) {
                marks.push(memory::mark(child.id()));
            }
        }
    }
    assert_eq!(passed, length);
    assert!(child.wait().unwrap().success());
    writer.join().unwrap();
    marks[1] - marks[0]
}

fn start(hushed: &Path, few: &Path, extent: &Extent) {
    let run = |flag: &str| {
        let mut command = Command::new(hushed);
        command.arg("run").arg(flag).arg("--env-file").arg(few).args(["--", "true"]);
        command
    };
    let contestants = vec![
        Contestant::new("exec", run("--redact=false")),
        Contestant::new("supervised", run("--redact")),
    ];
    let race = Race::run("50 secrets, `-- true`", extent.starts, contestants);
    target::at_most(1.4, &race, "supervised", "exec");
    let (median, least) = race.difference("supervised", "exec").unwrap();
    target::below(1.5, "what supervision adds to a start, median", median, "ms");
    println!("  of the minima {least:.2} ms");
    let (exec, supervised) = (memory::peak(&run("--redact=false")), memory::peak(&run("--redact")));
    println!("  memory: exec {exec:.2} MB, supervised {supervised:.2} MB");
    target::below(6.0, "what supervision adds to the peak", supervised - exec, "MB");
}
