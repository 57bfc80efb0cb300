//! The configuration: which files count, which value holds, and what is said of a fault in them.
//! Must not test what the settings do.

mod fault;
mod find;
mod init;
mod json_schema;
mod precedence;

use crate::support::sandbox::Sandbox;

/// The names of the variables that a plan sets, in the sandbox's working directory.
fn planned(sandbox: &Sandbox, flags: &[&str]) -> String {
    let line = ["plan", "--json"].iter().chain(flags).copied();
    let output = sandbox.run(line).success();
    let plan: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let variables = plan["variables"].as_array().unwrap();
    let names = variables.iter().map(|variable| variable["name"].as_str().unwrap());
    names.collect::<Vec<_>>().join(" ")
}
