//! References between documents and completeness: a page that is named exists, and every command and
//! every option is described.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::{commands, manual::pages, page::page_name, root};

/// The documents and the source files: all may name pages of the manual.
fn texts() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![root().to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let is_skipped = name.starts_with('.') || name == "target";
                waiting.extend((!is_skipped).then_some(path));
            } else if path.extension().is_some_and(|end| end == "md" || end == "rs" || end == "sh")
            {
                files.push(path);
            }
        }
    }
    files
}

/// The pages of hushed that a text names, such as `hushed-run(1)`, as names of files.
fn named_pages(text: &str) -> Vec<String> {
    let plain =
        text.replace("\\fB", "").replace("\\fR", "").replace("\\-", "-").replace(['*', '`'], "");
    let mut names = Vec::new();
    for (at, _) in plain.match_indices("hushed") {
        let (_, rest) = plain.split_at(at);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let section = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        if let Some((section @ ("1" | "5" | "7" | "8"), _)) = section {
            names.push(format!("{name}.{section}"));
        }
    }
    names
}

#[test]
fn every_page_that_is_named_exists() {
    let known: BTreeSet<String> =
        pages().keys().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let mut count = 0;
    for path in texts() {
        for name in named_pages(&fs::read_to_string(&path).unwrap()) {
            assert!(known.contains(&name), "{} names {name}, which does not exist", path.display());
            count += 1;
        }
    }
    assert!(count > 100, "only {count} references were found");
    let named: BTreeSet<String> = pages().values().flat_map(|text| named_pages(text)).collect();
    let unnamed: Vec<&String> = known.difference(&named).collect();
    assert!(unnamed.is_empty(), "no page refers to {unnamed:?}");
}

#[test]
fn names_of_pages_are_found_in_markdown_and_roff() {
    let text =
        "See **hushed-run**(1), `hushed.toml`(5), \\fBhushed\\-exec\\fR(7), hushed(x) and hushed.";
    assert_eq!(named_pages(text), ["hushed-run.1", "hushed.toml.5", "hushed-exec.7"]);
}

#[test]
fn every_command_and_every_option_is_described() {
    let pages = pages();
    for command in commands() {
        let name = page_name(&command);
        let page = pages[&PathBuf::from(format!("man/{name}.1"))].replace("\\-", "-");
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            assert!(sub.get_about().is_some(), "{name}: {} has no description", sub.get_name());
            let row = format!("\\fB{}\\fR(1)\n", page_name(sub));
            assert!(page.contains(&row), "{name}: {} is not described", sub.get_name());
        }
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            let id = argument.get_id();
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.len() > 5, "{name}: {id} has no description");
            let shown = argument.get_long().map(|long| format!("\\fB--{long}\\fR"));
            let value =
                argument.get_value_names().and_then(<[_]>::first).map_or(id.as_str(), |name| name);
            let shown = shown.unwrap_or_else(|| format!("\\fI{}\\fR\n", value.to_uppercase()));
            assert!(page.contains(&shown), "{name}: {shown} is not described");
        }
    }
}
