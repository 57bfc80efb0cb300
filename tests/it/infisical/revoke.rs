//! `--revoke-token`: the token of our own login ends when nobody needs it any more, and only that one.
//! Must not test what the server does with it then.

use std::{fs, os::unix::process::ExitStatusExt};

use nix::{
    sys::signal::{Signal, kill},
    sys::stat::Mode,
    unistd::{Pid, mkfifo},
};

use super::fixture::{LIST, LOGIN, asked, count, home, plain, shop, start};
use crate::support::{
    infisical::{Fault, FaultKind, Generation, Server},
    sandbox::{Output, Sandbox},
};

const REVOKE: &str = "/api/v1/auth/token/revoke";
/// What the command asks the server, so that its place among our own requests is known.
const COMMAND: &str = "/api/status";

/// Runs a command that makes itself known to the server.
fn run(sandbox: &Sandbox, server: &Server, flags: &[&str]) -> Output {
    let port = server.address().port();
    let talk = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET {COMMAND} HTTP/1.0\\r\\n\\r\\n' >&3; \
         read -r answer <&3; test -n \"$answer\""
    );
    sandbox.command([&["run"], flags, &["--", "bash", "-c", &talk]].concat()).run()
}

fn revoked(server: &Server) -> usize {
    count(server, REVOKE)
}

/// The requests without the looking up of the project.
fn order(server: &Server) -> Vec<String> {
    let known = [LOGIN, LIST, REVOKE, COMMAND];
    let paths = asked(server).into_iter().map(|line| line.split(' ').nth(1).unwrap().to_owned());
    paths.filter(|path| known.contains(&path.as_str())).collect()
}

#[test]
fn it_is_off_unless_it_is_asked_for() {
    let server = start();
    for flags in [&[][..], &["--revoke-token=false"], &["--redact"], &["--init"]] {
        run(&home(&server), &server, flags).success();
        assert_eq!(revoked(&server), 0, "{flags:?}");
    }
    let sandbox = home(&server).file("hushed.toml", "[run]\nrevoke-token = true\n");
    run(&sandbox, &server, &["--revoke-token=false"]).success();
    assert_eq!(revoked(&server), 0);
}

#[test]
fn the_token_ends_before_the_command_begins_or_after_it_as_our_child() {
    for generation in [Generation::V3Only, Generation::V4B, Generation::V4C] {
        let list = if generation == Generation::V3Only { "/api/v3/secrets/raw" } else { LIST };
        for (flags, late) in [(&[][..], false), (&["--redact"], true), (&["--init"], true)] {
            let server = plain(generation);
            let flags: Vec<&str> = ["--revoke-token"].iter().chain(flags).copied().collect();
            let output = run(&home(&server), &server, &flags).success();
            assert_eq!(output.stderr, "");
            let order = order(&server);
            let place = |path: &str| order.iter().position(|found| found == path);
            assert_eq!(revoked(&server), 1, "{generation:?} {flags:?}: {order:?}");
            assert!(asked(&server).contains(&format!("POST {REVOKE}")));
            assert!(count(&server, list) > 0 && place(LOGIN) < place(REVOKE), "{order:?}");
            assert_eq!(place(COMMAND) < place(REVOKE), late, "{generation:?} {flags:?}: {order:?}");
            assert_eq!(server.world(|world| world.tokens.len()), 0, "{generation:?} {flags:?}");
        }
    }
}

#[test]
fn it_ends_over_tls_as_well() {
    for flags in [&["--revoke-token"][..], &["--revoke-token", "--init"]] {
        let server = Server::start(Generation::V4C, shop());
        let line = ["run"].iter().chain(flags).chain(&["--", "true"]);
        let output = home(&server).run(line.copied()).success();
        assert_eq!((output.stderr.as_str(), revoked(&server)), ("", 1), "{flags:?}");
    }
}

