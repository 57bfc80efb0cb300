//! `secrets list` and `secrets get`: values only where they are asked for. Must not change a store.

use serde_json::{Value, json};

use super::sandbox;
use crate::support::sandbox::Sandbox;

#[test]
fn a_list_has_names_and_places_and_values_only_when_revealed() {
    let sandbox = Sandbox::new().file("a.env", "A='canary \\\nx\ty'\nLONGER=\"canary é\"\n");
    let list = ["secrets", "list", "--env-file", "a.env"];
    let output = sandbox.run(list).success();
    assert_eq!(output.stdout, "A       `a.env` (a.env:1)\nLONGER  `a.env` (a.env:3)\n");
    let output = sandbox.command([&list[..], &["--reveal"]].concat()).reveals().run().success();
    assert_eq!(output.stdout, "A=canary \\\\\\nx\\ty\nLONGER=canary é\n");
    let output = sandbox.run([&list[..], &["--json"]].concat()).success();
    let said: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        said[1],
        json!({ "name": "LONGER", "source": "a.env", "place": "a.env:3", "version": null })
    );
    let output = sandbox.command([&list[..], &["--json", "--reveal"]].concat()).reveals().run();
    let said: Value = serde_json::from_str(&output.success().stdout).unwrap();
    assert_eq!(said[0]["value"], json!("canary \\\nx\ty"));
}

#[test]
fn get_prints_the_bare_value_of_the_one_that_wins() {
    let get = |flags: &[&str]| {
        let line = [&["secrets", "get"], flags].concat();
        sandbox().command(line).reveals().run().success().stdout
    };
    assert_eq!(get(&["BOTH"]), "canary two!");
    assert_eq!(get(&["BOTH", "--source", "local"]), "canary again");
    assert_eq!(get(&["BOTH", "--source=two", "--source=one"]), "canary one");
}

#[test]
fn get_of_nothing_has_the_code_1_and_prints_nothing() {
    let output = sandbox().run(["secrets", "get", "BOHT"]).fails_with(1);
    assert_eq!(output.stdout, "");
    let want =
        "hushed: no secret `BOHT` in `local` or `one` or `two`\n  hint: did you mean `BOTH`?\n";
    assert_eq!(output.stderr, want);
    sandbox().run(["secrets", "get"]).fails_with(2);
}

#[test]
fn a_value_that_is_no_text_is_not_changed_silently_in_json() {
    let sandbox = Sandbox::new();
    sandbox.command(["secrets", "set", "B"]).stdin(*b"canary\xff").run().success();
    let output = sandbox.run(["secrets", "list", "--json", "--reveal"]).fails_with(65);
    assert!(output.stderr.contains("cannot carry bytes"), "{}", output.stderr);
    assert!(output.stderr.contains("`B`"), "{}", output.stderr);
}
