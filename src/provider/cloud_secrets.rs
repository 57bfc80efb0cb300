//! Reads the secrets of a cloud's store that has one secret a request: those that are named and those that are
//! listed, as variables or as objects for references.

use std::sync::Arc;

use futures_util::future::try_join_all;

use super::shape::{self, JsonMode};
use super::{Class, ProviderError};
use crate::secret::{
    Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet, Value,
};

/// How many secrets are read at once.
const CONCURRENT: usize = 16;

/// A store of a cloud.
pub(crate) trait SecretApi {
    /// The address of a secret.
    type Secret: Clone + PartialEq;
    /// Why it cannot be read.
    type Error: ProviderError + From<shape::Error>;

    /// The name of a secret, which the variable is named after.
    fn id(secret: &Self::Secret) -> &str;

    /// Where a secret is, for a person.
    fn place(secret: &Self::Secret) -> String {
        Self::id(secret).to_owned()
    }

    /// The current version of a secret.
    fn current(id: &str) -> Self::Secret;

    /// The address that a reference names; `None` if it names none.
    fn referred(address: &ObjectAddress) -> Option<Self::Secret>;

    /// There is nothing in a place.
    fn nothing(place: String) -> Self::Error;

    /// A reference that names no secret.
    fn bad_reference(text: String) -> Self::Error;

    /// Reads a secret.
    async fn access(&self, secret: &Self::Secret) -> Result<Found, Self::Error>;

    /// The names of all secrets that can be used, in alphabetical order. What is left out is a note.
    async fn list(&self, notes: &mut Vec<String>) -> Result<Vec<String>, Self::Error>;
}

/// The value of a secret.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The value.
    pub(crate) value: Value,
    /// The version, as the store names it.
    pub(crate) version: String,
    /// What the user should know about it.
    pub(crate) note: Option<&'static str>,
}

/// What is read.
#[derive(Clone, Debug)]
pub(crate) struct Selection<S> {
    /// Secrets by name, lowest precedence first.
    pub(crate) secrets: Vec<S>,
    /// What the names of other secrets begin with, which are listed and come before: any, if it is empty.
    pub(crate) listed: Option<Vec<String>>,
    /// Whether JSON objects are split.
    pub(crate) json: JsonMode,
    /// Whether secrets may be absent.
    pub(crate) allow_empty: bool,
}

impl<S> Selection<S> {
    /// Whether it reads nothing: then only references use the source.
    pub(crate) fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.listed.is_none()
    }
}

/// Reads everything that is selected, lowest precedence first.
pub(crate) async fn read<A: SecretApi>(
    api: &A,
    source: &Arc<str>,
    selection: &Selection<A::Secret>,
) -> Result<SecretSet, A::Error> {
    let mut notes = Vec::new();
    let mut wanted = match &selection.listed {
        Some(prefixes) => listed(api, selection, prefixes, &mut notes).await?,
        None => Vec::new(),
    };
    let first_named = wanted.len();
    // Of a secret that is listed twice, the last place counts.
    for (at, secret) in selection.secrets.iter().enumerate() {
        if !selection.secrets.iter().skip(at + 1).any(|later| later == secret) {
            wanted.push((secret.clone(), shape::upper_snake(A::id(secret))));
        }
    }
    let refs: Vec<_> = wanted.iter().map(|(secret, _)| secret).collect();
    let accepts_absent = selection.allow_empty || selection.listed.is_some();
    let found = read_all(api, &refs, accepts_absent).await?;
    let (mut secrets, mut whole) = (SecretSet::default(), Vec::new());
    for (at, ((secret, variable), found)) in wanted.into_iter().zip(found).enumerate() {
        let place = A::place(&secret);
        let Some(found) = found else {
            if at >= first_named && !selection.allow_empty {
                // Its own error, because absent secrets are an error only where they are named.
                api.access(&secret).await?;
            }
            notes.push(format!("the secret `{place}` has no version, and is left out"));
            continue;
        };
        notes.extend(found.note.map(|note| format!("the secret `{place}` {note}")));
        let number = found.version.parse().ok();
        let described: Arc<str> = match number {
            None if !found.version.is_empty() => {
                format!("{place}, version {}", found.version).into()
            }
            _ => place.as_str().into(),
        };
        let variables =
            shape::variables(A::id(&secret), variable.clone(), &found.value, selection.json)?;
        if matches!(variables.as_slice(), [(only, _)] if *only == variable) {
            whole.push((variable, place));
        }
        for (name, value) in variables {
            let (source, place) = (Arc::clone(source), Arc::clone(&described));
            let provenance = Provenance { source, place, version: number, age: None };
            secrets.push(Secret { name: Name::new(name), value, provenance });
        }
    }
    shape::refuse_same(whole.iter().map(|(name, place)| (name.as_str(), place.as_str())))?;
    for note in notes {
        secrets.add_note(format!("`{source}`: {note}"));
    }
    Ok(secrets)
}

