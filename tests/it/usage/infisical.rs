//! Command lines of the Infisical CLI, with its name replaced by `hushed`: each must do the same, or something
//! acceptable, or end in a hint. `infisical.jsonl` holds what Infisical CLI 0.43.121 did with them.
//! Must not need a network but loopback.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;

use crate::support::{
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Secret, Server, ServiceToken,
        World,
    },
    sandbox::{Output, Sandbox},
};

/// Every folder of the recorded server that the cases read, with its secrets.
#[derive(Deserialize)]
struct Seed {
    world: BTreeMap<String, BTreeMap<String, String>>,
}

/// A command line, and what the Infisical CLI did with it.
#[derive(Deserialize)]
struct Case {
    id: String,
    line: Vec<String>,
    exit: i32,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    unset: Vec<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
    /// Whether the server was away.
    #[serde(default)]
    down: bool,
    /// The variables that the command got, if it started and could tell.
    child: Option<BTreeMap<String, String>>,
    /// What was printed, if it is short.
    stdout: Option<String>,
    /// The names of secrets in what was printed.
    #[serde(default)]
    names: Vec<String>,
}

/// How hushed did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Score {
    Same,
    Acceptable,
    Hint,
    Fails,
}

/// Where the Infisical CLI exits with 0 although it has nothing of what was asked for, and hushed fails with a
/// hint. A script notices the mistake, so this is better than the same.
const MISSING: [(&str, &str); 7] = [
    ("run-TOKEN-env", "`TOKEN` often holds a token for another service"),
    ("get-missing", "a missing secret is an error"),
    ("get-missing-plain", "a missing secret is an error"),
    ("get-missing-json", "a missing secret is an error"),
    ("get-mixed-plain", "a missing secret is an error"),
    ("get-lower", "names differ by letter case"),
    ("get-403", "a folder that may not be read is an error"),
];

/// Where hushed refuses on purpose what the Infisical CLI does, with a hint that names the option to permit it.
const REFUSED: [(&str, &str); 14] = [
    ("run-env-nosuch", "a missing environment is an error"),
    ("run-path-nosuch", "a missing folder is an error"),
    ("run-path-empty-folder", "an empty folder is an error without --allow-empty"),
    ("export-csv-empty", "an empty folder is an error without --allow-empty"),
    ("export-yaml-empty", "an empty folder is an error without --allow-empty"),
    ("export-env-nosuch", "a missing environment is an error"),
    ("secrets-empty", "an empty folder is an error without --allow-empty"),
    ("secrets-empty-json", "an empty folder is an error without --allow-empty"),
    ("secrets-path-nosuch", "a missing folder is an error"),
    ("run-reserved", "reserved names need --allow-reserved"),
    ("run-reserved-more", "reserved names need --allow-reserved"),
    ("export-reserved-more", "reserved names need --allow-reserved"),
    ("run-project-file-domain", "a server in a project file needs `hushed trust`"),
    ("run-403-env", "an environment that may not be read is an error"),
];

fn world(seed: &Seed) -> World {
    let mut project = Project::new("clitruth").env("dev").env("staging").env("prod");
    for (place, secrets) in &seed.world {
        let (environment, path) = place.split_once(' ').unwrap();
        project = project.folder(environment, path);
        for (name, value) in secrets {
            let secret = Secret::new(name, value);
            let secret = match name.as_str() {
                "TAG_A" => secret.tagged(&["alpha"]),
                "TAG_B" => secret.tagged(&["beta"]),
                "TAG_AB" => secret.tagged(&["alpha", "beta"]),
                _ => secret,
            };
            project = project.with(environment, path, secret);
        }
    }
    let project = project
        .import(("dev", "/imports/both"), ("dev", "/imports/one"))
        .import(("dev", "/imports/both"), ("dev", "/imports/two"))
        .import(("dev", "/imports/chain"), ("dev", "/imports/both"));
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("clitruth"))
        .identity(
            Identity::universal("dev-only", "dev-only", "canary").reads("clitruth", "dev", "/**"),
        )
        .identity(Identity::universal("stranger", "stranger", "canary"))
        .service_token(ServiceToken::new("clitruth", &[("dev", "/")]))
}

