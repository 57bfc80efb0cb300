//! Forms of values that are no key although they mix letters and digits: addresses, versions, hashes.

use std::net::{IpAddr, SocketAddr};

use super::part::{Parts, is_letters, runs};
use super::{shape, words};

/// Forms that are no key although they mix letters and digits.
pub(super) fn is_fixed_form(token: &str) -> bool {
    let token = token.trim_matches(['"', '\'', ',', ';', '(', ')', '[', ']']);
    let address = token.split(['/', '%']).next().unwrap_or_default();
    address.parse::<IpAddr>().is_ok()
        || token.parse::<SocketAddr>().is_ok()
        || is_mac(token)
        || is_version(token)
        || is_email(token)
        || is_digest(token)
}

fn is_mac(token: &str) -> bool {
    let groups = || token.split([':', '-']);
    let is_pair = |group: &str| group.len() == 2 && group.bytes().all(|b| b.is_ascii_hexdigit());
    groups().count() == 6 && groups().all(is_pair)
}

/// `v1.2.3-RC1`, `20.04-LTS`.
fn is_version(token: &str) -> bool {
    let token = token.trim_start_matches(['v', 'V', '^', '~', '=', '>', '<']);
    token.starts_with(|c: char| c.is_ascii_digit())
        && token.contains('.')
        && token.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c))
        && token.split(['.', '-', '+', '_']).flat_map(runs).all(|run| {
            if is_letters(run) { words::is_known(run) || run.len() == 1 } else { run.len() <= 4 }
        })
}

fn is_email(token: &str) -> bool {
    let token = token.trim_matches(['<', '>']);
    let token = token.strip_prefix("mailto:").unwrap_or(token);
    let Some((user, domain)) = token.split_once('@') else { return false };
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    let plain = |part: &str| {
        let mut parts = Parts::of(part);
        parts.all(|part| part.text.len() < 8 || shape::is_plain(part.text))
    };
    !user.is_empty()
        && (user.chars().all(is_name) && domain.chars().all(is_name))
        && (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_lowercase()))
        && (plain(user) && plain(domain))
}

/// `sha256:…` of an image and `sha384-…` of a script are public.
fn is_digest(token: &str) -> bool {
    let token = token.rsplit('@').next().unwrap_or(token);
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let has = |prefix: &str, length| token.strip_prefix(prefix).is_some_and(|it| hex(it, length));
    let integrity = |prefix: &str, length| {
        token.strip_prefix(prefix).is_some_and(|hash| hash.len() == length && hash.ends_with('='))
    };
    has("sha256:", 64)
        || has("sha512:", 128)
        || integrity("sha256-", 44)
        || integrity("sha512-", 88)
        || token.strip_prefix("sha384-").is_some_and(|hash| hash.len() == 64)
}

/// The scheme of a URL, and what follows `://`.
pub(super) fn scheme(value: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = value.split_once("://")?;
    let is_known = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && scheme.len() <= 32 && scheme.chars().all(is_known)).then_some((scheme, rest))
}

/// Whether a value shows itself as one that anybody may know: a public key, a certificate, a picture.
pub(super) fn is_public(value: &str) -> bool {
    let begins = |heads: &[&str]| heads.iter().any(|head| value.starts_with(head));
    begins(&["ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA", "data:image/"])
        || begins(&["-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----"])
        || begins(&["-----BEGIN RSA PUBLIC KEY-----", "-----BEGIN PGP PUBLIC KEY BLOCK-----"])
}

/// Whether a value is a hash in hexadecimal digits, a number, or a UUID.
pub(super) fn is_identifier(value: &str) -> bool {
    let value = value.rsplit(':').next().unwrap_or(value);
    let is_hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    (7..=128).contains(&value.len()) && value.chars().all(is_hex)
}

/// Whether a value is a number, with signs as phone numbers have them.
pub(super) fn is_number(value: &str) -> bool {
    value.len() <= 24 && value.chars().all(|c| c.is_ascii_digit() || "+-. ()_,".contains(c))
}

/// Whether a value can be the name of a machine.
pub(super) fn is_host(value: &str) -> bool {
    value.len() <= 253
        && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
}

/// Whether a value can be the name of an account: small letters, and up to four digits behind them.
pub(super) fn is_user(value: &str) -> bool {
    let letters = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_letter = |c: char| c.is_ascii_lowercase() || "._-".contains(c);
    value.len() - letters.len() <= 4 && !letters.is_empty() && letters.chars().all(is_letter)
}

/// Whether a token is a UUID.
pub(super) fn is_uuid(token: &str) -> bool {
    let groups = token.split('-').map(|group| {
        if group.bytes().all(|byte| byte.is_ascii_hexdigit()) { group.len() } else { 0 }
    });
    groups.eq([8, 4, 4, 4, 12])
}
