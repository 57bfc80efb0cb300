use proptest::prelude::*;

use super::*;

/// The names and values of a file that must be readable.
fn pairs(file: &str) -> Vec<(String, String)> {
    let entries = parse(file.as_bytes()).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    entries
        .iter()
        .map(|entry| (entry.name.as_str().into(), entry.value.expose_str().unwrap().into()))
        .collect()
}

#[test]
fn reads_one_value() {
    for (file, want) in [
        ("A=canary", "canary"),
        ("A=canary\n", "canary"),
        ("A=canary\r\n", "canary"),
        ("\u{feff}A=canary", "canary"),
        ("export A=canary", "canary"),
        ("  export\tA \t=  canary \t", "canary"),
        ("A=", ""),
        ("A= \t", ""),
        ("A=\r\n", ""),
        ("A=''", ""),
        ("A=\"\" # canary", ""),
        // Unquoted.
        ("A=canary one", "canary one"),
        ("A=canary # one", "canary"),
        ("A=canary \t #one", "canary"),
        ("A==canary=", "=canary="),
        ("A={\"canary\": 'it'}", "{\"canary\": 'it'}"),
        ("A=canary`x`", "canary`x`"),
        ("A=canary$", "canary$"),
        ("A=canary$ $. $-", "canary$ $. $-"),
        ("A=canäry✓", "canäry✓"),
        // Single quotes and backticks.
        ("A='canary'", "canary"),
        ("A = ' canary ' # it's", " canary "),
        ("A='canary\\n\\'", "canary\\n\\"),
        ("A='canary $A ${B} $(c) `d` # \"e\"'", "canary $A ${B} $(c) `d` # \"e\""),
        ("A='canary\r\ntwo\n\nthree'\r\n", "canary\ntwo\n\nthree"),
        ("A=`canary it's \"so\" \\n $B`", "canary it's \"so\" \\n $B"),
        ("A='canary\u{1}\u{a0}'", "canary\u{1}\u{a0}"),
        // Double quotes.
        ("A=\"canary # 'one' `two`\"", "canary # 'one' `two`"),
        ("A=\"canary\\n\\r\\t\\\"\\\\\\$A\"", "canary\n\r\t\"\\$A"),
        ("A=\"canary\\\\\"", "canary\\"),
        ("A=\"canary$\"", "canary$"),
        ("A=\"canary\r\ntwo\"", "canary\ntwo"),
    ] {
        assert_eq!(pairs(file), [("A".into(), want.into())], "{file:?}");
    }
}

#[test]
fn reads_lines_in_order_with_their_numbers() {
    let file =
        b"# canary\n\n_A.b-1='canary\n\n2'\r\n\t\r\nB=canary # b\n  # c\nB=canary 3\nexport=canary";
    let entries = parse(file).unwrap();
    let lines: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.line)).collect();
    assert_eq!(lines, [("_A.b-1", 3), ("B", 7), ("B", 9), ("export", 10)]);
    assert_eq!(entries[2].value, Value::from("canary 3"));
    assert!(parse(b"").unwrap().is_empty());
    assert!(parse(b"\xef\xbb\xbf# canary").unwrap().is_empty());
}

