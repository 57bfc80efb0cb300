//! The environment block: what the command inherits, with the secrets laid over it. Pure; it knows
//! no source and starts nothing.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;

use zeroize::Zeroizing;

use crate::config::{Environment, Variable};
use crate::secret::Value;
use crate::sys::memory::Chunk;

/// What of the inherited environment reaches the command.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Inheritance<'a> {
    /// Whether an inherited variable reaches it at all.
    pub keeps: &'a dyn Fn(&str) -> bool,
    /// Whether the inherited value wins over a secret of the same name.
    pub preserves: &'a dyn Fn(&str) -> bool,
    /// Whether the variable is a credential of ours, which does not reach it.
    pub strips: &'a dyn Fn(&Variable) -> bool,
}

/// The variables of the command, and what became of those that it does not get.
#[derive(Debug, Default)]
pub struct Composition<'a> {
    /// Name and value of each, in the inherited order, then the secrets'.
    pub variables: Vec<(&'a OsStr, &'a Value)>,
    /// Names of inherited variables that are ours and were taken out.
    pub stripped: Vec<String>,
    /// Names whose inherited value a secret replaces.
    pub replaced: Vec<String>,
    /// Names of secrets that lost to the inherited value.
    pub preserved: Vec<String>,
}

/// Lays the secrets over what is inherited.
pub fn compose<'a>(
    inherited: &'a Environment,
    secrets: &[(&'a str, &'a Value)],
    inheritance: Inheritance<'_>,
) -> Composition<'a> {
    let mut composition = Composition::default();
    let is_secret = |name: &str| secrets.iter().any(|(secret, _)| *secret == name);
    for variable in inherited {
        let name = variable.name.to_string_lossy();
        if !(inheritance.keeps)(&name) {
            continue;
        }
        if (inheritance.strips)(variable) {
            composition.stripped.push(name.into_owned());
        } else if is_secret(&name) && !(inheritance.preserves)(&name) {
            composition.replaced.push(name.into_owned());
        } else {
            if is_secret(&name) {
                composition.preserved.push(name.into_owned());
            }
            composition.variables.push((&variable.name, &variable.value));
        }
    }
    for (name, value) in secrets {
        if !composition.preserved.iter().any(|preserved| preserved == name) {
            composition.variables.push((OsStr::new(*name), *value));
        }
    }
    composition
}

/// `NAME=VALUE` strings, as `execve(2)` takes them: those that hold a secret in memory that nobody else
/// may see, the inherited ones beside them. All of it is allocated once, never moves, and is wiped.
#[derive(Debug)]
pub struct Block {
    secret: Chunk,
    plain: Zeroizing<Vec<u8>>,
    strings: Vec<Place>,
}

/// Where a string is.
#[derive(Clone, Copy, Debug)]
struct Place {
    secret: bool,
    begin: usize,
    length: usize,
}

impl Block {
    /// Writes the variables for a command that takes our place.
    pub fn new(variables: &[(&OsStr, &Value)]) -> Self {
        Self::written(variables, Chunk::new)
    }

    /// Writes the variables for a command that becomes our child.
    pub fn for_child(variables: &[(&OsStr, &Value)]) -> Self {
        Self::written(variables, Chunk::kept_at_fork)
    }

    fn written(variables: &[(&OsStr, &Value)], room: impl FnOnce(usize) -> Chunk) -> Self {
        let sizes = |secret| {
            let kind = variables.iter().filter(move |(_, value)| value.is_protected() == secret);
            kind.map(|(name, value)| size(name, value)).sum()
        };
        let mut secret = room(sizes(true));
        let mut plain = Zeroizing::new(vec![0; sizes(false)]);
        let (mut of_secret, mut of_plain) = (0, 0);
        let mut strings = Vec::with_capacity(variables.len());
        for (name, value) in variables {
            let (text, used) = if value.is_protected() {
                (&mut secret[..], &mut of_secret)
            } else {
                (plain.as_mut_slice(), &mut of_plain)
            };
            let (begin, length) = (*used, size(name, value));
            *used += length;
            let mut rest = text.get_mut(begin..*used).unwrap_or_default();
            for part in [name.as_bytes(), b"=", value.expose(), b"\0"] {
                let (place, behind) = rest.split_at_mut(part.len());
                place.copy_from_slice(part);
                rest = behind;
            }
            strings.push(Place { secret: value.is_protected(), begin, length });
        }
        Self { secret, plain, strings }
    }

    /// The strings. One with a NUL byte inside is left out; the resolution refuses such secrets, and
    /// the kernel gives us no such variable.
    pub fn strings(&self) -> Vec<&CStr> {
        let string = |place: &Place| {
            let text = if place.secret { &self.secret[..] } else { &self.plain };
            CStr::from_bytes_with_nul(text.get(place.begin..place.begin + place.length)?).ok()
        };
        self.strings.iter().filter_map(string).collect()
    }
}

/// The bytes that one variable takes, its NUL included.
pub(super) fn size(name: &OsStr, value: &Value) -> usize {
    name.len() + value.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(
        secrets: &[(&'static str, &'static str)],
        rules: Inheritance<'_>,
    ) -> (Vec<String>, Vec<String>) {
        let inherited: Environment =
            [("PATH", "/bin"), ("TOKEN", "mine"), ("X", "inherited"), ("X", "again")]
                .into_iter()
                .collect();
        let values: Vec<(&str, Value)> =
            secrets.iter().map(|(name, value)| (*name, Value::from(*value))).collect();
        let secrets: Vec<(&str, &Value)> =
            values.iter().map(|(name, value)| (*name, value)).collect();
        let composition = compose(&inherited, &secrets, rules);
        let block = Block::new(&composition.variables);
        let for_child = Block::for_child(&composition.variables);
        assert_eq!(block.strings(), for_child.strings());
        let strings = block.strings().iter().map(|s| s.to_str().unwrap().to_owned()).collect();
        (strings, composition.stripped)
    }

    #[test]
    fn secrets_replace_what_is_inherited() {
        let rules = Inheritance { keeps: &|_| true, preserves: &|_| false, strips: &|_| false };
        let (strings, stripped) = composed(&[("X", "secret"), ("Y", "")], rules);
        assert_eq!(strings, ["PATH=/bin", "TOKEN=mine", "X=secret", "Y="]);
        assert_eq!(stripped, [""; 0]);
    }

    #[test]
    fn credentials_are_taken_out_and_preserved_values_win() {
        let rules = Inheritance {
            keeps: &|_| true,
            preserves: &|name| name == "X",
            strips: &|variable| variable.name == "TOKEN",
        };
        let (strings, stripped) = composed(&[("X", "secret")], rules);
        assert_eq!(strings, ["PATH=/bin", "X=inherited", "X=again"]);
        assert_eq!(stripped, ["TOKEN"]);
    }

    #[test]
    fn a_clean_environment_keeps_what_is_named() {
        let rules =
            Inheritance { keeps: &|name| name == "PATH", preserves: &|_| true, strips: &|_| false };
        let (strings, _) = composed(&[("X", "secret")], rules);
        assert_eq!(strings, ["PATH=/bin", "X=secret"]);
    }
}
