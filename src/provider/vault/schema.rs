//! The settings and credentials of a Vault source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CACHE_TOKEN, CredentialKey, ID_TOKEN, ID_TOKEN_AUDIENCE, INSECURE_HTTP,
    OFFLINE, REVOKE_TOKEN, SettingKey, SourceSchema, keys,
};

/// What a Vault source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "vault",
    heading: "Vault",
    doc: "Secrets of HashiCorp Vault or OpenBao: key/value secrets and dynamic ones. Credentials do not \
          belong in this file: they come from environment variables, files, or systemd credentials. \
          hushed-vault(7) has the logins and examples.",
    keys: KEYS,
    credentials: CREDENTIALS,
};

keys! {
    ADDRESS = "address" Text None, ["BAO_ADDR", "VAULT_ADDR"],
        "The address of the server, such as `https://vault.example.com:8200`, or the listener of an agent: `unix:///run/vault/agent.sock`. `BAO_AGENT_ADDR` or `VAULT_AGENT_ADDR` take precedence over the other variables. In a project's file, it requires `hushed trust`.";
    NAMESPACE = "namespace" Text None, ["BAO_NAMESPACE", "VAULT_NAMESPACE"],
        "The namespace, such as `team/app`.";
    PATH = "path" List None, [],
        "The paths of the secrets, in order; later paths win. A path begins with the mount of its secrets engine, unless `mount` is set: `secret/app/web`. `secret/data/app/web` means the same in a KV 2 engine. Every key of a secret is a variable.";
    MOUNT = "mount" Text None, [],
        "The mount that all paths are relative to.";
    TRANSIT = "transit" Text None, [],
        "The mount of a transit secrets engine, such as `transit`. `hushed kms` uses its keys; see **hushed-kms**(1).";
    KV = "kv" Text None, [],
        "The version of the KV secrets engine: `1`, `2`, `auto` (the default), or `none` for a path of another engine, which is read as it is. `auto` asks the server.";
    VERSION = "version" Text None, [],
        "The version of a KV 2 secret. The default is the newest. It requires a single path.";
    PARAMETERS = "parameters" Map None, [],
        "Parameters of a dynamic secret, such as `common_name`. With parameters, the path is requested with POST. It requires a single path.";
    METHOD = "method" Text None, [],
        "The login method: `token`, `approle`, `kubernetes`, `jwt`, `userpass`, `ldap`, `cert`, or `agent` for a listener that adds its own token. By default, the credentials decide.";
    AUTH_MOUNT = "auth-mount" Text None, [],
        "The path of the auth method, without `auth/`. The default is the name of the method.";
    ROLE = "role" Text None, ["BAO_ROLE", "VAULT_ROLE"],
        "The role to log in with: required for kubernetes; for jwt and cert, the server may have a default. For approle, the name of the role that a wrapped secret ID must be for.";
    INLINE_AUTH = "inline-auth" Switch None, [],
        "Send the login with the request for the secret, instead of a login of its own, if a single request is enough and the server is `OpenBao` 2.4 or newer. For approle, kubernetes, jwt, userpass and ldap.";
    TOKEN_FILE = "token-file" Path None, [],
        "A file that contains the token, such as the sink of an agent. A sink with a wrapped token is unwrapped. The default is the file of `BAO_TOKEN_PATH`, else `~/.vault-token`.";
    ROLE_ID = "role-id" Text None, [],
        "The role ID, for approle. It is not a secret.";
    ROLE_ID_FILE = "role-id-file" Path None, [],
        "A file that contains the role ID, for approle.";
    SECRET_ID_FILE = "secret-id-file" Path None, [],
        "A file that contains the secret ID, for approle.";
    WRAPPED_SECRET_ID = "wrapped-secret-id" Switch None, [],
        "The secret ID is a wrapping token, which hushed unwraps once, after it has checked where the token comes from.";
    JWT_FILE = "jwt-file" Path None, [],
        "A file that contains the JWT, for jwt.";
    KUBERNETES_TOKEN_FILE = "service-account-token-path" Path None, [],
        "The file of the service account token, for kubernetes. The default is `/var/run/secrets/kubernetes.io/serviceaccount/token`.";
    USERNAME = "username" Text None, ["BAO_USERNAME", "VAULT_USERNAME"],
        "The user name, for userpass and ldap.";
    PASSWORD_FILE = "password-file" Path None, [],
        "A file that contains the password, for userpass and ldap.";
    CLIENT_CERTIFICATE = "client-certificate" Path None, ["BAO_CLIENT_CERT", "VAULT_CLIENT_CERT"],
        "A client certificate in PEM format, for cert, or if the server requires one.";
    CLIENT_KEY = "client-key" Path None, ["BAO_CLIENT_KEY", "VAULT_CLIENT_KEY"],
        "The private key of the client certificate, in PEM format.";
}

