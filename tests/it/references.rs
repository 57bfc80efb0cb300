//! References of `[env]` to the secrets of a server: what is asked of it, and what the cache and the confined fetch do
//! with objects. The messages are in tests/cmd/references.md.

use std::collections::BTreeMap;

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Fault, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Run, Sandbox};

const LIST: &str = "/api/v4/secrets";

const CONFIGURATION: &str = r#"
[run]
clean-env = true

[source.shop]
type = "infisical"
env = "dev"
deliver = false

[env]
NAME = "shop://#NAME"
USER = "shop://api/db#USER"
PASSWORD = "shop://api/db#PASSWORD"
AGAIN = "infisical://api/db#PASSWORD"
PROD = "shop://?environment=prod#NAME"
URL = { template = "{{ u }}:{{ p | urlencode }}", u = "shop://api/db#USER", p = "shop://api/db#PASSWORD" }
"#;

fn start() -> Server {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "NAME", "canary-name")
        .secret("dev", "/", "OTHER", "canary-other")
        .secret("dev", "/api/db", "USER", "canary user")
        .secret("dev", "/api/db", "PASSWORD", "canary {{ u }}/${NAME}")
        .secret("prod", "/", "NAME", "canary-prod");
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
}

fn run<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Run<'a> {
    let flags = ["run"].iter().chain(flags).chain(&["--", "env", "-0"]);
    sandbox.command(flags.copied()).reveals()
}

fn variables(run: Run<'_>) -> BTreeMap<String, String> {
    let output = run.run().success();
    let variables = output.stdout.split_terminator('\0');
    variables.map(|it| it.split_once('=').unwrap()).map(|(n, v)| (n.into(), v.into())).collect()
}

fn expected() -> BTreeMap<String, String> {
    // Nothing of what was fetched is expanded.
    let password = "canary {{ u }}/${NAME}";
    let pairs = [
        ("NAME", "canary-name"),
        ("USER", "canary user"),
        ("PASSWORD", password),
        ("AGAIN", password),
        ("PROD", "canary-prod"),
        ("URL", "canary user:canary%20%7B%7B%20u%20%7D%7D%2F%24%7BNAME%7D"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn each_object_is_fetched_once_and_nothing_else_is_delivered() {
    let server = start();
    let sandbox = home(&server);
    let found = variables(run(&sandbox, &[]));
    assert_eq!(found, expected());
    let lists = server.requests().iter().filter(|request| request.path() == LIST).count();
    assert_eq!(lists, 3, "three folders");
}

#[test]
fn a_cache_keeps_the_objects_and_a_changed_reference_is_not_served_from_it() {
    let server = start();
    let sandbox = home(&server);
    let cached = ["--cache", "fallback"];
    assert_eq!(variables(run(&sandbox, &cached)), expected());
    server.fault(Fault::status("/api/", 500, r#"{"message":"down","error":"Down"}"#));
    assert_eq!(variables(run(&sandbox, &cached)), expected());
    let changed = CONFIGURATION.replace("shop://#NAME", "shop://#OTHER");
    let sandbox = sandbox.file("hushed.toml", changed);
    assert_eq!(variables(run(&sandbox, &cached))["NAME"], "canary-other", "the same object");
    let changed = CONFIGURATION.replace("shop://#NAME", "shop://web#NAME");
    let sandbox = sandbox.file("hushed.toml", changed);
    run(&sandbox, &cached).run().fails_with(125);
}

#[test]
fn a_confined_fetch_resolves_references_too() {
    let server = start();
    let sandbox = home(&server);
    assert_eq!(variables(run(&sandbox, &["--disk-free=best-effort"])), expected());
}

#[test]
fn names_are_exact_and_filters_apply() {
    let server = start();
    let sandbox = home(&server);
    let flags = ["--prefix", "X_", "--transform", "camel", "--exclude", "P*", "--rename", "NAME=B"];
    let found = variables(run(&sandbox, &flags));
    assert_eq!(found.into_keys().collect::<Vec<_>>(), ["AGAIN", "B", "URL", "USER"]);
}

#[test]
fn a_profile_replaces_variables_and_a_file_of_env_file_wins() {
    let server = start();
    let configuration = format!("{CONFIGURATION}\n[profile.p.env]\nNAME = \"text\"\nNEW = \"x\"\n");
    let sandbox = home(&server).file("hushed.toml", configuration).file("a.env", "USER=file\n");
    let found = variables(run(&sandbox, &["--profile", "p", "--env-file", "a.env"]));
    let picked = ["NAME", "NEW", "USER"].map(|name| found[name].as_str());
    assert_eq!(picked, ["text", "x", "file"]);
}
