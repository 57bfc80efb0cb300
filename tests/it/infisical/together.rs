//! Everything at once: folders, and sources on several servers beside files.
//! Must not measure time: a server that answers only when all have asked proves it.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::fixture::{AT_ROOT, LIST, LOGIN, home, map, project_id, secrets, shop, start};
use crate::support::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Fault, FaultKind, Generation, Server},
    sandbox::Sandbox,
};

/// Answers what begins with `path` only when as many wait as the barrier wants.
fn hold(server: &Server, path: &str, barrier: &Arc<Barrier>) {
    server.fault(Fault::on(path, FaultKind::Right).at(barrier));
}

#[test]
fn all_folders_are_asked_for_at_once() {
    for tls in [false, true] {
        let server = Server::builder(Generation::V4C, shop());
        let server = if tls { server.start() } else { server.plain().start() };
        let barrier = Arc::new(Barrier::new(5));
        hold(&server, LIST, &barrier);
        let paths = ["/", "/api", "/api/deep", "/api2", "/base"];
        let flags: Vec<String> = paths.iter().map(|path| format!("--path={path}")).collect();
        let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        flags.push("--timeout=20s");
        let have = secrets(&home(&server), &flags);
        assert_eq!(have["NAME"], "canary-api");
        assert_eq!(have["DEEP"], "canary-deep");
        assert_eq!(server.requests().len(), 6);
    }
}

/// Makes a home with two servers, a dotenv file and a local store, of which each has its own
/// secret and all have `NAME`.
fn four(one: &Server, two: &Server) -> Sandbox {
    two.world(|world| {
        let folder = world.edit("shop").folder_mut("dev", "/");
        folder.secrets.iter_mut().find(|it| it.key == "NAME").unwrap().value = "canary-two".into();
    });
    let source = |name: &str, server: &Server| {
        format!(
            "[source.{name}]\ntype = \"infisical\"\ndomain = \"{}\"\nproject = \"{}\"\n\
             client-id = \"{CLIENT_ID}\"\nclient-secret-file = \"held\"\n",
            server.url(),
            project_id(server)
        )
    };
    let config = format!(
        "{}{}[source.file]\ntype = \"dotenv\"\nfile = \"my.env\"\n\
         [source.store]\ntype = \"local\"\nkey-file = \"../keys/key\"\n",
        source("one", one),
        source("two", two)
    );
    let sandbox = Sandbox::new()
        .file("held", CLIENT_SECRET)
        .file("my.env", "NAME=canary-file\nFILE=canary-file\n")
        .file("mine.toml", config)
        .env("HUSHED_CONFIG", "mine.toml");
    for name in ["NAME", "STORE"] {
        let run = sandbox.command(["secrets", "set", name, "--source", "store"]);
        run.stdin("canary-store").run().success();
    }
    sandbox
}

#[test]
fn all_sources_are_asked_at_once() {
    let (one, two) = (start(), start());
    let barrier = Arc::new(Barrier::new(2));
    let sandbox = four(&one, &two);
    for path in [LOGIN, LIST] {
        hold(&one, path, &barrier);
        hold(&two, path, &barrier);
    }
    let have = secrets(&sandbox, &["--source", "one", "--source", "two", "--timeout", "20s"]);
    assert_eq!(have["NAME"], "canary-two");
    assert_eq!((one.requests().len(), two.requests().len()), (2, 2));
}

#[test]
fn a_later_source_wins_and_why_knows_all() {
    let (one, two) = (start(), start());
    let sandbox = four(&one, &two);
    let mut want = map(&AT_ROOT);
    want.extend(map(&[("NAME", "canary-store"), ("STORE", "canary-store")]));
    want.extend(map(&[("FILE", "canary-file"), ("REFERENCE", "<canary-two>")]));
    assert_eq!(secrets(&sandbox, &[]), want);
    for (order, name) in [
        (["store", "two", "one"], "canary-root"),
        (["store", "one", "two"], "canary-two"),
        (["two", "store", "file"], "canary-file"),
    ] {
        let flags: Vec<String> = order.iter().map(|name| format!("--source={name}")).collect();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        assert_eq!(secrets(&sandbox, &flags)["NAME"], name, "{order:?}");
    }
    let why = sandbox.run(["why", "NAME"]).success().stdout;
    let lines: Vec<&str> = why.lines().skip(1).map(str::trim).collect();
    let below = "overridden by one above";
    for (line, (place, fate)) in lines.iter().zip([
        ("`store` (secrets.hushed) ", "wins: the last source that has it"),
        ("`file` (my.env:1) ", below),
        ("`two` (/ in dev) ", below),
        ("`one` (/ in dev) ", below),
    ]) {
        assert!(line.starts_with(place) && line.ends_with(fate), "{why}");
    }
    assert_eq!(lines.len(), 4, "{why}");
}

#[test]
fn the_first_source_that_fails_ends_it() {
    let (one, two) = (start(), start());
    let sandbox = four(&one, &two);
    one.fault(Fault::on("/", FaultKind::Hang));
    two.world(|world| world.edit_identity("reader").universal_mut().secrets.clear());
    let said = super::fixture::refusal(&sandbox, &[]);
    assert!(said.contains(&format!("cannot log in to Infisical at {}", two.url())), "{said}");
}
