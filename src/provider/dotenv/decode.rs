//! From a quoted value to its bytes: escapes and, in the strict dialect, references.

use super::dialect::{Escapes, References, Rules};
use super::expand::{Environment, MAX_DEPTH, reference};
use super::syntax::ParseErrorKind;
use super::tokenize::Segment;
use crate::secret::SecretBuffer;

/// What is wrong in a text, and at which byte of it.
pub(super) type Wrong = (ParseErrorKind, usize);

/// Decodes one segment and appends it.
pub(super) fn decode(
    segment: &Segment<'_>,
    rules: &Rules,
    environment: &mut Environment<'_>,
    out: &mut SecretBuffer,
) -> Result<(), Wrong> {
    let escapes = match segment.quote {
        None => rules.unquoted_escapes,
        Some('"') => rules.double_escapes,
        Some(_) => rules.single_escapes,
    };
    if rules.references == References::Strict {
        return match segment.quote {
            None => Strict { text: segment.text, in_quotes: false }.run(environment, out),
            Some('"') => Strict { text: segment.text, in_quotes: true }.run(environment, out),
            Some(_) => {
                push_without_returns(segment.text, out);
                Ok(())
            }
        };
    }
    let in_double_quotes = segment.quote == Some('"');
    let starts_double = in_double_quotes || segment.text.starts_with('"');
    if escapes == Escapes::None || escapes == Escapes::NewlineAndReturn && !starts_double {
        out.push(segment.text);
        return Ok(());
    }
    let mut rest = segment.text;
    while let Some(at) = rest.find('\\') {
        out.push(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let length = decode_escape(escapes, after, in_double_quotes, out);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push(rest);
    Ok(())
}

/// Appends what a backslash and the text after it stand for; how much of that text it takes.
fn decode_escape(
    escapes: Escapes,
    text: &str,
    in_double_quotes: bool,
    out: &mut SecretBuffer,
) -> usize {
    let Some(c) = text.chars().next() else {
        if !matches!(escapes, Escapes::Any | Escapes::Shell) {
            out.push("\\");
        }
        return 0;
    };
    let plain = match escapes {
        Escapes::Newline => (c == 'n').then_some('\n'),
        Escapes::NewlineAndReturn => control(c).filter(|_| matches!(c, 'n' | 'r')),
        Escapes::Python(known) => known.contains(&c).then(|| control(c).unwrap_or(c)),
        Escapes::AnyButDollar if c == '$' || in_double_quotes && matches!(c, 'n' | 'r') => None,
        Escapes::AnyButDollar => Some(c),
        Escapes::QuoteOnly => (c == '\'').then_some(c),
        Escapes::Any => return push_unless_line_end(c, matches!(c, '\n' | '\r'), out),
        Escapes::Shell if c == '\n' => return push_unless_line_end(c, true, out),
        Escapes::Shell => matches!(c, '"' | '\\' | '`' | '$').then_some(c),
        Escapes::Go => return decode_go(text, c, out),
        Escapes::None | Escapes::Strict | Escapes::Error => None,
    };
    match plain {
        Some(plain) => out.push_char(plain),
        // Escapes of one character after another are not paired: the second backslash counts anew.
        None if c == '\\' && !matches!(escapes, Escapes::QuoteOnly | Escapes::Shell) => {
            out.push("\\");
            return 0;
        }
        None => {
            out.push("\\");
            out.push_char(c);
        }
    }
    c.len_utf8()
}

fn push_unless_line_end(c: char, is_line_end: bool, out: &mut SecretBuffer) -> usize {
    if !is_line_end {
        out.push_char(c);
    }
    c.len_utf8()
}

/// The control character that C writes as a backslash and this letter.
fn control(c: char) -> Option<char> {
    Some(match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

/// The escapes of compose. A `$` comes out doubled, since references are expanded after this.
fn decode_go(text: &str, c: char, out: &mut SecretBuffer) -> usize {
    if c == '$' {
        out.push("$$");
        return 1;
    }
    if let Some(plain) = control(c).or(matches!(c, '"' | '\\').then_some(c)) {
        out.push_char(plain);
        return 1;
    }
    out.push("\\");
    if c != '0' {
        out.push_char(c);
        return c.len_utf8();
    }
    // An octal code has three digits behind its zero; any other loses the zero.
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = text.get(1..).unwrap_or_default();
    let count = digits.chars().take(3).take_while(|c| is_digit(*c)).count();
    let digits = digits.get(..count).unwrap_or_default();
    let code = u8::from_str_radix(digits, 8).ok().filter(|_| count == 3);
    match code {
        Some(code) => {
            out.pop();
            out.push_char(char::from(code));
        }
        None => out.push(digits),
    }
    1 + count
}

fn push_without_returns(text: &str, out: &mut SecretBuffer) {
    for piece in text.split('\r') {
        out.push(piece);
    }
}

/// Double quotes and unquoted values of the strict dialect.
struct Strict<'t> {
    text: &'t str,
    in_quotes: bool,
}

impl Strict<'_> {
    fn run(&self, environment: &mut Environment<'_>, out: &mut SecretBuffer) -> Result<(), Wrong> {
        let mut at = 0;
        self.read(&mut at, 0, true, environment, out)
    }

    /// Reads up to the end, or in a default up to its closing brace. What is not wanted is checked, and
    /// not looked up.
    fn read(
        &self,
        at: &mut usize,
        depth: usize,
        wanted: bool,
        environment: &mut Environment<'_>,
        out: &mut SecretBuffer,
    ) -> Result<(), Wrong> {
        loop {
            let rest = self.text.get(*at..).unwrap_or_default();
            let special = rest.find(|c| self.is_special(c, depth > 0)).unwrap_or(rest.len());
            if wanted {
                out.push(rest.get(..special).unwrap_or_default());
            }
            *at += special;
            let mut chars = rest.get(special..).unwrap_or_default().chars();
            let Some(c) = chars.next() else {
                return if depth > 0 {
                    Err((ParseErrorKind::InvalidReference, *at))
                } else {
                    Ok(())
                };
            };
            let next = chars.next();
            let here = *at;
            let mut literal = |c: char, length: usize| {
                if wanted {
                    out.push_char(c);
                }
                *at += length;
            };
            match c {
                '}' if depth > 0 => return Ok(()),
                '\r' if self.in_quotes => *at += 1,
                '$' if !environment.expands => literal('$', 1),
                '$' if next == Some('{') => self.reference(at, depth, wanted, environment, out)?,
                '$' if expands(next) => return Err((ParseErrorKind::Interpolation, here)),
                '$' => literal('$', 1),
                '\\' if self.in_quotes => match next.and_then(strict_escape) {
                    Some(plain) => literal(plain, 2),
                    None => return Err((ParseErrorKind::InvalidEscape, here)),
                },
                _ if depth > 0 && !c.is_control() && !c.is_whitespace() => {
                    return Err((ParseErrorKind::AmbiguousDefault, here));
                }
                '#' => return Err((ParseErrorKind::UnquotedHash, here)),
                '\\' => return Err((ParseErrorKind::UnquotedBackslash, here)),
                c => return Err((ParseErrorKind::UnquotedInvisible(c), here)),
            }
        }
    }

    /// The place of an error: of a reference that is never closed, its start.
    fn at_reference(&self, (kind, at): Wrong, reference: usize) -> Wrong {
        (kind, if at < self.text.len() { at } else { reference })
    }

    fn is_special(&self, c: char, in_default: bool) -> bool {
        match c {
            '$' | '\\' => true,
            '{' | '}' => in_default,
            _ if self.in_quotes => c == '\r',
            '#' => true,
            '\'' | '"' | '`' => in_default,
            // Printable ASCII is most of any file.
            '\t' | ' '..='~' => false,
            c => c.is_control() || c.is_whitespace(),
        }
    }

    /// Reads `${NAME}` and its kin at `$`.
    fn reference(
        &self,
        at: &mut usize,
        depth: usize,
        wanted: bool,
        environment: &mut Environment<'_>,
        out: &mut SecretBuffer,
    ) -> Result<(), Wrong> {
        let here = *at;
        let inside = self.text.get(here + 2..).unwrap_or_default();
        let Some(found) = reference(inside).filter(|_| depth < MAX_DEPTH) else {
            return Err((ParseErrorKind::InvalidReference, here));
        };
        *at = here + 2 + found.length;
        let value = if wanted {
            environment.look_up(found.name).map_err(|kind| (kind, here))?
        } else {
            None
        };
        let value = value.filter(|value| !(found.treats_empty_as_unset && value.is_empty()));
        let is_set = value.is_some();
        if let Some(value) = value {
            out.push(value.expose());
        }
        match found.operator {
            Some('-') => {
                self.read(at, depth + 1, wanted && !is_set, environment, out)
                    .map_err(|wrong| self.at_reference(wrong, here))?;
            }
            Some(_) => {
                let mut message = SecretBuffer::default();
                self.read(at, depth + 1, false, environment, &mut message)
                    .map_err(|wrong| self.at_reference(wrong, here))?;
                if wanted && !is_set {
                    return Err((ParseErrorKind::RequiredReference, here));
                }
            }
            None if self.text.get(*at..).is_none_or(|rest| !rest.starts_with('}')) => {
                return Err((ParseErrorKind::InvalidReference, here));
            }
            None if wanted && !is_set => {
                return Err((ParseErrorKind::UnknownReference { below: None }, here));
            }
            None => {}
        }
        *at += 1;
        Ok(())
    }
}

fn strict_escape(c: char) -> Option<char> {
    match c {
        'n' | 'r' | 't' => control(c),
        '"' | '\\' | '$' => Some(c),
        _ => None,
    }
}

/// Whether some reader of dotenv files expands a `$` in front of this character.
fn expands(next: Option<char>) -> bool {
    next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '(' | '$'))
}
