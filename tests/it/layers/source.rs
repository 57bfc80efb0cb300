//! The sources of the crate as tokens, and the paths in them that name the crate's own modules.
//! Must not judge them.

use std::{
    fs,
    iter::Peekable,
    path::{Path, PathBuf},
    str::Chars,
};

/// A word or a mark of the source, comments and literals left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its text: an identifier, or one character.
    pub(super) text: String,
    /// Its line, from 1.
    pub(super) line: usize,
}

/// A file of the crate.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path below `src/`, parted by `/`.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
}

/// A path that the source names, from the root of the crate, without generic arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its segments.
    pub(super) path: Vec<String>,
    /// The line of its last segment.
    pub(super) line: usize,
}

/// Reads all files below a folder.
pub(super) fn read(folder: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                sources.push(Source { file, text: fs::read_to_string(path).unwrap() });
            }
        }
    }
    sources
}

impl Source {
    /// Returns the folder or file directly below `src/` that this is in, without its ending.
    pub(super) fn top_module(&self) -> &str {
        let first = self.file.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Returns the module that the file is, from the root of the crate.
    fn module(&self) -> Vec<String> {
        let path = self.file.strip_suffix(".rs").unwrap_or(&self.file);
        let parts = path.split('/').filter(|part| !["mod", "lib", "main"].contains(part));
        parts.map(str::to_owned).collect()
    }

    /// Returns every path that begins with `crate`, `self` or `super`.
    pub(super) fn named(&self) -> Vec<Named> {
        let tokens = tokens(&self.text);
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        // For each open brace, whether it opened a module.
        let mut braces = Vec::new();
        let mut module = self.module();
        let mut named = Vec::new();
        for at in 0..tokens.len() {
            match &texts[at..] {
                ["mod", name, "{", ..] => {
                    braces.push(true);
                    module.push((*name).to_owned());
                }
                ["{", ..] if at < 2 || texts[at - 2] != "mod" => braces.push(false),
                ["}", ..] => {
                    let ends = usize::from(braces.pop() == Some(true));
                    module.truncate(module.len() - ends);
                }
                ["crate" | "self" | "super", ":", ":", ..] if at == 0 || texts[at - 1] != ":" => {
                    tree(&tokens, &mut { at }, &Vec::new(), &module, &mut named);
                }
                _ => {}
            }
        }
        named
    }
}

/// Reads one tree of paths: `a::b`, `a::{b, c::d}`, `a::*`.
fn tree(
    tokens: &[Token],
    at: &mut usize,
    prefix: &[String],
    module: &[String],
    named: &mut Vec<Named>,
) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut path = prefix.to_vec();
    loop {
        match text(*at) {
            "{" => {
                *at += 1;
                while !["}", ""].contains(&text(*at)) {
                    tree(tokens, at, &path, module, named);
                    while ![",", "}", ""].contains(&text(*at)) {
                        *at += 1;
                    }
                    *at += usize::from(text(*at) == ",");
                }
                *at += 1;
                return;
            }
            segment => path.push(segment.to_owned()),
        }
        if text(*at + 1) == ":" && text(*at + 2) == ":" && text(*at + 3) != "<" {
            *at += 3;
            continue;
        }
        named.push(Named { path: from_root(&path, module), line: tokens[*at].line });
        *at += 1;
        return;
    }
}

/// Resolves `crate`, `self` and `super`.
fn from_root(path: &[String], module: &[String]) -> Vec<String> {
    let mut whole = module.to_vec();
    for segment in path {
        match segment.as_str() {
            "crate" => whole.clear(),
            "self" => {}
            "super" => {
                whole.pop();
            }
            _ => whole.push(segment.clone()),
        }
    }
    whole
}

/// Divides a source into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text.chars().peekable();
    let mut line = 1;
    let mut found = Vec::new();
    while let Some(c) = rest.next() {
        let begun = line;
        match c {
            '\n' => line += 1,
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => line += block_comment(&mut rest),
            '"' => line += string(&mut rest),
            '\'' => character_or_lifetime(&mut rest),
            c if c.is_alphabetic() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                if matches!(word.as_str(), "r" | "br" | "cr")
                    && matches!(rest.peek(), Some('"' | '#'))
                {
                    line += raw_string(&mut rest);
                } else {
                    found.push(Token { text: word, line: begun });
                }
            }
            c if c.is_whitespace() => {}
            c => found.push(Token { text: c.into(), line: begun }),
        }
    }
    found
}

fn block_comment(rest: &mut Peekable<Chars<'_>>) -> usize {
    let (mut depth, mut lines) = (1, 0);
    rest.next();
    while let (true, Some(c)) = (depth > 0, rest.next()) {
        match c {
            '\n' => lines += 1,
            '*' if rest.next_if_eq(&'/').is_some() => depth -= 1,
            '/' if rest.next_if_eq(&'*').is_some() => depth += 1,
            _ => {}
        }
    }
    lines
}

fn string(rest: &mut Peekable<Chars<'_>>) -> usize {
    let mut lines = 0;
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => lines += usize::from(rest.next() == Some('\n')),
            c => lines += usize::from(c == '\n'),
        }
    }
    lines
}

fn raw_string(rest: &mut Peekable<Chars<'_>>) -> usize {
    let mut hashes = 0;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    let mut lines = 0;
    if rest.next_if_eq(&'"').is_none() {
        return lines;
    }
    while let Some(c) = rest.next() {
        lines += usize::from(c == '\n');
        if c == '"' && (0..hashes).all(|_| rest.next_if_eq(&'#').is_some()) {
            break;
        }
    }
    lines
}

fn character_or_lifetime(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'\\').is_some() {
        rest.next();
        while rest.next().is_some_and(|c| c != '\'') {}
        return;
    }
    let mut ahead = rest.clone();
    if ahead.next().is_some() && ahead.next() == Some('\'') {
        *rest = ahead;
    }
}
