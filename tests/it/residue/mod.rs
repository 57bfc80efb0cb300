//! Copies of secrets in memory at each stage of a run, found from outside: only in memory that is locked and excluded
//! from core dumps, or nowhere.
//!
//! A copy counts if its last bytes are there: plain, escaped as JSON, or in base64. No process can read memory of
//! `memfd_secret(2)`, so each stage runs without it, too.

mod cache;
mod disk_free;
mod envelope;
mod launch;
mod login;
mod process;
mod scan;
mod stage;
#[cfg(all(feature = "aws", feature = "kubernetes", feature = "sops", feature = "vault"))]
mod stores;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support::{
    infisical::{Builder, CLIENT_ID, CLIENT_SECRET, Generation, Identity, Project, Server, World},
    sandbox::{Sandbox, hushed},
};
use launch::Kernel;
use scan::Place;

/// How many of the last bytes of a value are looked for: what remains of a copy is often its end.
const TAIL: usize = 16;

/// A value that is looked for, with a name for messages.
#[derive(Debug, Clone)]
struct Known {
    name: String,
    value: Vec<u8>,
}

impl Known {
    fn new(name: &str, value: impl AsRef<[u8]>) -> Self {
        Self { name: name.into(), value: value.as_ref().into() }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.value).unwrap()
    }

    /// Returns the texts that betray a copy.
    fn patterns(&self) -> Vec<Vec<u8>> {
        // Whole groups only, so that what follows the value changes nothing.
        let whole = self.value.len() / 3 * 3;
        let base64 = STANDARD.encode(&self.value[..whole]).into_bytes();
        let mut patterns = vec![tail(&self.value).to_vec(), tail(&base64).to_vec()];
        if let Ok(text) = std::str::from_utf8(&self.value) {
            let json = serde_json::to_string(text).unwrap();
            patterns.push(tail(json.trim_matches('"').as_bytes()).to_vec());
        }
        patterns.sort();
        patterns.dedup();
        patterns
    }
}

fn tail(text: &[u8]) -> &[u8] {
    &text[text.len().saturating_sub(TAIL)..]
}

/// A vault of secrets of all sorts, and what is known of them.
struct Vault {
    server: Server,
    sandbox: Sandbox,
    secrets: Vec<Known>,
}

impl Vault {
    fn open() -> Self {
        Self::served(|server| server)
    }

    /// The same at a server that speaks otherwise.
    fn served(change: impl FnOnce(Builder) -> Builder) -> Self {
        let mut secrets: Vec<Known> = (0..20)
            .map(|number| {
                let value = format!("canary-{}", uuid(number));
                Known::new(&format!("SECRET_{number:02}"), &value)
            })
            .collect();
        let escaped = format!("canary \"{}\" with\ttab \"and\" \\", uuid(20));
        secrets.push(Known::new("ESCAPED", &escaped));
        let large = format!("canary-{}-{}", "large".repeat(8000), uuid(21));
        secrets.push(Known::new("LARGE", &large));
        let mut project = Project::new("vault").env("dev");
        for secret in &secrets {
            project = project.secret("dev", "/", &secret.name, secret.text());
        }
        let reader = Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("vault");
        let world = World::default().project(project).identity(reader);
        let server = change(Server::builder(Generation::V4C, world)).start();
        let sandbox = Sandbox::new().server(&server, "vault");
        Self { server, sandbox, secrets }
    }

    /// Returns what logs in.
    fn client_secret() -> Vec<Known> {
        vec![Known::new("the client secret", CLIENT_SECRET)]
    }

    /// Returns the access token that was last seen.
    fn token(&self) -> Vec<Known> {
        let requests = self.server.requests();
        let header = requests.iter().rev().find_map(|request| request.header("authorization"));
        vec![Known::new("the token", header.unwrap().strip_prefix("Bearer ").unwrap())]
    }

    /// Lets every user in, and gives a copy of the program that every user may execute.
    fn open_to_all(&self) -> PathBuf {
        let open = || fs::Permissions::from_mode(0o755);
        for folder in [self.sandbox.home(), self.server.directory()] {
            fs::set_permissions(folder, open()).unwrap();
        }
        let program = self.sandbox.home().join("hushed");
        // Another thread's child must not hold it open for writing when it is executed.
        let copied = Command::new("cp").arg(hushed()).arg(&program).status().unwrap();
        assert!(copied.success());
        fs::set_permissions(&program, open()).unwrap();
        program
    }

    /// Prepares a run.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.program(program, arguments.iter().copied()).prepared();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn uuid(number: usize) -> String {
    crate::support::infisical::uuid(&format!("residue {number}"))
}

/// A process that is looked into; it goes when the test goes.
struct Subject(Child);

