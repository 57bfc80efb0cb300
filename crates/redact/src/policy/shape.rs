//! Whether a value consists of words, names, addresses and numbers, or has a part that mixes letters and
//! digits as keys do. A part is a run of letters and digits.

use super::form::{self, is_fixed_form};
use super::letters::reads_like_a_word;
use super::number::{Context, is_amount, is_date, is_plain_number, is_time};
use super::part::{Part, Parts, has_one_case, humps, is_letters, runs};
use super::words;

/// Whether no part of a value looks like a key.
pub(super) fn is_plain(value: &str) -> bool {
    value.split_whitespace().all(|token| {
        let is_alone = value.trim().len() == token.len();
        if is_fixed_form(token) {
            true
        } else if is_list(token) {
            token.split(',').all(|item| is_fixed_form(item) || is_plain_token(value, item, false))
        } else if form::scheme(token).is_some() || is_path(token) {
            segments(token).all(|segment| is_plain_token(value, segment, is_alone))
        } else {
            around_references(token).into_iter().all(|piece| is_plain_token(value, piece, is_alone))
        }
    })
}

/// The pieces of a token between references to variables: `${PORT`, and `$HOME` where a word begins.
fn around_references(token: &str) -> Vec<&str> {
    let (mut pieces, mut begin) = (Vec::new(), 0);
    for (at, sign) in token.match_indices('$') {
        let (before, rest) = token.split_at_checked(at).unwrap_or_default();
        let rest = rest.strip_prefix(sign).unwrap_or_default();
        let braced = rest.strip_prefix('{');
        let name = braced.unwrap_or(rest);
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let after = name.trim_start_matches(is_name);
        let length = name.len() - after.len();
        let begins = before.is_empty() || before.ends_with(['/', ':', '=', '"', '\'', '-', ',']);
        let least = if braced.is_some() { 1 } else { 3 };
        let is_digit = name.starts_with(|c: char| c.is_ascii_digit());
        if (braced.is_some() || begins) && length >= least && !is_digit {
            pieces.extend(token.get(begin..at));
            begin = token.len() - after.len();
        }
    }
    pieces.extend(token.get(begin..));
    pieces
}

/// Whether a token is a list of three items or more.
fn is_list(token: &str) -> bool {
    let is_strange = token.contains(|c| STRANGE.contains(c));
    !is_strange && token.split(',').count() > 2 && token.split(',').all(|item| item.len() > 1)
}

fn is_path(token: &str) -> bool {
    ["/", "./", "../", "~/"].iter().any(|begin| token.starts_with(begin))
}

/// The segments of a path or URL, each with the sign before it.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.match_indices(['/', '?', '&', '#']).map(|(at, _)| at);
    let ends = starts.clone().chain([path.len()]);
    std::iter::once(0).chain(starts).zip(ends).filter_map(|(start, end)| path.get(start..end))
}

/// Signs that passwords have, and names and addresses hardly ever.
const STRANGE: &str = "!\"#$%^*()[]{}<>|\\;'`~?";

