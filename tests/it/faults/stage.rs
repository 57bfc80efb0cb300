//! Brings about what a row of the table says, and runs hushed there.
//! Must not know what should come of it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::table::{Cause, Row, When};
use crate::support::{
    breaker::{Break, Breaker, How, Refusing, Since},
    infisical::{
        CLIENT_ID, CLIENT_SECRET, Certificate, Fault, FaultKind, Generation, Identity, Project,
        Server, World,
    },
    proxy::Proxy,
    sandbox::{Output, Sandbox},
};

pub(super) const LOGIN: &str = "/api/v1/auth/universal-auth/login";
pub(super) const LIST: &str = "/api/v4/secrets";

/// How many hang at the same time: they only wait.
const WORKERS: usize = 32;

/// Is a server, what stands before it, and a home that knows of them.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) server: Server,
    pub(super) sandbox: Sandbox,
    pub(super) url: String,
    address: String,
    before: Before,
    /// What shows another certificate, or none.
    other: Option<Server>,
}

#[derive(Debug)]
enum Before {
    Breaker(Breaker),
    Refusing { _port: Refusing },
    Nothing,
}

/// Is what came of one run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) output: Output,
    pub(super) took: Duration,
}

/// Makes a project with values of several sorts.
fn world() -> World {
    let mut project = Project::new("shop").env("dev");
    for (name, value) in secrets() {
        project = project.secret("dev", "/", &name, &value);
    }
    let project = project.secret("dev", "/more", "MORE", "canary-more");
    World::default()
        .project(project)
        .identity(Identity::universal("reader", CLIENT_ID, CLIENT_SECRET).reads_all("shop"))
}

/// Gives what a command gets that starts.
pub(super) fn secrets() -> BTreeMap<String, String> {
    let pairs = [("FIRST", "canary-1"), ("LINES", "canary\nlines\n"), ("UNICODE", "canary-ä€")];
    let long = ("Z_LONG".to_owned(), "canary-".repeat(40));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .chain([long])
        .collect()
}

pub(super) fn plain() -> Server {
    Server::builder(Generation::V4C, world()).plain().start()
}

pub(super) fn secure(certificate: Certificate) -> Server {
    Server::builder(Generation::V4C, world()).certificate(certificate).http1_only().start()
}

impl Stage {
    /// Puts a breaker before a server.
    pub(super) fn before(server: Server) -> Self {
        let breaker = Breaker::start(server.address());
        let scheme = if server.ca_file().exists() { "https" } else { "http" };
        let address = breaker.address().to_string();
        let url = format!("{scheme}://{address}");
        let sandbox = Sandbox::new().server(&server, "shop").env("INFISICAL_DOMAIN", url.as_str());
        let before = Before::Breaker(breaker);
        Self { server, sandbox, url, address, before, other: None }
    }

    /// Makes what a row needs; nothing goes wrong yet.
    pub(super) fn of(row: &Row) -> Self {
        match row.cause {
            Cause::NoName => Self::unknown("secrets.invalid"),
            Cause::SilentResolver => Self::unknown("secrets.example"),
            Cause::Certificate(other) | Cause::Change(other) => {
                let stage = Self::before(secure(Certificate::Right));
                stage.and(secure(other))
            }
            Cause::NoTls => Self::before(secure(Certificate::Right)).and(plain()),
            // HTTP/2 as well, which the others do not have.
            Cause::Handshake(..) => Self::before(Server::start(Generation::V4C, world())),
            _ => Self::before(plain()),
        }
    }

    fn unknown(name: &str) -> Self {
        let server = secure(Certificate::NoHost);
        let address = name.to_owned();
        let url = format!("https://{address}");
        let sandbox = Sandbox::new().server(&server, "shop").env("INFISICAL_DOMAIN", url.as_str());
        Self { server, sandbox, url, address, before: Before::Nothing, other: None }
    }

    /// Adds a server that shows something else, whose authority is trusted too.
    fn and(mut self, other: Server) -> Self {
        let path = self.sandbox.home().join("authorities.pem");
        let mut trusted = fs::read(self.server.ca_file()).unwrap();
        if other.ca_file().exists() {
            trusted.extend(fs::read(other.ca_file()).unwrap());
        }
        fs::write(&path, trusted).unwrap();
        self.sandbox = self.sandbox.env("SSL_CERT_FILE", path);
        self.other = Some(other);
        self
    }

