//! The settings and credentials of an Infisical source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CACHE_TOKEN, CredentialKey, Flag, ID_TOKEN, ID_TOKEN_AUDIENCE,
    INSECURE_HTTP, OFFLINE, REVOKE_TOKEN, SettingKey, SourceSchema, keys,
};

/// What an Infisical source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "infisical",
    heading: "Infisical",
    doc: "Folders of an Infisical project. Credentials do not belong in this file: the client secret, \
          tokens and passwords come from environment variables, files, or systemd credentials.",
    keys: KEYS,
    credentials: CREDENTIALS,
};

keys! {
    DOMAIN = "domain" Text Some(Flag::new("--domain", "URL", "Infisical server [default: app.infisical.com]")), ["HUSHED_DOMAIN", "INFISICAL_DOMAIN", "INFISICAL_API_URL"],
        "The server. The default is Infisical's US cloud. In a project's file, another server than Infisical's cloud requires `hushed trust`.";
    PROJECT = "project" Text Some(Flag::new("--project", "ID", "Project: its ID or slug").visible_alias("projectId")), ["HUSHED_PROJECT", "INFISICAL_PROJECT_ID"],
        "The ID or slug of the project.";
    ENV = "env" Text Some(Flag::new("--env", "SLUG", "Environment slug [default: dev]").short('e')), ["HUSHED_ENV"],
        "The slug of the environment. The default is `dev`.";
    PATH = "path" List Some(Flag::new("--path", "PATH", "Folder; can be repeated, later folders win [default: /]")), ["HUSHED_PATH"],
        "The folders, in order; later folders win. The default is `/`.";
    RECURSIVE = "recursive" Switch Some(Flag::new("--recursive", "BOOL", "Include subfolders")), ["HUSHED_RECURSIVE"],
        "Include subfolders. If a name occurs twice, the deeper folder wins.";
    TAGS = "tags" List Some(Flag::new("--tags", "SLUGS", "Select secrets with one of these tags").short('t').commas()), ["HUSHED_TAGS"],
        "Select only secrets with one of these tags (slugs).";
    INCLUDE_IMPORTS = "include-imports" Switch Some(Flag::new("--include-imports", "BOOL", "Include imported secrets [default: true]")), ["HUSHED_INCLUDE_IMPORTS"],
        "Include the secrets that the folders import. The folders' own secrets win. The default is true.";
    EXPAND = "expand" Switch Some(Flag::new("--expand", "BOOL", "Expand references on the server [default: true]")), ["HUSHED_EXPAND"],
        "Expand references such as `${prod.db.PASSWORD}` on the server. The default is true.";
    SECRET_OVERRIDING = "secret-overriding" Switch Some(Flag::new("--secret-overriding", "BOOL", "Personal secrets override shared ones [default: true]")), ["HUSHED_SECRET_OVERRIDING"],
        "Personal secrets override shared ones. The default is true.";
    ORGANIZATION = "organization" Text Some(Flag::new("--organization-slug", "SLUG", "Organization to log in to")), ["HUSHED_ORGANIZATION", "INFISICAL_AUTH_ORGANIZATION_SLUG"],
        "The slug of the organization or sub-organization to log in to. The default is the identity's own.";
    METHOD = "method" Text Some(Flag::new("--method", "METHOD", "Login method [default: by the credentials]")), ["HUSHED_METHOD"],
        "The login method: `universal-auth`, `kubernetes`, `oidc-auth`, `jwt-auth`, `spiffe-auth`, `ldap-auth`, `aws-iam`, `azure`, `gcp-id-token`, `gcp-iam`, `tls-cert-auth` or `token`. By default, the credentials decide. hushed-infisical(7) describes them.";
    IDENTITY_ID = "identity-id" Text Some(Flag::new("--machine-identity-id", "ID", "Machine identity ID")), [],
        "The ID of the machine identity to log in as, for all methods but universal-auth and token.";
    IDENTITY_ID_FILE = "identity-id-file" Path Some(Flag::new("--machine-identity-id-file", "FILE", "Read the machine identity ID from FILE").conflicts_with("identity-id")), [],
        "A file that contains the ID of the machine identity.";
    CLIENT_ID = "client-id" Text Some(Flag::new("--client-id", "ID", "Client ID, for universal-auth")), [],
        "The client ID, for universal-auth. It is not a secret.";
    CLIENT_ID_FILE = "client-id-file" Path Some(Flag::new("--client-id-file", "FILE", "Read the client ID from FILE").conflicts_with("client-id")), [],
        "A file that contains the client ID.";
    CLIENT_SECRET_ITSELF = "client-secret" Secret Some(Flag::new("--client-secret", "SECRET", "Client secret; `ps` shows it, prefer --client-secret-file")), [],
        "The client secret, on the command line only, where `ps` shows it.";
    TOKEN_ITSELF = "token" Secret Some(Flag::new("--token", "TOKEN", "Access token; `ps` shows it, prefer INFISICAL_TOKEN")), [],
        "The token, on the command line only, where `ps` shows it.";
    JWT_ITSELF = "jwt" Secret Some(Flag::new("--jwt", "JWT", "JWT; `ps` shows it, prefer INFISICAL_JWT").alias("oidc-jwt")), [],
        "The JWT, on the command line only, where `ps` shows it.";
    CLIENT_SECRET_FILE = "client-secret-file" Path Some(Flag::new("--client-secret-file", "FILE", "Read the client secret from FILE").conflicts_with("client-secret")), [],
        "A file that contains the client secret.";
    TOKEN_FILE = "token-file" Path Some(Flag::new("--token-file", "FILE", "Read the access token from FILE").conflicts_with("token")), [],
        "A file that contains an access token or a service token.";
    JWT_FILE = "jwt-file" Path Some(Flag::new("--jwt-file", "FILE", "Read the JWT from FILE").conflicts_with("jwt")), [],
        "A file that contains the JWT, for oidc-auth, jwt-auth and spiffe-auth.";
    KUBERNETES_TOKEN_FILE = "service-account-token-path" Path Some(Flag::new("--service-account-token-path", "FILE", "Service account token file, for kubernetes")), ["INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH"],
        "The file of the service account token, for kubernetes. The default is `/var/run/secrets/kubernetes.io/serviceaccount/token`.";
    GOOGLE_KEY_FILE = "service-account-key-file-path" Path Some(Flag::new("--service-account-key-file-path", "FILE", "Service account key file of Google Cloud, for gcp-iam")), ["INFISICAL_GCP_IAM_SERVICE_ACCOUNT_KEY_FILE_PATH"],
        "The JSON file with the key of a service account of Google Cloud, for gcp-iam.";
    AZURE_RESOURCE = "azure-resource" Text None, [],
        "The resource that the token of the managed identity is for, for azure. The default is `https://management.azure.com/`.";
    CLIENT_CERTIFICATE = "client-certificate" Path None, [],
        "A client certificate in PEM format, for tls-cert-auth.";
    CLIENT_KEY = "client-key" Path None, [],
        "The private key of the client certificate, in PEM format.";
    LDAP_USERNAME = "ldap-username" Text Some(Flag::new("--ldap-username", "NAME", "User name, for ldap-auth")), [],
        "The user name, for ldap-auth.";
    LDAP_USERNAME_FILE = "ldap-username-file" Path Some(Flag::new("--ldap-username-file", "FILE", "Read the user name from FILE, for ldap-auth").conflicts_with("ldap-username")), [],
        "A file that contains the user name, for ldap-auth.";
    LDAP_PASSWORD_FILE = "ldap-password-file" Path Some(Flag::new("--ldap-password-file", "FILE", "Read the password from FILE, for ldap-auth")), [],
        "A file that contains the password, for ldap-auth.";
}

