//! When the cache answers: by mode, by age, by what came of asking.

use super::{
    FALLBACK, LIST, LOGIN, TTL, away, count, entries, entry, fails, home, run, serves, soon, start,
};
use crate::support::infisical::{Fault, FaultKind};
use crate::support::sandbox::Sandbox;

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let server = start();
    let sandbox = home(&server);
    assert_eq!(serves(&sandbox, &[]), "");
    assert_eq!(serves(&sandbox, &["--cache", "off"]), "");
    assert!(!sandbox.home().join(".cache/hushed").exists());
    let said = fails(&sandbox, &["--offline"]);
    assert!(said.contains("no server is asked (--offline), and the cache has no entry"), "{said}");
    assert!(said.contains("\n  hint: an entry is for one server, identity, place"), "{said}");
    assert!(!sandbox.home().join(".cache/hushed").exists());
}

#[test]
fn fallback_asks_the_server_first_and_stands_in_for_it() {
    let server = start();
    let sandbox = home(&server);
    assert_eq!(serves(&sandbox, &FALLBACK), "");
    assert_eq!(serves(&sandbox, &FALLBACK), "");
    assert_eq!(count(&server, LIST), 2);
    for fault in [
        Fault::status("/api/", 500, r#"{"message":"down","error":"Down"}"#),
        Fault::status(LIST, 503, "busy").header("retry-after", "0"),
        Fault::on("/api/", FaultKind::RateLimited(600)),
        Fault::on(LOGIN, FaultKind::Reset),
    ] {
        let what = format!("{fault:?}");
        server.heal();
        server.fault(fault);
        let said = serves(&sandbox, &FALLBACK);
        assert!(
            said.starts_with("hushed: source `infisical` is from the cache, 0 s old: "),
            "{what}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
    }
    server.heal();
    server.fault(Fault::on("/api/", FaultKind::Hang));
    let flags = ["--cache", "fallback", "--timeout", "300ms"];
    assert!(serves(&sandbox, &flags).contains("within 0.3 s"), "a timeout");
    let said = serves_gone(&sandbox, server);
    assert!(said.contains("refuses the connection"), "{said}");
}

fn serves_gone(sandbox: &Sandbox, server: crate::support::infisical::Server) -> String {
    drop(server);
    serves(sandbox, &["--cache", "fallback", "--timeout", "1s"])
}

#[test]
fn what_is_no_absence_is_no_reason_for_the_cache() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    for fault in [
        Fault::on(LIST, FaultKind::Html),
        Fault::on(LIST, FaultKind::InvalidUtf8),
        Fault::status(LIST, 400, r#"{"message":"odd","error":"BadRequest"}"#),
        Fault::on(LIST, FaultKind::Redirect("https://other.example/".into())),
    ] {
        let what = format!("{fault:?}");
        server.heal();
        server.fault(fault);
        assert!(!fails(&sandbox, &FALLBACK).contains("from the cache"), "{what}");
        assert_eq!(entries(&sandbox).len(), 1, "{what}: nothing was refused");
    }
}

#[test]
fn an_entry_that_is_too_old_stands_in_for_nothing() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    away(&server);
    let old = ["--cache", "fallback", "--cache-max-age", "1ms"];
    let said = fails(&sandbox, &old);
    assert!(said.contains("warning: the cache of source `infisical` is not used: its entry is 0 s old, and at most 0 s are accepted"), "{said}");
    assert!(said.contains("hushed: source `infisical`: cannot "), "{said}");
    let said = fails(&sandbox, &["--offline", "--cache-max-age", "1ms"]);
    assert!(said.contains("its entry is 0 s old"), "{said}");
    assert!(said.contains("hint: accept it with --cache-max-age"), "{said}");
    serves(&sandbox, &FALLBACK);
    let none = fails(&sandbox, &["--cache", "fallback", "--path", "/api"]);
    assert!(none.contains("is not used: the cache has no entry for it"), "{none}");
}

#[test]
fn a_ttl_asks_no_server_for_its_time_and_then_does() {
    let server = start();
    let sandbox = home(&server);
    assert_eq!(serves(&sandbox, &TTL), "");
    let asked = server.requests().len();
    for _ in 0..2 {
        let said = serves(&sandbox, &TTL);
        assert_eq!(said, "hushed: source `infisical` is from the cache, 0 s old\n");
    }
    assert_eq!(server.requests().len(), asked);
    assert_eq!(serves(&sandbox, &["--cache", "ttl=1ms"]), "");
    assert!(server.requests().len() > asked);
    // Its time is over, and it stands in for nothing.
    away(&server);
    let said = fails(&sandbox, &["--cache", "ttl=1ms"]);
    assert!(!said.contains("from the cache"), "{said}");
}

#[test]
fn offline_asks_no_server_at_all() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    server.forget();
    let said = serves(&sandbox, &["--offline"]);
    assert_eq!(said, "hushed: source `infisical` is from the cache, 0 s old\n");
    for flags in
        [["--offline", "--env=prod"], ["--offline", "--path=/api"], ["--offline", "--recursive"]]
    {
        let said = fails(&sandbox, &flags);
        assert!(said.contains("the cache has no entry for it"), "{said}");
    }
    assert_eq!(server.requests().len(), 0);
    let address = server.url();
    drop(server);
    assert!(serves(&sandbox, &["--offline"]).contains("0 s old"), "{address} is gone");
}

