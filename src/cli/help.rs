//! Help texts: `-h` in at most 25 lines, and `--help` in full, examples first.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use super::parse::definition;
use super::usage::selected;

/// The options that the short help shows, the most used first, beside those of the subcommand alone.
const COMMON: [&str; 10] = [
    "string", "env", "path", "project", "profile", "env-file", "only", "redact", "verbose", "help",
];

/// How many options the short help shows.
const MAX_OPTIONS: usize = 10;

/// Two examples for each subcommand.
const EXAMPLES: [(&str, [&str; 2]); 36] = [
    ("hushed", ["hushed init", "hushed run -- ./server"]),
    (
        "hushed run",
        ["hushed run -- ./server --port 8080", "hushed run -e prod -c 'psql \"$DATABASE_URL\"'"],
    ),
    ("hushed plan", ["hushed plan", "hushed plan --only 'APP_*' -- ./server"]),
    ("hushed why", ["hushed why DATABASE_URL", "hushed why DATABASE_URL --json"]),
    (
        "hushed redact",
        ["make 2>&1 | hushed redact", "./job 2>&1 | hushed redact --env-file .env >job.log"],
    ),
    ("hushed scan", ["hushed scan", "hushed scan --range origin/main..HEAD"]),
    (
        "hushed scan install-hook",
        ["hushed scan install-hook", "cd web && hushed scan install-hook"],
    ),
    ("hushed export", ["hushed export -o .env.local", "hushed export --format json | jq ."]),
    ("hushed secrets", ["hushed secrets list", "hushed secrets get DATABASE_URL"]),
    ("hushed secrets list", ["hushed secrets list", "hushed secrets list --path /api --reveal"]),
    (
        "hushed secrets get",
        [
            "hushed secrets get DATABASE_URL",
            "hushed secrets get TOKEN | docker login -u ci --password-stdin",
        ],
    ),
    (
        "hushed secrets set",
        ["hushed secrets set DB_PASSWORD", "pwgen 32 1 | hushed secrets set DB_PASSWORD"],
    ),
    (
        "hushed secrets delete",
        ["hushed secrets delete DB_PASSWORD", "hushed secrets delete OLD_A OLD_B"],
    ),
    (
        "hushed secrets rename",
        ["hushed secrets rename OLD NEW", "hushed secrets rename OLD NEW --source team"],
    ),
    (
        "hushed secrets copy",
        ["hushed secrets copy A B --to staging", "hushed secrets copy OLD --as NEW"],
    ),
    ("hushed secrets diff", ["hushed secrets diff staging prod", "hushed secrets diff local shop"]),
    (
        "hushed secrets history",
        ["hushed secrets history DB_PASSWORD", "hushed secrets history DB_PASSWORD --source team"],
    ),
    (
        "hushed secrets rollback",
        ["hushed secrets rollback DB_PASSWORD", "hushed secrets rollback DB_PASSWORD --to 3"],
    ),
    ("hushed folders", ["hushed folders list", "hushed folders create api/db"]),
    ("hushed folders list", ["hushed folders list", "hushed folders list api"]),
    ("hushed folders create", ["hushed folders create api", "hushed folders create api/db"]),
    ("hushed folders delete", ["hushed folders delete old", "hushed folders delete api/db --yes"]),
    ("hushed kms", ["hushed kms sign data > data.sig", "hushed kms keys"]),
    (
        "hushed kms encrypt",
        ["hushed kms encrypt data", "hushed kms encrypt --context 'row 7' data"],
    ),
    ("hushed kms decrypt", ["hushed kms decrypt text", "hushed kms decrypt text --format base64"]),
    ("hushed kms sign", ["hushed kms sign data", "hushed kms sign data --format raw > data.der"]),
    ("hushed kms hmac", ["hushed kms hmac data", "hushed kms hmac data --format hex"]),
    (
        "hushed kms verify",
        [
            "hushed kms verify data --signature-file data.sig",
            "hushed kms verify --signature-file f < data",
        ],
    ),
    ("hushed kms keys", ["hushed kms keys", "hushed kms keys --json"]),
    ("hushed login", ["TOKEN=$(hushed login --method universal-auth)", "hushed login status"]),
    ("hushed token", ["hushed token renew", "hushed token renew --token-file token"]),
    ("hushed cache", ["hushed cache status", "hushed cache clear --all"]),
    ("hushed doctor", ["hushed doctor", "hushed doctor --profile prod --json"]),
    ("hushed attest", ["hushed attest", "hushed attest --disk-free"]),
    ("hushed init", ["hushed init", "hushed init --systemd -o app.service -- /usr/local/bin/app"]),
    (
        "hushed completions",
        [
            "hushed completions bash >/etc/bash_completion.d/hushed",
            "hushed completions fish | source",
        ],
    ),
];

