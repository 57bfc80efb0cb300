//! Before there is a connection: the name, the port. Must not do anything.

use super::{
    super::table::{Cause, Row, When::Connecting},
    AWAY, NO_CONNECTION, row,
};
use crate::support::breaker::Closed;

pub(super) const ROWS: &[Row] = &[
    row(
        "the name of the server has no address",
        Connecting,
        Cause::NoName,
        AWAY,
        "the host `secrets.invalid` has no address",
    ),
    row("the resolver does not answer", Connecting, Cause::SilentResolver, AWAY, NO_CONNECTION),
    row(
        "nothing listens on the port",
        Connecting,
        Cause::Closed(Closed::Refusing),
        AWAY,
        "`ADDRESS` refuses the connection",
    ),
    row(
        "the server does not accept the connection",
        Connecting,
        Cause::Closed(Closed::Silent),
        AWAY,
        NO_CONNECTION,
    ),
];
