//! Secrets that are delivered as files: what a command finds in them, who else does, and what remains.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

use crate::support::sandbox::{Run, Sandbox, hushed};

const CONFIGURATION: &str = r#"
[source.app]
type = "dotenv"
file = "app.env"
deliver = false

[env]
KEY = { ref = "app://KEY?encoding=base64", deliver = "file", mode = "0440" }

[env.CONFIG]
template = "key = {{ text }}"
text = "app://TEXT"
deliver = "file"
"#;

/// The options of every kind of file, in both modes.
const KINDS: [&[&str]; 6] = [
    &["--secret-files=memfd"],
    &["--secret-files=namespace"],
    &["--init", "--secret-files=memfd"],
    &["--init", "--secret-files=namespace"],
    &["--init", "--secret-files=tmpfs"],
    &["--init", "--secret-files=fifo"],
];

/// A project with a secret of all kinds of bytes, and a runtime directory of its own in memory.
struct Project {
    sandbox: Sandbox,
    runtime: TempDir,
}

impl Project {
    /// `None` where no file system is in memory.
    fn new() -> Option<Self> {
        let runtime = tempfile::Builder::new().prefix("hushed-it-").tempdir_in("/dev/shm").ok()?;
        // The bytes 0, 1, 254, 255 and `canary`.
        let sandbox = Sandbox::new()
            .env("XDG_RUNTIME_DIR", runtime.path())
            .file("hushed.toml", CONFIGURATION)
            .file("app.env", "KEY=AAH+/2NhbmFyeQ==\nTEXT=canary-text\n");
        Some(Self { sandbox, runtime })
    }

    fn run<'a>(&'a self, flags: &[&'a str], script: &'a str) -> Run<'a> {
        let command = ["--", "sh", "-c", script];
        let line = ["run"].iter().chain(flags).chain(&command);
        self.sandbox.command(line.copied()).reveals()
    }

    /// Everything below the runtime directory.
    fn left(&self) -> Vec<String> {
        let entries = self.runtime.path().read_dir().unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Whether this process may make the namespaces; else says so.
    fn has_namespaces(&self) -> bool {
        let run = self.run(&["--secret-files=namespace"], "true").run();
        let may = run.status.success();
        if !may {
            let text = format!("skipped: no mount namespaces here: {}", run.stderr);
            io::stderr().write_all(text.as_bytes()).unwrap();
        }
        may
    }

    fn kinds(&self) -> impl Iterator<Item = &'static [&'static str]> {
        let has_namespaces = self.has_namespaces();
        let is_namespace = |kind: &&[&str]| kind.contains(&"--secret-files=namespace");
        KINDS.into_iter().filter(move |kind| has_namespaces || !is_namespace(kind))
    }
}

#[test]
fn a_file_holds_any_bytes_and_has_its_mode_in_every_kind() {
    let Some(project) = Project::new() else { return };
    let script = "stat -Lc %a $KEY_FILE; od -An -tx1 < $KEY_FILE; cat $CONFIG_FILE
        test -z \"${KEY+set}${CONFIG+set}\" && echo; pwd";
    let want = format!(
        "440\n 00 01 fe ff 63 61 6e 61 72 79\nkey = canary-text\n{}\n",
        project.sandbox.project().display()
    );
    for kind in project.kinds() {
        let output = project.run(kind, script).run().success();
        assert_eq!(output.stdout, want, "{kind:?}");
    }
}

#[test]
fn nothing_remains_however_the_command_ends() {
    let Some(project) = Project::new() else { return };
    for kind in project.kinds() {
        for end in ["exit 3", "kill -KILL $$"] {
            let script = format!("cat $KEY_FILE >/dev/null; {end}");
            let status = project.run(kind, &script).run().code();
            assert_eq!(status, if end == "exit 3" { 3 } else { 137 });
        }
    }
    // The empty directory on which namespaces mount their files.
    let mount_point = format!("hushed-{}", geteuid());
    assert!(project.left().iter().all(|name| *name == mount_point), "{:?}", project.left());
}

/// A run whose command has written the path of its file, and waits.
fn waiting(project: &Project, kind: &[&str]) -> (u32, PathBuf, impl FnOnce() + use<>) {
    let mut command = project.run(kind, "echo $KEY_FILE; read line").prepared();
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child.id(), PathBuf::from(line.trim()), move || {
        drop(child.stdin.take());
        child.wait().unwrap();
    })
}

#[test]
fn a_namespace_is_closed_to_other_processes_and_ends_with_a_killed_hushed() {
    let Some(project) = Project::new() else { return };
    if !project.has_namespaces() {
        return;
    }
    for kind in [&["--secret-files=namespace"][..], &["--init", "--secret-files=namespace"]] {
        let (pid, path, finish) = waiting(&project, kind);
        assert!(path.starts_with(project.runtime.path()), "{}", path.display());
        assert!(!path.exists(), "{kind:?}: others see {}", path.display());
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap();
        finish();
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 0);
    }
}

