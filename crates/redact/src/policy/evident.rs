//! Values that show themselves as secret, whatever their name says.

use std::fmt;

use super::name::{self, Meaning};
use super::{form, ordinary};

/// What a value shows itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A URL with a user or a password.
    UserInfo,
    /// A private key.
    PrivateKey,
    /// A JSON web token.
    Jwt,
    /// A token with this prefix, by which its issuer is known.
    Token(&'static str),
    /// A UUID.
    Uuid,
    /// The header of an HTTP authorization.
    Authorization,
    /// A setting inside the value whose name says that it is secret, such as `password=`.
    Assignment(&'static str),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserInfo => f.write_str("a URL with a user or password"),
            Self::PrivateKey => f.write_str("a private key"),
            Self::Jwt => f.write_str("a JSON web token"),
            Self::Token(prefix) => write!(f, "a token that begins with {prefix}"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Authorization => f.write_str("an HTTP authorization"),
            Self::Assignment(word) => write!(f, "a setting named {word}"),
        }
    }
}

/// What the value shows itself to be, whatever its name is.
pub(super) fn find(value: &str) -> Option<Evidence> {
    if is_private_key(value) {
        return Some(Evidence::PrivateKey);
    }
    if has_user_info(value) {
        return Some(Evidence::UserInfo);
    }
    for token in value.split(|c: char| c.is_whitespace() || ENDS.contains(c)) {
        if is_jwt(token) {
            return Some(Evidence::Jwt);
        }
        if let Some(prefix) = known_prefix(token) {
            return Some(Evidence::Token(prefix));
        }
        if form::is_uuid(token) {
            return Some(Evidence::Uuid);
        }
    }
    if is_authorization(value) {
        return Some(Evidence::Authorization);
    }
    assignment(value).map(Evidence::Assignment)
}

/// What a token in a longer value ends with.
const ENDS: &str = "=:,;\"'/@&?()<>[]{}|";

fn is_private_key(value: &str) -> bool {
    let mut blocks = value.split("-----BEGIN ").skip(1);
    let is_secret = |block: &str| {
        let label = block.split("-----").next().unwrap_or_default();
        label.contains("KEY") && !label.contains("PUBLIC")
    };
    blocks.any(is_secret)
        || value.starts_with("LS0tLS1CRUdJTi")
        || value.starts_with("PuTTY-User-Key-File-")
        || value.contains("AGE-SECRET-KEY-1")
}

/// Whether a URL in the value has a user or a password. `git@` is known to everybody.
fn has_user_info(value: &str) -> bool {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once("://") {
        rest = after;
        let end = |c: char| c.is_whitespace() || "\"'`<>".contains(c);
        let url = after.split(end).next().unwrap_or_default();
        let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            if user != "git" && !user.is_empty() {
                return true;
            }
        } else if let Some((_, port)) = authority.split_once(':') {
            // A password with `/`, `?` or `#` in it, which its author forgot to escape.
            let is_port = port.is_empty() || port.bytes().all(|byte| byte.is_ascii_digit());
            if !is_port && !port.contains([']', '$', '{']) && url.contains('@') {
                return true;
            }
        }
    }
    false
}

/// A base64url header and payload, and perhaps a signature.
fn is_jwt(token: &str) -> bool {
    let mut parts = token.split('.');
    let is_part = |part: Option<&str>, least: usize| {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        part.is_some_and(|part| part.len() >= least && part.bytes().all(is_known))
    };
    token.starts_with("eyJ") && is_part(parts.next(), 12) && is_part(parts.next(), 8)
}

/// Prefixes of tokens that nothing else has, and the least number of characters after each.
const PREFIXES: &[(&str, usize)] = &[
    ("ghp_", 10),
    ("gho_", 10),
    ("ghu_", 10),
    ("ghs_", 10),
    ("ghr_", 10),
    ("github_pat_", 10),
    ("glpat-", 10),
    ("gldt-", 10),
    ("glrt-", 10),
    ("glptt-", 10),
    ("glcbt-", 10),
    ("glsoat-", 10),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("rk_test_", 8),
    ("whsec_", 8),
    ("sk-proj-", 10),
    ("sk-ant-", 10),
    ("sk-or-", 10),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xoxe-", 8),
    ("xapp-", 8),
    ("AIza", 30),
    ("ya29.", 10),
    ("GOCSPX-", 10),
    ("npm_", 16),
    ("pypi-", 16),
    ("rubygems_", 10),
    ("hvs.", 8),
    ("hvb.", 8),
    ("hvr.", 8),
    ("dop_v1_", 10),
    ("doo_v1_", 10),
    ("dor_v1_", 10),
    ("dp.pt.", 8),
    ("dp.st.", 8),
    ("dp.ct.", 8),
    ("dp.sa.", 8),
    ("shpat_", 8),
    ("shpca_", 8),
    ("shppa_", 8),
    ("shpss_", 8),
    ("sq0atp-", 8),
    ("sq0csp-", 8),
    ("xkeysib-", 10),
    ("dckr_pat_", 8),
    ("dckr_oat_", 8),
    ("lin_api_", 8),
    ("ntn_", 10),
    ("figd_", 10),
    ("sntrys_", 10),
    ("sntryu_", 10),
    ("glc_", 10),
    ("glsa_", 10),
    ("PMAK-", 10),
    ("sbp_", 10),
    ("sb_secret_", 8),
    ("ATATT3x", 10),
    ("ATCTT3x", 10),
    ("bkua_", 10),
    ("CCIPAT_", 10),
    ("pul-", 20),
    ("NRAK-", 10),
    ("ops_eyJ", 10),
    ("tskey-", 8),
    ("nvapi-", 10),
    ("FLWSECK", 8),
    ("EAACEdEose0cBA", 8),
    ("tfp_", 10),
    ("hf_", 20),
    ("gsk_", 20),
    ("r8_", 20),
    ("pplx-", 20),
    ("tvly-", 16),
    ("SG.", 20),
    ("dapi", 32),
    ("key-", 32),
    ("secret_", 32),
    ("pat-", 20),
    ("sk-", 20),
    ("st.", 20),
    ("v2.local.", 10),
    ("v4.local.", 10),
    ("LTAI", 16),
];

