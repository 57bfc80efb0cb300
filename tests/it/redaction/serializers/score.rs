//! Whether an output with labels in it still shows a value.

/// The most letters and digits of a value that may be left to read.
const MOST_LEFT: usize = 6;
/// The shortest run of letters and digits that counts.
const SHORTEST_RUN: usize = 4;

/// Words that stand in values and that anybody knows.
const WORDS: [&str; 10] =
    ["BEGIN", "PRIVATE", "first", "line", "second", "note", "type", "postgres", "internal", "user"];
/// Lines of a key in PEM that betray nothing, or are too short to be looked for alone.
const LINES: [&str; 3] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Qw3e=="];

/// The runs of letters and digits of a value.
pub(super) fn runs(value: &str) -> Vec<&str> {
    let mut runs: Vec<&str> = value
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|run| run.len() >= SHORTEST_RUN && !WORDS.contains(run))
        .collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// Whether an output has a label, and next to nothing of the runs of a value besides.
pub(super) fn is_covered(output: &[u8], label: &str, runs: &[&str]) -> bool {
    let text = String::from_utf8_lossy(output);
    if !text.contains("[hushed:") {
        return false;
    }
    let mut text = text.replace(label, "\u{1}");
    for line in LINES {
        text = text.replace(line, "");
    }
    let left = runs.iter().filter(|run| text.contains(**run)).map(|run| run.len());
    left.sum::<usize>() <= MOST_LEFT
}

#[test]
fn an_output_is_covered_if_a_label_stands_for_all_but_a_few_characters() {
    let runs = runs("canary-7f3a/longer");
    assert_eq!(runs, ["7f3a", "canary", "longer"]);
    for (output, want) in [
        ("<[hushed:K]>", true),
        ("<[hushed:K]longer>", true),
        ("<[hushed:K]7f3a/longer>", false),
        ("<canary-7f3a/longer>", false),
        ("nothing", false),
    ] {
        assert_eq!(is_covered(output.as_bytes(), "[hushed:K]", &runs), want, "{output}");
    }
}
