//! Who logs in: tokens, client certificates and credential plugins; and what a project's file may choose only with
//! trust.

use serde_json::{Value, json};

use super::{CONFIG, project, run, with_user};
use crate::{
    kubernetes::server::{ApiServer, TOKEN},
    support::sandbox::Sandbox,
};

/// A plugin that prints this answer, and writes what it was told.
fn plugin(answer: &Value) -> String {
    format!(
        "#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" >told\nenv | grep -c ^HUSHED_ >own\nprintf %s '{answer}'\n"
    )
}

fn exec(command: &str) -> Value {
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": command,
        "interactiveMode": "IfAvailable",
    }})
}

fn credential(status: &Value) -> Value {
    json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status})
}

/// Writes an executable beside the kubeconfig.
fn with_plugin(sandbox: Sandbox, path: &str, text: &str) -> Sandbox {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox.file(path, text);
    let file = sandbox.project().join(path);
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Plugins are not for disk-free mode.
    sandbox.permits("told").permits("own").env("HUSHED_DISK_FREE", "false")
}

#[test]
fn a_client_certificate_logs_in() {
    let server = ApiServer::ordinary();
    let encoded =
        |pem: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pem);
    let (certificate, key) = &server.carol;
    let user = json!({
        "client-certificate-data": encoded(certificate),
        "client-key-data": encoded(key),
    });
    let sandbox = with_user(&server, CONFIG, &user);
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
    assert!(server.asked()[0].has_certificate && server.asked()[0].authorization.is_none());
    let report = sandbox.run(["doctor"]).success().stdout;
    assert!(report.contains("as `carol`"), "{report}");
}

#[test]
fn a_token_file_is_relative_to_the_kubeconfig() {
    let server = ApiServer::ordinary();
    let sandbox = with_user(&server, CONFIG, &json!({"tokenFile": "token"}));
    let error = run(&sandbox, "true").fails_with(125).stderr;
    assert!(
        error.contains("cannot read the token file `") && error.contains("kube/token"),
        "{error}"
    );
    let sandbox = sandbox.file("kube/token", format!("{TOKEN}\n"));
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
}

#[test]
fn a_plugin_of_the_users_kubeconfig_runs_once() {
    let server = ApiServer::ordinary();
    let sandbox = with_user(&server, CONFIG, &exec("./plugin"));
    let answer = credential(&json!({ "token": TOKEN }));
    let sandbox = with_plugin(sandbox, "kube/plugin", &plugin(&answer));
    let sandbox = sandbox.env("HUSHED_TIMEOUT", "20s");
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
    let read = |name: &str| std::fs::read_to_string(sandbox.project().join(name)).unwrap();
    let told: Value = serde_json::from_str(&read("told")).unwrap();
    assert_eq!(told["spec"], json!({ "interactive": false }));
    assert_eq!(read("own"), "0\n", "hushed's own variables");
    let error = sandbox.run(["run", "--disk-free", "--", "true"]).fails_with(125).stderr;
    assert!(error.contains("disk-free mode cannot run the credential plugin"), "{error}");
}

#[test]
fn a_plugin_can_give_a_client_certificate() {
    let server = ApiServer::ordinary();
    let (certificate, key) = &server.carol;
    let status = json!({"clientCertificateData": certificate, "clientKeyData": key});
    let sandbox = with_user(&server, CONFIG, &exec("./plugin"));
    let sandbox = with_plugin(sandbox, "kube/plugin", &plugin(&credential(&status)));
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
    assert!(server.asked()[0].has_certificate);
}

#[test]
fn a_plugin_that_fails_is_told() {
    let server = ApiServer::ordinary();
    for (text, want) in [
        (
            "#!/bin/sh\necho log in first >&2; exit 3\n",
            "log in first\nhushed: source `k8s`: the credential plugin",
        ),
        ("#!/bin/sh\nexit 3\n", "caused by: it ended with status 3\n  hint: run it by hand"),
        ("#!/bin/sh\nkill -9 $$\n", "caused by: a signal killed it"),
        (
            "#!/bin/sh\necho '{\"token\": \"canary\"'\n",
            "caused by: its answer is neither JSON nor YAML",
        ),
        (
            "#!/bin/sh\nexec sleep 60\n",
            "caused by: it did not end in time\n  hint: increase --timeout",
        ),
    ] {
        let sandbox = with_user(&server, CONFIG, &exec("./plugin")).env("HUSHED_TIMEOUT", "1s");
        let sandbox = with_plugin(sandbox, "kube/plugin", text);
        let error = run(&sandbox, "true").fails_with(125).stderr;
        assert!(error.contains(want), "{want}\n{error}");
    }
    let sandbox = with_user(&server, CONFIG, &exec("no-such-plugin"));
    let error = run(&sandbox, "true").fails_with(125).stderr;
    assert!(error.contains("the program was not found in PATH"), "{error}");
    assert!(server.asked().is_empty());
}

