//! The recipes in `docs/`: their snippets are well-formed, their links lead somewhere, and their manifests do what
//! the text says. The `console` blocks are run by `transcript`, the command lines are parsed by `assets`.
//! Must not be silent where a tool is missing.

mod container;
mod pipeline;
pub(crate) mod snippet;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use hushed::{config, provider::Registry};

use self::snippet::Snippet;
use crate::support::{
    infisical::{Generation, Identity, Project, Server, World},
    sandbox::Sandbox,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn skipped(why: &str) {
    // Not `println!`, which the test runner swallows when a test passes.
    std::io::stderr().write_all(format!("skipped: recipes: {why}\n").as_bytes()).unwrap();
}

/// Returns which of these programs is not here.
fn missing<'a>(programs: &[&'a str]) -> Option<&'a str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(&path).any(|dir| dir.join(name).exists());
    programs.iter().copied().find(|name| !is_there(name))
}

fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    docs.filter(|path| path.extension().is_some_and(|end| end == "md"))
        .chain([root().join("README.md")])
        .collect()
}

/// Returns the snippets of all documents in one of these languages.
fn snippets(languages: &[&str]) -> Vec<Snippet> {
    let all = documents().into_iter().flat_map(|path| snippet::read(&path));
    all.filter(|snippet| languages.contains(&snippet.language.as_str())).collect()
}

/// Starts a server with the project of the recipes and an identity that logs in with a JWT.
fn server(route: &str, jwt: &str) -> Server {
    let project = Project::new("shop").env("dev").env("prod");
    let project = ["dev", "prod"].iter().fold(project, |project, environment| {
        project.secret(environment, "/", "DATABASE_URL", "postgres://canary@db")
    });
    let identity = Identity::jwt("recipe", route, jwt).reads_all("shop");
    Server::builder(Generation::V4C, World::default().project(project).identity(identity))
        .plain()
        .start()
}

#[test]
fn every_snippet_is_well_formed() {
    let mut count = 0;
    for Snippet { place, language, text } in
        snippets(&["json", "toml", "sh", "yaml", "dockerfile", "ini"])
    {
        let fault = match language.as_str() {
            "json" => serde_json::from_str::<serde_json::Value>(&text).err().map(|e| e.to_string()),
            "toml" => toml_fault(&text),
            "sh" => shell_fault(&text),
            "yaml" => match snippet::yaml(&text) {
                Some(parsed) => parsed.err(),
                None => return skipped("no python3 with PyYAML: YAML is not checked"),
            },
            "dockerfile" => container::dockerfile_fault(&text),
            _ => None, // systemd reads units, below
        };
        assert_eq!(fault, None, "{place}: {language}");
        count += 1;
    }
    assert!(count > 30, "only {count} snippets were found");
}

/// A file of hushed is read as hushed reads it; others are only parsed.
fn toml_fault(text: &str) -> Option<String> {
    let is_ours = text
        .lines()
        .any(|line| ["[source.", "[run", "[profile."].iter().any(|table| line.starts_with(table)));
    if !is_ours {
        return toml::de::DeTable::parse(text).err().map(|error| error.to_string());
    }
    let deliberate = text.contains("redct"); // what docs/editors.md shows the error of
    // What a file extends is not beside it here.
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("extends"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(config::CONFIG_NAME), text).unwrap();
    let request = config::ConfigRequest::default();
    let environment = config::Environment::default();
    let formats = Registry::default().formats();
    let fault = config::load(&request, &environment, folder.path(), &formats).err();
    assert_eq!(fault.is_some() && deliberate, deliberate, "the mistake is found");
    fault.filter(|_| !deliberate).map(|error| error.to_string())
}

fn shell_fault(text: &str) -> Option<String> {
    let output = Command::new("sh").args(["-n", "-c", text]).output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn systemd_understands_the_units() {
    if missing(&["systemd-analyze"]).is_some() {
        return skipped("systemd-analyze is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let snippets = snippets(&["ini"]);
    assert!(snippets.len() >= 4);
    let mut units = Vec::new();
    for (number, Snippet { place, text, .. }) in snippets.into_iter().enumerate() {
        let named = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = named.map_or(format!("recipe-{number}.service"), str::to_owned);
        // It looks for the programs, which are not where the examples have them.
        let text = text.lines().map(|line| match line.split_once("=/usr/local/bin/hushed ") {
            Some((key, _)) => format!("{key}=/bin/true\n"),
            None => format!("{line}\n"),
        });
        let unit = folder.path().join(&name);
        fs::write(&unit, text.collect::<String>()).unwrap();
        units.push((place, unit));
    }
    for (place, unit) in units {
        let mut verify = Command::new("systemd-analyze");
        let verified = verify.args(["verify", "--man=no"]).arg(&unit).output().unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(verified.status.success() && said.is_empty(), "{place}:\n{said}");
    }
}

#[test]
fn hushed_understands_the_command_lines_of_the_units() {
    for Snippet { place, text, .. } in snippets(&["ini"]) {
        for line in text.lines().filter_map(|line| line.strip_prefix("ExecStart=")) {
            let words = line.split_whitespace();
            let parsed = hushed::cli::definition().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{place}: {line}");
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        for target in targets.filter(|target| !target.contains("://")) {
            let file = target.split('#').next().unwrap();
            let linked = path.parent().unwrap().join(file);
            assert!(linked.exists(), "{}: {target}", path.display());
        }
    }
}

#[test]
fn every_recipe_says_what_happens_when_something_is_missing() {
    for path in documents() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if ["README.md", "dotenv.md", "from-infisical.md"].contains(&name) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in ["\nGoal: ", "\n## If something is missing\n", "\n## Pitfalls\n"] {
            assert!(text.contains(part), "{name}: no {}", part.trim());
        }
    }
}

#[test]
fn a_language_server_understands_the_schema() {
    let Some(tombi) = snippet::python("check_jsonschema").and_then(|python| tombi_beside(&python))
    else {
        return skipped(
            "no tombi in target/python/bin: the JSON Schema is tried in no editor's tool",
        );
    };
    let schema = Sandbox::new().run(["schema"]).success().stdout;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hushed.schema.json"), schema).unwrap();
    let example = snippet::find("editors.md", "#:schema");
    let lint = |text: &str| {
        fs::write(folder.path().join("hushed.toml"), text).unwrap();
        let mut lint = Command::new(&tombi);
        lint.args(["lint", "--offline", "hushed.toml"]).current_dir(&folder).output().unwrap()
    };
    let right = lint(&example);
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stdout));
    let wrong = lint(&example.replace("require =", "requir ="));
    let said = [wrong.stdout, wrong.stderr].concat();
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&said).contains("\"requir\" is not allowed"));
}

fn tombi_beside(python: &Path) -> Option<PathBuf> {
    Some(python.parent()?.join("tombi")).filter(|tombi| tombi.exists())
}
