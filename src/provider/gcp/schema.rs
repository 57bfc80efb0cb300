//! The settings and credentials of a Google Secret Manager source. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CredentialKey, ID_TOKEN, ID_TOKEN_AUDIENCE, INSECURE_HTTP, OFFLINE,
    SourceSchema, keys,
};

/// What a source can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "gcp-sm",
    heading: "Google Secret Manager",
    doc: "Secrets of Google Secret Manager. Credentials are the Application Default Credentials of the machine; \
          hushed-gcp(7) describes them.",
    keys: &[
        &SECRETS,
        &NAME_PREFIX,
        &FILTER,
        &ALL,
        &JSON,
        &NEWEST_ENABLED,
        &PROJECT,
        &LOCATION,
        &CREDENTIALS_FILE,
        &ID_TOKEN,
        &ID_TOKEN_AUDIENCE,
        &WORKLOAD_IDENTITY_PROVIDER,
        &SERVICE_ACCOUNT,
        &QUOTA_PROJECT,
        &UNIVERSE_DOMAIN,
        &ENDPOINT,
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
    credentials: &[&CREDENTIALS, &CACHE_PASSPHRASE],
};

keys! {
    SECRETS = "secrets" List None, [],
        "The secrets, by name, in order; later ones win. `NAME?version=VERSION` selects a version by number or alias; the default is `latest`. `PROJECT/NAME` and full names such as `projects/PROJECT/secrets/NAME/versions/3` work as well.";
    NAME_PREFIX = "name-prefix" List None, [],
        "Read all secrets whose names begin with one of these texts, such as `app-prod-`. What follows the prefix gives the name of the variable.";
    FILTER = "filter" Text None, [],
        "Read all secrets that match this filter of Google, such as `labels.env=prod`.";
    ALL = "all" Switch None, [],
        "Read all secrets of the project.";
    JSON = "json" SwitchOrText None, [],
        "Whether the keys of a JSON object become variables: `true` (every secret must be an object), `false` (the text is the value), or `\"auto\"` (objects are split, other texts are values), the default.";
    NEWEST_ENABLED = "newest-enabled" Switch None, [],
        "If the newest version of a secret is disabled or destroyed, read the newest one that is enabled. By default, that is an error, because to disable a version is how operators stop its use. It requires the right to list versions.";
    PROJECT = "project" Text None, [],
        "The project, by ID or number. By default: `GOOGLE_CLOUD_PROJECT`, `GCLOUD_PROJECT`, the project of the credentials, of gcloud's active configuration, or of the machine.";
    LOCATION = "location" Text None, [],
        "The location of regional secrets, such as `europe-west3`. They are read from the endpoint of that location.";
    CREDENTIALS_FILE = "credentials-file" Path None, ["GOOGLE_APPLICATION_CREDENTIALS"],
        "A file of Google credentials. In hushed.toml, it is used instead of the Application Default Credentials, to which the variable belongs. In a project's file, it requires `hushed trust`.";
    WORKLOAD_IDENTITY_PROVIDER = "workload-identity-provider" Text None, [],
        "The workload identity provider that accepts `id-token`, by its full name, from `projects/` to `/providers/NAME`. hushed-ci(7) describes this login.";
    SERVICE_ACCOUNT = "service-account" Text None, [],
        "The email address of the service account that the login with `id-token` acts as. By default, the identity in the pool needs the rights itself.";
    QUOTA_PROJECT = "quota-project" Text None, [],
        "The project that is billed for the requests. By default: `GOOGLE_CLOUD_QUOTA_PROJECT`, or the one that the credential file names.";
    UNIVERSE_DOMAIN = "universe-domain" Text None, [],
        "The domain that the hosts of the cloud end in. By default: `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, or `googleapis.com`. In a project's file, it requires `hushed trust`.";
    ENDPOINT = "endpoint" Text None, ["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"],
        "The address of the service, in place of the public one. In a project's file, it requires `hushed trust`.";
}

/// The content of a credential file.
pub static CREDENTIALS: CredentialKey = CredentialKey {
    what: "Google credentials",
    direct: None,
    secret: true,
    file: &CREDENTIALS_FILE,
    variables: &[],
    usual: None,
    systemd: "gcp-credentials",
};
