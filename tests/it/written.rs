//! `--references`: references in dotenv files and in the inherited environment. What is asked of the server, which value
//! wins, and what never comes this way. The messages are in tests/cmd/references.md.

use std::collections::BTreeMap;

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Output, Run, Sandbox};

const LIST: &str = "/api/v4/secrets";

const CONFIGURATION: &str = r#"
[source.shop]
type = "infisical"
env = "dev"
deliver = false
"#;

const FILE: &str = "\
PLAIN=postgres://db/app
UNKNOWN=other://db/app
PASSWORD='shop://api/db#PASSWORD'
COPY=${PASSWORD}!
LITERAL='\\shop://api/db#PASSWORD'
CHAIN='shop://#CHAIN'
";

const PASSWORD: &str = "canary-pass-${PLAIN}";

fn start() -> Server {
    let project = Project::new("shop")
        .env("dev")
        .secret("dev", "/", "NAME", "canary-name")
        .secret("dev", "/", "CHAIN", "shop://#NAME")
        .secret("dev", "/", "CREDENTIAL", CLIENT_SECRET)
        .secret("dev", "/api/db", "USER", "canary-user")
        .secret("dev", "/api/db", "PASSWORD", PASSWORD);
    let world = World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"));
    Server::builder(Generation::V4C, world).plain().start()
}

fn home(server: &Server) -> Sandbox {
    Sandbox::new()
        .server(server, "shop")
        .without("HUSHED_ENV")
        .env("HUSHED_CACHE_KEY", "credential")
        .file("hushed.toml", CONFIGURATION)
        .file("app.env", FILE)
}

fn run<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Run<'a> {
    let flags = ["run"].iter().chain(flags).chain(&["--", "env", "-0"]);
    sandbox.command(flags.copied()).reveals()
}

fn parsed(output: Output) -> BTreeMap<String, String> {
    let output = output.success();
    let variables = output.stdout.split_terminator('\0');
    variables.map(|it| it.split_once('=').unwrap()).map(|(n, v)| (n.into(), v.into())).collect()
}

fn variables(sandbox: &Sandbox, flags: &[&str]) -> BTreeMap<String, String> {
    parsed(run(sandbox, flags).run())
}

fn lists(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.path() == LIST).count()
}

#[test]
fn values_are_references_only_on_request_and_only_as_a_whole() {
    let server = start();
    let sandbox = home(&server).env("INHERITED", "shop://api/db#USER");
    let found = variables(&sandbox, &["--env-file", "app.env"]);
    assert_eq!(found["PASSWORD"], "shop://api/db#PASSWORD");
    assert_eq!(found["INHERITED"], "shop://api/db#USER");
    assert!(server.requests().is_empty(), "nothing refers to it");
    let found = variables(&sandbox, &["--references", "--env-file", "app.env"]);
    for (name, value) in [
        ("PLAIN", "postgres://db/app"),
        ("UNKNOWN", "other://db/app"),
        ("PASSWORD", PASSWORD),
        ("COPY", &format!("{PASSWORD}!")),
        ("LITERAL", "shop://api/db#PASSWORD"),
        ("INHERITED", "canary-user"),
        // What was fetched is not looked at again.
        ("CHAIN", "shop://#NAME"),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
}

#[test]
fn an_object_is_fetched_once_for_all_places() {
    let server = start();
    let configuration = format!("{CONFIGURATION}\n[env]\nUSER = \"shop://api/db#USER\"\n");
    let sandbox = home(&server)
        .file("hushed.toml", configuration)
        .file("app.env", "PASSWORD='shop://api/db#PASSWORD'\n")
        .file("more.env", "MORE='shop://api/db#PASSWORD'\n")
        .env("INHERITED", "infisical://api/db#USER");
    let flags = ["--references", "--env-file", "app.env", "--env-file", "more.env"];
    let found = variables(&sandbox, &flags);
    let picked = ["USER", "PASSWORD", "MORE", "INHERITED"].map(|name| found[name].as_str());
    assert_eq!(picked, ["canary-user", PASSWORD, PASSWORD, "canary-user"]);
    assert_eq!(lists(&server), 1);
}

#[test]
fn an_expanded_value_is_no_reference() {
    let server = start();
    let sandbox = home(&server)
        .file("app.env", "CHAIN='shop://#CHAIN'\nAGAIN=${CHAIN}\n")
        .file("more.env", "THIRD=${CHAIN}\nFOURTH=${INHERITED}\n")
        .env("INHERITED", "shop://#CHAIN");
    let flags = ["--references", "--env-file", "app.env", "--env-file", "more.env"];
    let found = variables(&sandbox, &flags);
    for name in ["CHAIN", "AGAIN", "THIRD", "FOURTH", "INHERITED"] {
        assert_eq!(found[name], "shop://#NAME", "{name}");
    }
}

#[test]
fn a_reference_has_the_precedence_of_its_place() {
    let server = start();
    let sandbox = home(&server)
        .env("X", "shop://#NAME")
        .file("app.env", "X=file\n")
        .file("own.toml", format!("{CONFIGURATION}\n[env]\nX = \"table\"\n"));
    let pick = |flags: &[&str]| variables(&sandbox, flags).remove("X").unwrap();
    assert_eq!(pick(&["--references"]), "canary-name");
    // Dotenv files do not override inherited variables, `[env]` does.
    assert_eq!(pick(&["--references", "--env-file", "app.env"]), "canary-name");
    assert_eq!(pick(&["--references", "--config", "own.toml"]), "table");
    let preserved = ["--references", "--config", "own.toml", "--preserve-env=X"];
    assert_eq!(pick(&preserved), "canary-name");
}

#[test]
fn filters_of_secrets_are_not_about_inherited_variables() {
    let server = start();
    let sandbox = home(&server).env("X", "shop://#NAME").env("CI_Y", "shop://#NONE");
    let flags = ["--references", "--exclude", "*", "--prefix", "P_", "--clean-env", "--keep", "X"];
    let found = variables(&sandbox, &flags);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("X".into(), "canary-name".into())]);
}

