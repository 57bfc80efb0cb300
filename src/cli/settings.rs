//! The flags of settings: generates clap arguments from the configuration schema, and turns parsed
//! values into a settings layer.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::config::schema::{self, SettingKey, ValueKind};
use crate::config::{Layer, Origin, RawValue, parse_switch, split_assignment};
use crate::provider::registry::STORES;
use crate::secret::Value;
use crate::sys::argv_environ::overwrite_argument;

/// Settings that share a heading in the help text.
type Group = (Option<&'static str>, Vec<&'static SettingKey>);

/// A set of flags that several commands share.
pub trait FlagSet: 'static {
    /// Its settings, in the order of the help text.
    fn groups() -> Vec<Group>;
}

/// The flags of sources, for every command that reads secrets.
#[derive(Debug, Default)]
pub struct Sources;

impl FlagSet for Sources {
    fn groups() -> Vec<Group> {
        let mut groups: Vec<Group> = vec![(
            Some("Sources"),
            vec![&schema::SOURCE, &schema::ENV_FILE, &schema::ENV_FILE_DIALECT, &schema::SET],
        )];
        for (store, files) in STORES.iter().map(|store| (store.schema(), store.file_flags())) {
            let credentials = store.credentials.iter().filter_map(|credential| credential.direct);
            let mut keys: Vec<&'static SettingKey> = Vec::new();
            for key in files.iter().chain(store.keys).copied().chain(credentials) {
                let is_shared = [NETWORK, schema::CACHING].iter().any(|shared| has(shared, key));
                if key.flag.is_some() && !is_shared && !has(&keys, key) {
                    keys.push(key);
                }
            }
            groups.push((Some(store.heading), keys));
        }
        groups.push((Some("Login and network"), NETWORK.to_vec()));
        groups.push((Some("Cache"), schema::CACHING.to_vec()));
        groups
    }
}

/// Settings of every store that connects to a server.
const NETWORK: &[&SettingKey] = &[
    &schema::CA_FILE,
    &schema::INSECURE_HTTP,
    &schema::REVOKE_TOKEN,
    &schema::TIMEOUT,
    &schema::SPREAD,
    &schema::ALLOW_EMPTY,
];

fn has(keys: &[&'static SettingKey], key: &SettingKey) -> bool {
    keys.iter().any(|known| std::ptr::eq(*known, key))
}

macro_rules! flag_sets {
    ($($(#[doc = $doc:literal])* $name:ident, $heading:expr, [$($key:ident),*];)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Default)]
            pub struct $name;

            impl FlagSet for $name {
                fn groups() -> Vec<Group> {
                    vec![($heading, vec![$(&schema::$key),*])]
                }
            }
        )*
    };
}

flag_sets! {
    /// How secrets become variables.
    Environment, Some("Environment of the command"), [
        REFERENCES, ONLY, EXCLUDE, PREFIX, RENAME, TRANSFORM, REQUIRE, PRESERVE_ENV, CLEAN_ENV, KEEP,
        ALLOW_RESERVED, PASS_CREDENTIALS
    ];
    /// How the fetch is confined.
    Confinement, None, [DISK_FREE];
    /// How the command is supervised.
    Supervision, Some("Supervision"), [REDACT, INIT, KILL_AFTER, TERMINAL, SECRET_FILES];
    /// What is redacted.
    Redaction, Some("Redaction"), [
        NO_REDACT, REDACT_NAME, REDACT_VALUE_OF, REDACT_ALL, REDACT_INHERITED, REDACT_MIN,
        REDACT_ENCODINGS, REDACT_LABEL, REDACT_REPORT
    ];
}

/// The parsed flags of a set, as a settings layer.
pub struct SettingFlags<S> {
    layer: RefCell<Layer>,
    set: PhantomData<S>,
}

impl<S> SettingFlags<S> {
    /// Takes the layer out, so that only one copy of a secret exists.
    pub fn take(&self) -> Layer {
        self.layer.take()
    }

    /// Defines the flags for which `is_wanted` is true.
    pub(super) fn augment_with(command: Command, is_wanted: impl Fn(&SettingKey) -> bool) -> Command
    where
        S: FlagSet,
    {
        let mut groups = S::groups();
        for (_, keys) in &mut groups {
            keys.retain(|key| is_wanted(key));
        }
        // clap panics if `conflicts_with` names an undefined argument.
        let is_defined =
            |name: &str| groups.iter().flat_map(|(_, keys)| keys).any(|key| key.name == name);
        let args = groups.iter().flat_map(|(heading, keys)| {
            let args = keys.iter().filter_map(|key| arg(key, &is_defined));
            args.map(|arg| arg.help_heading(*heading))
        });
        command.args(args)
    }

    /// Whether the flag of this setting was passed.
    pub fn has(&self, key: &'static SettingKey) -> bool {
        self.layer.borrow().get(key).is_some()
    }
}

impl<S> Default for SettingFlags<S> {
    fn default() -> Self {
        Self { layer: RefCell::default(), set: PhantomData }
    }
}

impl<S> fmt::Debug for SettingFlags<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layer.borrow().fmt(f)
    }
}

impl<S: FlagSet> Args for SettingFlags<S> {
    fn augment_args(command: Command) -> Command {
        Self::augment_with(command, |_| true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<S: FlagSet> FromArgMatches for SettingFlags<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for key in S::groups().into_iter().flat_map(|(_, keys)| keys) {
            if let Some(value) = value(key, matches) {
                self.layer.get_mut().push(key, value, Origin::flag(key));
            }
        }
        Ok(())
    }
}

/// How an option takes its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    /// It takes none.
    Never,
    /// Only after `=`, and it may be absent.
    Optional,
    /// After `=`, or as the next argument.
    Required,
}

