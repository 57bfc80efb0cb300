//! The dotenv dialect of hushed, as a pure function from bytes to entries. It expands nothing and
//! guesses nothing: `docs/dotenv.md` has the rules and where other readers differ.

use zeroize::Zeroizing;

use super::cursor::{Cursor, Position, is_blank};
use super::fault::{ParseError, ParseErrorKind};
use crate::secret::{Name, Value};

/// One `NAME=value` of a dotenv file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: Name,
    /// Its value, unquoted and unescaped.
    pub value: Value,
    /// The line that its name is on, counted from one.
    pub line: u32,
}

/// Reads a whole file: all its entries in order, those with one name included.
pub fn parse(input: &[u8]) -> Result<Vec<Assignment>, ParseError> {
    let mut cursor = Cursor::new(text(input)?);
    let mut entries = Vec::new();
    while cursor.peek().is_some() {
        entries.extend(line(&mut cursor)?);
    }
    Ok(entries)
}

/// Refuses what is wrong anywhere in a file, so that after this every `\r` is part of a CRLF.
fn text(input: &[u8]) -> Result<&str, ParseError> {
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let text = std::str::from_utf8(input).map_err(|error| {
        let valid = input.get(..error.valid_up_to()).unwrap_or_default();
        ParseErrorKind::NotUtf8.at(Position::behind(std::str::from_utf8(valid).unwrap_or_default()))
    })?;
    let mut cursor = Cursor::new(text);
    while let Some(c) = cursor.peek() {
        match c {
            '\0' => return Err(ParseErrorKind::Nul.at(cursor.position())),
            '\r' if cursor.peek_second() != Some('\n') => {
                return Err(ParseErrorKind::BareCarriageReturn.at(cursor.position()));
            }
            _ => cursor.bump(),
        };
    }
    Ok(text)
}

fn line(cursor: &mut Cursor<'_>) -> Result<Option<Assignment>, ParseError> {
    cursor.skip_blanks();
    if matches!(cursor.peek(), None | Some('#' | '\r' | '\n')) {
        cursor.skip_line();
        return Ok(None);
    }
    let line = cursor.position().line;
    let name = name(cursor)?;
    let value = value(cursor).map_err(|error| error.in_value_of(&name))?;
    cursor.skip_line();
    Ok(Some(Assignment { name, value, line }))
}

