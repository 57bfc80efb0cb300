//! From what was said on the command line to a layer of settings. No more than a translation.

use crate::cli::{Caching, Confining, Redacting, Scope, Shaping, Shown, Supervising};
use crate::config::schema::{self, Key};
use crate::config::{Error, Layer, Origin, Output, Raw, Request, pair};
use crate::secret::Value;
use crate::sys::initial::overwrite_argument;

/// The flags, as `config` takes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) request: Request,
    pub(super) layer: Layer,
}

impl Flags {
    /// The flags of a command that only reads sources.
    pub(super) fn of_scope(scope: &Scope) -> Self {
        let mut flags = Self {
            request: Request { config: scope.config.clone(), profile: scope.profile.clone() },
            layer: Layer::default(),
        };
        flags.places(scope);
        flags.logins(scope);
        flags.caching(&scope.caching);
        flags
    }

    /// The flags of a command that also makes variables.
    pub(super) fn of(scope: &Scope, shaping: &Shaping) -> Result<Self, Error> {
        let mut flags = Self::of_scope(scope);
        flags.list(&schema::ONLY, &shaping.only);
        flags.list(&schema::EXCLUDE, &shaping.exclude);
        flags.text(&schema::PREFIX, shaping.prefix.as_ref());
        flags.renames(&shaping.rename)?;
        flags.text(&schema::TRANSFORM, shaping.transform.as_ref());
        flags.list(&schema::REQUIRE, &shaping.require);
        match shaping.preserve_env.as_slice() {
            [word] if word == "true" => flags.switch(&schema::PRESERVE_ENV, Some(true)),
            [word] if word == "false" => flags.switch(&schema::PRESERVE_ENV, Some(false)),
            names => flags.list(&schema::PRESERVE_ENV, names),
        }
        flags.switch(&schema::CLEAN_ENV, shaping.clean_env);
        flags.list(&schema::KEEP, &shaping.keep);
        flags.list(&schema::ALLOW_RESERVED, &shaping.allow_reserved);
        flags.switch(&schema::PASS_CREDENTIALS, shaping.pass_credentials);
        Ok(flags)
    }

    /// What is said of the command's output.
    pub(super) fn redacting(mut self, said: &Redacting) -> Self {
        self.list(&schema::NO_REDACT, &said.no_redact);
        self.list(&schema::REDACT_ALSO, &said.redact_also);
        self.text(&schema::REDACT_MIN, said.redact_min.as_ref());
        self.list(&schema::REDACT_ENCODINGS, &said.redact_encodings);
        self.text(&schema::REDACT_LABEL, said.redact_label.as_ref());
        self.text(&schema::REDACT_REPORT, said.redact_report.as_ref());
        self
    }

    /// What is said of how the fetch is confined.
    pub(super) fn confining(mut self, said: &Confining) -> Self {
        match said.disk_free.as_deref() {
            Some("true") => self.switch(&schema::DISK_FREE, Some(true)),
            Some("false") => self.switch(&schema::DISK_FREE, Some(false)),
            _ => self.text(&schema::DISK_FREE, said.disk_free.as_ref()),
        }
        self
    }

    /// What is said of its supervision.
    pub(super) fn supervising(mut self, said: &Supervising) -> Self {
        self.switch(&schema::REDACT, said.redact);
        self.switch(&schema::INIT, said.init);
        self.text(&schema::KILL_AFTER, said.kill_after.as_ref());
        self.text(&schema::TERMINAL, said.terminal.as_ref());
        self
    }

    /// Refuses flags that say how output is redacted where it is not redacted at all: whoever gave one
    /// would take it to be. Turned off on purpose, they may stay.
    pub(super) fn refuse_without_redact(&self) -> Result<(), Error> {
        let said = |key: &'static Key| self.layer.get(key).is_some();
        let first = schema::REDACTION.iter().find(|key| said(key));
        match first.filter(|_| !said(&schema::REDACT)) {
            Some(key) => {
                Err(Error::Alone { flag: key.flag.unwrap_or(key.name), without: "--redact" })
            }
            None => Ok(()),
        }
    }

    /// Refuses a time for SIGKILL where the command takes hushed's place, and nobody is left to send it.
    pub(super) fn refuse_without_supervision(&self, output: &Output) -> Result<(), Error> {
        let unsupervised = output.redact.is_none() && output.init.is_none();
        let given = self.layer.get(&schema::KILL_AFTER).is_some();
        if given && unsupervised {
            return Err(Error::Alone { flag: "--kill-after", without: "--redact or --init" });
        }
        Ok(())
    }

    /// The same, for one source alone.
    pub(super) fn narrowed_to(&self, source: &str) -> Self {
        let mut flags = self.clone();
        flags.layer.replace(
            &schema::SOURCE,
            Raw::List(vec![source.to_owned()]),
            Origin::Flag("--source"),
        );
        flags
    }

