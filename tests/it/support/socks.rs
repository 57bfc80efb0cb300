//! A SOCKS5 proxy on loopback (RFC 1928, RFC 1929) that remembers what it was asked for.
//! Must not look into a connection.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NOT_ACCEPTABLE: u8 = 0xff;

/// A running proxy; its thread ends with the process.
#[derive(Debug)]
pub struct SocksProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Target>>>,
}

/// Where one client wanted to go, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A name that the proxy is to resolve, with the port.
    Name(String),
    /// An address that the client resolved itself.
    Address(String),
}

struct Rules {
    known: BTreeMap<String, SocketAddr>,
    /// User and password, if it asks for them.
    login: Option<(String, String)>,
}

impl SocksProxy {
    /// Starts a proxy that knows these hosts, as `host:port`, and no others.
    pub fn start(known: &[(String, SocketAddr)], login: Option<(&str, &str)>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let rules = Arc::new(Rules { known: known.iter().cloned().collect(), login });
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (rules, record) = (Arc::clone(&rules), Arc::clone(&record));
                // A client that goes away is its test's business.
                thread::spawn(move || drop(serve(stream, &rules, &record)));
            }
        });
        Self { address, asked }
    }

    /// Returns host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what was asked for so far.
    pub fn asked(&self) -> Vec<Target> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(mut client: TcpStream, rules: &Rules, record: &Mutex<Vec<Target>>) -> io::Result<()> {
    if !log_in(&mut client, rules)? {
        return Ok(());
    }
    let target = read_target(&mut client)?;
    let (Target::Name(text) | Target::Address(text)) = &target;
    let server = rules.known.get(text).copied();
    record.lock().unwrap_or_else(PoisonError::into_inner).push(target);
    let Some(server) = server else {
        // Host unreachable.
        return client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]);
    };
    let server = TcpStream::connect(server)?;
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || copy(from, &to));
    copy(client, &server);
    back.join().unwrap_or_default();
    Ok(())
}

/// Agrees on a login with the client; whether it may go on.
fn log_in(client: &mut TcpStream, rules: &Rules) -> io::Result<bool> {
    let [version, count] = array(client)?;
    let mut methods = vec![0; count.into()];
    client.read_exact(&mut methods)?;
    let wanted = if rules.login.is_some() { PASSWORD } else { NO_LOGIN };
    if version != 5 || !methods.contains(&wanted) {
        client.write_all(&[5, NOT_ACCEPTABLE])?;
        return Ok(false);
    }
    client.write_all(&[5, wanted])?;
    let Some(login) = &rules.login else { return Ok(true) };
    let [_version] = array(client)?;
    let given = (text(client)?, text(client)?);
    let is_right = given == *login;
    client.write_all(&[1, u8::from(!is_right)])?;
    Ok(is_right)
}

fn read_target(client: &mut TcpStream) -> io::Result<Target> {
    let [5, 1, _, kind] = array(client)? else { return Err(ErrorKind::InvalidData.into()) };
    let host = match kind {
        1 => Ipv4Addr::from(array::<4>(client)?).to_string(),
        3 => text(client)?,
        _ => Ipv6Addr::from(array::<16>(client)?).to_string(),
    };
    let text = format!("{host}:{}", u16::from_be_bytes(array(client)?));
    Ok(if kind == 3 { Target::Name(text) } else { Target::Address(text) })
}

fn array<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A text with its length before it.
fn text(client: &mut TcpStream) -> io::Result<String> {
    let [length] = array(client)?;
    let mut bytes = vec![0; length.into()];
    client.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData.into())
}

/// Passes on what comes, then the end of it.
fn copy(mut from: impl Read, mut to: &TcpStream) {
    // Whoever is gone first ends both ways.
    drop(io::copy(&mut from, &mut to));
    drop(to.shutdown(Shutdown::Write));
}
