//! `hushed doctor`: each check, ok and not ok, and what follows from it.
//! Must not need a network: every server is on loopback.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::Value as Json;

use crate::support::{
    infisical::{CLIENT_ID, Certificate, Fault, Generation, Identity, Project, Server, World},
    sandbox::Sandbox,
};

const STAGES: [&str; 7] = ["name", "TCP", "TLS", "server", "clock", "login", "rights"];

fn world() -> World {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/api", "API_KEY", "canary-api")
        .secret("dev", "/web", "SESSION_KEY", "canary-session")
        .secret("prod", "/api", "API_KEY", "canary-prod");
    let reader = Identity::universal("reader", CLIENT_ID, "canary-client-secret");
    World::default().project(project).identity(reader.reads("shop", "dev", "/**"))
}

fn server() -> Server {
    Server::start(Generation::V4C, world())
}

fn sandbox(server: &Server) -> Sandbox {
    let sandbox = Sandbox::new().server(server, "shop");
    sandbox
        .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-client-secret")
        .env("HUSHED_PATH", "/api,/web")
}

/// Runs the doctor; gives (source, check, verdict, detail, hint) of each line.
struct Report {
    code: i32,
    ok: bool,
    checks: Vec<Json>,
}

fn doctor(sandbox: &Sandbox, more: &[&str]) -> Report {
    let output = sandbox.run([&["doctor", "--json"], more].concat());
    let report: Json = serde_json::from_str(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().clone();
    Report { code: output.code(), ok: report["ok"].as_bool().unwrap(), checks }
}

impl Report {
    /// The verdicts on a check, in order.
    fn verdicts(&self, check: &str) -> Vec<&str> {
        let found = self.checks.iter().filter(|found| found["check"] == check);
        found.map(|found| found["verdict"].as_str().unwrap()).collect()
    }

    /// Detail and hint of the one check that is not ok.
    fn fault(&self, check: &str) -> String {
        let not_ok = |found: &&Json| found["check"] == check && found["verdict"] == "not ok";
        let found: Vec<_> = self.checks.iter().filter(not_ok).collect();
        let [found] = found.as_slice() else { panic!("{check}: {:#?}", self.checks) };
        format!("{}\n{}", found["detail"].as_str().unwrap(), found["hint"].as_str().unwrap_or(""))
    }

    /// What is not ok.
    fn faults(&self) -> Vec<&str> {
        let not_ok = self.checks.iter().filter(|found| found["verdict"] == "not ok");
        not_ok.map(|found| found["check"].as_str().unwrap()).collect()
    }
}

#[test]
fn a_healthy_set_up_is_ok_in_every_line() {
    let server = server();
    let report = doctor(&sandbox(&server), &[]);
    assert_eq!((report.code, report.ok), (0, true), "{:#?}", report.checks);
    for stage in STAGES {
        let want = if stage == "rights" { vec!["ok", "ok"] } else { vec!["ok"] };
        assert_eq!(report.verdicts(stage), want, "{stage}");
    }
    let keys: Vec<_> = report.checks[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["check", "detail", "hint", "source", "verdict"]);
}

#[test]
fn what_needs_a_thing_that_is_not_ok_is_skipped() {
    struct Case {
        stage: &'static str,
        want: &'static str,
        prepare: fn(&Server, Sandbox) -> Sandbox,
    }
    let cases = [
        Case {
            stage: "name",
            want: "the host `secrets.invalid` has no address",
            prepare: |_, sandbox| sandbox.env("INFISICAL_DOMAIN", "https://secrets.invalid"),
        },
        Case {
            stage: "TCP",
            want: "127.0.0.1:1: Connection refused",
            prepare: |_, sandbox| sandbox.env("INFISICAL_DOMAIN", "https://127.0.0.1:1"),
        },
        Case {
            stage: "TLS",
            want: "--ca-file",
            prepare: |_, sandbox| sandbox.without("SSL_CERT_FILE"),
        },
        Case {
            stage: "server",
            want: "a web page",
            prepare: |server, sandbox| {
                server.fault(Fault::on("/api/status", crate::support::infisical::FaultKind::Html));
                sandbox
            },
        },
        Case {
            stage: "login",
            want: "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
            prepare: |_, sandbox| {
                sandbox.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "canary-wrong")
            },
        },
    ];
    for Case { stage, want, prepare } in cases {
        let server = server();
        let report = doctor(&prepare(&server, sandbox(&server)), &[]);
        assert_eq!((report.code, report.ok), (1, false));
        assert_eq!(report.faults(), [stage]);
        let fault = report.fault(stage);
        assert!(fault.contains(want) && !fault.ends_with('\n'), "{fault}");
        let at = STAGES.iter().position(|name| *name == stage).unwrap();
        for later in STAGES.iter().skip(at + 1) {
            assert_eq!(report.verdicts(later), ["skipped"], "{later} after {stage}");
        }
    }
}

