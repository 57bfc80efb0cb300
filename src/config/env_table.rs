//! `[env]` in `hushed.toml`: variables and where each comes from, as the file has it. What a reference means is not
//! known here.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::layer::Origin;

/// One variable of `[env]`.
#[derive(Clone, Debug)]
pub struct EnvEntry {
    /// The variable.
    pub name: String,
    /// Where it is set.
    pub origin: Origin,
    /// What it is.
    pub definition: EnvDefinition,
    /// The file to write it to, if the command is to get a file in place of a variable.
    pub file: Option<EnvFileDelivery>,
}

/// `deliver = "file"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFileDelivery {
    /// The variable that holds the path: `as`, or the name with `_FILE`.
    pub variable: String,
    /// The permissions of the file.
    pub mode: u32,
    /// Its owner, as `USER` or `USER:GROUP`, if another one than the user.
    pub owner: Option<String>,
}

impl EnvEntry {
    /// The texts in it that may be references.
    pub fn references(&self) -> Vec<&str> {
        match &self.definition {
            EnvDefinition::Text(text) | EnvDefinition::Reference { reference: text, .. } => {
                vec![text]
            }
            EnvDefinition::Literal(_) => Vec::new(),
            EnvDefinition::Template { inputs, .. } => {
                inputs.iter().map(|(_, reference)| reference.as_str()).collect()
            }
            EnvDefinition::Object { .. } => vec![&self.name],
        }
    }
}

/// The permissions of a file where `mode` says nothing.
const MODE: u32 = 0o400;

/// What a variable of `[env]` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvDefinition {
    /// `NAME = "…"`: a reference, or text that is no reference.
    Text(String),
    /// `{ value = "…" }`: text, whatever it looks like.
    Literal(String),
    /// `{ ref = "…" }`.
    Reference {
        /// The reference.
        reference: String,
        /// Whether it must exist.
        required: bool,
        /// The value if it does not exist.
        default: Option<String>,
    },
    /// `{ template = "…", NAME = "reference" }`.
    Template {
        /// The template.
        template: String,
        /// The references that it uses, by their names in it.
        inputs: Vec<(String, String)>,
    },
    /// `[env.from."reference"]`: the variables of an object. The name of the entry is the reference.
    Object {
        /// What the object is.
        shape: Option<String>,
        /// What the variables' names begin with.
        prefix: Option<String>,
        /// Variables with other names.
        rename: Vec<(String, String)>,
        /// Whether it must exist.
        required: bool,
    },
}

/// The shape whose variables are files.
const FILES_SHAPE: &str = "tls";

/// The table in `[env]` of objects whose keys become variables.
pub(super) const FROM: &str = "from";

/// Reads the table behind `[env.from."reference"]`.
pub(super) fn object(
    value: &Spanned<DeValue<'_>>,
) -> Result<(EnvDefinition, Option<EnvFileDelivery>), Fault> {
    let at = value.span().start;
    let DeValue::Table(table) = value.get_ref() else {
        return Err((at, "a table: [env.from.\"SOURCE://PATH\"]"));
    };
    let known = ["shape", "prefix", "rename", "required", "mode", "owner"];
    if let Some((name, _)) = table.iter().find(|(name, _)| !known.contains(&&**name.get_ref())) {
        let wanted = "a table with `shape`, `prefix`, `rename`, `required`, `mode` or `owner`";
        return Err((name.span().start, wanted));
    }
    let fields = Fields { table, at };
    let (shape, mode, owner) = (fields.text("shape")?, fields.mode()?, fields.text("owner")?);
    if shape.as_deref() != Some(FILES_SHAPE) && (mode.is_some() || owner.is_some()) {
        return Err((at, "a table in which `mode` and `owner` stand beside `shape = \"tls\"`"));
    }
    let rename = match table.get("rename") {
        None => Vec::new(),
        Some(value) => match value.get_ref() {
            DeValue::Table(table) => Fields { table, at: value.span().start }.texts(|_| true)?,
            _ => return Err((value.span().start, "a table, such as { A = \"B\" }")),
        },
    };
    let prefix = fields.text("prefix")?;
    let required = fields.switch("required")?.unwrap_or(true);
    let file = EnvFileDelivery { variable: String::new(), mode: mode.unwrap_or(MODE), owner };
    Ok((EnvDefinition::Object { shape, prefix, rename, required }, Some(file)))
}

/// Keys of a variable's table that are no names of a template's references.
const KEYS: [&str; 9] =
    ["ref", "value", "template", "required", "default", "deliver", "as", "mode", "owner"];

