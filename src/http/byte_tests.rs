//! An answer that breaks off after each of its bytes: there is never a half one, and never a wait
//! beyond the deadline.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, spawn_local};
use url::Url;

use super::retry::RetryPolicy;
use super::stub::{answer, run};
use super::{Client, Error, Options, Request};
use crate::secret::Value;

const TIMEOUT: Duration = Duration::from_millis(1500);

/// How often each path was asked for.
type Asked = Rc<RefCell<BTreeMap<String, usize>>>;

/// Answers a request for `/hang/17` with 17 bytes and then nothing; `/reset/…` and `/end/…` likewise.
async fn serve(listener: TcpListener, whole: Rc<str>, asked: Asked) {
    while let Ok((stream, _)) = listener.accept().await {
        let (whole, asked) = (Rc::clone(&whole), Rc::clone(&asked));
        // Whoever is gone needs no answer.
        spawn_local(async move { reply(stream, &whole, &asked).await.unwrap_or_default() });
    }
}

async fn reply(mut stream: TcpStream, whole: &str, asked: &Asked) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap().to_owned();
    *asked.borrow_mut().entry(path.clone()).or_default() += 1;
    let (how, bytes) = path.trim_start_matches('/').split_once('/').unwrap();
    let (before, _) = whole.as_bytes().split_at(bytes.parse().unwrap());
    stream.write_all(before).await?;
    match how {
        "hang" => std::future::pending().await,
        "reset" => stream.set_zero_linger(),
        _ => stream.shutdown().await,
    }
}

/// Two answers, one that says how long it is and one that comes in pieces. The connection is not kept, so
/// that an end of it is the end of this answer.
fn answers() -> [String; 2] {
    let chunked = "HTTP/1.1 200 X\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
                   7\r\n{\"a\":\"c\r\n8;x=y\r\nanary\"}\n\r\n0\r\n\r\n";
    [answer(200, "content-type: application/json\r\n", "{\"a\":\"canary\"}"), chunked.into()]
}

async fn each_byte(how: &'static str, reads: bool, whole: String) {
    let whole: Rc<str> = whole.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let asked = Asked::default();
    let server = spawn_local(serve(listener, Rc::clone(&whole), Rc::clone(&asked)));
    let policy = RetryPolicy { base: Duration::from_millis(1), ..RetryPolicy::default() };
    let timeout = if how == "hang" { TIMEOUT } else { Options::default().timeout };
    let options = Options { timeout, ..Options::default() };
    let client = Client::with_limits(options, policy, 1000);
    let begun = Instant::now();
    let mut cases = JoinSet::new();
    for bytes in 0..whole.len() {
        let (client, url) = (client.clone(), base.join(&format!("{how}/{bytes}")).unwrap());
        cases.spawn_local(async move {
            let path = url.path().to_owned();
            let post = || Request::post(&url, &Value::from("{}"));
            let request = if reads { Request::get(&url) } else { post() };
            let result = client.send(&request).await;
            (path, result)
        });
    }
    while let Some(case) = cases.join_next().await {
        let (path, result) = case.unwrap();
        let times = u32::try_from(asked.borrow()[&path]).unwrap();
        let error = result.expect_err(&path);
        let is_told = match how {
            "hang" => matches!(error, Error::Timeout { .. }),
            _ => matches!(error, Error::ConnectionLost { .. } | Error::Truncated { .. }),
        };
        let want = if reads && how != "hang" { policy.attempts } else { 1 };
        assert!(is_told && times == want, "{path}, {times}: {error}");
    }
    server.abort();
    let took = begun.elapsed();
    let slack = Duration::from_secs(5);
    assert!(how != "hang" || (took >= TIMEOUT && took < TIMEOUT + slack), "{took:?}");
}

#[test]
fn an_answer_that_breaks_after_any_byte_is_none() {
    for how in ["hang", "reset", "end"] {
        for whole in answers() {
            run(each_byte(how, true, whole));
        }
    }
}

#[test]
fn a_login_that_breaks_after_any_byte_is_not_repeated() {
    for how in ["hang", "reset", "end"] {
        for whole in answers() {
            run(each_byte(how, false, whole));
        }
    }
}
