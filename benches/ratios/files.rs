//! A home, a project with a store, and one with a dotenv file, for as long as a figure takes.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// Is a home that goes away.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("hushed-bench-").tempdir().unwrap())
    }

    /// Prepares a program in a directory of this home, with nothing else in its environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, directory: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.0.path()).env("PATH", "/usr/bin:/bin");
        command.current_dir(self.directory(directory));
        command
    }

    /// Makes a dotenv file of so many secrets.
    pub(crate) fn dotenv(&self, directory: &str, count: usize) -> PathBuf {
        let line = |number| format!("SECRET_{number:05}={}\n", value(number));
        let file = self.directory(directory).join(".env");
        fs::write(&file, (0..count).map(line).collect::<String>()).unwrap();
        file
    }

    /// Makes a local store of so many secrets.
    pub(crate) fn store(&self, hushed: &Path, directory: &str, count: usize) {
        for number in 0..count {
            let mut command = self.command(hushed, directory);
            command.args(["secrets", "set", &format!("SECRET_{number:05}")]);
            command.stdin(Stdio::piped()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(value(number).as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "`hushed secrets set` does not work");
        }
    }

    /// Makes a directory.
    pub(crate) fn directory(&self, name: &str) -> PathBuf {
        let directory = self.0.path().join(name);
        fs::create_dir_all(&directory).unwrap();
        directory
    }
}

fn value(number: usize) -> String {
    format!("canary-value-of-secret-number-{number:05}")
}
