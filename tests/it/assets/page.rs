//! Renders one manual page: a header, and the prose of `man/src/`, in which a line `{{…}}` stands for a
//! table of the crate. Reads and writes no file.

use clap::Command;

use crate::faults::table::markdown;

use super::{
    commands,
    options::options,
    roff::{from_markdown, text},
    schema::{
        Codes, credential_variables, credentials, exit_codes, reserved, sections, setting_variables,
    },
};

/// No hyphenation and no justified lines, so that names can be copied, and one space between sentences. The `man` macros of groff turn hyphenation on again at each paragraph, as the register `HY` says.
const LAYOUT: &str = ".nr HY 0\n.nh\n.ad l\n.ss 12 0\n";

/// The name of a command's page, without the section.
pub(super) fn page_name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

/// Renders the page of a command.
pub(super) fn command_page(command: &Command, prose: &str) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let body = fill(prose, &tables(command));
    format!(
        "{}.SH SYNOPSIS\n{}{}",
        header(&page_name(command), "1", about.trim_end_matches('.')),
        synopsis(command),
        from_markdown(&body)
    )
}

/// Renders a page of section 5 or 7, such as `hushed.toml.5`.
pub(super) fn topic_page(file_name: &str, about: &str, prose: &str) -> String {
    let (name, section) = file_name.rsplit_once('.').unwrap();
    let body = fill(prose, &topic_tables());
    format!("{}.SH DESCRIPTION\n{}", header(name, section, about), from_markdown(&body))
}

fn header(name: &str, section: &str, about: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        ".TH {name} {section} \"\" \"hushed {version}\" \"hushed manual\"\n{LAYOUT}\
         .SH NAME\n{} \\- {}\n",
        name.replace('-', r"\-"),
        text(about)
    )
}

/// The usage as `--help` prints it, with the command's name in bold.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let name = command.get_bin_name().unwrap_or_default();
    let line = |line: &str| {
        let rest = line.strip_prefix(name).unwrap_or(line);
        format!("\\fB{name}\\fR{rest}\n").replace('-', r"\-")
    };
    let lines = usage.trim_start_matches("Usage:").lines().map(str::trim);
    lines.map(line).collect::<Vec<_>>().join(".br\n")
}

/// The tables of a command's page, by the names that stand for them.
fn tables(command: &Command) -> Vec<(&'static str, String)> {
    let all = commands();
    let run = all.iter().find(|command| command.get_name() == "run").unwrap();
    let codes = match command.get_name() {
        "hushed" => Codes::All,
        "run" => Codes::Run,
        _ => Codes::Others,
    };
    vec![
        ("options", options(command, run)),
        ("commands", subcommands(command)),
        ("exit status", exit_codes(codes)),
    ]
}

/// The tables of the other pages.
fn topic_tables() -> Vec<(&'static str, String)> {
    vec![
        ("sections", sections()),
        ("credentials", credentials()),
        ("variables of settings", setting_variables()),
        ("variables of credentials", credential_variables()),
        ("reserved names", reserved()),
        ("faults", markdown()),
    ]
}

/// The subcommands with what they do.
fn subcommands(command: &Command) -> String {
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let row = |sub: &Command| {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        format!("| **{}**(1) | {} |\n", page_name(sub), about.trim_end_matches('.'))
    };
    let rows = shown.map(row).collect::<Vec<_>>().concat();
    format!("| command | purpose |\n|---|---|\n{rows}")
}

fn fill(prose: &str, tables: &[(&str, String)]) -> String {
    tables.iter().fold(prose.to_owned(), |prose, (name, table)| {
        prose.replace(&format!("{{{{{name}}}}}"), table)
    })
}
