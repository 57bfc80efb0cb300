//! The settings and the token of a Doppler source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CredentialKey, INSECURE_HTTP, OFFLINE, SettingKey, SourceSchema, keys,
};

/// What a Doppler source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "doppler",
    heading: "Doppler",
    doc: "Secrets of a config in Doppler. The token does not belong in this file: it comes from an environment \
          variable, a file, a systemd credential, or another source. hushed-doppler(7) has examples.",
    keys: KEYS,
    credentials: &[&TOKEN, &CACHE_PASSPHRASE],
};

keys! {
    API_HOST = "api-host" Text None, ["DOPPLER_API_HOST"],
        "The server. The default is Doppler's cloud, `https://api.doppler.com`. In a project's file, another server requires `hushed trust`.";
    PROJECT = "project" Text None, ["DOPPLER_PROJECT"],
        "The project. A service token knows its own.";
    CONFIG = "config" Text None, ["DOPPLER_CONFIG"],
        "The config, such as `dev` or `prd`. A service token knows its own.";
    TOKEN_FILE = "token-file" Path None, [],
        "A file that contains the token.";
}

/// The settings of a `doppler` source.
pub static KEYS: &[&SettingKey] = &[
    &API_HOST,
    &PROJECT,
    &CONFIG,
    &TOKEN_FILE,
    &CA_FILE,
    &INSECURE_HTTP,
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_DIR,
];

/// A service token, or another token of Doppler.
pub static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: None,
    secret: true,
    file: &TOKEN_FILE,
    variables: &["DOPPLER_TOKEN"],
    usual: None,
    systemd: "doppler-token",
};
