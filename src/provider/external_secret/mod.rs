//! External Secrets: the manifests `ExternalSecret`, `SecretStore` and `ClusterSecretStore` of the operator of that
//! name. `export` writes them from the configuration, `read` reads them as a source. `store` is what a store must know for that: the block that
//! describes it in a manifest, and how its objects are named there.

mod export;
pub mod read;
pub mod store;

pub use export::{CreationPolicy, ManifestKind, ManifestOptions, manifests};
pub use read::{ExternalSecretType, Fault, Fields, InnerSettings, Location};
pub use store::{AuthSecret, ManifestError, ManifestStore, RemoteRef, ScopeEntry};
