//! References of vals, which helmfile uses: `ref+BACKEND://PATH[?PARAMETERS][#/KEY/KEY]`. The parameters may stand
//! behind the keys.

use percent_encoding::percent_decode_str;

use super::forms::{google, key_vault};
use super::{Converted, Outcome, aws};

/// A reference of vals, taken apart.
struct Vals {
    path: String,
    parameters: Vec<(String, String)>,
    keys: Vec<String>,
}

pub(super) fn vals(value: &str) -> Outcome {
    let rest = value.strip_prefix("ref+").or_else(|| value.strip_prefix("secretref+"));
    let Some((backend, rest)) = rest.and_then(|rest| rest.split_once("://")) else {
        return Ok(None);
    };
    let rest = rest.strip_suffix('+').unwrap_or(rest);
    if rest.contains("ref+") || rest.contains(char::is_whitespace) || rest.contains('+') {
        return Ok(None);
    }
    let mut reference = Vals::parse(rest).ok_or("it is not UTF-8")?;
    if reference.takes("optional").is_some() || reference.takes("fallback").is_some() {
        return Err(
            "it may be missing; write { ref = \"…\", required = false } or a `default` in [env]"
                .into(),
        );
    }
    let trims = reference.takes("trim_nl").is_some_and(|value| value == "true");
    let converted = match backend {
        "vault" => reference.vault(),
        "awssecrets" | "awssec" => reference.secrets_manager(),
        "awsssm" => reference.parameter_store(),
        "gcpsecrets" => reference.google(),
        "azurekeyvault" => reference.key_vault(),
        "sops" => reference.sops(),
        "doppler" => reference.doppler(),
        "op" => reference.one_password(),
        _ => Err("hushed has no source for this backend of vals".into()),
    }?;
    if !reference.parameters.is_empty() {
        return Err("it has a parameter that hushed does not have".into());
    }
    Ok(Some(converted.option("trim", trims.then_some("newline"))))
}

/// Parameters of Vault with a setting of the same meaning.
const VAULT_SETTINGS: [(&str, &str); 6] = [
    ("address", "address"),
    ("namespace", "namespace"),
    ("auth_method", "method"),
    ("role_id", "role-id"),
    ("token_file", "token-file"),
    ("username", "username"),
];

/// Parameters with a credential or its variable, which is not copied, and what to set in its place.
const CREDENTIALS: [(&str, &str); 4] = [
    ("token_env", "VAULT_TOKEN"),
    ("secret_id", "VAULT_SECRET_ID"),
    ("secret_id_env", "VAULT_SECRET_ID"),
    ("password_env", "VAULT_PASSWORD"),
];

