//! A proxy that breaks connections: TCP in front of a server, and what goes wrong with the bytes that
//! come back. Must not know TLS or HTTP, but where a request begins.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    os::fd::AsRawFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use nix::sys::socket::{Backlog, Shutdown, listen, shutdown};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    time::sleep,
};

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub struct Breaker {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<End>>,
    thread: Option<JoinHandle<()>>,
}

/// One scripted break.
#[derive(Debug, Clone)]
pub struct Break {
    since: Since,
    after: usize,
    says: Vec<u8>,
    how: How,
    skips: u32,
    times: Option<u32>,
}

/// Says from where on bytes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From the first that comes back on a connection.
    Connection,
    /// From the first that answers a request which begins so, over plain HTTP.
    Request(&'static str),
}

/// What happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing more, ever.
    Hang,
    /// The connection is reset.
    Reset,
    /// The connection ends.
    End,
    /// The way back ends; the way there stays open.
    HalfClosed,
    /// The rest comes byte by byte, with this pause between them.
    Drip(Duration),
    /// The server sees the end of the client's side: after so many bytes, or where that is none, as soon
    /// as it has the request. Whatever it still says comes back.
    Deaf,
}

#[derive(Debug, Default)]
struct Shared {
    servers: Mutex<Vec<SocketAddr>>,
    script: Mutex<Option<Break>>,
    connections: AtomicUsize,
    met: AtomicUsize,
    passed: AtomicUsize,
}

/// What becomes of a connection that is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is refused.
    Refusing,
    /// Nothing comes back: a SYN is not answered.
    Silent,
}

/// What becomes of the port when the proxy stops.
#[derive(Debug)]
enum End {
    /// It is given back.
    Free,
    /// It is kept, and no connection is made to it, until the other side is dropped.
    Closed(Closed, mpsc::Sender<()>, oneshot::Receiver<()>),
}

impl Break {
    /// Breaks after so many bytes have come back.
    pub fn new(since: Since, after: usize, how: How) -> Self {
        Self { since, after, says: Vec::new(), how, skips: 0, times: None }
    }

    /// Says this first, in place of what the server would have said.
    pub fn saying(since: Since, bytes: impl Into<Vec<u8>>, how: How) -> Self {
        Self { says: bytes.into(), ..Self::new(since, 0, how) }
    }

    /// Lets so many pass first.
    pub fn skips(self, skips: u32) -> Self {
        Self { skips, ..self }
    }

    /// Breaks so many times only.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

impl Breaker {
    /// Starts a proxy before a server, which breaks nothing yet.
    pub fn start(server: SocketAddr) -> Self {
        let shared = Arc::new(Shared { servers: vec![server].into(), ..Shared::default() });
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let carried = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(serve(tell, carried, stopped));
        });
        let address = told.recv().unwrap();
        Self { address, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks from now on, or no more.
    pub fn script(&self, script: Option<Break>) {
        *lock(&self.shared.script) = script;
        for count in [&self.shared.connections, &self.shared.met, &self.shared.passed] {
            count.store(0, Ordering::SeqCst);
        }
    }

    /// Takes the connections from now on to these servers in turn, and all further to the last.
    pub fn lead_to(&self, servers: &[SocketAddr]) {
        *lock(&self.shared.servers) = servers.to_vec();
        self.shared.connections.store(0, Ordering::SeqCst);
    }

    /// Returns how many connections there were since the last script.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns how many were broken since the last script.
    pub fn met(&self) -> usize {
        self.shared.met.load(Ordering::SeqCst)
    }

    /// Returns how many bytes came back since the last script, counted from where the script counts.
    pub fn passed(&self) -> usize {
        self.shared.passed.load(Ordering::SeqCst)
    }

    /// Makes no connection from now on. The port stays taken until the result is dropped.
    pub fn close(mut self, closed: Closed) -> Port {
        let (done, ready) = mpsc::channel();
        let (release, released) = oneshot::channel();
        let stop = self.stop.take().unwrap();
        stop.send(End::Closed(closed, done, released)).unwrap_or_default();
        ready.recv().unwrap();
        Port { address: self.address, _release: release }
    }
}

/// A port that no connection is made to.
#[derive(Debug)]
pub struct Port {
    /// Host and port.
    pub address: SocketAddr,
    _release: oneshot::Sender<()>,
}

impl Drop for Breaker {
    fn drop(&mut self) {
        // Where it is closed, its thread ends with the port.
        if let Some(stop) = self.stop.take() {
            stop.send(End::Free).unwrap_or_default();
            if let Some(thread) = self.thread.take() {
                thread.join().unwrap_or_default();
            }
        }
    }
}

async fn serve(
    tell: mpsc::Sender<SocketAddr>,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<End>,
) {
    let bound = |address| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        socket
    };
    // It never listens: it keeps the port when nobody does any more.
    let keeper = bound((Ipv4Addr::LOCALHOST, 0).into());
    let address = keeper.local_addr().unwrap();
    let listener = bound(address).listen(64).unwrap();
    tell.send(address).unwrap();
    let end = loop {
        tokio::select! {
            end = &mut stopped => break end.unwrap_or(End::Free),
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                // Whichever side goes away: that is its test's business.
                tokio::spawn(async move { carry(client, &shared).await.unwrap_or_default() });
            }
        }
    };
    let End::Closed(closed, done, released) = end else { return };
    let _port = match closed {
        Closed::Silent => fill(listener, address),
        Closed::Refusing => {
            // Even where a process that is just being started still has it.
            shutdown(listener.as_raw_fd(), Shutdown::Read).unwrap();
            (listener, Vec::new())
        }
    };
    done.send(()).unwrap_or_default();
    released.await.unwrap_or_default();
}

