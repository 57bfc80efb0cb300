//! examples/ansible: a playbook with secrets by the pipe lookup and under `hushed run`, with the real ansible-playbook
//! where it is installed; and what hushed says for every error that such a play meets, as status and as JSON.
//! Must not be silent where it is skipped.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use crate::recipes::snippet::python;
use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Fault, FaultKind, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Output, Sandbox, hushed};

const PASSWORD: &str = "canary 'p\"w: {{ x }} ";

fn start() -> Server {
    let project = Project::new("shop")
        .env("dev")
        .env("prod")
        .secret("dev", "/", "DB_USER", "canary-user")
        .secret("dev", "/", "DB_PASSWORD", PASSWORD)
        .secret("dev", "/", "API_KEY", "canary-key");
    let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads("shop", "dev", "/");
    Server::builder(Generation::V4C, World::default().project(project).identity(reader))
        .plain()
        .start()
}

fn example(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/ansible").join(name);
    fs::read_to_string(path).unwrap()
}

/// The home of a play, with hushed and ansible-playbook on the path; `None` without Ansible.
fn play(server: &Server) -> Option<Sandbox> {
    let Some(playbook) = python("ansible").and_then(|python| {
        let beside = python.parent()?.join("ansible-playbook");
        beside.is_file().then_some(beside)
    }) else {
        std::io::stderr().write_all(b"skipped: no ansible-core in target/python\n").unwrap();
        return None;
    };
    let directories = [hushed(), playbook].map(|program| program.parent().unwrap().to_owned());
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(directories.into_iter().chain(std::env::split_paths(&rest)));
    let mut sandbox = Sandbox::new()
        .server(server, "shop")
        .env("PATH", path.unwrap())
        .env("LC_ALL", "C.UTF-8")
        .permits("app.conf");
    for name in ["inventory.yml", "site.yml", "errors.yml"] {
        sandbox = sandbox.file(name, example(name));
    }
    Some(sandbox)
}

#[test]
fn a_play_gets_its_secrets_by_the_pipe_lookup_and_from_the_environment() {
    let server = start();
    let Some(sandbox) = play(&server) else { return };
    let play = ["ansible-playbook", "-i", "inventory.yml", "site.yml"];
    let command = ["run", "--pass-credentials", "--"].into_iter().chain(play);
    let output = sandbox.run(command);
    assert!(output.status.success(), "{}{}", output.stdout, output.stderr);
    let written = fs::read_to_string(sandbox.project().join("app.conf")).unwrap();
    assert_eq!(written, format!("user=canary-user\npassword={PASSWORD}\nkey=canary-key\n"));
    // A wrong secret: the lookup shows the exit status of the table, and a task the text.
    let sandbox =
        sandbox.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "wrong").env("API_KEY", "x");
    let run = |book: &str| {
        let arguments = ["-i", "inventory.yml", book];
        sandbox.program("ansible-playbook", arguments).run()
    };
    let output = run("site.yml");
    let text = output.stdout + &output.stderr;
    assert!(text.contains("returned 77"), "{text}");
    let output = run("errors.yml");
    let text = output.stdout + &output.stderr;
    assert!(text.contains("(denied)") && text.contains("Infisical"), "{text}");
}

/// What `secrets get` says as JSON.
fn failure(output: &Output) -> serde_json::Value {
    let last = output.stderr.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {}", output.stderr))
}

#[test]
fn every_error_of_a_play_has_a_status_and_a_text_in_json() {
    let get = |sandbox: &Sandbox, name: &str| {
        sandbox.run(["secrets", "get", name, "--error-format=json", "--timeout", "2s"])
    };
    let check = |sandbox: &Sandbox, name: &str, status: i32, kind: &str| {
        let output = get(sandbox, name);
        let error = failure(&output);
        assert_eq!(output.status.code(), Some(status), "{}", output.stderr);
        assert_eq!(error["status"], status, "{error}");
        assert_eq!(error["kind"], kind, "{error}");
        assert_eq!(error["level"], "error", "{error}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        assert!(output.stdout.is_empty());
    };
    let server = start();
    let home = || Sandbox::new().server(&server, "shop");
    // Missing variables.
    check(&Sandbox::new(), "DB_USER", 78, "configuration");
    check(
        &home().without("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"),
        "DB_USER",
        78,
        "configuration",
    );
    // A wrong ID, a wrong secret, an expired token.
    let nobody = "00000000-0000-0000-0000-00000000dead";
    check(&home().env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", nobody), "DB_USER", 77, "denied");
    check(&home().env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "wrong"), "DB_USER", 77, "denied");
    let with_token = Sandbox::new().address(&server).project_of(&server, "shop", "dev");
    check(&with_token.env("INFISICAL_TOKEN", "made.up.token"), "DB_USER", 77, "denied");
    // Not found, denied, the wrong environment.
    check(&home(), "NOSUCH", 1, "failure");
    check(&home().env("HUSHED_ENV", "nosuch"), "DB_USER", 1, "failure");
    // Unreachable, too slow, a proxy that refuses.
    check(&home().env("INFISICAL_DOMAIN", "http://127.0.0.1:9"), "DB_USER", 69, "unavailable");
    server.fault(Fault::on("/", FaultKind::Hang));
    check(&home(), "DB_USER", 69, "unavailable");
}

#[test]
fn several_secrets_are_one_object_and_faults_of_usage_are_json_too() {
    let sandbox = Sandbox::new().file("app.env", "A='canary 1'\nB='canary \"2\"'\n");
    let arguments = ["secrets", "get", "B", "A", "--format", "json", "--env-file", "app.env"];
    let output = sandbox.command(arguments).reveals().run().success();
    let object: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(object, serde_json::json!({ "A": "canary 1", "B": "canary \"2\"" }));
    for (arguments, status, kind) in [
        (&["secrets", "get", "--error-format", "json", "--wrong"][..], 2, "usage"),
        (&["--error-format=json", "plan", "--wrong"], 2, "usage"),
        (&["run", "--error-format=json", "--env-file", "missing", "--", "true"], 125, "failure"),
        (
            &[
                "secrets",
                "get",
                "A",
                "--error-format=json",
                "--format",
                "nosuch",
                "--env-file",
                "app.env",
            ],
            2,
            "usage",
        ),
    ] {
        let output = sandbox.run(arguments);
        let error = failure(&output);
        assert_eq!(output.status.code(), Some(status), "{}", output.stderr);
        assert_eq!((&error["status"], &error["kind"]), (&status.into(), &kind.into()), "{error}");
    }
    // A command's own option is left to it, and a wrong format is wrong usage.
    let run = ["run", "--env-file", "app.env", "echo", "--error-format=json"];
    assert_eq!(sandbox.run(run).success().stdout, "--error-format=json\n");
    assert_eq!(sandbox.run(["plan", "--error-format", "xml"]).status.code(), Some(2));
}