#[test]
fn a_kubeconfig_that_the_project_names_needs_trust_and_again_when_it_changes() {
    let server = ApiServer::ordinary();
    let config = CONFIG.to_owned() + "kubeconfig = \"kube.json\"\n";
    let kubeconfig = server.kubeconfig(&exec("./plugin"));
    let sandbox = Sandbox::new().file("hushed.toml", config).file("kube.json", &kubeconfig);
    let answer = credential(&json!({ "token": TOKEN }));
    let sandbox = with_plugin(sandbox, "plugin", &plugin(&answer));
    let refused = |sandbox: &Sandbox| {
        let error = run(sandbox, "true").fails_with(125).stderr;
        let want =
            format!("names a kubeconfig that logs in to {} and runs the program", server.url());
        assert!(error.contains(&want) && error.contains("run `hushed trust`"), "{error}");
    };
    refused(&sandbox);
    assert!(!sandbox.project().join("told").exists(), "the plugin has run");
    assert!(server.asked().is_empty());
    sandbox.run(["trust"]).success();
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
    // Another secret of the same cluster is no matter of trust; another kubeconfig is.
    let sandbox = sandbox.file("kube.json", kubeconfig.replace("IfAvailable", "Never"));
    refused(&sandbox);
    sandbox.run(["trust"]).success();
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
    // The user's own choice needs none.
    let own = Sandbox::new().file("hushed.toml", CONFIG).file("kube.json", &kubeconfig);
    let own = with_plugin(own, "plugin", &plugin(&answer))
        .env("HUSHED_SOURCE_K8S_KUBECONFIG", "kube.json");
    assert_eq!(run(&own, "echo $USER").success().stdout, "dbuser\n");
}

#[test]
fn a_certificate_that_is_not_verified_needs_a_setting_and_trust_in_a_project() {
    let server = ApiServer::ordinary();
    let cluster = json!({"server": server.url(), "insecure-skip-tls-verify": true});
    let kubeconfig = super::server::kubeconfig_with(&cluster, &json!({ "token": TOKEN }));
    let sandbox = project(&server, CONFIG).file("kube/config", kubeconfig);
    let error = run(&sandbox, "true").fails_with(125).stderr;
    assert!(
        error.contains("the kubeconfig turns off certificate verification for cluster `k`"),
        "{error}"
    );
    assert!(server.asked().is_empty());
    let name = "HUSHED_SOURCE_K8S_INSECURE_SKIP_TLS_VERIFY";
    let own = sandbox.command(["run", "--", "sh", "-c", "echo $USER"]).env(name, "true").reveals();
    assert_eq!(own.run().success().stdout, "dbuser\n");
    let config = CONFIG.to_owned() + "insecure-skip-tls-verify = true\n";
    let sandbox = sandbox.file("hushed.toml", config);
    let error = run(&sandbox, "true").fails_with(125).stderr;
    assert!(error.contains("accepts every certificate for https://127.0.0.1:"), "{error}");
    sandbox.run(["trust"]).success();
    assert_eq!(run(&sandbox, "echo $USER").success().stdout, "dbuser\n");
}

#[test]
fn another_authority_is_not_trusted() {
    let (server, other) = (ApiServer::ordinary(), ApiServer::ordinary());
    let kubeconfig = other.kubeconfig(&json!({ "token": TOKEN }));
    let kubeconfig = kubeconfig.replace(&other.port.to_string(), &server.port.to_string());
    let sandbox = project(&server, CONFIG).file("kube/config", kubeconfig);
    let error = run(&sandbox, "true").fails_with(125).stderr;
    assert!(error.contains("check certificate-authority-data in the kubeconfig"), "{error}");
    assert!(server.asked().is_empty());
}
