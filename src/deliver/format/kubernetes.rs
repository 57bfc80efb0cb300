//! The manifest of a Kubernetes Secret. Values are in base64, which hides nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::quoted::write_string;
use super::{Error, ExportedSecret};
use crate::secret::Name;
use crate::secret::SecretBuffer;

/// The most that the API server accepts of all values together.
const SIZE: usize = 1 << 20;

pub(super) fn write(
    secrets: &[ExportedSecret<'_>],
    object_name: &str,
    out: &mut SecretBuffer,
) -> Result<(), Error> {
    if !is_object_name(object_name) {
        return Err(Error::ObjectName { name: Name::new(object_name) });
    }
    let size = secrets.iter().map(|secret| secret.value.len()).sum();
    if size > SIZE {
        return Err(Error::ObjectSize { size });
    }
    out.push("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
    write_string(object_name, out);
    out.push("\ntype: Opaque\n");
    out.push(if secrets.is_empty() { "data: {}\n" } else { "data:\n" });
    for secret in secrets {
        let name = secret.name_if(is_key)?;
        let encoded = Zeroizing::new(STANDARD.encode(secret.value.expose()));
        out.push("  ");
        write_string(name, out);
        out.push(": ");
        write_string(&encoded, out);
        out.push("\n");
    }
    Ok(())
}

fn is_key(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (1..=253).contains(&name.len())
        && name.chars().all(allowed)
        && name != "."
        && !name.starts_with("..")
}

/// Whether a name is a DNS subdomain, as the names of most objects must be.
fn is_object_name(name: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let label = |label: &str| {
        label.starts_with(alphanumeric)
            && label.ends_with(alphanumeric)
            && label.chars().all(|c| alphanumeric(c) || c == '-')
    };
    name.len() <= 253 && name.split('.').all(label)
}
