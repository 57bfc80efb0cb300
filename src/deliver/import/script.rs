//! Scripts of shells that consist of assignments in literal quotes. Whatever a shell would expand or run is refused.

use super::ImportError;
use crate::secret::{Name, SecretBuffer, Value};

/// How a shell writes an assignment and its quotes.
pub(super) struct Shell {
    /// What comes before the name.
    keyword: &'static str,
    /// Whether the keyword may be missing.
    is_optional: bool,
    /// What comes between name and value.
    separator: &'static str,
    /// Reads the value up to the end of the line.
    value: fn(&mut Script<'_>) -> Result<Value, &'static str>,
}

pub(super) static SHELL: Shell =
    Shell { keyword: "export ", is_optional: true, separator: "=", value: shell_value };

pub(super) static FISH: Shell =
    Shell { keyword: "set -gx ", is_optional: false, separator: " ", value: fish_value };

pub(super) static POWERSHELL: Shell =
    Shell { keyword: "$env:", is_optional: false, separator: " = ", value: powershell_value };

const EXPANDED: &str = "a shell would expand this value; hushed reads quoted text only";
const UNCLOSED: &str = "a quote is not closed";

pub(super) struct Script<'t> {
    rest: &'t [u8],
}

impl<'t> Script<'t> {
    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take_while(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'t [u8] {
        let end = self.rest.iter().position(|byte| !is_wanted(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes up to a byte, and passes it.
    fn take_to(&mut self, end: u8) -> Result<&'t [u8], &'static str> {
        let taken = self.take_while(|byte| byte != end);
        self.next().map(|_| taken).ok_or(UNCLOSED)
    }
}

pub(super) fn read(shell: &Shell, text: &[u8]) -> Result<Vec<(Name, Value)>, ImportError> {
    let mut script = Script { rest: text };
    let mut secrets = Vec::new();
    loop {
        script.take_while(|byte| byte.is_ascii_whitespace());
        if script.rest.is_empty() {
            return Ok(secrets);
        }
        if script.take("#") {
            script.take_while(|byte| byte != b'\n');
            continue;
        }
        let passed = text.len() - script.rest.len();
        let before = text.get(..passed).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        secrets.push(assignment(shell, &mut script).map_err(|what| ImportError::at(line, what))?);
    }
}

fn assignment(shell: &Shell, script: &mut Script<'_>) -> Result<(Name, Value), &'static str> {
    const EXPECTED: &str = "this is not an assignment of a variable";
    if !script.take(shell.keyword) && !shell.is_optional {
        return Err(EXPECTED);
    }
    let name = script.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let name = str::from_utf8(name).unwrap_or_default();
    if name.is_empty()
        || name.starts_with(|c: char| c.is_ascii_digit())
        || !script.take(shell.separator)
    {
        return Err(EXPECTED);
    }
    let value = (shell.value)(script)?;
    script.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    if script.rest.first().is_some_and(|byte| !matches!(byte, b'\n' | b';')) {
        return Err(EXPANDED);
    }
    script.take(";");
    Ok((Name::new(name), value))
}

/// Pieces in quotes, and bare characters that mean nothing to a shell.
fn shell_value(script: &mut Script<'_>) -> Result<Value, &'static str> {
    let mut value = SecretBuffer::default();
    loop {
        if script.take("'") {
            value.push(script.take_to(b'\'')?);
        } else if script.take("\"") {
            loop {
                match script.next().ok_or(UNCLOSED)? {
                    b'"' => break,
                    b'$' | b'`' => return Err(EXPANDED),
                    b'\\' => match script.next().ok_or(UNCLOSED)? {
                        byte @ (b'"' | b'\\' | b'$' | b'`') => value.push([byte]),
                        b'\n' => {}
                        byte => value.push([b'\\', byte]),
                    },
                    byte => value.push([byte]),
                }
            }
        } else if script.take("\\") {
            value.push([script.next().filter(|byte| *byte != b'\n').ok_or(EXPANDED)?]);
        } else {
            let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte);
            let bare = script.take_while(is_bare);
            if bare.is_empty() {
                return Ok(Value::from(value.as_bytes()));
            }
            value.push(bare);
        }
    }
}

fn fish_value(script: &mut Script<'_>) -> Result<Value, &'static str> {
    if !script.take("'") {
        return Err(EXPANDED);
    }
    let mut value = SecretBuffer::default();
    loop {
        match script.next().ok_or(UNCLOSED)? {
            b'\'' => return Ok(Value::from(value.as_bytes())),
            b'\\' => match script.next().ok_or(UNCLOSED)? {
                byte @ (b'\'' | b'\\') => value.push([byte]),
                byte => value.push([b'\\', byte]),
            },
            byte => value.push([byte]),
        }
    }
}

/// In PowerShell, each of these closes a string, unless it is doubled: then the second one stands for itself.
const POWERSHELL_QUOTES: [&str; 5] = ["'", "\u{2018}", "\u{2019}", "\u{201a}", "\u{201b}"];

fn powershell_value(script: &mut Script<'_>) -> Result<Value, &'static str> {
    if !script.take("'") {
        return Err(EXPANDED);
    }
    let mut value = SecretBuffer::default();
    let quote = |script: &mut Script<'_>| POWERSHELL_QUOTES.into_iter().find(|it| script.take(it));
    loop {
        if quote(script).is_some() {
            match quote(script) {
                Some(doubled) => value.push(doubled),
                None => return Ok(Value::from(value.as_bytes())),
            }
        } else {
            value.push([script.next().ok_or(UNCLOSED)?]);
        }
    }
}
