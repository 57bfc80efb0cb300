//! The syntax of `~/.aws/config` and `~/.aws/credentials`, as AWS CLI v2 reads it: sections, `key = value` or
//! `key: value`, values that continue on indented lines, and no comments behind a value. It knows no key.

use zeroize::Zeroizing;

use crate::secret::Value;

/// A section of a file.
#[derive(Debug)]
pub(super) struct Section {
    /// What stands between the brackets.
    pub(super) name: String,
    /// Its keys in lower case, each once, with their values.
    pub(super) options: Options,
}

/// Keys and values. Any value may be a secret.
#[derive(Clone, Debug, Default)]
pub(super) struct Options(Vec<(String, Value)>);

/// A line that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong with it.
    pub(super) problem: &'static str,
}

impl Options {
    /// The value of a key, unless it holds nested keys.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.value(key)?.expose_str().filter(|text| !text.starts_with('\n'))
    }

    /// The value of a key, as a secret.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// A key below a key: `endpoint_url` below `ssm =`.
    pub(super) fn nested(&self, key: &str, inner: &str) -> Option<&str> {
        let text = self.value(key)?.expose_str()?.strip_prefix('\n')?;
        let mut pairs = text.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(known, _)| known.trim() == inner).map(|(_, value)| value.trim())
    }

    /// Adds the keys that are missing here.
    fn add_defaults(&mut self, defaults: &Self) {
        for (key, value) in &defaults.0 {
            if self.value(key).is_none() {
                self.0.push((key.clone(), value.clone()));
            }
        }
    }
}

/// The section whose keys all others have too.
const DEFAULTS: &str = "DEFAULT";

/// Reads a file.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Section>, SyntaxError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        SyntaxError { line, problem: "it is not UTF-8" }
    })?;
    let mut parser = Parser::default();
    for (at, line) in lines(text).enumerate() {
        parser.take(line).map_err(|problem| SyntaxError { line: at + 1, problem })?;
    }
    parser.finish()
}

/// Lines that end with a line feed, a carriage return, or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The lines of a value before they are joined.
struct Pending<'t> {
    key: String,
    lines: Vec<&'t str>,
}

#[derive(Default)]
struct Parser<'t> {
    sections: Vec<Section>,
    pending: Option<Pending<'t>>,
    indent: usize,
    line: usize,
}

impl<'t> Parser<'t> {
    fn take(&mut self, line: &'t str) -> Result<(), &'static str> {
        self.line += 1;
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            if let Some(pending) = &mut self.pending {
                pending.lines.push("");
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if let Some(pending) = self.pending.as_mut().filter(|_| indent > self.indent) {
            pending.lines.push(text);
            return Ok(());
        }
        self.indent = indent;
        self.close_option()?;
        match text.strip_prefix('[').and_then(|rest| Some(rest.rsplit_once(']')?.0)) {
            Some(name) if !name.is_empty() => self.open_section(name),
            _ => self.open_option(text),
        }
    }

    fn open_section(&mut self, name: &str) -> Result<(), &'static str> {
        if self.sections.iter().any(|section| section.name == name) {
            return Err("this section stands in the file already");
        }
        self.sections.push(Section { name: name.to_owned(), options: Options::default() });
        Ok(())
    }

    fn open_option(&mut self, text: &'t str) -> Result<(), &'static str> {
        let Some(section) = self.sections.last() else {
            return Err("there is no [section] before it");
        };
        let Some((key, value)) = text.split_once(['=', ':']) else {
            return Err("it has no `=`");
        };
        let key = key.trim_end().to_lowercase();
        if key.is_empty() {
            return Err("there is no key before the `=`");
        }
        if section.options.value(&key).is_some() {
            return Err("this key stands in the section already");
        }
        self.pending = Some(Pending { key, lines: vec![value.trim()] });
        Ok(())
    }

    /// Joins the lines of the last value.
    fn close_option(&mut self) -> Result<(), &'static str> {
        let (Some(pending), Some(section)) = (self.pending.take(), self.sections.last_mut()) else {
            return Ok(());
        };
        let text = Zeroizing::new(pending.lines.join("\n"));
        let text = text.trim_end();
        let mut nested = text.strip_prefix('\n').unwrap_or_default().lines();
        if nested.any(|line| !line.trim().is_empty() && !line.contains('=')) {
            return Err("a line before it, below a key without a value, has no `=`");
        }
        section.options.0.push((pending.key, Value::from(text)));
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Section>, SyntaxError> {
        let line = self.line;
        self.close_option().map_err(|problem| SyntaxError { line, problem })?;
        if let Some(at) = self.sections.iter().position(|section| section.name == DEFAULTS) {
            let defaults = self.sections.remove(at).options;
            self.sections.iter_mut().for_each(|section| section.options.add_defaults(&defaults));
        }
        Ok(self.sections)
    }
}

/// The parts of a section's name, or of a command, as a POSIX shell would split it, but nothing is expanded.
/// `None` if a quotation mark is not closed.
pub(super) fn split_words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut chars) = (Vec::new(), None::<String>, text.chars());
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section, key and value.
    type Triple = (String, String, String);