#[test]
fn all_of_it_is_said_in_the_configuration_too_and_per_source() {
    let server = start();
    let config = "[run]\ncache = \"ttl=5m\"\n[source.one]\ntype = \"infisical\"\n\
                  [source.two]\ntype = \"infisical\"\npath = \"/api\"\ncache = \"off\"\n";
    let sandbox = home(&server).file("conf.toml", config).env("HUSHED_CONFIG", "conf.toml");
    for _ in 0..2 {
        run(&sandbox, &[]).run().success();
    }
    assert_eq!(entries(&sandbox).len(), 1);
    // The second source is asked each time, the first once.
    assert_eq!(count(&server, LIST), 3);
    let sandbox = sandbox.env("HUSHED_CACHE", "off");
    server.forget();
    assert_eq!(run(&sandbox, &[]).run().success().stderr, "");
    assert_eq!(count(&server, LIST), 2);
    let sandbox = sandbox.env("HUSHED_CACHE", "ttl=1h");
    server.forget();
    for _ in 0..2 {
        run(&sandbox, &["--source", "one"]).run().success();
    }
    assert_eq!(count(&server, LIST), 0);
    let sandbox = sandbox.env("HUSHED_OFFLINE", "true");
    let said = run(&sandbox, &["--source", "two"]).run().fails_with(125).stderr;
    assert!(said.contains("source `two`: no server is asked"), "{said}");
}

#[test]
fn a_mode_that_there_is_not_is_told() {
    let server = start();
    for (mode, want) in [
        ("always", "`always` is not a mode of the cache"),
        ("ttl=soon", "`soon` is not a duration"),
        ("ttl=0s", "`0s` is not a duration"),
    ] {
        let said = fails(&home(&server), &["--cache", mode]);
        assert!(said.contains(want), "{said}");
    }
    assert_eq!(server.requests().len(), 0);
    let sandbox = Sandbox::new().file("e", "A=canary\n");
    let said = sandbox.run(["run", "--env-file", "e", "--cache", "fallback", "--", "true"]);
    let said = said.fails_with(125).stderr;
    assert!(said.contains("--cache is set, but no infisical source is in use"), "{said}");
}

#[test]
fn plan_and_why_show_what_is_from_the_cache() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &TTL);
    let line = |command: &'static str, rest: &[&'static str]| {
        let line: Vec<_> = [&[command][..], rest, &TTL].concat();
        soon(&sandbox.run(line).success().stdout)
    };
    let plan = line("plan", &[]);
    assert!(
        plan.contains("NAME    `infisical` (/ in dev) from the cache, 0 s old, 10 bytes"),
        "{plan}"
    );
    assert!(line("plan", &["--json"]).contains("\"cached_seconds\": "));
    assert!(!line("plan", &["--json"]).contains("\"cached_seconds\": null"));
    let why = line("why", &["NAME"]);
    assert!(why.contains("`infisical` (/ in dev) from the cache, 0 s old"), "{why}");
    assert!(!line("why", &["NAME", "--json"]).contains("\"cached_seconds\": null"));
    assert!(entry(&sandbox).exists());
}
