//! What the command line makes of dotenv files: dialects, files that may be missing, standard input,
//! references, several errors at once, and what is excluded.

use crate::environment::{env, pairs, refused, variables};
use crate::support::sandbox::Sandbox;

fn values(sandbox: &Sandbox, flags: &[&str]) -> Vec<(String, String)> {
    variables(env(sandbox, flags))
}

#[test]
fn a_dialect_is_set_by_flag_variable_and_key() {
    let sandbox = Sandbox::new().file("a.env", "A=canary#1\n");
    let want = [("A", "canary")];
    let flags = ["--env-file", "a.env", "--env-file-dialect", "node"];
    assert_eq!(pairs(&values(&sandbox, &flags)), want);
    let sandbox = sandbox.file(
        "hushed.toml",
        "[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\ndialect = \"node\"\n",
    );
    assert_eq!(pairs(&values(&sandbox, &[])), want);
    let python = ["--set", "a.dialect=python"];
    assert_eq!(pairs(&values(&sandbox, &python)), [("A", "canary#1")]);
    let sandbox = sandbox.file("hushed.toml", "").env("HUSHED_ENV_FILE_DIALECT", "node");
    let got = values(&sandbox, &["--env-file", "a.env"]);
    assert!(pairs(&got).contains(&want[0]), "{got:?}");
    let message = refused(&sandbox, &["--env-file", "a.env", "--env-file-dialect", "nodejs"]);
    assert!(message.contains("nodejs") && message.contains("node"), "{message}");
}

#[test]
fn expand_is_for_the_strict_dialect_alone() {
    let table = |lines: &str| {
        let table = format!("[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\n{lines}");
        Sandbox::new().file("a.env", "A=pa$$w${B}\n").file("hushed.toml", table)
    };
    let got = values(&table("expand = \"none\"\n"), &[]);
    assert_eq!(pairs(&got), [("A", "pa$$w${B}")]);
    let message = refused(&table("expand = \"none\"\ndialect = \"node\"\n"), &[]);
    assert!(message.contains("`expand`"), "{message}");
}

#[test]
fn a_file_must_exist_unless_it_is_optional() {
    let sandbox = Sandbox::new().file("a.env", "A=1\n");
    let message = refused(&sandbox, &["--env-file", "b.env"]);
    assert!(message.starts_with("hushed: there is no file `b.env`\n"), "{message}");
    assert!(message.contains("optional = true") && message.contains("?FILE"), "{message}");
    let got = values(&sandbox, &["--env-file", "a.env", "--env-file", "?b.env"]);
    assert_eq!(pairs(&got), [("A", "1")]);
    let got = values(&sandbox, &["--env-file", "?a.env"]);
    assert_eq!(pairs(&got), [("A", "1")]);
    let table = "[source.a]\ntype = \"dotenv\"\nfile = \"b.env\"\noptional = true\n";
    let sandbox = sandbox.file("hushed.toml", table);
    assert_eq!(values(&sandbox, &[]), []);
    // What is there must be readable.
    let sandbox = sandbox.file("b.env", "A='x\n");
    assert!(refused(&sandbox, &[]).contains("b.env:1:3"));
}

#[test]
fn standard_input_can_be_a_dotenv_file() {
    let sandbox = Sandbox::new().file("a.env", "A=1\n");
    let flags = ["--env-file", "a.env", "--env-file", "-"];
    let got = variables(env(&sandbox, &flags).stdin("B=canary\nC=${A}${B}\n"));
    assert_eq!(pairs(&got), [("A", "1"), ("B", "canary"), ("C", "1canary")]);
    let line = ["run", "--env-file", "-", "--", "/bin/true"];
    let output = sandbox.command(line).stdin("B='canary\n").run().fails_with(125);
    assert!(output.stderr.starts_with("hushed: standard input:1:3: "), "{}", output.stderr);
}

#[test]
fn references_see_earlier_sources_and_what_is_inherited() {
    let sandbox = Sandbox::new()
        .file("a.env", "HOST=canary.test\nSAME=file\n")
        .file("b.env", "URL=https://${HOST}/${OUTER}\nSEEN=${SAME}\n")
        .env("OUTER", "outer")
        .env("SAME", "inherited");
    let got = values(&sandbox, &["--env-file", "a.env", "--env-file", "b.env"]);
    let got = pairs(&got);
    assert!(got.contains(&("URL", "https://canary.test/outer")), "{got:?}");
    // The command gets the inherited value, and so does the reference.
    assert!(got.contains(&("SEEN", "inherited")), "{got:?}");
    let flags = ["--clean-env", "--env-file", "a.env", "--env-file", "b.env"];
    let message = refused(&sandbox, &flags);
    assert!(
        message.contains("b.env:1:21: the value of `URL`: the referenced variable is not set"),
        "{message}"
    );
    let got = values(&sandbox, &[&flags[..], &["--keep", "OUTER"]].concat());
    assert!(pairs(&got).contains(&("SEEN", "file")), "{got:?}");
}

