//! Measuring: contestants take turns, so that whatever else the machine does meets all of them alike.
//! It judges nothing.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How often to measure.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    /// What is over in a moment.
    pub(crate) quick: usize,
    /// What is not.
    pub(crate) slow: usize,
}

/// A command under a name.
pub(crate) struct Contestant {
    name: &'static str,
    command: Command,
    times: Vec<Duration>,
}

/// What a race showed.
pub(crate) struct Race(Vec<Contestant>);

/// One contestant's times divided by another's.
pub(crate) struct Ratio {
    /// The median of the ratios of each round.
    pub(crate) median: f64,
    /// The ratio of the shortest times.
    pub(crate) least: f64,
}

impl Contestant {
    /// Names a command. It gets no input, and what it prints to stdout is thrown away.
    pub(crate) fn new(name: &'static str, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self { name, command, times: Vec::new() }
    }

    fn run(&mut self) -> Duration {
        let start = Instant::now();
        let status = self.command.status().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let time = start.elapsed();
        assert!(status.success(), "{}: {status}", self.name);
        time
    }

    fn sorted(&self) -> Vec<Duration> {
        let mut times = self.times.clone();
        times.sort_unstable();
        times
    }
}

impl Race {
    /// Lets all run in turn, once for nothing and then `rounds` times, and prints their times.
    pub(crate) fn run(title: &str, rounds: usize, mut contestants: Vec<Contestant>) -> Self {
        for contestant in &mut contestants {
            contestant.run();
        }
        for _ in 0..rounds {
            for contestant in &mut contestants {
                let time = contestant.run();
                contestant.times.push(time);
            }
        }
        println!("\n{title} ({rounds} rounds)");
        println!("  {:<34} {:>9} {:>9} {:>9}", "", "min", "p10", "median");
        for contestant in &contestants {
            let times = contestant.sorted();
            let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
            let (name, min, p10, median) = (contestant.name, at(0), at(10), at(50));
            println!("  {name:<34} {min:>6.2} ms {p10:>6.2} ms {median:>6.2} ms");
        }
        Self(contestants)
    }

    /// How many milliseconds longer than another one takes: the median round by round, and the
    /// difference of the shortest times. `None` if one of them did not take part.
    pub(crate) fn difference(&self, name: &str, than: &str) -> Option<(f64, f64)> {
        let find = |name: &str| self.0.iter().find(|contestant| contestant.name == name);
        let (one, other) = (find(name)?, find(than)?);
        let less = |a: &Duration, b: &Duration| (a.as_secs_f64() - b.as_secs_f64()) * 1e3;
        let mut all: Vec<f64> =
            one.times.iter().zip(&other.times).map(|(a, b)| less(a, b)).collect();
        all.sort_unstable_by(f64::total_cmp);
        Some((all[all.len() / 2], less(&one.sorted()[0], &other.sorted()[0])))
    }

    /// The slowest of these by its median.
    pub(crate) fn slowest<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        let median = |name: &str| {
            let found = self.0.iter().find(|contestant| contestant.name == name)?;
            Some(found.sorted()[found.times.len() / 2])
        };
        names.iter().copied().max_by_key(|name| median(name))
    }

    /// Divides; `None` if one of them did not take part.
    pub(crate) fn ratio(&self, name: &str, by: &str) -> Option<Ratio> {
        let find = |name: &str| self.0.iter().find(|contestant| contestant.name == name);
        let (one, other) = (find(name)?, find(by)?);
        let seconds = |time: &Duration| time.as_secs_f64();
        let pairs = one.times.iter().zip(&other.times);
        let mut ratios: Vec<f64> = pairs.map(|(a, b)| seconds(a) / seconds(b)).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let least = one.sorted()[0].as_secs_f64() / other.sorted()[0].as_secs_f64();
        Some(Ratio { median: ratios[ratios.len() / 2], least })
    }
}
