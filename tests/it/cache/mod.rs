//! The sealed cache, through the binary and the test server: when it answers, when it must not, and
//! what it leaves on the disk. Must not repeat what the tables beside the policy show.

mod damage;
mod key;
mod mode;
mod place;
mod refusal;
mod together;
mod token;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Fault, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Output, Run, Sandbox};

const LOGIN: &str = "/api/v1/auth/universal-auth/login";
const LIST: &str = "/api/v4/secrets";
const FALLBACK: [&str; 2] = ["--cache", "fallback"];
const TTL: [&str; 2] = ["--cache", "ttl=5m"];

fn world() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "NAME", "canary-one")
        .secret("dev", "/", "SECOND", "canary-two\nlines")
        .secret("dev", "/api", "PORT", "canary-8080")
        .secret("prod", "/", "NAME", "canary-prod");
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"))
        .identity(Identity::jwt("pod", "kubernetes-auth", "canary-of-a-pod").reads_all("shop"))
        .identity(Identity::ldap("ada", "ada", "canary of ada ").reads_all("shop"))
}

fn start() -> Server {
    Server::builder(Generation::V4C, world()).plain().start()
}

fn home(server: &Server) -> Sandbox {
    Sandbox::new().server(server, "shop").env("HUSHED_CACHE_KEY", "credential")
}

/// The server is there, and fails.
fn away(server: &Server) {
    server.fault(Fault::status("/api/", 500, r#"{"message":"down","error":"Down"}"#));
}

fn run<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Run<'a> {
    let flags = ["run", "--clean-env"].iter().chain(flags).chain(&["--", "env", "-0"]);
    sandbox.command(flags.copied()).reveals()
}

fn variables(output: &Output) -> BTreeMap<String, String> {
    let pairs = output.stdout.split_terminator('\0').map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Runs, asserts that the command got the secrets of `dev`, and gives what was said.
fn serves(sandbox: &Sandbox, flags: &[&str]) -> String {
    let output = run(sandbox, flags).run().success();
    let want = [("NAME", "canary-one"), ("SECOND", "canary-two\nlines")];
    let want = want.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(variables(&output), BTreeMap::from(want), "{}", output.stderr);
    soon(&output.stderr)
}

/// The same text where an age of seconds is none: a machine may be busy between two runs.
fn soon(text: &str) -> String {
    let mut parts = text.split(" s old");
    let mut soon = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = soon.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        soon.truncate(digits);
        soon += "0 s old";
        soon += part;
    }
    soon
}

/// Runs, asserts that no command started, and gives what was said.
fn fails(sandbox: &Sandbox, flags: &[&str]) -> String {
    let output = run(sandbox, flags).run().fails_with(125);
    assert_eq!(output.stdout, "", "the command ran");
    soon(&output.stderr)
}

/// Says that something was not tested here, past the runner, which swallows what a test prints.
fn skipped(why: &str) {
    std::io::stderr().write_all(format!("skipped: cache: {why}\n").as_bytes()).unwrap();
}

fn count(server: &Server, path: &str) -> usize {
    server.requests().iter().filter(|request| request.path().starts_with(path)).count()
}

fn directory(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".cache/hushed")
}

/// The files with entries.
fn entries(sandbox: &Sandbox) -> Vec<PathBuf> {
    let Ok(listing) = fs::read_dir(directory(sandbox)) else { return Vec::new() };
    let paths = listing.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| !path.ends_with("names")).collect();
    paths.sort();
    paths
}

/// The one file with an entry.
fn entry(sandbox: &Sandbox) -> PathBuf {
    let entries = entries(sandbox);
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}
