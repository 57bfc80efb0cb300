//! The settings of redaction, by flag, variable and key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{sandbox, script};
use crate::support::sandbox::Sandbox;

/// Says one thing in each of the three ways; gives what the script writes, the same each time.
fn each_way(
    prepare: impl Fn() -> Sandbox,
    (flag, values): (&str, &[&str]),
    text: &str,
    reveals: bool,
) -> String {
    let (key, joined) = (flag.trim_start_matches("--"), values.join(","));
    let variable = format!("HUSHED_{}", key.replace('-', "_").to_uppercase());
    let lists = ["no-redact", "redact-name", "redact-value-of", "redact-encodings"].contains(&key);
    let items = if lists { format!("{values:?}") } else { format!("{joined:?}") };
    let config = format!("[run]\nredact = true\n{key} = {items}\n");
    let flags: Vec<&str> = values.iter().flat_map(|value| [flag, value]).collect();
    let flags: Vec<&str> = ["--redact"].into_iter().chain(flags).collect();
    let outputs = [
        (prepare(), flags),
        (prepare().env(variable, joined), vec!["--redact"]),
        (prepare().file("hushed.toml", config), vec![]),
    ];
    let written = outputs.map(|(sandbox, flags)| {
        let run = script(&sandbox, &flags, text);
        let output = if reveals { run.reveals().run() } else { run.run() };
        let output = output.success();
        output.stdout + &output.stderr
    });
    assert!(written.iter().all(|it| *it == written[0]), "{flag}: {written:?}");
    written[0].clone()
}

#[test]
fn each_setting_has_a_flag_a_variable_and_a_key() {
    let two = || sandbox().file("app.env", "SECRET=canary-one\nPASSWORD=canary-two\nPIN=abcd\n");
    let text = "echo $SECRET $PASSWORD $PIN";
    let seen = each_way(two, ("--no-redact", &["PASSWORD", "PIN"]), text, true);
    assert_eq!(seen, "[hushed:SECRET] canary-two abcd\n");
    let seen = each_way(two, ("--redact-min", &["4"]), text, false);
    assert_eq!(seen, "[hushed:SECRET] [hushed:PASSWORD] [hushed:PIN]\n");
    let seen = each_way(two, ("--redact-label", &["***"]), text, false);
    assert_eq!(seen, "*** *** abcd\n");
    let base64 = "printf %s $SECRET | base64; printf %s $SECRET | xxd -p";
    let seen = each_way(sandbox, ("--redact-encodings", &["hex"]), base64, true);
    assert_eq!(seen, "Y2FuYXJ5LW9uZQ==\n[hushed:SECRET]\n");
    let seen = each_way(sandbox, ("--redact-encodings", &["raw", "base64"]), base64, false);
    assert_eq!(seen, "[hushed:SECRET]Q==\n63616e6172792d6f6e65\n");
    let also = || sandbox().env("TOKEN", "canary-two").file("my.key", "canary-three\n");
    let text = "echo $SECRET $TOKEN; cat my.key";
    let seen = each_way(also, ("--redact-value-of", &["TOKEN", "./my.key"]), text, false);
    assert_eq!(seen, "[hushed:SECRET] [hushed:TOKEN]\n[hushed:my.key]\n");
}

#[test]
fn a_relative_path_is_resolved_from_its_configuration_file() {
    let config = "[run]\nredact = true\nredact-also = [\"./my.key\"]\n[source.a]\ntype = \"dotenv\"\nfile = \"app.env\"\n";
    let sandbox = sandbox().file("my.key", "canary-two\n").file("hushed.toml", config);
    fs::create_dir(sandbox.project().join("below")).unwrap();
    let text = "cd below && exec \"$0\" run --config ../hushed.toml -- cat ../my.key";
    let hushed = crate::support::sandbox::hushed().to_string_lossy().into_owned();
    let output = sandbox.program("sh", ["-c".to_owned(), text.to_owned(), hushed]).run().success();
    assert_eq!(output.stdout, "[hushed:my.key]\n");
}

