//! The pages of the manual: which there are, and what each of them must have.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hushed::{config, provider::Registry, redact::Encoding};

use super::{
    check, commands,
    page::{command_page, page_name, topic_page},
    root,
};

/// The pages that describe no command: their file, and what they are about.
const TOPICS: &[(&str, &str)] = &[
    ("hushed-aws.7", "secrets of AWS Secrets Manager and Parameter Store"),
    ("hushed-azure.7", "secrets of Azure Key Vault"),
    ("hushed-ci.7", "log in from CI jobs with ID tokens"),
    ("hushed.toml.5", "configuration file of hushed"),
    ("hushed-doppler.7", "secrets of Doppler as a source of hushed"),
    ("hushed-dotenv.5", "format of the dotenv files that hushed reads"),
    ("hushed-environment.7", "environment variables of hushed"),
    ("hushed-exec.7", "how hushed builds the environment and executes the command"),
    ("hushed-faults.7", "what happens when a server fails"),
    ("hushed-files.7", "directories of files: systemd credentials, /run/secrets, volumes"),
    ("hushed-infisical.7", "secrets of Infisical, and its logins"),
    ("hushed-external-secrets.7", "manifests of External Secrets"),
    ("hushed-gcp.7", "secrets of Google Secret Manager"),
    ("hushed-kubernetes.7", "Secrets of Kubernetes as a source of hushed"),
    ("hushed-op.7", "items of 1Password Connect as a source of hushed"),
    ("hushed-references.7", "references to secrets in hushed.toml, and templates of them"),
    ("hushed-memory.7", "where secrets are in memory and on disk, and when they are wiped"),
    ("hushed-secret-service.7", "the keyring of a desktop as a source of hushed"),
    ("hushed-sops.7", "files that sops and age encrypted"),
    ("hushed-supervision.7", "how a command behaves as a child process of hushed"),
    ("hushed-vault.7", "secrets of HashiCorp Vault and OpenBao"),
];

/// The most lines that hushed-run(1) may have, as `groff -man -Tutf8` renders it at 80 columns.
const LONGEST_RUN_PAGE: usize = 350;

fn prose(name: &str) -> String {
    let path = match name {
        "hushed-dotenv" => root().join("docs/dotenv.md"),
        name => root().join("man/src").join(format!("{name}.md")),
    };
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Renders all pages, by their path.
pub(super) fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for command in commands() {
        let name = page_name(&command);
        pages.insert(format!("man/{name}.1").into(), command_page(&command, &prose(&name)));
    }
    for (file_name, about) in TOPICS {
        let (name, _) = file_name.rsplit_once('.').unwrap();
        let text = topic_page(file_name, about, &prose(name));
        pages.insert(format!("man/{file_name}").into(), text);
    }
    pages
}

/// Renders roff for a terminal of 80 columns, without bold and underlined characters. Gives what groff
/// prints and what it complains about, or nothing where it is not installed.
#[expect(clippy::print_stdout, reason = "a test says what it skips")]
fn render(page: &str) -> Option<(String, String)> {
    if Command::new("groff").arg("--version").output().is_err() {
        println!("skipped: groff is not installed");
        return None;
    }
    let mut groff = assert_cmd::Command::new("groff");
    let output =
        groff.args(["-man", "-Tutf8", "-ww", "-P-cbou"]).write_stdin(page).output().unwrap();
    assert!(output.status.success());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&output.stdout), text(&output.stderr)))
}

#[test]
fn the_manual_is_fresh() {
    check("man", &pages());
}

