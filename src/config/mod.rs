//! What holds: the environment, the files and what was said on the command line, merged into settings
//! in which nothing that must be there is missing. It asks no server and opens no store.

mod cache;
pub mod credential;
mod duration;
mod environment;
mod error;
mod file;
mod inputs;
mod json_schema;
mod layer;
mod load;
mod merge;
mod places;
pub mod schema;
mod settings;
pub mod systemd;
mod trust;

pub use cache::{
    CacheIdentity, CacheKey, CacheMode, Caching, UnfitProof, build_cache, cache_directory,
};
pub use credential::Credential;
pub use duration::parse as parse_duration;
pub use environment::{Environment, Variable};
pub use error::{Error, Fault};
pub use file::{File, Tables};
pub use inputs::{EnvFile, Inputs, Selected, source_credential_variables};
pub use json_schema::json_schema;
pub use layer::{
    Layer, Layers, Origin, Place, Raw, Setting, Standing, located, pair, parse_switch, parts,
};
pub use load::{CONFIG_NAME, Files, ForeignFile, ForeignFormat, Formats, Request, load, user_file};
pub use merge::{merge_disk_free, merge_output, merge_run};
pub use places::{base as base_directories, exists};
pub use settings::{DiskFree, Inherit, Network, Output, Preserve, RunSettings, Terminal};
pub use trust::{Trust, TrustSubject, trust_file};

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.into_iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, nearest) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + nearest.len() / 4).then_some(nearest)
}
