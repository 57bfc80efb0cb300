//! The layers of the crate, and who may quiet a lint: read from the sources.
//! Must not need a build of them.

mod source;

use std::path::Path;

use source::{Source, read, tokens};

/// The rooms, line by line from the ground up. A room imports from lines below its own; two rooms
/// on one line do not know each other.
const LINES: [&[&str]; 10] = [
    &["message"],
    &["sys", "exit"],
    &["secret"],
    &["http", "seal", "redact"],
    &["config"],
    &["observe"],
    &["cache", "provider"],
    &["resolve", "deliver"],
    &["process", "watch", "cli"],
    &["command"],
];

/// What stands outside the layers, and may import anything.
const OUTSIDE: [&str; 3] = ["lib", "main", "error"];

/// The lints that keep a rule of the design, and the only places where one may be quiet.
const RULES: [(&str, &[&str]); 8] = [
    ("unsafe_code", &["sys/"]),
    ("undocumented_unsafe_blocks", &[]),
    ("disallowed_methods", &["config/environment.rs", "seal/private_file/"]),
    ("exit", &[]),
    ("print_stdout", &[]),
    ("print_stderr", &[]),
    ("dbg_macro", &[]),
    ("mem_forget", &[]),
];

fn line(room: &str) -> Option<usize> {
    LINES.iter().position(|rooms| rooms.contains(&room))
}

/// Gives what is wrong with the imports of a file, as `file:line: what`.
fn faults(source: &Source) -> Vec<String> {
    let room = source.room();
    if OUTSIDE.contains(&room) {
        return Vec::new();
    }
    let Some(own) = line(room) else {
        return vec![format!("src/{}:1: `{room}` has no line among the layers", source.file)];
    };
    let fault = |named: source::Named| {
        let target = named.path.first().map_or("*", String::as_str);
        let allowed = match line(target) {
            _ if target == room => true,
            Some(of_target) => of_target < own,
            // The top of the house joins everything, so only the composer may look up to it.
            None => target == "error" && room == "command",
        };
        (!allowed).then(|| format!("src/{}:{}: {room} imports {target}", source.file, named.line))
    };
    let mut faults: Vec<String> = source.named().into_iter().filter_map(fault).collect();
    faults.dedup();
    faults
}

/// Gives the places where a lint is quiet that keeps a rule.
fn quieted(source: &Source) -> Vec<String> {
    let tokens = tokens(&source.text);
    let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    let mut faults = Vec::new();
    for at in 0..tokens.len() {
        let (["#", "[", "expect" | "allow", "(", rest @ ..]
        | ["#", "!", "[", "expect" | "allow", "(", rest @ ..]) = &texts[at..]
        else {
            continue;
        };
        for lint in rest.iter().take_while(|text| **text != "]") {
            let rule = RULES.iter().find(|(name, _)| name == lint);
            let allowed = |places: &[&str]| places.iter().any(|p| source.file.starts_with(p));
            if let Some((name, _)) = rule.filter(|(_, places)| !allowed(places)) {
                faults.push(format!("src/{}:{}: {name} is quiet", source.file, tokens[at].line));
            }
        }
    }
    faults
}

#[test]
fn imports_point_down_only() {
    let sources = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 50, "only {} sources were found", sources.len());
    let faults: Vec<String> = sources.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Stores whose names nothing but their folder and the registry may know. The words of the others,
/// `local` and `dotenv`, mean other things too.
const STORES: [&str; 1] = ["infisical"];

/// Gives the places where the code outside a store's folder knows the store.
fn knowing(source: &Source) -> Vec<String> {
    let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut faults = Vec::new();
    for store in STORES {
        let own = format!("provider/{store}/");
        let places = [own.as_str(), "provider/registry.rs", "provider/mod.rs"];
        if places.iter().any(|place| source.file.starts_with(place)) {
            continue;
        }
        let knows =
            |line: &str| line.to_lowercase().contains(store) && !line.trim().starts_with("//");
        let lines = code.lines().enumerate().filter(|(_, line)| knows(line));
        faults
            .extend(lines.map(|(at, _)| format!("src/{}:{}: names {store}", source.file, at + 1)));
    }
    faults
}

