//! The rules of inheritance, from settings to the questions that `deliver` asks.

use subtle::ConstantTimeEq as _;

use crate::config::{Inherit, Preserve, Variable};
use crate::deliver::environment::Inheritance;
use crate::resolve::Globs;
use crate::secret::Value;

type Asks<'a> = Box<dyn Fn(&str) -> bool + 'a>;

/// The rules, compiled.
pub(super) struct Rules<'a> {
    keeps: Asks<'a>,
    preserves: Asks<'a>,
    strips: Box<dyn Fn(&Variable) -> bool + 'a>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(inherit: &'a Inherit) -> Self {
        let keep = Globs::new(&inherit.keep);
        Self {
            keeps: Box::new(move |name| !inherit.clean || keep.matches(name)),
            preserves: Box::new(|name| match &inherit.preserve {
                Preserve::None => false,
                Preserve::All => true,
                Preserve::Names(names) => names.iter().any(|preserved| preserved == name),
            }),
            strips: Box::new(move |variable| {
                let named =
                    || inherit.credential_names.iter().any(|name| variable.name == name.as_str());
                let holds =
                    || inherit.credentials.iter().any(|value| is_copy(value, &variable.value));
                !inherit.pass_credentials && (named() || holds())
            }),
        }
    }

    pub(super) fn as_ref(&self) -> Inheritance<'_> {
        Inheritance { keeps: &self.keeps, preserves: &self.preserves, strips: &self.strips }
    }
}

/// Whether both hold one credential. Blanks around it are not sent, so a copy is one with and without
/// them.
fn is_copy(credential: &Value, value: &Value) -> bool {
    let credential = credential.expose().trim_ascii();
    !credential.is_empty() && credential.ct_eq(value.expose().trim_ascii()).into()
}
