//! A server over plain HTTP on loopback with an answer for each request that a test names: the first one whose words
//! are in the head of the request, and that is not used up. Must not know any store: benchmarks use it too.
#![allow(dead_code, unreachable_pub, reason = "one user of this file needs less than another")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// A running server; it ends with the test's process.
#[derive(Debug)]
pub struct Replies {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    replies: Vec<Reply>,
    asked: Vec<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    words: String,
    status: u16,
    headers: String,
    body: String,
    uses: usize,
    hangs: bool,
    delay: Duration,
}

impl Reply {
    /// The answer to requests with these words in their head.
    pub fn new(words: &str, status: u16, body: impl Into<String>) -> Self {
        let (words, headers) = (words.into(), String::new());
        let (uses, hangs, delay) = (usize::MAX, false, Duration::ZERO);
        Self { words, status, headers, body: body.into(), uses, hangs, delay }
    }

    /// Adds a header.
    pub fn header(mut self, line: &str) -> Self {
        self.headers.extend([line, "\r\n"]);
        self
    }

    /// Gives it once only.
    pub fn once(self) -> Self {
        Self { uses: 1, ..self }
    }

    /// Gives it after this time.
    pub fn late(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Never gives it, and keeps the client waiting.
    pub fn hangs(self) -> Self {
        Self { hangs: true, ..self }
    }
}

impl Replies {
    /// Starts a server that answers 404.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&serving);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { address, state }
    }

    /// Its address, `HOST:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds an answer.
    pub fn add(&self, reply: Reply) {
        self.state.lock().unwrap().replies.push(reply);
    }

    /// The first lines of the requests until now.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |text| text.parse().unwrap());
        if reader.read_exact(&mut vec![0; length]).is_err() {
            return;
        }
        let reply = answer(&mut state.lock().unwrap_or_else(PoisonError::into_inner), &head);
        if reply.hangs {
            // Until the client gives up.
            reader.read_line(&mut head).unwrap_or(0);
            return;
        }
        thread::sleep(reply.delay);
        let Reply { status, headers, body, .. } = reply;
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        let text = format!(
            "HTTP/1.1 {status} X\r\n{headers}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(state: &mut State, head: &str) -> Reply {
    state.asked.push(head.lines().next().unwrap_or_default().to_owned());
    let fits = |reply: &&mut Reply| reply.uses > 0 && head.contains(&reply.words);
    match state.replies.iter_mut().find(fits) {
        Some(reply) => {
            reply.uses -= 1;
            reply.clone()
        }
        None => Reply::new("", 404, r#"{"errors":[]}"#),
    }
}
