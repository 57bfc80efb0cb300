//! From what the sources returned to the values of the variables. Pure.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{BoundReference, EnvTable, EnvVariable, Error, Expression, Fault};
use crate::provider::FetchEnvironment;
use crate::reference::{Encoding, Reference, members, pick};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// A value with what is known of its origin.
#[derive(Debug)]
pub(in crate::provider) struct Found {
    pub(in crate::provider) value: Value,
    place: String,
    version: Option<String>,
    age: Option<std::time::Duration>,
}

impl Found {
    /// Where it came from: a secret of this source, written at a place in it if that has any.
    pub(in crate::provider) fn provenance(&self, source: &Arc<str>, written: &str) -> Provenance {
        let number = self.version.as_ref().and_then(|version| version.parse().ok());
        let place = match (&self.version, number) {
            (Some(version), None) => format!("{}, version {version}", self.place),
            _ => self.place.clone(),
        };
        let place = if written.is_empty() { place } else { format!("{written}: {place}") };
        Provenance {
            source: Arc::clone(source),
            place: place.into(),
            version: number,
            age: self.age,
        }
    }
}

/// The variables as secrets, or all faults.
pub(super) fn secrets(
    table: &EnvTable,
    environment: &FetchEnvironment<'_>,
) -> Result<SecretSet, Error> {
    let mut secrets = SecretSet::default();
    let mut faults = Vec::new();
    // The variables of objects, with the object of each.
    let mut given = BTreeMap::new();
    for variable in table.variables.iter() {
        if let Expression::Object { .. } = &variable.expression {
            let found = object(table, variable, environment).and_then(|found| {
                check_names(&found, &variable.name, &mut given)?;
                Ok(found)
            });
            match found {
                Ok(found) => found.into_iter().for_each(|secret| secrets.push(secret)),
                Err(fault) => faults.push((variable.name.clone(), variable.origin.clone(), fault)),
            }
            continue;
        }
        if !(environment.admits)(&variable.name) {
            continue;
        }
        match evaluate(variable, environment.fetched, &mut secrets) {
            Ok(Some(found)) => secrets.push(secret(table, &variable.name, found)),
            Ok(None) => secrets.add_note(format!(
                "{}: `{}` is not set: what it refers to does not exist, and it is not required",
                variable.origin, variable.name
            )),
            Err(fault) => faults.push((variable.name.clone(), variable.origin.clone(), fault)),
        }
    }
    if faults.is_empty() { Ok(secrets) } else { Err(Error { faults }) }
}

/// Refuses a name that another key has, of this object or of another one.
fn check_names<'t>(
    found: &[Secret],
    object: &'t str,
    given: &mut BTreeMap<String, &'t str>,
) -> Result<(), Fault> {
    for name in found.iter().map(|secret| secret.name.as_str()) {
        if let Some(other) = given.insert(name.to_owned(), object) {
            return Err(Fault::SameName { name: name.to_owned(), other: other.to_owned() });
        }
    }
    Ok(())
}

fn secret(table: &EnvTable, name: &str, found: Found) -> Secret {
    let provenance = found.provenance(&table.name, "");
    Secret { name: Name::new(name), value: found.value, provenance }
}

/// The variables of an object; none where it need not exist and does not.
fn object(
    table: &EnvTable,
    variable: &EnvVariable,
    environment: &FetchEnvironment<'_>,
) -> Result<Vec<Secret>, Fault> {
    let Expression::Object { bound, shape, prefix, rename, required } = &variable.expression else {
        return Ok(Vec::new());
    };
    let reference = &bound.reference;
    let Some(object) = environment.fetched.object(&bound.source, &reference.address) else {
        return if *required { Err(Fault::Missing(reference.clone())) } else { Ok(Vec::new()) };
    };
    let members = members(object).map_err(|error| Fault::Property(reference.clone(), error))?;
    let variables = shape
        .variables(&members, prefix)
        .map_err(|error| Fault::Shape(reference.clone(), error))?;
    let secret_of = |(name, value): (String, Value)| {
        let renamed = rename.iter().find(|(from, _)| *from == name).map(|(_, to)| to.clone());
        let name = renamed.unwrap_or(name);
        let (version, age) = (object.version.clone(), object.age);
        let found = Found { value, place: place(reference), version, age };
        (environment.admits)(&name).then(|| secret(table, &name, found))
    };
    Ok(variables.into_iter().filter_map(secret_of).collect())
}

/// The value of a variable; `None` where it need not exist and does not.
fn evaluate(
    variable: &EnvVariable,
    fetched: &SecretSet,
    secrets: &mut SecretSet,
) -> Result<Option<Found>, Fault> {
    let here = |value: Value| Found { value, place: "text".into(), version: None, age: None };
    match &variable.expression {
        Expression::Text(value) => Ok(Some(here(value.clone()))),
        Expression::Reference { bound, required, default } => {
            match (find(bound, fetched), default) {
                (Err(Fault::Missing(_)), Some(default)) => {
                    let place = format!("default, as there is no {}", bound.reference);
                    Ok(Some(Found { place, ..here(default.clone()) }))
                }
                (Err(Fault::Missing(_)), None) if !required => Ok(None),
                (found, _) => found.map(Some),
            }
        }
        Expression::Object { .. } => Ok(None),
        Expression::Template { template, inputs } => {
            let (mut values, mut places, mut age) = (Vec::new(), Vec::new(), None);
            for (name, bound) in inputs {
                let found = find(bound, fetched)?;
                secrets.add_ingredient(Name::new(&variable.name), found.value.clone());
                values.push((name.as_str(), found.value));
                places.push(found.place);
                age = age.max(found.age);
            }
            let value = template.render(&values).map_err(Fault::Template)?;
            let place = format!("template of {}", places.join(", "));
            Ok(Some(Found { value, place, version: None, age }))
        }
    }
}

/// The value that a reference means, in the objects that were fetched.
pub(in crate::provider) fn find(
    bound: &BoundReference,
    fetched: &SecretSet,
) -> Result<Found, Fault> {
    let reference = &bound.reference;
    let object = fetched
        .object(&bound.source, &reference.address)
        .ok_or_else(|| Fault::Missing(reference.clone()))?;
    let value = pick(object, &reference.property)
        .map_err(|error| Fault::Property(reference.clone(), error))?;
    let value = if reference.trims_newline { value.without_final_newline() } else { value };
    let value = match reference.encoding {
        Some(encoding) => {
            decode(&value, encoding).ok_or_else(|| Fault::Encoding(reference.clone()))?
        }
        None => value,
    };
    let (version, age) = (object.version.clone(), object.age);
    Ok(Found { value, place: place(reference), version, age })
}

/// The reference without a version, which is shown by itself.
fn place(reference: &Reference) -> String {
    let mut shown = reference.clone();
    shown.address.version = None;
    shown.to_string()
}

fn decode(value: &Value, encoding: Encoding) -> Option<Value> {
    let text = value.without_final_newline();
    let text = text.expose_str()?;
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let base64 = |alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok();
    let bytes = match encoding {
        Encoding::Base64 => base64(&alphabet::STANDARD)?,
        Encoding::Base64Url => base64(&alphabet::URL_SAFE)?,
        Encoding::Hex => hex(text)?,
    };
    let bytes = Zeroizing::new(bytes);
    Some(Value::from(bytes.as_slice()))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit =
        |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}
