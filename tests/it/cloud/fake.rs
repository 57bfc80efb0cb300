//! A fake API of a cloud, with its token services, over plain HTTP on loopback: it answers what a test says. Must not
//! know what hushed makes of an answer.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

/// What a client sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path with the query.
    pub(super) target: String,
    /// The names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// A field of the query or of a form.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or(self.body.as_str(), |(_, query)| query);
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Json(u16, Value),
    /// Status, header lines, body.
    Text(u16, String, String),
    /// Bytes that are no answer.
    Raw(Vec<u8>),
    /// None, as long as the client waits.
    Hang,
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// A running fake.
#[derive(Clone)]
pub(super) struct Fake {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    pub(super) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let fake = Self { address, asked: Arc::default() };
        let (asked, answer): (_, Arc<Answer>) = (Arc::clone(&fake.asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &asked, &*answer));
            }
        });
        fake
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths of the requests so far, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.path().to_owned()).collect()
    }
}

fn serve(mut stream: TcpStream, asked: &Mutex<Vec<Request>>, answer: &Answer) -> Option<()> {
    let request = read(&stream)?;
    asked.lock().unwrap().push(request.clone());
    let bytes = match answer(&request) {
        Reply::Json(status, body) => {
            http(status, "content-type: application/json\r\n", &body.to_string()).into_bytes()
        }
        Reply::Text(status, headers, body) => http(status, &headers, &body).into_bytes(),
        Reply::Raw(bytes) => bytes,
        Reply::Hang => {
            // Until the client goes away.
            let _gone = stream.read(&mut [0; 1]);
            return None;
        }
    };
    stream.write_all(&bytes).ok()
}

fn http(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_ascii_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text: &String| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, target, headers, body: String::from_utf8(body).unwrap() })
}