fn is_plain_token(value: &str, token: &str, is_alone: bool) -> bool {
    let token = token.strip_prefix("-D").unwrap_or(token);
    let signs = Signs::of(token.strip_prefix(['/', '?', '&', '#']).unwrap_or(token));
    let is_strict = signs.is_strict(is_alone);
    if is_alone && signs.is_jumble(token) {
        return false;
    }
    let (mut letters, mut known, mut mixtures, mut after_number) = (0, 0, 0, false);
    for part in Parts::of(token) {
        letters += part.text.chars().filter(|sign| sign.is_alphabetic()).count();
        let is_number = part.text.bytes().all(|byte| byte.is_ascii_digit());
        let context = Context { value, token, before: part.before, after_number };
        after_number = is_number;
        let is_plain = if is_format(&part) || is_exact(part.text) {
            known += if part.text.len() > 2 || is_format(&part) { part.text.len() } else { 0 };
            true
        } else if is_number {
            is_plain_number(part.text, &context)
        } else if !part.text.bytes().any(|byte| byte.is_ascii_digit()) {
            known += words::count_in_compound(part.text).unwrap_or(0);
            let is_name = signs.is_name(token) && has_one_case(part.text);
            is_name && reads_like_a_word(part.text, 4)
                || is_plain_letters(part.text, is_strict, is_alone)
        } else {
            mixtures += usize::from(is_unknown_mixture(part.text));
            known += runs(part.text).filter_map(words::count_in_compound).sum::<usize>();
            is_plain_mixture(part.text, is_strict)
        };
        // Many short mixtures in a row are groups of one key.
        if !is_plain || mixtures > 2 {
            return false;
        }
    }
    let is_mess = is_strict
        && !signs.is_name(token)
        && token.len() >= 8
        && letters > if signs.is_crowded(token) { 0 } else { 3 }
        && 2 * known < letters;
    (!is_mess || is_class(token)) && !is_grouped_key(token)
}

/// The kinds of characters in a token.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one kind of characters")]
struct Signs {
    letters: usize,
    digits: bool,
    lower: bool,
    upper: bool,
    strange: bool,
    base64: bool,
    /// How many different signs that are no brackets, quotes and separators.
    kinds: usize,
}

impl Signs {
    fn of(token: &str) -> Self {
        let mut signs = Self { base64: token.ends_with('='), ..Self::default() };
        for sign in token.chars() {
            signs.letters += usize::from(sign.is_alphabetic());
            signs.digits |= sign.is_ascii_digit();
            signs.lower |= sign.is_lowercase();
            signs.upper |= sign.is_uppercase();
            signs.strange |= STRANGE.contains(sign) || sign == '&' && !token.contains('=');
            signs.base64 |= sign == '+';
        }
        signs.kinds = "!#$%^&*;?~`|\\".chars().filter(|sign| token.contains(*sign)).count();
        signs
    }

    /// Whether a token has more kinds of signs than any format, but a pattern.
    fn is_jumble(&self, token: &str) -> bool {
        let is_pattern = token.starts_with('^')
            || [".*", "\\d", "\\w", "\\s", "://"].iter().any(|it| token.contains(it));
        self.kinds > 2 && token.len() >= 8 && (self.digits || self.letters > 0) && !is_pattern
    }

    /// Whether a token has signs of many kinds beside letters and digits.
    fn is_crowded(&self, token: &str) -> bool {
        let is_sign = |sign: &char| sign.is_ascii_punctuation();
        let mut signs: Vec<char> = token.chars().filter(is_sign).collect();
        signs.sort_unstable();
        signs.dedup();
        self.kinds > 0 && signs.len() > 3
    }

    /// Whether a token may be a long name, such as that of a model: words with hyphens and versions.
    fn is_name(&self, token: &str) -> bool {
        !self.strange && !self.base64 && token.len() >= 12
    }

    /// Whether a token has everything that a password generator adds, so that only known words make it
    /// plain.
    fn is_strict(&self, is_alone: bool) -> bool {
        let cases = self.lower && self.upper;
        let signs = self.base64 || self.strange && is_alone;
        self.letters > 0 && (self.digits && (self.strange || cases) || cases && signs)
    }
}

/// Whether a part is a color behind `#`, a letter behind `%` or a backslash, or belongs to a format of dates,
/// such as `yyyy`.
fn is_format(part: &Part<'_>) -> bool {
    let text = part.text;
    let first = text.chars().next().unwrap_or_default();
    let repeats = text.len() <= 4 && text.chars().all(|letter| letter == first);
    match part.before {
        Some('#') if is_color(text) => true,
        Some('%' | '\\') if text.len() == 1 => true,
        _ => repeats && "yMdDHhmsSEYTZ".contains(first) && text.len() > 1,
    }
}

