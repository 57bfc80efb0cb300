//! Google Secret Manager and Azure Key Vault through the binary, against fakes on loopback: what a run reads, how it
//! logs in, and what it says when a cloud refuses, fails or answers nonsense.

mod azure;
mod fake;
mod gcp;
mod id_token;
#[cfg(feature = "external-secrets")]
mod manifests;
mod second_client;

use std::collections::BTreeMap;

use crate::support::sandbox::{Output, Sandbox};

/// The variables that a run would add, as JSON.
fn variables(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let output = sandbox.command(["export", "--format", "json"]).reveals().run().success();
    serde_json::from_str(&output.stdout).unwrap()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn fails(sandbox: &Sandbox, words: &[&str]) -> Output {
    let output = sandbox.run(["run", "--", "true"]).fails_with(125);
    for word in words {
        assert!(output.stderr.contains(word), "no `{word}` in: {}", output.stderr);
    }
    output
}

/// A project with one source, and no identity but what a test gives it.
fn project(settings: &str) -> Sandbox {
    Sandbox::new()
        .file("hushed.toml", format!("[source.cloud]\n{settings}\n"))
        .env("NO_GCE_CHECK", "true")
}
