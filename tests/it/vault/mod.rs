//! Vault and `OpenBao` as users meet them: variables, files and trust, against a server that answers as `OpenBao` does.
//! Must not test what the requests are in detail; `src/provider/vault/tests` does.

mod keeper;
mod kms;
mod openbao;
mod server;
mod writing;

use std::{fs, os::unix::net::UnixListener};

use crate::support::sandbox::{Output, Sandbox};
use server::{FakeVault, ROLE_ID, SECRET_ID, TOKEN};

const SOURCE: &str =
    "[source.app]\ntype = \"vault\"\npath = [\"secret/app\", \"secret/data/db\"]\n";

/// A user's own configuration, which needs no trust.
fn home(server: &FakeVault) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", SOURCE)
        .env("HUSHED_CONFIG", "hushed.toml")
        .env("VAULT_ADDR", server.address())
}

fn approle(sandbox: Sandbox) -> Sandbox {
    sandbox.env("VAULT_ROLE_ID", ROLE_ID).env("VAULT_SECRET_ID", SECRET_ID)
}

fn show(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let script = "echo $USER $PASSWORD $DB ${VAULT_TOKEN-no} ${BAO_TOKEN-no} ${VAULT_SECRET_ID-no}";
    let arguments = [&["run"], arguments, &["--", "sh", "-c", script]].concat();
    sandbox.command(arguments).reveals().run()
}

#[test]
fn a_command_gets_the_keys_of_its_secrets_and_no_secret_id() {
    let server = FakeVault::start();
    let output = show(&approle(home(&server)), &["--revoke-token"]).success();
    assert_eq!(output.stdout, "app canary-password canary-db no no no\n");
    // The secrets are read at the same time.
    let mut asked = server.asked();
    asked[2..4].sort();
    assert_eq!(
        asked,
        [
            "POST /v1/auth/approle/login",
            "GET /v1/sys/internal/ui/mounts/secret/app",
            "GET /v1/secret/data/app",
            "GET /v1/secret/data/db",
            "POST /v1/auth/token/revoke-self",
        ]
    );
}

#[test]
fn restarts_with_a_wrong_secret_id_do_not_lock_the_role() {
    let server = FakeVault::start();
    let Ok(runtime) = tempfile::tempdir_in("/dev/shm") else { return };
    let sandbox = home(&server).env("VAULT_ROLE_ID", ROLE_ID).env("VAULT_SECRET_ID", "canary-old");
    let sandbox = sandbox.env("XDG_RUNTIME_DIR", runtime.path());
    for _ in 0..10 {
        show(&sandbox, &["--set", "app.cache=fallback"]).fails_with(125);
    }
    // OpenBao locks it at the fifth.
    let logins = server.asked().iter().filter(|line| line.contains("/login")).count();
    assert_eq!(logins, 1);
    show(&approle(sandbox), &["--set", "app.cache=fallback"]).success();
}

#[test]
fn a_slash_at_the_end_of_a_path_is_not_sent() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server)).env("HUSHED_SOURCE_APP_PATH", "/secret/app/");
    let output = show(&sandbox, &[]).success();
    assert_eq!(output.stdout, "app canary-password no no no\n");
    assert!(server.asked().iter().all(|line| !line.ends_with('/')), "{:?}", server.asked());
}

#[test]
fn a_shared_token_passes_unless_it_is_withheld() {
    let server = FakeVault::start();
    let sandbox = home(&server).env("VAULT_TOKEN", TOKEN);
    assert!(show(&sandbox, &[]).success().stdout.ends_with(&format!("{TOKEN} no no\n")));
    let withheld = show(&sandbox, &["--set", "app.withhold=true"]).success();
    assert!(withheld.stdout.ends_with(" no no no\n"), "{}", withheld.stdout);
}