#[test]
fn a_directory_of_a_killed_hushed_is_removed_by_the_next_run() {
    let Some(project) = Project::new() else { return };
    for kind in ["--secret-files=tmpfs", "--secret-files=fifo"] {
        let (pid, path, finish) = waiting(&project, &["--init", kind]);
        let (_, other, finish_other) = waiting(&project, &["--init", "--secret-files=tmpfs"]);
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap();
        finish();
        assert!(path.exists());
        let doctor = project.sandbox.run(["doctor"]);
        assert!(doctor.stdout.contains("files of killed runs are still there (1)"), "{doctor:?}");
        project.run(&["--init", "--secret-files=tmpfs"], "true").run().success();
        assert!(!path.parent().unwrap().exists() && other.exists());
        finish_other();
        let clean = project.sandbox.run(["doctor"]).success();
        assert!(!clean.stdout.contains("killed"), "{clean:?}");
    }
}

#[test]
fn a_fifo_gives_every_reader_the_value_once() {
    let Some(project) = Project::new() else { return };
    // A reader that stops before the end leaves the rest to one that opens the FIFO at once.
    let script = "cat $CONFIG_FILE; echo; cat $CONFIG_FILE; echo; ls $(dirname $CONFIG_FILE)";
    let output = project.run(&["--init", "--secret-files=fifo"], script).run().success();
    let text = "key = canary-text";
    assert_eq!(output.stdout, format!("{text}\n{text}\nCONFIG\nKEY\n"));
}

#[test]
fn a_run_in_a_namespace_has_its_own_and_that_of_the_outer_one() {
    let Some(project) = Project::new() else { return };
    if !project.has_namespaces() {
        return;
    }
    let inner = "export OUTER=$CONFIG_FILE; exec $HUSHED run --secret-files=namespace -- \
                 sh -c 'test $OUTER != $CONFIG_FILE && cat $OUTER $CONFIG_FILE'";
    let run = project.run(&["--secret-files=namespace"], inner).env("HUSHED", hushed());
    assert_eq!(run.run().success().stdout, "key = canary-textkey = canary-text");
}

#[test]
fn an_owner_can_be_another_user() {
    let Some(project) = Project::new().filter(|_| geteuid().is_root()) else { return };
    let owned = CONFIGURATION.replace("mode = \"0440\"", "owner = \"65534:7\"");
    let project = Project { sandbox: project.sandbox.file("hushed.toml", owned), ..project };
    let script = "stat -Lc '%u %g %a' $KEY_FILE
        setpriv --reuid 65534 --regid 65534 --clear-groups wc -c < $KEY_FILE";
    for kind in project.kinds() {
        let output = project.run(kind, script).run().success();
        assert_eq!(output.stdout, "65534 7 400\n10\n", "{kind:?}");
    }
    let unknown = CONFIGURATION.replace("mode = \"0440\"", "owner = \"no-such-user\"");
    let project = Project { sandbox: project.sandbox.file("hushed.toml", unknown), ..project };
    let output = project.run(&[], "echo started").run().fails_with(125);
    assert!(output.stderr.contains("there is no user `no-such-user`"), "{output:?}");
    assert_eq!(output.stdout, "");
}

#[test]
fn a_user_without_capabilities_has_a_namespace_too() {
    let Some(project) = Project::new().filter(|_| geteuid().is_root()) else { return };
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    open(project.sandbox.home());
    let program = project.sandbox.home().join("hushed");
    fs::copy(hushed(), &program).unwrap();
    open(&program);
    for name in ["hushed.toml", "app.env"] {
        let path = project.sandbox.project().join(name);
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
    }
    std::os::unix::fs::chown(project.runtime.path(), Some(65_534), None).unwrap();
    let script = "stat -c '%u %a' $KEY_FILE; cat $CONFIG_FILE; id -u; umount $(dirname $KEY_FILE) 2>&1 | wc -l";
    for mode in [&["--secret-files=namespace"][..], &["--init", "--secret-files=namespace"]] {
        let user = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
        let line = user.iter().copied().map(str::to_owned);
        let line = line.chain([program.display().to_string(), "run".to_owned()]);
        let line = line.chain(mode.iter().map(|flag| (*flag).to_owned()));
        let line = line.chain(["--", "sh", "-c", script].map(str::to_owned));
        let output = project.sandbox.program("setpriv", line).reveals().run();
        if output.stderr.contains("may not make a mount namespace") {
            eprintln!("skipped: {}", output.stderr);
            return;
        }
        assert_eq!(output.stdout, "65534 440\nkey = canary-text65534\n1\n", "{output:?}");
    }
}

#[test]
fn a_directory_on_a_disk_is_not_used() -> io::Result<()> {
    let Some(project) = Project::new() else { return Ok(()) };
    let disk = tempfile::tempdir()?;
    if nix::sys::statfs::statfs(disk.path())?.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC {
        return Ok(());
    }
    let script = "stat -fc %T $KEY_FILE";
    let flags = ["--init", "--secret-files=tmpfs", "--disk-free=best-effort"];
    let run = project.run(&flags, script).env("XDG_RUNTIME_DIR", disk.path());
    assert_eq!(run.run().success().stdout, "tmpfs\n");
    Ok(())
}

#[test]
fn closed_standard_streams_do_not_become_the_file() {
    let Some(project) = Project::new() else { return };
    let script = "exec <&- >&- 2>&-; exec \"$0\" run -- sh -c 'echo $KEY_FILE >path'";
    let program = hushed().display().to_string();
    project.sandbox.program("sh", ["-c", script, &program]).run().success();
    let path = fs::read_to_string(project.sandbox.project().join("path")).unwrap();
    let number: u32 = path.trim().rsplit('/').next().unwrap().parse().unwrap();
    assert!(number > 2, "{path}");
}
