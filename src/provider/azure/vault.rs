//! Addresses of vaults, the audiences that go with them, and names of secrets. Pure.

use url::Url;

/// The domains of vaults, each with the address of Microsoft Entra ID in the same cloud.
const CLOUDS: [(&str, &str); 3] = [
    ("vault.azure.net", "https://login.microsoftonline.com/"),
    ("vault.azure.cn", "https://login.chinacloudapi.cn/"),
    ("vault.usgovcloudapi.net", "https://login.microsoftonline.us/"),
];

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vault {
    /// Its address.
    pub(super) url: Url,
    /// The audience of its tokens and the address of Microsoft Entra ID, if it is in a domain of Azure.
    pub(super) cloud: Option<(String, Url)>,
}

impl Vault {
    /// Reads a name or an address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_name = (3..=24).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let address =
            if is_name { format!("https://{text}.{}/", CLOUDS[0].0) } else { text.into() };
        let url = Url::parse(&address).ok().filter(|url| {
            let plain = url.username().is_empty() && url.password().is_none();
            let is_alone = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && plain && is_alone
        })?;
        let host = url.host_str().unwrap_or_default();
        let is_below = |(domain, _): &&(&str, &str)| is_below(host, domain);
        let found = CLOUDS.iter().find(is_below).filter(|_| url.scheme() == "https");
        let cloud = match found {
            None => None,
            Some((domain, authority)) => {
                Some((format!("https://{domain}"), Url::parse(authority).ok()?))
            }
        };
        Some(Self { url, cloud })
    }
}

/// Whether a host is in a domain.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(&domain.to_ascii_lowercase()).is_some_and(|rest| rest.ends_with('.'))
}

/// A secret to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRef {
    /// Its name.
    pub(super) name: String,
    /// The ID of a version, unless it is the current one.
    pub(super) version: Option<String>,
}

impl SecretRef {
    /// Parses `NAME` or `NAME?version=ID`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, version) = match text.split_once('?') {
            None => (text, None),
            Some((name, query)) => (name, Some(query.strip_prefix("version=")?)),
        };
        Self::new(name, version)
    }

    /// The same, with the version apart.
    pub(super) fn new(name: &str, version: Option<&str>) -> Option<Self> {
        let is_name = (1..=127).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_version = |text: &str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let is_valid = is_name && version.is_none_or(is_version);
        let version = version.map(str::to_owned);
        is_valid.then(|| Self { name: name.to_owned(), version })
    }

    /// A text that [`Self::parse`] reads back, for the cache.
    pub(super) fn text(&self) -> String {
        let version = self.version.iter().map(|version| format!("?version={version}"));
        std::iter::once(self.name.clone()).chain(version).collect()
    }

    /// Whether it is the same secret; names have no case.
    pub(super) fn is_same_secret(&self, other: &str) -> bool {
        self.name.eq_ignore_ascii_case(other)
    }
}

/// Reads the ID of a secret: `https://VAULT/secrets/NAME`, with or without a version behind it.
pub(super) fn parse_id(id: &str) -> Option<(String, Option<String>)> {
    let url = Url::parse(id).ok()?;
    let parts: Vec<_> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let secret = match parts.as_slice() {
        ["secrets", name] => SecretRef::new(name, None),
        ["secrets", name, version] => SecretRef::new(name, Some(version)),
        _ => None,
    }?;
    Some((secret.name, secret.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_is_a_name_or_an_address_and_its_domain_gives_the_audience() {
        for (text, url, audience) in [
            ("my-vault", "https://my-vault.vault.azure.net/", Some("https://vault.azure.net")),
            (
                "https://v.vault.azure.net",
                "https://v.vault.azure.net/",
                Some("https://vault.azure.net"),
            ),
            (
                "https://V.Vault.Azure.CN/",
                "https://v.vault.azure.cn/",
                Some("https://vault.azure.cn"),
            ),
            (
                "https://v.vault.usgovcloudapi.net",
                "https://v.vault.usgovcloudapi.net/",
                Some("https://vault.usgovcloudapi.net"),
            ),
            ("https://evilvault.azure.net", "https://evilvault.azure.net/", None),
            ("https://vault.azure.net", "https://vault.azure.net/", None),
            (
                "https://v.vault.azure.net.evil.example",
                "https://v.vault.azure.net.evil.example/",
                None,
            ),
            ("http://v.vault.azure.net", "http://v.vault.azure.net/", None),
            ("http://127.0.0.1:8443", "http://127.0.0.1:8443/", None),
        ] {
            let vault = Vault::parse(text).unwrap();
            assert_eq!(vault.url.as_str(), url);
            let found = vault.cloud.as_ref().map(|(audience, _)| audience.as_str());
            assert_eq!(found, audience, "{text}");
        }
        for text in [
            "",
            "a",
            "my_vault",
            "https://v.vault.azure.net/secrets/x",
            "https://u:p@v.vault.azure.net",
            "ftp://v.vault.azure.net",
            "https://v.vault.azure.net/?a=b",
        ] {
            assert_eq!(Vault::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_has_a_name_with_dashes_and_perhaps_a_version() {
        let id = "0123456789abcdef0123456789abcdef";
        for (text, want) in [
            ("db-password", Some(("db-password", None))),
            (&format!("db?version={id}"), Some(("db", Some(id)))),
            ("DB_PASSWORD", None),
            ("db?version=", None),
            ("db?stage=x", None),
            ("db/x", None),
            ("", None),
        ] {
            let secret = SecretRef::parse(text);
            let found = secret.as_ref().map(|s| (s.name.as_str(), s.version.as_deref()));
            assert_eq!(found, want, "{text}");
            let back = secret.as_ref().map(|secret| SecretRef::parse(&secret.text()));
            assert_eq!(back, secret.map(Some));
        }
        let parsed = parse_id(&format!("https://v.vault.azure.net/secrets/db/{id}"));
        assert_eq!(parsed, Some(("db".to_owned(), Some(id.to_owned()))));
        assert_eq!(parse_id("https://v.vault.azure.net/keys/db"), None);
    }
}