#[test]
fn it_is_asked_for_in_every_place() {
    let source = "[source.shop]\ntype = \"infisical\"\n";
    for (config, variable) in [
        (String::new(), Some("true")),
        (format!("[run]\nrevoke-token = true\n{source}"), None),
        (format!("{source}revoke-token = true\n"), None),
        (format!("[run]\nrevoke-token = false\n{source}revoke-token = true\n"), None),
    ] {
        let server = start();
        let sandbox = home(&server).file("hushed.toml", &config);
        let sandbox = match variable {
            Some(value) => sandbox.env("HUSHED_REVOKE_TOKEN", value),
            None => sandbox,
        };
        run(&sandbox, &server, &[]).success();
        assert_eq!(revoked(&server), 1, "{config}");
    }
    let server = start();
    let config = format!("[run]\nrevoke-token = true\n{source}revoke-token = false\n");
    run(&home(&server).file("hushed.toml", config), &server, &[]).success();
    assert_eq!(revoked(&server), 0);
}

#[test]
fn what_fails_after_the_login_ends_it_too() {
    for mode in [&[][..], &["--redact"]] {
        for (flags, command, code) in [
            (&["--path", "/none"][..], "true", 125),
            (&["--env", "none"], "true", 125),
            (&["--require", "NOTHING"], "true", 125),
            (&[], "no-such-command", 127),
            (&[], "/", 126),
        ] {
            let server = start();
            let line = [&["run", "--revoke-token"], mode, flags, &["--", command]].concat();
            let output = home(&server).command(line).run().fails_with(code);
            assert!(!output.stderr.contains("revoked"), "{}", output.stderr);
            assert_eq!(revoked(&server), 1, "{mode:?} {flags:?} {command}");
        }
    }
}

#[test]
fn a_login_that_fails_leaves_nothing_to_end() {
    let server = start();
    let sandbox = home(&server).env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-wrong");
    run(&sandbox, &server, &["--revoke-token"]).fails_with(125);
    assert_eq!(revoked(&server), 0);
}

#[test]
fn a_signal_while_secrets_are_fetched_ends_it_too() {
    for mode in ["--redact=false", "--redact"] {
        let server = start();
        server.fault(Fault::on(LIST, FaultKind::Hang));
        let sandbox = home(&server);
        let line = ["run", mode, "--revoke-token", "--", "touch", "started"];
        let running = sandbox.command(line).spawn();
        server.await_request(LIST);
        kill(Pid::from_raw(running.pid().cast_signed()), Signal::SIGTERM).unwrap();
        let output = running.wait();
        assert_eq!(output.status.signal(), Some(15), "{}", output.stderr);
        assert_eq!((output.stderr.as_str(), revoked(&server)), ("", 1), "{mode}");
        assert!(!sandbox.project().join("started").exists());
    }
}