/// Every setting that has a flag of some command.
pub(super) fn all_settings() -> impl Iterator<Item = &'static SettingKey> {
    let sets = [
        Sources::groups(),
        Environment::groups(),
        Confinement::groups(),
        Supervision::groups(),
        Redaction::groups(),
    ];
    sets.into_iter().flatten().flat_map(|(_, keys)| keys)
}

/// Whether this is the flag of a setting, in its long or short form, without a value.
pub(super) fn is_flag_of(key: &SettingKey, option: &str) -> bool {
    let Some(flag) = key.flag else { return false };
    let Some(name) = option.strip_prefix("--") else {
        let mut chars = option.strip_prefix('-').unwrap_or_default().chars();
        return flag.short.is_some() && chars.next() == flag.short && chars.next().is_none();
    };
    option == flag.long || [flag.alias, flag.visible_alias].contains(&Some(name))
}

/// How the flag of a setting takes its value; `None` if no setting has this flag.
pub(super) fn setting_arity(option: &str) -> Option<Arity> {
    let key = all_settings().find(|key| is_flag_of(key, option))?;
    Some(match key.kind {
        ValueKind::Switch | ValueKind::SwitchOrText | ValueKind::SwitchOrList => Arity::Optional,
        _ => Arity::Required,
    })
}

/// Defines the flag of a setting.
fn arg(key: &'static SettingKey, is_defined: &dyn Fn(&str) -> bool) -> Option<Arg> {
    let flag = key.flag?;
    let mut arg = Arg::new(key.name)
        .long(flag.long.trim_start_matches("--"))
        .value_name(flag.value_name)
        .help(flag.help);
    arg = match key.kind {
        ValueKind::Text | ValueKind::Path => arg.overrides_with(key.name),
        ValueKind::Secret => arg.value_parser(value_parser!(Secret)).overrides_with(key.name),
        ValueKind::Switch => optional(arg.value_parser(switch)).overrides_with(key.name),
        ValueKind::SwitchOrText => optional(arg).overrides_with(key.name),
        ValueKind::SwitchOrList => optional(arg).action(ArgAction::Append),
        ValueKind::List | ValueKind::Paths => arg.action(ArgAction::Append),
        ValueKind::Map => arg.action(ArgAction::Append).value_parser(assignment),
    };
    if let Some(short) = flag.short {
        arg = arg.short(short);
    }
    if let Some(alias) = flag.alias {
        arg = arg.alias(alias);
    }
    if let Some(alias) = flag.visible_alias {
        arg = arg.visible_alias(alias);
    }
    if flag.commas {
        arg = arg.value_delimiter(',');
    }
    if let Some(other) = flag.conflicts_with.filter(|other| is_defined(other)) {
        arg = arg.conflicts_with(other);
    }
    Some(arg)
}

/// Makes the value of a flag optional.
fn optional(arg: Arg) -> Arg {
    arg.num_args(0..=1).require_equals(true).default_missing_value("true")
}

fn switch(text: &str) -> Result<bool, &'static str> {
    parse_switch(text).ok_or("expected true or false")
}

fn assignment(text: &str) -> Result<(String, String), &'static str> {
    split_assignment(text).ok_or("expected A=B")
}

/// The parsed value of a setting's flag; `None` if it was not passed or is not defined.
fn value(key: &'static SettingKey, matches: &ArgMatches) -> Option<RawValue> {
    let one = || matches.try_get_one::<String>(key.name).ok()?.cloned();
    let many = || -> Option<Vec<String>> {
        Some(matches.try_get_many::<String>(key.name).ok()??.cloned().collect())
    };
    match key.kind {
        ValueKind::Text | ValueKind::Path => one().map(RawValue::Text),
        ValueKind::Secret => {
            let secret = matches.try_get_one::<Secret>(key.name).ok()??;
            Some(RawValue::Secret(secret.take()))
        }
        ValueKind::Switch => Some(RawValue::Switch(*matches.try_get_one(key.name).ok()??)),
        ValueKind::SwitchOrText => {
            one().map(|text| parse_switch(&text).map_or(RawValue::Text(text), RawValue::Switch))
        }
        ValueKind::SwitchOrList => many().map(|list| match list.as_slice() {
            [word] => {
                parse_switch(word).map_or_else(|| RawValue::List(list.clone()), RawValue::Switch)
            }
            _ => RawValue::List(list),
        }),
        ValueKind::List | ValueKind::Paths => many().map(RawValue::List),
        ValueKind::Map => {
            Some(RawValue::Map(matches.try_get_many(key.name).ok()??.cloned().collect()))
        }
    }
}

/// A secret from the command line. Its `Debug` output hides the value.
#[derive(Clone)]
struct Secret(Arc<Mutex<String>>);

impl Secret {
    /// Takes the secret out and overwrites the argument, so that `ps` no longer shows it.
    fn take(&self) -> Value {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = Value::from(std::mem::take(&mut *text));
        overwrite_argument(value.expose());
        value
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Mutex::new(text)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    #[test]
    fn a_credential_and_its_file_conflict() {
        for one in ["token", "client-id", "client-secret", "machine-identity-id", "jwt"] {
            let (one, other) = (format!("--{one}=x"), format!("--{one}-file=y"));
            let arguments = ["hushed", "run", &one, &other, "true"].map(OsString::from);
            let error = super::super::parse(&arguments).unwrap_err().to_string();
            assert!(error.contains("cannot be used with"), "{one} {error}");
        }
    }
}
