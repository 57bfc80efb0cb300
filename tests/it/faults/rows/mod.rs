//! The rows of the table of hushed-faults(7), by what goes wrong. Must not do anything.

mod answer;
mod connect;
mod content;
mod frame;
mod http2;
mod proxy;
mod status;
mod tls;

use super::table::{
    Cause,
    Ends::{self, Cached, Fails, Starts},
    Row, When,
};

const fn row(
    what: &'static str,
    when: When,
    cause: Cause,
    (none, fallback): (Ends, Ends),
    says: &'static str,
) -> Row {
    Row { what, when, cause, none, fallback, says }
}

/// The server is away: the cache may stand in.
const AWAY: (Ends, Ends) = (Fails, Cached);
/// Somebody answered: the cache does not stand in.
const WRONG: (Ends, Ends) = (Fails, Fails);
/// It passes.
const FINE: (Ends, Ends) = (Starts, Starts);

const NO_CONNECTION: &str = "cannot connect to `ADDRESS` within TIME";
const TIMEOUT: &str = "no response from `URL` within TIME";
const MALFORMED: &str = "`URL` sent an invalid HTTP response";
const LOST: &str = "the connection to `URL` was lost before a response";
const BROKE: &str = "the response from `URL` ended early, after N bytes";

/// Returns all of them, in the order of the manual.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    let parts = [
        connect::ROWS,
        proxy::ROWS,
        tls::ROWS,
        answer::ROWS,
        content::ROWS,
        http2::ROWS,
        status::ROWS,
    ];
    parts.into_iter().flatten()
}