/// Finds the secrets whose names begin with a prefix, each with its variable. Those that are named are not listed.
async fn listed<A: SecretApi>(
    api: &A,
    selection: &Selection<A::Secret>,
    prefixes: &[String],
    notes: &mut Vec<String>,
) -> Result<Vec<(A::Secret, String)>, A::Error> {
    let rest = |id: &str| {
        let rests = prefixes.iter().filter_map(|prefix| id.strip_prefix(&**prefix));
        rests.min_by_key(|rest| rest.len()).map(str::to_owned)
    };
    let is_named = |id: &str| {
        let named = selection.secrets.iter();
        named.map(A::id).any(|named| named.eq_ignore_ascii_case(id))
    };
    let (mut wanted, mut is_empty) = (Vec::new(), true);
    for id in api.list(notes).await? {
        let rest = if prefixes.is_empty() { Some(id.clone()) } else { rest(&id) };
        let Some(rest) = rest else { continue };
        is_empty = false;
        if !is_named(&id) {
            let name = if rest.is_empty() { &id } else { &rest };
            wanted.push((A::current(&id), shape::upper_snake(name)));
        }
    }
    if is_empty && !selection.allow_empty {
        return Err(A::nothing(match prefixes {
            [] => "the list of secrets".to_owned(),
            prefixes => format!("the secrets named `{}…`", prefixes.join("…`, `")),
        }));
    }
    Ok(wanted)
}

/// Reads secrets, some at once; `None` for one that does not exist, if that is accepted.
async fn read_all<A: SecretApi>(
    api: &A,
    secrets: &[&A::Secret],
    accepts_absent: bool,
) -> Result<Vec<Option<Found>>, A::Error> {
    let mut read = Vec::with_capacity(secrets.len());
    for some in secrets.chunks(CONCURRENT) {
        let some = some.iter().map(async |secret| match api.access(secret).await {
            Err(error) if accepts_absent && error.class() == Class::NotFound => Ok(None),
            result => result.map(Some),
        });
        read.extend(try_join_all(some).await?);
    }
    Ok(read)
}

/// Reads objects for references: secrets, or everything that is selected where there is no path.
pub(crate) async fn objects<A: SecretApi>(
    api: &A,
    source: &Arc<str>,
    selection: &Selection<A::Secret>,
    addresses: &[ObjectAddress],
) -> Result<Vec<Option<Object>>, A::Error> {
    let mut secrets = Vec::new();
    for address in addresses.iter().filter(|address| !address.path.is_empty()) {
        let secret = A::referred(address);
        secrets.push(secret.ok_or_else(|| A::bad_reference(address.to_string()))?);
    }
    let refs: Vec<_> = secrets.iter().collect();
    let mut found = read_all(api, &refs, true).await?.into_iter();
    let mut objects = Vec::with_capacity(addresses.len());
    for address in addresses {
        let (content, version) = if address.path.is_empty() {
            let secrets = read(api, source, selection).await?.into_iter();
            let member = |secret: Secret| (secret.name.as_str().to_owned(), secret.value);
            (ObjectContent::Members(secrets.map(member).collect()), None)
        } else if let Some(Found { value, version, .. }) = found.next().flatten() {
            (ObjectContent::Value(value), Some(version))
        } else {
            objects.push(None);
            continue;
        };
        let (source, address) = (Arc::clone(source), address.clone());
        objects.push(Some(Object { source, address, content, version, age: None }));
    }
    Ok(objects)
}
