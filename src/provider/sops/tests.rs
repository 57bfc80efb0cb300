//! Files that sops wrote, and edited ones, with what sops said of them and passed to a command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use serde_json::Value as Json;

use super::*;
use crate::provider::{Class, ProviderError as _};

pub(super) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sops")
}

pub(super) fn rows() -> Vec<Json> {
    let text = std::fs::read_to_string(data().join("truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) fn file_of(row: &Json) -> SopsFile {
    let text = |key| row.get(key).and_then(Json::as_str);
    let file = data().join(text("file").unwrap());
    let identity = data().join(text("identity").unwrap());
    SopsFile {
        name: "test".into(),
        format: Format::of_path(&file),
        file,
        selection: Selection::default(),
        keys: KeyPlaces::in_variable(text("identity_env").unwrap(), &identity, None),
        timeout: Duration::from_secs(5),
        by_flag: false,
    }
}

type Values = BTreeMap<String, Vec<u8>>;

fn read(file: &SopsFile, admits: &dyn Fn(&str) -> bool) -> Result<Values, Error> {
    let secrets = file.read(admits).now_or_never().unwrap()?;
    let value = |secret: Secret| (secret.name.to_string(), secret.value.expose().to_vec());
    Ok(secrets.into_iter().map(value).filter(|(name, _)| admits(name)).collect())
}

/// What sops passed on, by name.
fn passed(row: &Json) -> Option<Values> {
    let decode = |text: &Json| STANDARD.decode(text.as_str().unwrap()).unwrap();
    if let Some(pairs) = row.get("exec_env_to_sh") {
        let pair = |pair: &Json| (pair[0].as_str().unwrap().to_owned(), decode(&pair[1]));
        return Some(pairs.as_array().unwrap().iter().map(pair).collect());
    }
    if row["exec_env_exit"] != 0 {
        return None;
    }
    let map = row.get("exec_env")?.as_object()?;
    Some(map.iter().map(|(name, value)| (name.clone(), decode(value))).collect())
}

/// Whether a value is the one of sops, but for the spelling of numbers and the fraction of a time.
fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let (Some(own), Some(other)) = (text(ours), text(theirs)) else { return ours == theirs };
    let number = |text: &str| text.parse::<f64>().ok();
    let without_fraction = || match (own.split_once('.'), own.find(['Z', '+'])) {
        (Some((before, rest)), _) if before.contains('T') => {
            before.to_owned() + rest.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => own.to_owned(),
    };
    own == other
        || (number(own).is_some() && number(own) == number(other) && !own.contains(['e', 'E']))
        || (own == "NaN" && other == "NaN")
        || without_fraction() == other
}

/// Files that sops reads and hushed refuses, and a part of the reason; and one whose format its name does not tell.
const REFUSED: &[(&str, &str)] = &[
    ("json_dup.json", "occurs twice"),
    ("env_dup.env", "occurs twice"),
    ("ini_dup.ini", "occurs twice"),
    ("env_wrong_suffix.env.production", "expected a JSON value"),
];

fn chain(error: &Error) -> String {
    use std::error::Error as _;
    error.source().unwrap().to_string()
}

#[test]
fn files_are_read_as_sops_reads_them() {
    let rows = rows();
    assert!(rows.len() > 220, "{}", rows.len());
    let mut compared = 0;
    for row in &rows {
        let name = row["file"].as_str().unwrap().trim_start_matches("files/");
        let (file, exit) = (file_of(row), row["exit"].as_u64().unwrap());
        let expected = passed(row).unwrap_or_default();
        let admits = |name: &str| expected.get(name).is_none_or(|value| value != b"<nil>");
        let read_values = read(&file, &admits);
        if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            let error = read_values.expect_err(name);
            assert!(chain(&error).contains(why), "{name}: {}", chain(&error));
            continue;
        }
        if exit != 0 {
            let error = read_values.expect_err(name);
            let want = if exit == 128 { Class::Denied } else { Class::BadData };
            assert_eq!(error.class(), want, "{name}: {}", chain(&error));
            if exit == 51 {
                let why = chain(&error);
                assert!(
                    ["MAC", "a comment", "occurs twice"].iter().any(|part| why.contains(part)),
                    "{name}: {why}"
                );
            }
            continue;
        }
        let Some(_) = passed(row) else {
            check_nested(row, name, read_values);
            continue;
        };
        let values = read_values.unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
        let used: Vec<&String> = expected.keys().filter(|name| admits(name)).collect();
        if row.get("exec_env_big").is_none() {
            assert_eq!(values.keys().collect::<Vec<_>>(), used, "{name}");
        }
        for (variable, value) in &values {
            let Some(theirs) = expected.get(variable) else { continue };
            let shown = String::from_utf8_lossy(value);
            assert!(is_same(value, theirs), "{name}: {variable} is {shown}");
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
}

/// Where sops passes nothing on, a nested value is the reason, and flattening gives all values.
fn check_nested(row: &Json, name: &str, values: Result<Values, Error>) {
    let Some(json) = row.get("to_json").and_then(Json::as_str) else {
        // Bytes that no variable can hold.
        values.unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
        return;
    };
    let mut expected = BTreeMap::new();
    flatten("", &serde_json::from_str(json).unwrap(), &mut expected);
    if let Err(error) = &values {
        assert!(matches!(error.reason, Reason::Select(_)), "{name}: {}", chain(error));
        let hint = error.hint().unwrap();
        assert!(hint.contains("flatten") || hint.contains("--exclude"), "{name}: {hint}");
    }
    let mut file = file_of(row);
    file.selection.flatten = Some("_".to_owned());
    let admits = |name: &str| expected.get(name).is_none_or(|value| !value.is_null());
    let flat = read(&file, &admits).unwrap_or_else(|error| panic!("{name}: {}", chain(&error)));
    let used: Vec<&String> = expected.keys().filter(|name| admits(name)).collect();
    assert_eq!(flat.keys().collect::<Vec<_>>(), used, "{name}");
    for (variable, value) in &flat {
        let theirs = match &expected[variable] {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let shown = String::from_utf8_lossy(value);
        assert!(
            is_same(shown.as_bytes(), theirs.as_bytes()),
            "{name}: {variable} is {shown}, not {theirs}"
        );
    }
}

fn flatten(name: &str, json: &Json, into: &mut BTreeMap<String, Json>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}_{key}") };
    match json {
        Json::Object(map) => {
            map.iter().for_each(|(key, value)| flatten(&below(key), value, into));
        }
        Json::Array(list) => {
            let items = list.iter().enumerate();
            items.for_each(|(at, value)| flatten(&below(&at.to_string()), value, into));
        }
        value => {
            into.insert(name.to_owned(), value.clone());
        }
    }
}

fn row(name: &str) -> Json {
    rows().into_iter().find(|row| row["file"] == format!("files/{name}")).unwrap()
}

#[test]
fn values_are_the_text_that_was_encrypted() {
    let admits = |name: &str| !name.starts_with("N_");
    let values = read(&file_of(&row("yaml_scalars.yaml")), &admits).unwrap();
    for (name, want) in [
        ("FLOAT_MILLION", "1000000"),
        ("FLOAT_EXP", "602000000000000000000000"),
        ("FLOAT_INTEGRAL", "3"),
        ("T_CAPS", "true"),
        ("TIME_FRAC", "2001-12-14T21:59:43.1Z"),
        ("OCT_OLD", "493"),
        ("EMPTY_STR", ""),
    ] {
        assert_eq!(String::from_utf8_lossy(&values[name]), want, "{name}");
    }
    let error = read(&file_of(&row("yaml_scalars.yaml")), &|_| true).unwrap_err();
    assert_eq!(chain(&error), "line 28: `N_WORD` is null, and a variable needs a value");
}

#[test]
fn a_pointer_selects_a_part() {
    let mut file = file_of(&row("ini_basic.ini"));
    file.selection.pointer = crate::provider::document::Pointer::parse("#/db");
    let values = read(&file, &|_| true).unwrap();
    assert_eq!(values.keys().collect::<Vec<_>>(), ["pass", "user"]);
    file.selection.pointer = crate::provider::document::Pointer::parse("/db/user");
    assert_eq!(read(&file, &|_| true).unwrap().keys().collect::<Vec<_>>(), ["user"]);
    file.selection.pointer = crate::provider::document::Pointer::parse("#/dbs");
    let error = read(&file, &|_| true).unwrap_err();
    let want = "there is no `#/dbs`; there are `DEFAULT`, `db`, `web`";
    assert_eq!(chain(&error), want);
}

#[test]
fn text_behind_the_end_is_refused() {
    let row = row("json_html.json");
    let file = file_of(&row);
    let mut text = std::fs::read(&file.file).unwrap();
    text.extend_from_slice(b"{}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longer.json");
    crate::seal::private_file::write_atomically(&path, &text).unwrap();
    let error = chain(&read(&SopsFile { file: path, ..file }, &|_| true).unwrap_err());
    assert!(error.contains("there is text behind the end of the JSON value"), "{error}");
}

#[test]
fn references_reach_nested_values() {
    let file = file_of(&row("old_nested.yaml"));
    let address = |path: &str| ObjectAddress { path: path.to_owned(), ..ObjectAddress::default() };
    let addresses = [address(""), address("flat"), address("app"), address("none")];
    let objects = file.objects(&addresses).now_or_never().unwrap().unwrap();
    let value = |at: usize| match &objects[at].as_ref().unwrap().content {
        ObjectContent::Value(value) => value.expose_str().unwrap().to_owned(),
        ObjectContent::Members(members) => {
            members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(value(0), "app flat");
    assert_eq!(value(1), "x");
    let json = r#"{"db":{"user":"bob","pass":"hunter-2","port":5432},"debug":false}"#;
    assert_eq!(value(2), json);
    assert!(objects[3].is_none());
    let with_version = ObjectAddress { version: Some("1".to_owned()), ..address("flat") };
    let refused = file.objects(&[with_version]).now_or_never().unwrap();
    assert!(matches!(refused, Err(Reason::Option(option)) if option == "version"));
}

#[test]
fn a_passphrase_opens_an_identity_file() {
    let row = row("rcpt_enc_identity.yaml");
    let identity = data().join(row["identity"].as_str().unwrap());
    let keys = |passphrase| KeyPlaces::in_variable("SOPS_AGE_KEY_FILE", &identity, passphrase);
    let file = SopsFile { keys: keys(Some("fixture-passphrase")), ..file_of(&row) };
    assert_eq!(read(&file, &|_| true).unwrap().len(), 2);
    let file = SopsFile { keys: keys(Some("another")), ..file };
    let error = chain(&read(&file, &|_| true).unwrap_err());
    assert!(error.contains("the configured passphrase does not open it"), "{error}");
}

#[test]
fn values_outside_of_the_mac_are_told() {
    let file = file_of(&row("sel_mac_only_encrypted.yaml"));
    let file =
        SopsFile { selection: Selection { pointer: None, flatten: Some("_".to_owned()) }, ..file };
    let notes = file.read(&|name| name != "nothing").now_or_never().unwrap().unwrap().take_notes();
    assert!(
        notes.len() == 1 && notes[0].contains("the MAC covers encrypted values only"),
        "{notes:?}"
    );
}

#[test]
fn every_changed_value_is_noticed() {
    let row = row("tam_base.yaml");
    let file = file_of(&row);
    let text = std::fs::read_to_string(&file.file).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let end = text.find("sops:").unwrap();
    let mut changed = 0;
    for at in (0..end).step_by(7) {
        let byte = text.as_bytes()[at];
        if !byte.is_ascii_alphanumeric() {
            continue;
        }
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if byte == b'A' { b'B' } else { b'A' };
        let path = directory.path().join("changed.yaml");
        crate::seal::private_file::write_atomically(&path, &bytes).unwrap();
        let line = text.get(..at).unwrap().rsplit('\n').next().unwrap_or_default();
        let result = read(&SopsFile { file: path, ..file.clone() }, &|_| true);
        // A comment is no part of what is authenticated.
        if !line.starts_with('#') {
            assert!(result.is_err(), "byte {at}, after `{line}`");
            changed += 1;
        }
    }
    assert!(changed > 50);
}
