//! One page of the manual: what clap knows of a command, and the prose of `man/src/`, in which a line
//! `{{…}}` stands for a table of the crate. Must not read or write a file.

use clap::Arg;
use clap_mangen::Man;

use crate::faults::table::markdown;

use super::{
    roff::{from_markdown, text},
    schema::{Codes, credentials, environment, exit_codes, reserved, sections},
};

/// What every page of a command says about its surroundings besides its own flags' variables.
const SURROUNDINGS: &str = "\
| `HUSHED_CONFIG`, `HUSHED_PROFILE` | As `--config`, `--profile`. |
| `CREDENTIALS_DIRECTORY` | Where systemd puts a unit's credentials; hushed.toml(5) has their names. |
| `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | Proxies, for Infisical. In lower case too, \
and first. |
| `SSL_CERT_FILE` | The certificate authorities to trust, unless `--ca-file` is said. |
| `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `HOME` | Where the files of the user are; see FILES. |
";

const FILES: &str = "\
| file | meaning |
|---|---|
| `hushed.toml` | The project's configuration, looked for from the working directory upwards to the \
repository's root; see hushed.toml(5). |
| `.infisical.json` | The project file of Infisical's own command line, looked for in the same way. |
| `~/.config/hushed/config.toml` | The user's own configuration. |
| `~/.config/hushed/key` | The key of local stores, unless another is named. |
| `secrets.hushed` | The sealed local store, unless another is named. |
| `.env` | A dotenv file, read only where the configuration or `--env-file` names it. |
| `~/.cache/hushed/` | The sealed cache, where one is asked for and no other place is named. |
| `~/.local/share/hushed/trust` | What `hushed trust` recorded. |
";

/// Names are to be copied: no hyphens at the end of a line, and none stretched.
const LAYOUT: &str = ".nh\n.ad l\n";

/// Renders the page of a command, which must be built.
pub(super) fn of_command(command: &clap::Command, prose: &str) -> String {
    let version = concat!("hushed ", env!("CARGO_PKG_VERSION"));
    let shown = command.clone().mut_args(for_print);
    let man = Man::new(shown).source(version).manual("hushed manual");
    let (description, sections) = prose.split_once("\n## ").unwrap_or((prose, ""));
    let mut out = Vec::new();
    man.render_title(&mut out).unwrap();
    let mut page = String::from_utf8(out).unwrap() + LAYOUT;
    page += &part(|out| man.render_name_section(out));
    page += ".SH SYNOPSIS\n";
    page += &synopsis(command);
    page += ".SH DESCRIPTION\n";
    page += &from_markdown(description);
    if command.has_subcommands() {
        page += &part(|out| man.render_subcommands_section(out)).replacen(
            ".SH SUBCOMMANDS",
            ".SH COMMANDS",
            1,
        );
    }
    page += &options(&part(|out| man.render_options_section(out)), command);
    page += &from_markdown(&filled(&format!("## {sections}"), command));
    page
}

/// Renders a page that no command has.
pub(super) fn of_file(name: &str, about: &str, prose: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (title, section) = name.rsplit_once('.').unwrap();
    let prose =
        prose.replace("{{sections}}", &sections()).replace("{{credentials}}", &credentials());
    let prose = prose.replace("{{faults}}", &markdown());
    format!(
        ".TH {title} {section} \"\" \"hushed {version}\" \"hushed manual\"\n{LAYOUT}\
         .SH NAME\n{title} \\- {}\n.SH DESCRIPTION\n{}",
        text(about),
        from_markdown(&prose)
    )
}

/// A section of clap's, without the preamble that the title has brought already.
fn part(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.split_once(".SH").map_or(text.clone(), |(_, section)| format!(".SH{section}"))
}

/// An option as a page shows it: without what is said elsewhere or goes without saying.
fn for_print(argument: Arg) -> Arg {
    let switch = argument.get_possible_values().iter().any(|value| value.get_name() == "true");
    let also = argument.get_visible_aliases().unwrap_or_default();
    let also: Vec<_> = also.iter().map(|alias| format!(" [also: --{alias}]")).collect();
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    argument.hide_possible_values(switch).help(help.replace('`', "") + &also.concat())
}

/// The options with clap's headings below the section, not beside it.
fn options(section: &str, command: &clap::Command) -> String {
    let headings = command.get_arguments().filter_map(Arg::get_help_heading);
    headings.fold(section.to_owned(), |text, heading| {
        let request = |name, heading: &str| format!(".{name} \"{heading}\"");
        text.replace(&request("SH", &heading.to_uppercase()), &request("SS", heading))
    })
}

/// The usage as help shows it, the command's name in bold.
fn synopsis(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let name = command.get_bin_name().unwrap_or_default();
    let line = |line: &str| {
        let rest = line.strip_prefix(name).unwrap_or(line);
        format!("\\fB{name}\\fR{rest}\n").replace('-', "\\-")
    };
    let lines = usage.trim_start_matches("Usage:").lines().map(str::trim);
    lines.map(line).collect::<Vec<_>>().join(".br\n")
}

/// The prose with the crate's tables in it.
fn filled(prose: &str, command: &clap::Command) -> String {
    let flags: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
        .collect();
    let codes = match command.get_name() {
        "hushed" => Codes::All,
        "run" => Codes::Run,
        _ => Codes::Others,
    };
    prose
        .replace("{{exit status}}", &exit_codes(codes))
        .replace("{{environment}}", &(environment(&flags) + SURROUNDINGS))
        .replace("{{files}}", FILES)
        .replace("{{reserved names}}", &reserved())
}