/// Reads what stands behind `NAME =`; an error is its place in the text and what it should be.
pub(super) fn definition(
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<(EnvDefinition, Option<EnvFileDelivery>), Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok((EnvDefinition::Text(text.to_string()), None)),
        DeValue::Table(table) => {
            let fields = Fields { table, at: value.span().start };
            Ok((fields.definition()?, fields.file(name)?))
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
            Err((value.span().start, "text in quotes, as variables have no other type"))
        }
        _ => Err((value.span().start, "a string, or a table with `ref`, `value` or `template`")),
    }
}

/// A place in the text, and what should be there.
pub(super) type Fault = (usize, &'static str);

/// The table of one variable.
struct Fields<'t> {
    table: &'t DeTable<'t>,
    at: usize,
}

impl Fields<'_> {
    fn definition(&self) -> Result<EnvDefinition, Fault> {
        let [reference, value, template] = ["ref", "value", "template"].map(|key| self.text(key));
        let (reference, value, template) = (reference?, value?, template?);
        let (required, default) = (self.switch("required")?, self.text("default")?);
        let inputs = self.inputs()?;
        let is_optional = required.is_some() || default.is_some();
        match (reference, value, template) {
            (Some(_), None, None) | (None, Some(_), None) if !inputs.is_empty() => {
                Err((self.at, "a table whose names beside `ref` are `required` or `default`"))
            }
            (None, Some(_), None) | (None, None, Some(_)) if is_optional => {
                Err((self.at, "a table in which `required` or `default` stand beside `ref` alone"))
            }
            (Some(reference), None, None) => Ok(EnvDefinition::Reference {
                reference,
                required: required.unwrap_or(true),
                default,
            }),
            (None, Some(value), None) => Ok(EnvDefinition::Literal(value)),
            (None, None, Some(template)) => Ok(EnvDefinition::Template { template, inputs }),
            _ => Err((self.at, "a table with one of `ref`, `value` and `template`")),
        }
    }

    /// How it is delivered, if as a file.
    fn file(&self, name: &str) -> Result<Option<EnvFileDelivery>, Fault> {
        let (variable, mode, owner) = (self.text("as")?, self.mode()?, self.text("owner")?);
        match self.text("deliver")?.as_deref() {
            Some("file") => {}
            None | Some("variable") if variable.is_none() && mode.is_none() && owner.is_none() => {
                return Ok(None);
            }
            None | Some("variable") => {
                return Err((
                    self.at,
                    "a table in which `as`, `mode` and `owner` stand beside `deliver = \"file\"`",
                ));
            }
            Some(_) => {
                return Err((self.at, "a table in which `deliver` is \"variable\" or \"file\""));
            }
        }
        let variable = variable.unwrap_or_else(|| format!("{name}_FILE"));
        Ok(Some(EnvFileDelivery { variable, mode: mode.unwrap_or(MODE), owner }))
    }

    /// The permissions of a file.
    fn mode(&self) -> Result<Option<u32>, Fault> {
        let wanted = "a table in which `mode` is octal, such as \"0440\", and lets the owner read";
        let parse = |text: String| {
            let mode = u32::from_str_radix(&text, 8).ok();
            mode.filter(|mode| mode & !0o777 == 0 && mode & 0o400 != 0).ok_or((self.at, wanted))
        };
        self.text("mode")?.map(parse).transpose()
    }

    fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        match self.table.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some(text.to_string())),
                _ => Err((value.span().start, "a string")),
            },
        }
    }

    fn switch(&self, key: &str) -> Result<Option<bool>, Fault> {
        match self.table.get(key).map(|value| (value.get_ref(), value.span().start)) {
            None => Ok(None),
            Some((DeValue::Boolean(switch), _)) => Ok(Some(*switch)),
            Some((_, at)) => Err((at, "true or false")),
        }
    }

    /// All other keys: the references of a template.
    fn inputs(&self) -> Result<Vec<(String, String)>, Fault> {
        self.texts(|name| !KEYS.contains(&name))
    }

    /// The texts of these keys.
    fn texts(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>, Fault> {
        let found = self.table.iter().filter(|(name, _)| wanted(name.get_ref()));
        found
            .map(|(name, value)| match value.get_ref() {
                DeValue::String(text) => Ok((name.get_ref().to_string(), text.to_string())),
                _ => Err((value.span().start, "a table of strings")),
            })
            .collect()
    }
}