#[test]
fn refuses_with_line_and_column() {
    let double = ParseErrorKind::UnterminatedQuote('"');
    for (file, line, column, kind) in [
        ("A=canary\nB=can\0ary", 2, 6, ParseErrorKind::Nul),
        ("# cänary\rA=1", 1, 9, ParseErrorKind::BareCarriageReturn),
        ("A='canary\r'", 1, 10, ParseErrorKind::BareCarriageReturn),
        ("canary", 1, 1, ParseErrorKind::MissingEquals),
        ("A=1\n  export canary # why", 2, 10, ParseErrorKind::MissingEquals),
        ("=canary", 1, 1, ParseErrorKind::InvalidName),
        ("export =canary", 1, 8, ParseErrorKind::InvalidName),
        ("1A=canary", 1, 1, ParseErrorKind::InvalidName),
        ("'A'=canary", 1, 1, ParseErrorKind::InvalidName),
        ("A: canary", 1, 2, ParseErrorKind::InvalidName),
        ("A B=canary", 1, 3, ParseErrorKind::InvalidName),
        ("Ä=canary", 1, 1, ParseErrorKind::InvalidName),
        ("AÄ=canary", 1, 2, ParseErrorKind::InvalidName),
        ("A=1\n\nB= \"canary\nC=1", 3, 4, double),
        ("A=\"canary\\\"", 1, 3, double),
        ("A='canary", 1, 3, ParseErrorKind::UnterminatedQuote('\'')),
        ("A=`", 1, 3, ParseErrorKind::UnterminatedQuote('`')),
        ("A='canary'b", 1, 11, ParseErrorKind::TextAfterQuote { opened: 1 }),
        ("A='canary'#b", 1, 11, ParseErrorKind::TextAfterQuote { opened: 1 }),
        ("A='it'\\''s canary'", 1, 7, ParseErrorKind::TextAfterQuote { opened: 1 }),
        ("A=\"canary\nB=\"2\"", 2, 4, ParseErrorKind::TextAfterQuote { opened: 1 }),
        ("A=\"canary\\x\"", 1, 10, ParseErrorKind::InvalidEscape),
        ("A=\"canary\\\n\"", 1, 10, ParseErrorKind::InvalidEscape),
        ("A=\"é $B canary\"", 1, 6, ParseErrorKind::Interpolation),
        ("A=\"\n${B}canary\"", 2, 1, ParseErrorKind::UnknownReference { below: None }),
        ("A=${B}\nexport B =1", 1, 3, ParseErrorKind::UnknownReference { below: Some(2) }),
        ("A=${B", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${B:-canary", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${}", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${B.C}", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${B:+canary}", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${B:0:1}", 1, 3, ParseErrorKind::InvalidReference),
        ("A=${B:-'canary'}", 1, 8, ParseErrorKind::AmbiguousDefault),
        ("A=\"${B:-{canary}}\"", 1, 9, ParseErrorKind::AmbiguousDefault),
        ("A=${B:-$canary}", 1, 8, ParseErrorKind::Interpolation),
        ("A=${B:-${C}}", 1, 8, ParseErrorKind::UnknownReference { below: None }),
        ("A=${B:?canary}", 1, 3, ParseErrorKind::RequiredReference),
        ("B=\nA=${B:?canary}", 2, 3, ParseErrorKind::RequiredReference),
        ("A=$(canary)", 1, 3, ParseErrorKind::Interpolation),
        ("A=canary$b", 1, 9, ParseErrorKind::Interpolation),
        ("A=canary$1", 1, 9, ParseErrorKind::Interpolation),
        ("A=canary$$", 1, 9, ParseErrorKind::Interpolation),
        ("A=$(canary)", 1, 3, ParseErrorKind::Interpolation),
        ("A=canary#b", 1, 9, ParseErrorKind::UnquotedHash),
        ("A= # canary", 1, 4, ParseErrorKind::UnquotedHash),
        ("A=canary\t# b", 1, 10, ParseErrorKind::UnquotedHash),
        ("A=canary\\b", 1, 9, ParseErrorKind::UnquotedBackslash),
        ("A=canary\u{a0}", 1, 9, ParseErrorKind::UnquotedInvisible('\u{a0}')),
        ("A=canary\u{b}b", 1, 9, ParseErrorKind::UnquotedInvisible('\u{b}')),
    ] {
        let error = first(file.as_bytes());
        assert_eq!((error.line, error.column, &error.kind), (line, column, &kind), "{file:?}");
        assert!(!error.hint().is_empty());
    }
    let error = first(b"A=1\nB=canary\xff");
    assert_eq!((error.line, error.column, error.kind), (2, 9, ParseErrorKind::NotUtf8));
    let utf_16 = first(b"\xff\xfeA\0=\0");
    assert_eq!((utf_16.line, utf_16.column, utf_16.kind), (1, 1, ParseErrorKind::NotUtf8));
}

/// The first error of a file that must be refused.
fn first(file: &[u8]) -> ParseError {
    parse(file).unwrap_err().errors.swap_remove(0).0
}

#[test]
fn an_error_names_the_secret_only_when_its_name_is_sure() {
    let error = first(b"DB_PASSWORD=\"canary");
    let text = "1:13: the value of `DB_PASSWORD`: unterminated double quote";
    assert_eq!(error.to_string(), text);
    // The second line is a piece of the key, and looks like a name.
    let error = first(b"KEY=-----BEGIN canary-----\nMIIEvQcanary\n");
    assert_eq!(error.to_string(), "2:1: a name without `=`");
}

#[test]
fn references_see_the_lines_above_and_then_the_environment() {
    let environment = |name: &str| match name {
        "OUTER" | "BOTH" => Some(Value::from("outer")),
        "EMPTY" => Some(Value::from("")),
        _ => None,
    };
    for (file, want) in [
        ("B=canary\nA=${B}", "canary"),
        ("B=canary\nA=x${B}${B}y", "xcanarycanaryy"),
        ("B=canary\nA=\"x${B}\\n\"", "xcanary\n"),
        ("B=canary\nA='${B}'", "${B}"),
        ("B=canary\nA=`${B}`", "${B}"),
        ("B=canary\nA=\"\\${B}\"", "${B}"),
        ("B=1\nB=canary\nA=${B}", "canary"),
        ("B='$C'\nA=${B}", "$C"),
        ("A=${OUTER}", "outer"),
        ("BOTH=file\nA=${BOTH}", "file"),
        ("A=${BOTH}\nBOTH=file", "outer"),
        ("A=${EMPTY}", ""),
        ("A=${NONE:-canary one}", "canary one"),
        ("A=${NONE-canary}", "canary"),
        ("A=${EMPTY:-canary}", "canary"),
        ("A=${EMPTY-canary}", ""),
        ("A=${OUTER:-canary}", "outer"),
        ("A=${OUTER:-${NONE}}", "outer"),
        ("A=${NONE:-${EMPTY:-${OUTER}}}/x", "outer/x"),
        ("A=\"${NONE:-it's \\\"so\\\"}\"", "it's \"so\""),
        ("A=${NONE:-}", ""),
        ("A=${OUTER:?canary is not set}", "outer"),
        ("A=${EMPTY?canary}", ""),
        ("A=${OUTER} # ${NONE}", "outer"),
    ] {
        let options = ReadOptions { environment: &environment, ..ReadOptions::default() };
        let document = read(file.as_bytes(), options).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        let found = document.assignments.iter().rfind(|it| it.name.as_str() == "A").unwrap();
        assert_eq!(found.value.expose_str(), Some(want), "{file:?}");
    }
    let deep = format!("A={}canary{}", "${B:-".repeat(10_000), "}".repeat(10_000));
    assert_eq!(first(deep.as_bytes()).kind, ParseErrorKind::InvalidReference);
}

#[test]
fn without_expansion_every_dollar_is_itself() {
    let options = ReadOptions { expand: false, ..ReadOptions::default() };
    let file = b"A=pa$$w${B}$C$(d)\nE=\"$F ${G:-h}\"\n";
    let document = read(file, options).unwrap();
    let values: Vec<_> =
        document.assignments.iter().map(|it| it.value.expose_str().unwrap()).collect();
    assert_eq!(values, ["pa$$w${B}$C$(d)", "$F ${G:-h}"]);
}

#[test]
fn all_errors_are_reported_in_order_and_at_most_20() {
    let lines = |file: &[u8]| {
        let errors = parse(file).unwrap_err();
        errors.errors.iter().map(|(error, _)| error.line).collect::<Vec<_>>()
    };
    assert_eq!(lines(b"A=x#1\nB=2\nC=$D\n# fine\nE='a'b\nF=\"\\x\"\n"), [1, 3, 5, 6]);
    // A key that lost its quotes is one mistake.
    assert_eq!(lines(b"A=-----BEGIN\ncanary\ncanary/\n-----END\nB=x\\y\n"), [2, 5]);
    assert_eq!(lines(b"A=\"x\nB=1\nC=x#y\n"), [1, 3]);
    let many = parse("A=x#y\n".repeat(25).as_bytes()).unwrap_err();
    assert_eq!((many.errors.len(), many.has_more), (20, true));
    assert!(many.to_string().ends_with("\n  and more"), "{many}");
}

#[test]
fn an_excluded_line_may_be_unreadable_where_its_end_is_certain() {
    let admits = |name: &str| name != "B";
    let options = ReadOptions { admits: &admits, ..ReadOptions::default() };
    let document = read(b"B=x#y$z\nB=\"\\x\"\nA=1\n", options).unwrap();
    assert_eq!(document.assignments.len(), 1);
    assert_eq!(document.unreadable, [(Name::new("B"), 1), (Name::new("B"), 2)]);
    let refused = |file: &[u8]| read(file, options).unwrap_err().errors.swap_remove(0).0.kind;
    assert_eq!(refused(b"B=\"x\nA=1\n"), ParseErrorKind::UnterminatedQuote('"'));
    assert_eq!(refused(b"B=x#y\nA=${B}\n"), ParseErrorKind::UnreadableReference);
    assert_eq!(read(b"B=ok\nA=${B}\n", options).unwrap().assignments.len(), 2);
}

#[test]
fn errors_show_how_other_programs_read_the_line() {
    let hint = parse(b"PASSWORD=canary#1\n").unwrap_err().hint();
    let want =
        "line 1: node cuts the value after 6 bytes; compose and python take the value literally";
    assert!(hint.contains(want), "{hint}");
    assert!(hint.contains("--env-file-dialect"), "{hint}");
    let hint = parse(b"canary words\nA=1\n").unwrap_err().hint();
    assert!(hint.contains("line 1: node and python ignore the line; compose refuses it"), "{hint}");
    let hint = parse(b"A=it$1\nB=\"canary\\x\"\n").unwrap_err().hint();
    assert!(!hint.contains("canary"), "{hint}");
}

#[test]
fn oddities_that_bite_are_named() {
    let odd = |dialect, file: &str| {
        let document = read(file.as_bytes(), ReadOptions { dialect, ..ReadOptions::default() });
        let document = document.unwrap_or_else(|error| panic!("{file:?}: {error}"));
        document.oddities.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (dialect, file, want) in [
        (Dialect::Node, "A=canary#1\n", "1: `A`: the value is cut at `#`"),
        (Dialect::Dotenv, "A=1\nB=#canary\n", "2: `B`: the value is cut at `#`"),
        (Dialect::Node, "canary\nA=1\n", "1: the line is ignored"),
        (Dialect::Node, "A= \nB=1\n", "2: `A`: the next line is part of the value"),
        (Dialect::Node, "A='canary\n", "1: `A`: the quotes are part of the value"),
        (Dialect::Node, "A='x' canary\n", "1: `A`: the text after the closing quote is ignored"),
        (Dialect::Python, "A=\"canary\nB=1\n", "1: the line is ignored"),
        (Dialect::Python, "A\n", "1: `A`: the name has no value, and sets no variable"),
        (Dialect::Python, "A=${B}\n", "1: `A`: a reference to a variable that is not set is empty"),
        (Dialect::Docker, "A=\"canary\"\n", "1: `A`: the quotes are part of the value"),
        (
            Dialect::Docker,
            "A=1 # one\n",
            "1: `A`: ` #` does not start a comment, and is part of the value",
        ),
        (Dialect::Systemd, "A.B=1\n", "1: `A.B`: a variable of such a name is dropped"),
        (Dialect::Systemd, "A=1\\\nB=2\n", "1: `A`: the next line is part of the value"),
        (
            Dialect::Systemd,
            "A='canary\n",
            "1: `A`: the quote is never closed, and the rest of the file is part of the value",
        ),
    ] {
        assert_eq!(odd(dialect, file), [want], "{dialect}: {file:?}");
    }
    for dialect in Dialect::ALL {
        assert_eq!(odd(dialect, "# note\nA=1\n\nB=two\n"), [""; 0], "{dialect}");
    }
}

#[test]
fn no_dialect_runs_a_command_or_takes_a_name_that_is_none() {
    let refused = |dialect, file: &str| {
        let document = read(file.as_bytes(), ReadOptions { dialect, ..ReadOptions::default() });
        document.unwrap_err().errors.swap_remove(0).0.kind
    };
    assert_eq!(refused(Dialect::Ruby, "A=$(canary)\n"), ParseErrorKind::Command);
    // It may be a line of a key.
    for dialect in [Dialect::Node, Dialect::Docker] {
        assert_eq!(refused(dialect, "MIIBcanary+/09==\n"), ParseErrorKind::InvalidName);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(parse(&bytes));
    }

    /// Bytes that mean something, so that every branch is met.
    #[test]
    fn any_syntax_is_read_or_refused(file in "(export |[AB_=#'\"`$\\\\\\{n \t\r\n\u{feff}é-]){0,60}") {
        match parse(file.as_bytes()) {
            Ok(entries) => prop_assert!(entries.len() <= file.lines().count()),
            Err(errors) => {
                let error = &errors.errors[0].0;
                let (line, column) = (usize::try_from(error.line)?, usize::try_from(error.column)?);
                let line = file.split('\n').nth(line - 1).unwrap();
                prop_assert!(column <= line.chars().count() + 1);
            }
        }
    }

    #[test]
    fn single_quotes_hold_everything_but_themselves(value in "[^'\r\0]*") {
        let file = format!("A='canary{value}'");
        prop_assert_eq!(pairs(&file), [("A".to_owned(), format!("canary{value}"))]);
    }

    #[test]
    fn escaped_double_quotes_hold_everything(value in "[^\0]*") {
        let escaped: String = format!("canary{value}")
            .chars()
            .map(|c| match c {
                '\r' => "\\r".to_owned(),
                '"' | '\\' | '$' => format!("\\{c}"),
                c => c.to_string(),
            })
            .collect();
        let file = format!("A=\"{escaped}\" # \" '");
        prop_assert_eq!(pairs(&file), [("A".to_owned(), format!("canary{value}"))]);
    }
}
