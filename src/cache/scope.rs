//! What an entry is bound to: everything that decides what the server answers, as bytes. It is no part
//! of any file; an entry opens only for whoever asks for the same.
//!
//! The bytes begin with `hushed cache 1`, a NUL, and the kind of entry (`secrets` or `login`); then the
//! fields below, each with its length before it in four bytes, so that no two scopes have the same
//! bytes. What is not said is a field of its own, unlike any text.
//!
//! Which fields there are is the source's to say (`CacheIdentity`).

use crate::config::CacheIdentity;

/// What an entry is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CacheScope(Vec<u8>);

impl CacheScope {
    /// The scope of a source's secrets.
    pub(super) fn for_secrets(identity: &CacheIdentity) -> Self {
        Self::new("secrets", identity.login.iter().chain(&identity.scope))
    }

    /// The scope of a source's login.
    pub(super) fn for_login(identity: &CacheIdentity) -> Self {
        Self::new("login", identity.login.iter())
    }

    /// The bytes that bind.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn new<'a>(kind: &str, fields: impl Iterator<Item = &'a Option<Vec<u8>>> + 'a) -> Self {
        let mut bytes = b"hushed cache 1\0".to_vec();
        let mut push = |field: Option<&[u8]>| match field {
            Some(field) => {
                let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(field);
            }
            // A length that no text has.
            None => bytes.extend_from_slice(&u32::MAX.to_be_bytes()),
        };
        push(Some(kind.as_bytes()));
        fields.for_each(|field| push(field.as_deref()));
        Self(bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::secret::Value;

    /// An identity with these fields behind those of its login.
    fn with_scope(scope: &[Option<&str>]) -> CacheIdentity {
        let bytes = |field: Option<&str>| field.map(|text| text.as_bytes().to_vec());
        CacheIdentity {
            login: [Some("store"), Some("https://example.com"), Some("id")].map(bytes).into(),
            scope: scope.iter().copied().map(bytes).collect(),
            proof: Value::from("canary-secret"),
            logs_in: true,
        }
    }

    pub(crate) fn identity() -> CacheIdentity {
        with_scope(&[Some("shop"), Some("dev")])
    }

    #[test]
    fn other_fields_are_another_scope() {
        let others: [&[Option<&str>]; 8] = [
            &[],
            &[None],
            &[Some("")],
            &[Some("a")],
            &[Some("a"), None],
            &[Some("a"), Some("b")],
            &[Some("ab")],
            &[None, Some("a")],
        ];
        let mut scopes: BTreeSet<_> =
            others.iter().map(|fields| CacheScope::for_secrets(&with_scope(fields)).0).collect();
        scopes.insert(CacheScope::for_login(&identity()).0);
        assert_eq!(scopes.len(), others.len() + 1);
        assert!(scopes.iter().all(|scope| !scope.windows(6).any(|part| part == b"canary")));
    }

    #[test]
    fn the_bytes_are_those_of_the_first_version() {
        let want = b"hushed cache 1\0\0\0\0\x05login\0\0\0\x05store\0\0\0\x13https://example.com\0\0\0\x02id";
        assert_eq!(CacheScope::for_login(&identity()).bytes(), want);
    }
}
