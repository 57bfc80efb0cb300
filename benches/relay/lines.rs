//! A filter as one writes it in an hour: reads a line, replaces each value in it, writes it. It knows
//! nothing of encodings, and stands for all that work by lines.

use std::{
    fs,
    io::{self, BufRead as _, Write as _},
    path::Path,
};

/// The first argument of this program when it is that filter; the second names the values.
pub(crate) const CHILD: &str = "filter-lines-by";

/// Every value and what comes in its place.
pub(crate) fn replacements(env_file: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(env_file).unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (value.trim_matches('\'').to_owned(), format!("[hushed:{name}]"))
    };
    text.lines().map(pair).collect()
}

/// Filters standard input to standard output.
pub(crate) fn filter(env_file: &str) {
    let replacements = replacements(Path::new(env_file));
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line).unwrap() > 0 {
        for (value, label) in &replacements {
            if line.contains(value) {
                line = line.replace(value, label);
            }
        }
        output.write_all(line.as_bytes()).unwrap();
        output.flush().unwrap();
        line.clear();
    }
}
