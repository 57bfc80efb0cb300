//! Which inherited variables the command does not get, by name: hushed's own, and the login secrets of
//! secret stores, whether a source uses them or not. Identities that commands themselves need pass.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use subtle::ConstantTimeEq as _;

use crate::config::{Environment, InheritSettings, Variable};
use crate::secret::Value;

/// What hushed's own variables begin with.
const OWN_PREFIX: &str = "HUSHED_";

/// Login secrets of secret stores that hushed has no source type for.
const OTHER_STORES: &[&str] =
    &["BWS_ACCESS_TOKEN", "DOPPLER_TOKEN", "OP_CONNECT_TOKEN", "OP_SERVICE_ACCOUNT_TOKEN"];

/// Identities that programs other than hushed use too: families of names, and single names.
const SHARED_PREFIXES: &[&str] = &["AWS_", "AZURE_", "GOOGLE_"];
const SHARED_NAMES: &[&str] = &["BAO_TOKEN", "KUBECONFIG", "VAULT_TOKEN"];

/// Whether a variable is hushed's own, or the login secret of a store that no source type covers.
pub fn is_always_withheld(name: &str) -> bool {
    name.starts_with(OWN_PREFIX) || OTHER_STORES.contains(&name)
}

/// Whether a variable holds an identity that the command may need itself. It is withheld only if a source
/// that uses it sets `withhold`.
pub fn is_shared_identity(name: &str) -> bool {
    SHARED_NAMES.contains(&name) || SHARED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the command does not inherit a variable because it holds a credential: by its name, or as a copy of one
/// that is used.
pub fn is_withheld(variable: &Variable, inherit: &InheritSettings) -> bool {
    let name = variable.name.to_str().unwrap_or_default();
    let of_file = name.strip_suffix("_FILE");
    let is_credential = |known: &Cow<'_, str>| *known == name || of_file == Some(&**known);
    if is_always_withheld(name) || inherit.credential_names.iter().any(is_credential) {
        return true;
    }
    !is_shared_identity(name) && is_copy(&variable.value, &inherit.credentials)
}

/// Whether a value is one of these credentials. Surrounding whitespace is ignored, as it is when the credential is
/// sent.
pub(super) fn is_copy(value: &Value, credentials: &[Value]) -> bool {
    let value = value.expose().trim_ascii();
    let is_it = |credential: &[u8]| !credential.is_empty() && credential.ct_eq(value).into();
    credentials.iter().any(|credential| is_it(credential.expose().trim_ascii()))
}

/// What a program inherits that logs in for hushed: all variables but hushed's own and the login secrets of other
/// stores.
pub(crate) fn inherited(environment: &Environment) -> Vec<(OsString, OsString)> {
    let passed = |variable: &&Variable| !variable.name.to_str().is_some_and(is_always_withheld);
    let pair = |variable: &Variable| {
        (variable.name.clone(), OsString::from_vec(variable.value.expose().to_vec()))
    };
    environment.iter().filter(passed).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (name, withheld, shared) in [
            ("HUSHED_PROFILE", true, false),
            ("DOPPLER_TOKEN", true, false),
            ("AWS_SECRET_ACCESS_KEY", false, true),
            ("KUBECONFIG", false, true),
            ("KUBECONFIG_X", false, false),
            ("VAULT_TOKEN", false, true),
            ("BAO_TOKEN", false, true),
            ("HUSHEDX", false, false),
            ("AWSX", false, false),
        ] {
            assert_eq!(
                (is_always_withheld(name), is_shared_identity(name)),
                (withheld, shared),
                "{name}"
            );
        }
    }
}
