//! examples/compose: the commands of docs/docker.md for Compose, with a `docker` that prints what it gets. The real
//! `docker compose` is not run: whether it substitutes variables is its own business.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::infisical::{
    CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Server, World,
};
use crate::support::sandbox::{Sandbox, hushed};

/// Prints its arguments, the variables that compose.yaml passes on, and the files it is given.
const DOCKER: &str = r#"#!/bin/sh
echo "args: $*"
echo "env: ${DB_PASSWORD-unset} ${API_KEY-unset}"
while [ $# -gt 0 ]; do
    case $1 in
    --env-file) shift; echo "file:"; cat "$1" ;;
    -f) shift; grep -q /dev/fd/3 "$1" && { echo "descriptor:"; cat /dev/fd/3; } ;;
    esac
    shift
done
"#;

fn example(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/compose").join(name);
    fs::read_to_string(path).unwrap()
}

fn start() -> Server {
    let project = Project::new("shop")
        .env("dev")
        .secret("dev", "/", "DB_PASSWORD", "canary$pw")
        .secret("dev", "/", "API_KEY", "canary-key");
    let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop");
    let world = World::default().project(project).identity(reader);
    Server::builder(Generation::V4C, world).plain().start()
}

fn home(server: &Server) -> Sandbox {
    let mut sandbox = Sandbox::new()
        .server(server, "shop")
        .file("bin/docker", DOCKER)
        .file(".env", "DB_PASSWORD=old\nTAG=1\n")
        .permits(".env.infisical");
    for name in ["compose.yaml", "env-file.yaml", "start.sh"] {
        sandbox = sandbox.file(name, example(name));
    }
    let bin = sandbox.project().join("bin");
    for path in [bin.join("docker"), sandbox.project().join("start.sh")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let own = hushed().parent().unwrap().to_owned();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let path = [bin, own].into_iter().chain(std::env::split_paths(&rest));
    sandbox.env("PATH", std::env::join_paths(path).unwrap())
}

#[test]
fn compose_passes_on_the_variables_of_a_run() {
    let server = start();
    let sandbox = home(&server);
    let run = ["run", "--", "docker", "compose", "up"];
    let output = sandbox.command(run).reveals().run().success();
    assert_eq!(output.stdout, "args: compose up\nenv: canary$pw canary-key\n");
}

#[test]
fn an_env_file_can_be_a_descriptor() {
    let server = start();
    let sandbox = home(&server);
    let line = "docker compose -f env-file.yaml up 3< <(hushed export --dialect compose)";
    let output = sandbox.program("bash", ["-c", line]).reveals().run().success();
    let file = "descriptor:\nDB_PASSWORD='canary$pw'\nAPI_KEY='canary-key'\n";
    assert_eq!(
        output.stdout,
        format!("args: compose -f env-file.yaml up\nenv: unset unset\n{file}")
    );
}

#[test]
fn the_start_script_prefers_the_store_and_falls_back_only_if_it_is_away() {
    let server = start();
    let sandbox = home(&server);
    let run = |sandbox: &Sandbox| sandbox.program("sh", ["start.sh", "-d"]).reveals().run();
    let output = run(&sandbox).success();
    let first = "args: compose --env-file .env --env-file .env.infisical up -d\n";
    assert!(output.stdout.starts_with(first), "{}", output.stdout);
    let store = output.stdout.rsplit("file:\n").next().unwrap();
    assert!(store.contains("DB_PASSWORD='canary$pw'"), "{}", output.stdout);
    let mode = fs::metadata(sandbox.project().join(".env.infisical")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // A denied login is no reason to fall back.
    let denied = run(&sandbox.env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "wrong"));
    assert_eq!((denied.status.code(), &*denied.stdout), (Some(77), ""));
    let away =
        home(&server).env("INFISICAL_DOMAIN", "http://127.0.0.1:9").env("HUSHED_TIMEOUT", "1s");
    let output = run(&away).success();
    let want =
        "args: compose --env-file .env up -d\nenv: unset unset\nfile:\nDB_PASSWORD=old\nTAG=1\n";
    assert_eq!(output.stdout, want);
}
