//! Dotenv files as sops reads them: `NAME=VALUE` with nothing trimmed, no quotes, `\n` for a newline, and `#`
//! for a comment as the first byte of a line.

use crate::provider::document::{Item, Node, ParseError};

/// Parses a file.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Item>, ParseError> {
    let mut items = Vec::new();
    let mut comments = Vec::new();
    for (line, content) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        match content {
            [] => {}
            [b'#', comment @ ..] => comments.push(String::from_utf8_lossy(comment).into_owned()),
            _ => {
                let end = content.iter().position(|&byte| byte == b'=');
                let end = end.ok_or_else(|| ParseError::new(line, "a line without `=`"))?;
                let (name, value) = content.split_at(end);
                let key = std::str::from_utf8(name);
                let key = key.map_err(|_| ParseError::new(line, "a name that is not UTF-8"))?;
                let node = Node::text(&unescape(value.get(1..).unwrap_or_default()));
                let comments = std::mem::take(&mut comments);
                items.push(Item { key: key.to_owned(), line, comments, node });
            }
        }
    }
    Ok(items)
}

/// Replaces each `\n` by a newline.
pub(super) fn unescape(value: &[u8]) -> zeroize::Zeroizing<Vec<u8>> {
    let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        if let (b'\\', Some(after)) = (byte, after.strip_prefix(b"n")) {
            plain.push(b'\n');
            rest = after;
        } else {
            plain.push(byte);
            rest = after;
        }
    }
    plain
}
