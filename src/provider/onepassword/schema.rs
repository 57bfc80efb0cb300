//! The settings and the token of a 1Password Connect source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CredentialKey, INSECURE_HTTP, OFFLINE, SettingKey, SourceSchema, keys,
};

/// What a 1Password Connect source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "op",
    heading: "1Password Connect",
    doc: "Items of 1Password, through a Connect server. The token does not belong in this file: it comes from an \
          environment variable, a file, a systemd credential, or another source. hushed-op(7) has examples.",
    keys: KEYS,
    credentials: &[&TOKEN, &CACHE_PASSPHRASE],
};

keys! {
    HOST = "host" Text None, ["OP_CONNECT_HOST"],
        "The address of the Connect server, such as `https://connect.example.com`. In a project's file, it requires `hushed trust`.";
    VAULT = "vault" Text None, [],
        "The vault of the items, by name or ID. Required with `item`.";
    ITEM = "item" List None, [],
        "Items whose fields all become variables, by title or ID, in order; later items win. Without it, only references use the source.";
    TOKEN_FILE = "token-file" Path None, [],
        "A file that contains the token of the Connect server.";
}

/// The settings of an `op` source.
pub static KEYS: &[&SettingKey] = &[
    &HOST,
    &VAULT,
    &ITEM,
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

/// The token of the Connect server.
pub static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: None,
    secret: true,
    file: &TOKEN_FILE,
    variables: &["OP_CONNECT_TOKEN"],
    usual: None,
    systemd: "op-connect-token",
};
