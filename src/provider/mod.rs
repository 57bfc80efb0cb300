//! The stores that secrets are fetched from: one folder for each, and the traits that they implement.
//! `registry` lists them. Nothing here merges, filters or maps; that is `resolve`.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::config::schema::{SettingKey, SourceSchema};
use crate::config::{
    self, CacheIdentity, CacheSettings, ConfigFiles, EnvFile, Environment, ForeignFormat, Layers,
    Origin, RunSettings, TrustRecords, TrustSubject,
};
use crate::redact::policy::Scope;
use crate::secret::{Name, Object, ObjectAddress, Secret, SecretSet, Value};

#[cfg(feature = "sops")]
pub mod age;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(any(feature = "azure", feature = "gcp"))]
mod built;
mod cloud_secrets;
mod credentials;
pub mod doctor;
#[cfg(any(feature = "sops", feature = "external-secrets"))]
pub(crate) mod document;
#[cfg(feature = "doppler")]
pub mod doppler;
pub mod dotenv;
pub mod env_table;
mod error;
#[cfg(feature = "external-secrets")]
pub mod external_secret;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "gcp")]
pub mod gcp;
pub mod identity;
pub mod infisical;
pub mod key_service;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod local;
pub mod migrate;
#[cfg(feature = "onepassword")]
pub mod onepassword;
pub mod registry;
mod sealed_store;
#[cfg(feature = "secret-service")]
pub mod secret_service;
mod session;
mod settings;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod shape;
#[cfg(feature = "sops")]
pub mod sops;
mod text;
#[cfg(any(feature = "doppler", feature = "onepassword"))]
mod token_api;
#[cfg(feature = "vault")]
pub mod vault;
pub mod withheld;
mod write;
pub mod written;

pub use doctor::Check;
pub use error::{Class, Error, ProviderError, UnknownOption};
pub use registry::Registry;
pub use sealed_store::{MergeConflict, MergeSide, SealedStore, StoreRecipient, StoreVersions};
pub use session::{Session, Token};
pub use settings::Settings;
pub(crate) use text::SecretText;
pub use write::{
    Action, Annotations, Change, Expected, Folders, History, KeptAnnotations, Revision,
    StoredSecret, StoredVersion, Write, WriteFuture, WriteOutcome, WriteReceipt, WriteRefusal,
    WriteReport, check_changes,
};
pub use written::WrittenValues;

/// A type of store: what it can be configured with, and how a source of it is built.
pub trait StoreType: fmt::Debug + Sync {
    /// Its settings and credentials.
    fn schema(&self) -> &'static SourceSchema;

    /// Builds a source from its layers, and adds to the warnings.
    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, config::Error>;

    /// Whether a source of this type takes part where no file names any source.
    fn is_implied(&self, _: &ImpliedSource<'_>) -> Result<bool, config::Error> {
        Ok(false)
    }

