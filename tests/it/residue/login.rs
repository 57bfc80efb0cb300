//! Memory at the stages of a login: during it, during and between requests, and until the token is revoked. Waiting
//! secrets are in protected memory; copies during a request are printed.

use super::{
    Known, Subject, Vault, kernels,
    launch::Kernel,
    stage::{LIST, LOGIN, assert_none_remains, assert_not_exposed, report},
};
use crate::support::{
    infisical::{Builder, CLIENT_SECRET, Fault, FaultKind},
    sandbox::hushed,
};

const REVOKE: &str = "/api/v1/auth/token/revoke";
const RUN: [&str; 3] = ["run", "--", "true"];

/// A process of which this request is never answered.
fn hanging(vault: &Vault, kernel: Kernel, path: &str, arguments: &[&str]) -> Subject {
    vault.server.forget();
    vault.server.fault(Fault::on(path, FaultKind::Hang));
    let subject = Subject::start(vault.command(&hushed(), arguments), kernel, false);
    vault.server.await_request(path);
    subject
}

/// The protocols, each with a server that speaks no other.
fn protocols() -> [(&'static str, Vault); 3] {
    [
        ("HTTP/2", Vault::open()),
        ("HTTP/1 over TLS", Vault::served(Builder::http1_only)),
        ("HTTP/1", Vault::served(Builder::plain)),
    ]
}

#[test]
fn after_the_login() {
    for (speaks, vault) in protocols() {
        for kernel in kernels() {
            let subject = hanging(&vault, kernel, LIST, &RUN);
            let known = [Vault::client_secret(), vault.token()].concat();
            report(&format!("after the login over {speaks}"), subject.0.id(), &known);
        }
    }
}

#[test]
fn after_the_login_of_every_command() {
    for kernel in kernels() {
        let vault = Vault::open();
        for command in [
            &["run", "--", "true"][..],
            &["plan", "--", "true"],
            &["why", "SECRET_00"],
            &["export", "--format", "json"],
            &["secrets", "list"],
            &["secrets", "get", "SECRET_00"],
            &["redact"],
            &["doctor"],
        ] {
            // Of an argument there is a copy more than of a variable.
            let (words, rest) =
                command.split_at(command.len().min(if command[0] == "secrets" { 2 } else { 1 }));
            let arguments = [words, &["--client-secret", CLIENT_SECRET], rest].concat();
            let subject = hanging(&vault, kernel, LIST, &arguments);
            let stage = format!("after the login of {command:?}");
            report(&stage, subject.0.id(), &Vault::client_secret());
        }
    }
}

#[test]
fn with_a_token_that_was_given() {
    for (speaks, vault) in protocols() {
        for kernel in kernels() {
            let token = vault.server.mint("reader");
            let arguments = ["run", "--token", &token, "--", "true"];
            let subject = hanging(&vault, kernel, LIST, &arguments);
            let stage = format!("with a token over {speaks}");
            report(&stage, subject.0.id(), &[Known::new("the token", &token)]);
        }
    }
}

#[test]
fn while_logging_in() {
    for (speaks, vault) in protocols() {
        for kernel in kernels() {
            let subject = hanging(&vault, kernel, LOGIN, &RUN);
            let stage = format!("while logging in over {speaks}");
            report(&stage, subject.0.id(), &Vault::client_secret());
        }
    }
}

#[test]
fn while_waiting_for_another_attempt() {
    for kernel in kernels() {
        let vault = Vault::open();
        let fault =
            Fault::status(LIST, 503, r#"{"message":"later"}"#).header("retry-after", "3000");
        vault.server.fault(fault);
        let arguments = ["run", "--timeout", "1h", "--", "true"];
        let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
        vault.server.await_request(LIST);
        let known = [Vault::client_secret(), vault.token()].concat();
        // The answer is on its way, and then everything rests.
        assert_not_exposed("while waiting", subject.0.id(), &known);
    }
}

#[test]
fn while_a_token_waits_to_be_revoked() {
    for kernel in kernels() {
        let vault = Vault::open();
        let script = "echo started; read line";
        let arguments = ["run", "--init", "--revoke-token", "--", "sh", "-c", script];
        let mut subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
        assert_eq!(subject.await_line(), "started");
        // What the revocation takes is still needed, in protected memory.
        let needed = [Vault::client_secret(), vault.token()].concat();
        assert_not_exposed("before a revocation", subject.0.id(), &needed);
        assert_none_remains("before a revocation", subject.0.id(), &vault.secrets);
        vault.server.forget();
        subject.output();
        vault.server.await_request(REVOKE);
    }
}

#[test]
fn while_a_token_is_being_revoked() {
    for kernel in kernels() {
        let vault = Vault::open();
        let arguments = ["run", "--revoke-token", "--", "true"];
        let subject = hanging(&vault, kernel, REVOKE, &arguments);
        let known = [Vault::client_secret(), vault.token()].concat();
        report("while a token is being revoked", subject.0.id(), &known);
    }
}

#[test]
fn while_another_folder_is_read() {
    for (speaks, vault) in protocols() {
        for kernel in kernels() {
            vault.server.heal();
            vault.server.forget();
            vault.server.fault(Fault::on(LIST, FaultKind::Hang).after(1));
            let arguments = ["run", "--path", "/", "--path", "/other", "--", "true"];
            let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
            vault.server.await_request(LIST);
            let stage = format!("while another folder is read over {speaks}, {kernel:?}");
            report(&stage, subject.0.id(), &vault.secrets);
        }
    }
}
