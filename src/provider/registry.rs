//! The list of stores, and what is true of all of them: which sources take part, in which order, and
//! what they add to the settings. A new store is a folder beside this file and a line in [`STORES`].

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::built::{Built, build, configurable};
use super::env_table::References;
use super::identity::id_token::REQUEST_TOKEN;
use super::settings::Settings;
use super::withheld::is_shared_identity;
use super::{
    Account, Configured, ForeignWord, SourceInputs, StoreType, Writes, dotenv, infisical, local,
};
use crate::config::schema::{ALLOW_EMPTY, SettingKey, SourceSchema, WITHHOLD};
use crate::config::{
    ConfigFiles, ConfigFormats, ConfigInputs, Environment, Error, InheritSettings, Layer,
    ReferenceScope, ResolvedCredentials, TrustRecords, merge_run,
};

/// The stores that hushed knows. Where no file names a source, those that are implied take part in
/// this order.
pub static STORES: Stores = &[
    &local::LocalType,
    &infisical::InfisicalType,
    &dotenv::DotenvType,
    #[cfg(feature = "vault")]
    &super::vault::VaultType,
    #[cfg(feature = "aws")]
    &super::aws::SecretsManagerType,
    #[cfg(feature = "aws")]
    &super::aws::ParameterStoreType,
    #[cfg(feature = "gcp")]
    &super::gcp::SecretManagerType,
    #[cfg(feature = "azure")]
    &super::azure::KeyVaultType,
    #[cfg(feature = "kubernetes")]
    &super::kubernetes::KubernetesType,
    #[cfg(feature = "doppler")]
    &super::doppler::DopplerType,
    #[cfg(feature = "onepassword")]
    &super::onepassword::OnePasswordType,
    #[cfg(feature = "files")]
    &super::files::FilesType,
    #[cfg(feature = "secret-service")]
    &super::secret_service::SecretServiceType,
    #[cfg(feature = "sops")]
    &super::sops::SopsType,
    #[cfg(feature = "sops")]
    &super::age::AgeType,
    #[cfg(feature = "external-secrets")]
    &super::external_secret::ExternalSecretType,
];

/// Types of store.
pub type Stores = &'static [&'static dyn StoreType];

/// A source that hushed can change, with the schema of its type.
pub type WritableSource = (&'static SourceSchema, Box<dyn Configured>);

/// An account, with the name of its source.
pub type NamedAccount = (Arc<str>, Box<dyn Account>);

/// The words of the stores' own command lines that hushed does not have.
pub fn foreign_words() -> impl Iterator<Item = &'static ForeignWord> {
    STORES.iter().flat_map(|store| store.foreign_words())
}

/// The types of source that a program knows.
#[derive(Clone, Copy, Debug)]
pub struct Registry(Stores);

impl Default for Registry {
    fn default() -> Self {
        Self(STORES)
    }
}

impl Registry {
    /// A registry of these types.
    pub const fn new(types: Stores) -> Self {
        Self(types)
    }

