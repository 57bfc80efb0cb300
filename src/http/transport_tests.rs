//! What servers get, and what comes of their answers, whatever pieces the connection cuts it into.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use proptest::prelude::{any, proptest};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::task::{JoinSet, spawn_local};

use super::frames::{Frames, HEAD, Head};
use super::link::{Link, Sent};
use super::stub::run;
use crate::secret::Value;

/// Longer than any frame.
const MUCH: usize = 40_000;

/// Answers each request with its path, its bearer, and its own body.
async fn serve(stream: DuplexStream, is_http2: bool) {
    let service = service_fn(|request: Request<Incoming>| async move {
        let bearer = request.headers().get(AUTHORIZATION).map_or(&b"none"[..], |it| it.as_bytes());
        let said = [request.uri().path().as_bytes(), b" ", bearer].concat();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from([said, body.to_vec()].concat())))
    });
    let stream = TokioIo::new(stream);
    // Who has what it wanted goes away.
    if is_http2 {
        let mut server = http2::Builder::new(TokioExecutor::new());
        server.max_header_list_size(1 << 20).serve_connection(stream, service).await.ok();
    } else {
        let mut server = http1::Builder::new();
        server.max_header_size(1 << 20).serve_connection(stream, service).await.ok();
    }
}

/// A connection that takes and gives a few bytes at a time, and makes one wait every other time.
struct Slow {
    inner: DuplexStream,
    at_a_time: usize,
    waits: [bool; 2],
}

impl Slow {
    /// Whether to wait this time.
    fn waits(&mut self, direction: usize, context: &mut Context<'_>) -> bool {
        self.waits[direction] ^= true;
        context.waker().wake_by_ref();
        self.waits[direction]
    }
}

impl AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.waits(0, context) {
            return Poll::Pending;
        }
        let mut few = vec![0; self.at_a_time.min(buffer.remaining())];
        let mut few = ReadBuf::new(&mut few);
        let read = Pin::new(&mut self.inner).poll_read(context, &mut few);
        buffer.put_slice(few.filled());
        read
    }
}

impl AsyncWrite for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.waits(1, context) {
            return Poll::Pending;
        }
        let (few, _) = bytes.split_at(self.at_a_time.min(bytes.len()));
        Pin::new(&mut self.inner).poll_write(context, few)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// A connection to a server, which takes so many bytes at a time.
async fn connected(is_http2: bool, at_a_time: usize) -> Link {
    // Nobody of HTTP/2 reads before it has written, so there is room for all.
    let (inner, theirs) = duplex(1 << 20);
    spawn_local(serve(theirs, is_http2));
    let stream = Slow { inner, at_a_time, waits: [false; 2] };
    Link::over(Box::new(stream), is_http2).await.unwrap()
}

async fn ask(link: &mut Link, path: &str, token: Option<&str>, body: &str) -> String {
    let bearer = token.map(|token| link.placeholder(Value::from(token)).unwrap());
    let address = if link.is_http2() { format!("https://server{path}") } else { path.to_owned() };
    let mut request = Request::post(address);
    if let Some(bearer) = &bearer {
        let header = bearer.header();
        assert!(header.is_sensitive());
        request = request.header(AUTHORIZATION, header);
    }
    assert!(link.ready().await);
    let request =
        request.body(Sent::new(Bytes::new().chain(Bytes::from(body.to_owned())))).unwrap();
    let Ok(answer) = link.send(request).await else { panic!("{path} has no answer") };
    let said = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(said.to_vec()).unwrap()
}

#[test]
fn a_server_gets_the_token_whatever_its_length_and_however_it_is_cut() {
    for is_http2 in [false, true] {
        for at_a_time in [1, 2, 8, 9, 10, 33, 100, 1 << 20] {
            run(async move {
                let mut link = connected(is_http2, at_a_time).await;
                let long = [1, 20, 119, 120, 121, 247, 248, 16_200, 16_383, 16_384, MUCH];
                for length in long {
                    let token: String = "canary".chars().cycle().take(length).collect();
                    let said = ask(&mut link, "/a", Some(&token), "body").await;
                    assert!(
                        said == format!("/a Bearer {token}body"),
                        "{is_http2} {at_a_time}: {length}"
                    );
                }
            });
        }
    }
}

#[test]
fn each_request_of_several_at_once_has_its_own_token() {
    for at_a_time in [7, 1 << 20] {
        run(async move {
            let link = connected(true, at_a_time).await;
            let mut all = JoinSet::new();
            for number in 0..40 {
                let mut link = link.share().unwrap();
                all.spawn_local(async move {
                    let token = (number % 4 > 0).then(|| format!("canary-{number}"));
                    let body = "x".repeat(number * 100);
                    let said = ask(&mut link, &format!("/{number}"), token.as_deref(), &body).await;
                    let want = token.map_or("none".to_owned(), |token| format!("Bearer {token}"));
                    assert_eq!(said, format!("/{number} {want}{body}"));
                });
            }
            while let Some(ended) = all.join_next().await {
                ended.unwrap();
            }
        });
    }
}

#[test]
fn what_stood_for_a_token_means_nothing_when_it_was_sent_or_given_up() {
    for is_http2 in [false, true] {
        run(async move {
            let mut link = connected(is_http2, 1 << 20).await;
            let given_up = link.placeholder(Value::from("canary")).unwrap().header();
            let said = say(&mut link, &given_up).await;
            assert_eq!(said, [b"/ ", given_up.as_bytes()].concat());

            let held = link.placeholder(Value::from("canary")).unwrap();
            assert_eq!(say(&mut link, &held.header()).await, b"/ Bearer canary"[..]);
            let again = say(&mut link, &held.header()).await;
            assert_eq!(again, [b"/ ", held.header().as_bytes()].concat());
        });
    }
}

/// Asks with this in the place of a bearer.
async fn say(link: &mut Link, header: &HeaderValue) -> Bytes {
    let request = Request::get(if link.is_http2() { "https://server/" } else { "/" });
    let request = request.header(AUTHORIZATION, header).body(Sent::default()).unwrap();
    assert!(link.ready().await);
    let Ok(answer) = link.send(request).await else { panic!("no answer") };
    answer.into_body().collect().await.unwrap().to_bytes()
}

proptest! {
    #[test]
    fn frames_are_told_apart_wherever_they_are_cut(
        frames in proptest::collection::vec((0..30_usize, 0..12_u8, any::<u8>()), 1..8),
        cut in 1..40_usize,
    ) {
        let heads: Vec<_> = frames
            .iter()
            .map(|&(length, kind, flags)| Head { length, kind, flags, stream: [0, 0, 0, 1] })
            .collect();
        let bytes: Vec<u8> =
            heads.iter().flat_map(|head| [&head.bytes()[..], &vec![7; head.length]].concat()).collect();
        let (mut whole, mut cuts) = (Frames::default(), Frames::default());
        let is_data = whole.pass(&bytes);
        let seen: Vec<_> = bytes.chunks(cut).map(|piece| cuts.pass(piece)).collect();
        assert_eq!(is_data, seen.contains(&true));
        assert_eq!(is_data, heads.iter().any(|head| head.kind == 0 && head.length > 0));
        for frames in [&whole, &cuts] {
            assert!(frames.is_at_head());
            let headers = heads.iter().rev().find(|head| [1, 5, 9].contains(&head.kind));
            assert_eq!(frames.is_between(), headers.is_none_or(|head| head.flags & 4 == 4));
        }
        assert_eq!(Head::of(&bytes[..HEAD]), Some(heads[0]));
        assert_eq!(Head::of(&bytes[..HEAD - 1]), None);
    }
}
