//! Tables of the crate as Markdown: the settings, the credentials, the environment variables, the exit
//! statuses and the reserved names.

use std::fmt::Write as _;

use hushed::{
    config::schema::{self, CACHE_PASSPHRASE, CredentialKey, RUN, SettingKey, ValueKind},
    exit,
    provider::registry::STORES,
    resolve,
};

/// Lists every setting of the configuration once.
pub(super) fn keys() -> Vec<&'static SettingKey> {
    let mut keys: Vec<&SettingKey> = Vec::new();
    for key in RUN.iter().chain(STORES.iter().flat_map(|store| store.schema().keys)) {
        if !keys.iter().any(|known| std::ptr::eq(*known, *key)) {
            keys.push(key);
        }
    }
    keys
}

/// Lists every credential once, the passphrase of the cache last.
pub(super) fn credential_keys() -> Vec<&'static CredentialKey> {
    let mut keys: Vec<&CredentialKey> = Vec::new();
    for key in STORES.iter().flat_map(|store| store.schema().credentials) {
        if !keys.iter().any(|known| std::ptr::eq(*known, *key)) {
            keys.push(key);
        }
    }
    keys.retain(|key| !std::ptr::eq(*key, &raw const CACHE_PASSPHRASE));
    keys.push(&CACHE_PASSPHRASE);
    keys
}

/// The options for a credential: its own and that of its file.
pub(super) fn credential_flags(credential: &CredentialKey) -> Vec<&'static str> {
    let direct = credential.direct.and_then(SettingKey::flag_name);
    direct.into_iter().chain(credential.file.flag_name()).collect()
}

/// The sections of hushed.toml, each with a table of its keys. A type of source only names the keys that it
/// shares with `[run]`, or with two or more other types: those are described once.
pub(super) fn sections() -> String {
    let schemas: Vec<_> = STORES.iter().map(|store| store.schema()).collect();
    let sections = schema::sections(&schemas);
    let has =
        |keys: &[&SettingKey], key: &SettingKey| keys.iter().any(|known| std::ptr::eq(*known, key));
    let uses = |key: &SettingKey| sections.iter().filter(|section| has(&section.keys, key)).count();
    let mut text = String::new();
    let mut shared: Vec<&SettingKey> = Vec::new();
    for section in &sections {
        let is_source = section.heading.starts_with("[source.");
        let keys = section.keys.iter().copied().filter(|key| key.name != "type");
        let (own, others): (Vec<&SettingKey>, Vec<&SettingKey>) =
            keys.partition(|key| !is_source || (uses(key) <= 2 && !has(RUN, key)));
        let _ = writeln!(text, "### {}\n\n{}\n\n{}", section.heading, section.doc, table(&own));
        if !others.is_empty() {
            let names: Vec<_> = others.iter().map(|key| key.name).collect();
            let _ = writeln!(text, "Keys that other sections describe: {}.\n", list(&names));
        }
        for key in others {
            shared.extend((!has(RUN, key) && !has(&shared, key)).then_some(key));
        }
    }
    if !shared.is_empty() {
        let _ = writeln!(text, "### Keys of several types of source\n\n{}", table(&shared));
    }
    text
}

fn table(keys: &[&SettingKey]) -> String {
    let row = |key: &&SettingKey| {
        let doc = key.doc.replace('|', r"\|");
        format!("| `{}` ({}) | {doc}{} |\n", key.name, kind(key.kind), also(key))
    };
    let rows = keys.iter().map(row).collect::<Vec<_>>().concat();
    format!("| key | meaning |\n|---|---|\n{rows}")
}

fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Secret => "string",
        ValueKind::Path => "path",
        ValueKind::Switch => "boolean",
        ValueKind::List => "string or list",
        ValueKind::Paths => "path or list",
        ValueKind::Map => "table",
        ValueKind::SwitchOrList => "boolean or list",
        ValueKind::SwitchOrText => "boolean or string",
    }
}

/// The option and the variables of a setting.
fn also(key: &SettingKey) -> String {
    let flag = key.flag_name().map(|flag| format!(" Option: `{flag}`."));
    let variables = match key.variables {
        [] => String::new(),
        [one] => format!(" Variable: `{one}`."),
        many => format!(" Variables: {}.", list(many)),
    };
    flag.unwrap_or_default() + &variables
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The credentials, each with every place that can hold it.
pub(super) fn credentials() -> String {
    let mut text = String::from("| credential | where to set it |\n|---|---|\n");
    for credential in credential_keys() {
        let secret = if credential.secret { "" } else { " (not secret)" };
        let options = match credential_flags(credential).as_slice() {
            [] => String::new(),
            [one] => format!("Option: `{one}`. "),
            many => format!("Options: {}. ", list(many)),
        };
        let _ = writeln!(
            text,
            "| {}{secret} | {options}Variables: {}. systemd credential: `{}`. Key for its file: `{}`. |",
            credential.what,
            list(credential.variables),
            credential.systemd,
            credential.file.name
        );
    }
    text
}

/// The environment variables of settings, each with the option of the same meaning.
pub(super) fn setting_variables() -> String {
    let mut text = String::from("| variable | option |\n|---|---|\n");
    for key in keys().into_iter().filter(|key| !key.variables.is_empty()) {
        let option = key.flag_name().unwrap_or(key.name);
        for variable in key.variables {
            let _ = writeln!(text, "| `{variable}` | `{option}` |");
        }
    }
    text
}

/// The environment variables of credentials.
pub(super) fn credential_variables() -> String {
    let mut text = String::from("| variable | credential |\n|---|---|\n");
    for credential in credential_keys() {
        for variable in credential.variables {
            let _ = writeln!(text, "| `{variable}` | {} |", credential.what);
        }
    }
    text
}

/// The reserved names, grouped by the programs that use them.
pub(super) fn reserved() -> String {
    let mut text = String::new();
    for group in resolve::RESERVED_NAMES {
        let _ = writeln!(text, "Each of these {}:\n\n> {}\n", group.reason, list(group.names));
    }
    text
}

/// The exit statuses: all, or those of some commands.
pub(super) fn exit_codes(codes: Codes) -> String {
    let mut text = String::from("| status | meaning |\n|---|---|\n");
    for row in exit::TABLE {
        let is_run = ["125", "126", "127", "other"].contains(&row.code);
        let meaning = match codes {
            Codes::All => row.meaning.to_owned(),
            Codes::Run if !is_run && row.code != "128+n" => continue,
            Codes::Others if is_run => continue,
            Codes::Run | Codes::Others => {
                row.meaning.replace("`run`: ", "").replace(" of a command other than `run`", "")
            }
        };
        let _ = writeln!(text, "| {} | {meaning} |", row.code);
    }
    text
}

/// Selects exit statuses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codes {
    /// Those of all commands.
    All,
    /// Those of `run`.
    Run,
    /// Those of the commands that run nothing.
    Others,
}
