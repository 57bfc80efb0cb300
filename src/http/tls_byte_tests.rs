//! A connection over TLS that breaks after each of its bytes, from the handshake to the end of the answer:
//! there is never a half one, and never a wait beyond the deadline.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::retry::RetryPolicy;
use super::stub::run;
use super::tls_tests::acceptor;
use super::{Client, Error, Options, Request, TrustRoots};

const TIMEOUT: Duration = Duration::from_millis(800);

/// How many connections there are at the same time.
const TOGETHER: usize = 200;

const BODY: &[u8] = b"{\"a\":\"canary\",\"b\":\"canary\"}";

/// What ends a connection over TLS behind the answer may be missing, and a few bytes more.
const END: usize = 64;

/// What the server does after so many bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Hang,
    Reset,
    End,
}

/// A connection on which the server may say so many bytes.
struct Cut {
    stream: TcpStream,
    left: usize,
    how: How,
    said: Arc<AtomicUsize>,
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(some) = bytes.get(..self.left.min(bytes.len())).filter(|some| !some.is_empty())
        else {
            return match self.how {
                How::Hang => Poll::Pending,
                How::Reset => {
                    self.stream.set_zero_linger()?;
                    Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
                }
                How::End => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            };
        };
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(context, some))?;
        self.left -= written;
        self.said.fetch_add(written, Ordering::SeqCst);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Asks once; the server may say so many bytes. Gives how many it has said as well.
async fn ask(
    tls: TlsAcceptor,
    client: Client,
    bytes: usize,
    how: How,
) -> (usize, Result<Vec<u8>, Error>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let said = Arc::new(AtomicUsize::new(0));
    let cut = (bytes, how, Arc::clone(&said));
    let server = spawn_local(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (left, how, said) = cut;
        let Ok(stream) = tls.accept(Cut { stream, left, how, said }).await else { return };
        let service = service_fn(|_| async {
            Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(BODY))))
        });
        let server = auto::Builder::new(TokioExecutor::new());
        server.serve_connection(TokioIo::new(stream), service).await.ok();
    });
    let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
    let answer = client.send(&Request::get(&url)).await.map(|response| response.body.to_vec());
    server.abort();
    (said.load(Ordering::SeqCst), answer)
}

/// Whether that is what must come of it.
fn is_right(answer: &Result<Vec<u8>, Error>, how: How, may_be_whole: bool) -> bool {
    match answer {
        Ok(answer) => may_be_whole && answer == BODY,
        Err(Error::ConnectTimeout { .. } | Error::Timeout { .. }) => how == How::Hang,
        Err(Error::Unreachable { .. } | Error::ConnectionLost { .. } | Error::Truncated { .. }) => {
            how != How::Hang
        }
        Err(_) => false,
    }
}

async fn each_byte(protocol: &str, how: How) {
    let (tls, ca) = acceptor(&[protocol], "localhost", 2020, 2100);
    let client = |timeout| {
        let trust = TrustRoots { ca_file: Some(ca.path().to_owned()), ..TrustRoots::default() };
        let policy = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        let options = Options { trust, timeout, ..Options::default() };
        Client::with_limits(options, policy, 1000)
    };
    let patience = Duration::from_mins(1);
    let (whole, answer) = ask(tls.clone(), client(patience), usize::MAX, how).await;
    assert!(whole > 700 && answer.unwrap() == BODY, "{whole}");
    let mut waiting: VecDeque<usize> = (0..whole).collect();
    for _ in 0..5 * whole / TOGETHER {
        if waiting.is_empty() {
            break;
        }
        let batch = waiting.drain(..waiting.len().min(TOGETHER));
        let client = client(if how == How::Hang { TIMEOUT } else { patience });
        let begun = Instant::now();
        let cases: Vec<_> = batch
            .map(|bytes| {
                let asked = ask(tls.clone(), client.clone(), bytes, how);
                spawn_local(async move { (bytes, asked.await) })
            })
            .collect();
        for case in cases {
            let (bytes, (said, answer)) = case.await.unwrap();
            let may_be_whole = bytes + END > whole;
            let is_right = is_right(&answer, how, may_be_whole);
            assert!(is_right, "{protocol}, {how:?} after {bytes} of {whole}: {answer:?}");
            // Where others take the processors, the time may be over before it has come so far.
            if said < bytes && !may_be_whole {
                waiting.push_back(bytes);
            }
        }
        let took = begun.elapsed();
        assert!(how != How::Hang || took < TIMEOUT + Duration::from_secs(5), "{took:?}");
    }
    assert_eq!(waiting, [0; 0], "{protocol}, {how:?}: never came so far");
}

#[test]
fn a_connection_that_breaks_after_any_byte_gives_no_half_answer() {
    for protocol in ["http/1.1", "h2"] {
        for how in [How::Hang, How::Reset, How::End] {
            run(each_byte(protocol, how));
        }
    }
}