    /// How to have one take part without a file, for a hint: variables to set.
    fn variables_hint(&self) -> Option<&'static str> {
        None
    }

    /// The server that these layers name, which a project's file may choose only with the user's trust.
    fn trust_subject(&self, _: &Layers<'_>) -> Result<Option<TrustSubject>, config::Error> {
        Ok(None)
    }

    /// Files that a project's file names and whose content needs the user's trust too, because it chooses a
    /// server or a program: pairs of a word for the content, without spaces, and the project's file.
    fn trusted_content(&self, _: &Layers<'_>) -> Result<Vec<(String, PathBuf)>, config::Error> {
        Ok(Vec::new())
    }

    /// The project file of the store's own command line, if hushed reads it.
    fn foreign_file(&self) -> Option<ForeignFormat> {
        None
    }

    /// The table that `hushed init` writes for a source of this type, where it finds one.
    fn example(&self, _: &InitContext<'_>) -> Option<Example> {
        None
    }

    /// The systemd credential that a unit passes to a source of this type, and a name for its file.
    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Which sources of this type `hushed secrets` can change.
    fn writes(&self) -> Writes {
        Writes::Never
    }

    /// The account of a source of this type, if hushed can log in to such a store.
    fn account(
        &self,
        _inputs: &SourceInputs<'_>,
        _warnings: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Account>>, config::Error> {
        Ok(None)
    }

    /// Further formats of `hushed export`, in the shapes of the store's own command line.
    fn export_shapes(&self) -> &'static [ExportShape] {
        &[]
    }

    /// Words of the store's own command line that hushed does not have, with hints.
    fn foreign_words(&self) -> &'static [ForeignWord] {
        &[]
    }

    /// A source that reads this file of `--env-file`, if that is what this type is for.
    fn env_file(&self, _: &EnvFile) -> Result<Option<Box<dyn Configured>>, config::Error> {
        Ok(None)
    }

    /// What is redacted of such a source, unless `redact` is set.
    fn redaction_scope(&self) -> Scope {
        Scope::All
    }

    /// Flags that name files of this type, which take part beside the sources of the configuration: first the one
    /// for the files, then those that are about all of them.
    fn file_flags(&self) -> &'static [&'static SettingKey] {
        &[]
    }

    /// A source that reads a file of the first of [`Self::file_flags`].
    fn source_of_flag(
        &self,
        _file: &Path,
        _inputs: &SourceInputs<'_>,
    ) -> Result<Option<Box<dyn Configured>>, config::Error> {
        Ok(None)
    }

    /// What it knows of the manifests of External Secrets.
    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn external_secret::ManifestStore> {
        None
    }

    /// Whether the secrets of such a source replace inherited variables, unless `override` is set.
    fn overrides(&self) -> bool {
        true
    }
}

/// A format of `hushed export` that scripts for a store's own command line expect.
#[derive(Clone, Copy, Debug)]
pub struct ExportShape {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Renders variables, each with its secret.
    pub render: RenderShape,
    /// The format of `hushed export` that an import reads it as.
    pub read_as: &'static str,
}

/// Renders variables, each with its secret.
pub type RenderShape = fn(&[(&str, &Secret)]) -> Result<Zeroizing<Vec<u8>>, NotText>;

/// A value that is not UTF-8, for a format that requires it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value of `{name}` is not UTF-8")]
pub struct NotText {
    /// The name of the variable.
    pub name: String,
}

/// The identity that logs in to a store, for `hushed login` and `hushed token`.
pub trait Account: fmt::Debug {
    /// Logs in, and returns the access token, which is not revoked.
    fn log_in<'a>(&'a self, run: &'a RunSettings) -> TokenFuture<'a>;

    /// Extends the lifetime of the configured access token, and returns the token to use from now on.
    fn renew_token<'a>(&'a self, run: &'a RunSettings) -> TokenFuture<'a>;
}

/// What [`Account`] returns: an access token.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Value, Error>> + 'a>>;

/// A subcommand or an option of a store's own command line that hushed does not have.
#[derive(Clone, Copy, Debug)]
pub struct ForeignWord {
    /// The subcommand, with spaces between its words, or the option with its hyphens.
    pub word: &'static str,
    /// What to use instead.
    pub hint: &'static str,
}

/// Which sources of a type `hushed secrets set` and `delete` change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// None: hushed only reads them.
    Never,
    /// Those that the configuration names.
    Named,
    /// The one of this type, even where the configuration names no source.
    Implied,
}

/// What `hushed init` finds in the working directory.
#[derive(Debug)]
pub struct InitContext<'a> {
    /// The project files of the stores' own command lines.
    pub files: &'a ConfigFiles,
    /// The environment.
    pub environment: &'a Environment,
    /// The working directory.
    pub directory: &'a Path,
    /// Whether nothing was found so far, or `--local` asks for a store.
    pub wants_store: bool,
}

/// A table for a new `hushed.toml`.
#[derive(Debug)]
pub struct Example {
    /// Its text, with comments.
    pub table: String,
    /// What it is for.
    pub what: &'static str,
    /// What to do before the source works, if it does not yet.
    pub next: Option<&'static str>,
    /// The key file that the table names, if it is to be made. It does not exist yet.
    pub new_key: Option<PathBuf>,
}

