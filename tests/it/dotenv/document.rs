//! `docs/dotenv.md`, row by row: each cell of its tables is what hushed does.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hushed::deliver::format::{DotenvReader, Format, RenderOptions, render};
use hushed::provider::dotenv::{Dialect, ReadOptions, read};
use hushed::secret::{Name, Value};

fn document() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dotenv.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the table that starts with this header cell, without the header; cells without blanks.
fn table(document: &str, header: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let lines =
        document.lines().skip_while(|line| cells(line)[0] != header || !line.starts_with('|'));
    let rows: Vec<_> = lines.take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(rows.len() > 2, "no table `{header}`");
    let (head, rows) = rows.split_first().unwrap();
    std::iter::once(head).chain(rows.iter().skip(1)).cloned().collect()
}

/// The text of a cell in code quotes.
fn code(cell: &str) -> String {
    let text = cell.strip_prefix("`` ").and_then(|cell| cell.strip_suffix(" ``"));
    let text = text.or_else(|| cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')));
    text.unwrap_or_else(|| panic!("no code: {cell}")).replace('⏎', "\n").replace('⇥', "\t")
}

fn cell(dialect: Dialect, line: &str) -> String {
    let file = format!("B=2\n{line}\n");
    let Ok(document) = read(file.as_bytes(), ReadOptions { dialect, ..ReadOptions::default() })
    else {
        return "error".to_owned();
    };
    let found = document.assignments.iter().rfind(|assignment| assignment.name.as_str() == "A");
    let Some(found) = found else { return "–".to_owned() };
    let value = found.value.expose_str().unwrap().replace('\n', "⏎").replace('\t', "⇥");
    match value.as_str() {
        "" => "empty".to_owned(),
        value if value.contains('`') => format!("`` {value} ``"),
        value => format!("`{value}`"),
    }
}

#[test]
fn the_table_of_differences_is_true() {
    let document = document();
    let rows = table(&document, "In the file");
    let (head, rows) = rows.split_first().unwrap();
    assert_eq!(head[1..], Dialect::NAMES);
    assert!(rows.len() > 30);
    for row in rows {
        let line = code(&row[0]);
        for (name, want) in Dialect::NAMES.iter().zip(&row[1..]) {
            assert_eq!(cell(name.parse().unwrap(), &line), *want, "{name}: {line:?}");
        }
    }
}

#[test]
fn the_table_of_dialects_names_each() {
    let document = document();
    let rows = table(&document, "dialect");
    let names: Vec<_> = rows[1..].iter().map(|row| code(&row[0])).collect();
    assert_eq!(names, Dialect::NAMES);
}

#[test]
fn the_table_of_exceptions_is_that_of_the_corpus() {
    let document = document();
    let corpus = std::fs::read_to_string(super::corpus("readers.jsonl")).unwrap();
    let rows: Vec<_> = document.lines().filter(|line| line.starts_with("| `ruby` | d0")).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let input =
            corpus.lines().find(|line| line.contains(&format!("\"{}\"", cells[1]))).unwrap();
        let input: serde_json::Value = serde_json::from_str(input).unwrap();
        let file = BASE64_STANDARD.decode(input["file"].as_str().unwrap()).unwrap();
        assert_eq!(file, format!("{}\n", code(cells[2])).as_bytes());
    }
    let inputs = format!("{} recorded inputs", corpus.lines().count());
    assert!(document.contains(&inputs), "{inputs}");
}

#[test]
fn the_table_of_references_is_true() {
    for (file, want) in [
        ("NAME=x\nA=${NAME}", Some("x")),
        ("A=${NAME}", None),
        ("NAME=\nA=${NAME:-default}", Some("default")),
        ("NAME=\nA=${NAME-default}", Some("")),
        ("A=${NAME-default}", Some("default")),
        ("NAME=\nA=${NAME:?message}", None),
        ("NAME=\nA=${NAME?message}", Some("")),
        ("A=${NAME?message}", None),
    ] {
        let document = read(file.as_bytes(), ReadOptions::default()).ok();
        let value = document.map(|document| document.assignments.last().unwrap().value.clone());
        assert_eq!(value, want.map(Value::from), "{file:?}");
    }
}

#[test]
fn the_table_of_export_dialects_is_true() {
    let document = document();
    let (_, section) = document.split_once("## Writing dotenv files").unwrap();
    let rows = table(section, "dialect");
    let names: Vec<_> = rows[1..].iter().map(|row| code(&row[0])).collect();
    assert_eq!(names, DotenvReader::NAMES);
    for row in &rows[1..] {
        for (value, want) in ["pa$$word", "it's \"5\""].into_iter().zip(&row[1..]) {
            let (name, value) = (Name::new("A"), Value::from(value));
            let reader = Some(code(&row[0]).parse().unwrap());
            let options = RenderOptions { dotenv_reader: reader, ..RenderOptions::default() };
            let text = render(Format::Dotenv, [(&name, &value)], options).unwrap();
            assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{}\n", code(want)), "{row:?}");
        }
    }
}
