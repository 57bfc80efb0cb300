//! Whose value wins, for every combination of a store or a dotenv file, a file of `--env-file`, an
//! inherited variable and `override`.

use crate::environment::{env, pairs, variables};
use crate::support::sandbox::Sandbox;

/// Where the variable is set, and what `override` is for the source.
#[derive(Clone, Copy, Debug)]
struct Case {
    source: Option<Option<bool>>,
    env_file: bool,
    inherited: bool,
}

/// The rule, in other words: the last that has the name wins over the others, and its `override` decides
/// against the inherited value.
fn winner(case: Case, default: bool) -> Option<&'static str> {
    let file = match (case.env_file, case.source) {
        (true, _) => Some(("env file", false)),
        (false, Some(setting)) => Some(("source", setting.unwrap_or(default))),
        (false, None) => None,
    };
    match (file, case.inherited) {
        (Some((value, true)), _) | (Some((value, false)), false) => Some(value),
        (_, true) => Some("inherited"),
        (None, false) => None,
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let sources = [None, Some(None), Some(Some(true)), Some(Some(false))];
    sources.into_iter().flat_map(|source| {
        [(true, true), (true, false), (false, true), (false, false)]
            .map(|(env_file, inherited)| Case { source, env_file, inherited })
    })
}

fn check(case: Case, default: bool, table: &str, prepare: impl Fn(Sandbox, bool) -> Sandbox) {
    let setting = case.source.flatten().map_or(String::new(), |on| format!("override = {on}\n"));
    let mut sandbox = Sandbox::new()
        .file("hushed.toml", &format!("[source.first]\n{table}{setting}"))
        .file("last.env", if case.env_file { "A='env file'\nB=1\n" } else { "B=1\n" });
    sandbox = prepare(sandbox, case.source.is_some());
    if case.inherited {
        sandbox = sandbox.env("A", "inherited");
    }
    let got = variables(env(&sandbox, &["--env-file", "last.env"]));
    let got = pairs(&got).into_iter().find(|(name, _)| *name == "A").map(|(_, value)| value);
    assert_eq!(got, winner(case, default), "{case:?}");
}

#[test]
fn the_winner_decides_against_the_inherited_value_for_dotenv_sources() {
    for case in cases() {
        check(case, false, "type = \"dotenv\"\nfile = \"first.env\"\n", |sandbox, has| {
            sandbox.file("first.env", if has { "A=source\n" } else { "C=1\n" })
        });
    }
}

#[test]
fn the_winner_decides_against_the_inherited_value_for_stores() {
    for case in cases() {
        check(case, true, "type = \"local\"\n", |sandbox, has| {
            let name = if has { "A" } else { "C" };
            sandbox.command(["secrets", "set", name]).stdin("source").run().success();
            sandbox
        });
    }
}

#[test]
fn preserve_env_wins_over_override() {
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\noverride = true\n")
        .file("a.env", "A=file\n")
        .env("A", "inherited");
    let value = |flags: &[&str]| variables(env(&sandbox, flags)).pop().unwrap().1;
    assert_eq!(value(&[]), "file");
    assert_eq!(value(&["--preserve-env=A"]), "inherited");
    assert_eq!(value(&["--set", "a.override=false"]), "inherited");
}

#[test]
fn plan_and_why_say_why_the_inherited_value_wins() {
    let sandbox = Sandbox::new().file("a.env", "A=file\n").env("A", "inherited");
    let plan = sandbox.command(["plan", "--env-file", "a.env"]).run();
    assert!(plan.stdout.contains("inherited value wins"), "{}", plan.stdout);
    let why = sandbox.command(["why", "A", "--env-file", "a.env"]).run();
    assert!(why.stdout.contains("override"), "{}", why.stdout);
}
