//! The text armor of age files: base64 between two marker lines. Strict, so that a file has one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::Error;

/// The first line.
pub(super) const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";

/// The length of each line but the last.
const COLUMNS: usize = 64;

/// How much white space may stand around the armor, in bytes.
const MAX_SPACE: usize = 1024;

/// The binary file in an armor; `None` if there is no armor.
pub(super) fn remove(file: &[u8]) -> Option<Result<Vec<u8>, Error>> {
    let leading = file.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let rest = file.get(leading..)?;
    if !rest.starts_with(BEGIN.as_bytes()) {
        return None;
    }
    if leading > MAX_SPACE {
        return Some(Err(Error::Armor("too much white space before it")));
    }
    let decoded = std::str::from_utf8(rest).map_err(|_| Error::Armor("it is not text"));
    Some(decoded.and_then(decode))
}

fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if lines.next() != Some(BEGIN) {
        return Err(Error::Armor("there is text behind its first line"));
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut is_last = false;
    loop {
        let line = lines.next().ok_or(Error::Armor("its last line is missing"))?;
        if line == END {
            break;
        }
        if is_last || line.is_empty() || line.len() > COLUMNS {
            return Err(Error::Armor("its lines are not 64 characters long"));
        }
        is_last = line.len() < COLUMNS || line.ends_with('=');
        STANDARD.decode_vec(line, &mut bytes).map_err(|_| Error::Armor("it is not base64"))?;
    }
    let trailing: usize = lines.clone().map(|line| line.len() + 1).sum();
    if !lines.all(|line| line.trim_ascii().is_empty()) || trailing > MAX_SPACE {
        return Err(Error::Armor("there is text behind its last line"));
    }
    Ok(bytes)
}