/// The settings of an `infisical` source.
pub static KEYS: &[&SettingKey] = &[
    &DOMAIN,
    &PROJECT,
    &ENV,
    &PATH,
    &RECURSIVE,
    &TAGS,
    &INCLUDE_IMPORTS,
    &EXPAND,
    &SECRET_OVERRIDING,
    &ORGANIZATION,
    &METHOD,
    &CLIENT_ID,
    &CLIENT_ID_FILE,
    &CLIENT_SECRET_FILE,
    &TOKEN_FILE,
    &IDENTITY_ID,
    &IDENTITY_ID_FILE,
    &ID_TOKEN,
    &ID_TOKEN_AUDIENCE,
    &JWT_FILE,
    &KUBERNETES_TOKEN_FILE,
    &GOOGLE_KEY_FILE,
    &AZURE_RESOURCE,
    &CLIENT_CERTIFICATE,
    &CLIENT_KEY,
    &LDAP_USERNAME,
    &LDAP_USERNAME_FILE,
    &LDAP_PASSWORD_FILE,
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

/// The client ID of universal auth.
pub static CLIENT_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "client ID",
    direct: Some(&CLIENT_ID),
    secret: false,
    file: &CLIENT_ID_FILE,
    variables: &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_CLIENT_ID"],
    usual: None,
    systemd: "infisical-client-id",
};

