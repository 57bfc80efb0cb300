//! TLS: its handshake, and certificates. Must not do anything.

use super::{
    super::table::{
        Cause::{self, Handshake},
        Row,
        When::{Connecting, List},
    },
    AWAY, FINE, NO_CONNECTION, WRONG, row,
};
use crate::support::{breaker::How, infisical::Certificate};

const NO_TLS: &str = "cannot establish a secure connection to `ADDRESS`: it does not speak TLS";
const EXPIRED: &str =
    "cannot establish a secure connection to `ADDRESS`: its certificate has expired";
const OTHER_NAME: &str =
    "cannot establish a secure connection to `ADDRESS`: its certificate is not for this name";
const UNTRUSTED: &str = "cannot establish a secure connection to `ADDRESS`: its certificate was issued by an authority that is not trusted";

pub(super) const ROWS: &[Row] = &[
    row(
        "TLS: the handshake gets no answer or an incomplete one",
        Connecting,
        Handshake(0, How::Hang),
        AWAY,
        NO_CONNECTION,
    ),
    row(
        "TLS: the handshake gets no answer or an incomplete one",
        Connecting,
        Handshake(500, How::Hang),
        AWAY,
        NO_CONNECTION,
    ),
    row(
        "TLS: the connection is reset or closed during the handshake",
        Connecting,
        Handshake(0, How::Reset),
        AWAY,
        "cannot connect to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or closed during the handshake",
        Connecting,
        Handshake(500, How::Reset),
        AWAY,
        "cannot connect to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or closed during the handshake",
        Connecting,
        Handshake(0, How::End),
        AWAY,
        "cannot connect to `ADDRESS`",
    ),
    row(
        "TLS: the connection is reset or closed during the handshake",
        Connecting,
        Handshake(500, How::HalfClosed),
        AWAY,
        "cannot connect to `ADDRESS`",
    ),
    row("TLS: the server does not support it", Connecting, Cause::NoTls, WRONG, NO_TLS),
    row(
        "TLS: the certificate has expired",
        Connecting,
        Cause::Certificate(Certificate::Expired),
        WRONG,
        EXPIRED,
    ),
    row(
        "TLS: the certificate is for another name",
        Connecting,
        Cause::Certificate(Certificate::OtherName),
        WRONG,
        OTHER_NAME,
    ),
    row(
        "TLS: the certificate is not trusted",
        Connecting,
        Cause::Certificate(Certificate::SelfSigned),
        WRONG,
        UNTRUSTED,
    ),
    row(
        "TLS: a second connection has an expired certificate",
        List,
        Cause::Change(Certificate::Expired),
        WRONG,
        EXPIRED,
    ),
    row(
        "TLS: a second connection has a certificate for another name",
        List,
        Cause::Change(Certificate::OtherName),
        WRONG,
        OTHER_NAME,
    ),
    row(
        "TLS: a second connection has an untrusted certificate",
        List,
        Cause::Change(Certificate::SelfSigned),
        WRONG,
        UNTRUSTED,
    ),
    row(
        "TLS: a second connection has another valid certificate",
        List,
        Cause::Change(Certificate::Right),
        FINE,
        "",
    ),
];
