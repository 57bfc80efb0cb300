//! Settings that write to disk are refused by name; what `plan` and `attest` report.

use std::fs;

use super::{can_be_held, over_tls};
use crate::support::sandbox::Sandbox;

fn home() -> Sandbox {
    Sandbox::new().file(".env", "A=canary-a\n")
}

#[test]
fn settings_that_write_are_refused_with_their_origin() {
    for (arguments, code, want) in [
        (
            &["run", "--disk-free", "--redact", "--redact-report", "out", "--", "true"][..],
            125,
            "disk-free mode (--disk-free) does not allow the report `out` (--redact-report)",
        ),
        (
            &["export", "--disk-free", "--output", "out"],
            78,
            "disk-free mode (--disk-free) does not allow the file `out` (--output)",
        ),
        (
            &["redact", "--disk-free=best-effort", "--redact-report", "out"],
            78,
            "disk-free mode (--disk-free) does not allow the report `out` (--redact-report)",
        ),
    ] {
        let sandbox = home().env("HUSHED_ENV_FILE", ".env");
        let output = sandbox.run(arguments).fails_with(code);
        assert_eq!(
            output.stderr,
            format!(
                "hushed: {want}\n  hint: remove that setting, or allow writing once with \
                 --disk-free=false\n"
            )
        );
        assert!(!sandbox.project().join("out").exists());
    }
}

#[test]
fn a_cache_is_refused_before_any_request() {
    let (server, sandbox) = over_tls();
    for (flags, origin) in [
        (&["--cache", "fallback"][..], "--cache"),
        (&["--cache", "ttl=5m"], "--cache"),
        (&["--offline"], "--offline"),
    ] {
        let line = [&["run", "--disk-free", "--cache-dir", "out"], flags, &["--", "true"]].concat();
        let output = sandbox.run(line).fails_with(125);
        let want = format!(
            "hushed: disk-free mode (--disk-free) does not allow the cache of source `infisical` in `out` ({origin})\n"
        );
        assert!(output.stderr.starts_with(&want), "{}", output.stderr);
    }
    assert!(!sandbox.project().join("out").exists());
    assert!(server.requests().is_empty());
}

#[test]
fn the_filter_refuses_a_report_even_without_a_source() {
    let sandbox = Sandbox::new().env("VALUE", "canary-value").env("HUSHED_DISK_FREE", "true");
    let line = ["redact", "--redact-also", "VALUE", "--redact-report", "out"];
    let output = sandbox.run(line).fails_with(78);
    assert!(output.stderr.contains("does not allow the report `out`"), "{}", output.stderr);
    assert!(!sandbox.project().join("out").exists());
}

#[test]
fn a_flag_overrides_disk_free_of_the_configuration() {
    let text = "[run]\nenv-file = \".env\"\nredact = true\ndisk-free = true\n";
    let sandbox = home().file("hushed.toml", text).env("HUSHED_REDACT_REPORT", "out");
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    let file = sandbox.project().join("hushed.toml");
    let report = sandbox.project().join("out");
    let want = format!(
        "hushed: disk-free mode ({}:4:1) does not allow the report `out` (HUSHED_REDACT_REPORT)\n",
        file.display()
    );
    assert!(output.stderr.starts_with(&want), "{}", output.stderr);
    sandbox.run(["run", "--disk-free=false", "--", "true"]).success();
    assert!(report.exists());
    // What a report is not written by does not refuse it.
    sandbox.run(["why", "A"]);
}

#[test]
fn a_project_cannot_override_disk_free_of_the_user() {
    let sandbox = home().env("HUSHED_ENV_FILE", ".env");
    let own = "../.config/hushed/config.toml";
    for (yours, theirs, refused) in [
        ("true", "false", true),
        ("true", "\"best-effort\"", true),
        ("\"best-effort\"", "false", true),
        ("true", "true", false),
        ("false", "false", false),
        ("false", "true", false),
    ] {
        let write = |path: &str, value: &str| {
            let path = sandbox.project().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("[run]\ndisk-free = {value}\n")).unwrap();
        };
        write(own, yours);
        write("hushed.toml", theirs);
        let output = sandbox.run(["why", "NONE"]);
        let found = output.stderr.contains("changes what your own file promises of the disk");
        assert_eq!(found, refused, "{yours} {theirs}: {}", output.stderr);
    }
}

