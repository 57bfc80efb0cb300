//! The examples in the manual, the README and `docs/`: each command line of hushed must parse. Runs none.

use std::{fs, path::PathBuf};

use hushed::cli;

use super::root;

/// Returns the lines of code blocks. A line that ends in a backslash is joined with the next.
fn code_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            let text = line.strip_suffix('\\').unwrap_or(line);
            match lines.last_mut().filter(|_| continued) {
                Some(last) => last.push_str(text),
                None => lines.push(text.to_owned()),
            }
            continued = text.len() < line.len();
        }
    }
    lines
}

/// Splits a line as a shell does, and returns the words of every simple command that begins with
/// `hushed`, without redirections.
fn hushed_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![vec![String::new()]];
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let words = commands.last_mut().unwrap();
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some('"') | None, '\\') => words.last_mut().unwrap().extend(characters.next()),
            (None, ' ') => words.push(String::new()),
            (None, '#') if words.last().unwrap().is_empty() => break,
            (None, '|' | ';' | '&') => commands.push(vec![String::new()]),
            (_, c) => words.last_mut().unwrap().push(c),
        }
    }
    let without_redirections = |words: Vec<String>| {
        let mut words = words.into_iter().filter(|word| !word.is_empty() && word != "$");
        let mut kept = Vec::new();
        while let Some(word) = words.next() {
            match word.trim_start_matches(|c: char| c.is_ascii_digit()) {
                "<" | ">" | ">>" => drop(words.next()),
                redirection if redirection.starts_with(['<', '>']) => {}
                _ => kept.push(word),
            }
        }
        kept
    };
    let is_hushed = |words: &Vec<String>| words.first().is_some_and(|word| word == "hushed");
    commands.into_iter().map(without_redirections).filter(is_hushed).collect()
}

fn documents() -> Vec<PathBuf> {
    let folder = |name: &str| fs::read_dir(root().join(name)).unwrap().map(|e| e.unwrap().path());
    let all = folder("man/src").chain(folder("docs")).chain([root().join("README.md")]);
    all.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

#[test]
fn every_example_parses() {
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for words in code_lines(&text).iter().flat_map(|line| hushed_commands(line)) {
            let parsed = cli::definition().try_get_matches_from(&words);
            let fault = parsed.err().filter(clap::Error::use_stderr); // not --version
            assert!(fault.is_none(), "{}: `{}` does not parse", path.display(), words.join(" "));
            count += 1;
        }
    }
    assert!(count > 40, "only {count} examples were found");
}

#[test]
fn a_line_is_split_as_by_a_shell() {
    for (line, want) in [
        ("hushed run -c 'a | b' # c", vec![vec!["hushed", "run", "-c", "a | b"]]),
        ("make 2>&1 | hushed redact 3< f > g", vec![vec!["hushed", "redact"]]),
        ("$ hushed init && hushed doctor", vec![vec!["hushed", "init"], vec!["hushed", "doctor"]]),
        ("echo \"hushed run\"", vec![]),
    ] {
        assert_eq!(hushed_commands(line), want, "{line}");
    }
}
