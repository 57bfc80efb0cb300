//! The rules of inheritance, from settings to the questions that `deliver` asks.

use subtle::ConstantTimeEq as _;

use crate::config::{Environment, InheritSettings, PreserveSetting};
use crate::deliver::environment::Inheritance;
use crate::resolve::Globs;
use crate::secret::Value;

type Asks<'a> = Box<dyn Fn(&str) -> bool + 'a>;

/// The rules, compiled.
pub(super) struct Rules<'a> {
    keeps: Asks<'a>,
    preserves: Asks<'a>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(inherit: &'a InheritSettings) -> Self {
        let keep = Globs::new(&inherit.keep);
        Self {
            keeps: Box::new(move |name| !inherit.clean || keep.matches(name)),
            preserves: Box::new(|name| match &inherit.preserve {
                PreserveSetting::None => false,
                PreserveSetting::All => true,
                PreserveSetting::Names(names) => names.iter().any(|preserved| preserved == name),
            }),
        }
    }

    pub(super) fn as_ref(&self) -> Inheritance<'_> {
        Inheritance { keeps: &self.keeps, preserves: &self.preserves }
    }
}

/// Forgets the credentials in our own environment, unless the command is to have them. The settings have
/// those that are in use.
pub(super) fn withhold(environment: &mut Environment, inherit: &InheritSettings) {
    if inherit.pass_credentials {
        return;
    }
    environment.withhold(|variable| {
        let named = || inherit.credential_names.iter().any(|name| variable.name == name.as_str());
        named() || inherit.credentials.iter().any(|value| is_copy(value, &variable.value))
    });
}

/// Whether both hold one credential. Blanks around it are not sent, so a copy is one with and without
/// them.
fn is_copy(credential: &Value, value: &Value) -> bool {
    let credential = credential.expose().trim_ascii();
    !credential.is_empty() && credential.ct_eq(value.expose().trim_ascii()).into()
}
