//! What `export` writes for one reader, read by that reader itself: npm's dotenv, @next/env, Vite and Bun from
//! `target/npm`, where `.ci/run` installs them, fish and PowerShell.

use std::path::{Path, PathBuf};
use std::process::Command;

use hushed::deliver::format::{DotenvReader, Format, RenderOptions, render};
use hushed::secret::{Name, Value};

use super::Export;
use super::corpus::{self, Secret};
use super::reader::{Read, from_hex, python, skipped, stdout};

/// Reads `.env` in a directory as one of npm's packages does, and prints what it read as hexadecimal.
const SCRIPT: &str = r"
const [how, directory] = process.argv.slice(-2);
const file = directory + '/.env';
const readers = {
  dotenv: () => require('dotenv').parse(require('fs').readFileSync(file)),
  next: () => {
    const silent = { info() {}, error() {} };
    return require('@next/env').loadEnvConfig(directory, false, silent, true).combinedEnv;
  },
  vite: () => require('vite').loadEnv('production', directory, ''),
  bun: () => process.env,
};
const hex = (text) => Buffer.from(text).toString('hex');
const read = readers[how]();
const lines = Object.keys(read).map((name) => hex(name) + '=' + hex(read[name]) + '\n');
process.stdout.write(lines.join(''));
";

fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules")
}

/// What a package of npm reads in this directory; none if it is not installed.
fn npm(how: &str, directory: &Path) -> Option<Read> {
    let package = if how == "next" { "@next/env" } else { how };
    if !modules().join(package).exists() {
        return None;
    }
    let mut command = if how == "bun" {
        let mut bun = Command::new(modules().join(".bin/bun"));
        bun.arg("--env-file=.env");
        bun
    } else {
        Command::new("node")
    };
    command.args(["-e", SCRIPT, "--", how]).arg(directory);
    command.current_dir(directory).env("NODE_PATH", modules()).env("NODE_NO_WARNINGS", "1");
    Some(from_hex(&stdout(&mut command)?))
}

/// Writes what this reader takes of the corpus, and has it read by `read`.
fn check(reader: DotenvReader, read: impl Fn(&Path) -> Option<Read>) {
    let options = RenderOptions { dotenv_reader: Some(reader), ..RenderOptions::default() };
    let mut secrets: Vec<Secret> = corpus::secrets();
    let all = secrets.len();
    secrets.retain(|(name, value)| render(Format::Dotenv, [(name, value)], options).is_ok());
    assert!(secrets.len() > all / 2, "{reader:?} takes {} of {all}", secrets.len());
    let directory = tempfile::tempdir().unwrap();
    let pairs = secrets.iter().map(|(name, value)| (name, value));
    let text = render(Format::Dotenv, pairs, options).unwrap();
    std::fs::write(directory.path().join(".env"), &text).unwrap();
    let Some(got) = read(directory.path()) else { return skipped(reader.as_str()) };
    for (name, value) in &secrets {
        let got = got.get(name.as_str()).map(|bytes| bytes.escape_ascii().to_string());
        let want = value.expose().escape_ascii().to_string();
        let line = render(Format::Dotenv, [(name, value)], options).unwrap();
        let line = line.escape_ascii();
        assert_eq!(got, Some(want), "{} read `{line}` differently", reader.as_str());
    }
}

#[test]
fn a_file_for_one_reader_is_what_that_reader_reads() {
    for name in ["dotenv", "next", "vite", "bun"] {
        let reader: DotenvReader = name.parse().unwrap();
        check(reader, |directory| npm(name, directory));
    }
    let reader: DotenvReader = "python".parse().unwrap();
    check(reader, |directory| python("dotenv", &directory.join(".env")));
}

/// Sources a file and prints the environment of a child.
const FISH: &str = "source $argv[1]; exec env -0";

#[test]
fn fish_sources_its_own_format() {
    let export = Export::of(Format::Fish, corpus::secrets());
    assert!(export.secrets.len() > 300);
    export.read_by("fish", |path| {
        let mut command = Command::new("fish");
        command.args(["--no-config", "-c", FISH]).arg(path).env("LC_ALL", "C.UTF-8");
        Some(super::reader::from_environment(&stdout(&mut command)?))
    });
}

#[test]
fn powershell_runs_its_own_format() {
    let export = Export::of(Format::Powershell, corpus::secrets());
    assert!(export.secrets.len() > 300);
    export.read_by("pwsh", |path| {
        let script = path.with_extension("ps1");
        std::fs::copy(path, &script).unwrap();
        let mut command = Command::new("pwsh");
        let line = format!(". '{}'; & env -0", script.display());
        command.args(["-NoProfile", "-NonInteractive", "-Command", &line]);
        Some(super::reader::from_environment(&stdout(&mut command)?))
    });
}

#[test]
fn an_expanding_reader_gets_its_dollars_escaped() {
    let (name, value) = (Name::new("A"), Value::from("canary$HOME"));
    for (reader, want) in [("next", r"A='canary\$HOME'"), ("node", "A='canary$HOME'")] {
        let dotenv_reader = Some(reader.parse().unwrap());
        let options = RenderOptions { dotenv_reader, ..RenderOptions::default() };
        let text = render(Format::Dotenv, [(&name, &value)], options).unwrap();
        assert_eq!(String::from_utf8_lossy(&text), format!("{want}\n"), "{reader}");
    }
}
