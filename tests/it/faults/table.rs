//! What may go wrong on the way to a server, and what comes of it in each mode of the cache: the table
//! of hushed-faults(7), which is rendered from this one. Must not bring anything about.

use std::collections::BTreeSet;

use super::rows::rows;
use crate::support::{
    breaker::{Closed, How},
    frames::{Place, Then},
    infisical::{Certificate, Fault},
};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The command starts, with all that the server gave.
    Starts,
    /// The command starts, with all that the cache has.
    Cached,
    /// The command does not start.
    Fails,
}

/// When something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// Before there is a connection to speak on.
    Connecting,
    /// While logging in.
    Login,
    /// While reading the secrets.
    List,
}

/// What is brought about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause {
    /// The name has no address.
    NoName,
    /// The resolver does not answer: a test of its own, since it takes a network of its own.
    SilentResolver,
    /// No connection is made.
    Closed(Closed),
    /// The proxy on the way does it: to each connection, or at the list to each after the login's.
    Proxy(Way),
    /// This is said in HTTP/2 as a function of the stream, and then this happens, so many times or always.
    Http2(Place, fn(u32) -> Vec<u8>, Then, Option<u32>),
    /// The server shows this certificate.
    Certificate(Certificate),
    /// The server shows this one from the second connection on, which the list needs.
    Change(Certificate),
    /// The server does not speak TLS.
    NoTls,
    /// The handshake breaks after so many bytes.
    Handshake(usize, How),
    /// The answer breaks after so many bytes, each time.
    Cut(usize, How),
    /// The same once.
    Once(usize, How),
    /// Something else is said, and then this.
    Says(&'static str, How),
    /// The server itself does it, so many times or always.
    Server(fn(&str) -> Fault, Option<u32>),
}

/// What a proxy does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// It takes no connection.
    Closed(Closed),
    /// Its answer breaks after so many bytes.
    Cut(usize, How),
    /// It says this in place of its answer.
    Says(&'static str, How),
    /// It says this once.
    Once(&'static str, How),
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// What goes wrong.
    pub(crate) what: &'static str,
    /// When.
    pub(crate) when: When,
    /// The same for the test.
    pub(crate) cause: Cause,
    /// What comes of it without a cache.
    pub(crate) none: Ends,
    /// What comes of it with `--cache fallback`, where the cache has an entry that is young enough.
    pub(crate) fallback: Ends,
    /// What is said, where it is an error: `ADDRESS` and `URL` stand for the server, `PROXY` for the proxy,
    /// `TIME` for `--timeout`.
    pub(crate) says: &'static str,
}

impl Ends {
    fn text(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Cached => "uses the cache",
            Self::Fails => "fails",
        }
    }
}

/// The table as Markdown, for the manual. Rows that look the same to a user are one.
pub(crate) fn markdown() -> String {
    let mut lines: Vec<(&str, String, BTreeSet<When>)> = Vec::new();
    for row in rows() {
        let none = match row.none {
            Ends::Fails => {
                let error = row.says.replace("ADDRESS", "SERVER").replace("URL", "SERVER");
                format!("fails: {error}")
            }
            ends => ends.text().to_owned(),
        };
        let cells = format!("{none} | {}", row.fallback.text());
        match lines.iter_mut().find(|(what, known, _)| (*what, known) == (row.what, &cells)) {
            Some((_, _, times)) => drop(times.insert(row.when)),
            None => lines.push((row.what, cells, [row.when].into())),
        }
    }
    let line = |(what, cells, times): (&str, String, BTreeSet<When>)| {
        let mut times = times.into_iter();
        let when = match (times.next(), times.next()) {
            (Some(When::Login), None) => " (during the login)",
            (Some(When::List), None) => " (while reading secrets)",
            _ => "",
        };
        format!("| {what}{when} | {cells} |\n")
    };
    let head = "| fault | no cache | with fallback |\n|---|---|---|\n";
    head.to_owned() + &lines.into_iter().map(line).collect::<String>()
}
