//! Converts the Markdown that the manual is written in to roff: headings, paragraphs, lists, tables, code
//! blocks. Knows no page.

use std::fmt::Write as _;

/// The columns of a page's text: 80, less the indentation and the margin of groff's `man` macros.
const TEXT_COLUMNS: usize = 71;

/// The widest first column of a table. A longer cell gets a line of its own.
const MAX_FIRST_COLUMN: usize = 31;

/// The indentation of a tagged paragraph, unless the page sets another.
const DEFAULT_INDENT: usize = 7;

/// Renders Markdown. A title, a heading of the first level, is left out.
pub(super) fn from_markdown(text: &str) -> String {
    let mut out = String::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut rest = lines.as_slice();
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        if line.is_empty() || line.starts_with("# ") || line.starts_with("<!--") {
            continue;
        }
        if let Some(heading) = line.strip_prefix("## ") {
            let _ = writeln!(out, ".SH {}", argument(&heading.to_uppercase()));
        } else if let Some(heading) = line.strip_prefix("### ") {
            let _ = writeln!(out, ".SS {}", argument(heading));
        } else if line.starts_with("```") {
            let (block, after) = until(rest, |line| line.starts_with("```"));
            rest = after.get(1..).unwrap_or_default();
            code(block, &mut out);
        } else if line.starts_with('|') {
            let (block, after) = block(line, rest, |line| !line.starts_with('|'));
            rest = after;
            table(&block, &mut out);
        } else if let Some(quoted) = line.strip_prefix("> ") {
            let (more, after) = until(rest, |line| !line.starts_with("> "));
            rest = after;
            let more = more.iter().filter_map(|line| line.strip_prefix("> "));
            let words: Vec<&str> = std::iter::once(quoted).chain(more).collect();
            let _ = writeln!(out, ".RS 4\n.PP\n{}\n.RE", line_of(&words));
        } else if let Some((mark, first)) = item(line) {
            let (more, after) = until(rest, |line| line.is_empty() || item(line).is_some());
            rest = after;
            let more = more.iter().map(|line| line.trim_start());
            let words: Vec<&str> = std::iter::once(first).chain(more).collect();
            let _ = writeln!(out, ".IP {mark} 3\n{}", line_of(&words));
        } else {
            let starts =
                |line: &str| line.is_empty() || line.starts_with(['|', '`']) && !inline(line);
            let (block, after) = block(line, rest, starts);
            rest = after;
            let _ = writeln!(out, ".PP\n{}", line_of(&block));
        }
    }
    out
}

/// Whether a line that begins with a backtick is text and not a fence.
fn inline(line: &str) -> bool {
    line.starts_with('`') && !line.starts_with("```")
}

fn until<'a, 't>(
    lines: &'a [&'t str],
    ends: impl Fn(&str) -> bool,
) -> (&'a [&'t str], &'a [&'t str]) {
    lines.split_at(lines.iter().position(|line| ends(line)).unwrap_or(lines.len()))
}

fn block<'a, 't>(
    first: &'t str,
    rest: &'a [&'t str],
    ends: impl Fn(&str) -> bool,
) -> (Vec<&'t str>, &'a [&'t str]) {
    let (more, after) = until(rest, ends);
    (std::iter::once(first).chain(more.iter().copied()).collect(), after)
}

/// The marker of a list item, and the first line of its text.
fn item(line: &str) -> Option<(String, &str)> {
    if let Some(text) = line.strip_prefix("- ") {
        return Some((r"\(bu".into(), text));
    }
    let (number, text) = line.split_once(". ")?;
    let counts = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    counts.then(|| (format!("{number}."), text))
}

fn code(lines: &[&str], out: &mut String) {
    out.push_str(".PP\n.RS 4\n.EX\n");
    for line in lines {
        out.push_str(&guarded(&literal(line)));
        out.push('\n');
    }
    out.push_str(".EE\n.RE\n");
}

/// Renders a table. groff's own tables do not wrap, so a row becomes a tagged paragraph: the first cell
/// is the tag. The cells of a wide table are lines that begin with the name of their column.
fn table(lines: &[&str], out: &mut String) {
    let mut rows = lines.iter().map(|line| cells(line));
    let head = rows.next().unwrap_or_default();
    let is_rule = |row: &[String]| {
        row.iter().all(|cell| !cell.is_empty() && cell.bytes().all(|byte| b"-:".contains(&byte)))
    };
    let rows: Vec<_> = rows.filter(|row| !is_rule(row)).collect();
    let widths = rows.iter().filter_map(|row| row.first()).map(|cell| columns(cell) + 2);
    let first = widths.filter(|width| *width <= MAX_FIRST_COLUMN).max().unwrap_or(DEFAULT_INDENT);
    let fits = |row: &Vec<String>| match row.as_slice() {
        [_, body] => columns(body) <= 2 * (TEXT_COLUMNS - first),
        _ => false,
    };
    let is_compact = rows.iter().all(fits);
    let (tag, end) =
        if is_compact { (format!(".TP {first}"), ".PD\n") } else { (".TP".to_owned(), "") };
    for (index, row) in rows.iter().enumerate() {
        let Some((term, rest)) = row.split_first() else { continue };
        let body = match rest {
            [only] => line_of(&[only]),
            cells => labeled(head.get(1..).unwrap_or_default(), cells),
        };
        let _ = writeln!(out, "{tag}\n{}\n{body}", line_of(&[term]));
        if index == 0 && is_compact {
            out.push_str(".PD 0\n");
        }
    }
    out.push_str(end);
}

/// The cells of a row. `\|` is a character of a cell.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').replace("\\|", "\0");
    let inner = inner.strip_suffix('|').unwrap_or(&inner);
    inner.split('|').map(|cell| cell.trim().replace('\0', "|")).collect()
}

