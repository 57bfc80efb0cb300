//! One page of the manual: what clap knows of a command, and the prose of `man/src/`, in which a line
//! `{{…}}` stands for a table of the crate. Must not read or write a file.

use clap_mangen::Man;

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
| `~/.local/share/hushed/trust` | What `hushed trust` recorded. |
";

/// Renders the page of a command, which must be built.
pub(super) fn of_command(command: &clap::Command, prose: &str) -> String {
    let version = concat!("hushed ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(version).manual("hushed manual");
    let (description, sections) = prose.split_once("\n## ").unwrap_or((prose, ""));
    let mut out = Vec::new();
    man.render_title(&mut out).unwrap();
    let mut page = String::from_utf8(out).unwrap();
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
    page += &part(|out| man.render_options_section(out));
    page += &from_markdown(&filled(&format!("## {sections}"), command));
    page
}

/// Renders a page that no command has.
pub(super) fn of_file(name: &str, about: &str, prose: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (title, section) = name.rsplit_once('.').unwrap();
    let prose =
        prose.replace("{{sections}}", &sections()).replace("{{credentials}}", &credentials());
    format!(
        ".TH {title} {section} \"\" \"hushed {version}\" \"hushed manual\"\n\
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

/// The usage as help shows it: names in bold, what stands for something else in italics.
fn synopsis(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let rest = usage.strip_prefix(&name).unwrap_or(&usage);
    format!("\\fB{}\\fR{}\n", name.replace('-', "\\-"), rest.replace('-', "\\-"))
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
