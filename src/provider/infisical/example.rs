//! The table of an Infisical source that `hushed init` writes.

use std::fmt::Write as _;

use super::schema;
use crate::config::RawValue;
use crate::provider::{Example, InitContext, toml_string};

/// The table of a source, where `.infisical.json` or a variable names a project.
pub(super) fn table(found: &InitContext<'_>) -> Option<Example> {
    let file = found
        .files
        .foreign
        .iter()
        .find(|file| std::ptr::eq(file.schema, &raw const schema::SCHEMA));
    if file.is_none() && found.environment.get("INFISICAL_PROJECT_ID").is_none() {
        return None;
    }
    let from_file = |key| match &file?.layer.get(key)?.value {
        RawValue::Text(text) => Some(text.clone()),
        _ => None,
    };
    let variable =
        |name| found.environment.text(name).map(|text| text.to_string_lossy().into_owned());
    let project = from_file(&schema::PROJECT).or_else(|| variable("INFISICAL_PROJECT_ID"));
    let domain = from_file(&schema::DOMAIN).or_else(|| variable("INFISICAL_DOMAIN"));
    let env = from_file(&schema::ENV).unwrap_or_else(|| "dev".into());
    let mut text = String::from(
        "# Log in with INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET, or INFISICAL_TOKEN.\n\
         [source.infisical]\ntype = \"infisical\"\n",
    );
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", toml_string(&value));
        }
    };
    line("domain", domain);
    line("project", project);
    line("env", Some(env));
    line("path", Some("/".into()));
    text += "# recursive = true\n# client-secret-file = \"/run/secrets/infisical\"\n";
    Some(Example { table: text, what: "a place in Infisical", next: None, new_key: None })
}