#[test]
fn the_variables_of_both_command_lines_count_and_an_empty_one_hides() {
    let server = FakeVault::start();
    let away = "http://127.0.0.1:1";
    for (variables, works) in [
        (&[("VAULT_TOKEN", TOKEN)][..], true),
        (&[("BAO_TOKEN", TOKEN), ("VAULT_TOKEN", "canary-wrong")], true),
        (&[("BAO_TOKEN", ""), ("VAULT_TOKEN", TOKEN)], false),
        (&[("VAULT_TOKEN", TOKEN), ("BAO_ADDR", away)], false),
        (&[("VAULT_TOKEN", TOKEN), ("BAO_ADDR", "")], false),
        (&[("VAULT_TOKEN", TOKEN), ("BAO_NAMESPACE", "nope")], false),
        (&[("VAULT_TOKEN", TOKEN), ("VAULT_NAMESPACE", "team/")], true),
        (&[("VAULT_TOKEN", TOKEN), ("VAULT_NAMESPACE", "nope"), ("BAO_NAMESPACE", "")], true),
    ] {
        let sandbox = home(&server);
        let sandbox =
            variables.iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(*name, *value));
        let output = show(&sandbox, &[]);
        assert_eq!(output.status.success(), works, "{variables:?}: {}", output.stderr);
    }
}

#[test]
fn the_token_of_the_other_command_line_is_found_in_its_file() {
    let server = FakeVault::start();
    let sandbox = home(&server).file(".vault-token", TOKEN);
    let project = sandbox.project();
    show(&sandbox.env("HOME", project), &[]).success();
    let elsewhere =
        home(&server).file("token", format!("{TOKEN}\n")).env("BAO_TOKEN_PATH", "token");
    show(&elsewhere, &[]).success();
    // A sink that is wrapped is unwrapped once.
    let sink = r#"{"token":"canary-wrap","ttl":60,"creation_path":"sys/wrapping/wrap"}"#;
    let wrapped = home(&server).file("sink", sink);
    show(&wrapped, &["--set", "app.token-file=sink"]).success();
    let again = show(&wrapped, &["--set", "app.token-file=sink"]).fails_with(125);
    assert!(again.stderr.contains("it was used already, or has expired"), "{}", again.stderr);
    let encrypted = home(&server).file("sink", r#"{"encrypted_payload":"x"}"#);
    let refused = show(&encrypted, &["--set", "app.token-file=sink"]).fails_with(125);
    assert!(refused.stderr.contains("is encrypted for another reader"), "{}", refused.stderr);
}

#[test]
fn an_agents_socket_needs_no_token() {
    let sandbox = Sandbox::new().file("hushed.toml", SOURCE).env("HUSHED_CONFIG", "hushed.toml");
    let socket = sandbox.home().join("agent.sock");
    let server = FakeVault::on(UnixListener::bind(&socket).unwrap());
    let sandbox = sandbox.env("VAULT_AGENT_ADDR", format!("unix://{}", socket.display()));
    let output = show(&sandbox, &[]).success();
    assert_eq!(output.stdout, "app canary-password canary-db no no no\n");
    assert!(server.asked().iter().all(|line| !line.contains("login")));
    fs::remove_file(&socket).unwrap();
}

#[test]
fn a_projects_file_needs_trust_for_a_server_and_for_the_files_that_are_sent_there() {
    let server = FakeVault::start();
    let address = server.address();
    let project =
        |lines: &str| approle(Sandbox::new()).file("hushed.toml", format!("{SOURCE}{lines}\n"));
    let named = project(&format!("address = \"{address}\""));
    let output = show(&named, &[]).fails_with(125);
    assert!(
        output.stderr.contains(&format!("sends the credentials to {address}")),
        "{}",
        output.stderr
    );
    named.run(["trust"]).success();
    show(&named, &[]).success();
    let file = project("secret-id-file = \"/etc/hostname\"").env("VAULT_ADDR", &address);
    let output = show(&file, &[]).fails_with(125);
    assert!(
        output.stderr.contains("chooses the file that is sent as a credential"),
        "{}",
        output.stderr
    );
    let mount = project("auth-mount = \"other\"").env("VAULT_ADDR", &address);
    let output = show(&mount, &[]).fails_with(125);
    assert!(output.stderr.contains("chooses the auth method"), "{}", output.stderr);
    assert!(server.asked().iter().all(|line| !line.contains("/other/")));
}

#[test]
fn the_cache_stands_in_for_a_sealed_server_and_not_after_a_denial() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server));
    let cached = ["--set", "app.cache=fallback", "--timeout", "5s"];
    show(&sandbox, &cached).success();
    server.seal(true);
    let output = show(&sandbox, &cached).success();
    assert_eq!(output.stdout, "app canary-password canary-db no no no\n");
    assert!(output.stderr.contains("is sealed"), "{}", output.stderr);
    server.seal(false);
    let denied = sandbox.env("HUSHED_SOURCE_APP_PATH", "secret/denied");
    let output = show(&denied, &cached).fails_with(125);
    assert!(
        output.stderr.contains("the token may not read `secret/data/denied`"),
        "{}",
        output.stderr
    );
}

