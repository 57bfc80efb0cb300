//! What the configuration's schema and the other tables of the crate say, as Markdown.
//! Must not render roff.

use std::fmt::Write as _;

use hushed::{
    config::schema::{self, CACHE_PASSPHRASE, CredentialKey, RUN, SettingKey, ValueKind},
    exit,
    provider::registry::STORES,
    resolve,
};

/// Gives every key of the configuration once.
pub(super) fn keys() -> Vec<&'static SettingKey> {
    let mut keys: Vec<&SettingKey> = Vec::new();
    for key in RUN.iter().chain(STORES.iter().flat_map(|store| store.schema().keys)) {
        if !keys.iter().any(|known| std::ptr::eq(*known, *key)) {
            keys.push(key);
        }
    }
    keys
}

/// Gives every credential once, that of the cache last.
pub(super) fn credential_keys() -> Vec<&'static CredentialKey> {
    let own = STORES.iter().flat_map(|store| store.schema().credentials).copied();
    let is_shared = |key: &&CredentialKey| std::ptr::eq(*key, &raw const CACHE_PASSPHRASE);
    own.filter(|key| !is_shared(key)).chain([&CACHE_PASSPHRASE]).collect()
}

/// Gives the flags that speak of a credential.
pub(super) fn credential_flags(credential: &CredentialKey) -> Vec<&'static str> {
    let direct = credential.direct.and_then(SettingKey::flag_name);
    direct.into_iter().chain(credential.file.flag_name()).collect()
}

/// Gives the sections of hushed.toml, each with its keys.
pub(super) fn sections() -> String {
    let mut text = String::new();
    let schemas: Vec<_> = STORES.iter().map(|store| store.schema()).collect();
    for section in schema::sections(&schemas) {
        let _ = writeln!(
            text,
            "### {}\n\n{}\n\n| key | meaning |\n|---|---|",
            section.heading, section.doc
        );
        for key in section.keys {
            let _ = writeln!(
                text,
                "| `{}` ({}) | {}{} |",
                key.name,
                kind(key.kind),
                key.doc,
                said(key)
            );
        }
        text.push('\n');
    }
    text
}

fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Secret => "text",
        ValueKind::Path => "path",
        ValueKind::Switch => "true or false",
        ValueKind::List => "text or list",
        ValueKind::Paths => "path or list",
        ValueKind::Map => "table",
        ValueKind::SwitchOrList => "true, false or list",
        ValueKind::SwitchOrText => "true, false or text",
    }
}

fn said(key: &SettingKey) -> String {
    let flag = key.flag_name().map(|flag| format!(" Flag: `{flag}`."));
    let variables = match key.variables {
        [] => String::new(),
        [one] => format!(" Variable: `{one}`."),
        many => format!(" Variables, the strongest first: {}.", listed(many)),
    };
    flag.unwrap_or_default() + &variables
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Gives the credentials, with every place that one is looked for in.
pub(super) fn credentials() -> String {
    let mut text = String::from("| credential | places |\n|---|---|\n");
    for credential in credential_keys() {
        let secret = if credential.secret { " (secret)" } else { "" };
        let flags = listed(&credential_flags(credential));
        let variables = listed(credential.variables);
        let _ = writeln!(
            text,
            "| {}{secret} | Flags: {flags}. Variables: {variables}; each also as `NAME_FILE`. \
             systemd credential: `{}`. SettingKey for its file: `{}`. |",
            credential.what, credential.systemd, credential.file.name
        );
    }
    text
}

/// Gives the variables that mean the same as one of these flags.
pub(super) fn environment(flags: &[String]) -> String {
    let has = |flag: &str| flags.iter().any(|known| known == flag);
    let mut text = String::from("| variable | meaning |\n|---|---|\n");
    for key in keys() {
        if let Some(flag) = key.flag_name().filter(|flag| has(flag) && !key.variables.is_empty()) {
            let _ = writeln!(text, "| {} | As `{flag}`. |", listed(key.variables));
        }
    }
    for credential in credential_keys() {
        let flags = credential_flags(credential);
        if flags.iter().any(|flag| has(flag)) {
            let (variables, what) = (listed(credential.variables), credential.what);
            let _ = writeln!(
                text,
                "| {variables} | The {what}. With `_FILE` behind its name: a file that holds it. |"
            );
        }
    }
    text
}

/// Gives the reserved names, by who acts upon them.
pub(super) fn reserved() -> String {
    let mut text = String::new();
    for group in resolve::GROUPS {
        let names = group.names.iter().map(|name| format!("`{name}`"));
        let names = names.collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "Each of these {}:\n\n> {names}\n", group.reason);
    }
    text
}

/// Gives the exit codes: all, or those that a command can end with.
pub(super) fn exit_codes(of: Codes) -> String {
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for row in exit::TABLE {
        let (run, idle) =
            (row.meaning.starts_with("`run`"), row.meaning.contains("a command that runs nothing"));
        let shown = match of {
            Codes::All => true,
            Codes::Run => !idle && row.code != "0",
            Codes::Others => !run,
        };
        if shown {
            let meaning = if matches!(of, Codes::All) {
                row.meaning
            } else {
                row.meaning
                    .trim_start_matches("`run`: ")
                    .trim_start_matches("a command that runs nothing ")
            };
            let _ = writeln!(text, "| {} | {meaning} |", row.code);
        }
    }
    text
}

/// Whose exit codes are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codes {
    /// Those of all commands.
    All,
    /// Those of `run`.
    Run,
    /// Those of the commands that run nothing.
    Others,
}
