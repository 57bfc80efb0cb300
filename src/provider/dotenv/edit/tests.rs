use proptest::prelude::*;

use super::*;

fn edited(dialect: Dialect, file: &str, name: &str, value: Option<&str>) -> Result<String, String> {
    let (editor, name) = (Editor::new(dialect, true), Name::new(name));
    let changed = match value {
        Some(value) => editor.set(file.as_bytes(), &name, &Value::from(value)).map(Some),
        None => editor.delete(file.as_bytes(), &name),
    };
    match changed {
        Ok(changed) => {
            let bytes =
                changed.map_or_else(|| file.as_bytes().to_vec(), |changed| changed.to_vec());
            Ok(String::from_utf8(bytes).unwrap())
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_new_value_takes_the_place_of_the_old_one_and_nothing_else_changes() {
    let strict = Dialect::Strict;
    for (file, value, want) in [
        ("", "canary", "A='canary'\n"),
        ("B=1", "canary", "B=1\nA='canary'\n"),
        ("B=1\r\n", "canary", "B=1\r\nA='canary'\r\n"),
        ("# top\nA=old # why\n\n# end\nB=2\n", "canary", "# top\nA='canary' # why\n\n# end\nB=2\n"),
        ("export A=\"old\"\nB=2\n", "canary", "export A='canary'\nB=2\n"),
        ("A='o\nl\n#d'\nB=2\n", "canary", "A='canary'\nB=2\n"),
        ("A=old\nB=2\n", "can\nary", "A='can\nary'\nB=2\n"),
        ("A=\nB=2\n", "canary", "A='canary'\nB=2\n"),
        ("A=old", "it's a canary", "A=\"it's a canary\""),
        ("A=1\nA=2\n", "canary", "A=1\nA='canary'\n"),
        ("\u{feff}A=old\r\nB=2\r\n", "canary", "\u{feff}A='canary'\r\nB=2\r\n"),
        ("A=old\nB=${A}/x\n", "$canary", "A='$canary'\nB=${A}/x\n"),
        ("A = old\n", "", "A = ''\n"),
    ] {
        assert_eq!(edited(strict, file, "A", Some(value)).as_deref(), Ok(want), "{file:?}");
    }
}

#[test]
fn each_dialect_is_edited_by_its_own_rules() {
    for (dialect, file, value, want) in [
        (Dialect::Docker, "A=old # x\nB=2\n", "it's \"canary\" $x", "A=it's \"canary\" $x\nB=2\n"),
        (Dialect::Docker, "A\n", "canary", "A=canary\n"),
        (Dialect::Node, "A=old\r\nB=2\r\n", "it's \"canary\"", "A=`it's \"canary\"`\r\nB=2\r\n"),
        (Dialect::Node, "junk\nA='old' junk\n", "canary", "junk\nA='canary' junk\n"),
        (Dialect::Python, "A='old'\n", "can${B}ary", ""),
        (Dialect::Compose, "A: old\n", "it's $x", "A: 'it\\'s $x'\n"),
        (Dialect::Compose, "A='old' B=2\n", "canary", "A='canary' B=2\n"),
        (Dialect::Systemd, "A='old'\"er\"\nB=2\n", "canary", "A='canary'\nB=2\n"),
        (Dialect::Ruby, "A=old#x\n", "canary", "A='canary'#x\n"),
        (Dialect::Dotenv, "A='old\\'er'\n", "canary\\", ""),
    ] {
        let edited = edited(dialect, file, "A", Some(value));
        if want.is_empty() {
            let unsupported = format!("no line of the dialect `{dialect}` gives this value to `A`");
            assert!(edited.is_ok() || edited == Err(unsupported), "{edited:?}");
        } else {
            assert_eq!(edited.as_deref(), Ok(want), "{dialect} {file:?}");
        }
    }
}

#[test]
fn what_the_dialect_cannot_express_is_refused_without_the_value() {
    let long = "canary".repeat(12_000);
    for (dialect, name, value) in [
        (Dialect::Docker, "A", "can\nary"),
        (Dialect::Docker, "A", long.as_str()),
        (Dialect::Strict, "A", "can\0ary"),
        (Dialect::Strict, "A B", "canary"),
        (Dialect::Strict, "A=1\nB", "canary"),
        (Dialect::Strict, "", "canary"),
        (Dialect::Systemd, "A-B", "canary"),
    ] {
        let error = edited(dialect, "X=1\n", name, Some(value)).unwrap_err();
        assert!(error.starts_with("no line of the dialect"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    let error = edited(Dialect::Strict, "A='x\n", "B", Some("canary")).unwrap_err();
    assert!(error.contains("unterminated"), "{error}");
    let editor = Editor::new(Dialect::Compose, true);
    let error = editor.set(b"A=\xff\n", &Name::new("B"), &Value::from("canary"));
    assert!(matches!(error, Err(EditError::Syntax(_))));
}

#[test]
fn deleting_takes_the_lines_of_a_variable_and_renaming_its_name() {
    for (dialect, file, want) in [
        (Dialect::Strict, "# x\nA='o\nld' # y\nB=1\n", Ok("# x\nB=1\n")),
        (Dialect::Strict, "A=1\nB=2\nA=3", Ok("B=2\n")),
        (Dialect::Strict, "B=1\r\nexport A=2\r\n", Ok("B=1\r\n")),
        (Dialect::Strict, "B=1\n", Ok("B=1\n")),
        (Dialect::Docker, "A\nB=1\n", Ok("B=1\n")),
        (
            Dialect::Compose,
            "A='x' B=2\n",
            Err("the line of `A` cannot be changed without changing another line"),
        ),
    ] {
        let got = edited(dialect, file, "A", None);
        assert_eq!(got.as_deref().map_err(String::as_str), want, "{file:?}");
    }
    let editor = Editor::new(Dialect::Strict, true);
    let renamed = editor.rename(b"export A=1 # x\nB=${A}\n", &Name::new("A"), &Name::new("C"));
    assert!(renamed.is_ok(), "a reference to a name that is gone is found when the file is read");
    for bad in ["B", "", "A B", "X=1\nY"] {
        assert!(editor.rename(b"A=1\nB=2\n", &Name::new("A"), &Name::new(bad)).is_err(), "{bad}");
    }
    let renamed = editor.rename(b"A=1\nA=2 # x\n", &Name::new("A"), &Name::new("C")).unwrap();
    assert_eq!(&**renamed, b"C=1\nC=2 # x\n");
}

proptest! {
    /// Whatever the file and the value: either the dialect reads the value back and all else is as it was, or
    /// nothing is written.
    #[test]
    fn what_is_set_is_read_back_and_the_rest_stays(
        number in 0..Dialect::ALL.len(),
        lines in prop::collection::vec(r#"([A-C]( )?=[a-z'"`#$ \\]{0,6}|#[a-z' ]{0,4}|[a-c '"]{0,3})(\n|\r\n)"#, 0..6),
        value in r#"[a-z'"`\\$# \n={}]{0,8}"#,
    ) {
        let (dialect, file) = (Dialect::ALL[number], lines.concat());
        let (editor, name) = (Editor::new(dialect, true), Name::new("A"));
        if let Ok(changed) = editor.set(file.as_bytes(), &name, &Value::from(value.as_str())) {
            let before = editor.read(file.as_bytes()).unwrap().assignments;
            let after = editor.read(&changed).unwrap().assignments;
            let last = after.iter().rfind(|one| one.name == name).unwrap();
            prop_assert_eq!(last.value.expose(), value.as_bytes());
            let others = |all: &[super::super::Assignment]| -> Vec<_> {
                let others = all.iter().filter(|one| one.name != name);
                others.map(|one| (one.name.clone(), one.value.clone())).collect()
            };
            if !file.contains('$') {
                prop_assert_eq!(others(&before), others(&after));
            }
            let comments = |text: &str| -> Vec<String> {
                text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect()
            };
            let changed = String::from_utf8(changed.to_vec()).unwrap();
            if !file.contains(['\'', '"', '`']) && !value.contains(['#', '\n']) {
                prop_assert_eq!(comments(&file), comments(&changed));
            }
        }
    }
}
