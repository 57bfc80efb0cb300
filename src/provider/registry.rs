//! The list of stores, and what is true of all of them: which sources take part, in which order, and
//! what they add to the settings. A new store is a folder beside this file and a line in [`STORES`].

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::env_table::{self, References};
use super::identity::id_token::REQUEST_TOKEN;
use super::withheld::is_shared_identity;
use super::{
    Account, Configured, ForeignWord, ImpliedSource, SourceInputs, StoreType, Writes, dotenv,
    infisical, local,
};
use crate::config::schema::{ALLOW_EMPTY, DELIVER, OVERRIDE, SettingKey, SourceSchema, WITHHOLD};
use crate::config::{
    self, CacheSettings, ConfigFiles, ConfigFormats, ConfigInputs, EnvEntry, Environment, Error,
    InheritSettings, Layer, Origin, RawValue, ReferenceScope, ResolvedCredentials, RunSettings,
    TrustRecords, expand_home, merge_run,
};
use crate::redact::policy::Scope;

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

/// Everything that a command needs to know: the sources that take part, and the settings of `[run]`.
#[derive(Debug)]
pub struct Settings {
    /// The sources, in order; a later one wins.
    pub sources: Vec<Box<dyn Configured>>,
    /// The settings of `[run]`.
    pub run: RunSettings,
    /// Warnings for the user about the configuration.
    pub warnings: Vec<String>,
    /// The sources whose secrets do not replace inherited variables.
    pub yielding: Vec<Arc<str>>,
    /// The sources whose secrets become no variables, since only references use them.
    pub silent: Vec<Arc<str>>,
    /// What the references in `[env]` need of which source.
    pub references: References,
    /// What is redacted of each source.
    pub redaction_scopes: Vec<(Arc<str>, Scope)>,
    /// The variables that set a setting of a store, and so are no secrets.
    pub setting_variables: Vec<&'static str>,
    /// The credentials that were fetched from other sources: name and place.
    pub fetched_credentials: Vec<(String, String)>,
}

impl Settings {
    /// Whether a source talks to a server.
    pub fn reaches_network(&self) -> bool {
        self.sources.iter().any(|source| !source.endpoints().is_empty())
    }

    /// The caches that may be read and written, each with the name of its source.
    pub fn caches(&self) -> impl Iterator<Item = (&Arc<str>, &CacheSettings)> {
        self.sources.iter().filter_map(|source| Some((source.name(), source.cache()?.0)))
    }

    /// Whether what a source returns may have a lease.
    pub fn may_lease(&self) -> bool {
        let is_used = |source: &dyn Configured| {
            !self.silent.contains(source.name()) || !self.references.of(source.name()).is_empty()
        };
        self.sources.iter().any(|source| source.may_lease() && is_used(&**source))
    }

    /// The sources whose token is revoked when it is not needed any more, and where that is configured.
    pub fn revoking(&self) -> impl Iterator<Item = (&Arc<str>, &Origin)> {
        self.sources.iter().filter_map(|source| Some((source.name(), source.revokes_token()?)))
    }
}

/// A source that takes part, before and after it is built.
pub(super) struct Built {
    pub(super) schema: &'static SourceSchema,
    /// Whether it has settings of its own: a file of `--env-file` has none.
    is_configurable: bool,
    /// Whether its secrets replace inherited variables.
    overrides: bool,
    /// Whether the secrets in its scope become variables.
    delivers: bool,
    /// What is redacted of it.
    redaction_scope: Scope,
    pub(super) source: Box<dyn Configured>,
}

