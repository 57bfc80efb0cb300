//! Changes of every file that sops wrote and hushed reads: what a change does, and what it leaves as it is.

use std::fs;
use std::path::Path;

use futures_util::FutureExt as _;

use super::edit::{EditError, leaves};
use super::tests::{data, file_of, rows};
use super::write::WriteError;
use super::*;
use crate::provider::document::{parse_json, parse_yaml};
use crate::provider::{
    self, Change, Expected, StoredSecret, Write as _, WriteOutcome, WriteRefusal,
};
use crate::secret::Value;

fn stored(file: &SopsFile) -> Option<Vec<StoredSecret>> {
    file.read_stored().now_or_never().unwrap().ok()
}

fn apply(file: &SopsFile, changes: &[Change]) -> Result<Vec<WriteOutcome>, provider::Error> {
    let mut outcomes = Vec::new();
    file.apply(changes, &mut |_, receipt| outcomes.push(receipt.outcome))
        .now_or_never()
        .unwrap()?;
    Ok(outcomes)
}

fn value_of(file: &SopsFile, name: &str) -> Option<String> {
    let stored = stored(file)?;
    let found = stored.into_iter().find(|secret| secret.name.as_str() == name)?;
    found.value.expose_str().map(|text| (*text).to_owned())
}

/// A copy of a file that may be changed.
fn copy(file: &SopsFile, directory: &Path) -> SopsFile {
    let path = directory.join(file.file.file_name().unwrap());
    fs::copy(&file.file, &path).unwrap();
    SopsFile { file: path, ..file.clone() }
}

/// How many lines of one text are not in the other.
fn new_lines(old: &[u8], new: &[u8]) -> usize {
    let mut known: Vec<&[u8]> = old.split(|byte| *byte == b'\n').collect();
    let lines = new.split(|byte| *byte == b'\n');
    lines
        .filter(|line| match known.iter().position(|other| other == line) {
            Some(at) => {
                known.remove(at);
                false
            }
            None => true,
        })
        .count()
}

#[test]
fn a_change_of_any_file_is_right_or_refused_and_leaves_the_other_lines() {
    let directory = tempfile::tempdir().unwrap();
    let (mut changed, mut refused) = (0, Vec::new());
    for row in rows() {
        if row["exit"] != 0 || row.get("sops_3_9_0").is_some() {
            continue;
        }
        let flatten = Some("_".to_owned());
        let file = file_of(&row);
        let original = fs::read(&file.file).unwrap();
        let file = SopsFile { selection: Selection { pointer: None, flatten }, ..file };
        let file = copy(&file, directory.path());
        let Some(before) = stored(&file) else { continue };
        let Some(first) = before.first().map(|secret| secret.name.clone()) else { continue };
        let shown = file.file.file_name().unwrap().to_string_lossy().into_owned();
        let put = Change::put(first.clone(), Value::from("canary: \"new\" \\ value"));
        match apply(&file, &[put]) {
            Ok(outcomes) => {
                assert_eq!(outcomes, [WriteOutcome::Replaced], "{shown}");
                let value = value_of(&file, first.as_str());
                assert_eq!(value.as_deref(), Some("canary: \"new\" \\ value"), "{shown}");
                let after = fs::read(&file.file).unwrap();
                // The value, the time and the MAC. A JSON file may be one line.
                assert!(new_lines(&original, &after) <= 3, "{shown}");
                changed += 1;
            }
            Err(error) => {
                assert_eq!(fs::read(&file.file).unwrap(), original, "{shown}");
                refused.push(format!("{shown}: {error}"));
            }
        }
    }
    assert!(changed > 80, "{changed}");
    assert!(refused.len() < 12, "{refused:#?}");
}

#[test]
fn values_are_added_renamed_and_deleted_in_each_format() {
    let directory = tempfile::tempdir().unwrap();
    for (name, flatten, section) in [
        ("yaml_comments_flat.yaml", None, ""),
        ("json_nested.json", Some("_"), ""),
        ("env_basic.env", None, ""),
        ("ini_basic.ini", Some("_"), "db_"),
        ("group_2of3_ok.yaml", None, ""),
        ("yaml_crlf.yaml", None, ""),
        ("rcpt_pq.yaml", None, ""),
    ] {
        let row = rows().into_iter().find(|row| row["file"] == format!("files/{name}")).unwrap();
        let selection = Selection { pointer: None, flatten: flatten.map(str::to_owned) };
        let file = copy(&SopsFile { selection, ..file_of(&row) }, directory.path());
        let before = stored(&file).unwrap();
        let [new, other] = ["NEW", "OTHER"].map(|name| Name::new(format!("{section}{name}")));
        let put = Change::put(new.clone(), Value::from("canary\ntwo lines"));
        let put = if file.format == Format::Ini {
            Change::put(new.clone(), Value::from("canary"))
        } else {
            put
        };
        let Ok(outcomes) = apply(&file, &[put]) else { panic!("{name}") };
        assert_eq!(outcomes, [WriteOutcome::Created], "{name}");
        let value = value_of(&file, new.as_str()).unwrap();
        let rename = Change::rename(new.clone(), other.clone());
        assert_eq!(apply(&file, &[rename]).unwrap(), [WriteOutcome::Renamed], "{name}");
        assert_eq!(value_of(&file, other.as_str()).unwrap(), value, "{name}");
        assert_eq!(value_of(&file, new.as_str()), None, "{name}");
        apply(&file, &[Change::delete(other), Change::delete(new)]).unwrap();
        let after = stored(&file).unwrap();
        let pairs = |all: &[StoredSecret]| {
            all.iter().map(|it| (it.name.clone(), it.value.expose().to_vec())).collect::<Vec<_>>()
        };
        assert_eq!(pairs(&before), pairs(&after), "{name}");
    }
}

