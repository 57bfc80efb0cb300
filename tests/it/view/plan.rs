//! `plan` and `why`: names, places, sizes and reasons, and no value. Must not run anything.

use serde_json::{Value, json};

use super::sandbox;
use crate::support::sandbox::Sandbox;

#[test]
fn a_plan_shows_what_a_run_would_do() {
    let sandbox = sandbox().env("ONE", "inherited").env("HUSHED_PASSPHRASE_FILE", "");
    let output = sandbox.run(["plan", "--exclude", "TWO", "--", "server"]).success();
    let project = sandbox.project();
    let want = format!(
        "2 variables from `local`, `one`, `two`:\n  \
           BOTH  `two` ({0}/two.env:2), 11 bytes, overrides 2 others, not redactable: neither its name nor its value looks secret\n  \
           ONE   `one` ({0}/one.env:2), 6 bytes, replaces the inherited value, not redactable: neither its name nor its value looks secret\n\
         left out: `TWO`\n\
         withheld from the command: `HUSHED_PASSPHRASE_FILE`\n\
         `server` would take hushed's place (exec): nothing needs supervision\n",
        project.display()
    );
    assert_eq!(output.stdout, want);
    assert_eq!(output.stderr, "");
}

#[test]
fn a_plan_that_would_not_start_says_so_by_its_code() {
    let sandbox = Sandbox::new().file("a.env", "PATH=/canary\nOK=canary\n");
    let output = sandbox.run(["plan", "--env-file=a.env", "--require=X"]).fails_with(1);
    for line in [
        "\n  PATH  `a.env` (a.env:1), 7 bytes, refused\n",
        "\nrefused: `PATH` from `a.env` (a.env:1) would set the reserved `PATH`",
        "\nrefused: `X` is required and no source has it\n  hint: ",
        "\nthe command would not be started\n",
    ] {
        assert!(output.stdout.contains(line), "{}", output.stdout);
    }
    sandbox.run(["run", "--env-file=a.env", "--require=X", "true"]).fails_with(125);
}

#[test]
fn a_plan_in_json_says_the_same() {
    let sandbox = sandbox().env("ONE", "inherited");
    let output = sandbox.run(["plan", "--json", "--preserve-env=ONE", "--exclude=TWO"]).success();
    let plan: Value = serde_json::from_str(&output.stdout).unwrap();
    let place = |file: &str| format!("{}/{file}", sandbox.project().display());
    assert_eq!(plan["sources"], json!(["local", "one", "two"]));
    assert_eq!(plan["left_out"], json!(["TWO"]));
    assert_eq!(plan["would_start"], json!(true));
    assert_eq!(plan["mode"], json!("exec"));
    let both = json!({
        "name": "BOTH", "secret": "BOTH", "source": "two", "place": place("two.env:2"), "version": null,
        "cached_seconds": null, "bytes": 11, "file_kind": null, "inherited": false, "inherited_wins": false, "path_in": null,
        "dropped_by_shells": [], "changed_by_shells": [],
        "redacted": false, "redaction_reason": "neither its name nor its value looks secret",
        "overridden": [
            { "source": "one", "place": place("one.env:1"), "version": null },
            { "source": "local", "place": "secrets.hushed", "version": 2 },
        ],
    });
    assert_eq!(plan["variables"][0], both);
    assert_eq!(plan["variables"][1]["inherited_wins"], json!(true));
    let output = sandbox.run(["plan", "--json", "--require=NONE"]).fails_with(1);
    let plan: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(plan["would_start"], json!(false));
    assert_eq!(plan["problems"][0]["variable"], json!("NONE"));
}

#[test]
fn why_shows_every_candidate_and_the_winner_first() {
    let sandbox = sandbox().env("BOTH", "inherited!!");
    let said = |flags: &[&str]| sandbox.run([&["why"], flags].concat()).success().stdout;
    let lines = |text: &str| {
        text.lines()
            .skip(1)
            .map(|line| {
                let (place, rest) = line.trim().split_once("  [").unwrap();
                let (notes, fate) = rest.split_once("]  ").unwrap();
                (
                    place.replace(&format!("{}/", sandbox.project().display()), ""),
                    notes.to_owned(),
                    fate.to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    let of = |place: &str, notes: &str, fate: &str| {
        (place.to_owned(), notes.to_owned(), fate.to_owned())
    };
    assert_eq!(
        lines(&said(&["BOTH"])),
        [
            of("`two` (two.env:2)", "11 bytes", "wins: the last source that has it"),
            of("`one` (one.env:1)", "10 bytes", "overridden by one above"),
            of("`local` (secrets.hushed)", "12 bytes, version 2", "overridden by one above"),
            of("the inherited environment", "11 bytes", "overridden by the source above"),
        ]
    );
    let preserved = lines(&said(&["BOTH", "--preserve-env"]));
    assert_eq!(preserved[0], of("the inherited environment", "11 bytes", "wins: --preserve-env"));
    assert_eq!(preserved[1].2, "overridden by the inherited value");
    let renamed = lines(&said(&["URL", "--rename", "ONE=URL"]));
    assert_eq!(
        renamed,
        [of(
            "`one` (one.env:2)",
            "6 bytes, named `ONE` there",
            "wins: the last source that has it"
        )]
    );
    assert_eq!(lines(&said(&["TWO", "--exclude", "T*"]))[0].2, "left out: --only or --exclude");
    assert_eq!(lines(&said(&["PATH"]))[0].2, "wins: no source has it");
    assert_eq!(lines(&said(&["PATH", "--clean-env"]))[0].2, "not passed on: --clean-env");
    let cleaned = lines(&said(&["BOTH", "--clean-env"]));
    assert_eq!(cleaned[3].2, "not passed on: --clean-env");
}

#[test]
fn why_of_nothing_has_the_code_1_and_the_nearest_name() {
    let output = sandbox().run(["why", "BOTHH"]).fails_with(1);
    let want = "hushed: no secret `BOTHH` in `local` or `one` or `two` or the inherited environment\n  hint: did you mean `BOTH`?\n";
    assert_eq!(output.stderr, want);
    let output = sandbox().run(["why", "ONE", "--json"]).success();
    let said: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&said[0]["bytes"], &said[0]["secret"]), (&json!(6), &json!("ONE")));
}
