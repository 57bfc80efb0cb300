//! A home of its own for each test: empty, watched, gone afterwards.
//! Must not let a run pass that left a secret where it does not belong.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{self, Child, ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    infisical::{CLIENT_ID, CLIENT_SECRET, Server},
    leak,
};

/// How long a run may take before its test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A home, a working directory in it, and an environment.
#[derive(Debug)]
pub struct Sandbox {
    root: TempDir,
    environment: BTreeMap<OsString, OsString>,
    exempt: BTreeSet<PathBuf>,
}

/// A command before it runs.
#[derive(Debug)]
pub struct Run<'a> {
    sandbox: &'a Sandbox,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    input: Vec<u8>,
    reveals: bool,
    argv_reveals: bool,
}

/// A command that runs.
#[derive(Debug)]
pub struct Running<'a> {
    sandbox: &'a Sandbox,
    child: Child,
    reveals: bool,
}

/// The result of a command.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
    /// What it wrote to stdout, where it may be no text.
    pub bytes: Vec<u8>,
}

impl Sandbox {
    /// Makes an empty home with the working directory `project` in it.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("hushed-it-").tempdir().unwrap();
        let mut environment = BTreeMap::new();
        let places = [
            ("HOME", "."),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ];
        for (name, place) in places {
            let path: PathBuf = root.path().join(place).components().collect();
            fs::create_dir_all(&path).unwrap();
            environment.insert(name.into(), path.into());
        }
        fs::create_dir(root.path().join("project")).unwrap();
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(root.path().join("run"), private).unwrap();
        environment.insert("PATH".into(), std::env::var_os("PATH").unwrap_or_default());
        // The tests of what is not about the disk pass with every fetch confined, too.
        if let Some(promise) = std::env::var_os("HUSHED_IT_DISK_FREE") {
            environment.insert("HUSHED_DISK_FREE".into(), promise);
        }
        Self { root, environment, exempt: BTreeSet::new() }
    }

    /// Returns the home.
    pub fn home(&self) -> &Path {
        self.root.path()
    }

    /// Returns the working directory.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// Sets a variable for every run.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Takes a variable away.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(OsStr::new(name));
        self
    }

    /// Returns a variable, empty if there is none.
    pub fn variable(&self, name: &str) -> String {
        let value = self.environment.get(OsStr::new(name));
        value.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Writes a file, which may have secrets in it; relative to the working directory.
    pub fn file(mut self, path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> Self {
        let path = self.project().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self.exempt.insert(path);
        self
    }

    /// Lets a run write secrets to a file, because the test asks for just that.
    pub fn permits(mut self, path: impl AsRef<Path>) -> Self {
        self.exempt.insert(self.project().join(path));
        self
    }

    /// Points the environment at a server, trusted, and at a project there with `dev` in it.
    ///
    /// The credentials are those of `World::sample`.
    pub fn server(self, server: &Server, project: &str) -> Self {
        self.address(server)
            .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", CLIENT_ID)
            .env("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", CLIENT_SECRET)
            .project_of(server, project, "dev")
    }

    /// Points the environment at a server, trusted, without any credential.
    pub fn address(self, server: &Server) -> Self {
        let trusted = server.ca_file();
        let sandbox = self.env("INFISICAL_DOMAIN", server.url());
        if trusted.exists() { sandbox.env("SSL_CERT_FILE", trusted) } else { sandbox }
    }

    /// Names project and environment.
    pub fn project_of(self, server: &Server, slug: &str, environment: &str) -> Self {
        let id = server.world(|world| world.project_by_slug(slug).unwrap().id.clone());
        self.env("INFISICAL_PROJECT_ID", id).env("HUSHED_ENV", environment)
    }

    /// Prepares a run of hushed.
    pub fn command<I, S>(&self, arguments: I) -> Run<'_>
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        self.program(hushed(), arguments)
    }

    /// Prepares a run of a program under resource limits and system-call filters: the rules of
    /// `constrained.py`.
    pub fn constrained<I, S>(&self, rules: &[&str], line: I) -> Run<'_>
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/constrained.py");
        let rules = [script].into_iter().chain(rules.iter().copied()).chain(["--"]);
        let line = line.into_iter().map(Into::into);
        self.program("python3", rules.map(OsString::from).chain(line))
    }

    /// Prepares a run of another program.
    pub fn program<I, S>(&self, program: impl Into<PathBuf>, arguments: I) -> Run<'_>
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        Run {
            sandbox: self,
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: self.environment.clone(),
            input: Vec::new(),
            reveals: false,
            argv_reveals: false,
        }
    }

    /// Runs hushed; no secret may come to light anywhere.
    pub fn run<I, S>(&self, arguments: I) -> Output
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        self.command(arguments).run()
    }

    fn check(&self, output: &Output, reveals: bool) {
        assert!(!leak::is_in(output.stderr.as_bytes()), "a secret on stderr:\n{}", output.stderr);
        assert!(
            reveals || !leak::is_in(&output.bytes),
            "a secret on stdout, though the test does not say `reveals`:\n{}",
            output.stdout
        );
        let files = leak::files(self.home(), &self.exempt).unwrap();
        assert!(files.is_empty(), "a secret was left behind in {files:?}");
    }
}

