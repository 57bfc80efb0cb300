//! What redaction costs the bytes that pass, and supervision a start: `cargo bench --bench relay`. It
//! prints ratios against our own relay without redaction, `sed -u` and `cat`, and fails on none.
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
#[path = "../ratios/memory.rs"]
mod memory;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/round.rs"]
mod round;
#[expect(dead_code, reason = "shared with the benchmark `ratios`, which uses all of it")]
#[path = "../ratios/target.rs"]
mod target;

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use round::{Contestant, Race};

/// How much passes in one measurement.
const SIZE: usize = 256 << 20;
const ROUNDS: usize = 5;
const LINES: usize = 3000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((_, command)) = arguments.split_first().filter(|(first, _)| *first == memory::CHILD)
    {
        return memory::child(command);
    }
    let binaries = binary::find();
    let hushed = &binaries.dynamic;
    let folder = tempfile::tempdir().unwrap();
    let file = |count: usize| {
        let path = folder.path().join(format!("{count}.env"));
        fs::write(&path, (0..count).map(secret).collect::<Vec<_>>().concat()).unwrap();
        path
    };
    throughput(hushed, &file(50), &file(200), &file(1000));
    lines(hushed, &file(50));
    start(hushed, &file(50));
}

fn secret(index: usize) -> String {
    let mixed = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("SECRET_{index}='canary{mixed:016x}{:08x}'\n", mixed >> 7)
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
    let text = fs::read_to_string(env_file).unwrap();
    let mut script = String::new();
    for line in text.lines() {
        let (name, value) = line.split_once('=').unwrap();
        let value = value.trim_matches('\'');
        writeln!(script, "s/{value}/[hushed:{name}]/g").unwrap();
    }
    let mut command = Command::new("sed");
    command.args(["-u", "-e", &script]);
    command
}

/// Seconds for so many bytes of log-like text through a filter, pipe to pipe.
fn through(mut command: Command, size: usize) -> f64 {
    let line =
        b"2026-11-22T02:31:07.482Z INFO request handled path=/api/v1/items status=200 took=3ms\n";
    let block = line.repeat((1 << 16) / line.len());
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let writer = thread::spawn(move || {
        for _ in 0..size / block.len() {
            to.write_all(&block).unwrap();
        }
    });
    let mut buffer = vec![0; 1 << 16];
    while from.read(&mut buffer).unwrap() > 0 {}
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    begin.elapsed().as_secs_f64()
}

fn throughput(hushed: &Path, few: &Path, many: &Path, most: &Path) {
    println!("\npipe to pipe, log-like text, {} MiB, best of {ROUNDS}", SIZE >> 20);
    let contestants: [(&str, &dyn Fn() -> Command, usize); 5] = [
        ("relay alone", &|| filter(hushed, None), SIZE),
        ("50 secrets", &|| filter(hushed, Some(few)), SIZE),
        ("200 secrets", &|| filter(hushed, Some(many)), SIZE),
        ("1,000 secrets", &|| filter(hushed, Some(most)), SIZE),
        ("sed -u, 50 secrets", &|| sed(few), SIZE / 256),
    ];
    let mut rates = [0.0_f64; 5];
    for _ in 0..ROUNDS {
        for (rate, (_, command, size)) in rates.iter_mut().zip(&contestants) {
            let megabytes = f64::from(u32::try_from(*size >> 10).unwrap()) / 976.56;
            *rate = rate.max(megabytes / through(command(), *size));
        }
    }
    for (rate, (name, ..)) in rates.iter().zip(&contestants) {
        println!("  {name:<20} {rate:>8.0} MB/s, {:>5.1} % of the relay", rate / rates[0] * 100.0);
    }
    for (index, limit) in [(1, 80.0), (2, 70.0), (3, 50.0)] {
        let share = rates[index] / rates[0] * 100.0;
        println!(
            "  target: {} at least {limit} %: {}",
            contestants[index].0,
            verdict(share >= limit)
        );
    }
    let times = rates[1] / rates[4];
    println!("  target: at least 10x sed -u: measured {times:.0}x: {}", verdict(times >= 10.0));
}

/// The middle time that a line takes there and back, in microseconds.
fn round_trip(mut command: Command) -> f64 {
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let line = b"2026-11-22T02:31:07.482Z INFO request handled status=200\n";
    let mut answer = vec![0; line.len()];
    let mut times: Vec<Duration> = Vec::with_capacity(LINES);
    for _ in 0..LINES {
        let begin = Instant::now();
        to.write_all(line).unwrap();
        from.read_exact(&mut answer).unwrap();
        times.push(begin.elapsed());
    }
    drop(to);
    child.wait().unwrap();
    times.sort_unstable();
    times[LINES / 2].as_secs_f64() * 1e6
}

fn lines(hushed: &Path, few: &Path) {
    let cat = round_trip(Command::new("cat"));
    let ours = round_trip(filter(hushed, Some(few)));
    println!(
        "\na line there and back, median of {LINES}: cat {cat:.1} us, 50 secrets {ours:.1} us"
    );
    target::below(20.0, "what a line takes more than through cat", ours - cat, "us");
}

fn start(hushed: &Path, few: &Path) {
    let run = |flag: &str| {
        let mut command = Command::new(hushed);
        command.arg("run").arg(flag).arg("--env-file").arg(few).args(["--", "true"]);
        command
    };
    let contestants = vec![
        Contestant::new("exec", run("--redact=false")),
        Contestant::new("supervised", run("--redact")),
    ];
    let race = Race::run("50 secrets, `-- true`", 200, contestants);
    target::informs(&race, "supervised", "exec");
    let (exec, supervised) = (memory::peak(&run("--redact=false")), memory::peak(&run("--redact")));
    println!("  memory: exec {exec:.2} MB, supervised {supervised:.2} MB");
    target::below(6.0, "what supervision adds to the peak", supervised - exec, "MB");
}

fn verdict(met: bool) -> &'static str {
    if met { "ok" } else { "NOT MET" }
}
