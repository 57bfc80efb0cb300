//! The wire: TCP, TLS, HTTP/1.1 and HTTP/2, and the faults on it.
//! Must not know what Infisical is.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http_body_util::BodyExt;
use hyper::{
    Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Notify,
    time::Sleep,
};
use tokio_rustls::TlsAcceptor;

use super::{answer::Answer, fault::Wire, request::Request};

/// What to do with a request.
pub type Service = Arc<dyn Fn(Request) -> Wire + Send + Sync>;

/// Serves every connection, for ever.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    http1_only: bool,
    service: Service,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (tls, service) = (tls.clone(), Arc::clone(&service));
        // An answer leaves at once: the delay would be in every figure of a benchmark.
        drop(stream.set_nodelay(true));
        tokio::spawn(async move {
            match tls {
                None => connection(stream, http1_only, service).await,
                // A client that does not trust us goes away: that is its test's business.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, http1_only, service).await;
                    }
                }
            }
        });
    }
}

async fn connection<S>(stream: S, http1_only: bool, service: Service)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let gone = Arc::new(Notify::new());
    let leave = Arc::clone(&gone);
    let handle = service_fn(move |request| {
        let (service, leave) = (Arc::clone(&service), Arc::clone(&leave));
        async move { respond(request, service, leave).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    if http1_only {
        builder = builder.http1_only();
    }
    let io = TokioIo::new(stream);
    tokio::select! {
        // How the client ended the connection is nothing to us.
        _ = builder.serve_connection(io, handle) => {}
        () = gone.notified() => {}
    }
}

async fn respond(
    request: hyper::Request<Incoming>,
    service: Service,
    leave: Arc<Notify>,
) -> Result<Response<Outgoing>, Infallible> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let request = Request {
        method: head.method.as_str().to_owned(),
        target,
        version: format!("{:?}", head.version),
        headers: headers.collect(),
        body: body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default(),
    };
    let wire = match service(request) {
        Wire::Together(wire, barrier) => {
            barrier.wait().await;
            *wire
        }
        wire => wire,
    };
    Ok(match wire {
        Wire::Whole(answer) => whole(answer),
        Wire::Late(answer, time) => {
            tokio::time::sleep(time).await;
            whole(answer)
        }
        Wire::Lying { answer, length, broken } => response(answer, length, broken),
        Wire::Never | Wire::Together(..) => std::future::pending().await,
        Wire::Gone => {
            leave.notify_one();
            std::future::pending().await
        }
    })
}

fn whole(answer: Answer) -> Response<Outgoing> {
    let length = answer.body.len();
    response(answer, length, false)
}

fn response(answer: Answer, length: usize, broken: bool) -> Response<Outgoing> {
    // What was written is on its way before the end: an error at once would take it back.
    let broken = broken.then(|| Box::pin(tokio::time::sleep(Duration::from_millis(20))));
    let body = Outgoing { bytes: Some(Bytes::from(answer.body)), broken };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    for (name, value) in answer.headers {
        let name = hyper::header::HeaderName::try_from(name).unwrap();
        response.headers_mut().append(name, value.parse().unwrap());
    }
    if answer.status != 304 {
        response.headers_mut().insert("content-length", length.into());
    }
    response
}

/// A body of one piece, and perhaps an end that it should not have.
struct Outgoing {
    bytes: Option<Bytes>,
    broken: Option<Pin<Box<Sleep>>>,
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Some(pause) = &mut self.broken else { return Poll::Ready(None) };
        std::task::ready!(pause.as_mut().poll(context));
        self.broken = None;
        Poll::Ready(Some(Err(io::Error::other("scripted"))))
    }
}