#[test]
fn a_reference_of_an_excluded_line_is_no_error() {
    let server = start();
    let sandbox = home(&server).file("app.env", "A='shop://#NONE'\nB='shop://#NAME'\n");
    let flags = ["--references", "--env-file", "app.env", "--exclude", "A"];
    let found = variables(&sandbox, &flags);
    assert_eq!((found.get("A"), found["B"].as_str()), (None, "canary-name"));
}

#[test]
fn a_withheld_credential_does_not_come_back() {
    let server = start();
    // Neither by its name, which is not even fetched, nor as a value.
    let sandbox = home(&server).env("DOPPLER_TOKEN", "shop://#NONE");
    assert!(!variables(&sandbox, &["--references"]).contains_key("DOPPLER_TOKEN"));
    assert_eq!(lists(&server), 0);
    let file = home(&server).file("app.env", "A='shop://#CREDENTIAL'\n");
    let inherited = home(&server).env("A", "shop://#CREDENTIAL").file("app.env", "");
    for sandbox in [file, inherited] {
        let flags = ["--references", "--env-file", "app.env"];
        let output = run(&sandbox, &flags).run().fails_with(125);
        assert!(output.stderr.contains("is a credential that hushed uses"), "{}", output.stderr);
        let passed = [&flags[..], &["--pass-credentials"]].concat();
        assert_eq!(variables(&sandbox, &passed)["A"], CLIENT_SECRET);
    }
}

#[test]
fn a_cache_and_the_confined_fetch_know_the_references() {
    let server = start();
    let sandbox = home(&server).env("X", "shop://#NAME");
    let flags = ["--references", "--env-file", "app.env"];
    let want = variables(&sandbox, &flags);
    assert_eq!(want["X"], "canary-name");
    let confined = [&flags[..], &["--disk-free=best-effort"]].concat();
    assert_eq!(variables(&sandbox, &confined), want);
    let cached = [&flags[..], &["--cache", "ttl=5m"]].concat();
    assert_eq!(variables(&sandbox, &cached), want);
    let before = server.requests().len();
    assert_eq!(variables(&sandbox, &cached), want);
    assert_eq!(server.requests().len(), before, "all of it is in the cache");
}

#[test]
fn a_file_from_standard_input_is_read_once() {
    let server = start();
    let sandbox = home(&server);
    let flags = ["--references", "--env-file", "-"];
    let found = parsed(run(&sandbox, &flags).stdin("A='shop://#NAME'\n").run());
    assert_eq!(found["A"], "canary-name");
}

#[test]
fn what_was_fetched_is_redacted_as_a_secret() {
    let server = start();
    // An ordinary word would be shown if it stood in the file itself.
    let sandbox = home(&server)
        .file("app.env", "A='shop://api/db#USER'\nB=${A}/x\nC=ordinary\n")
        .env("X", "shop://#NAME");
    let script = "echo $A $B $C $X";
    let flags = ["--references", "--redact", "--env-file", "app.env"];
    let line = [&["run"], &flags[..], &["--", "sh", "-c", script]].concat();
    let output = sandbox.command(line).run().success();
    assert_eq!(output.stdout, "[hushed:A] [hushed:A]/x ordinary [hushed:X]\n");
}

#[test]
fn exported_files_have_the_secrets_but_no_inherited_variables() {
    let server = start();
    let sandbox = home(&server).env("X", "shop://#NONE").file("app.env", "A='shop://#NAME'\n");
    let line = ["export", "--references", "--env-file", "app.env"];
    let output = sandbox.command(line).reveals().run().success();
    assert_eq!(output.stdout, "A='canary-name'\n");
}