#[test]
fn a_command_that_a_signal_ends_leaves_no_token() {
    let server = start();
    let sandbox = home(&server);
    let gate = sandbox.project().join("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    let line = ["run", "--init", "--revoke-token", "--", "sh", "-c", "echo >gate; exec sleep 1000"];
    let running = sandbox.command(line).spawn();
    fs::read(&gate).unwrap();
    assert_eq!(revoked(&server), 0, "before the command's end");
    kill(Pid::from_raw(running.pid().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(running.wait().status.signal(), Some(15));
    assert_eq!(revoked(&server), 1);
}

#[test]
fn a_token_of_the_users_own_stays() {
    for mode in ["--redact=false", "--redact"] {
        let server = start();
        let token = server.mint("reader");
        let sandbox = home(&server).env("INFISICAL_TOKEN", &token);
        let sandbox = sandbox.without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET");
        let sandbox = sandbox.without("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID");
        for _ in 0..2 {
            let output = run(&sandbox, &server, &["--revoke-token", mode]).success();
            let want = "hushed: warning: --revoke-token: the access token from INFISICAL_TOKEN is not \
                        revoked, since hushed did not log in for it; ";
            assert!(output.stderr.starts_with(want), "{}", output.stderr);
        }
        assert_eq!(revoked(&server), 0, "{mode}");
    }
}

#[test]
fn a_server_that_does_not_end_it_is_worth_a_warning() {
    let gone = r#"{"statusCode":401,"message":"No identity access token found","error":"UnauthorizedError"}"#;
    let route = r#"{"message":"Route POST:/api/v1/auth/token/revoke not found","error":"Not Found","statusCode":404}"#;
    let broken =
        r#"{"statusCode":500,"message":"Something went wrong","error":"InternalServerError"}"#;
    for (fault, want) in [
        (Fault::on(REVOKE, FaultKind::Reset), "cannot revoke the access token at http://127.0.0.1"),
        (Fault::on(REVOKE, FaultKind::Html), "is not Infisical: it sent a web page"),
        (Fault::status(REVOKE, 404, route), "does not support revoking tokens"),
        (Fault::status(REVOKE, 500, broken), "the server answered 500"),
        (Fault::status(REVOKE, 401, gone), ""),
    ] {
        for mode in ["--redact=false", "--redact"] {
            let server = start();
            server.fault(fault.clone());
            let output = run(&home(&server), &server, &["--revoke-token", mode]).success();
            assert_eq!(output.stderr.lines().count(), usize::from(!want.is_empty()), "{want}");
            assert!(output.stderr.contains(want), "{}", output.stderr);
            assert_eq!(count(&server, COMMAND), 1, "{want}");
        }
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_long() {
    let server = start();
    server.fault(Fault::on(REVOKE, FaultKind::Hang));
    let output = run(&home(&server), &server, &["--revoke-token", "--timeout=10m"]).success();
    let want = "the access token of `infisical` was not revoked and lives until it expires: ";
    assert!(output.stderr.contains(want), "{}", output.stderr);
    assert!(output.stderr.contains("5 s"), "{}", output.stderr);
}

#[test]
fn a_server_that_has_gone_is_worth_a_warning() {
    let server = start();
    let sandbox = home(&server);
    let gate = sandbox.project().join("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    let line =
        ["run", "--init", "--revoke-token", "--", "sh", "-c", "echo >gate; read x <gate; exit 7"];
    let running = sandbox.command(line).spawn();
    fs::read(&gate).unwrap();
    drop(server);
    fs::write(&gate, "\n").unwrap();
    let output = running.wait().fails_with(7);
    assert!(output.stderr.contains("was not revoked and lives until it expires: cannot revoke"));
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
}

#[test]
fn whatever_logs_in_ends_it() {
    for line in [
        &["plan", "--revoke-token"][..],
        &["why", "--revoke-token", "NAME"],
        &["export", "--revoke-token", "-o", "out"],
        &["secrets", "list", "--revoke-token"],
        &["doctor", "--revoke-token"],
        &["redact", "--revoke-token"],
    ] {
        let server = start();
        home(&server).permits("out").run(line).success();
        assert_eq!((count(&server, LOGIN), revoked(&server)), (1, 1), "{line:?}");
    }
}

#[test]
fn plan_tells_when_it_would_end() {
    let server = start();
    for (mode, when) in [("--init=false", "before"), ("--init", "after")] {
        let output = home(&server).run(["plan", "--revoke-token", mode]).success();
        let want = format!(
            "the access token of `infisical` would be revoked {when} the command runs: --revoke-token\n"
        );
        assert!(output.stdout.contains(&want), "{}", output.stdout);
    }
    let output = home(&server).run(["plan"]).success();
    assert!(!output.stdout.contains("revoked"), "{}", output.stdout);
}

#[test]
fn without_infisical_there_is_nothing_to_end() {
    let sandbox = Sandbox::new().file("app.env", "NAME=canary\n");
    let output = sandbox.run(["run", "--env-file", "app.env", "--revoke-token", "--", "true"]);
    assert!(output.fails_with(125).stderr.contains("--revoke-token"));
    let sandbox = sandbox.env("HUSHED_REVOKE_TOKEN", "true");
    assert_eq!(sandbox.run(["run", "--env-file", "app.env", "--", "true"]).success().stderr, "");
}
