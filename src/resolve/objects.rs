//! Objects of a source that has none but the secrets in its scope: without a path, all of them; a path is the name
//! of one. Pure.

use std::sync::Arc;

use crate::secret::{Object, ObjectAddress, ObjectContent, Secret, SecretSet};

/// Adds the objects to a source's secrets, which stay only if they are delivered.
pub(super) fn of_scope(
    secrets: SecretSet,
    source: &str,
    addresses: &[ObjectAddress],
    delivers: bool,
) -> SecretSet {
    if addresses.is_empty() {
        return secrets;
    }
    let source: Arc<str> = source.into();
    let objects: Vec<_> =
        addresses.iter().filter_map(|address| object(&secrets, &source, address)).collect();
    let mut kept = if delivers { secrets } else { SecretSet::default() };
    for object in objects {
        kept.add_object(object);
    }
    kept
}

/// The object at an address. Versions and options, which such a source does not have, name none.
fn object(secrets: &SecretSet, source: &Arc<str>, address: &ObjectAddress) -> Option<Object> {
    if address.version.is_some() || !address.options.is_empty() {
        return None;
    }
    let is_it = |secret: &&Secret| secret.name.as_str() == address.path;
    let (content, version) = if address.path.is_empty() {
        let member = |secret: &Secret| (secret.name.as_str().to_owned(), secret.value.clone());
        (ObjectContent::Members(secrets.iter().map(member).collect()), None)
    } else {
        let secret = secrets.iter().rfind(is_it)?;
        (ObjectContent::Value(secret.value.clone()), secret.provenance.version)
    };
    let version = version.map(|version| version.to_string());
    Some(Object {
        source: Arc::clone(source),
        address: address.clone(),
        content,
        version,
        age: None,
    })
}
