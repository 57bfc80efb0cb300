//! The examples of the manual and of the README: what they say to hushed is what hushed understands.
//! Must not run any of them.

use std::{fs, path::PathBuf};

use hushed::cli;

use super::root;

/// Gives the lines of code blocks, with those that a backslash continues joined.
fn code(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            let part = line.strip_suffix('\\').unwrap_or(line);
            match lines.last_mut().filter(|_| continued) {
                Some(last) => last.push_str(part),
                None => lines.push(part.to_owned()),
            }
            continued = part.len() < line.len();
        }
    }
    lines
}

/// Parts a line as a shell would, and gives the words of every simple command that begins with
/// `hushed`. Redirections are left out.
fn said(line: &str) -> Vec<Vec<String>> {
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
    let plain = |words: Vec<String>| {
        let mut words = words.into_iter().filter(|word| !word.is_empty() && word != "$");
        let mut plain = Vec::new();
        while let Some(word) = words.next() {
            match word.trim_start_matches(|c: char| c.is_ascii_digit()) {
                "<" | ">" | ">>" => drop(words.next()),
                redirection if redirection.starts_with(['<', '>']) => {}
                _ => plain.push(word),
            }
        }
        plain
    };
    let ours = |words: &Vec<String>| words.first().is_some_and(|word| word == "hushed");
    commands.into_iter().map(plain).filter(ours).collect()
}

fn documents() -> Vec<PathBuf> {
    let folder = |name: &str| fs::read_dir(root().join(name)).unwrap().map(|e| e.unwrap().path());
    let all = folder("man/src").chain(folder("docs")).chain([root().join("README.md")]);
    all.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

#[test]
fn what_the_documents_say_to_hushed_is_understood() {
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for words in code(&text).iter().flat_map(|line| said(line)) {
            // A README's errors are shown by transcripts; here it is whether the words are known.
            let parsed = cli::definition().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{}: `{}` is not understood", path.display(), words.join(" "));
            count += 1;
        }
    }
    assert!(count > 40, "only {count} examples were found");
}

#[test]
fn a_line_is_parted_as_by_a_shell() {
    for (line, want) in [
        ("hushed run -c 'a | b' # c", vec![vec!["hushed", "run", "-c", "a | b"]]),
        ("make 2>&1 | hushed redact 3< f > g", vec![vec!["hushed", "redact"]]),
        ("$ hushed init && hushed doctor", vec![vec!["hushed", "init"], vec!["hushed", "doctor"]]),
        ("echo \"hushed run\"", vec![]),
    ] {
        assert_eq!(said(line), want, "{line}");
    }
}