impl Subject {
    fn start(mut command: Command, kernel: Kernel, traced: bool) -> Self {
        Self(launch::spawn(&mut command, kernel, traced).unwrap())
    }

    /// Waits for its end; what it wrote.
    fn output(mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        drop(self.0.stdin.take());
        self.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (out, err)
    }

    /// Waits for the command to say something: a line.
    fn await_line(&mut self) -> String {
        let stdout = self.0.stdout.as_mut().unwrap();
        let mut line = Vec::new();
        let mut byte = [0];
        // Byte by byte, as the next line may be for somebody else.
        while stdout.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    fn find(&self, known: &[Known]) -> Vec<Copy> {
        copies(self.0.id(), known)
    }

    /// Returns the PIDs of its children.
    fn children(&self) -> Vec<u32> {
        let pid = self.0.id();
        let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
    }

    /// Divides its children into witnesses of signals and commands.
    fn witnesses_and_commands(&self) -> (Vec<u32>, Vec<u32>) {
        let is_witness = |pid: &u32| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.trim_end() == "hushed-witness"
        };
        self.children().into_iter().partition(is_witness)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

/// A copy of a value that was found.
#[derive(Debug, Clone)]
struct Copy {
    name: String,
    place: Place,
}

fn copies(pid: u32, known: &[Known]) -> Vec<Copy> {
    let mut names = Vec::new();
    let mut patterns = Vec::new();
    for known in known {
        for pattern in known.patterns() {
            names.push(known.name.clone());
            patterns.push(pattern);
        }
    }
    let places = launch::standing_still(pid, || scan::find(pid, &patterns).unwrap());
    places.into_iter().map(|place| Copy { name: names[place.pattern].clone(), place }).collect()
}

/// Returns the copies that anybody with the right to debug the process, or a core dump, would have.
fn exposed(copies: &[Copy]) -> Vec<String> {
    let open = copies.iter().filter(|copy| !copy.place.mapping.is_protected());
    open.map(described).collect()
}

fn described(copy: &Copy) -> String {
    let Copy { name, place } = copy;
    format!(
        "{name} at {:x} in `{}` {}",
        place.address, place.mapping.name, place.mapping.permissions
    )
}

/// Fails the test unless there is no copy of these.
fn assert_none(stage: &str, copies: &[Copy]) {
    let all: Vec<String> = copies.iter().map(described).collect();
    assert!(all.is_empty(), "{stage}: {}", all.join("\n"));
}

/// Fails the test unless each value is found where it can be: else nothing is shown by not finding it.
fn assert_found(stage: &str, kernel: Kernel, copies: &[Copy], known: &[Known]) {
    let missing = known.iter().find(|known| copies.iter().all(|copy| copy.name != known.name));
    assert!(kernel == Kernel::Whole || missing.is_none(), "{stage}: where is {missing:?}?");
}

/// Fails the test unless of each value there is at most one copy, and that in protected memory; where
/// the kernel hides that memory, none.
fn assert_protected(stage: &str, kernel: Kernel, copies: &[Copy]) {
    if kernel == Kernel::Whole {
        return assert_none(stage, copies);
    }
    let open = exposed(copies);
    assert!(open.is_empty(), "{stage}: in open memory:\n{}", open.join("\n"));
    for copy in copies {
        let again: Vec<_> =
            copies.iter().filter(|other| other.name == copy.name).map(described).collect();
        assert!(again.len() == 1, "{stage}: more than one copy:\n{}", again.join("\n"));
    }
}

/// Returns the program without the allocator that clears; cargo builds examples for its tests.
fn uncleared() -> PathBuf {
    let path = hushed().with_file_name("examples/uncleared");
    assert!(path.exists(), "{} is missing: cargo build --examples", path.display());
    path
}

/// Returns the conditions that this machine lets us test under, and says which it does not.
fn kernels() -> Vec<Kernel> {
    if !may_look() {
        return Vec::new();
    }
    if launch::has_secret_memory() {
        return vec![Kernel::Whole, Kernel::NoSecretMemory];
    }
    skipped("this kernel has no memfd_secret: what it hides is not tested");
    vec![Kernel::NoSecretMemory]
}

/// Returns whether we may look into a process that is not dumpable.
fn may_look() -> bool {
    const CAP_SYS_PTRACE: u32 = 19;
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    let capabilities = u64::from_str_radix(line.trim(), 16).unwrap();
    let may = nix::unistd::geteuid().is_root() && capabilities >> CAP_SYS_PTRACE & 1 == 1;
    if !may {
        skipped("only root may look into the memory of a process that is not dumpable");
    }
    may
}

/// Says that a test has shown nothing, past the test runner, which swallows what passes.
fn skipped(why: &str) {
    std::io::stderr().write_all(format!("skipped: {why}\n").as_bytes()).unwrap();
}
