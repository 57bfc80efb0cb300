//! References of 1Password, bank-vaults, Azure App Service, secrets-init and berglas.

use super::{Converted, Outcome};

/// `op://VAULT/ITEM/[SECTION/]FIELD[?attribute=otp]`.
pub(super) fn op(value: &str) -> Outcome {
    if value.starts_with("bw://") {
        return Err("hushed has no source for Bitwarden".into());
    }
    let Some(rest) = value.strip_prefix("op://") else { return Ok(None) };
    if rest.contains('$') {
        return Err("it has a variable, which hushed does not expand in a reference".into());
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let segments: Vec<_> = path.split('/').collect();
    if !matches!(segments.len(), 3 | 4) || segments.contains(&"") {
        return Err("it does not name vault, item and field".into());
    }
    let attribute = match query {
        "" | "attribute=value" => None,
        "attribute=otp" => Some("otp"),
        _ => {
            return Err(
                "a 1Password Connect server gives values and one-time passwords only".into()
            );
        }
    };
    Ok(Some(Converted::new("op", path).option("attribute", attribute)))
}

/// `vault:PATH#KEY[#VERSION]`.
pub(super) fn bank_vaults(value: &str) -> Outcome {
    if value.starts_with(">>vault:") {
        return Err("it writes to the store, and a reference only reads".into());
    }
    let Some(rest) = value.strip_prefix("vault:").filter(|rest| !rest.starts_with("//")) else {
        return Ok(None);
    };
    let transit = rest.strip_prefix('v').and_then(|rest| rest.split_once(':'));
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if transit.is_some_and(|(version, _)| is_number(version)) {
        return Err("it is encrypted by the transit engine, and names no secret".into());
    }
    let (path, key) = rest.split_once('#').unwrap_or((rest, ""));
    let (key, version) =
        key.split_once('#').map_or((key, None), |(key, version)| (key, Some(version)));
    if path.is_empty() || key.is_empty() {
        return Err("it does not name path and key".into());
    }
    if rest.contains("${") {
        return Err("it is a template; write one in [env], see hushed-references(7)".into());
    }
    if version.is_some_and(|version| !is_number(version)) {
        return Err("its version is no number".into());
    }
    Ok(Some(Converted::new("vault", path).option("version", version).key(Some(key))))
}

/// `@Microsoft.KeyVault(SecretUri=…)` and `@Microsoft.KeyVault(VaultName=…;SecretName=…;SecretVersion=…)`.
pub(super) fn azure(value: &str) -> Outcome {
    let inside = value.strip_prefix("@Microsoft.KeyVault(").and_then(|it| it.strip_suffix(')'));
    let Some(inside) = inside else { return Ok(None) };
    let field = |wanted: &str| {
        let mut fields = inside.split(';').filter_map(|field| field.split_once('='));
        let found = fields.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    if let Some(uri) = field("SecretUri") {
        let parts: Vec<_> = uri.split('/').collect();
        return match parts.as_slice() {
            ["https:", "", host, "secrets", name, rest @ ..] if !host.contains(['@', ':']) => {
                Ok(Some(key_vault(host, name, rest.first().copied())))
            }
            _ => Err("its address is not that of a secret in a key vault".into()),
        };
    }
    match (field("VaultName"), field("SecretName")) {
        (Some(vault), Some(name)) => Ok(Some(key_vault(vault, name, field("SecretVersion")))),
        _ => Err("it does not name vault and secret".into()),
    }
}

/// A secret of a key vault, which is named by its host or its name.
pub(super) fn key_vault(vault: &str, name: &str, version: Option<&str>) -> Converted {
    let vault = match vault.strip_suffix(".vault.azure.net") {
        Some(name) => name.to_owned(),
        None if vault.contains('.') => format!("https://{vault}"),
        None => vault.to_owned(),
    };
    Converted::new("azure-kv", name).setting("vault", Some(vault)).option("version", version)
}

/// `gcp:secretmanager:projects/…` and `sm://PROJECT/SECRET[#VERSION]`.
pub(super) fn gcp(value: &str) -> Outcome {
    if let Some(path) = value.strip_prefix("gcp:secretmanager:") {
        let (secret, version) = path.split_once("/versions/").unwrap_or((path, ""));
        return match secret.split('/').collect::<Vec<_>>().as_slice() {
            ["projects", _, "secrets", _] => Ok(Some(google(secret, Some(version)))),
            _ => Err("it does not name project and secret".into()),
        };
    }
    let Some(rest) = value.strip_prefix("sm://") else { return Ok(None) };
    if rest.contains('?') {
        return Err("it asks for a file; write `deliver = \"file\"` in [env]".into());
    }
    let (path, version) = rest.split_once('#').unwrap_or((rest, ""));
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [_, _] => Ok(Some(google(path, Some(version)))),
        _ => Err("it does not name project and secret".into()),
    }
}

/// A secret of Google Secret Manager.
pub(super) fn google(path: &str, version: Option<&str>) -> Converted {
    Converted::new("gcp-sm", path).option("version", version)
}