    fn keys(text: &str) -> Result<Vec<Triple>, (usize, &'static str)> {
        let sections = parse(text.as_bytes()).map_err(|error| (error.line, error.problem))?;
        let all = sections.iter().flat_map(|section| {
            let pair = |(key, value): &(String, Value)| {
                let value = value.expose_str().unwrap().to_owned();
                (section.name.clone(), key.clone(), value)
            };
            section.options.0.iter().map(pair).collect::<Vec<_>>()
        });
        Ok(all.collect())
    }

    #[test]
    fn values_are_read_as_the_cli_reads_them() {
        for (text, want) in [
            ("[a]\nk=v", "v"),
            ("[a]\nK \t=\t v  ", "v"),
            ("[a]\nk: v", "v"),
            ("[a]\nk = a=b:c", "a=b:c"),
            ("[a]\nk = \"v\"", "\"v\""),
            ("[a]\nk = v # note", "v # note"),
            ("[a]\nk = v ; note", "v ; note"),
            ("[a]# note\nk = v", "v"),
            ("  [a]\nk = v", "v"),
            ("[a]\n  k = v", "v"),
            ("[a]\nk = v\n  w", "v\nw"),
            ("[a]\nk = v\n\n  w\n\n", "v\n\nw"),
            ("[a]\nk = v\n  # note\n  w", "v\nw"),
            ("[a]\rk = v\r", "v"),
            ("[a]\r\nk = v\r\n", "v"),
            ("[a]\nk =\n  x = 1", "\nx = 1"),
            ("# c\n; c\n\n[a]\nk =", ""),
            ("[DEFAULT]\nk = v\n[a]", "v"),
        ] {
            let want = vec![("a".to_owned(), "k".to_owned(), want.to_owned())];
            assert_eq!(keys(text), Ok(want), "{text:?}");
        }
    }

    #[test]
    fn what_the_cli_refuses_is_refused_with_its_line() {
        for (text, line) in [
            ("k = v", 1),
            ("\u{feff}[a]\nk = v", 1),
            ("[a]\nk", 2),
            ("[a\nk = v", 1),
            ("[a]\n= v", 2),
            ("[a]\nk = v\nK = w", 3),
            ("[a]\n[b]\n[a]", 3),
            ("[]\nk = v", 1),
            ("[a]\nk =\n  x\n[b]", 4),
        ] {
            assert_eq!(keys(text).unwrap_err().0, line, "{text:?}");
        }
        assert_eq!(parse(b"[a]\nk = \xfc").unwrap_err().line, 2);
    }

    #[test]
    fn nested_keys_are_no_keys_of_the_section() {
        let text = b"[a]\ns3 =\n  region = x\n\n  Y = z\nregion = y";
        let sections = parse(text).unwrap();
        let options = &sections[0].options;
        assert_eq!(options.get("region"), Some("y"));
        assert_eq!(options.nested("s3", "region"), Some("x"));
        assert_eq!(options.nested("s3", "Y"), Some("z"));
        assert_eq!((options.nested("s3", "y"), options.get("s3")), (None, None));
    }

    #[test]
    fn words_are_split_without_a_shell() {
        let words = |text| split_words(text).map(|words| words.join("|"));
        for (text, want) in [
            ("a b", Some("a|b")),
            ("a  'b c' \"d e\"", Some("a|b c|d e")),
            ("a b\\ c", Some("a|b c")),
            ("a $X ~ #c", Some("a|$X|~|#c")),
            ("a \"\\\"\\x\"", Some("a|\"\\x")),
            ("a ''", Some("a|")),
            ("", Some("")),
            ("a 'b", None),
            ("a \"b", None),
            ("a \\", None),
        ] {
            assert_eq!(words(text).as_deref(), want, "{text}");
        }
    }
}
