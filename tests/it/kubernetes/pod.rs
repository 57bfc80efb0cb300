//! A pod: the service account where Kubernetes mounts it, in a mount namespace of its own.

use super::{CONFIG, Sandbox, server::ApiServer};
use crate::{kubernetes::server::TOKEN, support::sandbox::hushed};

/// Runs a script as root of a namespace in which /run is empty.
fn in_namespace(sandbox: &Sandbox, script: &str) -> Option<crate::support::sandbox::Output> {
    let arguments = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let probe =
        sandbox.program("unshare", arguments.into_iter().chain(["mount -t tmpfs none /run"]));
    if !std::path::Path::new("/usr/bin/unshare").exists() || probe.run().code() != 0 {
        use std::io::Write as _;
        let text = b"skipped: kubernetes: no user namespaces on this machine\n";
        std::io::stderr().write_all(text).unwrap();
        return None;
    }
    let script = format!("set -e; mount -t tmpfs none /run; {script}");
    let arguments = arguments.into_iter().map(str::to_owned).chain([script]);
    Some(sandbox.program("unshare", arguments).reveals().run())
}

#[test]
fn a_pod_uses_its_service_account_and_namespace() {
    let server = ApiServer::ordinary();
    let sandbox = Sandbox::new()
        .file("hushed.toml", CONFIG)
        .file("token", format!("{TOKEN}\n"))
        .file("ca.crt", &server.ca)
        .file("namespace", "blue\n")
        .env("HUSHED", hushed())
        .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .env("KUBERNETES_SERVICE_PORT", server.port.to_string());
    let mount = "mkdir -p /run/secrets/kubernetes.io/serviceaccount; \
                 cp token ca.crt namespace /run/secrets/kubernetes.io/serviceaccount/; ";
    let run = "exec $HUSHED run -- sh -c 'echo $USER'";
    let Some(output) = in_namespace(&sandbox, &format!("{mount}{run}")) else { return };
    assert_eq!(output.success().stdout, "dbuser\n");
    assert_eq!(server.asked()[0].path, "/api/v1/namespaces/blue/secrets/db");
    let no_token = format!("{mount}rm /run/secrets/kubernetes.io/serviceaccount/token; {run}");
    let sandbox = sandbox.env("HUSHED_SOURCE_K8S_IN_CLUSTER", "true");
    let error = in_namespace(&sandbox, &no_token).unwrap().fails_with(125).stderr;
    assert!(error.contains("cannot read the service account token `"), "{error}");
    assert!(error.contains("automountServiceAccountToken"), "{error}");
    let no_authority = format!("{mount}rm /run/secrets/kubernetes.io/serviceaccount/ca.crt; {run}");
    let error = in_namespace(&sandbox, &no_authority).unwrap().fails_with(125).stderr;
    assert!(error.contains("cannot read the CA file `"), "{error}");
}