#[test]
fn the_rules_of_a_file_decide_what_is_encrypted() {
    let directory = tempfile::tempdir().unwrap();
    for (name, variable, is_sealed) in [
        ("sel_default_suffix_flat.yaml", "canary_unencrypted", false),
        ("sel_default_suffix_flat.yaml", "canary", true),
        ("sel_env_suffix.env", "canary", false),
        ("sel_env_suffix.env", "canary_SECRET", true),
        ("sel_encrypted_regex.yaml", "password", true),
        ("sel_encrypted_regex.yaml", "nothing", false),
        ("sel_mac_only_encrypted.yaml", "canary", false),
        ("sel_mac_only_encrypted.yaml", "canary_secret", true),
    ] {
        let row = rows().into_iter().find(|row| row["file"] == format!("files/{name}")).unwrap();
        let selection = Selection { pointer: None, flatten: Some("/".to_owned()) };
        let file = copy(&SopsFile { selection, ..file_of(&row) }, directory.path());
        let put = Change::put(Name::new(variable), Value::from("canary value"));
        apply(&file, &[put]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = fs::read_to_string(&file.file).unwrap();
        assert_eq!(text.contains("canary value"), !is_sealed, "{name} {variable}");
        assert_eq!(value_of(&file, variable).as_deref(), Some("canary value"), "{name}");
    }
}

#[test]
fn a_change_needs_a_key_a_place_and_what_was_read() {
    let directory = tempfile::tempdir().unwrap();
    let of = |name: &str| {
        let row = rows().into_iter().find(|row| row["file"] == format!("files/{name}")).unwrap();
        copy(&file_of(&row), directory.path())
    };
    let put = |name: &str| Change::put(Name::new(name), Value::from("canary"));
    let stranger = data().join("keys/stranger.txt");
    let file = SopsFile {
        keys: KeyPlaces::in_variable("SOPS_AGE_KEY_FILE", &stranger, None),
        ..of("yaml_comments_flat.yaml")
    };
    let error = apply(&file, &[put("A")]).unwrap_err();
    assert_eq!(error.class(), provider::Class::Denied);

    for (name, variable, words) in [
        ("bin_text.bin", "NEW", "a binary file is the one value `data`"),
        ("ini_basic.ini", "NEW", "an INI file has sections"),
        ("env_basic.env", "sops_new", "sops uses this name itself"),
        ("yaml_multidoc.yaml", "NEW", "several YAML documents"),
    ] {
        let file = of(name);
        let before = fs::read(&file.file).unwrap();
        let error = apply(&file, &[put(variable)]).unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("canary"), "{name}: {error}");
        assert_eq!(fs::read(&file.file).unwrap(), before);
    }
    let file = of("yaml_comments_flat.yaml");
    let first = stored(&file).unwrap().into_iter().next().unwrap();
    apply(&file, &[Change::put(first.name.clone(), Value::from("canary theirs"))]).unwrap();
    let late = Change::put(first.name.clone(), Value::from("canary"));
    let late = late.expecting(Expected::Revision(first.revision));
    let error = apply(&file, &[late]).unwrap_err();
    let is_conflict =
        matches!(error.downcast_ref(), Some(WriteError::Refused(WriteRefusal::Changed { .. })));
    assert!(is_conflict, "{error}");
    let bytes = Value::new(b"\xff".to_vec());
    let error = apply(&file, &[Change::put(first.name, bytes)]).unwrap_err();
    let is_text_only = matches!(
        error.downcast_ref(),
        Some(WriteError::Edit { error: EditError::NotText { .. }, .. })
    );
    assert!(is_text_only, "{error}");
}

#[test]
fn sops_opens_what_hushed_wrote() {
    let text = fs::read_to_string(data().join("written.jsonl")).unwrap();
    let mut count = 0;
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let flatten = row["flatten"].as_str().map(str::to_owned);
        let file = SopsFile { selection: Selection { pointer: None, flatten }, ..file_of(&row) };
        let shown = row["file"].as_str().unwrap();
        let plain = row["decrypted"].as_str().unwrap();
        let (tree, _) = file.open().now_or_never().unwrap().unwrap();
        let tree = leaves(&tree);
        if file.format == Format::Binary {
            assert_eq!(tree.into_values().next().unwrap().as_slice(), plain.as_bytes());
        } else {
            assert!(tree == leaves(&parsed(plain, file.format)), "{shown}");
        }
        for change in row["changes"].as_array().unwrap() {
            let text = |key: &str| change[key].as_str().unwrap();
            let (name, value) = (text("name"), change["value"].as_str());
            match text("action") {
                "set" => assert_eq!(value_of(&file, name).as_deref(), value, "{shown} {name}"),
                _ => assert_eq!(value_of(&file, name), None, "{shown} {name}"),
            }
        }
        count += 1;
    }
    assert_eq!(count, 22);
}

/// What sops printed, as a tree.
fn parsed(text: &str, format: Format) -> Node {
    match format {
        Format::Yaml => parse_yaml(text, false).unwrap().remove(0),
        Format::Dotenv => Node::Map(dotenv::parse(text.as_bytes()).unwrap()),
        Format::Ini => Node::Map(ini::parse(text).unwrap()),
        Format::Json | Format::Binary => parse_json(text).unwrap(),
    }
}
