//! Brings about what a row of the table says, and runs hushed there.
//! Must not know what should come of it.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use super::table::{Cause, Row, Way, When};
use crate::support::{
    breaker::{Break, Breaker, Closed, How, Port, Since},
    frames::{self, Frames, Method},
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

/// A server, what stands before it, and a home that knows of them.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) server: Server,
    pub(super) sandbox: Sandbox,
    pub(super) url: String,
    address: String,
    /// The address of the proxy on the way, or nothing.
    proxy: String,
    before: Before,
    /// What shows another certificate, or none.
    other: Option<Server>,
}

#[derive(Debug)]
enum Before {
    Breaker(Breaker),
    Frames(Frames),
    Closed { port: Port },
    Nothing,
}

/// The result of one run.
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

/// Returns what a command gets that starts.
pub(super) fn secrets() -> BTreeMap<String, String> {
    let pairs = [("FIRST", "canary-1"), ("LINES", "canary\nlines\n"), ("UNICODE", "canary-ä€")];
    let long = ("Z_LONG".to_owned(), "canary-".repeat(40));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .chain([long])
        .collect()
}

/// Returns what is seen of that where values are kept out of output.
pub(super) fn labels() -> BTreeMap<String, String> {
    secrets().into_keys().map(|name| (name.clone(), format!("[hushed:{name}]"))).collect()
}

pub(super) fn plain() -> Server {
    Server::builder(Generation::V4C, world()).plain().start()
}

/// Speaks HTTP/2 as well, which the others do not.
pub(super) fn http2() -> Server {
    Server::start(Generation::V4C, world())
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
        Self { server, sandbox, url, address, proxy: String::new(), before, other: None }
    }

    /// Puts a proxy before a server, and a breaker before that.
    fn behind_proxy() -> Self {
        let mut stage = Self::unknown("secrets.invalid");
        let proxy = Proxy::start(&[(stage.address.clone(), stage.server.address())]);
        let breaker = Breaker::start(proxy.address());
        stage.proxy = breaker.address().to_string();
        stage.sandbox = stage.sandbox.env("HTTPS_PROXY", format!("http://{}", stage.proxy));
        stage.before = Before::Breaker(breaker);
        stage
    }

    /// Puts what breaks HTTP/2 before a server.
    fn framed() -> Self {
        let server = Server::builder(Generation::V4C, world()).plain().start();
        let frames = Frames::start(server.address());
        let address = frames.address().to_string();
        let url = format!("https://{address}");
        let sandbox = Sandbox::new().server(&server, "shop").env("INFISICAL_DOMAIN", url.as_str());
        let authority = sandbox.home().join("authority.pem");
        fs::write(&authority, frames.authority()).unwrap();
        let sandbox = sandbox.env("SSL_CERT_FILE", authority);
        let before = Before::Frames(frames);
        Self { server, sandbox, url, address, proxy: String::new(), before, other: None }
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
            Cause::Proxy(_) => Self::behind_proxy(),
            Cause::Http2(..) => Self::framed(),
            Cause::Handshake(..) => Self::before(http2()),
            _ => Self::before(plain()),
        }
    }

    fn unknown(name: &str) -> Self {
        let server = secure(Certificate::NoHost);
        let address = format!("{name}:443");
        let url = format!("https://{name}");
        let sandbox = Sandbox::new().server(&server, "shop").env("INFISICAL_DOMAIN", url.as_str());
        let (proxy, before) = (String::new(), Before::Nothing);
        Self { server, sandbox, url, address, proxy, before, other: None }
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
        let proxy = Proxy::start(&[(self.address.clone(), self.server.address())]);
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
            Cause::Proxy(way) => Some(way.script(row.when)),
            _ => None,
        };
        if matches!((row.cause, row.when), (Cause::Proxy(_), When::List)) {
            // So that the list needs a connection of its own.
            self.server.fault(Fault::on(LOGIN, FaultKind::Last));
        }
        if matches!(row.cause, Cause::Cut(0, How::Deaf)) {
            // So that it has not answered yet when it sees the end.
            self.server.fault(Fault::on(path, FaultKind::Hang));
        }
        let other = self.other.as_ref().map(Server::address);
        match (row.cause, &self.before) {
            (Cause::Closed(closed) | Cause::Proxy(Way::Closed(closed)), Before::Breaker(_)) => {
                self.close(closed);
            }
            (Cause::Http2(place, says, then, times), Before::Frames(frames)) => {
                let method = if row.when == When::List { Method::Get } else { Method::Post };
                frames.script(Some(frames::Fault { method, place, says, then, times }));
            }
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

    fn close(&mut self, closed: Closed) {
        if let Before::Breaker(breaker) = std::mem::replace(&mut self.before, Before::Nothing) {
            self.before = Before::Closed { port: breaker.close(closed) };
        }
    }

    /// Returns the breaker, where there is one.
    pub(super) fn breaker(&self) -> Option<&Breaker> {
        if let Before::Breaker(breaker) = &self.before { Some(breaker) } else { None }
    }

    /// Returns how many connections came to what stands before the server.
    pub(super) fn connections(&self) -> usize {
        match &self.before {
            Before::Breaker(breaker) => breaker.connections(),
            Before::Frames(frames) => frames.connections(),
            Before::Closed { .. } | Before::Nothing => 0,
        }
    }

    /// Returns how often what stands before the server has broken something.
    pub(super) fn met(&self) -> usize {
        match &self.before {
            Before::Breaker(breaker) => breaker.met(),
            Before::Frames(frames) => frames.met(),
            Before::Closed { .. } | Before::Nothing => 0,
        }
    }

    /// Returns whether a run has come to where it hangs.
    pub(super) fn hangs(&self) -> bool {
        match &self.before {
            Before::Closed { port } => is_dialled(port.address),
            _ => self.met() > 0,
        }
    }

    /// Returns which processes still work in the home. One that was sent SIGKILL may take a moment to end
    /// on a busy machine.
    pub(super) fn left_behind(&self) -> Vec<PathBuf> {
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            let left = self.working();
            if left.is_empty() || Instant::now() > patience {
                return left;
            }
            thread::yield_now();
        }
    }

    fn working(&self) -> Vec<PathBuf> {
        let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        let works = |process: &PathBuf| {
            let place = fs::read_link(process.join("cwd"));
            place.is_ok_and(|place| place.starts_with(self.sandbox.home()))
        };
        processes.filter(works).collect()
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

    /// Returns a directory that no cache is in yet.
    pub(super) fn empty(&self) -> PathBuf {
        self.sandbox.home().join("empty")
    }

    /// Puts the server in its places in a text of the table.
    pub(super) fn fill(&self, text: &str, time: &str) -> String {
        let text = text.replace("URL", &self.url).replace("ADDRESS", &self.address);
        text.replace("`PROXY`", &format!("`{}`", self.proxy)).replace("TIME", time)
    }
}

