//! Before there is a connection: the name, the port. Must not do anything.

use super::{
    super::table::{Cause, Row, When::Connecting},
    AWAY, TIMEOUT, row,
};

pub(super) const ROWS: &[Row] = &[
    row(
        "the server's name has no address",
        Connecting,
        Cause::NoName,
        AWAY,
        "no address is known for the host `secrets.invalid`",
    ),
    row("the resolver does not answer", Connecting, Cause::SilentResolver, AWAY, TIMEOUT),
    row(
        "nothing listens at the port",
        Connecting,
        Cause::Refused,
        AWAY,
        "`ADDRESS` refuses the connection",
    ),
];