impl Vals {
    fn parse(text: &str) -> Option<Self> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (path, before) = path.split_once('?').unwrap_or((path, ""));
        let (keys, behind) = fragment.split_once('?').unwrap_or((fragment, ""));
        let decode = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
        let pairs = [before, behind].into_iter().flat_map(|query| query.split('&'));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        };
        let keys = keys.split('/').filter(|key| !key.is_empty()).map(decode);
        Some(Self {
            path: decode(path)?,
            parameters: pairs.filter(|pair| !pair.is_empty()).map(pair).collect::<Option<_>>()?,
            keys: keys.collect::<Option<_>>()?,
        })
    }

    /// Takes a parameter out.
    fn takes(&mut self, name: &str) -> Option<String> {
        let at = self.parameters.iter().position(|(known, _)| known == name)?;
        Some(self.parameters.remove(at).1)
    }

    fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }

    fn vault(&mut self) -> Result<Converted, String> {
        if self.keys.is_empty() {
            return Err("it does not name a key after `#`".into());
        }
        let address = self.parameters.iter().find(|(name, _)| name == "address");
        if address.is_some_and(|(_, address)| address.contains('@')) {
            return Err("its address has a login".into());
        }
        let mut converted = Converted::new("vault", &*self.path).tokens(&self.keys());
        for (parameter, setting) in VAULT_SETTINGS {
            converted = converted.setting(setting, self.takes(parameter));
        }
        for (parameter, variable) in CREDENTIALS {
            if self.takes(parameter).is_some() {
                converted.notes.push(format!("`{parameter}` is not copied: set {variable}"));
            }
        }
        Ok(converted.option("version", self.takes("version").as_deref()))
    }

    /// The region and the profile of a reference to AWS.
    fn aws(&mut self, converted: Converted) -> Result<Converted, String> {
        if self.takes("role_arn").is_some() {
            return Err(
                "it assumes a role; set `profile` of the source to a profile with `role_arn`"
                    .into(),
            );
        }
        let converted = converted.setting("region", self.takes("region"));
        Ok(converted.setting("profile", self.takes("profile")))
    }

    fn secrets_manager(&mut self) -> Result<Converted, String> {
        let converted = Converted::new("aws-sm", &*self.path).tokens(&self.keys());
        let version = self.takes("version_id");
        let stage = self.takes("version_stage").filter(|_| version.is_none());
        let converted = converted.option("stage", stage.as_deref());
        self.aws(converted.option("version", version.as_deref()))
    }

    fn parameter_store(&mut self) -> Result<Converted, String> {
        let mut name = self.path.trim_end_matches('/').to_owned();
        let converted = match self.takes("mode").as_deref() {
            Some("singleparam") => aws::parameter(&name).tokens(&self.keys()),
            Some(_) => return Err("hushed does not have this mode".into()),
            // The keys name a parameter below the path.
            None => {
                for key in &self.keys {
                    name.push('/');
                    name += key;
                }
                aws::parameter(&name)
            }
        };
        self.takes("recursive");
        let converted = converted.option("version", self.takes("version").as_deref());
        self.aws(converted)
    }

    fn google(&mut self) -> Result<Converted, String> {
        if self.path.split('/').count() != 2 {
            return Err("it does not name project and secret".into());
        }
        let version = self.takes("version").filter(|version| version != "latest");
        Ok(google(&self.path, version.as_deref()).tokens(&self.keys()))
    }

    fn key_vault(&self) -> Result<Converted, String> {
        let parts: Vec<_> = self.path.split('/').collect();
        match parts.as_slice() {
            [vault, name] => Ok(key_vault(vault, name, None).tokens(&self.keys())),
            [vault, name, version] => {
                Ok(key_vault(vault, name, Some(version)).tokens(&self.keys()))
            }
            _ => Err("it does not name vault and secret".into()),
        }
    }

    fn sops(&mut self) -> Result<Converted, String> {
        if self.takes("key_type").is_some_and(|kind| kind != "filepath") {
            return Err("it has the encrypted file itself; put that into a file".into());
        }
        if self.keys.is_empty() {
            return Err("it names a whole file, and not a key after `#`".into());
        }
        let by_name = [".yaml", ".yml", ".json", ".env", ".ini"];
        let is_known = by_name.iter().any(|extension| self.path.ends_with(extension));
        let format = self.takes("format").or_else(|| (!is_known).then(|| "yaml".to_owned()));
        let converted = Converted::new("sops", "").tokens(&self.keys());
        Ok(converted.setting("file", Some(&*self.path)).setting("format", format))
    }

    fn doppler(&mut self) -> Result<Converted, String> {
        let parts: Vec<_> = self.path.split('/').collect();
        let [project, config, name] = parts.as_slice() else {
            return Err("it does not name project, environment and secret".into());
        };
        let mut converted = Converted::new("doppler", format!("{project}/{config}"));
        converted = converted.key(Some(name)).setting("api-host", self.takes("address"));
        if self.takes("token").is_some() {
            converted.notes.push("`token` is not copied: set DOPPLER_TOKEN".into());
        }
        Ok(converted)
    }

    fn one_password(&self) -> Result<Converted, String> {
        let path = [self.path.clone()].into_iter().chain(self.keys.iter().cloned());
        let path = path.collect::<Vec<_>>().join("/");
        match path.split('/').count() {
            3 | 4 => Ok(Converted::new("op", path)),
            _ => Err("it does not name vault, item and field".into()),
        }
    }
}
