//! Transcripts: Markdown that says what a user types and sees, run and compared.
//! Must not know what a command does.
//!
//! A `console` block has lines `$ command`, continued by `> `, what the command writes to both of
//! its streams, and `? 2` where it ends with another code than 0. `[..]` stands for anything in a
//! line, `...` for any lines. A `scenario` block, or a comment `<!-- scenario … -->` where readers
//! need not see it, sets the stage for the blocks after it; where it needs a program that is not here,
//! they are left as they are, and standard error has the reason. Blocks of all other languages, and
//! `console` blocks without a `$`, are only read.

use std::io::Write as _;

use snapbox::{Data, filter::NormalizeToExpected};

use super::scenario::{Scenario, Stage};

/// Runs a transcript; gives it back as it would be true.
pub fn play(text: &str) -> String {
    let mut scenario = Some(Scenario::default());
    let mut stage = None;
    let mut skipped = false;
    let mut out = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        out.push(line.to_owned());
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        let close = match line.trim_end() {
            "<!-- scenario" => "-->".to_owned(),
            _ if ticks >= 3 => "`".repeat(ticks),
            _ => continue,
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != close).collect();
        match line.trim_end().trim_start_matches('`') {
            "scenario" | "<!-- scenario" => {
                let parsed = Scenario::parse(&block);
                skipped = is_skipped(&parsed);
                scenario = Some(parsed);
                stage = None;
                out.extend(block.iter().map(ToString::to_string));
            }
            "console" if !skipped && block.iter().any(|line| line.starts_with("$ ")) => {
                let stage: &Stage = stage
                    .get_or_insert_with(|| scenario.take().expect("a stage is built once").build());
                out.extend(console(stage, &block));
            }
            _ => {
                if let Some(scenario) = &mut scenario {
                    scenario.offer(&format!("{}\n", block.join("\n")));
                }
                out.extend(block.iter().map(ToString::to_string));
            }
        }
        out.push(close);
    }
    out.push(String::new());
    out.join("\n")
}

/// Returns whether a scenario cannot be played here, and why.
fn is_skipped(scenario: &Scenario) -> bool {
    let missing = scenario.missing();
    if missing.is_empty() {
        return false;
    }
    let file = std::thread::current().name().unwrap_or_default().to_owned();
    let text = format!("skipped: {file}: not on this machine: {}\n", missing.join(", "));
    // Not `println!`, which the test runner swallows when a test passes.
    std::io::stderr().write_all(text.as_bytes()).unwrap();
    true
}

/// Runs the commands of a block; gives its lines as they would be true.
fn console(stage: &Stage, block: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = block;
    while let Some((first, after)) = rest.split_first() {
        let Some(command) = first.strip_prefix("$ ") else {
            // Before the first command nothing runs.
            out.push((*first).to_owned());
            rest = after;
            continue;
        };
        let more = after.iter().take_while(|line| line.starts_with("> ")).count();
        let (more, after) = after.split_at(more);
        let end = after.iter().position(|line| line.starts_with("$ ")).unwrap_or(after.len());
        let (expected, after) = after.split_at(end);
        rest = after;

        let continued = more.iter().filter_map(|line| line.strip_prefix("> "));
        let script: Vec<&str> = std::iter::once(command).chain(continued).collect();
        let (written, code) = stage.run(&script.join("\n"));
        out.push((*first).to_owned());
        out.extend(more.iter().map(ToString::to_string));
        let blank = expected.iter().rev().take_while(|line| line.is_empty()).count();
        let (expected, blank) = expected.split_at(expected.len() - blank);
        let expected: Vec<&str> = expected.iter().copied().filter(|line| !is_code(line)).collect();
        out.extend(adjusted(&written, &expected.join("\n")));
        if code != 0 {
            out.push(format!("? {code}"));
        }
        out.extend(blank.iter().map(ToString::to_string));
    }
    out
}

fn is_code(line: &str) -> bool {
    line.strip_prefix("? ").is_some_and(|code| code.parse::<i32>().is_ok())
}

/// Returns what was written, with the wildcards of what was expected where they match.
fn adjusted(written: &str, expected: &str) -> Vec<String> {
    let (written, expected) = (Data::text(written.trim_end_matches('\n')), Data::text(expected));
    let adjusted = NormalizeToExpected::new().redact().normalize(written, &expected);
    adjusted.render().unwrap_or_default().lines().map(String::from).collect()
}
