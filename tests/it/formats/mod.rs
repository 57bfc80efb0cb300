//! The formats of `hushed export`, each given to its real reader. What a format takes must come back
//! byte for byte, and what it may refuse is said here a second time, in other words.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test starts real readers, and fails by panicking"
)]

mod corpus;
mod dialect;
mod docker;
mod expanding;
mod reader;
mod systemd;

use std::collections::BTreeMap;
use std::path::Path;

use hushed::deliver::format::{Format, RenderOptions, render};
use hushed::provider::dotenv;
use hushed::secret::{Name, Value};

use corpus::Secret;
use reader::{Read, node, python, sh};

/// An export in a file of its own.
struct Export {
    secrets: Vec<Secret>,
    text: Vec<u8>,
    directory: tempfile::TempDir,
}

impl Export {
    /// Exports those of the secrets that the format takes.
    fn of(format: Format, secrets: Vec<Secret>) -> Self {
        let takes = |(name, value): &Secret| {
            render(format, [(name, value)], RenderOptions::default()).is_ok()
        };
        let secrets: Vec<Secret> = secrets.into_iter().filter(takes).collect();
        let pairs = secrets.iter().map(|(name, value)| (name, value));
        let text = render(format, pairs, RenderOptions::default()).unwrap().to_vec();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("export"), &text).unwrap();
        Self { secrets, text, directory }
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("export")
    }

    /// Checks what a reader made of it; `None` is a reader that is not on this machine.
    fn read_by(&self, reader: &str, read: impl FnOnce(&Path) -> Option<Read>) {
        let Some(read) = read(&self.path()) else {
            return reader::skipped(reader);
        };
        for (name, value) in &self.secrets {
            let got = read.get(name.as_str()).map(|bytes| bytes.escape_ascii().to_string());
            let want = value.expose().escape_ascii().to_string();
            assert_eq!(got, Some(want), "{reader} read `{name}` differently");
        }
    }
}

/// A corpus of which the format must take exactly what `carries` says.
fn export(format: Format, carries: impl Fn(&Value) -> bool) -> Export {
    let corpus = corpus::secrets();
    for (name, value) in &corpus {
        let taken = render(format, [(name, value)], RenderOptions::default());
        let text = value.expose().escape_ascii();
        assert_eq!(taken.is_ok(), carries(value), "{format}: {text}: {taken:?}");
    }
    Export::of(format, corpus)
}

fn utf_8(value: &Value, carries: impl Fn(&str) -> bool) -> bool {
    value.expose_str().is_some_and(carries)
}

#[test]
fn shell() {
    let export = export(Format::Shell, |value| !value.expose().contains(&0));
    for shell in ["sh", "bash", "dash", "zsh", "busybox"] {
        export.read_by(shell, |path| sh(shell, "C.UTF-8", path));
        export.read_by(shell, |path| sh(shell, "C", path));
    }
}

#[test]
fn dotenv() {
    let carries = |text: &str| {
        let plain = !text.contains(['\0', '\r']) && !text.contains("${");
        let single = !text.contains('\'') && !text.contains(r"\\") && !text.ends_with('\\');
        plain && (single || !text.contains(['"', '\\', '`', '$']))
    };
    let export = export(Format::Dotenv, |value| utf_8(value, carries));
    let own = dotenv::parse(&export.text).unwrap();
    let own: Vec<_> = own.into_iter().map(|entry| (entry.name, entry.value)).collect();
    assert!(own == export.secrets, "hushed reads its own export differently");
    export.read_by("node", |path| node("--env-file", path));
    export.read_by("python-dotenv", |path| python("dotenv", path));
    for shell in ["sh", "bash", "dash", "zsh", "busybox"] {
        export.read_by(shell, |path| sh(shell, "C.UTF-8", path));
    }
    let plain = Export::of(Format::Dotenv, for_environment_d());
    plain.read_by("systemd's rules", |path| Some(systemd::rules(path)));
    plain.read_by("systemd's environment.d reader", systemd::generator);
}

#[test]
fn json() {
    let export = export(Format::Json, |value| utf_8(value, |_| true));
    export.read_by("python's json", |path| python("json", path));
    export.read_by("node's JSON", |path| node("json", path));
}

#[test]
fn yaml() {
    let export = export(Format::Yaml, |value| utf_8(value, |_| true));
    export.read_by("PyYAML", |path| python("yaml", path));
    // JSON's strings are YAML's, so that one may be given for the other.
    let json = Export::of(Format::Json, corpus::secrets());
    json.read_by("PyYAML", |path| python("yaml", path));
    export.read_by("ruby's Psych", reader::ruby);
}

