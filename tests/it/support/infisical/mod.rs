//! An Infisical on loopback that answers like the recorded one, or like its successors.
//! Must not know hushed, nor the sandbox: benchmarks use it too.
//!
//! ```text
//! bytes ─ listen ─ Request ─ route ─ login │ list │ single │ places ─ Answer ─ fault ─ bytes
//!                              └── World: projects, identities, tokens
//! ```
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "one user of this folder needs less than another"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "it serves tests and benchmarks, which end where it cannot go on"
)]

mod access;
mod answer;
mod expand;
mod fault;
mod identity;
mod limit;
mod list;
mod listen;
mod login;
mod ordered;
mod places;
mod project;
mod request;
mod route;
mod row;
mod single;
mod tls;
mod token;
mod world;
mod writing;

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::JoinHandle,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};

pub use fault::{Fault, Kind as FaultKind};
pub use identity::{ClientSecret, Grant, Identity, Login, ServiceToken};
pub use limit::{Limiter, Throttle};
pub use project::{Environment, Folder, Import, Kind, Project, Secret, Tag};
pub use request::Request;
pub use tls::{Certificate, acceptor};
pub use world::{CLIENT_ID, CLIENT_SECRET, World, Writes, uuid};

/// Says how old the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// October 2024, as recorded: v3 only.
    V3Only,
    /// Winter 2025: v4, with the old name for imports and nothing by default.
    V4B,
    /// Since February 2026: v4, imports and expansion by default, one row of a name.
    V4C,
}

/// Is a server before it starts.
#[derive(Debug)]
pub struct Builder {
    generation: Generation,
    world: World,
    tls: Option<Certificate>,
    http1_only: bool,
}

/// Is a running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    generation: Generation,
    state: Arc<Mutex<State>>,
    arrival: Arc<Condvar>,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    world: World,
    requests: Vec<Request>,
    faults: Vec<Fault>,
    throttle: Option<Throttle>,
}

impl Builder {
    /// Speaks plain HTTP.
    pub fn plain(mut self) -> Self {
        self.tls = None;
        self
    }

    /// Shows this certificate.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.tls = Some(certificate);
        self
    }

    /// Speaks no HTTP/2.
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Starts the server on a port of its own.
    pub fn start(self) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let (tls, scheme) = match self.tls {
            None => (None, "http"),
            Some(certificate) => {
                let (acceptor, pem) = acceptor(certificate, self.http1_only);
                std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
                (Some(acceptor), "https")
            }
        };
        let listener = listen_anew();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (generation, http1_only) = (self.generation, self.http1_only);
        let state = Arc::new(Mutex::new(State { world: self.world, ..State::default() }));
        let shared = Arc::clone(&state);
        let arrival = Arc::new(Condvar::new());
        let tell = Arc::clone(&arrival);
        let service: listen::Service = Arc::new(move |request| {
            let mut state = lock(&shared);
            let throttle = state.throttle.as_mut();
            if let Some(answer) = throttle.and_then(|it| it.count(std::time::Instant::now())) {
                return fault::Wire::Whole(answer);
            }
            let right = route::answer(&mut state.world, generation, &request);
            let fault = fault::meet(&mut state.faults, &request);
            state.requests.push(request);
            tell.notify_all();
            match fault {
                Some((kind, None)) => fault::spoil(kind, generation, right),
                Some((kind, Some(barrier))) => {
                    let wire = fault::spoil(kind, generation, right);
                    fault::Wire::Together(wire.into(), barrier)
                }
                None => fault::Wire::Whole(right),
            }
        });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = listen::serve(listener, tls, http1_only, service) => {}
                    _ = stopped => {}
                }
            });
        });
        let (stop, thread) = (Some(stop), Some(thread));
        Server { address, scheme, generation, state, arrival, folder, stop, thread }
    }
}

/// Listens where no server of these tests has been: a login that another one refused a moment ago would be
/// taken for one that this one refused.
fn listen_anew() -> std::net::TcpListener {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        if lock(&TAKEN).insert(listener.local_addr().unwrap().port()) {
            return listener;
        }
    }
}

impl Server {
    /// Prepares a server over TLS.
    pub fn builder(generation: Generation, world: World) -> Builder {
        let tls = Some(Certificate::Right);
        Builder { generation, world, tls, http1_only: false }
    }

    /// Starts a server over TLS, HTTP/2 and HTTP/1.1.
    pub fn start(generation: Generation, world: World) -> Self {
        Self::builder(generation, world).start()
    }

    /// Gives the address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Gives host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the file of the authority to trust; there is none over plain HTTP.
    pub fn ca_file(&self) -> PathBuf {
        self.directory().join("ca.pem")
    }

    /// Gives a directory of the server's own, which goes with it.
    pub fn directory(&self) -> &Path {
        self.folder.path()
    }

    /// Gives all requests so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state).requests.clone()
    }

    /// Waits until a request whose path begins so has come.
    pub fn await_request(&self, path: &str) {
        let come = |state: &mut State| state.requests.iter().any(|it| it.path().starts_with(path));
        let state = lock(&self.state);
        let patience = Duration::from_secs(30);
        let waited = self.arrival.wait_timeout_while(state, patience, |state| !come(state));
        let (_state, outcome) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        assert!(!outcome.timed_out(), "no request for {path} came");
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.state).requests.clear();
    }

    /// Looks at the world or changes it.
    pub fn world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut lock(&self.state).world)
    }

    /// Makes an access token for the identity of this name, without a login.
    pub fn mint(&self, identity: &str) -> String {
        self.world(|world| world.mint(identity, self.generation))
    }

    /// Scripts a fault; the first that a request meets is taken.
    pub fn fault(&self, fault: Fault) {
        lock(&self.state).faults.push(fault);
    }

    /// Takes only so many requests from now on, or any number; gives what the last throttle counted.
    pub fn throttle(&self, throttle: Option<Throttle>) -> Option<Throttle> {
        std::mem::replace(&mut lock(&self.state).throttle, throttle)
    }

    /// Ends all faults.
    pub fn heal(&self) {
        lock(&self.state).faults.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread may be gone already, which is what is wanted.
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap_or_default();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap_or_default();
        }
    }
}

/// Locks the state; what a failed test left is as good as any.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
