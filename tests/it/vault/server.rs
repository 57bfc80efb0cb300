//! The smallest server that answers as `OpenBao` does, for one secrets engine and one `AppRole`.
//! Must not know more of HTTP than one request on each connection.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The role ID, which is no secret.
pub(super) const ROLE_ID: &str = "role-id-of-app";
/// The secret ID.
pub(super) const SECRET_ID: &str = "canary-secret-id-of-app";
/// A token that is good.
pub(super) const TOKEN: &str = "hvs.canary-token";
const WRAPPING_TOKEN: &str = "canary-wrap";

/// A running server; it ends with the test's process.
#[derive(Debug)]
pub(super) struct FakeVault {
    address: Option<SocketAddr>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    asked: Mutex<Vec<String>>,
    sealed: AtomicBool,
    unwrapped: AtomicBool,
    /// The bodies of writes.
    written: Mutex<Vec<String>>,
    /// How many writes are refused, because somebody else was faster.
    conflicts: Mutex<usize>,
    /// Whether it is the listener of an agent, which adds its own token.
    is_agent: bool,
}

struct Request {
    line: String,
    head: String,
    body: String,
}

impl FakeVault {
    /// The bodies of all writes so far.
    pub(super) fn written(&self) -> Vec<String> {
        self.state.written.lock().unwrap().clone()
    }

    /// Refuses this many writes.
    pub(super) fn conflict(&self, count: usize) {
        *self.state.conflicts.lock().unwrap() = count;
    }

    /// Starts a server on loopback.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Some(listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, state) = (stream.unwrap(), Arc::clone(&serving));
                thread::spawn(move || serve(&state, &stream, &stream));
            }
        });
        Self { address, state }
    }

    /// Starts the listener of an agent.
    pub(super) fn on(listener: UnixListener) -> Self {
        let state = Arc::new(State { is_agent: true, ..State::default() });
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, state) = (stream.unwrap(), Arc::clone(&serving));
                thread::spawn(move || serve(&state, &stream, &stream));
            }
        });
        Self { address: None, state }
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        self.address.map(|address| format!("http://{address}")).unwrap()
    }

    /// The first lines of the requests until now.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Seals or unseals it.
    pub(super) fn seal(&self, sealed: bool) {
        self.state.sealed.store(sealed, Ordering::Relaxed);
    }
}

fn serve(state: &State, from: impl Read, mut to: impl Write) {
    let Some(request) = read(from) else { return };
    state.asked.lock().unwrap().push(request.line.clone());
    let (status, body) = answer(state, &request);
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    to.write_all(head.as_bytes()).unwrap_or_default();
    to.write_all(body.as_bytes()).unwrap_or_default();
}

fn read(from: impl Read) -> Option<Request> {
    let mut reader = BufReader::new(from);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Request { line, head, body: String::from_utf8(body).ok()? })
}

fn answer(state: &State, request: &Request) -> (u16, String) {
    let health = |sealed: bool| {
        format!(r#"{{"initialized":true,"sealed":{sealed},"standby":false,"version":"2.7.2"}}"#)
    };
    if request.line.contains("/v1/sys/health") {
        return (200, health(state.sealed.load(Ordering::Relaxed)));
    }
    if state.sealed.load(Ordering::Relaxed) {
        return (503, r#"{"errors":["Vault is sealed"]}"#.to_owned());
    }
    let header = |name: &str| {
        let lines = request.head.lines();
        lines.filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, v)| v)
    };
    assert_eq!(header("x-vault-request"), Some("true"), "{}", request.head);
    if header("x-vault-namespace").is_some_and(|namespace| namespace != "team") {
        return (404, r#"{"errors":["namespace not found"]}"#.to_owned());
    }
    let token = header("x-vault-token");
    match request.line.as_str() {
        "POST /v1/auth/approle/login" => {
            let good = request.body.contains(ROLE_ID) && request.body.contains(SECRET_ID);
            return if good { (200, login()) } else { bad("invalid role or secret ID") };
        }
        "POST /v1/sys/wrapping/lookup" if !state.unwrapped.load(Ordering::Relaxed) => {
            return (200, data(r#"{"creation_path":"sys/wrapping/wrap","creation_ttl":60}"#));
        }
        "POST /v1/sys/wrapping/unwrap" if token == Some(WRAPPING_TOKEN) => {
            state.unwrapped.store(true, Ordering::Relaxed);
            return (200, data(&format!(r#"{{"token":"{TOKEN}"}}"#)));
        }
        "POST /v1/sys/wrapping/lookup" => {
            return bad("wrapping token is not valid or does not exist");
        }
        _ => {}
    }
    if token != Some(TOKEN) && !(state.is_agent && token.is_none()) {
        return (403, r#"{"errors":["permission denied"]}"#.to_owned());
    }
    let kv2 = |version: u32, values: &str| {
        let body =
            format!(r#"{{"data":{values},"metadata":{{"version":{version},"destroyed":false}}}}"#);
        (200, data(&body))
    };
    if request.line == "POST /v1/secret/data/app" || request.line == "POST /v1/secret/delete/app" {
        state.written.lock().unwrap().push(request.body.clone());
        let mut conflicts = state.conflicts.lock().unwrap();
        if *conflicts > 0 {
            *conflicts -= 1;
            return bad("check-and-set parameter did not match the current version");
        }
        return (200, data(r#"{"version":4}"#));
    }
    match request.line.as_str() {
        "POST /v1/auth/token/revoke-self" | "POST /v1/sys/leases/revoke" => (204, String::new()),
        "GET /v1/database/creds/app" => {
            let lease = r#""lease_id":"database/creds/app/x","renewable":true,"lease_duration":2"#;
            (200, format!(r#"{{{lease},"data":{{"USER":"dynamic","PASSWORD":"canary-dynamic"}}}}"#))
        }
        "POST /v1/sys/leases/renew" => (
            200,
            r#"{"lease_id":"database/creds/app/x","renewable":true,"lease_duration":3}"#.to_owned(),
        ),
        line if line.starts_with("GET /v1/sys/internal/ui/mounts/database") => {
            (200, data(r#"{"path":"database/","type":"database","options":null}"#))
        }
        "GET /v1/secret/data/app" => kv2(3, r#"{"USER":"app","PASSWORD":"canary-password"}"#),
        "GET /v1/secret/data/db" | "GET /v1/secret/data/db?version=2" => {
            kv2(2, r#"{"DB":"canary-db"}"#)
        }
        line if line.ends_with("/denied") && line.contains("/data/") => {
            (403, r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#.to_owned())
        }
        line if line.starts_with("GET /v1/sys/internal/ui/mounts/secret") => {
            (200, data(r#"{"path":"secret/","type":"kv","options":{"version":"2"}}"#))
        }
        _ => (404, r#"{"errors":[]}"#.to_owned()),
    }
}

fn data(data: &str) -> String {
    format!(
        r#"{{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":{data},"auth":null}}"#
    )
}

fn login() -> String {
    format!(
        r#"{{"request_id":"r","lease_id":"","data":null,"auth":{{"client_token":"{TOKEN}","lease_duration":3600,"renewable":true,"mfa_requirement":null}}}}"#
    )
}

fn bad(message: &str) -> (u16, String) {
    (400, format!(r#"{{"errors":["{message}"]}}"#))
}
