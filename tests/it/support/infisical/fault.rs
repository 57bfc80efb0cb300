//! What may go wrong on the way, scripted by a test.
//! Must not know what the request asks for.

use std::{sync::Arc, time::Duration};

use tokio::sync::Barrier;

use super::{Generation, answer::Answer, request::Request};

/// One scripted fault: where, how often, what.
#[derive(Debug, Clone)]
pub struct Fault {
    path: String,
    times: Option<u32>,
    after: u32,
    kind: Kind,
    barrier: Option<Arc<Barrier>>,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Nothing goes wrong.
    Right,
    /// This answer instead of the right one.
    Answer(Answer),
    /// The page of a web interface with 200.
    Html,
    /// The right answer's head, half of its body, then the end of the connection.
    Truncated,
    /// The right answer with a `content-length` that ends it too early.
    ShortLength,
    /// The right answer with a byte in it that UTF-8 has not.
    InvalidUtf8,
    /// 200 and JSON of this many bytes.
    Huge(usize),
    /// The right answer after a while.
    Delay(Duration),
    /// No answer, ever.
    Hang,
    /// The connection ends without an answer.
    Reset,
    /// The right answer, and with it the end of the connection.
    Last,
    /// 307 to this address.
    Redirect(String),
    /// As the server says that there were too many requests, with `retry-after` in seconds.
    RateLimited(u64),
}

impl Fault {
    /// Makes a fault of every request whose path begins so.
    pub fn on(path: &str, kind: Kind) -> Self {
        Self { path: path.into(), times: None, after: 0, kind, barrier: None }
    }

    /// Makes a fault that answers with a status and JSON.
    pub fn status(path: &str, status: u16, body: &str) -> Self {
        Self::on(path, Kind::Answer(Answer::new(status, "application/json", body.into())))
    }

    /// Adds a header to the scripted answer.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Kind::Answer(answer) = &mut self.kind {
            answer.headers.retain(|(known, _)| known != name);
            answer.headers.push((name.into(), value.into()));
        }
        self
    }

    /// Ends the fault after so many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many requests pass first.
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// Lets nobody have an answer before as many are waiting as the barrier wants.
    pub fn at(mut self, barrier: &Arc<Barrier>) -> Self {
        self.barrier = Some(Arc::clone(barrier));
        self
    }
}

/// Takes the first fault that a request meets, and counts it.
pub fn meet(faults: &mut [Fault], request: &Request) -> Option<(Kind, Option<Arc<Barrier>>)> {
    let met = faults
        .iter_mut()
        .find(|fault| request.path().starts_with(&fault.path) && fault.times != Some(0))?;
    if met.after > 0 {
        met.after -= 1;
        return None;
    }
    met.times = met.times.map(|times| times - 1);
    Some((met.kind.clone(), met.barrier.clone()))
}

/// How an answer is put on the wire.
#[derive(Debug)]
pub enum Wire {
    /// Whole.
    Whole(Answer),
    /// With a length of its own, and perhaps an end before it.
    Lying { answer: Answer, length: usize, broken: bool },
    /// After a while.
    Late(Answer, Duration),
    /// Never.
    Never,
    /// The connection ends.
    Gone,
    /// When enough others wait too.
    Together(Box<Self>, Arc<Barrier>),
}

/// Spoils an answer.
pub fn spoil(kind: Kind, generation: Generation, right: Answer) -> Wire {
    let json = "application/json; charset=utf-8";
    Wire::Whole(match kind {
        Kind::Right => right,
        Kind::Answer(answer) => answer,
        Kind::Html => Answer::html(),
        Kind::Truncated => {
            let (length, mut answer) = (right.body.len(), right);
            answer.body.truncate(length / 2);
            return Wire::Lying { answer, length, broken: true };
        }
        Kind::ShortLength => {
            let (length, mut answer) = (right.body.len() / 2, right);
            answer.body.truncate(length);
            return Wire::Lying { answer, length, broken: false };
        }
        Kind::InvalidUtf8 => {
            let mut answer = right;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            // The last string is closed by the last quotation mark.
            let at = text.rfind('"').unwrap_or(0);
            answer.body.insert(at, 0xff);
            answer
        }
        Kind::Huge(bytes) => {
            let mut body = b"{\"secrets\":[],\"imports\":[],\"padding\":\"".to_vec();
            body.resize(bytes.saturating_sub(2), b'x');
            body.extend_from_slice(b"\"}");
            Answer::new(200, json, body)
        }
        Kind::Delay(time) => return Wire::Late(right, time),
        Kind::Hang => return Wire::Never,
        Kind::Reset => return Wire::Gone,
        Kind::Last => {
            let mut answer = right;
            answer.headers.push(("connection".into(), "close".into()));
            answer
        }
        Kind::Redirect(to) => {
            let mut answer = Answer::new(307, "text/plain", Vec::new());
            answer.headers.push(("location".into(), to));
            answer
        }
        Kind::RateLimited(seconds) => {
            let limit = super::limit::Verdict { limit: 60, left: None, reset: seconds };
            super::route::limited(generation, limit)
        }
    })
}
