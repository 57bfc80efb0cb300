//! Asks all sources at once and puts what they give in their order. It decides no precedence but
//! that.

use futures_util::future::try_join_all;

use super::Error;
use super::cached::CachedSource;
use crate::secret::SecretSet;

/// Fetches from all sources concurrently, and gives the secrets in the order of the sources. The
/// first source that fails ends it; what the others are doing is dropped.
pub async fn fetch(parts: &[CachedSource]) -> Result<SecretSet, Error> {
    let mut all = SecretSet::default();
    for set in try_join_all(parts.iter().map(CachedSource::fetch)).await? {
        all.append(set);
    }
    Ok(all)
}