#[test]
fn references_read_each_secret_once() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server)).file(
        "hushed.toml",
        "[source.app]\ntype = \"vault\"\n\n[env]\nA = \"app://secret/app#USER\"\n\
         B = \"app://secret/app#PASSWORD\"\nC = \"vault://secret/data/db?version=2#DB\"\n",
    );
    let line = ["run", "--", "sh", "-c", "echo $A $B $C"];
    let output = sandbox.command(line).reveals().run().success();
    assert_eq!(output.stdout, "app canary-password canary-db\n");
    let reads = server.asked().iter().filter(|line| line.contains("/data/")).count();
    assert_eq!(reads, 2);
}

#[test]
fn a_confined_fetch_reaches_the_server_too() {
    let server = FakeVault::start();
    let output = show(&approle(home(&server)), &["--disk-free=best-effort"]).success();
    assert_eq!(output.stdout, "app canary-password canary-db no no no\n");
}

#[test]
fn the_doctor_tells_what_is_wrong_in_the_order_of_a_run() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server));
    let report = sandbox.run(["doctor"]).success().stdout;
    for line in ["approle from VAULT_ROLE_ID", "is version 2.7.2", "login        approle"] {
        assert!(report.contains(line), "{report}");
    }
    assert!(report.contains("secret/data/app (version 3): 2 keys"), "{report}");
    server.seal(true);
    let report = sandbox.run(["doctor"]).fails_with(1).stdout;
    assert!(report.contains("is sealed") && report.contains("not reached"), "{report}");
}

#[test]
fn a_dynamic_secret_outlives_a_command_that_takes_husheds_place() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server)).env("HUSHED_SOURCE_APP_PATH", "database/creds/app");
    let cached = ["--set", "app.cache=fallback", "--revoke-token"];
    let output = show(&sandbox, &cached).success();
    assert_eq!(output.stdout, "dynamic canary-dynamic no no no\n");
    let warning = "the secrets of `app` (database/creds/app) end in ";
    assert!(output.stderr.contains(warning), "{}", output.stderr);
    // The credential is neither revoked before its use, nor kept for another run.
    assert!(server.asked().iter().all(|line| !line.contains("revoke")), "{:?}", server.asked());
    show(&sandbox, &cached).success();
    let requests =
        server.asked().iter().filter(|line| line.starts_with("GET /v1/database")).count();
    assert_eq!(requests, 2);
}

#[test]
fn a_plan_leaves_no_lease_behind() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server)).env("HUSHED_SOURCE_APP_PATH", "database/creds/app");
    let output = sandbox.run(["plan"]).success();
    assert_eq!(output.stderr, "");
    assert_eq!(server.asked().pop().unwrap(), "POST /v1/auth/token/revoke-self");
    let sandbox =
        sandbox.without("VAULT_SECRET_ID").without("VAULT_ROLE_ID").env("VAULT_TOKEN", TOKEN);
    sandbox.run(["plan"]).success();
    assert_eq!(server.asked().pop().unwrap(), "POST /v1/sys/leases/revoke");
}
