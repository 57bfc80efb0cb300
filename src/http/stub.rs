//! A server for tests: it answers with bytes that the test wrote, and keeps what it was asked.
//! It understands no HTTP beyond where a request ends.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_local};
use url::Url;

/// A running server; it stops when dropped.
pub(crate) struct Stub {
    pub(crate) url: Url,
    asked: Rc<RefCell<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Answers every request by what the function makes of it. Nothing means to say nothing at all.
    pub(crate) async fn new(answer: impl Fn(&str) -> Option<Vec<u8>> + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let asked = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&asked);
        let answer = Rc::new(answer);
        let task = spawn_local(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (Rc::clone(&log), Rc::clone(&answer));
                spawn_local(async move {
                    let mut request = Vec::new();
                    while !is_whole(&request) {
                        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let request = String::from_utf8(request).unwrap();
                    log.borrow_mut().push(request.clone());
                    match answer(&request) {
                        Some(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
                        None => std::future::pending().await,
                    }
                });
            }
        });
        Self { url, asked, task }
    }

    /// Answers the first request with the first text, and so on; the last one stays.
    pub(crate) async fn answering(answers: &[&str]) -> Self {
        let answers: Vec<_> = answers.iter().map(|answer| answer.as_bytes().to_vec()).collect();
        let next = RefCell::new(0);
        Self::new(move |_| {
            let index = next.replace_with(|next| *next + 1).min(answers.len() - 1);
            Some(answers[index].clone())
        })
        .await
    }

    /// What it was asked until now.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes an answer.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Runs a test that has servers on its own thread.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap())
}