#[test]
fn an_expired_certificate_is_a_fault_of_tls() {
    let builder = Server::builder(Generation::V4C, world()).certificate(Certificate::Expired);
    let server = builder.start();
    let report = doctor(&sandbox(&server), &[]);
    assert!(report.fault("TLS").contains("expired"), "{:#?}", report.checks);
}

#[test]
fn a_clock_that_is_wrong_is_told_and_ends_nothing() {
    let server = server();
    server.world(|world| world.advance(Duration::from_mins(10)));
    let report = doctor(&sandbox(&server), &[]);
    assert_eq!(report.faults(), ["clock"]);
    let fault = report.fault("clock");
    assert!(fault.contains(" s behind the server's\nset this machine's clock"), "{fault}");
    assert_eq!(report.verdicts("login"), ["ok"]);
    assert_eq!(report.code, 1);
}

#[test]
fn rights_are_told_for_each_path() {
    let server = server();
    let report = doctor(&sandbox(&server).env("HUSHED_PATH", "/api,/nothing,/web"), &[]);
    assert_eq!(report.verdicts("rights"), ["ok", "not ok", "ok"]);
    let fault = report.fault("rights");
    assert!(fault.contains("no folder `/nothing`"), "{fault}");

    let report = doctor(&sandbox(&server), &["-e", "prod"]);
    assert_eq!(report.verdicts("rights"), ["not ok", "not ok"]);
}

#[test]
fn a_ready_token_is_tried_by_reading() {
    let server = server();
    let token = server.mint("reader");
    let sandbox = sandbox(&server)
        .env("INFISICAL_TOKEN", token)
        .without("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID")
        .without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET");
    let report = doctor(&sandbox, &[]);
    assert_eq!(report.verdicts("login"), ["skipped"]);
    assert_eq!(report.verdicts("rights"), ["ok", "ok"]);
    assert_eq!(report.code, 0);
}

#[test]
fn a_service_token_needs_no_project() {
    let server = server();
    let token = crate::support::infisical::ServiceToken::new("shop", &[("dev", "/api")]);
    let whole = token.whole();
    server.world(|world| world.service_tokens.push(token));
    let sandbox = Sandbox::new().address(&server).env("INFISICAL_TOKEN", whole);
    let report = doctor(&sandbox, &[]);
    assert_eq!((report.code, report.verdicts("rights")), (0, vec!["ok"]), "{:#?}", report.checks);
}

#[test]
fn through_a_proxy_name_and_tcp_are_left_to_it() {
    let server = server();
    let sandbox = sandbox(&server)
        .env("INFISICAL_DOMAIN", "https://secrets.example.com")
        .env("HTTPS_PROXY", "http://user:canary-password@127.0.0.1:1")
        .env("HUSHED_TIMEOUT", "2s");
    let report = doctor(&sandbox, &[]);
    assert_eq!(
        (report.verdicts("name"), report.verdicts("TCP")),
        (vec!["skipped"], vec!["skipped"])
    );
    let fault = report.fault("server");
    assert!(fault.contains("cannot connect to the proxy `127.0.0.1:1` (HTTPS_PROXY)"), "{fault}");
}

#[test]
fn plain_http_has_no_tls_to_check() {
    let server = Server::builder(Generation::V4C, world()).plain().start();
    let report = doctor(&sandbox(&server), &[]);
    assert_eq!((report.code, report.verdicts("TLS")), (0, vec!["skipped"]), "{:#?}", report.checks);
}

