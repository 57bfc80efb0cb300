use proptest::prelude::*;

use super::*;
use crate::deliver::format::{Format, RenderOptions, render};
use crate::provider::registry::STORES;
use crate::secret::{Provenance, Secret};

fn pairs(format: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let secrets = read(format.parse().unwrap(), text.as_bytes()).map_err(|it| it.to_string())?;
    let pair = |(name, value): (Name, Value)| {
        (name.as_str().to_owned(), value.expose_str().unwrap().to_owned())
    };
    Ok(secrets.into_iter().map(pair).collect())
}

#[test]
fn each_format_is_read_as_people_write_it() {
    for (format, text) in [
        ("dotenv", "# x\nA=1\nexport B='can\nary'\nA=canary\n"),
        ("docker", "A=canary\nB=can\nB=can\nary\n"),
        ("shell", "#!/bin/sh\nexport A=\"canary\"; B='can'\"\n\"ary\n"),
        ("fish", "# x\nset -gx A 'canary'\nset -gx B 'can\nary'\n"),
        ("powershell", "$env:A = 'canary'\n$env:B = 'can\nary'\n"),
        ("json", "{\"A\": \"canary\", \"B\": \"can\\nary\"}"),
        ("json", r#"[{"secretKey":"A","secretValue":"canary"},{"key":"B","value":"can\nary"}]"#),
        ("yaml", "A: canary\nB: |-\n  can\n  ary\n"),
        ("yaml", "- name: A\n  value: canary\n- name: B\n  value: \"can\\nary\"\n"),
        (
            "kubernetes",
            "apiVersion: v1\nkind: Secret\ndata:\n  A: eA==\n  B: Y2FuCmFyeQ==\nstringData:\n  A: canary\n",
        ),
        ("csv", "name,value\nA,canary\n\n\"B\",\"can\nary\"\n"),
        ("csv", "Key,Value\r\nA,canary\r\nB,\"can\nary\"\r\n"),
    ] {
        let mut read = pairs(format, text).unwrap_or_default();
        read.sort();
        if format == "docker" {
            assert_eq!(read[0], ("A".into(), "canary".into()));
            continue;
        }
        assert_eq!(
            read,
            [("A".into(), "canary".into()), ("B".into(), "can\nary".into())],
            "{text}"
        );
    }
}

#[test]
fn what_is_not_in_a_format_is_told_by_its_line_and_without_a_value() {
    for (format, text, want) in [
        ("dotenv", "A='canary\n", "line 1:3: "),
        ("shell", "A=1\nB=$(canary)\n", "line 2: a shell would expand"),
        ("shell", "A=\"$canary\"\n", "line 1: a shell would expand"),
        ("shell", "A='canary\n", "line 1: a quote is not closed"),
        ("shell", "canary\n", "line 1: this is not an assignment"),
        ("fish", "set -gx A \"canary\"\n", "line 1: a shell would expand"),
        ("powershell", "$env:A = \"canary\"\n", "line 1: a shell would expand"),
        ("json", "{\"A\": {\"canary\": 1}}", "line 1: `A` is a map, not a text"),
        ("json", "\"canary\"", "it holds a single value"),
        ("json", "{\"A\": \"canary\", \"A\": \"x\"}", "occurs twice"),
        ("json", "[{\"A\": \"canary\"}]", "line 1: an item of the list has no name and value"),
        ("yaml", "A: [canary]\n", "line 1: `A` is a list, not a text"),
        (
            "yaml",
            "apiVersion: v1\nkind: Secret\ndata:\n  A: canary!\n",
            "line 4: the value of `A` is not base64",
        ),
        ("csv", "A,canary\n", "line 1: the header is not"),
        ("csv", "name,value\nA,canary,x\n", "line 2: it has 3 columns"),
        ("csv", "name,value\n\"A\"canary,x\n", "line 2: there is text after a closing quote"),
        ("csv", "name,value\nA,\"canary\n", "line 2: a quote is not closed"),
        ("csv", "name,value\nA,1\nA,canary\n", "`A` occurs twice"),
    ] {
        let error = pairs(format, text).unwrap_err();
        assert!(error.contains(want), "{text:?}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn a_file_name_tells_the_format() {
    for (name, want) in [
        ("x.json", ImportFormat::Json),
        ("X.YML", ImportFormat::Yaml),
        ("a.csv", ImportFormat::Csv),
        (".env", ImportFormat::Dotenv(Dialect::Strict)),
        ("-", ImportFormat::Dotenv(Dialect::Strict)),
    ] {
        assert_eq!(ImportFormat::from_file_name(name), want);
    }
    assert!(ImportFormat::NAMES.iter().all(|name| name.parse::<ImportFormat>().is_ok()));
    assert!(Format::NAMES.iter().all(|name| ImportFormat::NAMES.contains(name)));
}

proptest! {
    /// Whatever an export format can carry comes back byte for byte.
    #[test]
    fn what_is_exported_is_imported(
        values in prop::collection::vec(r#"([\PC'"\\$`#\n\r\t,;={}‘’]|\PC){0,12}"#, 1..5),
        raw in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut secrets: Vec<(Name, Value)> = values
            .iter()
            .enumerate()
            .map(|(number, value)| (Name::new(format!("A_{number}")), Value::from(value.as_str())))
            .collect();
        secrets.push((Name::new("RAW"), Value::from(raw.as_slice())));
        for format in Format::ALL {
            let carried: Vec<_> = secrets
                .iter()
                .filter(|(name, value)| render(format, [(name, value)], RenderOptions::default()).is_ok())
                .cloned()
                .collect();
            let pairs = carried.iter().map(|(name, value)| (name, value));
            let text = render(format, pairs, RenderOptions::default()).unwrap();
            let back = read(format.as_str().parse().unwrap(), &text);
            let back = back.map_err(|error| TestCaseError::fail(format!("{format}: {error}")))?;
            prop_assert!(back == carried, "{}: {}", format, String::from_utf8_lossy(&text));
        }
        let secrets: Vec<_> = secrets.into_iter().filter(|(_, value)| value.expose_str().is_some()).collect();
        let provenance = Provenance { source: "s".into(), place: "/".into(), version: None, age: None };
        let secret = |(name, value): &(Name, Value)| Secret {
            name: name.clone(), value: value.clone(), provenance: provenance.clone(),
        };
        let whole: Vec<Secret> = secrets.iter().map(secret).collect();
        let named: Vec<_> = whole.iter().map(|secret| (secret.name.as_str(), secret)).collect();
        for shape in STORES.iter().flat_map(|store| store.export_shapes()) {
            let text = (shape.render)(&named).unwrap();
            let back = read(shape.read_as.parse().unwrap(), &text);
            let back = back.map_err(|error| TestCaseError::fail(format!("{}: {error}", shape.name)))?;
            prop_assert!(back == secrets, "{}", shape.name);
        }
    }
}