/// A basic string of TOML. JSON's escapes are a part of TOML's.
pub(crate) fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What a source is built from.
#[derive(Debug)]
pub struct SourceInputs<'a> {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// Its own layers.
    pub layers: Layers<'a>,
    /// The layers of `[run]`.
    pub run: Layers<'a>,
    /// What the user trusts the project's files with.
    pub trust: &'a TrustRecords,
}

/// What decides whether a source takes part that no file names.
#[derive(Debug)]
pub struct ImpliedSource<'a> {
    /// The layers that it would have.
    pub layers: Layers<'a>,
    /// Whether the project file of the store's own command line is there.
    pub has_foreign_file: bool,
    /// Whether something else takes part: files of `env-file`, or an implied source before it.
    pub has_others: bool,
}

/// A source as it is configured: nothing of it is opened yet.
pub trait Configured: fmt::Debug {
    /// Its name in the configuration.
    fn name(&self) -> &Arc<str>;

    /// The servers that it talks to.
    fn endpoints(&self) -> Vec<&Url> {
        Vec::new()
    }

    /// Whether a fetch from it waits for a server or a program.
    fn waits(&self) -> bool {
        !self.endpoints().is_empty()
    }

    /// Its secret credentials, of which no copy in the environment is passed on to the command.
    fn secret_credentials(&self) -> Vec<&Value> {
        Vec::new()
    }

    /// Variables with credentials that its settings name, which are not passed on to the command either.
    fn credential_variables(&self) -> &[String] {
        &[]
    }

    /// Its cache, and what the entries are bound to.
    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        None
    }

    /// Where it is configured that the token of its login is revoked, if it is.
    fn revokes_token(&self) -> Option<&Origin> {
        None
    }

    /// Whether what it returns may have a lease.
    fn may_lease(&self) -> bool {
        false
    }

    /// Whether a variable of this name is not secret, although it comes from a store.
    fn is_public(&self, _name: &str) -> bool {
        false
    }

    /// Puts it together. What it needs is read when it is fetched from.
    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, Error>;

    /// Its values as they are written, if references can stand in them with `--references`.
    fn as_written_values(&mut self) -> Option<&mut dyn WrittenValues> {
        None
    }

    /// The store to change, if hushed can change it.
    fn open_for_writing(&self, _: &RunSettings) -> Result<Option<Box<dyn Write>>, Error> {
        Ok(None)
    }

    /// The keys that it holds and uses, if it has any for `hushed kms`.
    fn open_keys(
        &self,
        _: &RunSettings,
    ) -> Result<Option<Box<dyn key_service::KeyService>>, Error> {
        Ok(None)
    }

    /// The file of which several keys can open it, if it is such a store.
    fn as_sealed_store(&self) -> Option<&dyn SealedStore> {
        None
    }

    /// Checks everything that a fetch from it depends on, for `hushed doctor`.
    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a>;
}

/// What [`Configured::check`] returns.
pub type Checks<'a> = Pin<Box<dyn Future<Output = Vec<Check>> + 'a>>;

/// What [`Source::fetch`] gives back: a future that need not be `Send`, since hushed has one thread.
pub type Fetch<'a> = Pin<Box<dyn Future<Output = Result<SecretSet, Error>> + 'a>>;

/// What [`Source::end`] gives back.
pub type End<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// What the secrets of a source may refer to, and which of them are used.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct FetchEnvironment<'a> {
    /// The value that a variable of the command would have without this source.
    pub variable: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether a secret of this name is used. The value of any other may be unreadable.
    pub admits: &'a dyn Fn(&str) -> bool,
    /// The objects that the sources have returned so far.
    pub fetched: &'a SecretSet,
}

/// A place that secrets are read from.
pub trait Source: fmt::Debug {
    /// The name that the configuration gives it; errors and `plan` use it.
    fn name(&self) -> &str;

    /// Fetches all secrets in its scope, lowest precedence first. Logs in when it must.
    fn fetch(&self) -> Fetch<'_>;

    /// Whether its secrets refer to variables: then it is fetched from after the sources before it, with
    /// [`Self::fetch_in`].
    fn refers_to_variables(&self) -> bool {
        false
    }

    /// Whether some of its values are references to other sources: then it is fetched from after those.
    fn has_references(&self) -> bool {
        false
    }

