//! The options of a command, as Markdown tables, grouped as in `--help`.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Describes all options and arguments of a command.
///
/// The options that `run` has too, under a heading, are described in its page only: the page of another
/// command lists them by name, so that a search finds them.
pub(super) fn options(command: &Command, run: &Command) -> String {
    let mut text = String::new();
    let mut groups: Vec<(Option<&str>, Vec<&Arg>)> = Vec::new();
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let heading = argument.get_help_heading();
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, group)) => group.push(argument),
            None => groups.push((heading, vec![argument])),
        }
    }
    groups.sort_by_key(|(heading, _)| heading.is_some());
    let is_run = command.get_name() == run.get_name();
    let (described, listed): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(heading, group)| {
        is_run || heading.is_none() || !group.iter().all(|a| has(run, a))
    });
    for (heading, group) in described {
        if let Some(heading) = heading {
            let _ = writeln!(text, "### {heading}\n");
        }
        text.push_str("| option | meaning |\n|---|---|\n");
        for argument in sorted(group) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let help = format!("{}{}", help.trim_end_matches('.'), aliases(argument));
            let _ = writeln!(text, "| {} | {} |", name(argument), help.replace('|', r"\|"));
        }
        text.push('\n');
    }
    if !listed.is_empty() {
        text.push_str("### Options of hushed run\n\n");
        text.push_str("These options have the same meaning as in **hushed-run**(1):\n\n");
        text.push_str("| group | options |\n|---|---|\n");
        for (heading, group) in listed {
            let names: Vec<String> = group.into_iter().map(flags).collect();
            let _ = writeln!(text, "| {} | {} |", heading.unwrap_or_default(), names.join(", "));
        }
        text.push('\n');
    }
    text
}

/// Arguments first, then options, as in `--help`.
fn sorted(mut group: Vec<&Arg>) -> Vec<&Arg> {
    group.sort_by_key(|argument| !argument.is_positional());
    group
}

fn has(command: &Command, argument: &Arg) -> bool {
    command.get_arguments().any(|known| known.get_long() == argument.get_long())
}

/// The short and the long form.
fn flags(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("`-{short}`"));
    let long = argument.get_long().map(|long| format!("`--{long}`"));
    short.into_iter().chain(long).collect::<Vec<_>>().join(", ")
}

/// An option with what stands for its value, or the name of an argument.
fn name(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let value = values.iter().map(|value| format!("*{value}*")).collect::<Vec<_>>().join(" ");
    let value = value.replace('|', r"\|");
    let takes_value = argument.get_num_args().is_some_and(|range| range.takes_values());
    let is_optional = argument.get_num_args().is_some_and(|range| range.min_values() == 0);
    match flags(argument) {
        positional if positional.is_empty() => value,
        flags if !takes_value => flags,
        flags if is_optional => format!("{flags}[=*{}*]", value.trim_matches('*')),
        flags => format!("{flags} {value}"),
    }
}

fn aliases(argument: &Arg) -> String {
    let aliases = argument.get_visible_aliases().unwrap_or_default();
    let shown = aliases.iter().map(|alias| format!(" [alias: `--{alias}`]"));
    shown.collect::<Vec<_>>().concat()
}
