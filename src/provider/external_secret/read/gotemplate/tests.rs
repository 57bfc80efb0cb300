//! Templates and their results, as Go's text/template and sprig have them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{render, render_value};

fn rendered(template: &str) -> Result<String, String> {
    let values = [
        ("user", "ann"),
        ("empty", ""),
        ("db.host", "h1"),
        (
            "doc",
            r#"{"host":"h1","port":5432,"big":12345678,"tags":["b","a"],"on":true,"z":{"k":"<v>"}}"#,
        ),
    ];
    let value =
        |(key, value): (&str, &str)| (key.to_owned(), Zeroizing::new(value.as_bytes().to_vec()));
    let values: BTreeMap<_, _> = values.into_iter().map(value).collect();
    let text = render(template, &values).map_err(|error| format!("{}: {error}", error.line))?;
    Ok(String::from_utf8(text.to_vec()).unwrap())
}

#[test]
fn actions_and_functions_have_the_results_of_go() {
    for (template, want) in [
        ("{{ .user }}", "ann"),
        ("a {{- \" b\" -}}  c", "a bc"),
        ("{{/* \"}}\" */}}x", "x"),
        ("{{ if and .user (not .empty) }}y{{ else }}n{{ end }}", "y"),
        ("{{ if .empty }}a{{ else if eq .user \"ann\" }}b{{ end }}", "b"),
        ("{{ with .empty }}a{{ else }}{{ $.user }}{{ end }}", "ann"),
        ("{{ range $i, $t := (.doc | fromJson).tags }}{{ $i }}{{ $t }}{{ end }}", "0b1a"),
        ("{{ $x := \"1\" }}{{ if true }}{{ $x = \"2\" }}{{ end }}{{ $x }}", "2"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ template \"t\" .user }}", "<ann>"),
        ("{{ index . \"db.host\" }}{{ index . \"none\" }}", "h1"),
        ("{{ (.doc | fromJson).port }} {{ (.doc | fromJson).big }}", "5432 1.2345678e+07"),
        ("{{ (.doc | fromJson).z | toJson }}", r#"{"k":"\u003cv\u003e"}"#),
        ("{{ (.doc | fromJson).tags | sortAlpha | join \"-\" }}", "a-b"),
        (
            "{{ printf \"%s|%q|%5d|%-4s|%t|%x\" .user .user 7 \"ab\" true \"hi\" }}",
            "ann|\"ann\"|    7|ab  |true|6869",
        ),
        ("{{ \"p@ s/\" | urlquery }}", "p%40+s%2F"),
        ("{{ \"x\" | b64enc | b64dec | upper | repeat 2 }}", "XX"),
        ("{{ \"a\" | b32enc }}", "ME======"),
        ("{{ default \"d\" .empty }}{{ coalesce .empty \"c\" }}{{ ternary 1 2 false }}", "dc2"),
        ("{{ \"a,b\" | splitList \",\" | first }}{{ (split \".\" \"x.y\")._1 }}", "ay"),
        ("{{ \"l1\\nl2\" | indent 2 }}", "  l1\n  l2"),
        (
            "{{ add 1 2 3 }} {{ div 7 2 }} {{ max 1 5 }} {{ mod 7 4 }} {{ int \"010\" }}",
            "6 3 5 3 8",
        ),
        ("{{ dict \"b\" 1 \"a\" (list 1 \"x\") | toYaml }}", "a:\n- 1\n- x\nb: 1"),
        (
            "{{ \"RedFox\" | snakecase }} {{ \"red_fox\" | camelcase }} {{ trunc -2 .user }}",
            "red_fox RedFox nn",
        ),
        (
            "{{ regexReplaceAll \"n(.)\" .user \"<$1>\" }} {{ hasKey (dict \"a\" 1) \"a\" }}",
            "a<n> true",
        ),
        (
            "{{ list 1 2 }} {{ dict \"a\" 1 }} {{ len .user }} {{ kindOf . }}",
            "[1 2] map[a:1] 3 map",
        ),
        ("{{ .user | trimSuffix \"n\" | trimPrefix \"a\" | quote }}", "\"n\""),
        ("{{ \"2\" | sha256sum | trunc 8 }}", "d4735e3a"),
    ] {
        assert_eq!(rendered(template).as_deref(), Ok(want), "{template}");
    }
    assert_eq!(render_value("{{ .value | upper }}_X", "a").as_deref(), Ok("A_X"));
}

#[test]
fn what_is_not_supported_is_an_error_with_its_line_and_without_values() {
    for (template, want) in [
        ("{{ .nobody }}", "1: there is no key `nobody`"),
        ("x\n{{ .user | shout }}", "2: the function `shout` is not supported"),
        ("{{ env \"HOME\" }}", "1: the function `env` is not supported"),
        ("{{ .user", "1: an action is not closed"),
        ("{{ if .user }}x", "1: `if` has no `end`"),
        ("{{ end }}", "1: `end` without a block"),
        ("{{ .my-user }}", "1: "),
        ("{{ .user.name }}", "1: a string has no field `name`"),
        ("{{ get . \"user\" }}", "1: the argument 1 of `get` is map[string]string"),
        ("{{ .user | fromJson }}", "1: the argument of `fromJson` is no JSON"),
        ("{{ .user | b64dec }}", "1: the argument of `b64dec` is no base64"),
        ("{{ fail .user }}", "1: the template calls `fail`"),
        ("{{ repeat 99999999 .user }}", "1: `repeat` makes more than 1 MiB"),
        (
            "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
            "1: it takes too many steps",
        ),
        (
            "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
            "1: it is nested too deeply",
        ),
        ("{{ div 1 0 }}", "1: `div` has no result"),
    ] {
        let error = rendered(template).unwrap_err();
        assert!(error.starts_with(want), "{template}: {error}");
        assert!(!error.contains("ann"), "{error}");
    }
}