/// Reads `NAME =` or `export NAME =`. A name that has no `=` may be a line of a secret that lost its
/// quotes, so no error shows it.
fn name(cursor: &mut Cursor<'_>) -> Result<Name, ParseError> {
    let mut start = cursor.position();
    let mut name = cursor.take_while(is_name);
    if name == "export" && cursor.skip_blanks() {
        start = cursor.position();
        name = cursor.take_while(is_name);
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(ParseErrorKind::InvalidName.at(start));
    }
    cursor.skip_blanks();
    match cursor.peek() {
        Some('=') => {
            cursor.bump();
            Ok(Name::new(name))
        }
        None | Some('#' | '\r' | '\n') => Err(ParseErrorKind::MissingEquals.at(start)),
        Some(_) => Err(ParseErrorKind::InvalidName.at(cursor.position())),
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Reads a value and leaves the cursor at its line's end, or at its comment.
fn value(cursor: &mut Cursor<'_>) -> Result<Value, ParseError> {
    cursor.skip_blanks();
    let opened = cursor.position();
    let value = match cursor.peek() {
        Some('"') => double_quoted(cursor)?,
        Some(quote @ ('\'' | '`')) => literal(cursor, quote)?,
        _ => return unquoted(cursor),
    };
    let blanks = cursor.skip_blanks();
    match cursor.peek() {
        None | Some('\r' | '\n') => Ok(value),
        Some('#') if blanks => Ok(value),
        Some(_) => {
            Err(ParseErrorKind::TextAfterQuote { opened: opened.line }.at(cursor.position()))
        }
    }
}

fn unquoted(cursor: &mut Cursor<'_>) -> Result<Value, ParseError> {
    let start = cursor.rest();
    let mut previous = None;
    while let Some(c) = cursor.peek() {
        let fault = match c {
            '\r' | '\n' => break,
            '#' if previous == Some(' ') => break,
            '#' => ParseErrorKind::UnquotedHash,
            '\\' => ParseErrorKind::UnquotedBackslash,
            '$' if expands(cursor.peek_second()) => ParseErrorKind::Interpolation,
            c if !is_blank(c) && (c.is_control() || c.is_whitespace()) => {
                ParseErrorKind::UnquotedInvisible(c)
            }
            _ => {
                previous = cursor.bump();
                continue;
            }
        };
        return Err(fault.at(cursor.position()));
    }
    Ok(Value::from(cursor.taken_from(start).trim_end_matches(is_blank)))
}

/// Reads a value in which every character stands for itself.
fn literal(cursor: &mut Cursor<'_>, quote: char) -> Result<Value, ParseError> {
    let opened = cursor.position();
    cursor.bump();
    let body = cursor.take_while(|c| c != quote);
    cursor.bump().ok_or(ParseErrorKind::UnterminatedQuote(quote).at(opened))?;
    let mut bytes = Vec::with_capacity(body.len());
    bytes.extend(body.bytes().filter(|byte| *byte != b'\r'));
    Ok(Value::new(bytes))
}

fn double_quoted(cursor: &mut Cursor<'_>) -> Result<Value, ParseError> {
    let opened = cursor.position();
    cursor.bump();
    let length = closing(cursor.rest()).ok_or(ParseErrorKind::UnterminatedQuote('"').at(opened))?;
    // Unescaping never lengthens, so the vector never moves and leaves no copy behind.
    let mut value = Zeroizing::new(Vec::with_capacity(length));
    loop {
        let here = cursor.position();
        let c = match cursor.bump() {
            None | Some('"') => return Ok(Value::new(std::mem::take(&mut value))),
            Some('\r') => continue,
            Some('\\') => escape(cursor.bump()).ok_or(ParseErrorKind::InvalidEscape.at(here))?,
            Some('$') if expands(cursor.peek()) => {
                return Err(ParseErrorKind::Interpolation.at(here));
            }
            Some(c) => c,
        };
        value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The distance to the closing double quote.
fn closing(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })
}

fn escape(c: Option<char>) -> Option<char> {
    match c? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        c @ ('"' | '\\' | '$') => Some(c),
        _ => None,
    }
}

/// Whether some reader of dotenv files expands a `$` before this character.
fn expands(next: Option<char>) -> bool {
    next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '(' | '$'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names and values of a file that must be readable.
    fn read(file: &str) -> Vec<(String, String)> {
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
            assert_eq!(read(file), [("A".into(), want.into())], "{file:?}");
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
        for (file, line, column, what) in [
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
            ("A=\"\n${B}canary\"", 2, 1, ParseErrorKind::Interpolation),
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
            let error = parse(file.as_bytes()).unwrap_err();
            assert_eq!((error.line, error.column, error.kind), (line, column, what), "{file:?}");
            assert!(error.hint().is_some());
        }
        let error = parse(b"A=1\nB=canary\xff").unwrap_err();
        assert_eq!((error.line, error.column, error.kind), (2, 9, ParseErrorKind::NotUtf8));
        let utf_16 = parse(b"\xff\xfeA\0=\0").unwrap_err();
        assert_eq!((utf_16.line, utf_16.column, utf_16.kind), (1, 1, ParseErrorKind::NotUtf8));
    }

    #[test]
    fn an_error_names_the_secret_only_when_its_name_is_sure() {
        let error = parse(b"DB_PASSWORD=\"canary").unwrap_err();
        let text = "1:13: the value of `DB_PASSWORD`: this double quote is never closed";
        assert_eq!(error.to_string(), text);
        // The second line is a piece of the key, and looks like a name.
        let error = parse(b"KEY=-----BEGIN canary-----\nMIIEvQcanary\n").unwrap_err();
        assert_eq!(error.to_string(), "2:1: a name with no `=` behind it");
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
                Err(error) => {
                    let (line, column) = (usize::try_from(error.line)?, usize::try_from(error.column)?);
                    let line = file.split('\n').nth(line - 1).unwrap();
                    prop_assert!(column <= line.chars().count() + 1);
                }
            }
        }

        #[test]
        fn single_quotes_hold_everything_but_themselves(value in "[^'\r\0]*") {
            let file = format!("A='canary{value}'");
            prop_assert_eq!(read(&file), [("A".to_owned(), format!("canary{value}"))]);
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
            prop_assert_eq!(read(&file), [("A".to_owned(), format!("canary{value}"))]);
        }
    }
}