/// The machine identity, for the methods with a token or password of another system.
pub static IDENTITY_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "machine identity ID",
    direct: Some(&IDENTITY_ID),
    secret: false,
    file: &IDENTITY_ID_FILE,
    variables: &[
        "INFISICAL_MACHINE_IDENTITY_ID",
        "INFISICAL_KUBERNETES_IDENTITY_ID",
        "INFISICAL_OIDC_AUTH_IDENTITY_ID",
        "INFISICAL_LDAP_AUTH_IDENTITY_ID",
        "INFISICAL_AWS_IAM_AUTH_IDENTITY_ID",
        "INFISICAL_AZURE_AUTH_IDENTITY_ID",
        "INFISICAL_GCP_AUTH_IDENTITY_ID",
    ],
    usual: None,
    systemd: "infisical-identity-id",
};

/// The user name of LDAP login.
pub static LDAP_USERNAME_CREDENTIAL: CredentialKey = CredentialKey {
    what: "LDAP user name",
    direct: Some(&LDAP_USERNAME),
    secret: false,
    file: &LDAP_USERNAME_FILE,
    variables: &["INFISICAL_LDAP_USERNAME"],
    usual: None,
    systemd: "infisical-ldap-username",
};

/// The client secret of universal auth.
pub static CLIENT_SECRET: CredentialKey = CredentialKey {
    what: "client secret",
    direct: Some(&CLIENT_SECRET_ITSELF),
    secret: true,
    file: &CLIENT_SECRET_FILE,
    variables: &[
        "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET",
        "INFISICAL_UNIVERSAL_CLIENT_SECRET",
        "INFISICAL_CLIENT_SECRET",
    ],
    usual: None,
    systemd: "infisical-client-secret",
};

/// An access token or service token.
pub static TOKEN: CredentialKey = CredentialKey {
    what: "token",
    direct: Some(&TOKEN_ITSELF),
    secret: true,
    file: &TOKEN_FILE,
    variables: &[
        "INFISICAL_UNIVERSAL_AUTH_ACCESS_TOKEN",
        "INFISICAL_TOKEN",
        "INFISICAL_ACCESS_TOKEN",
    ],
    usual: Some("INFISICAL_TOKEN"),
    systemd: "infisical-token",
};

/// The JWT of OIDC and JWT login.
pub static JWT: CredentialKey = CredentialKey {
    what: "JWT",
    direct: Some(&JWT_ITSELF),
    secret: true,
    file: &JWT_FILE,
    variables: &["INFISICAL_JWT", "INFISICAL_OIDC_AUTH_JWT"],
    usual: None,
    systemd: "infisical-jwt",
};

/// The password of LDAP login.
pub static LDAP_PASSWORD: CredentialKey = CredentialKey {
    what: "LDAP password",
    direct: None,
    secret: true,
    file: &LDAP_PASSWORD_FILE,
    variables: &["INFISICAL_LDAP_PASSWORD"],
    usual: None,
    systemd: "infisical-ldap-password",
};

/// The credentials of an Infisical source.
pub static CREDENTIALS: &[&CredentialKey] = &[
    &CLIENT_ID_CREDENTIAL,
    &CLIENT_SECRET,
    &TOKEN,
    &IDENTITY_ID_CREDENTIAL,
    &JWT,
    &LDAP_USERNAME_CREDENTIAL,
    &LDAP_PASSWORD,
    &CACHE_PASSPHRASE,
];