/// What stands for the placeholders of the cases.
struct Names {
    values: Vec<(&'static str, String)>,
}

impl Names {
    fn new(server: &Server) -> Self {
        let (project, service_token) = server.world(|world| {
            let project = world.project_by_slug("clitruth").unwrap().id.clone();
            (project, world.service_tokens[0].whole())
        });
        let service_token = service_token.rsplit_once('.').unwrap().0.to_owned();
        let values = vec![
            ("{TOKEN}", server.mint("reader")),
            ("{WRITER_TOKEN}", server.mint("reader")),
            ("{SHORT_TOKEN}", server.mint("reader")),
            ("{NO_PROD_TOKEN}", server.mint("dev-only")),
            ("{NO_MEMBER_TOKEN}", server.mint("stranger")),
            ("{SERVICE_TOKEN}", service_token),
            ("{PROJECT_SLUG}", "clitruth".to_owned()),
            ("{PROJECT}", project),
            ("{CLIENT_ID}", CLIENT_ID.to_owned()),
            ("{CLIENT_SECRET}", CLIENT_SECRET.to_owned()),
            ("{DOWN_URL}", "http://127.0.0.1:1".to_owned()),
            ("{URL}", server.url()),
            ("{PROBE}", "/usr/bin/env".to_owned()),
        ];
        Self { values }
    }