/// The columns of a terminal that a cell takes.
fn columns(cell: &str) -> usize {
    cell.chars().filter(|c| !"`*".contains(*c)).count()
}

/// One line for each different cell, with the names of the columns that have it.
fn labeled(head: &[String], cells: &[String]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (column, cell) in head.iter().zip(cells) {
        match groups.iter_mut().find(|(known, _)| known == cell) {
            Some((_, columns)) => columns.push(column),
            None => groups.push((cell, vec![column])),
        }
    }
    let line = |(cell, columns): &(&str, Vec<&str>)| {
        line_of(&[&format!("{}: {cell}", columns.join(", "))])
    };
    groups.iter().map(line).collect::<Vec<_>>().join("\n.br\n")
}

/// A paragraph as roff's text lines.
fn line_of(words: &[&str]) -> String {
    text(&words.join("\n")).lines().map(guarded).collect::<Vec<_>>().join("\n")
}

/// Protects a line that begins like a request.
fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'']) { format!(r"\&{line}") } else { line.to_owned() }
}

/// The argument of a request.
fn argument(text: &str) -> String {
    format!("\"{}\"", prose(&text.replace('`', "")).replace('"', r"\(dq"))
}

/// Renders text with code, **bold** and *italic* words, and links, of which the text is kept.
pub(super) fn text(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    let (mut strong, mut emphatic) = (false, false);
    while let Some(c) = rest.chars().next() {
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let (fence, body) = rest.split_at(ticks);
            let (inside, after) = body.split_once(fence).unwrap_or((body, ""));
            let inside = if ticks > 1 { inside.trim() } else { inside };
            let _ = write!(out, r"\fB{}\fR", literal(inside));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            strong = !strong;
            out.push_str(if strong { r"\fB" } else { r"\fR" });
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            emphatic = !emphatic;
            out.push_str(if emphatic { r"\fI" } else { r"\fR" });
            rest = after;
        } else if let Some((words, after)) = link(rest) {
            out.push_str(&text(words));
            rest = after;
        } else {
            // A name such as **hushed-run**(1) is not divided at its hyphens.
            let text = prose(c.encode_utf8(&mut [0; 4]));
            out.push_str(if strong && c == '-' { r"\-" } else { &text });
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
    }
    out
}

fn link(text: &str) -> Option<(&str, &str)> {
    let (words, after) = text.strip_prefix('[')?.split_once("](")?;
    (!words.contains(']')).then_some(())?;
    Some((words, after.split_once(')')?.1))
}

/// Escapes code so that every character is copied as it is.
fn literal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '-' => r"\-".into(),
            '\'' => r"\(aq".into(),
            '`' => r"\(ga".into(),
            '^' => r"\(ha".into(),
            '~' => r"\(ti".into(),
            c => common(c),
        })
        .collect()
}

fn prose(text: &str) -> String {
    text.chars().map(|c| if c == '\'' { r"\(aq".into() } else { common(c) }).collect()
}

fn common(c: char) -> String {
    match c {
        '\\' => r"\(rs".into(),
        c if c.is_ascii() => c.into(),
        c => format!(r"\[u{:04X}]", u32::from(c)),
    }
}

#[test]
fn markdown_is_converted_to_roff() {
    for (markdown, roff) in [
        ("# Title\n\nOne\ntwo.\n", ".PP\nOne\ntwo.\n"),
        ("## See also\n### `[run]`\n", ".SH \"SEE ALSO\"\n.SS \"[run]\"\n"),
        (
            "Run `a --b 'c\\n'` **now** or *later*.",
            ".PP\nRun \\fBa \\-\\-b \\(aqc\\(rsn\\(aq\\fR \\fBnow\\fR or \\fIlater\\fR.\n",
        ),
        (".dot and\n'quote'", ".PP\n\\&.dot and\n\\(aqquote\\(aq\n"),
        ("- one\n  more\n- two\n\nText", ".IP \\(bu 3\none\nmore\n.IP \\(bu 3\ntwo\n.PP\nText\n"),
        ("1. one\n2. two", ".IP 1. 3\none\n.IP 2. 3\ntwo\n"),
        (
            "```sh\n.x '-'\n\n```\nText",
            ".PP\n.RS 4\n.EX\n\\&.x \\(aq\\-\\(aq\n\n.EE\n.RE\n.PP\nText\n",
        ),
        ("| a | b |\n|---|:-:|\n| `x` | y |", ".TP 3\n\\fBx\\fR\ny\n.PD 0\n.PD\n"),
        ("| a | b |\n|-|-|\n| x\\|y | 1 |\n| z | 2 |", ".TP 5\nx|y\n1\n.PD 0\n.TP 5\nz\n2\n.PD\n"),
        ("| a | b | c | d |\n|-|-|-|-|\n| x | 1 | 2 | 1 |", ".TP\nx\nb, d: 1\n.br\nc: 2\n"),
        ("> quoted\n> twice", ".RS 4\n.PP\nquoted\ntwice\n.RE\n"),
        ("`` A=`x` ``", ".PP\n\\fBA=\\(gax\\(ga\\fR\n"),
        ("See [the page](docs/page.md) – now", ".PP\nSee the page \\[u2013] now\n"),
    ] {
        assert_eq!(from_markdown(markdown), roff, "{markdown}");
    }
}
