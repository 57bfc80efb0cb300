//! The settings and credentials of an Azure Key Vault source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CredentialKey, ID_TOKEN, ID_TOKEN_AUDIENCE, INSECURE_HTTP, OFFLINE,
    SourceSchema, keys,
};

/// What a source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "azure-kv",
    heading: "Azure Key Vault",
    doc: "Secrets of Azure Key Vault. hushed-azure(7) describes the logins.",
    keys: &[
        &VAULT,
        &SECRETS,
        &NAME_PREFIX,
        &ALL,
        &JSON,
        &METHOD,
        &TENANT_ID,
        &CLIENT_ID,
        &CLIENT_SECRET_FILE,
        &CLIENT_CERTIFICATE,
        &FEDERATED_TOKEN_FILE,
        &ID_TOKEN,
        &ID_TOKEN_AUDIENCE,
        &AUTHORITY,
        &AUDIENCE,
        &CA_FILE,
        &INSECURE_HTTP,
        &CACHE,
        &CACHE_MAX_AGE,
        &OFFLINE,
        &CACHE_KEY,
        &CACHE_KEY_FILE,
        &CACHE_PASSPHRASE_FILE,
        &CACHE_DIR,
    ],
    credentials: &[&CLIENT_SECRET, &CACHE_PASSPHRASE],
};

keys! {
    VAULT = "vault" Text None, [],
        "The vault: its name, such as `my-vault`, or its address, such as `https://my-vault.vault.azure.net`. In a project's file, an address outside Azure's domains requires `hushed trust`.";
    SECRETS = "secrets" List None, [],
        "The secrets, by name, in order; later ones win. `NAME?version=ID` selects a version; the default is the current one. `db-password` becomes the variable `DB_PASSWORD`.";
    NAME_PREFIX = "name-prefix" List None, [],
        "Read all secrets whose names begin with one of these texts, such as `app-prod-`. What follows the prefix gives the name of the variable.";
    ALL = "all" Switch None, [],
        "Read all secrets of the vault, except those that are disabled, expired or not yet valid, and those of certificates.";
    JSON = "json" SwitchOrText None, [],
        "Whether the keys of a JSON object become variables: `true` (every secret must be an object), `false` (the text is the value), or `\"auto\"` (objects are split, other texts are values), the default.";
    METHOD = "method" Text None, [],
        "The login: `client-secret`, `certificate`, `workload-identity`, `managed-identity` or `azure-cli`. By default, the credentials decide, in this order; without any, it is the managed identity.";
    TENANT_ID = "tenant-id" Text None, ["AZURE_TENANT_ID"],
        "The tenant: its ID or a domain.";
    CLIENT_ID = "client-id" Text None, ["AZURE_CLIENT_ID"],
        "The client ID of the application, or of a user-assigned managed identity.";
    CLIENT_SECRET_FILE = "client-secret-file" Path None, [],
        "A file that contains the client secret.";
    CLIENT_CERTIFICATE = "client-certificate" Path None, ["AZURE_CLIENT_CERTIFICATE_PATH"],
        "A PEM file that contains the certificate of the application and its private key, without a passphrase.";
    FEDERATED_TOKEN_FILE = "federated-token-file" Path None, ["AZURE_FEDERATED_TOKEN_FILE"],
        "A file that contains the token of another identity provider, such as Kubernetes.";
    AUTHORITY = "authority" Text None, ["AZURE_AUTHORITY_HOST"],
        "The address of Microsoft Entra ID. The default is that of the vault's cloud. In a project's file, it requires `hushed trust`.";
    AUDIENCE = "audience" Text None, [],
        "The audience of the access token, for a vault outside Azure's domains. The vault then gets a token for this audience.";
}

/// The secret of an application.
pub static CLIENT_SECRET: CredentialKey = CredentialKey {
    what: "client secret",
    direct: None,
    secret: true,
    file: &CLIENT_SECRET_FILE,
    variables: &["AZURE_CLIENT_SECRET"],
    usual: None,
    systemd: "azure-client-secret",
};