    /// Fetches like [`Self::fetch`], where secrets may refer to variables.
    fn fetch_in<'a>(&'a self, _: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        self.fetch()
    }

    /// Ends what logging in has begun, where the settings ask for it: after the last fetch.
    fn end(&self) -> End<'_> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Closes what a fetch left open, for as long as the command runs; [`Source::end`] opens it again.
    fn pause(&self) {}

    /// Reading objects by their path, if the store has any beside the secrets in its scope. Where it has none, a
    /// reference without a path means all secrets in the scope, and a path is the name of one.
    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        None
    }

    /// The leases of what it returned, if the store has leases.
    fn as_lease(&self) -> Option<&dyn Lease> {
        None
    }

    /// Reading one secret, if the store can do that without listing the others.
    fn as_get(&self) -> Option<&dyn Get> {
        None
    }

    /// Asking whether what was fetched before is current, if the store can tell.
    fn as_conditional(&self) -> Option<&dyn Conditional> {
        None
    }

    /// Begins with a login that was made before, where logins are made at all. It may end at any time.
    fn resume(&self, _token: Value) {}

    /// What became of the login that it began with.
    fn login(&self) -> Login {
        Login::Same
    }
}

/// A store that tells whether secrets that were fetched before are current, and then does not send them again.
pub trait Conditional: fmt::Debug {
    /// Offers the state that a cache has; with `None`, the next fetch takes everything from the store.
    fn offer(&self, validator: Option<&str>);

    /// What the last fetch has shown about the offered state.
    fn freshness(&self) -> Freshness;

    /// What the store calls the state that was fetched.
    fn validator(&self) -> Option<String>;
}

/// Whether the state that a cache has is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Everything was fetched.
    Changed,
    /// It is, and nothing was fetched.
    Unchanged,
    /// A part of it is current, and was not fetched.
    Mixed,
}

/// What became of a login during a fetch.
#[derive(Clone, Debug)]
pub enum Login {
    /// None was made, and none refused.
    Same,
    /// The one that it began with was refused.
    Lost,
    /// A new one was made.
    New {
        /// Its token.
        token: Value,
        /// How long it is valid, if that is known.
        time: Option<Duration>,
    },
}

/// What [`ReadObjects::read_objects`] returns: one for each address, `None` where the store has no such object.
pub type ObjectsRead<'a> = Pin<Box<dyn Future<Output = Result<Vec<Option<Object>>, Error>> + 'a>>;

/// A store whose objects references can name: `vault://secret/app#password`.
pub trait ReadObjects: fmt::Debug {
    /// Reads objects, each once, with as few requests as the store permits. An option that it does not know is an
    /// error that names it. Logs in when it must.
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a>;
}

/// A store whose secrets end after some time, unless their leases are renewed.
pub trait Lease: fmt::Debug {
    /// The leases that exist.
    fn leases(&self) -> Vec<LeaseInfo>;

    /// Renews what is due: leases, and the login that they depend on. A failure is a warning.
    fn renew(&self) -> Renewing<'_>;

    /// Revokes all leases, once.
    fn revoke(&self) -> End<'_>;
}

/// A lease of something that a source returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseInfo {
    /// What it is for, as users of the store write it.
    pub place: String,
    /// How long it lasts from now on, unless it is renewed.
    pub remaining: Duration,
}

/// What [`Lease::renew`] returns.
pub type Renewing<'a> = Pin<Box<dyn Future<Output = Renewal> + 'a>>;

/// What [`Lease::renew`] did.
#[derive(Debug, Default)]
pub struct Renewal {
    /// When to call it again; `None` if nothing is left to renew.
    pub next: Option<Duration>,
    /// Warnings for the user: what ends, and when.
    pub warnings: Vec<String>,
}

/// What [`Get::get`] returns.
pub type GetFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Secret>, Error>> + 'a>>;

/// A store that can return one secret without listing the others, for identities that may not list.
pub trait Get: fmt::Debug {
    /// Reads one secret; `None` if the store does not have it.
    fn get<'a>(&'a self, name: &'a Name) -> GetFuture<'a>;
}
