//! Files as projects have them, written for this test: what each dialect makes of them, or the lines that
//! it refuses.

use std::collections::BTreeMap;

use hushed::provider::dotenv::{ReadOptions, read};
use serde_json::Value as Json;

#[test]
fn files_of_real_life_are_read_or_refused_with_their_lines() {
    let shapes = std::fs::read_to_string(super::corpus("shapes.json")).unwrap();
    let shapes: BTreeMap<String, BTreeMap<String, Json>> = serde_json::from_str(&shapes).unwrap();
    for (file, dialects) in &shapes {
        let bytes = std::fs::read(super::corpus(file)).unwrap();
        for (dialect, want) in dialects {
            let options =
                ReadOptions { dialect: dialect.parse().unwrap(), ..ReadOptions::default() };
            let got: Json = match read(&bytes, options) {
                Ok(document) => document
                    .assignments
                    .iter()
                    .map(|it| (it.name.as_str().to_owned(), it.value.expose_str().unwrap().into()))
                    .collect::<serde_json::Map<_, _>>()
                    .into(),
                Err(errors) => {
                    errors.errors.iter().map(|(error, _)| Json::from(error.line)).collect()
                }
            };
            assert_eq!(&got, want, "{file} as {dialect}");
        }
    }
    let files = std::fs::read_dir(super::corpus("")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let unknown: Vec<_> =
        names.filter(|name| name.ends_with(".env") && !shapes.contains_key(name)).collect();
    assert_eq!(unknown, [""; 0], "shapes.json lists every file");
}
