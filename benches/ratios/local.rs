//! The local store and dotenv files, against `env`, an earlier build, and `dotenv run` of python-dotenv.

use std::path::Path;

use super::{
    binary::Binaries,
    files::Home,
    round::{Contestant, Race, Rounds},
    target,
};

const SECRETS: usize = 50;

pub(crate) fn measure(binaries: &Binaries, rounds: Rounds) {
    let home = Home::new();
    let file = home.dotenv("dotenv", SECRETS);
    home.store(&binaries.dynamic, "store", SECRETS);

    let run = |name, hushed: &Path, directory, flags: &[&str]| {
        let mut command = home.command(hushed, directory);
        command.arg("run").args(flags).args(["--", "true"]);
        Contestant::new(name, command)
    };
    let mut env = home.command("/usr/bin/env", "store");
    env.args(["X=1", "true"]);
    let mut contestants = vec![
        Contestant::new("true", home.command("true", "store")),
        Contestant::new("env X=1 true", env),
        run("local store", &binaries.dynamic, "store", &[]),
        run("dotenv", &binaries.dynamic, "dotenv", &["--env-file", ".env"]),
    ];
    if let Some(fixed) = &binaries.fixed {
        contestants.push(run("local store, static", fixed, "store", &[]));
        contestants.push(run("dotenv, static", fixed, "dotenv", &["--env-file", ".env"]));
    }
    if let Some(earlier) = &binaries.earlier {
        home.store(earlier, "earlier", SECRETS);
        contestants.push(run("local store, earlier", earlier, "earlier", &[]));
        contestants.push(run("dotenv, earlier", earlier, "dotenv", &["--env-file", ".env"]));
    }
    let race = Race::run("`-- true` with 50 secrets on disk", rounds.quick, contestants);
    target::at_most(1.5, &race, "local store", "env X=1 true");
    target::at_most(1.5, &race, "dotenv", "env X=1 true");
    target::at_most(1.1, &race, "local store, static", "env X=1 true");
    target::at_most(1.1, &race, "dotenv, static", "env X=1 true");
    target::at_most(1.08, &race, "local store", "local store, earlier");
    target::at_most(1.08, &race, "dotenv", "dotenv, earlier");

    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/dotenv");
    if !python.exists() {
        println!(
            "  skipped: no python-dotenv in target/python (`pip install 'python-dotenv[cli]'`)"
        );
        return;
    }
    let mut peer = home.command(python, "dotenv");
    peer.arg("-f").arg(file).args(["run", "--", "true"]);
    let contestants = vec![
        run("dotenv", &binaries.dynamic, "dotenv", &["--env-file", ".env"]),
        Contestant::new("python-dotenv run", peer),
    ];
    let race = Race::run("the same file by another program", rounds.slow, contestants);
    target::informs(&race, "dotenv", "python-dotenv run");
}