#[test]
fn one_source_that_fails_does_not_hide_the_others() {
    let server = server();
    let config = "[source.cloud]\ntype = \"infisical\"\nmethod = \"kubernetes\"\n\n\
                  [source.mine]\ntype = \"dotenv\"\nfile = \"mine.env\"\n\n\
                  [source.gone]\ntype = \"dotenv\"\nfile = \"gone.env\"\n";
    let sandbox =
        sandbox(&server).file("hushed.toml", config).file("mine.env", "A=canary\nB=canary\n");
    let report = doctor(&sandbox, &[]);
    assert_eq!(report.faults(), ["settings", "reading"], "{:#?}", report.checks);
    let fault = report.fault("settings");
    assert!(fault.contains("kubernetes: missing machine identity ID"), "{fault}");
    let mine: Vec<_> = report.checks.iter().filter(|check| check["source"] == "mine").collect();
    assert!(mine.iter().any(|check| check["detail"] == "2 secrets"), "{mine:#?}");
    assert_eq!(report.code, 1);
}

#[test]
fn a_configuration_that_does_not_parse_is_the_only_fault() {
    let sandbox = Sandbox::new().file("hushed.toml", "[run]\nclaen-env = true\n");
    let report = doctor(&sandbox, &[]);
    assert_eq!(report.faults(), ["configuration"]);
    assert!(report.fault("configuration").contains("did you mean `clean-env`?"));
}

#[test]
fn files_that_others_may_read_are_not_ok() {
    let server = server();
    let config = "[source.cloud]\ntype = \"infisical\"\nclient-secret-file = \"secret\"\n\n\
                  [source.mine]\ntype = \"dotenv\"\nfile = \"mine.env\"\n";
    let sandbox = sandbox(&server)
        .without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET")
        .file("hushed.toml", config)
        .file("secret", "canary-client-secret\n")
        .file("mine.env", "A=canary\n");
    assert_eq!(doctor(&sandbox, &[]).faults(), Vec::<&str>::new());

    for (name, mode, check) in [
        ("secret", 0o640, "credential file"),
        ("mine.env", 0o604, "file mode"),
        ("hushed.toml", 0o666, "configuration mode"),
    ] {
        let path = sandbox.project().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let report = doctor(&sandbox, &[]);
        assert_eq!(report.faults(), [check]);
        let fault = report.fault(check);
        assert!(fault.contains(&format!("{mode:04o}")) && fault.contains("chmod "), "{fault}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn the_local_store_is_read_and_its_key_looked_at() {
    let sandbox = Sandbox::new();
    sandbox.command(["secrets", "set", "API_KEY"]).stdin("canary").run().success();
    let report = doctor(&sandbox, &[]);
    assert_eq!((report.code, report.verdicts("key")), (0, vec!["ok"]), "{:#?}", report.checks);

    let key = sandbox.home().join(".config/hushed/key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let report = doctor(&sandbox, &[]);
    assert_eq!(report.faults(), ["key", "reading"]);
}

#[test]
fn a_unit_that_systemd_reads_otherwise_than_meant_is_marked() {
    let unit = "[Service]\nExecStart=/usr/bin/hushed run -- sh -c 'echo ${KEY}'\n\
                LoadCredential=app/key:/etc/key\nLoadCredential=good:/etc/key\n";
    let sandbox = Sandbox::new().file(".env", "A=canary\n").file("app.service", unit);
    sandbox.run(["init"]).success();
    fs::set_permissions(sandbox.project().join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
    let report = doctor(&sandbox, &["--systemd-unit", "app.service"]);
    assert_eq!(report.faults(), ["systemd credentials"]);
    let fault = report.fault("systemd credentials");
    assert!(fault.contains("ignores the credentials `app/key`\n"), "{fault}");
    assert_eq!(report.verdicts("systemd KillMode"), ["warning"]);
    assert_eq!(report.verdicts("systemd command line"), ["warning"]);
    let fixed = unit.replace("${", "$${").replace("app/key", "app-key") + "KillMode=mixed\n";
    fs::write(sandbox.project().join("app.service"), fixed).unwrap();
    let report = doctor(&sandbox, &["--systemd-unit", "app.service"]);
    assert_eq!((report.code, report.verdicts("systemd unit")), (0, vec!["ok"]));
    let report = doctor(&sandbox, &["--systemd-unit", "none.service"]);
    assert_eq!(report.faults(), ["systemd unit"]);
}