    /// Puts something into the cache, while all is well.
    pub(super) fn seed(&self) {
        let run = self.command(&["--cache", "fallback"]);
        let proxy = Proxy::start(&[(format!("{}:443", self.address), self.server.address())]);
        let run = match self.before {
            Before::Nothing => run.env("HTTPS_PROXY", proxy.url()),
            _ => run,
        };
        run.run().success();
    }

    /// Lets it go wrong, from now on and anew.
    pub(super) fn strike(&mut self, row: &Row) {
        self.server.heal();
        self.server.forget();
        let (path, since) = match row.when {
            When::Connecting => ("/", Since::Connection),
            When::Login => (LOGIN, Since::Request("POST ")),
            When::List => (LIST, Since::Request("GET ")),
        };
        let script = match row.cause {
            Cause::Handshake(at, how) | Cause::Cut(at, how) => Some(Break::new(since, at, how)),
            Cause::Once(at, how) => Some(Break::new(since, at, how).times(1)),
            Cause::Says(text, how) => Some(Break::saying(since, text, how)),
            _ => None,
        };
        if matches!(row.cause, Cause::Cut(0, How::Deaf)) {
            // So that it has not answered yet when it sees the end.
            self.server.fault(Fault::on(path, FaultKind::Hang));
        }
        let other = self.other.as_ref().map(Server::address);
        match (row.cause, &self.before) {
            (Cause::Refused, Before::Breaker(_)) => self.refuse(),
            (Cause::Change(_), Before::Breaker(breaker)) => {
                self.server.fault(Fault::on(LOGIN, FaultKind::Last));
                breaker.script(None);
                breaker.lead_to(&[self.server.address(), other.unwrap()]);
            }
            (Cause::Server(fault, times), Before::Breaker(breaker)) => {
                let fault = fault(path);
                self.server.fault(times.map_or(fault.clone(), |times| fault.times(times)));
                breaker.script(None);
            }
            (_, Before::Breaker(breaker)) => {
                breaker.script(script);
                if let Some(other) = other {
                    breaker.lead_to(&[other]);
                }
            }
            _ => {}
        }
    }

    fn refuse(&mut self) {
        if let Before::Breaker(breaker) = std::mem::replace(&mut self.before, Before::Nothing) {
            self.before = Before::Refusing { _port: breaker.refuse() };
        }
    }

    /// Gives the breaker, where there is one.
    pub(super) fn breaker(&self) -> Option<&Breaker> {
        if let Before::Breaker(breaker) = &self.before { Some(breaker) } else { None }
    }

    /// Runs a command that shows its whole environment.
    pub(super) fn run(&self, flags: &[&str]) -> Run {
        let begun = Instant::now();
        let output = self.command(flags).run();
        Run { output, took: begun.elapsed() }
    }

    fn command(&self, flags: &[&str]) -> crate::support::sandbox::Run<'_> {
        let flags = ["run", "--clean-env"].iter().chain(flags).chain(&["--", "env", "-0"]);
        self.sandbox.command(flags.copied()).reveals()
    }

    /// Gives a directory that no cache is in yet.
    pub(super) fn empty(&self) -> PathBuf {
        self.sandbox.home().join("empty")
    }

    /// Puts the server in its places in a text of the table.
    pub(super) fn fill(&self, text: &str, time: &str) -> String {
        text.replace("URL", &self.url).replace("ADDRESS", &self.address).replace("TIME", time)
    }
}

impl Run {
    /// Gives what the command got; nothing if it did not start.
    pub(super) fn environment(&self) -> Option<BTreeMap<String, String>> {
        if self.output.stdout.is_empty() {
            return None;
        }
        let pairs = self.output.stdout.split_terminator('\0');
        let pairs = pairs.map(|line| line.split_once('=').unwrap_or((line, "")));
        Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Gives the error and its causes, the outermost first.
    pub(super) fn causes(&self) -> Vec<String> {
        let lines = self.output.stderr.lines();
        let lines = lines.filter_map(|line| {
            line.strip_prefix("hushed: source `infisical`: ")
                .or_else(|| line.strip_prefix("  caused by: "))
        });
        lines.map(str::to_owned).collect()
    }
}

/// Does something for each, several at once; panics with all that was found wrong.
pub(super) fn each<T: Sync>(items: &[T], what: impl Fn(&T) -> Vec<String> + Sync) {
    let waiting = Mutex::new(items.iter());
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(item) = next else { return };
                    let found = what(item);
                    faults.lock().unwrap().extend(found);
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
