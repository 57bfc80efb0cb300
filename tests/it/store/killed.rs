//! hushed is killed in the middle of a change: a store is then as it was before or after, and the next change
//! succeeds. `HUSHED_KILLS` is how often each is tried.

use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Instant;

use crate::support::sandbox::Sandbox;

/// The number of secrets that one import changes.
const NAMES: usize = 20;

fn kills() -> u32 {
    let named = std::env::var("HUSHED_KILLS").ok();
    named.map_or(20, |text| text.parse().expect("HUSHED_KILLS is a number"))
}

fn start(sandbox: &Sandbox, line: &[&str]) -> Child {
    let mut command = sandbox.command(line).prepared();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Two files to import, with one value for all names in each.
fn sandbox(config: &str) -> Sandbox {
    let file = |value: &str| {
        let pair = |number| format!("\"NAME_{number}\": \"canary {value}\"");
        format!("{{{}}}", (0..NAMES).map(pair).collect::<Vec<_>>().join(", "))
    };
    let sandbox = Sandbox::new().file("hushed.toml", config).permits(".env");
    sandbox.permits("..env.hushed-new").file("0.json", file("0")).file("1.json", file("1"))
}

fn values(sandbox: &Sandbox) -> Vec<String> {
    let line = ["secrets", "list", "--reveal"];
    let output = sandbox.command(line).reveals().run().success();
    let mut values: Vec<String> =
        output.stdout.lines().map(|line| line.split_once('=').unwrap().1.to_owned()).collect();
    assert_eq!(values.len(), NAMES, "a secret is lost");
    values.dedup();
    values
}

fn import(number: u32) -> [String; 5] {
    let file = format!("{}.json", number % 2);
    ["secrets", "import", &file, "--on-conflict", "replace"].map(str::to_owned)
}

fn kill_imports(config: &str, hidden: &str) {
    let sandbox = sandbox(config);
    let run = |number| {
        let line = import(number);
        sandbox.run(&line).success();
    };
    run(0);
    let began = Instant::now();
    run(1);
    let (whole, count) = (began.elapsed(), kills());
    let mut killed = 0;
    for number in 0..count {
        let line = import(number);
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let mut child = start(&sandbox, &line);
        // The moment of the kill is what is tried here: it moves through the whole run.
        sleep(whole * number / count);
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let found = values(&sandbox);
        assert!(
            ["canary 0", "canary 1"].iter().any(|whole| found == [*whole]),
            "kill {number}: {found:?}"
        );
    }
    assert!(killed > 0, "no kill came before the end");
    // What stays the same is not written.
    run(1);
    run(0);
    assert_eq!(values(&sandbox), ["canary 0"]);
    assert!(!fs::exists(sandbox.project().join(hidden)).unwrap(), "the next writer cleans up");
}

#[test]
fn a_killed_import_leaves_the_old_or_the_new_local_store() {
    kill_imports("[source.a]\ntype = \"local\"\nfile = \"store\"\n", ".store.hushed-new");
}

#[test]
fn a_killed_import_leaves_the_old_or_the_new_dotenv_file() {
    kill_imports("[source.a]\ntype = \"dotenv\"\nfile = \".env\"\n", "..env.hushed-new");
}