/// Lets a port listen to nobody: with one in a queue for none, Linux drops every further SYN, as a
/// firewall would (listen(2)).
fn fill(listener: TcpListener, address: SocketAddr) -> (TcpListener, Vec<std::net::TcpStream>) {
    listen(&listener, Backlog::new(0).unwrap()).unwrap();
    let patience = Duration::from_millis(100);
    let connect = || std::net::TcpStream::connect_timeout(&address, patience);
    let queue: Vec<_> = std::iter::from_fn(|| connect().ok()).take(8).collect();
    assert!(queue.len() < 8, "the queue of {address} has no end");
    (listener, queue)
}

/// Carries one connection.
async fn carry(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let number = shared.connections.fetch_add(1, Ordering::SeqCst);
    let server = {
        let servers = lock(&shared.servers);
        *servers.get(number).or(servers.last()).unwrap()
    };
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut script = shared.take(|since| since == Since::Connection);
    let mut counts = script.is_some() || shared.is_since(|since| since == Since::Connection);
    let (mut there, mut back) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let (mut passed, mut open) = (0, true);
    loop {
        tokio::select! {
            read = client.read(&mut there), if open => {
                let read = read?;
                let sent = there.get(..read).unwrap_or_default();
                // A request is one piece, or its body is another.
                let is_request = sent.starts_with(b"GET ") || sent.starts_with(b"POST ");
                if is_request && !shared.is_since(|since| since == Since::Connection) {
                    let begins = |since| matches!(since, Since::Request(text) if sent.starts_with(text.as_bytes()));
                    (passed, counts) = (0, shared.is_since(begins));
                    script = shared.take(begins);
                }
                if sent.is_empty() {
                    open = false;
                    server.shutdown().await?;
                } else {
                    server.write_all(sent).await?;
                }
                if script.as_ref().is_some_and(|it| it.how == How::Deaf && it.after == 0) {
                    script = None;
                    server.shutdown().await?;
                }
            }
            read = server.read(&mut back) => {
                let read = read?;
                let come = back.get(..read).unwrap_or_default();
                if counts {
                    shared.passed.fetch_add(read, Ordering::SeqCst);
                }
                if come.is_empty() {
                    client.shutdown().await?;
                    return linger(&mut client).await;
                }
                let due = script.as_ref().filter(|script| passed + read > script.after);
                let whole = due.map_or(read, |script| script.after.saturating_sub(passed));
                let (whole, rest) = come.split_at(whole);
                client.write_all(whole).await?;
                match due {
                    Some(Break { how: How::Drip(pause), .. }) => drip(&mut client, rest, *pause).await?,
                    Some(Break { how: How::Deaf, .. }) => {
                        server.shutdown().await?;
                        client.write_all(rest).await?;
                        script = None;
                    }
                    Some(due) => {
                        client.write_all(&due.says).await?;
                        return broken(client, due.how).await;
                    }
                    None => {}
                }
                passed += read;
            }
        }
    }
}

/// Says something byte by byte.
async fn drip(client: &mut TcpStream, rest: &[u8], pause: Duration) -> io::Result<()> {
    for byte in rest {
        // The shortest sleep is a millisecond, which for nothing at all is long.
        if pause.is_zero() {
            tokio::task::yield_now().await;
        } else {
            sleep(pause).await;
        }
        client.write_all(&[*byte]).await?;
    }
    Ok(())
}

/// Breaks the connection.
async fn broken(mut client: TcpStream, how: How) -> io::Result<()> {
    match how {
        How::Hang | How::Deaf | How::Drip(_) => std::future::pending().await,
        How::Reset => client.set_zero_linger(),
        How::End => client.shutdown().await,
        How::HalfClosed => {
            client.shutdown().await?;
            linger(&mut client).await
        }
    }
}

/// Reads until the client goes away.
async fn linger(client: &mut TcpStream) -> io::Result<()> {
    let mut rest = [0; 1024];
    while client.read(&mut rest).await? > 0 {}
    Ok(())
}

impl Shared {
    fn is_since(&self, fits: impl Fn(Since) -> bool) -> bool {
        lock(&self.script).as_ref().is_some_and(|script| fits(script.since))
    }

    /// Takes the script, if it is one that begins here, and counts that.
    fn take(&self, fits: impl Fn(Since) -> bool) -> Option<Break> {
        let mut script = lock(&self.script);
        let taken = script.as_mut().filter(|it| fits(it.since) && it.times != Some(0))?;
        if taken.skips > 0 {
            taken.skips -= 1;
            return None;
        }
        taken.times = taken.times.map(|times| times - 1);
        self.met.fetch_add(1, Ordering::SeqCst);
        Some(taken.clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
