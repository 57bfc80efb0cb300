//! Objects in an entry of the cache, in the form that `entry` describes.

use crate::seal::codec::{Reader, Writer};
use crate::secret::{Object, ObjectAddress, ObjectContent, Value};

/// In place of the number of members: the object is one value.
const ONE_VALUE: u32 = u32::MAX;

/// The size of an object, in bytes.
pub(super) fn size(object: &Object) -> usize {
    let field = |length: usize| 4 + length;
    let text = |text: &String| field(text.len());
    let Object { address, content, version, .. } = object;
    let options = address.options.iter().map(|(name, value)| text(name) + text(value));
    let content = match content {
        ObjectContent::Value(value) => field(value.len()),
        ObjectContent::Members(members) => {
            members.iter().map(|(name, value)| text(name) + field(value.len())).sum()
        }
    };
    let versions = [&address.version, version].into_iter().flatten();
    text(&address.path)
        + 4 * 4
        + options.sum::<usize>()
        + versions.map(text).sum::<usize>()
        + content
}

pub(super) fn write(object: &Object, writer: &mut Writer) {
    let Object { address, content, version, .. } = object;
    writer.field(address.path.as_bytes());
    writer.length(address.options.len());
    for (name, value) in &address.options {
        writer.field(name.as_bytes());
        writer.field(value.as_bytes());
    }
    for version in [&address.version, version] {
        writer.length(version.iter().count());
        if let Some(version) = version {
            writer.field(version.as_bytes());
        }
    }
    match content {
        ObjectContent::Value(value) => {
            writer.raw(&ONE_VALUE.to_be_bytes());
            writer.field(value.expose());
        }
        ObjectContent::Members(members) => {
            writer.length(members.len());
            for (name, value) in members {
                writer.field(name.as_bytes());
                writer.field(value.expose());
            }
        }
    }
}

/// All objects of an entry; `None` where the bytes are not what they should be.
pub(super) fn read_all(reader: &mut Reader<'_>) -> Option<Vec<Object>> {
    if reader.is_blank() {
        return Some(Vec::new());
    }
    let count = reader.length()?;
    (0..count).map(|_| read(reader)).collect()
}

fn read(reader: &mut Reader<'_>) -> Option<Object> {
    let path = text(reader)?;
    let count = reader.length()?;
    let options: Option<_> = (0..count).map(|_| Some((text(reader)?, text(reader)?))).collect();
    let mut version = || match reader.length()? {
        0 => Some(None),
        1 => text(reader).map(Some),
        _ => None,
    };
    let (asked, found) = (version()?, version()?);
    let address = ObjectAddress { path, version: asked, options: options? };
    let content = match reader.array().map(u32::from_be_bytes)? {
        ONE_VALUE => ObjectContent::Value(Value::from(reader.field()?)),
        count => {
            let member = |_| Some((text(reader)?, Value::from(reader.field()?)));
            ObjectContent::Members((0..count).map(member).collect::<Option<_>>()?)
        }
    };
    Some(Object { source: "".into(), address, content, version: found, age: None })
}

fn text(reader: &mut Reader<'_>) -> Option<String> {
    str::from_utf8(reader.field()?).ok().map(str::to_owned)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    /// An object without a source, which an entry does not hold.
    pub(in crate::cache) fn any_object() -> impl Strategy<Value = Object> {
        let value = || vec(any::<u8>(), 0..40).prop_map(Value::new);
        let content = prop_oneof![
            value().prop_map(ObjectContent::Value),
            vec((".{0,8}", value()), 0..4).prop_map(ObjectContent::Members),
        ];
        let options = vec(("[a-z]{1,5}", ".{0,8}"), 0..3);
        (".{0,20}", option::of(".{0,8}"), options, content, option::of(".{0,8}")).prop_map(
            |(path, asked, options, content, version)| Object {
                source: "".into(),
                address: ObjectAddress { path, version: asked, options },
                content,
                version,
                age: None,
            },
        )
    }
}