#[test]
fn an_unknown_mode_is_an_error() {
    let sandbox = home().env("HUSHED_ENV_FILE", ".env");
    let output = sandbox.run(["run", "--disk-free=sometimes", "--", "true"]).fails_with(125);
    assert_eq!(
        output.stderr,
        "hushed: --disk-free: `sometimes` is not a way of being disk-free; expected one of `true`, \
         `false`, `best-effort`\n"
    );
    let sandbox = sandbox.file("hushed.toml", "[run]\ndisk-free = 1\n");
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    assert!(output.stderr.contains("true, false or a string"), "{}", output.stderr);
}

#[test]
fn a_plan_shows_the_mode_and_what_would_write() {
    if !can_be_held() {
        return;
    }
    let sandbox = home().env("HUSHED_ENV_FILE", ".env");
    let output = sandbox.run(["plan", "--disk-free", "--", "true"]).success();
    let want = "disk-free (--disk-free): the fetch is confined, and settings that write files are \
                rejected\n`true` would take hushed's place";
    assert!(output.stdout.contains(want), "{}", output.stdout);
    let line = ["plan", "--disk-free", "--redact", "--redact-report", "out"];
    let output = sandbox.run(line).fails_with(1);
    let want = "refused, since it would write: the report `out` (--redact-report)\nthe command would \
                not be started\n";
    assert!(output.stdout.ends_with(want), "{}", output.stdout);
    let output = sandbox.run(line.iter().chain(&["--json"])).fails_with(1);
    let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(said["disk_free"], "strict");
    assert_eq!(said["would_write"][0], "the report `out` (--redact-report)");
    assert_eq!(said["would_start"], false);
    let output = sandbox.run(["plan", "--json"]).success();
    let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&said["disk_free"], &said["would_start"]),
        (&serde_json::Value::Null, &true.into())
    );
}

#[test]
fn attest_prints_a_table_or_json_and_exits_by_the_result() {
    let (server, sandbox) = over_tls();
    for flags in [&[][..], &["--disk-free"]] {
        let json = sandbox.run([&["attest", "--json"], flags].concat());
        let said: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        let lines = said["lines"].as_array().unwrap();
        let whats = ["mode", "Landlock", "seccomp", "swap", "core files", "debuggers"];
        for (line, what) in lines.iter().zip(whats) {
            assert_eq!(line["what"], what);
            assert!(line["why"].is_string() && line["finding"].is_string(), "{line}");
        }
        let all = lines.iter().all(|line| line["holds"] == true);
        assert_eq!(said["holds"], all);
        assert_eq!(json.code(), i32::from(!all));
        assert_eq!(lines[0]["holds"], !flags.is_empty(), "{}", json.stdout);
        let table = sandbox.run([&["attest"], flags].concat());
        assert_eq!(table.code(), json.code());
        let rows = table.stdout.lines().filter(|row| !row.starts_with(' '));
        for (row, line) in rows.zip(lines) {
            let word = if line["holds"] == true { "holds   " } else { "DOES NOT" };
            assert!(row.starts_with(word), "{row}");
            assert!(row.ends_with(line["finding"].as_str().unwrap()), "{row}");
        }
    }
    assert!(server.requests().is_empty(), "somebody is asked");
}

#[test]
fn attest_needs_no_source_and_reports_invalid_settings() {
    let output = Sandbox::new().run(["attest", "--disk-free"]);
    assert!(output.stdout.starts_with("holds    mode "), "{}", output.stdout);
    assert_eq!(output.stderr, "");
    let sandbox = Sandbox::new().env("HUSHED_TIMEOUT", "never").env("HUSHED_ENV_FILE", ".env");
    let output = sandbox.run(["attest", "--disk-free"]).fails_with(1);
    assert!(output.stdout.contains("DOES NOT settings "), "{}", output.stdout);
    let sandbox = home().env("HUSHED_ENV_FILE", ".env").env("HUSHED_REDACT", "true");
    let output = sandbox.env("HUSHED_REDACT_REPORT", "out").run(["attest"]).fails_with(1);
    let want = "not disk-free; would write the report `out` (HUSHED_REDACT_REPORT)";
    assert!(output.stdout.contains(want), "{}", output.stdout);
}