/// The order of the full help: what it is, usage, examples, then all options.
const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\n{all-args}";

/// The help text that the arguments ask for, `-h` or `--help`.
pub(super) fn render(arguments: &[OsString]) -> StyledStr {
    let mut definition = definition().max_term_width(100);
    definition.build();
    let command = selected(&definition, arguments);
    let mut asked = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    let first = asked.find_map(|argument| {
        let text = argument.to_str()?;
        let is_short = text.starts_with('-') && !text.starts_with("--") && text.ends_with('h');
        (is_short || text == "--help").then_some(is_short)
    });
    if first == Some(true) { short(command) } else { full(command) }
}

fn path(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

fn examples(command: &Command) -> Option<&'static [&'static str; 2]> {
    EXAMPLES.iter().find(|(name, _)| *name == path(command)).map(|(_, examples)| examples)
}

fn full(command: &Command) -> StyledStr {
    let written = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let listed = match examples(command) {
        Some(examples) if !written.starts_with("Examples:") => {
            format!("Examples:\n  {}\n\n{written}", examples.join("\n  "))
        }
        _ => written,
    };
    let command = command.clone().max_term_width(100).help_template(TEMPLATE);
    command.after_help(listed.trim_end().to_owned()).render_long_help()
}

/// The subcommands that only the complete help lists, so that the short one fits a screen.
const RARE: [&str; 5] = ["token", "schema", "completions", "merge", "migrate"];

fn short(command: &Command) -> StyledStr {
    let name = path(command).to_owned();
    let shown = shown_options(command);
    let hidden = |arg: Arg| {
        let is_shown = arg.is_positional() || shown.iter().any(|id| *id == arg.get_id().as_str());
        arg.hide(!is_shown).help_heading("Options")
    };
    let listed = examples(command)
        .map_or_else(String::new, |examples| format!("Examples:\n  {}\n", examples.join("\n  ")));
    let more = format!("{listed}See `{name} --help` for more.");
    let command = command.clone().mut_args(hidden).after_help(more).max_term_width(100);
    let command = command.mut_subcommands(|subcommand| {
        let is_rare = RARE.contains(&subcommand.get_name());
        subcommand.hide(is_rare)
    });
    let usage = if command.has_subcommands() { "{subcommands}" } else { "{all-args}" };
    let template = if command.has_subcommands() {
        format!(
            "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\nCommands:\n{usage}{{after-help}}"
        )
    } else {
        format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{usage}{{after-help}}")
    };
    command.help_template(template).render_help()
}

/// The options of the short help: those of this subcommand alone, then the common ones.
fn shown_options(command: &Command) -> Vec<String> {
    let args: Vec<&Arg> =
        command.get_arguments().filter(|arg| !arg.is_hide_set() && !arg.is_positional()).collect();
    let is_own = |arg: &&&Arg| {
        arg.get_help_heading().is_none()
            && !["config", "disk-free", "help", "verbose", "version"]
                .contains(&arg.get_id().as_str())
    };
    let ids = |arg: &&Arg| arg.get_id().as_str().to_owned();
    let own = args.iter().filter(is_own).map(ids);
    let common = COMMON.iter().filter(|id| args.iter().any(|arg| arg.get_id() == **id));
    let mut shown: Vec<String> = own.collect();
    for id in common {
        if !shown.iter().any(|known| known == id) {
            shown.push((*id).to_owned());
        }
    }
    shown.truncate(MAX_OPTIONS);
    shown
}
