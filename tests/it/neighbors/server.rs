//! A fake HTTP server on loopback that answers what a test says. Must not know what hushed makes of an answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What a client sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// With the query, decoded.
    pub(super) target: String,
    pub(super) authorization: String,
    pub(super) if_none_match: Option<String>,
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Status, further header lines, and body.
    Answer(u16, String, Vec<u8>),
    /// Bytes that are no HTTP.
    Raw(Vec<u8>),
    /// None, as long as the client waits.
    Hang,
}

/// JSON with a status.
pub(super) fn json(status: u16, body: &serde_json::Value) -> Reply {
    let head = "content-type: application/json\r\n".to_owned();
    Reply::Answer(status, head, body.to_string().into_bytes())
}

/// A running server; it ends with the test's process.
pub(super) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::default());
        let server = Self { address, asked };
        let (asked, answer) = (Arc::clone(&server.asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &asked, &*answer));
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The targets of the requests until now.
    pub(super) fn targets(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.target).collect()
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request) -> Reply,
) -> Option<()> {
    let request = read(&stream)?;
    asked.lock().unwrap().push(request.clone());
    let bytes = match answer(&request) {
        Reply::Answer(status, headers, body) => {
            let length = if status == 304 { 0 } else { body.len() };
            let head = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
            );
            [head.as_bytes(), &body[..length]].concat()
        }
        Reply::Raw(bytes) => bytes,
        Reply::Hang => {
            // Until the client goes away.
            let _gone = stream.read(&mut [0; 1]);
            return None;
        }
    };
    stream.write_all(&bytes).ok()
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.replace('+', " ");
    let target = percent_encoding::percent_decode_str(&target).decode_utf8().ok()?.into_owned();
    let (mut authorization, mut if_none_match) = (String::new(), None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.clone_into(&mut authorization),
            "if-none-match" => if_none_match = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(Request { target, authorization, if_none_match })
}
