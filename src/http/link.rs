//! A connection that requests can be sent on, in the one version of HTTP or the other. It neither makes one
//! nor asks again, and knows nothing of what is sent.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use bytes::buf::Chain;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

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
    Http1(http1::SendRequest<Sent>),
    /// Takes as many at a time as the server lets it.
    Http2(http2::SendRequest<Sent>),
}

/// Why there is no answer.
pub(super) struct Unanswered {
    error: hyper::Error,
    end: Arc<OnceLock<hyper::Error>>,
    /// Whether nothing of the request has left us.
    pub(super) is_unsent: bool,
}

impl Link {
    /// Begins to speak; what follows is done by a task of its own.
    pub(super) async fn over(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        is_http2: bool,
    ) -> Result<Self, hyper::Error> {
        let (end, placeholders) = (Arc::new(OnceLock::new()), Placeholders::default());
        let stream = TokioIo::new(Transport::new(stream, is_http2, placeholders.clone()));
        let sender = if is_http2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
            drive(connection, Arc::clone(&end));
            Sender::Http2(sender)
        } else {
            let (sender, connection) = http1::handshake(stream).await?;
            drive(connection, Arc::clone(&end));
            Sender::Http1(sender)
        };
        Ok(Self { sender, end, placeholders })
    }

    /// What is to stand for a token in a request on this connection.
    pub(super) fn placeholder(&self, token: Value) -> Option<Placeholder> {
        self.placeholders.add(token)
    }

    /// The same connection for one more request, where it takes several at a time.
    pub(super) fn share(&self) -> Option<Self> {
        match &self.sender {
            Sender::Http1(_) => None,
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
            Sender::Http1(sender) => sender.ready().await,
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
            Sender::Http1(sender) => sender.try_send_request(request).await,
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

/// Lets the connection run to its end.
fn drive(
    connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static,
    end: Arc<OnceLock<hyper::Error>>,
) {
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // It ends once.
            end.set(error).ok();
        }
    });
}