#[test]
fn the_report_has_names_and_counts_and_is_private() {
    let prepare = || sandbox().file("app.env", "SECRET=canary-one\nOTHER_KEY=canary-two\n");
    let text = "echo $SECRET $OTHER_KEY; printf %s $SECRET | base64; echo $SECRET >&2; echo";
    let report = "OTHER_KEY: 1 time on stdout\nSECRET: 2 times on stdout, 1 time on stderr\n";
    for config in [false, true] {
        let sandbox = prepare();
        let (sandbox, flags) = if config {
            let config = "[run]\nredact = true\nredact-report = \"report\"\n";
            let sandbox = sandbox.file("hushed.toml", config);
            sandbox.run(["trust"]).success();
            (sandbox, vec![])
        } else {
            (sandbox, vec!["--redact", "--redact-report", "report"])
        };
        script(&sandbox, &flags, text).run().success();
        let path = sandbox.project().join("report");
        assert_eq!(fs::read_to_string(&path).unwrap(), report);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // One of an earlier run is not taken for this one's.
        script(&sandbox, &flags, "exit 3").run().fails_with(3);
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
    let output = script(&prepare(), &["--redact", "-v"], text).run().success();
    let said = report.lines().map(|line| format!("hushed: redacted {line}\n"));
    assert!(output.stderr.ends_with(&said.collect::<Vec<_>>().concat()), "{}", output.stderr);
}

#[test]
fn an_unwritable_report_is_an_error_before_the_start() {
    let sandbox = sandbox();
    let flags = ["--redact", "--redact-report", "none/report"];
    let output = script(&sandbox, &flags, "touch started").run().fails_with(125);
    assert!(output.stderr.contains("hint: create the directory `none`"), "{}", output.stderr);
    assert!(!sandbox.project().join("started").exists());
    // What happens to it meanwhile does not hide how the command ended.
    fs::create_dir(sandbox.project().join("gone")).unwrap();
    let flags = ["--redact", "--redact-report", "gone/report"];
    let output = script(&sandbox, &flags, "rm -r gone; exit 7").run().fails_with(7);
    assert!(
        output.stderr.starts_with("hushed: warning: cannot write the redaction report: "),
        "{}",
        output.stderr
    );
}

#[test]
fn invalid_settings_are_refused_with_a_hint() {
    let prepare = || sandbox().env("OTHER", "kept");
    for (flags, want) in [
        (&["--redact", "--redact-encodings", "raw,rot13"][..], "`rot13`"),
        (&["--redact", "--redact-encodings", "hax"], "did you mean `hex`?"),
        (&["--redact", "--redact-encodings", "x"], "`raw`, `lines`, `crlf`, `trim`, `base64`"),
        (&["--redact", "--redact-min", "0"], "--redact-min: `0` is not a number of bytes, from 1"),
        (&["--redact", "--redact-min", "six"], "--redact-min: `six`"),
        (&["--redact", "--redact-also", "NOPE"], "hint: pass the name of an inherited variable"),
        (&["--redact", "--redact-also", "./nope"], "`./nope`"),
        (&["--redact-value-of", "OTHER"], "--redact-value-of requires --redact"),
        (&["--init", "--redact-min", "3"], "hint: add --redact"),
    ] {
        let sandbox = prepare();
        let output = script(&sandbox, flags, "touch started").run().fails_with(125);
        assert!(output.stderr.contains(want), "{flags:?}: {}", output.stderr);
        assert!(!sandbox.project().join("started").exists(), "{flags:?}");
        let plan = ["plan", "--env-file", "app.env"].iter().chain(flags).chain(&["--", "sh"]);
        let planned = sandbox.command(plan.copied()).run();
        assert!(planned.stderr.contains(want), "{flags:?}: {}", planned.stderr);
        assert_ne!(planned.code(), 0);
    }
    let output = prepare().env("HUSHED_REDACT_MIN", "none").run(["plan", "--env-file", "app.env"]);
    assert!(output.stderr.contains("HUSHED_REDACT_MIN: `none`"), "{}", output.stderr);
    // Turned off on purpose, what is said of it may stay.
    let output = script(&prepare(), &["--redact=false", "--redact-label", "x"], "echo off").run();
    assert_eq!(output.success().stdout, "off\n");
}

#[test]
fn a_flag_overrides_a_variable_and_that_a_key() {
    let on = "[run]\nredact = true\n";
    for (config, variable, flag, want) in [
        ("", "", "", "exec"),
        ("", "", "--redact", "--redact"),
        ("", "1", "", "--redact by HUSHED_REDACT"),
        (on, "", "", "--redact by ./hushed.toml:2:1"),
        (on, "0", "", "exec"),
        (on, "1", "--redact=false", "exec"),
        (on, "0", "--redact=true", "--redact"),
        ("", "0", "--init", "--init"),
        (on, "", "--init", "--redact by ./hushed.toml:2:1, --init"),
    ] {
        let sandbox = sandbox().file("hushed.toml", config);
        let sandbox =
            if variable.is_empty() { sandbox } else { sandbox.env("HUSHED_REDACT", variable) };
        let flags: Vec<&str> = Some(flag).into_iter().filter(|flag| !flag.is_empty()).collect();
        let plan = ["plan", "--json", "--env-file", "app.env"].iter().chain(&flags);
        let plan = sandbox.command(plan.chain(&["--", "sh"]).copied()).run().success();
        let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
        let mode = if want == "exec" { "exec" } else { "supervise" };
        assert_eq!(plan["mode"], mode, "{config:?} {variable} {flag}");
        if want != "exec" {
            let why = plan["supervised_for"].as_str().unwrap();
            let here = sandbox.project().display().to_string();
            assert_eq!(why.replace(&here, "."), want, "{config:?} {variable} {flag}");
        }
        let output = script(&sandbox, &flags, "echo $SECRET").reveals().run().success();
        let redacts = want.starts_with("--redact");
        assert_eq!(output.stdout == "[hushed:SECRET]\n", redacts, "{config:?} {variable} {flag}");
    }
}

#[test]
fn a_project_cannot_turn_off_redaction_of_the_user() {
    let own = "../.config/hushed/config.toml";
    for (keys, said) in [
        ("redact = false", "shows what your own file keeps out"),
        ("no-redact = [\"SECRET\"]", "shows what your own file keeps out"),
        ("redact-min = \"60\"", "shows what your own file keeps out"),
        ("redact-encodings = [\"raw\"]", "shows what your own file keeps out"),
        ("redact-report = \"../report\"", "has hushed write a file"),
    ] {
        let run = |own_text: &str| {
            let project =
                format!("[run]\n{keys}\n[source.app]\ntype = \"dotenv\"\nfile = \"app.env\"\n");
            let sandbox = sandbox().file("hushed.toml", project).file(own, own_text);
            let output = sandbox.command(["run", "--", "true"]).run();
            let redacted = sandbox.command(["run", "--redact", "--", "true"]).run();
            let trusted = sandbox.run(["trust"]).code();
            (output, redacted, trusted, sandbox.run(["run", "--", "true"]).code())
        };
        let (output, _, trusted, after) = run("[run]\nredact = true\n");
        let stderr = output.fails_with(125).stderr;
        assert!(stderr.contains(said), "{keys}: {stderr}");
        assert_eq!((trusted, after), (0, 0), "{keys}");
        // Where the user's file asks for nothing, it is the project's affair.
        let (output, redacted, trusted, after) = run("");
        let always = keys.starts_with("redact-report");
        assert_eq!(redacted.code(), if always { 125 } else { 0 }, "{keys}: {}", redacted.stderr);
        assert_eq!(
            (output.code(), trusted == 0),
            (redacted.code(), always),
            "{keys}: {}",
            output.stderr
        );
        assert_eq!(after, 0, "{keys}");
    }
}
