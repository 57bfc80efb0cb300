//! The environment variables of the store's own command lines. `BAO_X` wins over `VAULT_X`, and one that is
//! set but empty hides the other.

use std::path::PathBuf;

use super::schema::ADDRESS;
use crate::config::schema::SettingKey;
use crate::config::{Environment, Error, Layers, Origin, RawValue, Setting, resolve_path};

const NEW: &str = "BAO_";
const OLD: &str = "VAULT_";

/// The address of an agent.
const AGENT_VARIABLES: [&str; 2] = ["BAO_AGENT_ADDR", "VAULT_AGENT_ADDR"];

/// Variables that change what the command lines do, and what hushed has instead.
const UNSUPPORTED: [(&str, &str); 8] = [
    ("SKIP_VERIFY", "hushed always verifies certificates; set VAULT_CACERT or `ca-file`"),
    ("TLS_SERVER_NAME", "use a name in the address that the certificate is for"),
    ("CACERT_BYTES", "write the certificates to a file, and set VAULT_CACERT or `ca-file`"),
    ("CLIENT_CERT_BYTES", "write the certificate to a file, and set VAULT_CLIENT_CERT"),
    ("CLIENT_KEY_BYTES", "write the key to a file, and set VAULT_CLIENT_KEY"),
    ("PROXY_ADDR", "set HTTPS_PROXY"),
    ("HTTP_PROXY", "set HTTPS_PROXY"),
    ("SRV_LOOKUP", "set the address of the server itself"),
];

/// Whether an empty `BAO_X` hides this variable.
pub(super) fn hidden(variable: &str, environment: &Environment) -> bool {
    variable.strip_prefix(OLD).is_some_and(|name| {
        environment.verbatim(&format!("{NEW}{name}")).is_some_and(std::ffi::OsStr::is_empty)
    })
}

/// The strongest text of a setting that is not hidden.
pub(super) fn text(
    key: &'static SettingKey,
    layers: &Layers<'_>,
) -> Result<Option<Setting<String>>, Error> {
    let found = layers.text(key)?;
    let is_hidden = |origin: &Origin| matches!(origin, Origin::Variable(name) if hidden(name, layers.environment()));
    if !found.as_ref().is_some_and(|setting| is_hidden(&setting.origin)) {
        return Ok(found);
    }
    Ok(layers.table(key).map(|setting| {
        setting.map(|raw| if let RawValue::Text(text) = raw { text } else { String::new() })
    }))
}

/// The address: that of an agent takes precedence over the other variables and over files.
pub(super) fn address(layers: &Layers<'_>) -> Result<Option<Setting<String>>, Error> {
    let found = text(&ADDRESS, layers)?;
    let is_own = |origin: &Origin| match origin {
        Origin::Flag(_) => true,
        Origin::Variable(name) => !name.ends_with("_ADDR"),
        _ => false,
    };
    if found.as_ref().is_some_and(|setting| is_own(&setting.origin)) {
        return Ok(found);
    }
    let environment = layers.environment();
    let agent = AGENT_VARIABLES.iter().filter(|name| !hidden(name, environment)).find_map(|name| {
        let value = environment.text(name)?.to_str()?.to_owned();
        Some(Setting { value, origin: Origin::Variable((*name).into()) })
    });
    Ok(agent.or(found))
}

/// Whether the address is that of an agent.
pub(super) fn is_agent(origin: &Origin) -> bool {
    matches!(origin, Origin::Variable(name) if AGENT_VARIABLES.contains(&&**name))
}

/// The same as a path.
pub(super) fn path(
    key: &'static SettingKey,
    layers: &Layers<'_>,
) -> Result<Option<Setting<PathBuf>>, Error> {
    Ok(text(key, layers)?.map(resolve_path))
}

/// The value of `BAO_NAME` or `VAULT_NAME`, as a path.
pub(super) fn variable(name: &str, environment: &Environment) -> Option<PathBuf> {
    let names = [format!("{NEW}{name}"), format!("{OLD}{name}")];
    let visible = names.iter().filter(|name| !hidden(name, environment));
    visible.filter_map(|name| environment.text(name)).map(PathBuf::from).next()
}

/// Warnings of variables that hushed does not follow.
pub(super) fn warnings(environment: &Environment) -> Vec<String> {
    let is_off = |value: &std::ffi::OsStr| matches!(value.to_str(), Some("0" | "false" | "f"));
    let warning = |(name, instead): &(&str, &str)| {
        [OLD, NEW].into_iter().find_map(|prefix| {
            let name = format!("{prefix}{name}");
            environment.text(&name).filter(|value| !is_off(value))?;
            Some(format!("{name} is not supported: {instead}"))
        })
    };
    UNSUPPORTED.iter().filter_map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_new_variable_hides_the_old_one() {
        for (variables, want) in [
            (&[("VAULT_CACERT", "/old")][..], Some("/old")),
            (&[("VAULT_CACERT", "/old"), ("BAO_CACERT", "/new")], Some("/new")),
            (&[("VAULT_CACERT", "/old"), ("BAO_CACERT", "")], None),
            (&[("VAULT_CACERT", "")], None),
            (&[], None),
        ] {
            let environment: Environment = variables.iter().copied().collect();
            let found = variable("CACERT", &environment);
            assert_eq!(found, want.map(PathBuf::from), "{variables:?}");
        }
    }

    #[test]
    fn what_is_not_followed_is_warned_of() {
        let environment: Environment =
            [("VAULT_SKIP_VERIFY", "true"), ("BAO_SRV_LOOKUP", "false"), ("BAO_HTTP_PROXY", "p")]
                .into_iter()
                .collect();
        let warnings = warnings(&environment);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].starts_with("VAULT_SKIP_VERIFY is not supported"), "{warnings:?}");
        assert!(warnings[1].starts_with("BAO_HTTP_PROXY is not supported"), "{warnings:?}");
    }
}
