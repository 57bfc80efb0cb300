//! The parts of a token: runs of letters and digits, and within those the runs of either, and the words
//! of `camelCase`.

/// A part, and the character before it.
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) before: Option<char>,
}

/// The length of an escape of a string literal at the beginning: `\n`, `\x41`, `\u00e4`.
fn escape(text: &str) -> Option<usize> {
    let digits = match text.as_bytes() {
        [b'\\', b'n' | b'r' | b't', ..] => 0,
        [b'\\', b'x', ..] => 2,
        [b'\\', b'u', ..] => 4,
        _ => return None,
    };
    let code = text.get(2..2 + digits)?;
    code.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(2 + digits)
}

/// The parts of a token. An escape of a URL, such as `%2F`, or of a string literal is no part.
pub(super) struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let mut characters = rest.chars();
            let first = characters.next()?;
            let is_hex = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit());
            if first == '%' && is_hex(characters.next()) && is_hex(characters.next()) {
                self.at += 3;
            } else if let Some(escape) = escape(rest) {
                self.at += escape;
            } else if first.is_alphanumeric() {
                let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                let (text, _) = rest.split_at_checked(length)?;
                let before = self.text.get(..self.at)?.chars().next_back();
                self.at += length;
                return Some(Part { text, before });
            } else {
                self.at += first.len_utf8();
            }
        }
    }
}

pub(super) fn is_letters(run: &str) -> bool {
    run.starts_with(|c: char| c.is_alphabetic())
}

/// The runs of digits and of other characters.
pub(super) fn runs(part: &str) -> impl Iterator<Item = &str> + Clone {
    let bytes = part.as_bytes();
    bytes
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter_map(|run| std::str::from_utf8(run).ok())
}

/// The words of `camelCase`.
pub(super) fn humps(part: &str) -> impl Iterator<Item = &str> {
    let bytes = part.as_bytes();
    let mut begin = 0;
    let ends = (1..=bytes.len()).filter(move |&at| {
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        at == bytes.len() || upper(at) && (lower(at - 1) || lower(at + 1))
    });
    ends.filter_map(move |end| {
        let hump = part.get(begin..end);
        begin = end;
        hump
    })
}

/// `lower`, `UPPER` or `Capitalized`.
pub(super) fn has_one_case(letters: &str) -> bool {
    let mut characters = letters.chars();
    let first = characters.next().is_some_and(char::is_uppercase);
    let rest = characters.as_str();
    let is = |is: fn(char) -> bool| rest.chars().all(is);
    is(|c| !c.is_uppercase()) || first && is(|c| !c.is_lowercase())
}
