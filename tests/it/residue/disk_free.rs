//! Memory of the fetcher and of its parent at the stages of a run with `--disk-free`.

use std::os::fd::OwnedFd;

use super::{
    Known, Subject, Vault, assert_found, assert_none, assert_protected, kernels,
    launch::Kernel,
    skipped,
    stage::{
        LIST, LOGIN, assert_none_remains, assert_not_exposed, before_exec, eventually, everything,
        report, reporting,
    },
};
use crate::support::{
    infisical::{Fault, FaultKind},
    sandbox::{Sandbox, hushed},
};

/// Returns the conditions under which a fetch can be held to it here, and says where it cannot.
fn confining() -> Vec<Kernel> {
    let sandbox = Sandbox::new().file(".env", "A=canary\n");
    let output = sandbox.run(["run", "--disk-free", "--env-file", ".env", "--", "true"]);
    if !output.status.success() {
        skipped(&output.stderr);
        return Vec::new();
    }
    kernels()
}

/// A run whose fetcher waits for an answer to this request, and the fetcher's PID.
fn hanging(vault: &Vault, kernel: Kernel, path: &str) -> (Subject, u32) {
    vault.server.fault(Fault::on(path, FaultKind::Hang));
    let arguments = ["run", "--disk-free", "--", "true"];
    let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
    vault.server.await_request(path);
    let fetchers = subject.children();
    assert_eq!(fetchers.len(), 1);
    (subject, fetchers[0])
}

#[test]
fn while_a_fetcher_waits_for_the_server() {
    for kernel in confining() {
        let vault = Vault::open();
        let (subject, fetcher) = hanging(&vault, kernel, LIST);
        let known = [Vault::client_secret(), vault.token()].concat();
        assert_not_exposed("the parent", subject.0.id(), &known);
        report("the fetcher", fetcher, &known);
    }
}

#[test]
fn while_a_fetcher_logs_in() {
    for kernel in confining() {
        let vault = Vault::open();
        let (subject, fetcher) = hanging(&vault, kernel, LOGIN);
        assert_not_exposed("the parent", subject.0.id(), &Vault::client_secret());
        report("the fetcher", fetcher, &Vault::client_secret());
    }
}

#[test]
fn while_a_fetcher_waits_for_another_attempt() {
    for kernel in confining() {
        let vault = Vault::open();
        let fault =
            Fault::status(LIST, 503, r#"{"message":"later"}"#).header("retry-after", "3000");
        vault.server.fault(fault);
        let arguments = ["run", "--disk-free", "--timeout", "1h", "--", "true"];
        let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
        vault.server.await_request(LIST);
        let known = [Vault::client_secret(), vault.token()].concat();
        assert_not_exposed("the fetcher", subject.children()[0], &known);
        assert_not_exposed("the parent", subject.0.id(), &known);
    }
}

#[test]
fn before_the_exec_of_a_disk_free_run() {
    for kernel in confining() {
        let vault = Vault::open();
        let subject = before_exec(&vault, &hushed(), kernel, &["--disk-free"]);
        let copies = subject.find(&vault.secrets);
        assert_protected("before the exec", kernel, &copies);
        assert_found("before the exec", kernel, &copies, &vault.secrets);
        let others = [Vault::client_secret(), vault.token()].concat();
        assert_none("before the exec", &subject.find(&others));
    }
}

#[test]
fn beside_the_command_of_a_disk_free_run() {
    for kernel in confining() {
        let vault = Vault::open();
        let script = "echo started; read line";
        let arguments = ["run", "--init", "--disk-free", "--", "sh", "-c", script];
        let mut subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
        assert_eq!(subject.await_line(), "started");
        assert_none_remains("supervising", subject.0.id(), &everything(&vault));
    }
}

#[test]
fn while_an_error_of_a_disk_free_run_is_reported() {
    for kernel in confining() {
        for flags in [&["--require", "NOSUCH", "--", "true"][..], &["--", "./nosuch"]] {
            let vault = Vault::open();
            let arguments = [&["run", "--disk-free"], flags].concat();
            let (subject, _reader): (Subject, OwnedFd) = reporting(&vault, kernel, &arguments);
            let known: Vec<Known> = everything(&vault);
            assert_none(&format!("while {arguments:?} reports"), &subject.find(&known));
        }
        let vault = Vault::open();
        vault.server.fault(Fault::status(LOGIN, 401, r#"{"message":"Invalid credentials"}"#));
        let arguments = ["run", "--disk-free", "--", "true"];
        let (subject, _reader) = reporting(&vault, kernel, &arguments);
        assert_none("while a login is refused", &subject.find(&Vault::client_secret()));
        assert!(eventually(|| subject.children().is_empty()), "the fetcher is still there");
    }
}
