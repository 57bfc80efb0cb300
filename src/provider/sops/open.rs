//! Decrypts the tree of a file and checks its MAC. No value is returned unless the whole file is authentic.

use sha2::{Digest as _, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::cipher::{self, DataKey};
use super::error::Reason;
use super::metadata::Metadata;
use crate::provider::document::{Node, Scalar, ScalarKind};

/// What begins the hash of a MAC that covers encrypted values only: the SHA-256 of `sops`.
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// Decrypts all documents in place, and checks the MAC; returns pointers to the values that it does not cover.
pub(super) fn open(
    documents: &mut [Node],
    metadata: &Metadata,
    key: &DataKey,
) -> Result<Vec<String>, Reason> {
    let (digest, uncovered) = digest(documents, metadata, key)?;
    check(&digest, metadata, key)?;
    Ok(uncovered)
}

/// Decrypts all documents in place; returns the digest that the MAC holds, and pointers to the values that it does
/// not cover.
pub(super) fn digest(
    documents: &mut [Node],
    metadata: &Metadata,
    key: &DataKey,
) -> Result<([u8; 64], Vec<String>), Reason> {
    let mut hash = Sha512::new();
    if metadata.mac_only_encrypted {
        hash.update(ONLY_ENCRYPTED);
    }
    let mut walk = Walk { metadata, key, hash, path: Vec::new(), uncovered: Vec::new() };
    for document in documents {
        walk.below(document, &mut Vec::new())?;
    }
    Ok((walk.hash.finalize().into(), walk.uncovered))
}

/// A digest as the MAC has it.
pub(super) fn written_digest(digest: &[u8; 64]) -> Zeroizing<Vec<u8>> {
    let computed = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"));
    Zeroizing::new(computed.into_bytes())
}

/// Compares the MAC of the file with the one that its values give.
fn check(digest: &[u8; 64], metadata: &Metadata, key: &DataKey) -> Result<(), Reason> {
    let sealed = metadata.mac.as_deref().ok_or(Reason::MacMissing)?;
    let opened = cipher::open(sealed, key, &metadata.last_modified);
    let opened = opened.map_err(|_| Reason::MacDamaged)?;
    let computed = written_digest(digest);
    let is_equal = bool::from(opened.scalar.text.ct_eq(&computed));
    if is_equal { Ok(()) } else { Err(Reason::MacMismatch) }
}

struct Walk<'m> {
    metadata: &'m Metadata,
    key: &'m DataKey,
    hash: Sha512,
    path: Vec<String>,
    uncovered: Vec<String>,
}

impl Walk<'_> {
    fn below(&mut self, node: &mut Node, comments: &mut Vec<Vec<String>>) -> Result<(), Reason> {
        let is_map = matches!(node, Node::Map(_));
        let (Node::Map(items) | Node::List(items)) = node else { return Ok(()) };
        let mut result = Ok(());
        items.retain_mut(|item| {
            if result.is_err() {
                return true;
            }
            // The place in a list is not part of the path.
            if is_map {
                self.path.push(item.key.clone());
            }
            comments.push(std::mem::take(&mut item.comments));
            let is_single = matches!(item.node, Node::Scalar(_));
            result = match &mut item.node {
                Node::Scalar(scalar) => self.leaf(scalar, item.line, comments),
                nested => self.below(nested, comments),
            };
            comments.pop();
            if is_map {
                self.path.pop();
            } else if is_single
                && matches!(result, Err(Reason::Value { fault: cipher::Fault::Comment, .. }))
            {
                // Older versions of sops wrote the comments of a list as its items. The MAC leaves them out.
                result = Ok(());
                return false;
            }
            true
        });
        result
    }

    fn leaf(
        &mut self,
        scalar: &mut Scalar,
        line: usize,
        comments: &[Vec<String>],
    ) -> Result<(), Reason> {
        let is_encrypted = self.metadata.rule.encrypts(&self.path, comments);
        let fault = |fault| Reason::Value { line, name: self.pointer(), fault };
        let opened = if !is_encrypted {
            cipher::plain(scalar)
        } else if scalar.kind != ScalarKind::Text {
            Err(cipher::Fault::Plain)
        } else if scalar.text.is_empty() {
            // An empty text is never encrypted.
            return Ok(());
        } else {
            let sealed =
                std::str::from_utf8(&scalar.text).map_err(|_| fault(cipher::Fault::Plain))?;
            cipher::open(sealed, self.key, &format!("{}:", self.path.join(":")))
        };
        let opened = opened.map_err(fault)?;
        if is_encrypted || !self.metadata.mac_only_encrypted {
            self.hash.update(&*opened.hashed);
        } else {
            self.uncovered.push(self.pointer());
        }
        *scalar = opened.scalar;
        Ok(())
    }

    fn pointer(&self) -> String {
        let escape = |part: &String| part.replace('~', "~0").replace('/', "~1");
        let parts: Vec<_> = self.path.iter().map(escape).collect();
        crate::secret::Name::new(format!("#/{}", parts.join("/"))).to_string()
    }
}
