//! A connection that requests can be sent on, in the one version of HTTP or the other. It neither makes one
//! nor asks again, and knows nothing of what is sent.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use bytes::Bytes;
use bytes::buf::Chain;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;

use super::placeholder::{Placeholder, Placeholders};
use super::transport::Transport;
use crate::secret::Value;

/// What a request carries, in two parts.
pub(super) type Sent = Full<Chain<Bytes, Bytes>>;

/// A connection. It is closed when nothing holds it.
pub(super) struct Link {
    sender: Sender,
    /// Why it ended, where no request was told.
    end: Arc<OnceLock<hyper::Error>>,
    placeholders: Placeholders,
}

enum Sender {
    Http1(http1::SendRequest<Sent>, JoinHandle<Option<Io>>),
    /// Takes as many at a time as the server lets it.
    Http2(http2::SendRequest<Sent>),
}

/// A connection of HTTP/1 that nobody uses: only the stream, without the buffers of HTTP, in which the last
/// answer would lie.
pub(super) struct Resting(JoinHandle<Option<Io>>);

/// What a connection is made of.
pub(super) type Stream = Box<dyn Duplex>;
type Io = TokioIo<Transport<Stream>>;

/// Bytes in both directions, whatever carries them.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Why there is no answer.
pub(super) struct Unanswered {
    error: hyper::Error,
    end: Arc<OnceLock<hyper::Error>>,
    /// Whether nothing of the request has left us.
    pub(super) is_unsent: bool,
}

impl Link {
    /// Begins to speak; what follows is done by a task of its own.
    pub(super) async fn over(stream: Stream, is_http2: bool) -> Result<Self, hyper::Error> {
        let placeholders = Placeholders::default();
        let io = TokioIo::new(Transport::new(stream, is_http2, placeholders.clone()));
        if !is_http2 {
            return Self::http1(io, placeholders).await;
        }
        let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
        let end = Arc::new(OnceLock::new());
        let ended = Arc::clone(&end);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // It ends once.
                ended.set(error).ok();
            }
        });
        Ok(Self { sender: Sender::Http2(sender), end, placeholders })
    }

    async fn http1(io: Io, placeholders: Placeholders) -> Result<Self, hyper::Error> {
        let (sender, connection) = http1::handshake(io).await?;
        let end = Arc::new(OnceLock::new());
        let ended = Arc::clone(&end);
        let task = tokio::spawn(async move {
            match connection.without_shutdown().await {
                Ok(parts) => Some(parts.io).filter(|_| parts.read_buf.is_empty()),
                Err(error) => {
                    ended.set(error).ok();
                    None
                }
            }
        });
        Ok(Self { sender: Sender::Http1(sender, task), end, placeholders })
    }

    /// Lets it rest when an answer has been read to its end; one of HTTP/2 is shared and does not.
    pub(super) fn rest(self) -> Option<Resting> {
        match self.sender {
            Sender::Http1(mut sender, task) => Some(Resting(tokio::spawn(async move {
                // An error is that the server goes on with it no longer.
                sender.ready().await.ok()?;
                drop(sender);
                task.await.ok()?
            }))),
            Sender::Http2(_) => None,
        }
    }

    /// What is to stand for a token in a request on this connection.
    pub(super) fn placeholder(&self, token: Value) -> Option<Placeholder> {
        self.placeholders.add(token)
    }

    /// The same connection for one more request, where it takes several at a time.
    pub(super) fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::Http1(..) => None,
            Sender::Http2(sender) => {
                let (sender, end) = (Sender::Http2(sender.clone()), Arc::clone(&self.end));
                Some(Self { sender, end, placeholders: self.placeholders.clone() })
            }
        }
    }

    /// Whether this is HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        matches!(self.sender, Sender::Http2(_))
    }

    /// Waits until it takes a request. False means that it never will.
    pub(super) async fn ready(&mut self) -> bool {
        let ready = match &mut self.sender {
            Sender::Http1(sender, _) => sender.ready().await,
            Sender::Http2(sender) => sender.ready().await,
        };
        ready.is_ok()
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Sent>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let answer = match &mut self.sender {
            Sender::Http1(sender, _) => sender.try_send_request(request).await,
            Sender::Http2(sender) => sender.try_send_request(request).await,
        };
        answer.map_err(|mut error| {
            let is_unsent = error.take_message().is_some();
            Unanswered { error: error.into_error(), end: Arc::clone(&self.end), is_unsent }
        })
    }
}

impl Unanswered {
    /// The error that says most.
    pub(super) fn cause(&self) -> &hyper::Error {
        match self.end.get() {
            Some(end) if self.is_unsent => end,
            _ => &self.error,
        }
    }
}

impl Resting {
    /// The connection for another request, if it is still open.
    pub(super) async fn resume(self) -> Option<Link> {
        let mut io = self.0.await.ok()??;
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        // To read means that it is closed, or that something comes that nobody asked for.
        let read = poll_fn(|context| {
            Poll::Ready(Pin::new(io.inner_mut()).poll_read(context, &mut buffer))
        });
        if read.await.is_ready() {
            return None;
        }
        let placeholders = io.inner().placeholders();
        Link::http1(io, placeholders).await.ok()
    }
}
