//! The container of `examples/container/`: the static build as process 1 of a root directory that is
//! read-only and has nothing else but a program. Must not be silent where it is skipped.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

const BINARY: &str = "HUSHED_STATIC_BIN";
const USER: u32 = 65532;

/// What makes a container of a root directory.
#[derive(Clone, Copy, Debug)]
enum Engine {
    /// crun, which has to see cgroups of one version only.
    Crun,
    /// Namespaces by hand.
    Unshare,
}

const CRUN: &str = "\
    mount -t cgroup2 none /sys/fs/cgroup && exec crun --root \"$1/state\" \
    --cgroup-manager=disabled run --bundle \"$1\" \"hushed-it-$$\"";
const UNSHARE: &str = "\
    root=$1/rootfs; shift; mount --bind \"$root\" \"$root\" && mount -t proc proc \"$root/proc\" && \
    : >> \"$root/dev/null\" && mount --bind /dev/null \"$root/dev/null\" && \
    mount -o remount,bind,ro \"$root\" && exec chroot --userspec=65532:65532 \"$root\" \"$@\"";

/// A bundle: a root directory, and what crun is to make of it.
struct Bundle {
    folder: tempfile::TempDir,
    entrypoint: Vec<String>,
}

impl Bundle {
    /// Lays out the image: hushed, busybox with its libraries, and a secret.
    fn new(binary: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The user of the container has to pass through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let root = folder.path().join("rootfs");
        for name in ["dev", "proc", "sys"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        // Were it writable, this user could write to it.
        fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
        fs::copy(binary, root.join("hushed")).unwrap();
        let busybox = String::from_utf8(run("which", &["busybox"])).unwrap();
        let libraries = String::from_utf8(run("ldd", &[busybox.trim()])).unwrap_or_default();
        fs::copy(busybox.trim(), root.join("busybox")).unwrap();
        for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
            let place = root.join(library.trim_start_matches('/'));
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(library, place).unwrap();
        }
        fs::write(root.join("app.env"), "KEY=canary-in-a-container\n").unwrap();
        Self { folder, entrypoint: entrypoint() }
    }

    /// Starts a script in a container, by the entry point of the example.
    fn start(&self, engine: Engine, grace: &str, script: &str) -> Container {
        let command = ["/busybox", "sh", "-c", script].map(str::to_owned);
        let arguments = [&*self.entrypoint, &command].concat();
        let variables = [
            ("PATH", "/"),
            ("HUSHED_ENV_FILE", "/app.env"),
            ("HUSHED_REDACT", "true"),
            ("HUSHED_KILL_AFTER", grace),
        ];
        let folder = self.folder.path();
        let config = configuration(&arguments, &variables).to_string();
        fs::write(folder.join("config.json"), config).unwrap();
        let mut command = Command::new("unshare");
        match engine {
            Engine::Crun => command.args(["--mount", "sh", "-c", CRUN, "sh"]).arg(folder),
            Engine::Unshare => {
                command.args(["--pid", "--mount", "--net", "--fork", "--kill-child"]);
                command.args(["sh", "-c", UNSHARE, "sh"]).arg(folder).args(&arguments).env_clear();
                let path = env::var_os("PATH").unwrap();
                command.envs(variables).env("PATH", path)
            }
        };
        // An engine gives what it gets as a stream to the container's user: ours are not to be had.
        let said = folder.join("stderr");
        let stderr = fs::File::create(&said).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Container { child, lines, said }
    }
}

/// What is in the Containerfile, so that it is what is tested.
fn entrypoint() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/container/Containerfile");
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).unwrap();
    assert!(text.contains(&format!("\nUSER {USER}:{USER}\n")));
    serde_json::from_str(line).unwrap()
}

fn configuration(arguments: &[String], variables: &[(&str, &str)]) -> Value {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let namespaces = ["pid", "mount", "ipc", "uts", "network"];
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "user": { "uid": USER, "gid": USER },
            "args": arguments,
            "env": variables,
            "cwd": "/",
            "capabilities": {},
            "noNewPrivileges": true,
        },
        "root": { "path": "rootfs", "readonly": true },
        "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }],
        "linux": { "namespaces": namespaces.map(|name| json!({ "type": name })) },
    })
}

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    Command::new(program).args(arguments).output().map(|output| output.stdout).unwrap_or_default()
}