#[test]
fn a_file_cannot_bring_a_credential_back_under_another_name() {
    let server = "[source.s]\ntype = \"infisical\"\nproject = \"p\"\n[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", server)
        .file("a.env", "A=${INFISICAL_TOKEN}\n")
        .env("INFISICAL_TOKEN", "canary-token");
    for dialect in ["strict", "compose", "python", "ruby"] {
        let flags = ["--source", "a", "--source", "s", "--set", &format!("a.dialect={dialect}")];
        let line = ["run"].iter().chain(&flags).chain(&["--timeout", "1s", "--", "/usr/bin/env"]);
        let output = sandbox.command(line.copied()).run();
        assert!(!output.stdout.contains("canary-token"), "{dialect}");
        assert!(!output.status.success());
    }
}

#[test]
fn all_errors_of_a_file_are_reported_at_once() {
    let sandbox = Sandbox::new().file("a.env", "A=x#1\nB=fine\nC=\"x\\q\"\nD=$E\n");
    let message = refused(&sandbox, &["--env-file", "a.env"]);
    let places: Vec<_> = message.lines().filter(|line| line.contains("a.env:")).collect();
    assert_eq!(places.len(), 3, "{message}");
    assert!(places[0].starts_with("hushed: a.env:1:4: the value of `A`: "), "{message}");
    assert!(places[1].starts_with("  and: a.env:3:5: the value of `C`: "), "{message}");
    assert!(places[2].starts_with("  and: a.env:4:3: the value of `D`: "), "{message}");
    assert!(message.contains("hint: line 1: node cuts the value after 1 byte"), "{message}");
}

#[test]
fn what_is_excluded_need_not_be_readable() {
    let sandbox = Sandbox::new().file("a.env", "A=x#1\nB=1\nC=$E\n");
    let file = ["--env-file", "a.env"];
    for flags in [&["--exclude", "A,C"][..], &["--only", "B"], &["--exclude", "?", "--only", "X"]] {
        let line =
            ["run"].iter().chain(&file).chain(flags).chain(&["--allow-empty", "--", "/bin/true"]);
        let output = sandbox.command(line.copied()).run();
        assert!(!output.stderr.contains("a.env:"), "{}", output.stderr);
    }
    assert!(refused(&sandbox, &[&file[..], &["--exclude", "A"]].concat()).contains("a.env:3:3"));
}

#[test]
fn plan_names_what_a_dialect_reads_oddly() {
    let sandbox = Sandbox::new().file("a.env", "PASSWORD=canary#1\nsome words\n");
    let line = ["plan", "--env-file", "a.env", "--env-file-dialect", "node"];
    let confined = sandbox.command([&line[..], &["--disk-free=best-effort"]].concat());
    let confined = confined.run().success().stdout;
    let plan = sandbox.command(line).run().success();
    for note in plan.stdout.lines().filter(|line| line.starts_with("note: ")) {
        assert!(confined.contains(note), "{note} is not in {confined}");
    }
    assert!(
        plan.stdout.contains("note: a.env:1: `PASSWORD`: the value is cut at `#`\n"),
        "{}",
        plan.stdout
    );
    assert!(plan.stdout.contains("note: a.env:2: the line is ignored\n"), "{}", plan.stdout);
    let json = sandbox.command(line.iter().copied().chain(["--json"])).run().success();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["notes"].as_array().unwrap().len(), 2);
}

#[test]
fn init_proposes_the_dialect_of_the_project() {
    for (file, content, dialect) in [
        ("package.json", "{}", "node"),
        ("package.json", "{\"dependencies\": {\"dotenv\": \"^18\"}}", "dotenv"),
        ("compose.yaml", "services: {}\n", "compose"),
        ("docker-compose.yml", "services: {}\n", "compose"),
        ("pyproject.toml", "[project]\n", "python"),
        ("Gemfile", "gem 'dotenv'\n", "ruby"),
    ] {
        let sandbox = Sandbox::new().file(".env", "A=canary#1\n").file(file, content);
        sandbox.run(["init"]).success();
        let text = std::fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap();
        assert!(text.contains(&format!("\ndialect = \"{dialect}\"\n")), "{file}: {text}");
        assert!(text.contains(&format!("# {file} is here")), "{file}: {text}");
    }
    let sandbox = Sandbox::new().file(".env", "A=1\n");
    sandbox.run(["init"]).success();
    let text = std::fs::read_to_string(sandbox.project().join("hushed.toml")).unwrap();
    assert!(!text.contains("dialect"), "{text}");
}

#[test]
fn doctor_accepts_a_file_with_references() {
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.a]\ntype = \"dotenv\"\nfile = \"a.env\"\n")
        .file("a.env", "A=${NEVER_SET}\n");
    let doctor = sandbox.run(["doctor"]);
    assert!(!doctor.stdout.contains("referenced variable"), "{}", doctor.stdout);
}