/// Whether a token is a pattern with classes of characters, such as `[a-z0-9]+`.
fn is_class(token: &str) -> bool {
    ["a-z", "A-Z", "0-9", "a-f"].iter().any(|class| token.contains(class))
}

/// Whether a token consists of groups of one length, as license keys and recovery codes do, and of
/// unknown letters and digits.
fn is_grouped_key(token: &str) -> bool {
    let groups = || token.split('-');
    let length = groups().next().unwrap_or_default().len();
    let is_group = |group: &str| {
        group.len() == length && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let is_unknown = |group: &&str| {
        runs(group).any(|run| is_letters(run) && words::count_in_compound(run).is_none())
    };
    let least = if token.bytes().any(is_digit) { 1 } else { 3 };
    (4..=8).contains(&length)
        && (groups().count() > 2 && groups().all(is_group))
        && groups().filter(is_unknown).count() >= least
}

/// Letters of one case style that read like a word, or known words.
fn is_plain_letters(part: &str, is_strict: bool, is_alone: bool) -> bool {
    if part.chars().count() <= 2 || is_known_compound(part) {
        return true;
    }
    if is_strict {
        return false;
    }
    if !part.is_ascii() || part.len() <= 3 || has_one_case(part) {
        return reads_like_a_word(part, 6);
    }
    // A word in the middle may have two or three letters: `YouTube`.
    let (mut short, mut known) = (0, 0);
    let most_short = if is_alone { 1 } else { 2 };
    let is_plain = humps(part).all(|hump| {
        let is_known = is_known(hump);
        known += usize::from(is_known && hump.len() > 2);
        short += usize::from(hump.len() < 4 && !is_known);
        is_known || short <= most_short && reads_like_a_word(hump, 4)
    });
    is_plain && (known > 0 || !is_alone)
}

/// Whether letters are known words, and capitals stand at the beginning of words only.
fn is_known_compound(letters: &str) -> bool {
    words::count_in_compound(letters).is_some()
        && (has_one_case(letters)
            || humps(letters).all(|hump| words::count_in_compound(hump).is_some()))
}

/// Letters and digits as in `web01`, `v2`, `t3a`, `10mb`; those of a key change to and fro.
fn is_plain_mixture(part: &str, is_strict: bool) -> bool {
    if !part.is_ascii() {
        return false;
    }
    if part.len() <= 2 || is_amount(part) || is_time(part) {
        return true;
    }
    // `Xms256m`
    let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
    let (word, amount) = part.split_at_checked(digits).unwrap_or_default();
    if word.len() > 2 && is_known_compound(word) && is_amount(amount) {
        return true;
    }
    let changes = runs(part).count() - 1;
    if part.len() < 8 && !is_strict {
        return changes <= 2 && runs(part).all(|run| !is_letters(run) || has_one_case(run));
    }
    let mut known = 0;
    let is_plain = |run: &str| {
        if !is_letters(run) {
            return run.len() <= 4 || is_date(run);
        }
        // `TLSv1`
        let word = run.strip_suffix('v').filter(|word| word.len() > 2).unwrap_or(run);
        known += words::count_in_compound(word).unwrap_or(0);
        matches!(word, "v" | "x") || is_known_compound(word)
    };
    runs(part).all(is_plain) && changes <= 2 && 2 * known >= part.len()
}

fn is_color(part: &str) -> bool {
    matches!(part.len(), 3 | 4 | 6 | 8) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a part is a known word in one case, or a known name with digits in any: `SHA256`, `UseG1GC`.
fn is_exact(part: &str) -> bool {
    let digits = part.bytes().any(|byte| byte.is_ascii_digit());
    is_known(part) && (digits || has_one_case(part))
}

fn is_unknown_mixture(part: &str) -> bool {
    part.len() > 2 && !is_time(part) && !is_amount(part)
}

fn is_known(part: &str) -> bool {
    part.len() > 1 && words::is_known(part)
}
