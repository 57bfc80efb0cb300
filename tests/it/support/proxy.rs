//! A proxy on loopback that makes tunnels and remembers what it was asked for.
//! Must not look into a tunnel.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A running proxy; its thread ends with the process.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// What one client wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `CONNECT host:port`, or `GET http://…`.
    pub what: String,
    /// The header `proxy-authorization`.
    pub authorization: Option<String>,
}

impl Proxy {
    /// Starts a proxy that knows these hosts, as `host:port`, and no others.
    pub fn start(known: &[(String, SocketAddr)]) -> Self {
        Self::answering(known, 403)
    }

    /// Starts a proxy that refuses everything with this status.
    pub fn refusing(status: u16) -> Self {
        Self::answering(&[], status)
    }

    fn answering(known: &[(String, SocketAddr)], refusal: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let known: BTreeMap<String, SocketAddr> = known.iter().cloned().collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (known, record) = (known.clone(), Arc::clone(&record));
                // A client that goes away is its test's business.
                thread::spawn(move || drop(serve(&stream, &known, refusal, &record)));
            }
        });
        Self { address, asked }
    }

    /// Returns host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address as a variable holds it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(
    client: &TcpStream,
    known: &BTreeMap<String, SocketAddr>,
    refusal: u16,
    record: &Mutex<Vec<Asked>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let first = head.first().cloned().unwrap_or_default();
    let what = first.rsplit_once(' ').map_or(first.as_str(), |(what, _)| what).to_owned();
    let authorization = head.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim().to_owned())
    });
    let target = what.strip_prefix("CONNECT ").and_then(|target| known.get(target)).copied();
    record.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { what, authorization });
    let mut client = client;
    let Some(target) = target else {
        return write!(
            client,
            "HTTP/1.1 {refusal} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    };
    let server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || copy(from, &to));
    copy(reader, &server);
    back.join().unwrap_or_default();
    Ok(())
}

/// Passes on what comes, then the end of it.
fn copy(mut from: impl io::Read, mut to: &TcpStream) {
    // Whoever is gone first ends both ways.
    drop(io::copy(&mut from, &mut to));
    drop(to.shutdown(Shutdown::Write));
}