#[test]
fn every_source_of_the_manual_is_used() {
    let mut known: BTreeSet<String> = commands().iter().map(page_name).collect();
    known.extend(TOPICS.iter().map(|(name, _)| name.rsplit_once('.').unwrap().0.to_owned()));
    for entry in fs::read_dir(root().join("man/src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(name.strip_suffix(".md").unwrap()), "man/src/{name} is not used");
    }
}

#[test]
fn every_page_has_the_usual_sections() {
    for (path, text) in pages() {
        let is_command = path.extension().is_some_and(|section| section == "1");
        let sections: &[&str] = if is_command {
            &[
                "NAME",
                "SYNOPSIS",
                "EXAMPLES",
                "DESCRIPTION",
                "OPTIONS",
                "EXIT STATUS",
                "ENVIRONMENT",
                "FILES",
                "SEE ALSO",
            ]
        } else {
            &["NAME", "DESCRIPTION"]
        };
        let headings: Vec<&str> = text
            .lines()
            .filter_map(|line| Some(line.strip_prefix(".SH ")?.trim_matches('"')))
            .collect();
        let found: Vec<&str> =
            headings.iter().copied().filter(|heading| sections.contains(heading)).collect();
        assert_eq!(found, sections, "{}", path.display());
        // A template of `[env]` has a pipe or stands within a line.
        let is_table = |line: &str| line.starts_with("{{") && line.ends_with("}}");
        assert!(!text.lines().any(is_table), "{}: an unknown table", path.display());
    }
}

#[test]
fn the_page_of_run_is_short() {
    let page = &pages()[Path::new("man/hushed-run.1")];
    let Some((text, _)) = render(page) else { return };
    let lines = text.lines().count();
    assert!(lines <= LONGEST_RUN_PAGE, "hushed-run(1) has {lines} lines");
}

#[test]
fn the_options_of_run_are_grouped_as_in_help() {
    let run = commands().into_iter().find(|command| command.get_name() == "run").unwrap();
    let help = run.clone().render_long_help().to_string();
    let (_, options) = help.split_once("\nOptions:\n").unwrap();
    let is_heading = |line: &&str| line.ends_with(':') && !line.starts_with([' ', '-']);
    let headings: Vec<_> =
        options.lines().filter(is_heading).map(|line| line.trim_end_matches(':')).collect();
    let page = &pages()[Path::new("man/hushed-run.1")];
    let (_, section) = page.split_once(".SH \"OPTIONS\"\n").unwrap();
    let (section, _) = section.split_once(".SH ").unwrap();
    let groups: Vec<_> = section
        .lines()
        .filter_map(|line| Some(line.strip_prefix(".SS ")?.trim_matches('"')))
        .collect();
    assert!(groups.len() > 5 && headings.starts_with(&groups), "{groups:?} {headings:?}");
}

#[test]
fn groff_renders_every_page_without_warnings_in_80_columns() {
    for (path, page) in pages() {
        let Some((text, warnings)) = render(&page) else { return };
        assert_eq!(warnings, "", "{}", path.display());
        // An example may show a longer message: it is what hushed prints.
        let is_message =
            |line: &str| ["hushed: ", "hint: "].iter().any(|s| line.trim().starts_with(s));
        let is_long = |line: &&str| line.chars().count() > 80 && !is_message(line);
        let long: Vec<&str> = text.lines().filter(is_long).collect();
        assert!(long.is_empty(), "{}: lines over 80 columns:\n{}", path.display(), long.join("\n"));
    }
}

#[test]
fn the_manual_describes_every_encoding() {
    let prose = prose("hushed-redact");
    let (_, table) = prose.split_once("\n| encoding | what it finds |\n|---|---|\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let described: Vec<_> = table.lines().map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(described, Encoding::NAMES);
}

#[test]
fn the_example_of_the_configuration_is_valid() {
    let prose = prose("hushed.toml");
    let (_, example) = prose.split_once("\n## Example\n\n```\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(config::CONFIG_NAME), example).unwrap();
    for profile in [None, Some("prod".to_owned())] {
        let request = config::ConfigRequest { profile, ..config::ConfigRequest::default() };
        let files = config::load(
            &request,
            &config::Environment::default(),
            folder.path(),
            &Registry::default().formats(),
        );
        let (_, file) = files.unwrap().project.unwrap();
        assert_eq!(file.profiles.len(), 1);
    }
}