/// Prefixes of identifiers of keys: exactly so many capitals and digits follow.
const EXACT_PREFIXES: &[(&str, usize)] = &[("AKIA", 16), ("ASIA", 16), ("ABIA", 16), ("ACCA", 16)];

fn known_prefix(token: &str) -> Option<&'static str> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    let long = |(prefix, least): &&(&'static str, usize)| {
        let tail = token.strip_prefix(prefix);
        tail.is_some_and(|tail| {
            // A long tail is asked for where the prefix may begin a name, and then it has digits.
            let has_digit = tail.bytes().any(|byte| byte.is_ascii_digit());
            tail.len() >= *least && tail.bytes().all(is_sign) && (*least < 16 || has_digit)
        })
    };
    let exact = |(prefix, length): &&(&'static str, usize)| {
        let is_sign = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let tail = token.strip_prefix(prefix);
        tail.is_some_and(|tail| tail.len() == *length && tail.bytes().all(is_sign))
    };
    let found = PREFIXES.iter().find(long).or_else(|| EXACT_PREFIXES.iter().find(exact));
    found.map(|(prefix, _)| *prefix)
}

/// `Bearer …` and `Basic …`.
fn is_authorization(value: &str) -> bool {
    let Some((_, rest)) = value.split_once(' ').filter(|(scheme, _)| {
        let scheme = scheme.trim_start_matches("Authorization:");
        ["Bearer", "Basic"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
    }) else {
        return false;
    };
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(&byte);
    rest.len() >= 8 && rest.bytes().all(is_sign)
}

/// Words of names that are secret also where they stand inside a value.
const STRONG: [&str; 6] = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL"];

/// `password=…` and `"password": "…"` inside a value.
fn assignment(value: &str) -> Option<&'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    for (at, sign) in value.match_indices(['=', ':']) {
        let before = value.get(..at)?.trim_end_matches(['"', '\'', ' ']);
        let begin = before.rfind(|c| !is_name(c)).map_or(0, |at| at + 1);
        let Some(key) = before.get(begin..).filter(|key| !key.is_empty()) else { continue };
        let Meaning::Secret(word) = name::meaning(key) else { continue };
        let rest = value.get(at + sign.len()..)?.trim_start_matches([' ', '"', '\'']);
        let end = |c: char| c.is_whitespace() || "&;,\"'}".contains(c);
        let part = rest.split(end).next().unwrap_or_default();
        let is_reference = part.starts_with(['$', '{', '<', '%', ':']);
        let is_secret = part.len() >= 6 && !ordinary::is_word_or_number(part);
        if STRONG.contains(&word) && is_secret && !is_reference {
            return Some(word);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_show_themselves() {
        for (value, want) in [
            ("postgres://app:hunter22@db/app", Evidence::UserInfo),
            ("postgres://app:p#w/d@db/app", Evidence::UserInfo),
            ("https://deploy@git.example.com/", Evidence::UserInfo),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", Evidence::PrivateKey),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl\\n", Evidence::PrivateKey),
            ("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo", Evidence::PrivateKey),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", Evidence::Jwt),
            ("Bearer abcdefghij", Evidence::Authorization),
            ("Basic dXNlcjpwYXNz", Evidence::Authorization),
            ("xoxb-canary-canary", Evidence::Token("xoxb-")),
            ("hvs.canarycanary", Evidence::Token("hvs.")),
            ("AKIAIOSFODNN7EXAMPLE", Evidence::Token("AKIA")),
            ("header=glpat-canarycanary", Evidence::Token("glpat-")),
            ("6f1c2a4e-8f5b-4c7d-9e10-2b3c4d5e6f70", Evidence::Uuid),
            ("Server=db;User Id=sa;Password=hunter-two;", Evidence::Assignment("PASSWORD")),
            ("{\"user\":\"a\",\"password\":\"hunter-two\"}", Evidence::Assignment("PASSWORD")),
            ("jdbc:postgresql://db/app?user=a&password=hunter", Evidence::Assignment("PASSWORD")),
        ] {
            assert_eq!(find(value), Some(want), "{value}");
        }
    }

    #[test]
    fn values_that_only_look_so() {
        for value in [
            "git@github.com:org/repo.git",
            "ssh://git@github.com/org/repo.git",
            "https://www.npmjs.com/package/@scope/name",
            "http://localhost:3000/@fs",
            "key-value-store-for-the-application-cache",
            "pypi-mirror.internal.example.com",
            "npm_config_registry",
            "eyJ",
            "token=optional",
            "password: ${DB_PASSWORD}",
            "Bearer",
            "Basic plan",
            "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(find(value), None, "{value}");
        }
    }
}