impl<'a> Run<'a> {
    /// Sets a variable for this run.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Writes this to its standard input.
    pub fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Permits secrets on stdout, because they are what is asked for.
    pub fn reveals(mut self) -> Self {
        self.reveals = true;
        self
    }

    /// Permits a secret among the arguments, because the test is about just that.
    pub fn argv_reveals(mut self) -> Self {
        self.argv_reveals = true;
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Output {
        self.check_arguments();
        let mut command = assert_cmd::Command::from_std(self.prepared());
        let output = command.write_stdin(self.input).timeout(PATIENCE).output().unwrap();
        let output = Output::new(output);
        self.sandbox.check(&output, self.reveals);
        output
    }

    /// Starts it, for a test that has something to do meanwhile.
    pub fn spawn(self) -> Running<'a> {
        self.check_arguments();
        let mut command = self.prepared();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        Running { sandbox: self.sandbox, child, reveals: self.reveals }
    }

    /// Returns the command as it would run, for a test that starts it in its own way.
    pub fn prepared(&self) -> process::Command {
        let mut command = process::Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        command.current_dir(self.sandbox.project());
        command
    }

    fn check_arguments(&self) {
        let mut arguments = self.arguments.iter();
        assert!(
            self.argv_reveals || !arguments.any(|text| leak::is_in(text.as_encoded_bytes())),
            "the test gives a secret in an argument, where `ps` shows it"
        );
    }
}

impl Running<'_> {
    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the child, to read from its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Fails the test if `ps` shows a secret.
    pub fn check_command_line(&self) {
        let leaks = leak::in_command_line(self.pid()).unwrap();
        assert!(!leaks, "a secret in /proc/{}/cmdline", self.pid());
    }

    /// Waits for its end.
    pub fn wait(self) -> Output {
        let output = Output::new(self.child.wait_with_output().unwrap());
        self.sandbox.check(&output, self.reveals);
        output
    }
}

impl Output {
    fn new(output: process::Output) -> Self {
        Self {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }

    /// Returns the exit code, or 128 and the signal, as a shell tells it.
    pub fn code(&self) -> i32 {
        self.status.code().or(self.status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
    }

    /// Fails the test unless the command succeeded.
    pub fn success(self) -> Self {
        assert!(self.status.success(), "{}\n{}{}", self.status, self.stdout, self.stderr);
        self
    }

    /// Fails the test unless the command ended with this code.
    pub fn fails_with(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Returns the path of the binary under test.
pub fn hushed() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_hushed"))
}
