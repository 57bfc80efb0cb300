//! The same for the other stores: at the exec their credentials are gone, and their values are in protected memory
//! alone; while a command is supervised, so is all that is still there.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Known, Subject, assert_found, assert_none, assert_protected, kernels, launch,
    stage::{assert_none_remains, assert_not_exposed},
    uuid,
};
use crate::support::{
    replies::{Replies, Reply},
    sandbox::{Sandbox, hushed},
};

/// A project with a source, and what is known of it.
struct Store {
    name: &'static str,
    sandbox: Sandbox,
    values: Vec<Known>,
    credentials: Vec<Known>,
    _server: Option<Replies>,
}

fn values() -> Vec<Known> {
    let value = |number| Known::new(&format!("VALUE_{number}"), format!("canary-{}", uuid(number)));
    (0..5).map(value).collect()
}

fn credential(name: &str, number: usize) -> Known {
    Known::new(name, format!("canary-{}", uuid(number)))
}

/// An object with all values, each by this function.
fn object(values: &[Known], encode: impl Fn(&str) -> String) -> String {
    let entry = |known: &Known| format!("\"{}\":\"{}\"", known.name, encode(known.text()));
    format!("{{{}}}", values.iter().map(entry).collect::<Vec<_>>().join(","))
}

fn vault() -> Store {
    let (server, values) = (Replies::start(), values());
    let [secret_id, token] = [credential("secret ID", 50), credential("token", 51)];
    let login = format!(r#"{{"auth":{{"client_token":"{}","lease_duration":60}}}}"#, token.text());
    server.add(Reply::new("/approle/login", 200, login));
    let data = object(&values, str::to_owned);
    let body = format!(r#"{{"data":{{"data":{data},"metadata":{{"version":1}}}}}}"#);
    server.add(Reply::new("/data/app", 200, body));
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.app]\ntype = \"vault\"\npath = \"secret/data/app\"\n")
        .env("VAULT_ADDR", server.url())
        .env("VAULT_ROLE_ID", "role")
        .env("VAULT_SECRET_ID", secret_id.text());
    let credentials = vec![secret_id, token];
    Store { name: "vault", sandbox, values, credentials, _server: Some(server) }
}

fn aws() -> Store {
    let (server, values) = (Replies::start(), values());
    let (key, token) = (credential("secret key", 52), credential("session token", 53));
    let text = serde_json::to_string(&object(&values, str::to_owned)).unwrap();
    let body = format!(r#"{{"Name":"app","ARN":"a","VersionId":"v","SecretString":{text}}}"#);
    server.add(Reply::new("GetSecretValue", 200, body));
    let config = "[source.app]\ntype = \"aws-sm\"\nsecrets = \"app\"\nwithhold = true\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", config)
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "ASIATEST")
        .env("AWS_SECRET_ACCESS_KEY", key.text())
        .env("AWS_SESSION_TOKEN", token.text());
    Store { name: "aws", sandbox, values, credentials: vec![key, token], _server: Some(server) }
}

fn kubernetes() -> Store {
    let (server, values) = (Replies::start(), values());
    let token = credential("token", 54);
    let data = object(&values, |text| STANDARD.encode(text));
    let body = format!(
        r#"{{"kind":"Secret","apiVersion":"v1","metadata":{{"name":"app"}},"type":"Opaque","data":{data}}}"#
    );
    server.add(Reply::new("/secrets/app", 200, body));
    let kubeconfig = format!(
        r#"{{"current-context":"c","contexts":[{{"name":"c","context":{{"cluster":"k","user":"u"}}}}],
            "clusters":[{{"name":"k","cluster":{{"server":"{}"}}}}],
            "users":[{{"name":"u","user":{{"token":"{}"}}}}]}}"#,
        server.url(),
        token.text()
    );
    let sandbox = Sandbox::new()
        .file("hushed.toml", "[source.app]\ntype = \"kubernetes\"\nsecret = \"app\"\n")
        .file("kubeconfig", kubeconfig)
        .env("KUBECONFIG", "kubeconfig");
    Store { name: "kubernetes", sandbox, values, credentials: vec![token], _server: Some(server) }
}

fn sops() -> Store {
    let data = |name: &str| {
        std::fs::read(format!("{}/tests/sops/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let text = String::from_utf8(data("keys/alice.txt")).unwrap();
    let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    let sandbox = Sandbox::new()
        .file(
            "hushed.toml",
            "[source.app]\ntype = \"sops\"\nfile = \"app.env\"\n[run]\nonly = \"URL\"\n",
        )
        .file("app.env", data("files/env_json_value.env"))
        .env("SOPS_AGE_KEY", key);
    let values = vec![Known::new("URL", "postgres://u:p@h:5432/db?x=1&y=2")];
    Store {
        name: "sops",
        sandbox,
        values,
        credentials: vec![Known::new("key", key)],
        _server: None,
    }
}

const STORES: [fn() -> Store; 4] = [vault, aws, kubernetes, sops];

impl Store {
    fn start(&self, kernel: launch::Kernel, traced: bool, arguments: &[&str]) -> Subject {
        let mut command = self.sandbox.program(hushed(), arguments.iter().copied()).prepared();
        let pipe = std::process::Stdio::piped;
        command.stdin(pipe()).stdout(pipe()).stderr(pipe());
        Subject::start(command, kernel, traced)
    }
}

#[test]
fn at_the_exec_of_every_store() {
    for kernel in kernels() {
        for store in STORES.map(|store| store()) {
            let subject = store.start(kernel, true, &["run", "--", "true"]);
            launch::until_execve(&subject.0);
            let copies = subject.find(&store.values);
            assert_protected(store.name, kernel, &copies);
            assert_found(store.name, kernel, &copies, &store.values);
            assert_none(store.name, &subject.find(&store.credentials));
        }
    }
}

#[test]
fn while_every_store_is_supervised() {
    for kernel in kernels() {
        for store in STORES.map(|store| store()) {
            for flag in ["--init", "--redact"] {
                let script = ["--", "sh", "-c", "echo started; read line"];
                let arguments = [&["run", flag], &script[..]].concat();
                let mut subject = store.start(kernel, false, &arguments);
                assert_eq!(subject.await_line(), "started", "{}", store.name);
                let stage = format!("{} supervised with {flag}", store.name);
                assert_none_remains(&stage, subject.0.id(), &store.credentials);
                // Redaction needs the values, in protected memory.
                if flag == "--redact" {
                    assert_not_exposed(&stage, subject.0.id(), &store.values);
                } else {
                    assert_none_remains(&stage, subject.0.id(), &store.values);
                }
            }
        }
    }
}
