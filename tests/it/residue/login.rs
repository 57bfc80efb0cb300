//! The stages of a login: while it is made, while a request of the fetch is under way, between two
//! requests, and while its token waits for its end. What waits is nowhere as it is.
//! Must not look at secrets that are fetched.

use super::{
    Copy, Known, Subject, Vault, assert_found, assert_none, assert_protected, exposed, kernels,
    launch::Kernel,
    stage::{LIST, LOGIN, assert_none_remains, eventually},
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
            // A token that has ended is replaced by another login: what it takes is sealed until then. The
            // token has gone out, and is sealed until the next request.
            let known = [Vault::client_secret(), vault.token()].concat();
            assert_none_remains(&format!("after the login over {speaks}"), subject.0.id(), &known);
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
            assert_none(&stage, &subject.find(&Vault::client_secret()));
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
            assert_none_remains(&stage, subject.0.id(), &[Known::new("the token", &token)]);
        }
    }
}

#[test]
fn while_logging_in() {
    for (speaks, vault) in protocols() {
        for kernel in kernels() {
            let subject = hanging(&vault, kernel, LOGIN, &RUN);
            let copies = subject.find(&Vault::client_secret());
            assert_found(speaks, kernel, &copies, &Vault::client_secret());
            assert_protected(&format!("while logging in over {speaks}"), kernel, &copies);
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
        assert_none_remains("while waiting", subject.0.id(), &known);
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
        let known = [Vault::client_secret(), vault.token(), vault.secrets.clone()].concat();
        assert_none_remains("before a revocation", subject.0.id(), &known);
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
        // It is in the body, which is lent.
        let token = vault.token();
        let copies = subject.find(&token);
        assert_found("in the request", kernel, &copies, &token);
        assert_protected("in the request", kernel, &copies);
        assert_none("beside the token", &subject.find(&Vault::client_secret()));
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
            let arrived = |copies: &[Copy]| {
                let is_there = |known: &Known| copies.iter().any(|copy| copy.name == known.name);
                kernel == Kernel::Whole || vault.secrets.iter().all(is_there)
            };
            // The end of the last answer is not in a buffer of the libraries either.
            let rests = || {
                let copies = subject.find(&vault.secrets);
                arrived(&copies) && exposed(&copies).is_empty()
            };
            vault.server.await_request(LIST);
            let stage = format!("while another folder is read over {speaks}, {kernel:?}");
            assert!(eventually(rests), "{stage}: {:#?}", subject.find(&vault.secrets));
        }
    }
}
