//! `hushed scan` of a tree, in all written forms, against `git grep` for the plain values alone.

use std::fs;

use super::{
    binary::Binaries,
    files::Home,
    round::{Contestant, Race, Rounds},
    target, text,
};

const SECRETS: usize = 100;
const FILES: usize = 2_000;
const FILE_SIZE: usize = 32 << 10;

pub(crate) fn measure(binaries: &Binaries, rounds: Rounds) {
    let home = Home::new();
    let values = text::values(SECRETS);
    let values: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value)).collect();
    let line = |(number, value)| format!("SECRET_{number}='{value}'\n");
    let dotenv = home.directory("secrets").join(".env");
    fs::write(&dotenv, values.iter().enumerate().map(line).collect::<String>()).unwrap();
    let patterns = home.directory("secrets").join("patterns");
    fs::write(&patterns, values.join("\n") + "\n").unwrap();
    let tree = home.directory("tree");
    // Only the text of the log, without a value.
    let log = text::log(&[Vec::new()], FILE_SIZE);
    for number in 0..FILES {
        fs::write(tree.join(number.to_string()), &log).unwrap();
    }

    let mut scan = home.command(&binaries.dynamic, "tree");
    scan.args(["scan", "--no-git", "--env-file"]).arg(dotenv);
    // Nothing is found, which is status 1.
    let mut grep = home.command("sh", "tree");
    grep.args(["-c", "! git grep --no-index -F -f \"$1\"", "sh"]).arg(patterns);
    let contestants = vec![Contestant::new("scan", scan), Contestant::new("git grep -F", grep)];
    let race = Race::run("100 secrets in 64 MB of files", rounds.slow, contestants);
    target::at_most(2.0, &race, "scan", "git grep -F");
}
