//! A proxy that connects to nothing: it answers every request with one status.
//! Must not know what is asked of it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// Is a running proxy; it stops when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts the proxy on a port of its own.
    pub fn start(status: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if seen.load(Ordering::SeqCst) {
                    break;
                }
                // Who hangs up before the answer does not want it.
                refuse(&connection, status).unwrap_or_default();
            }
        });
        Self { address, stopping, thread: Some(thread) }
    }

    /// Gives the address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn refuse(mut connection: &TcpStream, status: u16) -> std::io::Result<()> {
    let head = BufReader::new(connection).lines();
    for line in head {
        if line?.is_empty() {
            break;
        }
    }
    write!(connection, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // One more connection, so that the thread looks up.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap_or_default();
        }
    }
}
