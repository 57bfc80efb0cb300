//! The layers of the crate, and which modules may silence a lint: checked in the source text. Cargo checks the
//! layers that have crates of their own: `sys`, `secret` and `redact`.

mod source;

use std::path::Path;

use source::{Source, read, tokens};

/// The layers of modules, bottom first. A module imports only from layers below its own.
const LAYERS: [&[&str]; 10] = [
    &["message"],
    &["sys", "exit"],
    &["secret"],
    &["http", "seal", "redact", "reference"],
    &["config"],
    &["observe"],
    &["cache", "provider"],
    &["resolve", "deliver", "scan"],
    &["process", "watch", "cli"],
    &["command"],
];

/// Modules outside the layers, which may import anything.
const OUTSIDE: [&str; 3] = ["lib", "main", "error"];

/// Enforced lints, and the only places that may silence one.
const ENFORCED_LINTS: [(&str, &[&str]); 8] = [
    ("unsafe_code", &["crates/sys/"]),
    ("undocumented_unsafe_blocks", &[]),
    (
        "disallowed_methods",
        &["src/config/environment.rs", "src/seal/private_file/", "crates/sys/src/program.rs"],
    ),
    ("exit", &[]),
    ("print_stdout", &[]),
    ("print_stderr", &[]),
    ("dbg_macro", &[]),
    ("mem_forget", &[]),
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The forbidden imports of a file, as `file:line: what`.
fn faults(source: &Source) -> Vec<String> {
    let module = source.top_module();
    if OUTSIDE.contains(&module) {
        return Vec::new();
    }
    let Some(own) = layer(module) else {
        return vec![format!("src/{}:1: `{module}` has no layer", source.file)];
    };
    let fault = |named: source::Named| {
        let target = named.path.first().map_or("*", String::as_str);
        let allowed = match layer(target) {
            _ if target == module => true,
            Some(of_target) => of_target < own,
            // The top-level error knows every module, so only `command` may import it.
            None => target == "error" && module == "command",
        };
        (!allowed).then(|| format!("src/{}:{}: {module} imports {target}", source.file, named.line))
    };
    let mut faults: Vec<String> = source.named().into_iter().filter_map(fault).collect();
    faults.dedup();
    faults
}

/// The sources of all crates, with their paths from the root of the repository.
fn with_crates() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = |folder| {
        let path = move |source: &Source| format!("{folder}/{}", source.file);
        let sources = read(&root.join(folder)).into_iter();
        sources.map(move |source| Source { file: path(&source), ..source })
    };
    let sources: Vec<Source> = below("src").chain(below("crates")).collect();
    assert!(sources.iter().any(|source| source.file == "crates/sys/src/lib.rs"));
    sources
}

/// The places that silence an enforced lint.
fn silenced(source: &Source) -> Vec<String> {
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
            let enforced = ENFORCED_LINTS.iter().find(|(name, _)| name == lint);
            let allowed = |places: &[&str]| places.iter().any(|p| source.file.starts_with(p));
            if let Some((name, _)) = enforced.filter(|(_, places)| !allowed(places)) {
                faults.push(format!("{}:{}: {name} is silenced", source.file, tokens[at].line));
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

/// Stores whose names only their folder and the registry may contain. The names of the others, `local` and
/// `dotenv`, have other meanings, too.
const STORES: [&str; 2] = ["infisical", "vault"];

/// Texts that name a store and mean something else: a variable that other programs use, the example of a
/// reference, and the header of a test.
const OTHER_MEANINGS: [&str; 3] = ["vault_token", "vault://", "x-vault-token"];

/// The places outside a store's folder that name the store.
fn naming(source: &Source) -> Vec<String> {
    let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut faults = Vec::new();
    for store in STORES {
        let own = format!("provider/{store}/");
        let places = [own.as_str(), "provider/registry.rs", "provider/mod.rs"];
        // Azure has a Key Vault, and a file of another store may name a key in Vault.
        let is_store = store == "vault" && source.file.starts_with("provider/");
        if is_store || places.iter().any(|place| source.file.starts_with(place)) {
            continue;
        }
        let knows = |line: &str| {
            let line = line.trim().to_lowercase();
            let line = OTHER_MEANINGS.iter().fold(line, |line, text| line.replace(text, ""));
            line.contains(store) && !line.starts_with("//")
        };
        let lines = code.lines().enumerate().filter(|(_, line)| knows(line));
        faults
            .extend(lines.map(|(at, _)| format!("src/{}:{}: names {store}", source.file, at + 1)));
    }
    faults
}

#[test]
fn a_stores_name_is_only_in_its_folder_and_the_registry() {
    let sources = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let faults: Vec<String> = sources.iter().flat_map(naming).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let planted = given("command/run.rs", "let kind = \"infisical\";");
    assert_eq!(naming(&planted), ["src/command/run.rs:1: names infisical"]);
    assert!(naming(&given("provider/infisical/mod.rs", "struct Infisical;")).is_empty());
}

#[test]
fn enforced_lints_are_not_silenced_elsewhere() {
    let faults: Vec<String> = with_crates().iter().flat_map(silenced).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_source_starts_with_a_description() {
    for source in with_crates().iter().filter(|source| !source.file.ends_with("tests.rs")) {
        assert!(source.text.starts_with("//! "), "{}:1: no module documentation", source.file);
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
        ("types/mod.rs", "", "src/types/mod.rs:1: `types` has no layer"),
    ] {
        assert_eq!(faults(&given(file, text)), [want], "{text}");
    }
}

#[test]
fn valid_imports_and_lookalikes_pass() {
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
fn a_silenced_lint_is_found() {
    for (file, text, is_silenced) in [
        ("src/http/mod.rs", "#![allow(unsafe_code)]", true),
        ("src/http/mod.rs", "\n#[expect(clippy::disallowed_methods, reason = \"so\")]", true),
        (
            "src/http/mod.rs",
            "#[expect(clippy::too_many_lines, clippy::exit, reason = \"so\")]",
            true,
        ),
        ("src/http/mod.rs", "#[expect(clippy::too_many_lines, reason = \"exit\")]", false),
        ("crates/sys/src/exec.rs", "#![expect(unsafe_code, reason = \"so\")]", false),
        ("crates/redact/src/lib.rs", "#![expect(unsafe_code, reason = \"so\")]", true),
        (
            "src/config/environment.rs",
            "#[expect(clippy::disallowed_methods, reason = \"so\")]",
            false,
        ),
    ] {
        assert_eq!(!silenced(&given(file, text)).is_empty(), is_silenced, "{text}");
    }
}