    fn places(&mut self, scope: &Scope) {
        self.list(&schema::SOURCE, &scope.source);
        self.list(&schema::ENV_FILE, &scope.env_file);
        self.text(&schema::ENV, scope.env.as_ref());
        self.list(&schema::PATH, &scope.path);
        self.text(&schema::PROJECT, scope.project.as_ref());
        self.switch(&schema::RECURSIVE, scope.recursive);
        self.list(&schema::TAGS, &scope.tags);
        self.switch(&schema::INCLUDE_IMPORTS, scope.include_imports);
        self.switch(&schema::EXPAND, scope.expand);
        self.switch(&schema::SECRET_OVERRIDING, scope.secret_overriding);
        self.switch(&schema::ALLOW_EMPTY, scope.allow_empty);
        self.text(&schema::DOMAIN, scope.domain.as_ref());
        self.text(&schema::CA_FILE, scope.ca_file.as_ref());
        self.switch(&schema::INSECURE_HTTP, scope.insecure_http);
        self.text(&schema::TIMEOUT, scope.timeout.as_ref());
        self.text(&schema::KEY_FILE, scope.key_file.as_ref());
        self.text(&schema::PASSPHRASE_FILE, scope.passphrase_file.as_ref());
    }

    fn logins(&mut self, scope: &Scope) {
        self.text(&schema::METHOD, scope.method.as_ref());
        self.secret(&schema::TOKEN_ITSELF, scope.token.as_ref());
        self.text(&schema::TOKEN_FILE, scope.token_file.as_ref());
        self.text(&schema::CLIENT_ID, scope.client_id.as_ref());
        self.text(&schema::CLIENT_ID_FILE, scope.client_id_file.as_ref());
        self.secret(&schema::CLIENT_SECRET_ITSELF, scope.client_secret.as_ref());
        self.text(&schema::CLIENT_SECRET_FILE, scope.client_secret_file.as_ref());
        self.text(&schema::IDENTITY_ID, scope.machine_identity_id.as_ref());
        self.text(&schema::IDENTITY_ID_FILE, scope.machine_identity_id_file.as_ref());
        self.secret(&schema::JWT_ITSELF, scope.jwt.as_ref());
        self.text(&schema::JWT_FILE, scope.jwt_file.as_ref());
        self.text(&schema::KUBERNETES_TOKEN_FILE, scope.service_account_token_path.as_ref());
        self.text(&schema::LDAP_USERNAME, scope.ldap_username.as_ref());
        self.text(&schema::LDAP_USERNAME_FILE, scope.ldap_username_file.as_ref());
        self.text(&schema::LDAP_PASSWORD_FILE, scope.ldap_password_file.as_ref());
        self.text(&schema::ORGANIZATION, scope.organization_slug.as_ref());
        self.switch(&schema::REVOKE_TOKEN, scope.revoke_token);
    }

    fn caching(&mut self, said: &Caching) {
        self.text(&schema::CACHE, said.cache.as_ref());
        self.text(&schema::CACHE_MAX_AGE, said.cache_max_age.as_ref());
        self.switch(&schema::OFFLINE, said.offline);
        self.text(&schema::CACHE_KEY, said.cache_key.as_ref());
        self.text(&schema::CACHE_KEY_FILE, said.cache_key_file.as_ref());
        self.text(&schema::CACHE_PASSPHRASE_FILE, said.cache_passphrase_file.as_ref());
        self.switch(&schema::CACHE_TOKEN, said.cache_token);
        self.text(&schema::CACHE_DIR, said.cache_dir.as_ref());
    }

    fn renames(&mut self, renames: &[String]) -> Result<(), Error> {
        if renames.is_empty() {
            return Ok(());
        }
        let parsed = |text: &String| {
            pair(text).ok_or_else(|| Error::Form {
                origin: Origin::Flag("--rename"),
                what: "of the form A=B",
                value: text.clone(),
            })
        };
        let pairs = renames.iter().map(parsed).collect::<Result<_, _>>()?;
        self.push(&schema::RENAME, Raw::Map(pairs));
        Ok(())
    }

    fn text(&mut self, key: &'static Key, value: Option<&String>) {
        if let Some(value) = value {
            self.push(key, Raw::Text(value.clone()));
        }
    }

    /// Takes a secret from what was said, and from what `ps` shows of it.
    fn secret(&mut self, key: &'static Key, shown: Option<&Shown>) {
        if let Some(shown) = shown {
            let value = Value::from(shown.take());
            overwrite_argument(value.expose());
            self.push(key, Raw::Secret(value));
        }
    }

    fn list(&mut self, key: &'static Key, values: &[String]) {
        if !values.is_empty() {
            self.push(key, Raw::List(values.to_vec()));
        }
    }

    fn switch(&mut self, key: &'static Key, value: Option<bool>) {
        if let Some(value) = value {
            self.push(key, Raw::Switch(value));
        }
    }

    fn push(&mut self, key: &'static Key, value: Raw) {
        self.layer.push(key, value, Origin::Flag(key.flag.unwrap_or(key.name)));
    }
}