    fn fill(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn run(case: &Case, names: &Names) -> Output {
    let address = if case.down { "http://127.0.0.1:1".into() } else { names.fill("{URL}") };
    // The files that the cases write are no part of a confined fetch.
    let mut sandbox = Sandbox::new().without("HUSHED_DISK_FREE");
    if !case.unset.iter().any(|name| name == "INFISICAL_API_URL") {
        sandbox = sandbox.env("INFISICAL_API_URL", address);
    }
    for (path, content) in &case.files {
        sandbox = sandbox.file(path, names.fill(content));
    }
    for path in ["f.env", "secrets", "secrets.json", "hushed.toml"] {
        sandbox = sandbox.permits(path);
    }
    for (name, value) in &case.env {
        sandbox = sandbox.env(name, names.fill(value));
    }
    let line = case.line.iter().map(|word| names.fill(word));
    let command = sandbox.command(line).stdin(case.stdin.as_str()).argv_reveals().reveals();
    command.run()
}

fn score(case: &Case, names: &Names, output: &Output) -> Score {
    let succeeded = output.status.success();
    let has_hint = output.stderr.contains("hint: ");
    if !succeeded {
        let mut stricter = MISSING.iter().chain(&REFUSED);
        let stricter = stricter.any(|(id, _)| *id == case.id);
        return match (case.exit, has_hint) {
            (0, true) if stricter => Score::Acceptable,
            (0, true) => Score::Hint,
            (0, false) => Score::Fails,
            // Both fail.
            _ => Score::Acceptable,
        };
    }
    if case.exit != 0 {
        // It works where the Infisical CLI refuses.
        return Score::Acceptable;
    }
    if let Some(child) = &case.child {
        let got: BTreeMap<_, _> =
            output.stdout.lines().filter_map(|line| line.split_once('=')).collect();
        let equal = |(name, want): (&String, &String)| {
            // Values with several lines are not told apart in the output of `env`.
            got.get(name.as_str()).is_some_and(|got| want.contains('\n') || got == want)
        };
        let all = child.iter().all(equal);
        return if all { Score::Same } else { Score::Fails };
    }
    let want = case.stdout.as_deref().map(|stdout| names.fill(stdout));
    if want.as_deref().is_none_or(|want| want == output.stdout) && case.names.is_empty() {
        return Score::Same;
    }
    if want.is_some_and(|want| want == output.stdout) {
        return Score::Same;
    }
    let shows = |name: &String| output.stdout.contains(name.as_str());
    if case.names.iter().all(shows) { Score::Acceptable } else { Score::Fails }
}

/// Cases that need the session of `infisical login`, which hushed does not use: each must end in a hint.
const USER_SESSION: [&str; 10] = [
    "run-user-env-file",
    "run-user-expand-off",
    "run-user-env-url",
    "run-user-down-backup",
    "run-user-noproject",
    "run-user-down",
    "secrets-user",
    "login-user",
    "login-user-notty",
    "login-clear-domains",
];

/// Whether a case belongs to the commands of which 95 % must be the same or acceptable.
fn is_core(case: &Case) -> bool {
    if USER_SESSION.contains(&case.id.as_str()) {
        return false;
    }
    let word = |at: usize| case.line.get(at).map_or("", String::as_str);
    match word(0) {
        "run" | "export" | "login" | "token" | "help" | "--help" | "" | "--domain" => true,
        "secrets" => !["set", "delete", "folders", "generate-example-env"].contains(&word(1)),
        _ => false,
    }
}

#[test]
fn the_command_lines_of_infisical_work_or_end_in_a_hint() {
    let text = include_str!("infisical.jsonl");
    let mut lines = text.lines();
    let seed: Seed = serde_json::from_str(lines.next().unwrap()).unwrap();
    let server = Server::builder(Generation::V4C, world(&seed)).plain().start();
    let names = Names::new(&server);
    let cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() > 220, "{} cases", cases.len());
    let (mut core, mut good, mut report) = (0, 0, String::new());
    let (mut counts, mut failures) = (BTreeMap::new(), Vec::new());
    for case in &cases {
        let output = run(case, &names);
        let score = score(case, &names, &output);
        *counts.entry(score).or_insert(0) += 1;
        if is_core(case) {
            core += 1;
            good += usize::from(score <= Score::Acceptable);
        }
        if score >= Score::Hint {
            let first = output.stderr.lines().next().unwrap_or_default();
            let _ = writeln!(report, "{} {}: {first}", case.id, output.code());
        }
        if score == Score::Fails {
            failures
                .push(format!("{}: {:?}\n{}{}", case.id, case.line, output.stdout, output.stderr));
        }
    }
    let counted: Vec<_> = counts.values().collect();
    super::tell(&format!(
        "{} same, acceptable, hint; core cases same or acceptable: {good} of {core}, of which {} are refused \
         on purpose\n{report}",
        counted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "),
        REFUSED.len(),
    ));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(good * 100 >= core * 95, "{good} of {core} are same or acceptable\n{report}");
}

/// The cells of a row of the table in docs/from-infisical.md, if a line is one.
fn row(line: &str) -> Option<[&str; 3]> {
    let inner = line.strip_prefix("| `infisical ").map(|_| line.trim_matches('|'))?;
    let cells: Vec<_> = inner.split('|').map(str::trim).collect();
    let [theirs, ours, note] = cells[..] else { panic!("not three cells: {line}") };
    Some([theirs.trim_matches('`'), ours.trim_matches('`'), note])
}

#[test]
fn every_row_of_the_guide_is_true() {
    let text = include_str!("infisical.jsonl");
    let seed: Seed = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let server = Server::builder(Generation::V4C, world(&seed)).plain().start();
    let names = Names::new(&server);
    let guide = include_str!("../../../docs/from-infisical.md");
    let rows: Vec<_> = guide.lines().filter_map(row).collect();
    assert!(rows.len() > 35, "{} rows", rows.len());
    for [theirs, ours, note] in rows {
        let is_login = theirs.contains("login");
        let run = |line: &str| {
            let sandbox = Sandbox::new().without("HUSHED_DISK_FREE");
            let sandbox = sandbox.env("INFISICAL_API_URL", server.url());
            let sandbox = sandbox.env("INFISICAL_PROJECT_ID", names.fill("{PROJECT}"));
            let sandbox = if is_login {
                sandbox
                    .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT_ID)
                    .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET)
            } else {
                sandbox.env("INFISICAL_TOKEN", names.fill("{TOKEN}"))
            };
            let sandbox = sandbox.permits("f.env");
            let line = line.replace("infisical ", "hushed ");
            let line =
                line.replace("URL", &server.url()).replace("PROJECT", &names.fill("{PROJECT}"));
            let line = line.replace(" TOKEN", &format!(" {}", names.fill("{TOKEN}")));
            let words = line.split(' ').skip(1).map(str::to_owned);
            let words: Vec<_> = match line.split_once('"') {
                Some((before, quoted)) => {
                    let before = before.trim().split(' ').skip(1).map(str::to_owned);
                    before.chain([quoted.trim_end_matches('"').to_owned()]).collect()
                }
                None => words.collect(),
            };
            sandbox.command(words).argv_reveals().reveals().run()
        };
        let output = run(theirs);
        if note.starts_with("not supported") {
            assert!(!output.status.success(), "{theirs}");
            assert!(output.stderr.contains("hint: "), "{theirs}: {}", output.stderr);
        } else {
            assert!(output.status.success(), "{theirs}: {}", output.stderr);
        }
        if !ours.is_empty() && !ours.contains("cache clear") && !ours.starts_with("hushed login") {
            let output = run(ours);
            assert!(output.status.success(), "{ours}: {}", output.stderr);
        }
    }
}
