//! Writes sources and variables as tables of `hushed.toml`.

use std::fmt::Write as _;

use super::{ConvertedVariable, NeededSource, Sources};
use crate::provider::toml_string;

/// The tables of the sources that the variables use, and `[env]` with the variables themselves, if they are to be
/// there. Of several variables of one name the last one counts.
pub fn render(sources: &Sources, variables: &[&ConvertedVariable], with_env: bool) -> String {
    let mut text = String::new();
    for (at, (name, source)) in sources.0.iter().enumerate() {
        if variables.iter().any(|variable| variable.source == at) {
            let _ = writeln!(text, "[source.{name}]\n{}", table(source));
        }
    }
    if with_env && !variables.is_empty() {
        text += "[env]\n";
        for (at, ConvertedVariable { name, reference, .. }) in variables.iter().enumerate() {
            let mut later = variables.iter().skip(at + 1);
            if later.all(|variable| variable.name != *name) {
                let name = if name.contains('.') { toml_string(name) } else { name.clone() };
                let _ = writeln!(text, "{name} = {}", toml_string(reference));
            }
        }
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Settings that a source needs from the environment, if no reference had them.
const OTHERS: [(&str, &str, &str); 3] = [
    ("vault", "address", "or the variable VAULT_ADDR"),
    ("op", "host", "or the variable OP_CONNECT_HOST"),
    ("doppler", "token-file", "or the variable DOPPLER_TOKEN"),
];

fn table(source: &NeededSource) -> String {
    let mut text = format!("type = {}\ndeliver = false\n", toml_string(source.kind));
    for (name, value) in &source.settings {
        let _ = writeln!(text, "{name} = {}", toml_string(value));
    }
    for (kind, name, or) in OTHERS {
        if source.kind == kind && source.settings.iter().all(|(known, _)| *known != name) {
            let _ = writeln!(text, "# {name} = \"…\", {or}");
        }
    }
    text
}