impl Way {
    fn script(self, when: When) -> Break {
        let skips = u32::from(when == When::List);
        let script = match self {
            Self::Cut(at, how) => Break::new(Since::Connection, at, how),
            Self::Says(text, how) | Self::Once(text, how) => {
                Break::saying(Since::Connection, text, how)
            }
            Self::Closed(_) => Break::new(Since::Connection, 0, How::Hang),
        };
        let script = script.skips(skips);
        if matches!(self, Self::Once(..)) { script.times(1) } else { script }
    }
}

impl Run {
    /// Returns what the command got; nothing if it did not start.
    pub(super) fn environment(&self) -> Option<BTreeMap<String, String>> {
        if self.output.stdout.is_empty() {
            return None;
        }
        let pairs = self.output.stdout.split_terminator('\0');
        let pairs = pairs.map(|line| line.split_once('=').unwrap_or((line, "")));
        Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Returns the error and its causes, the outermost first.
    pub(super) fn causes(&self) -> Vec<String> {
        let lines = self.output.stderr.lines();
        let lines = lines.filter_map(|line| {
            line.strip_prefix("hushed: source `infisical`: ")
                .or_else(|| line.strip_prefix("  caused by: "))
        });
        lines.map(str::to_owned).collect()
    }
}

/// Returns whether somebody waits for an answer to a SYN (the state 02 of `/proc/net/tcp`, proc(5)).
fn is_dialled(address: SocketAddr) -> bool {
    let port = format!(":{:04X}", address.port());
    fs::read_to_string("/proc/net/tcp").unwrap().lines().any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        let to = fields.next().unwrap_or_default();
        to.ends_with(&port) && fields.next() == Some("02")
    })
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
