//! What holds: the environment, the files and what was said on the command line, merged into settings
//! in which nothing that must be there is missing. It asks no server and opens no store.

mod cache;
mod credential;
mod duration;
mod environment;
mod error;
mod file;
mod infisical;
mod infisical_json;
mod layer;
mod load;
mod login;
mod merge;
mod places;
pub mod schema;
mod settings;
mod source;
pub mod systemd;
mod trust;

pub use cache::{CacheKey, CacheMode, Caching, cache_directory};
pub use credential::Credential;
pub use duration::parse as parse_duration;
pub use environment::{Environment, Variable};
pub use error::{Error, Fault};
pub use file::{File, Tables};
pub use infisical::{Infisical, Login, ProjectRef, normalise};
pub use layer::{Layer, Origin, Place, Raw, Setting, Standing, pair, parts};
pub use load::{CONFIG_NAME, Files, Request, load, user_file};
pub use merge::{disk_free, local_sources, merge, named_servers, output};
pub use settings::{
    DiskFree, Dotenv, Inherit, Local, LocalKey, Network, Output, Preserve, Settings, Source,
    Terminal,
};
pub use source::LOCAL_KEY_CREDENTIAL;
pub use trust::{Trust, trust_file};

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.into_iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, nearest) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + nearest.len() / 4).then_some(nearest)
}
