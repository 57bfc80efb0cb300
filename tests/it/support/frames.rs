//! A proxy that breaks HTTP/2: TLS to the client, none to the server behind it, and what goes wrong with
//! the frames that come back (RFC 9113, section 4). Must not know what they carry, but where an answer
//! begins.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use super::infisical::{Certificate, acceptor};

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub struct Frames {
    address: SocketAddr,
    authority: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One scripted break.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The request whose answer it is about.
    pub method: Method,
    /// Where in the answer.
    pub place: Place,
    /// What is said there, as a function of the answer's stream.
    pub says: fn(u32) -> Vec<u8>,
    /// What happens then.
    pub then: Then,
    /// How often; without a number, always.
    pub times: Option<u32>,
}

/// A request's method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// Where something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the server's settings, with which a connection begins.
    Settings,
    /// Before the head of the answer.
    Head,
    /// After the head and the first bytes of the body.
    Body,
}

/// What happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The answer goes on as if nothing were.
    GoOn,
    /// The answer does not go on; others on the connection do.
    Skip,
    /// Nothing more, ever.
    Hang,
    /// The connection ends.
    End,
    /// The connection is reset.
    Reset,
}

#[derive(Debug, Default)]
struct Shared {
    fault: Mutex<Option<Fault>>,
    connections: AtomicUsize,
    met: AtomicUsize,
}

/// One frame.
struct Frame {
    head: [u8; 9],
    payload: Vec<u8>,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;

/// The setting `SETTINGS_HEADER_TABLE_SIZE`, as 0.
const NO_TABLE: [u8; 6] = [0, 1, 0, 0, 0, 0];

/// Writes a frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

impl Frames {
    /// Starts a proxy before a server without TLS, which breaks nothing yet.
    pub fn start(server: SocketAddr) -> Self {
        let (tls, authority) = acceptor(Certificate::Right, false);
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let carried = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = serve(listener, tls, server, carried) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = told.recv().unwrap();
        Self { address, authority, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the authority to trust, as PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Breaks from now on, or no more.
    pub fn script(&self, fault: Option<Fault>) {
        *self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        self.shared.connections.store(0, Ordering::SeqCst);
        self.shared.met.store(0, Ordering::SeqCst);
    }

    /// Returns how many connections there were since the last script.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns how many answers were broken since the last script.
    pub fn met(&self) -> usize {
        self.shared.met.load(Ordering::SeqCst)
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap_or_default();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap_or_default();
        }
    }
}

impl Shared {
    /// Takes the fault, if it is one of here, and counts that.
    fn take(&self, method: Option<Method>, place: Place) -> Option<Fault> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = fault.as_mut().filter(|it| {
            it.place == place
                && it.times != Some(0)
                && (place == Place::Settings || method == Some(it.method))
        })?;
        taken.times = taken.times.map(|times| times - 1);
        self.met.fetch_add(1, Ordering::SeqCst);
        Some(taken.clone())
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, server: SocketAddr, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        // Whichever side goes away: that is its test's business.
        tokio::spawn(async move { carry(client, &tls, server, &shared).await.unwrap_or_default() });
    }
}

/// Carries one connection.
async fn carry(
    client: TcpStream,
    tls: &TlsAcceptor,
    server: SocketAddr,
    shared: &Shared,
) -> io::Result<()> {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    client.set_nodelay(true)?;
    let (mut from, mut to) = split(tls.accept(client).await?);
    let server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    let (mut back, mut there) = server.into_split();
    let methods = Mutex::new(BTreeMap::new());
    let then = tokio::select! {
        ended = ask(&mut from, &mut there, &methods) => ended.map(|()| Then::End),
        broken = answer(&mut back, &mut to, &methods, shared) => broken,
    }?;
    let mut client = from.unsplit(to);
    match then {
        Then::Reset => client.get_ref().0.set_zero_linger(),
        _ => client.shutdown().await,
    }
}

/// Carries what is asked, and notes by which method.
async fn ask(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    methods: &Mutex<BTreeMap<u32, Method>>,
) -> io::Result<()> {
    let mut preface = [0; 24];
    from.read_exact(&mut preface).await?;
    to.write_all(&preface).await?;
    loop {
        let mut frame = Frame::read(from).await?;
        if frame.kind() == SETTINGS && !frame.payload.is_empty() {
            // Without a table that grows, a head that is left out is missed by no later one.
            let payload = [&*frame.payload, &NO_TABLE].concat();
            frame = Frame::parse(&self::frame(SETTINGS, 0, 0, &payload));
        }
        let method = frame.payload.first().and_then(|byte| Method::of(*byte));
        if let Some(method) = method.filter(|_| frame.kind() == HEADERS) {
            methods.lock().unwrap_or_else(PoisonError::into_inner).insert(frame.stream(), method);
        }
        frame.write(to).await?;
    }
}

/// Carries what is answered until it breaks, and says how.
async fn answer(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    methods: &Mutex<BTreeMap<u32, Method>>,
    shared: &Shared,
) -> io::Result<Then> {
    let (mut begins, mut skipped) = (true, BTreeSet::new());
    loop {
        let frame = Frame::read(from).await?;
        let stream = frame.stream();
        if skipped.contains(&stream) {
            continue;
        }
        let method = methods.lock().unwrap_or_else(PoisonError::into_inner).get(&stream).copied();
        let place = match frame.kind() {
            _ if begins => Some(Place::Settings),
            HEADERS => Some(Place::Head),
            DATA => Some(Place::Body),
            _ => None,
        };
        begins = false;
        let Some(fault) = place.and_then(|place| shared.take(method, place)) else {
            frame.write(to).await?;
            continue;
        };
        if fault.place == Place::Body && fault.then != Then::GoOn {
            let some = frame.payload.get(..20).unwrap_or(&frame.payload);
            to.write_all(&self::frame(DATA, 0, stream, some)).await?;
        }
        to.write_all(&(fault.says)(stream)).await?;
        to.flush().await?;
        match fault.then {
            Then::GoOn => frame.write(to).await?,
            Then::Skip => drop(skipped.insert(stream)),
            Then::Hang => pending().await,
            then => return Ok(then),
        }
    }
}

impl Method {
    /// Clients say it first in a head, by its index in the static table of HPACK (RFC 7541, appendix A).
    fn of(byte: u8) -> Option<Self> {
        match byte {
            0x82 => Some(Self::Get),
            0x83 => Some(Self::Post),
            _ => None,
        }
    }
}

impl Frame {
    async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).await?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        from.read_exact(&mut payload).await?;
        Ok(Self { head, payload })
    }

    fn parse(bytes: &[u8]) -> Self {
        let (head, payload) = bytes.split_first_chunk().unwrap();
        Self { head: *head, payload: payload.to_vec() }
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        to.write_all(&self.head).await?;
        to.write_all(&self.payload).await?;
        to.flush().await
    }

    fn kind(&self) -> u8 {
        self.head[3]
    }

    fn stream(&self) -> u32 {
        u32::from_be_bytes([self.head[5], self.head[6], self.head[7], self.head[8]])
    }
}
