//! CSV (RFC 4180) with a header of two columns, a name and a value.

use super::ImportError;
use crate::secret::{Name, SecretBuffer, Value};

/// The headers that are read, in any letter case.
const HEADERS: [[&str; 2]; 2] = [["name", "value"], ["key", "value"]];

pub(super) fn read(text: &str) -> Result<Vec<(Name, Value)>, ImportError> {
    let mut rows = Rows { rest: text, line: 1 };
    let header = rows.next_row()?.unwrap_or_default();
    let is_known = HEADERS.iter().any(|known| {
        header.len() == 2
            && header
                .iter()
                .zip(known)
                .all(|(field, known)| text_of(field).eq_ignore_ascii_case(known))
    });
    if !is_known {
        return Err(ImportError::at(1, "the header is not `name,value` or `Key,Value`"));
    }
    let mut secrets = Vec::new();
    loop {
        let line = rows.line;
        let Some(row) = rows.next_row()? else { return Ok(secrets) };
        match row.as_slice() {
            [name, value] => {
                secrets.push((Name::new(text_of(name)), Value::from(value.as_bytes())));
            }
            // An empty line.
            [only] if only.is_empty() => {}
            row => {
                return Err(ImportError::at(line, format!("it has {} columns, not 2", row.len())));
            }
        }
    }
}

fn text_of(field: &SecretBuffer) -> &str {
    str::from_utf8(field.as_bytes()).unwrap_or_default()
}

struct Rows<'t> {
    rest: &'t str,
    line: usize,
}

impl Rows<'_> {
    /// The fields of the next row; none at the end.
    fn next_row(&mut self) -> Result<Option<Vec<SecretBuffer>>, ImportError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            let line_end = ["\r\n", "\n"].iter().find_map(|end| self.rest.strip_prefix(end));
            match line_end {
                Some(rest) => {
                    self.line += 1;
                    self.rest = rest;
                }
                None if self.rest.is_empty() => {}
                None => {
                    return Err(ImportError::at(self.line, "there is text after a closing quote"));
                }
            }
            return Ok(Some(fields));
        }
    }

    fn field(&mut self) -> Result<SecretBuffer, ImportError> {
        let mut field = SecretBuffer::default();
        let Some(mut quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            let text =
                if rest.starts_with('\n') { text.strip_suffix('\r').unwrap_or(text) } else { text };
            if text.contains('"') {
                return Err(ImportError::at(self.line, "a quote is in a field without quotes"));
            }
            field.push(text);
            self.rest = self.rest.get(text.len()..).unwrap_or_default();
            return Ok(field);
        };
        let opened = self.line;
        loop {
            let Some((text, rest)) = quoted.split_once('"') else {
                return Err(ImportError::at(opened, "a quote is not closed"));
            };
            self.line += text.matches('\n').count();
            field.push(text);
            let Some(rest) = rest.strip_prefix('"') else {
                self.rest = rest;
                return Ok(field);
            };
            field.push("\"");
            quoted = rest;
        }
    }
}
