//! A fetcher with injected code: a preloaded library tries forbidden calls at the first connection,
//! and the kernel stops them.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use super::{beside, can_be_held, skipped};
use crate::support::{
    infisical::{Generation, Server, World},
    sandbox::{Output, Sandbox},
};

/// The library, built once; `None` where there is no C compiler.
fn library() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("probe.so");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(beside("probe.c")).arg("-ldl");
        let Ok(output) = cc.output() else {
            skipped("there is no C compiler here");
            return None;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some((folder, library))
    });
    built.as_ref().map(|(_, library)| library.as_path())
}

struct Probed {
    sandbox: Sandbox,
    _server: Server,
    other: TcpListener,
}

impl Probed {
    fn new() -> Self {
        let server = Server::builder(Generation::V4C, World::sample(3)).plain().start();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        other.set_nonblocking(true).unwrap();
        let sandbox = Sandbox::new().server(&server, "sample").file("there", "");
        Self { sandbox, _server: server, other }
    }

    fn run(&self, library: &Path, probe: &str, file: &str, promise: &[&str]) -> Output {
        let line = [&["run"], promise, &["--", "true"]].concat();
        let port = self.other.local_addr().unwrap().port().to_string();
        let command = self.sandbox.command(line).env("LD_PRELOAD", library).env("PROBE", probe);
        command.env("PROBE_FILE", file).env("PROBE_PORT", port).run()
    }

    /// Whether the probe had an effect, by its file or by a connection.
    fn has_effect(&self, probe: &str) -> bool {
        match probe {
            "port" => self.other.accept().is_ok(),
            "unlink" => !self.sandbox.project().join("there").exists(),
            _ => self.sandbox.project().join("made").exists(),
        }
    }

    fn undo(&self) {
        let made = self.sandbox.project().join("made");
        drop(fs::remove_file(&made));
        drop(fs::remove_dir(&made));
        fs::write(self.sandbox.project().join("there"), "").unwrap();
    }
}

const PROBES: [(&str, &str); 4] =
    [("write", "made"), ("mkdir", "made"), ("unlink", "there"), ("port", "")];

#[test]
fn the_kernel_stops_forbidden_calls_of_a_preloaded_library() {
    let Some(library) = library().filter(|_| can_be_held()) else { return };
    let probed = Probed::new();
    for (probe, file) in PROBES {
        for mode in [&[][..], &["--redact"]] {
            // Without the promise the library does what it wants: the test can fail.
            probed.run(library, probe, file, mode).success();
            assert!(probed.has_effect(probe), "{probe} did nothing at all");
            probed.undo();
            let mode = [mode, &["--disk-free"]].concat();
            probed.run(library, probe, file, &mode).success();
            assert!(!probed.has_effect(probe), "{probe} {mode:?}");
            probed.undo();
        }
    }
}

#[test]
fn a_fetcher_that_executes_a_program_is_killed_and_reported() {
    let Some(library) = library().filter(|_| can_be_held()) else { return };
    let probed = Probed::new();
    probed.run(library, "exec", "made", &[]);
    assert!(probed.has_effect("exec"), "the library executes nothing");
    probed.undo();
    let output = probed.run(library, "exec", "made", &["--disk-free"]).fails_with(125);
    assert_eq!(
        output.stderr,
        "hushed: the process that fetches the secrets failed: the kernel stopped it at a system \
         call that a fetch never makes\n"
    );
    assert!(!probed.has_effect("exec"));
}

#[test]
fn a_fetcher_that_crashes_is_reported_and_leaves_no_core_file() {
    let Some(library) = library().filter(|_| can_be_held()) else { return };
    let output = Probed::new().run(library, "abort", "", &["--disk-free"]).fails_with(125);
    let want = "hushed: the process that fetches the secrets failed: signal 6 ended it\n";
    assert_eq!(output.stderr, want);
}