/// The settings of a `vault` source.
pub static KEYS: &[&SettingKey] = &[
    &ADDRESS,
    &NAMESPACE,
    &PATH,
    &MOUNT,
    &TRANSIT,
    &KV,
    &VERSION,
    &PARAMETERS,
    &METHOD,
    &AUTH_MOUNT,
    &ROLE,
    &INLINE_AUTH,
    &TOKEN_FILE,
    &ROLE_ID,
    &ROLE_ID_FILE,
    &SECRET_ID_FILE,
    &WRAPPED_SECRET_ID,
    &ID_TOKEN,
    &ID_TOKEN_AUDIENCE,
    &JWT_FILE,
    &KUBERNETES_TOKEN_FILE,
    &USERNAME,
    &PASSWORD_FILE,
    &CLIENT_CERTIFICATE,
    &CLIENT_KEY,
    &REVOKE_TOKEN,
    &CA_FILE,
    &INSECURE_HTTP,
    &CACHE,
    &CACHE_MAX_AGE,
    &OFFLINE,
    &CACHE_KEY,
    &CACHE_KEY_FILE,
    &CACHE_PASSPHRASE_FILE,
    &CACHE_TOKEN,
    &CACHE_DIR,
];

/// A token.
pub static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: None,
    secret: true,
    file: &TOKEN_FILE,
    variables: &["BAO_TOKEN", "VAULT_TOKEN"],
    usual: Some("VAULT_TOKEN"),
    systemd: "vault-token",
};

/// The role ID of an `AppRole`.
pub static ROLE_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "role ID",
    direct: Some(&ROLE_ID),
    secret: false,
    file: &ROLE_ID_FILE,
    variables: &["BAO_ROLE_ID", "VAULT_ROLE_ID"],
    usual: Some("VAULT_ROLE_ID"),
    systemd: "vault-role-id",
};

/// The secret ID of an `AppRole`.
pub static SECRET_ID: CredentialKey = CredentialKey {
    what: "secret ID",
    direct: None,
    secret: true,
    file: &SECRET_ID_FILE,
    variables: &["BAO_SECRET_ID", "VAULT_SECRET_ID"],
    usual: Some("VAULT_SECRET_ID"),
    systemd: "vault-secret-id",
};

/// The JWT of a JWT login.
pub static JWT: CredentialKey = CredentialKey {
    what: "JWT",
    direct: None,
    secret: true,
    file: &JWT_FILE,
    variables: &["BAO_JWT", "VAULT_JWT"],
    usual: Some("VAULT_JWT"),
    systemd: "vault-jwt",
};

/// The password of a userpass or LDAP login.
pub static PASSWORD: CredentialKey = CredentialKey {
    what: "password",
    direct: None,
    secret: true,
    file: &PASSWORD_FILE,
    variables: &["BAO_PASSWORD", "VAULT_PASSWORD"],
    usual: Some("VAULT_PASSWORD"),
    systemd: "vault-password",
};

/// The credentials of a Vault source.
pub static CREDENTIALS: &[&CredentialKey] =
    &[&TOKEN, &ROLE_ID_CREDENTIAL, &SECRET_ID, &JWT, &PASSWORD, &CACHE_PASSPHRASE];
