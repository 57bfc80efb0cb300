//! The units in `examples/systemd/`: systemd accepts them, hushed accepts their command lines, and a systemd runs them.

mod live;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::sandbox::{Sandbox, hushed};

/// What `systemd-analyze security` may say of a unit at most, in tenths: it calls 2.0 and less good.
const EXPOSURE: &str = "20";

fn skipped(why: &str) {
    std::io::stderr().write_all(format!("skipped: units: {why}\n").as_bytes()).unwrap();
}

fn units() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/systemd");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let units: Vec<_> = paths.map(read).collect();
    assert_eq!(units.len(), 2);
    units
}

/// Returns the one line that begins so, without its beginning.
fn setting<'a>(unit: &'a str, key: &str) -> &'a str {
    let mut lines = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let setting = lines.next().unwrap();
    assert_eq!(lines.next(), None, "{key} stands twice");
    setting
}

fn analyze(arguments: &[&str], unit: &Path) -> Output {
    Command::new("systemd-analyze").args(arguments).arg(unit).output().unwrap()
}

#[test]
fn systemd_accepts_the_units_and_rates_them_as_hardened() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return skipped("systemd-analyze is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::new().file(".env", "KEY=canary\n");
    sandbox.run(["init"]).success();
    let written = sandbox.run(["init", "--systemd", "--", "/bin/sh", "-c", "echo ${X} 50% 'a b'"]);
    let written = written.success();
    assert!(written.stderr.starts_with("hushed: warning: the unit's sandbox hides `/tmp/"));
    let written = ("hushed-init.service".to_owned(), written.stdout);
    for (name, text) in units().into_iter().chain([written]) {
        // It looks for the program, which is not where the example has it.
        let program = hushed().to_str().unwrap().to_owned();
        let unit = folder.path().join(&name);
        fs::write(&unit, text.replace("/usr/local/bin/hushed", &program)).unwrap();
        let checked = Sandbox::new().run(["doctor", "--systemd-unit", unit.to_str().unwrap()]);
        // The project of the written unit is in /tmp, which PrivateTmp= hides; so may the checkout be.
        let is_hidden = name == "hushed-init.service"
            || hushed().starts_with("/tmp") && text.contains("PrivateTmp=yes");
        let want = if is_hidden { "\nWARNING systemd sandbox" } else { "\nok      systemd unit" };
        assert!(checked.stdout.contains(want), "{}", checked.stdout);
        assert_eq!(checked.stdout.matches(" systemd ").count(), 1, "{}", checked.stdout);
        let verified = analyze(&["verify", "--man=no"], &unit);
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(verified.status.success() && said.is_empty(), "{name}:\n{said}");
        let threshold = format!("--threshold={EXPOSURE}");
        let rated = analyze(&["security", "--offline=true", "--no-pager", &threshold], &unit);
        let said = String::from_utf8_lossy(&rated.stdout);
        assert!(rated.status.success(), "{name}:\n{said}");
    }
}

#[test]
fn hushed_accepts_the_command_lines_of_the_units() {
    let config = "[source.env]\ntype = \"dotenv\"\nfile = \".env\"\n";
    let sandbox = Sandbox::new().file(".env", "KEY=canary-unit\n").file("app.toml", config);
    for (name, text) in units() {
        let supervised = name == "hushed-app-redacted.service";
        let line = setting(&text, "ExecStart").replace("/etc/hushed/app/hushed.toml", "app.toml");
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some("/usr/local/bin/hushed"));
        let arguments: Vec<&str> = words.map(|word| word.rsplit('/').next().unwrap()).collect();
        assert_eq!((arguments.first(), arguments.last()), (Some(&"run"), Some(&"app")));
        let show = ["sh", "-c", "echo ${#KEY} $KEY"];
        let flags = arguments.split_last().unwrap().1;
        let run = sandbox.command([flags, &show].concat());
        let said = if supervised { run.run().success() } else { run.reveals().run().success() };
        let value = if supervised { "[hushed:KEY]" } else { "canary-unit" };
        assert_eq!(said.stdout, format!("11 {value}\n"), "{name}");
        let credential = "infisical-client-secret:/etc/hushed/app/client-secret";
        assert_eq!(setting(&text, "LoadCredential"), credential, "{name}");
    }
}

/// The settings by which systemd confines a unit.
fn hardening(unit: &str) -> Vec<&str> {
    let from = unit.lines().skip_while(|line| *line != "NoNewPrivileges=yes");
    from.take_while(|line| *line != "[Install]").filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn init_writes_a_unit_that_is_as_hardened_as_the_examples() {
    let sandbox = Sandbox::new().file(".env", "KEY=canary\n");
    let none = sandbox.run(["init", "--systemd"]).fails_with(78);
    assert!(none.stderr.contains("no hushed.toml found\n  hint: run `hushed init` first\n"));
    sandbox.run(["init"]).success();
    let unit = sandbox.run(["init", "--systemd"]).success().stdout;
    for (name, text) in units() {
        assert_eq!(hardening(&unit), hardening(&text), "{name}");
        assert_eq!(setting(&text, "KillMode"), setting(&unit, "KillMode"), "{name}");
    }
    assert!(!unit.contains("LoadCredential="), "a dotenv file wants no credential");
    let config = sandbox.project().join("hushed.toml");
    let line = format!("{} run --config {} --", hushed().display(), config.display());
    assert_eq!(setting(&unit, "ExecStart"), format!("{line} /usr/local/bin/app"));
}

#[test]
fn a_unit_loads_the_credentials_of_its_sources() {
    let local = "[source.store]\ntype = \"local\"\nfile = \"secrets.hushed\"\n";
    let infisical = "[source.remote]\ntype = \"infisical\"\n";
    for (config, want) in [
        (local, "hushed-key:/etc/hushed/app/key"),
        (infisical, "infisical-client-secret:/etc/hushed/app/client-secret"),
    ] {
        let sandbox = Sandbox::new().file("hushed.toml", config);
        let unit = sandbox.run(["init", "--systemd"]).success().stdout;
        assert_eq!(setting(&unit, "LoadCredential"), want);
    }
}

#[test]
fn a_unit_file_is_overwritten_only_with_force() {
    let sandbox = Sandbox::new().file(".env", "A=canary\n").file("app.service", "mine\n");
    sandbox.run(["init"]).success();
    let write = ["init", "--systemd", "-o", "app.service"];
    let refused = sandbox.run(write).fails_with(1);
    assert!(refused.stderr.contains("app.service` already exists\n  hint: pass --force"));
    let read = || fs::read_to_string(sandbox.project().join("app.service")).unwrap();
    assert_eq!(read(), "mine\n");
    sandbox.run([&write[..], &["--force"]].concat()).success();
    assert!(read().starts_with("# Written by `hushed init --systemd`"), "{}", read());
}