impl Built {
    /// A source of variables that refer to others.
    pub(super) fn of_variables(schema: &'static SourceSchema, source: Box<dyn Configured>) -> Self {
        let redaction_scope = Scope::All;
        Self {
            schema,
            is_configurable: false,
            overrides: true,
            delivers: true,
            redaction_scope,
            source,
        }
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

    fn build(
        self,
        inputs: &ConfigInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Built>, Error> {
        let mut built = Vec::new();
        for selected in inputs.selected()? {
            let kind = self.named(selected.kind)?;
            inputs.refuse_misplaced(&selected.name, kind.schema())?;
            env_table::check_name(&selected.name)?;
            built.push(build(kind, selected.name, inputs, warnings)?);
        }
        let env_files = inputs.env_files()?;
        let named_files = self.named_files(inputs)?;
        if built.is_empty() {
            for kind in self.types() {
                let name = kind.schema().name;
                let foreign = &inputs.files.foreign;
                let implied = ImpliedSource {
                    layers: inputs.source(name, kind.schema())?,
                    has_foreign_file: foreign
                        .iter()
                        .any(|file| std::ptr::eq(file.schema, kind.schema())),
                    has_others: env_files.is_some() || !named_files.is_empty() || !built.is_empty(),
                };
                if kind.is_implied(&implied)? {
                    warnings.extend(unused_file(kind.schema(), inputs)?);
                    built.push(build(kind, name.into(), inputs, warnings)?);
                }
            }
        }
        built.extend(named_files);
        for file in env_files.into_iter().flatten() {
            for kind in self.types() {
                let Some(source) = kind.env_file(&file)? else { continue };
                let (schema, overrides) = (kind.schema(), kind.overrides());
                let redaction_scope = kind.redaction_scope();
                built.push(Built {
                    schema,
                    is_configurable: false,
                    overrides,
                    delivers: true,
                    redaction_scope,
                    source,
                });
                break;
            }
        }
        Ok(built)
    }

    /// The sources of files that flags name.
    fn named_files(self, inputs: &ConfigInputs<'_>) -> Result<Vec<Built>, Error> {
        let mut built = Vec::new();
        for kind in self.types() {
            let Some((first, others)) = kind.file_flags().split_first() else { continue };
            let name = |key: &SettingKey| key.flag_name().unwrap_or(key.name);
            let Some(files) = inputs.flags.get(first) else {
                let alone = others.iter().find(|key| inputs.flags.get(key).is_some());
                if let Some(key) = alone {
                    return Err(Error::Alone { flag: name(key), without: name(first) });
                }
                continue;
            };
            let RawValue::List(files) = &files.value else { continue };
            for file in files {
                let inputs = SourceInputs {
                    name: "".into(),
                    layers: inputs.source("", kind.schema())?,
                    run: inputs.run(),
                    trust: inputs.trust,
                };
                if let Some(source) = kind.source_of_flag(&expand_home(file), &inputs)? {
                    let (schema, overrides) = (kind.schema(), kind.overrides());
                    built.push(Built {
                        schema,
                        is_configurable: false,
                        overrides,
                        delivers: true,
                        redaction_scope: kind.redaction_scope(),
                        source,
                    });
                }
            }
        }
        Ok(built)
    }

    /// Adds `[env]` behind the sources, which it refers to, and before the files of `env-file`.
    fn add_env(
        self,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<References, Error> {
        let entries = inputs.env();
        if entries.is_empty() {
            return Ok(References::default());
        }
        self.bind_env(entries, inputs, built, warnings)
    }

    /// Adds these variables as a source, and what they refer to.
    pub(super) fn bind_env(
        self,
        entries: Vec<EnvEntry>,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<References, Error> {
        let mut find =
            |name: &str, origin: &Origin| self.find_source(name, origin, inputs, built, warnings);
        let (table, references) = env_table::bind(entries, &mut find)?;
        let of_env = Built::of_variables(&env_table::SCHEMA, Box::new(table));
        let files = built.iter().position(|built| !built.is_configurable).unwrap_or(built.len());
        built.insert(files, of_env);
        Ok(references)
    }

    /// The source that references call by this name: of that name, or the only one of that type. One that takes no
    /// part yet is built for the references alone.
    pub(super) fn find_source(
        self,
        name: &str,
        origin: &Origin,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Arc<str>>, Error> {
        let own = |built: &&Built| built.is_configurable && **built.source.name() == *name;
        if let Some(found) = built.iter().find(own) {
            return Ok(Some(Arc::clone(found.source.name())));
        }
        let (kind, name) = if let Some(selected) = inputs.named_source(name) {
            (self.named(selected.kind)?, selected.name)
        } else {
            let Some(kind) = self.types().find(|kind| kind.schema().name == name) else {
                return Ok(None);
            };
            let of_type = built
                .iter()
                .filter(|built| built.is_configurable && std::ptr::eq(built.schema, kind.schema()));
            let mut names: Vec<_> = of_type.map(|built| Arc::clone(built.source.name())).collect();
            let is_built = !names.is_empty();
            if !is_built {
                let selected = inputs.selected()?.into_iter();
                let of_type = selected.filter(|found| found.kind.value == kind.schema().name);
                names = of_type.map(|found| found.name).collect();
            }
            match names.as_slice() {
                [] => (kind, name.into()),
                [only] if !is_built => (kind, Arc::clone(only)),
                [only] => return Ok(Some(Arc::clone(only))),
                _ => {
                    let names = names.iter().map(|name| format!("`{name}`")).collect();
                    let (origin, kind) = (origin.clone(), kind.schema().name);
                    return Err(Error::AmbiguousSource { origin, kind, names });
                }
            }
        };
        let added = build(kind, Arc::clone(&name), inputs, warnings)?;
        let at = built.iter().position(|built| !built.is_configurable).unwrap_or(built.len());
        built.insert(at, Built { delivers: false, ..added });
        Ok(Some(name))
    }

    pub(super) fn named(
        self,
        kind: config::Setting<String>,
    ) -> Result<&'static dyn StoreType, Error> {
        self.types().find(|known| known.schema().name == kind.value).ok_or_else(|| Error::Choice {
            origin: kind.origin,
            what: "type of source",
            value: kind.value,
            known: self.types().map(|kind| kind.schema().name.to_owned()).collect(),
        })
    }

    /// Refuses a flag for a type of source of which none takes part: it would be ignored silently.
    fn refuse_unused(self, flags: &Layer, built: &[Built]) -> Result<(), Error> {
        for (key, _) in flags.iter() {
            let owners = || self.types().filter(|kind| kind.schema().has_flag(key));
            let takes_part =
                |kind: &dyn StoreType| built.iter().any(|b| std::ptr::eq(b.schema, kind.schema()));
            if let Some(kind) = owners().next()
                && !owners().any(takes_part)
            {
                let flag = key.flag_name().unwrap_or(key.name);
                return Err(Error::Unused { flag, kind: kind.schema().name });
            }
        }
        Ok(())
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

/// The sources that have settings of their own, by name.
fn configurable(built: &[Built]) -> Vec<(&str, &'static SourceSchema)> {
    let configurable = built.iter().filter(|built| built.is_configurable);
    configurable.map(|built| (&**built.source.name(), built.schema)).collect()
}

/// The warning that the project file of a store's own command line is not used, if it could select a place
/// that nothing else selects.
fn unused_file(
    schema: &'static SourceSchema,
    inputs: &ConfigInputs<'_>,
) -> Result<Option<String>, Error> {
    let layers = inputs.source(schema.name, schema)?;
    let mut unused = inputs.files.unused.iter();
    let Some(file) = unused.find(|file| std::ptr::eq(file.format.schema, schema)) else {
        return Ok(None);
    };
    for key in file.format.place {
        if layers.raw(key)?.is_none() {
            return Ok(Some(file.to_string()));
        }
    }
    Ok(None)
}

fn build(
    kind: &'static dyn StoreType,
    name: Arc<str>,
    inputs: &ConfigInputs<'_>,
    warnings: &mut Vec<String>,
) -> Result<Built, Error> {
    let layers = inputs.source(&name, kind.schema())?;
    let overrides = layers.switch(&OVERRIDE, kind.overrides())?;
    let delivers = layers.switch(&DELIVER, true)?;
    let redaction_scope = inputs.redaction_scope(&layers, kind.redaction_scope())?;
    let inputs = SourceInputs { name, layers, run: inputs.run(), trust: inputs.trust };
    let (schema, is_configurable) = (kind.schema(), true);
    let source = kind.build(&inputs, warnings)?;
    Ok(Built { schema, is_configurable, overrides, delivers, redaction_scope, source })
}
