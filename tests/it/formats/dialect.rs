//! The dialect of dotenv files that hushed reads, held against node and python-dotenv: whatever hushed
//! takes, they read alike, but for what `docs/dotenv.md` names.

use std::io::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use hushed::provider::dotenv;

use super::reader::{Read, node, python, skipped};

/// Lines, most of which hushed takes. Left out is what node or python-dotenv are known to read
/// differently: backticks round a value, escapes but `\n` in double quotes, backslashes and `${` in
/// single quotes, and the tabs and blank lines that node 20 takes for part of a name.
fn lines() -> Vec<String> {
    let mut runner = TestRunner::default();
    let value = prop_oneof![
        4 => r#"([a-z'"$#=:;,.!?{(\\ ]| #|\$[A{(]){0,3}canary([a-z'"`$#=:;,.!{}() \\é\u{a0}\u{2028}]| #|\$[A{(]){0,5}"#,
        2 => r#"'canary([a-z"`$# =\t\n]|\r\n|\$A|\$\()*' {0,2}(#[a-z'"`$]*)?"#,
        2 => r#""canary([a-z'`# =\t\n]|\r\n|\$|\\n)*" {0,2}(#[a-z'"`$]*)?"#,
    ];
    let line = (" ?(export )?", " ?= ?", value, " ?\r?\n(#[a-z'`$=]*\n|\r?\n)?");
    (0..2000)
        .map(|index| {
            let (export, equals, value, end) = line.new_tree(&mut runner).unwrap().current();
            format!("{export}S_{index}{equals}{value}{end}")
        })
        .collect()
}

fn own(file: &str) -> Option<Read> {
    let entries = dotenv::parse(file.as_bytes()).ok()?;
    let pairs = entries.iter().map(|entry| (entry.name.as_str(), entry.value.expose()));
    Some(pairs.map(|(name, value)| (name.to_owned(), value.to_vec())).collect())
}

#[test]
fn node_and_python_read_alike_what_hushed_reads() {
    let mut lines = lines();
    lines.retain(|line| own(line).is_some());
    assert!(lines.len() > 500, "only {} of 2000 lines can be read", lines.len());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.concat().as_bytes()).unwrap();
    for (reader, got) in [
        ("node", node("--env-file", file.path())),
        ("python-dotenv", python("dotenv", file.path())),
    ] {
        let Some(got) = got else {
            skipped(reader);
            continue;
        };
        for line in &lines {
            let (name, want) = own(line).unwrap().pop_first().unwrap();
            let got = got.get(&name).map(|value| value.escape_ascii().to_string());
            assert_eq!(got, Some(want.escape_ascii().to_string()), "{reader} reads {line:?}");
        }
    }
}