#[test]
fn csv() {
    let export = export(Format::Csv, |value| utf_8(value, |text| !text.contains('\0')));
    export.read_by("python's csv", |path| python("csv", path));
}

#[test]
fn docker() {
    let carries = |text: &str| !text.contains(['\0', '\n']) && !text.ends_with('\r');
    let export = export(Format::Docker, |value| utf_8(value, carries));
    export.read_by("docker's rules", |path| Some(docker::rules(path)));
    export.read_by("docker", docker::client);
}

#[test]
fn docker_reads_the_longest_line_and_no_longer() {
    let name = Name::new("LONG");
    let value = |length| Value::from("canary".repeat(11_000).get(..length).unwrap());
    let longest = (64 << 10) - 1 - "LONG=".len();
    assert!(
        render(Format::Docker, [(&name, &value(longest + 1))], RenderOptions::default()).is_err()
    );
    let export = Export::of(Format::Docker, vec![(name, value(longest))]);
    assert_eq!(export.secrets.len(), 1);
    export.read_by("docker", docker::client);
}

#[test]
fn systemd() {
    let noncharacter = |c: char| matches!(c, '\0' | '\u{feff}' | '\u{fdd0}' | '\u{1fffe}');
    let carries = |text: &str| !text.contains(noncharacter);
    let export = export(Format::Systemd, |value| utf_8(value, carries));
    export.read_by("systemd's rules", |path| Some(systemd::rules(path)));
    let plain = Export::of(Format::Systemd, for_environment_d());
    plain.read_by("systemd's environment.d reader", systemd::generator);
}

/// What systemd accepts, without empty values: `environment.d` takes these for a removal.
fn for_environment_d() -> Vec<Secret> {
    let mut secrets = Export::of(Format::Systemd, corpus::secrets()).secrets;
    secrets.retain(|(_, value)| !value.is_empty());
    secrets
}

#[test]
fn kubernetes() {
    let export = export(Format::Kubernetes, |_| true);
    export.read_by("PyYAML", |path| python("kubernetes", path));
}

#[test]
fn names_that_look_like_something_else() {
    let names = [
        "no",
        "NULL",
        "~",
        "1.0",
        "0x1",
        "2026-01-01",
        "<<",
        "=",
        "a b",
        " a ",
        "a:",
        "# a",
        "'a'",
        "\"a\"",
        "a,b",
        "a\nb",
        "ключ",
        "-",
        "?",
        "*a",
        "&a",
        "!a",
        "@a",
        "`a`",
        "%a",
        "",
        "[a]",
        "{a}",
        "__proto__",
        "\u{2028}",
    ];
    let secrets = || names.map(|name| (Name::new(name), Value::from("canary"))).to_vec();
    for (format, reader) in [(Format::Json, "json"), (Format::Yaml, "yaml"), (Format::Csv, "csv")] {
        let export = Export::of(format, secrets());
        assert_eq!(export.secrets.len(), names.len());
        export.read_by(reader, |path| python(reader, path));
    }
    let keys = ["no", "null", "1.0", "1", "-", "_", "a.b-C", "0x1", "2026-01-01", ".a"];
    let secrets = keys.map(|name| (Name::new(name), Value::from("canary"))).to_vec();
    let export = Export::of(Format::Kubernetes, secrets);
    assert_eq!(export.secrets.len(), keys.len());
    export.read_by("PyYAML", |path| python("kubernetes", path));
    let names = ["a.b-c", "'q'", "9", "$x", "\"", "é", "a#", "export"];
    let secrets = names.map(|name| (Name::new(name), Value::from("canary"))).to_vec();
    let export = Export::of(Format::Docker, secrets);
    assert_eq!(export.secrets.len(), names.len());
    export.read_by("docker's rules", |path| Some(docker::rules(path)));
    export.read_by("docker", docker::client);
}

#[test]
fn nothing_at_all() {
    for (format, reader) in [
        (Format::Json, "json"),
        (Format::Yaml, "yaml"),
        (Format::Csv, "csv"),
        (Format::Kubernetes, "kubernetes"),
        (Format::Dotenv, "dotenv"),
    ] {
        let export = Export::of(format, vec![]);
        export.read_by(reader, |path| {
            let read = python(reader, path)?;
            assert_eq!(read, BTreeMap::new(), "{reader}");
            Some(read)
        });
    }
}