/// A container that runs; it is killed when the test is over.
struct Container {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// What it and its engine wrote to standard error.
    said: PathBuf,
}

impl Container {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// Returns process 1 of the container, which is the engine's only child.
    fn init(&self) -> Option<Pid> {
        let engine = self.child.id();
        let children = fs::read_to_string(format!("/proc/{engine}/task/{engine}/children")).ok()?;
        children.trim().parse().ok().map(Pid::from_raw)
    }

    fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let runs = self.child.try_wait().is_ok_and(|status| status.is_none());
        if let Some(init) = runs.then(|| self.init()).flatten() {
            let _ended = kill(init, Signal::SIGKILL);
        }
        let _ended = self.child.wait();
        let said = fs::read_to_string(&self.said).unwrap_or_default();
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
}

/// Returns a bundle and the best engine that works here, or says why there is none.
fn engine() -> Option<(Bundle, Engine)> {
    let Some(binary) = env::var_os(BINARY) else {
        return skip("HUSHED_STATIC_BIN names no static build (`.ci/static` makes one)");
    };
    if run("which", &["busybox"]).is_empty() {
        return skip("no busybox to put into an image");
    }
    let bundle = Bundle::new(&PathBuf::from(binary));
    let works = |engine: &Engine| {
        let mut container = bundle.start(*engine, "10s", "echo works");
        container.line() == "works\n" && container.wait().success()
    };
    match [Engine::Crun, Engine::Unshare].into_iter().find(works) {
        Some(engine) => Some((bundle, engine)),
        None => skip("neither crun nor unshare makes a container here"),
    }
}

fn skip<T>(why: &str) -> Option<T> {
    // Not `println!`, which the test runner swallows when a test passes.
    std::io::stderr().write_all(format!("skipped: container: {why}\n").as_bytes()).unwrap();
    None
}

#[test]
fn it_needs_no_root_no_capability_and_no_writable_file() {
    let Some((bundle, engine)) = engine() else { return };
    println!("by {engine:?}");
    let script = "read -r one < /proc/1/comm; echo $one; /busybox id -u; echo $KEY
        while read -r what value; do [ $what = CapEff: ] && echo $value; done < /proc/self/status
        (echo > /file) 2>&- || echo read-only";
    let mut container = bundle.start(engine, "10s", script);
    let said = [(); 5].map(|()| container.line());
    let user = USER.to_string();
    let want = ["hushed", &user, "[hushed:KEY]", "0000000000000000", "read-only"];
    assert_eq!(said, want.map(|line| format!("{line}\n")));
    assert_eq!(container.wait().code(), Some(0));
}

#[test]
fn zombies_are_reaped() {
    let Some((bundle, engine)) = engine() else { return };
    // The process between ends at once, so that the last one is an orphan; when that has ended, its
    // entry goes only if somebody reaps it.
    let script = "orphan=$( (: & echo $!) ); left=1000
        while [ -e /proc/$orphan ] && [ $left -gt 0 ]; do
            left=$((left - 1)); /busybox sleep 0.01
        done
        [ -e /proc/$orphan ] || echo gone";
    let mut container = bundle.start(engine, "10s", script);
    assert_eq!(container.line(), "gone\n");
    assert_eq!(container.wait().code(), Some(0));
}

#[test]
fn sigterm_stops_it_within_the_grace() {
    let Some((bundle, engine)) = engine() else { return };
    let obeys = "trap 'exit 7' TERM; echo ready; while :; do /busybox sleep 0.01; done";
    let ignores = "trap '' TERM; exec 2>&-; echo ready; while :; do /busybox sleep 60; done";
    for (script, grace, code) in [(obeys, "10m", 7), (ignores, "300ms", 137)] {
        let mut container = bundle.start(engine, grace, script);
        assert_eq!(container.line(), "ready\n", "{script}");
        let asked = Instant::now();
        // As the engine does to stop it.
        kill(container.init().unwrap(), Signal::SIGTERM).unwrap();
        assert_eq!(container.wait().code(), Some(code), "{script}");
        let took = asked.elapsed();
        assert!(code == 7 || took >= Duration::from_millis(300), "{took:?}");
    }
}
