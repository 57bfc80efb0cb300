//! What holds: the environment, the files and what was said on the command line, merged into settings
//! in which nothing that must be there is missing. It asks no server and opens no store.

mod cache;
pub mod credential;
mod credential_reference;
mod duration;
mod env_table;
mod environment;
mod error;
mod file;
mod glob;
mod inputs;
mod json_schema;
mod layer;
mod load;
mod merge;
pub mod schema;
mod search;
mod settings;
mod synonyms;
pub mod systemd;
mod trust;
mod user_dirs;

pub use cache::{
    CacheIdentity, CacheKey, CacheMode, CacheSettings, UnsuitableProof, build_cache,
    cache_directory,
};
pub use credential::Credential;
pub use credential_reference::{CredentialReference, ResolvedCredentials};
pub use duration::parse as parse_duration;
pub use env_table::{EnvDefinition, EnvEntry, EnvFileDelivery};
pub use environment::{Environment, Variable};
pub use error::{Error, FileFault};
pub use file::{ConfigFile, ConfigTables};
pub use glob::Globs;
pub use inputs::{ConfigInputs, EnvFile, ReferenceScope, SelectedSource};
pub use json_schema::json_schema;
pub use layer::{
    ConfigScope, FileLocation, Layer, Layers, Origin, RawValue, Setting, parse_switch,
    resolve_path, split_assignment, split_list,
};
pub use load::{
    CONFIG_NAME, ConfigFiles, ConfigFormats, ConfigRequest, ForeignFile, ForeignFormat, UnusedFile,
    load, read_project_file, user_file,
};
pub use merge::{merge_disk_free, merge_kms, merge_output, merge_run};
pub use settings::{
    DiskFree, InheritSettings, KmsSettings, NetworkSettings, OutputSettings, PreserveSetting,
    RunSettings, SecretFilesSetting, TerminalSetting,
};
pub use trust::{TrustRecords, TrustSubject, guarded_settings, trust_file};
pub use user_dirs::{abbreviate_home, base_directories, expand_home, path_exists};

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.into_iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, nearest) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + nearest.len() / 4).then_some(nearest)
}