#[test]
fn a_stores_name_is_in_its_folder_and_the_registry_alone() {
    let sources = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let faults: Vec<String> = sources.iter().flat_map(knowing).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let planted = given("command/run.rs", "let kind = \"infisical\";");
    assert_eq!(knowing(&planted), ["src/command/run.rs:1: names infisical"]);
    assert!(knowing(&given("provider/infisical/mod.rs", "struct Infisical;")).is_empty());
}

#[test]
fn the_rules_are_quiet_nowhere_else() {
    let sources = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let faults: Vec<String> = sources.iter().flat_map(quieted).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_source_says_first_what_it_is() {
    let sources = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for source in sources.iter().filter(|source| !source.file.ends_with("tests.rs")) {
        assert!(source.text.starts_with("//! "), "src/{}:1: no module documentation", source.file);
    }
}

fn given(file: &str, text: &str) -> Source {
    Source { file: file.into(), text: text.into() }
}

#[test]
fn a_wrong_import_is_found_however_it_is_written() {
    for (file, text, want) in [
        (
            "http/client.rs",
            "use crate::config::Settings;",
            "src/http/client.rs:1: http imports config",
        ),
        (
            "http/mod.rs",
            "\nuse crate::{\n  secret, provider::Source,\n};",
            "src/http/mod.rs:3: http imports provider",
        ),
        (
            "http/client.rs",
            "fn f() { crate::cli::parse(); }",
            "src/http/client.rs:1: http imports cli",
        ),
        ("http/client.rs", "use super::super::seal;", "src/http/client.rs:1: http imports seal"),
        ("http/mod.rs", "use super::seal::{self, Key};", "src/http/mod.rs:1: http imports seal"),
        (
            "http/a/b.rs",
            "mod tests { use super::super::super::super::seal; }",
            "src/http/a/b.rs:1: http imports seal",
        ),
        ("http/mod.rs", "use super::{exit, resolve};", "src/http/mod.rs:1: http imports resolve"),
        ("http/mod.rs", "use crate::*;", "src/http/mod.rs:1: http imports *"),
        (
            "resolve/map.rs",
            "use crate::error::Error;",
            "src/resolve/map.rs:1: resolve imports error",
        ),
        (
            "resolve/map.rs",
            "/* /* */ \n */ use crate::deliver;",
            "src/resolve/map.rs:2: resolve imports deliver",
        ),
        ("exit.rs", "use crate::sys;", "src/exit.rs:1: exit imports sys"),
        ("types/mod.rs", "", "src/types/mod.rs:1: `types` has no line among the layers"),
    ] {
        assert_eq!(faults(&given(file, text)), [want], "{text}");
    }
}

#[test]
fn a_right_import_and_what_only_looks_like_one_pass() {
    for (file, text) in [
        (
            "http/client.rs",
            "use crate::secret::Value; use super::Error; use super::super::exit::Exit;",
        ),
        (
            "http/mod.rs",
            "// use crate::config;\n/* crate::config */ const A: &str = \"crate::config\";",
        ),
        (
            "http/mod.rs",
            "const A: &str = r#\"\"crate::config\"#; const B: char = '\"'; fn f<'a>(_: &'a ()) {}",
        ),
        ("http/mod.rs", "pub(crate) fn f() {} mod tests { use super::*; } fn g() { self::f(); }"),
        ("command/run.rs", "use crate::{cli, config::{self, Layer}, error::Error, process};"),
        ("error.rs", "use crate::{config, provider};"),
        ("lib.rs", "use crate::command;"),
    ] {
        assert_eq!(faults(&given(file, text)), [""; 0], "{text}");
    }
}

#[test]
fn a_rule_that_is_quieted_is_found() {
    for (file, text, quiet) in [
        ("http/mod.rs", "#![allow(unsafe_code)]", true),
        ("http/mod.rs", "\n#[expect(clippy::disallowed_methods, reason = \"so\")]", true),
        ("http/mod.rs", "#[expect(clippy::too_many_lines, clippy::exit, reason = \"so\")]", true),
        ("http/mod.rs", "#[expect(clippy::too_many_lines, reason = \"exit\")]", false),
        ("sys/exec.rs", "#![expect(unsafe_code, reason = \"so\")]", false),
        ("config/environment.rs", "#[expect(clippy::disallowed_methods, reason = \"so\")]", false),
    ] {
        assert_eq!(!quieted(&given(file, text)).is_empty(), quiet, "{text}");
    }
}
