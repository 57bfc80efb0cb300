//! `hushed secrets` on the local store, through the binary: values come in unseen, and every way in
//! which a store can be unusable is told apart. Must not test how it is sealed.

mod change;
mod edit;
mod import;
mod key;
mod killed;
mod prompt;
mod team;

use crate::support::sandbox::{Output, Sandbox};

/// Stores a value that is given on standard input.
fn set(sandbox: &Sandbox, name: &str, value: impl Into<Vec<u8>>) -> Output {
    sandbox.command(["secrets", "set", name]).stdin(value).run()
}

/// The bare bytes of a value.
fn get(sandbox: &Sandbox, name: &str) -> Vec<u8> {
    sandbox.command(["secrets", "get", name]).reveals().run().success().bytes
}

/// The names in the store.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let output = sandbox.run(["secrets", "list"]).success();
    output.stdout.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}
