//! The environment block: what the command inherits, with the secrets laid over it. Pure; it knows
//! no source and starts nothing.

use std::ffi::CStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;

use zeroize::Zeroizing;

use crate::config::{Environment, Variable};
use crate::secret::Value;
use crate::sys::memory::ProtectedBytes;

/// What of the inherited environment reaches the command.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct InheritanceRules<'a> {
    /// Whether an inherited variable reaches it at all.
    pub keeps: &'a dyn Fn(&str) -> bool,
    /// Whether the inherited value wins over a secret of the same name.
    pub preserves: &'a dyn Fn(&str) -> bool,
}

/// The variables of the command, and what became of those that it does not get.
#[derive(Debug, Default)]
pub struct ComposedEnvironment {
    /// Those that it gets, in the inherited order, then the secrets.
    pub variables: Vec<Variable>,
    /// Names of inherited variables that are ours and were taken out.
    pub stripped: Vec<String>,
    /// Names whose inherited value a secret replaces.
    pub replaced: Vec<String>,
    /// Names of secrets that lost to the inherited value.
    pub preserved: Vec<String>,
}

/// Lays the secrets over what is inherited.
pub fn compose(
    inherited: Environment,
    secrets: Vec<(String, Value)>,
    inheritance: InheritanceRules<'_>,
) -> ComposedEnvironment {
    let mut composition = ComposedEnvironment::default();
    let withheld = inherited.withheld().iter().map(|name| name.to_string_lossy().into_owned());
    composition.stripped.extend(withheld.filter(|name| (inheritance.keeps)(name)));
    composition.variables.reserve_exact(inherited.len() + secrets.len());
    let is_secret = |name: &str| secrets.iter().any(|(secret, _)| *secret == name);
    for variable in inherited {
        let name = variable.name.to_string_lossy();
        if !(inheritance.keeps)(&name) {
            continue;
        }
        if is_secret(&name) && !(inheritance.preserves)(&name) {
            composition.replaced.push(name.into_owned());
        } else {
            if is_secret(&name) {
                composition.preserved.push(name.into_owned());
            }
            composition.variables.push(variable);
        }
    }
    for (name, value) in secrets {
        if !composition.preserved.contains(&name) {
            composition.variables.push(Variable { name: name.into(), value });
        }
    }
    composition
}

/// `NAME=VALUE` strings, as `execve(2)` takes them: those that hold a secret in memory that nobody else
/// may see, the inherited ones beside them. None of them moves, and all are wiped.
#[derive(Debug)]
pub struct EnvironmentBlock {
    strings: Vec<BlockString>,
    /// Where those are that a child is to see.
    shared: ProtectedBytes,
}

/// One string, with its NUL.
#[derive(Debug)]
enum BlockString {
    Inherited(Zeroizing<Vec<u8>>),
    Secret(ProtectedBytes),
    Shared(Range<usize>),
}

impl EnvironmentBlock {
    /// Writes the variables for a command that takes our place. Each is given up as soon as it is
    /// written, so that the next string has its room: hidden memory costs time by the page.
    pub fn new(variables: Vec<Variable>) -> Self {
        let text = |variable: Variable| {
            let mut text = if variable.value.is_protected() {
                BlockString::Secret(ProtectedBytes::new(size(&variable)))
            } else {
                BlockString::Inherited(Zeroizing::new(vec![0; size(&variable)]))
            };
            match &mut text {
                BlockString::Secret(room) => write(&variable, room),
                BlockString::Inherited(room) => write(&variable, room),
                BlockString::Shared(_) => {}
            }
            text
        };
        Self { strings: variables.into_iter().map(text).collect(), shared: ProtectedBytes::new(0) }
    }

    /// Writes the variables for a command that becomes our child, which sees them until its exec.
    pub fn for_child(variables: &[Variable]) -> Self {
        let mut shared = ProtectedBytes::inherited_by_child(variables.iter().map(size).sum());
        let mut end = 0;
        let text = |variable: &Variable| {
            let room = end..end + size(variable);
            end = room.end;
            write(variable, shared.get_mut(room.clone()).unwrap_or_default());
            BlockString::Shared(room)
        };
        Self { strings: variables.iter().map(text).collect(), shared }
    }

    /// The strings. One with a NUL byte inside is left out; the resolution refuses such secrets, and
    /// the kernel gives us no such variable.
    pub fn strings(&self) -> Vec<&CStr> {
        let bytes = self.strings.iter().filter_map(|text| match text {
            BlockString::Inherited(bytes) => Some(bytes.as_slice()),
            BlockString::Secret(bytes) => Some(&**bytes),
            BlockString::Shared(place) => self.shared.get(place.clone()),
        });
        bytes.filter_map(|bytes| CStr::from_bytes_with_nul(bytes).ok()).collect()
    }
}

/// Writes a variable into room of its size.
fn write(variable: &Variable, room: &mut [u8]) {
    let mut rest = room;
    for part in [variable.name.as_bytes(), b"=", variable.value.expose(), b"\0"] {
        let (place, behind) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = behind;
    }
}

/// The bytes that one variable takes, its NUL included.
pub(super) fn size(variable: &Variable) -> usize {
    variable.name.len() + variable.value.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(
        secrets: &[(&'static str, &'static str)],
        rules: InheritanceRules<'_>,
        withheld: &str,
    ) -> (Vec<String>, Vec<String>) {
        let mut inherited: Environment =
            [("PATH", "/bin"), ("TOKEN", "mine"), ("X", "inherited"), ("X", "again")]
                .into_iter()
                .collect();
        inherited.withhold(|variable| variable.name == withheld);
        let secrets =
            secrets.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect();
        let composition = compose(inherited, secrets, rules);
        let for_child = EnvironmentBlock::for_child(&composition.variables);
        let block = EnvironmentBlock::new(composition.variables);
        assert_eq!(block.strings(), for_child.strings());
        let strings = block.strings().iter().map(|s| s.to_str().unwrap().to_owned()).collect();
        (strings, composition.stripped)
    }

    #[test]
    fn secrets_replace_what_is_inherited() {
        let rules = InheritanceRules { keeps: &|_| true, preserves: &|_| false };
        let (strings, stripped) = composed(&[("X", "secret"), ("Y", "")], rules, "");
        assert_eq!(strings, ["PATH=/bin", "TOKEN=mine", "X=secret", "Y="]);
        assert_eq!(stripped, [""; 0]);
    }

    #[test]
    fn credentials_are_taken_out_and_preserved_values_win() {
        let rules = InheritanceRules { keeps: &|_| true, preserves: &|name| name == "X" };
        let (strings, stripped) = composed(&[("X", "secret")], rules, "TOKEN");
        assert_eq!(strings, ["PATH=/bin", "X=inherited"]);
        assert_eq!(stripped, ["TOKEN"]);
    }

    #[test]
    fn a_clean_environment_keeps_what_is_named() {
        let rules = InheritanceRules { keeps: &|name| name == "PATH", preserves: &|_| true };
        let (strings, _) = composed(&[("X", "secret")], rules, "");
        assert_eq!(strings, ["PATH=/bin", "X=secret"]);
    }
}