    /// The types, in order.
    pub fn types(self) -> impl Iterator<Item = &'static dyn StoreType> {
        self.0.iter().copied()
    }

    /// The settings of each type.
    pub fn schemas(self) -> Vec<&'static SourceSchema> {
        self.types().map(StoreType::schema).collect()
    }

    /// What the stores add to the configuration files.
    pub fn formats(self) -> ConfigFormats {
        let foreign = self.types().filter_map(StoreType::foreign_file).collect();
        ConfigFormats { schemas: self.schemas(), foreign }
    }

    /// Whether a variable holds a credential of a store.
    pub fn is_credential(self, variable: &OsStr) -> bool {
        self.types()
            .flat_map(|kind| kind.schema().credential_variables())
            .chain([REQUEST_TOKEN])
            .any(|name| variable == name)
    }

    /// Merges everything that is specified into settings.
    pub fn configure(self, inputs: &ConfigInputs<'_>) -> Result<Settings, Error> {
        let mut warnings = Vec::new();
        let mut built = self.build(inputs, &mut warnings)?;
        let mut references = self.add_env(inputs, &mut built, &mut warnings)?;
        self.add_credential_sources(inputs, &mut built, &mut warnings)?;
        self.bind_written(inputs, &mut built, &mut references, &mut warnings)?;
        if built.is_empty() && inputs.env().is_empty() {
            let ways: Vec<_> = self.types().filter_map(StoreType::variables_hint).collect();
            return Err(Error::NoSource { ways: ways.join(", ") });
        }
        self.refuse_unused(inputs.flags, &built)?;
        warnings.extend(inputs.check_source_settings(&configurable(&built))?);
        self.finish(inputs, built, references, warnings)
    }

    /// The settings of sources that are built.
    pub(super) fn finish(
        self,
        inputs: &ConfigInputs<'_>,
        built: Vec<Built>,
        references: References,
        warnings: Vec<String>,
    ) -> Result<Settings, Error> {
        let mut run = merge_run(inputs)?;
        self.add_credentials(inputs, &built, &mut run.inherit)?;
        let yielding = built.iter().filter(|built| !built.overrides);
        let yielding = yielding.map(|built| Arc::clone(built.source.name())).collect();
        let silent = built.iter().filter(|built| !built.delivers);
        let silent = silent.map(|built| Arc::clone(built.source.name())).collect();
        let scope = |built: &Built| (Arc::clone(built.source.name()), built.redaction_scope);
        let redaction_scopes = built.iter().map(scope).collect();
        let sources = built.into_iter().map(|built| built.source).collect();
        let keys = self.types().flat_map(|kind| kind.schema().keys);
        let setting_variables = keys.flat_map(|key| key.variables).copied().collect();
        Ok(Settings {
            sources,
            run,
            warnings,
            yielding,
            silent,
            references,
            redaction_scopes,
            setting_variables,
            fetched_credentials: inputs
                .credentials
                .places()
                .map(|(name, place)| (name.to_owned(), place.to_owned()))
                .collect(),
        })
    }

    /// Adds the credentials of these sources, which the command does not inherit.
    pub(super) fn add_credentials(
        self,
        inputs: &ConfigInputs<'_>,
        built: &[Built],
        inherit: &mut InheritSettings,
    ) -> Result<(), Error> {
        let configurable = configurable(built);
        let credentials = built.iter().flat_map(|built| built.source.secret_credentials());
        inherit.credentials = credentials.cloned().collect();
        let mut is_withheld = Vec::new();
        for (name, schema) in &configurable {
            is_withheld.push(inputs.source(name, schema)?.switch(&WITHHOLD, false)?);
        }
        let used = configurable.iter().zip(&is_withheld).flat_map(|((_, schema), withheld)| {
            let passes = |name: &&str| *withheld || !is_shared_identity(name);
            // A setting of a store may name a shared identity: KUBECONFIG.
            let settings = schema.keys.iter().flat_map(|key| key.variables).copied();
            let settings = settings.filter(|name| *withheld && is_shared_identity(name));
            schema.credential_variables().filter(passes).chain(settings)
        });
        // The login secrets of all other types too: the command has no use for them.
        let secrets = self.types().flat_map(|kind| kind.schema().credentials);
        let secrets = secrets.filter(|credential| credential.secret);
        let unused = secrets.flat_map(|credential| credential.variables).copied();
        let unused = unused.filter(|name| !is_shared_identity(name));
        let named = built.iter().flat_map(|built| built.source.credential_variables()).cloned();
        inherit.credential_names =
            used.chain(unused).map(Cow::Borrowed).chain(named.map(Cow::Owned)).collect();
        Ok(())
    }

    /// The accounts of the configured sources, with their names; of the implied sources where no file
    /// names one. Adds to the warnings.
    pub fn accounts(
        self,
        inputs: &ConfigInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<NamedAccount>, Error> {
        let mut candidates: Vec<(&'static dyn StoreType, Arc<str>)> = Vec::new();
        for selected in inputs.selected()? {
            candidates.push((self.named(selected.kind)?, selected.name));
        }
        if candidates.is_empty() {
            candidates = self.types().map(|kind| (kind, kind.schema().name.into())).collect();
        }
        let mut accounts = Vec::new();
        for (kind, name) in candidates {
            let layers = inputs.source(&name, kind.schema())?;
            let of_source = SourceInputs {
                name: Arc::clone(&name),
                layers,
                run: inputs.run(),
                trust: inputs.trust,
            };
            if let Some(account) = kind.account(&of_source, warnings)? {
                accounts.push((name, account));
            }
        }
        Ok(accounts)
    }

    /// A flag that is for other types of source than this one.
    pub fn flag_of_others(self, flags: &Layer, schema: &SourceSchema) -> Option<&'static str> {
        let owns = |kind: &dyn StoreType, key: &SettingKey| {
            kind.schema().has_flag(key)
                || kind.file_flags().iter().any(|known| std::ptr::eq(*known, key))
        };
        let is_foreign = |key: &&'static SettingKey| {
            let mut owners = self.types().filter(|kind| owns(*kind, key)).peekable();
            owners.peek().is_some() && !owners.any(|kind| std::ptr::eq(kind.schema(), schema))
        };
        let keys = flags.iter().map(|(key, _)| key);
        keys.filter(|key| !std::ptr::eq(*key, &raw const ALLOW_EMPTY))
            .find(is_foreign)
            .map(|key| key.flag_name().unwrap_or(key.name))
    }

    /// The sources that hushed can change: those that the files name, narrowed by `--source`. Where they name none, the
    /// type of a store that an option is for, or else the one that is implied.
    pub fn writable(self, inputs: &ConfigInputs<'_>) -> Result<Vec<WritableSource>, Error> {
        let (selected, mut warnings) = (inputs.selected()?, Vec::new());
        let mut kinds: Vec<(&'static dyn StoreType, Arc<str>)> = Vec::new();
        let none_named = selected.is_empty();
        for selected in selected {
            let kind = self.named(selected.kind)?;
            if kind.writes() != Writes::Never {
                kinds.push((kind, selected.name));
            }
        }
        if none_named {
            let has_flag = |kind: &&dyn StoreType| {
                let schema = kind.schema();
                let own = |key: &SettingKey| !std::ptr::eq(key, &raw const ALLOW_EMPTY);
                inputs.flags.iter().any(|(key, _)| own(key) && schema.has_flag(key))
            };
            let wanted = self.types().filter(|kind| kind.writes() == Writes::Named).find(has_flag);
            let implied = || self.types().find(|kind| kind.writes() == Writes::Implied);
            kinds.extend(wanted.or_else(implied).map(|kind| (kind, kind.schema().name.into())));
        }
        let built = |(kind, name): (&'static dyn StoreType, Arc<str>)| {
            Ok((kind.schema(), build(kind, name, inputs, &mut warnings)?.source))
        };
        kinds.into_iter().map(built).collect()
    }

    /// What the project's files need trust for, in any profile: pairs of the origin of a server that a
    /// file names or weakens the way to, or a word for settings that weaken the rest, and the file.
    pub fn trust_subjects(
        self,
        environment: &Environment,
        files: &mut ConfigFiles,
    ) -> Result<Vec<(String, PathBuf)>, Error> {
        let (flags, trust) = (Layer::default(), TrustRecords::default());
        let credentials = ResolvedCredentials::placeholders();
        let mut pairs = Vec::new();
        for profile in files.profiles().into_iter().map(Some).chain([None]) {
            files.profile = profile;
            let inputs = ConfigInputs {
                flags: &flags,
                environment,
                files,
                trust: &trust,
                credentials: &credentials,
                references: ReferenceScope::Nothing,
            };
            pairs.extend(inputs.files_with_settings());
            let selected = inputs.selected()?;
            for kind in self.types() {
                let of_kind = selected.iter().filter(|s| s.kind.value == kind.schema().name);
                let names = of_kind.map(|selected| &*selected.name);
                let implied = selected.is_empty().then_some(kind.schema().name);
                for name in names.chain(implied) {
                    let layers = inputs.source(name, kind.schema())?;
                    let subject = kind.trust_subject(&layers)?;
                    pairs.extend(subject.into_iter().flat_map(|subject| subject.files(&layers)));
                    pairs.extend(kind.trusted_content(&layers)?);
                }
            }
        }
        let mut unique: Vec<(String, PathBuf)> = Vec::new();
        for pair in pairs {
            if !unique.contains(&pair) {
                unique.push(pair);
            }
        }
        Ok(unique)
    }
}
