//! The settings and credentials of the AWS sources. It holds no values.

use crate::config::schema::{
    CA_FILE, CACHE, CACHE_DIR, CACHE_KEY, CACHE_KEY_FILE, CACHE_MAX_AGE, CACHE_PASSPHRASE,
    CACHE_PASSPHRASE_FILE, CredentialKey, ID_TOKEN, ID_TOKEN_AUDIENCE, INSECURE_HTTP, OFFLINE,
    SourceSchema, keys,
};

/// What a source in Secrets Manager can be configured with.
pub static SECRETS_MANAGER: SourceSchema = SourceSchema {
    name: "aws-sm",
    heading: "AWS Secrets Manager",
    doc: "Secrets of AWS Secrets Manager. Credentials and region are those of the AWS CLI; hushed-aws(7) describes \
          them.",
    keys: &[
        &SECRETS,
        &NAME_PREFIX,
        &JSON,
        &RECOVERY_WINDOW,
        &KMS_KEY,
        &REGION,
        &PROFILE,
        &ENDPOINT,
        &ACCESS_KEY_ID,
        &ACCESS_KEY_ID_FILE,
        &SECRET_ACCESS_KEY_FILE,
        &SESSION_TOKEN_FILE,
        &ROLE_ARN,
        &ROLE_SESSION_NAME,
        &ID_TOKEN,
        &ID_TOKEN_AUDIENCE,
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
    credentials: CREDENTIALS,
};

/// What a source in Parameter Store can be configured with.
pub static PARAMETER_STORE: SourceSchema = SourceSchema {
    name: "aws-ssm",
    heading: "AWS Parameter Store",
    doc: "Parameters of AWS Systems Manager Parameter Store. Credentials and region are those of the AWS CLI; \
          hushed-aws(7) describes them.",
    keys: &[
        &PARAMETER_PATH,
        &PARAMETER_RECURSIVE,
        &LABEL,
        &PARAMETERS,
        &TIER,
        &KMS_KEY,
        &REGION,
        &PROFILE,
        &ENDPOINT,
        &ACCESS_KEY_ID,
        &ACCESS_KEY_ID_FILE,
        &SECRET_ACCESS_KEY_FILE,
        &SESSION_TOKEN_FILE,
        &ROLE_ARN,
        &ROLE_SESSION_NAME,
        &ID_TOKEN,
        &ID_TOKEN_AUDIENCE,
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
    credentials: CREDENTIALS,
};

keys! {
    SECRETS = "secrets" List None, [],
        "The secrets, by name or ARN, in order; later ones win. `NAME?stage=AWSPREVIOUS` and `NAME?version=ID` select a version; the default is `AWSCURRENT`.";
    NAME_PREFIX = "name-prefix" List None, [],
        "Read all secrets whose names begin with one of these texts, such as `app/prod/`. What follows the prefix gives the name of the variable.";
    JSON = "json" SwitchOrText None, [],
        "Whether the keys of a JSON object become variables: `true` (every secret must be an object), `false` (the text is the value), or `\"auto\"` (objects are split, other texts are values), the default.";
    PARAMETER_PATH = "path" List None, [],
        "The paths to read, such as `/app/prod`, in order; later paths win. What follows the path gives the name of the variable: `/app/prod/db/password` is `DB_PASSWORD`.";
    PARAMETER_RECURSIVE = "recursive" Switch None, [],
        "Include the paths below. The default is true.";
    LABEL = "label" Text None, [],
        "Read the versions that have this label, under all paths.";
    PARAMETERS = "parameters" List None, [],
        "Single parameters, by name or ARN, in order; later ones win. `NAME:3` selects a version, `NAME:LABEL` a label.";
    RECOVERY_WINDOW = "recovery-window" Text None, [],
        "How many days a secret that `hushed secrets delete` deleted can be restored, from 7 to 30. `\"none\"` deletes it at once and for good. The default is that of AWS, 30.";
    KMS_KEY = "kms-key" Text None, [],
        "The KMS key that encrypts new secrets, by ID, ARN or alias. The default is the key that AWS manages.";
    TIER = "tier" Text None, [],
        "The tier of new parameters: `\"standard\"`, `\"advanced\"`, which AWS charges for, or `\"intelligent-tiering\"`. A standard parameter that hushed changes gets this tier too. The default is that of the account.";
    REGION = "region" Text None, [],
        "The AWS region. By default: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile, or the region of the instance.";
    PROFILE = "profile" Text None, [],
        "The profile in `~/.aws/config`. As with `--profile` of the AWS CLI, keys in the environment are then ignored. In a project's file, it requires `hushed trust`, because a profile can run a program and name servers.";
    ENDPOINT = "endpoint" Text None, [],
        "The address of the service, in place of the public one. In a project's file, it requires `hushed trust`.";
    ACCESS_KEY_ID = "access-key-id" Text None, [],
        "The access key ID that belongs to `secret-access-key-file`. It is not a secret.";
    ACCESS_KEY_ID_FILE = "access-key-id-file" Path None, [],
        "A file that contains the access key ID.";
    SECRET_ACCESS_KEY_FILE = "secret-access-key-file" Path None, [],
        "A file that contains the secret access key. It is used instead of all other AWS logins.";
    SESSION_TOKEN_FILE = "session-token-file" Path None, [],
        "A file that contains the session token of temporary keys.";
    ROLE_ARN = "role-arn" Text None, [],
        "The ARN of the role to log in to with `id-token`. It is used instead of all other AWS logins.";
    ROLE_SESSION_NAME = "role-session-name" Text None, [],
        "The name of the session with `role-arn`. The default begins with `hushed-`.";
}

/// The access key ID.
pub static ACCESS_KEY_ID_CREDENTIAL: CredentialKey = CredentialKey {
    what: "AWS access key ID",
    direct: Some(&ACCESS_KEY_ID),
    secret: false,
    file: &ACCESS_KEY_ID_FILE,
    variables: &["AWS_ACCESS_KEY_ID"],
    usual: None,
    systemd: "aws-access-key-id",
};

/// The secret access key.
pub static SECRET_ACCESS_KEY: CredentialKey = CredentialKey {
    what: "AWS secret access key",
    direct: None,
    secret: true,
    file: &SECRET_ACCESS_KEY_FILE,
    variables: &["AWS_SECRET_ACCESS_KEY"],
    usual: None,
    systemd: "aws-secret-access-key",
};

/// The session token of temporary keys.
pub static SESSION_TOKEN: CredentialKey = CredentialKey {
    what: "AWS session token",
    direct: None,
    secret: true,
    file: &SESSION_TOKEN_FILE,
    variables: &["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
    usual: None,
    systemd: "aws-session-token",
};

/// The credentials of both types.
static CREDENTIALS: &[&CredentialKey] =
    &[&ACCESS_KEY_ID_CREDENTIAL, &SECRET_ACCESS_KEY, &SESSION_TOKEN, &CACHE_PASSPHRASE];
