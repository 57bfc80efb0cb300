//! The flags that say where the secrets are, shared by all commands that read them.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::builder::Resettable;
use clap::{ArgAction, Args};

use super::cache::Caching;

const LOGIN: &str = "The Infisical server and the login";
const STORE: &str = "The local store";

/// A secret on the command line, where `ps` shows it; its `Debug` does not.
#[derive(Clone)]
pub struct Shown(Arc<Mutex<String>>);

impl Shown {
    /// Takes the secret out, so that it is in one place only; what is left is empty.
    pub fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self(Arc::new(Mutex::new(text)))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(..)")
    }
}

/// Where the secrets are. Flags of `infisical run` that mean the same keep their names.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Where the secrets are")]
pub struct Scope {
    /// Use this configuration instead of the project's hushed.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use this profile of the configuration.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Use only this source; repeated, in this order.
    #[arg(long, value_name = "NAME")]
    pub source: Vec<String>,
    /// Read this dotenv file after all other sources; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// The environment: its slug [default: dev].
    #[arg(short = 'e', long, value_name = "SLUG")]
    pub env: Option<String>,
    /// The folder; may be repeated, and the later wins [default: /].
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// The project: its id or its slug.
    #[arg(long, visible_alias = "projectId", value_name = "ID")]
    pub project: Option<String>,
    /// Take the folders below as well.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub recursive: Option<bool>,
    /// Take only secrets with one of these tags.
    #[arg(short = 't', long, value_name = "SLUGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Take what the folders import [default: true].
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub include_imports: Option<bool>,
    /// Let the server resolve references [default: true].
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub expand: Option<bool>,
    /// Let personal secrets win over shared ones [default: true].
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub secret_overriding: Option<bool>,
    /// Accept an environment or folder that is missing or empty.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_empty: Option<bool>,
    /// The Infisical server [default: app.infisical.com].
    #[arg(long, value_name = "URL", help_heading = LOGIN)]
    pub domain: Option<String>,
    /// How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token.
    #[arg(long, value_name = "METHOD", help_heading = LOGIN)]
    pub method: Option<String>,
    /// A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file.
    #[arg(long, value_name = "TOKEN", help_heading = LOGIN)]
    pub token: Option<Shown>,
    /// A file that holds a token.
    #[arg(long, value_name = "FILE", conflicts_with = "token", help_heading = LOGIN)]
    pub token_file: Option<String>,
    /// The client id, for universal-auth.
    #[arg(long, value_name = "ID", help_heading = LOGIN)]
    pub client_id: Option<String>,
    /// A file that holds the client id.
    #[arg(long, value_name = "FILE", conflicts_with = "client_id", help_heading = LOGIN)]
    pub client_id_file: Option<String>,
    /// The client secret. `ps` shows it: prefer its variable or --client-secret-file.
    #[arg(long, value_name = "SECRET", help_heading = LOGIN)]
    pub client_secret: Option<Shown>,
    /// A file that holds the client secret.
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret", help_heading = LOGIN)]
    pub client_secret_file: Option<String>,
    /// The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth.
    #[arg(long, value_name = "ID", help_heading = LOGIN)]
    pub machine_identity_id: Option<String>,
    /// A file that holds the machine identity's id.
    #[arg(long, value_name = "FILE", conflicts_with = "machine_identity_id", help_heading = LOGIN)]
    pub machine_identity_id_file: Option<String>,
    /// The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file.
    #[arg(long, alias = "oidc-jwt", value_name = "JWT", help_heading = LOGIN)]
    pub jwt: Option<Shown>,
    /// A file that holds the JWT.
    #[arg(long, value_name = "FILE", conflicts_with = "jwt", help_heading = LOGIN)]
    pub jwt_file: Option<String>,
    /// The service account's token, for kubernetes.
    #[arg(long, value_name = "FILE", help_heading = LOGIN)]
    pub service_account_token_path: Option<String>,
    /// The user name, for ldap-auth.
    #[arg(long, value_name = "NAME", help_heading = LOGIN)]
    pub ldap_username: Option<String>,
    /// A file that holds the user name, for ldap-auth.
    #[arg(long, value_name = "FILE", conflicts_with = "ldap_username", help_heading = LOGIN)]
    pub ldap_username_file: Option<String>,
    /// A file that holds the password, for ldap-auth.
    #[arg(long, value_name = "FILE", help_heading = LOGIN)]
    pub ldap_password_file: Option<String>,
    /// The (sub-)organisation to log in to.
    #[arg(long, value_name = "SLUG", help_heading = LOGIN)]
    pub organization_slug: Option<String>,
    /// End the access token that hushed logs in for, when it is done.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = LOGIN)]
    pub revoke_token: Option<bool>,
    /// Trust only the certificate authorities in this PEM file.
    #[arg(long, value_name = "FILE", help_heading = LOGIN)]
    pub ca_file: Option<String>,
    /// Allow http:// to a host that is not this machine.
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = LOGIN)]
    pub insecure_http: Option<bool>,
    /// The key file of the local store.
    #[arg(long, value_name = "FILE", help_heading = STORE)]
    pub key_file: Option<String>,
    /// A file that holds the passphrase of the local store.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file", help_heading = STORE)]
    pub passphrase_file: Option<String>,
    /// What is kept of what a server gave.
    #[command(flatten)]
    pub caching: Caching,
    /// How long logging in and fetching may take in all [default: 30s].
    #[arg(long, value_name = "TIME", help_heading = Resettable::Reset)]
    pub timeout: Option<String>,
    /// Say on standard error what was done.
    #[arg(short = 'v', long, action = ArgAction::SetTrue, help_heading = Resettable::Reset)]
    pub verbose: bool,
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    #[test]
    fn a_credential_is_said_once() {
        for one in ["token", "client-id", "client-secret", "machine-identity-id", "jwt"] {
            let (one, other) = (format!("--{one}=x"), format!("--{one}-file=y"));
            let said = ["hushed", "run", &one, &other, "true"].map(Into::into);
            let error = super::super::parse(said.into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{one}");
        }
    }
}
