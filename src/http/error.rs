//! Why a server gave no answer that could be used. The texts name hosts and origins, never the user
//! part or the query of an address, and never anything that was sent or received.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::message::shown_path;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file with the roots of trust cannot be read.
    #[error("cannot read the CA file `{}`", shown_path(path))]
    CaFileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file has no certificate in it.
    #[error("the CA file `{}` holds no certificate", path.display())]
    CaFileEmpty {
        /// The file.
        path: PathBuf,
    },
    /// Something in the file is announced as a certificate and is none.
    #[error("the CA file `{}` holds something that is not a certificate", path.display())]
    CaFileInvalid {
        /// The file.
        path: PathBuf,
    },
    /// The client certificate or its key cannot be used.
    #[error("`{}` holds no client certificate or key that can be used", path.display())]
    IdentityInvalid {
        /// The file.
        path: PathBuf,
    },
    /// The address of a proxy is none.
    #[error("the value of `{variable}` is not the address of a proxy")]
    ProxyInvalid {
        /// The variable it is spelled as.
        variable: &'static str,
    },
    /// The client could not be made.
    #[error("the http client cannot be set up")]
    Setup(#[source] RootCause),
    /// The token cannot be sent at all.
    #[error("the token holds a character that no http header may hold")]
    BearerInvalid,
    /// Plain http would show the credentials to the network.
    #[error("`{origin}` is plain http, which would show credentials to the network")]
    PlainHttp {
        /// The server.
        origin: String,
    },
    /// The name has no address.
    #[error("no address is known for the host `{host}`")]
    HostUnknown {
        /// The name.
        host: String,
    },
    /// The name could not be looked up now.
    #[error("the host `{host}` cannot be looked up now")]
    HostLookup {
        /// The name.
        host: String,
        /// What the resolver says.
        source: RootCause,
    },
    /// A resource limit of this process is in the way.
    #[error("this process cannot connect to `{authority}`")]
    Limited {
        /// Host and port.
        authority: String,
        /// What was refused.
        source: RootCause,
        /// What to do about the limit.
        hint: &'static str,
    },
    /// Nothing listens there.
    #[error("`{authority}` refuses the connection")]
    Refused {
        /// Host and port.
        authority: String,
    },
    /// No connection was made in time.
    #[error("no connection to `{authority}`{} within {}", through(proxy.as_ref()), seconds(*after))]
    ConnectTimeout {
        /// Host and port.
        authority: String,
        /// Through which proxy.
        proxy: Option<ProxyName>,
        /// The time allowed for it.
        after: Duration,
    },
    /// No connection was made, for another reason.
    #[error("no connection to `{authority}`")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// The reason.
        source: RootCause,
    },
    /// The whole fetch took too long.
    #[error("no answer from `{origin}` within {}", seconds(*after))]
    Timeout {
        /// The server.
        origin: String,
        /// The time allowed for all.
        after: Duration,
        /// How the attempt before ended, if there was one.
        source: Option<Box<Self>>,
    },
    /// The connection is not to be trusted, or there is no TLS at the other end.
    #[error("no trusted connection to `{authority}`")]
    Tls {
        /// Host and port.
        authority: String,
        /// What is wrong.
        source: TlsFault,
    },
    /// The proxy itself could not be reached.
    #[error("{proxy} cannot be reached")]
    ProxyUnreachable {
        /// Which.
        proxy: ProxyName,
        /// The reason.
        source: RootCause,
    },
    /// The proxy wants other credentials.
    #[error("{proxy} wants credentials (407)")]
    ProxyAuth {
        /// Which.
        proxy: ProxyName,
    },
    /// The proxy went away before it said whether there is a connection.
    #[error("{proxy} ended the connection before it answered")]
    ProxyLost {
        /// Which.
        proxy: ProxyName,
        /// The reason.
        source: RootCause,
    },
    /// The proxy is not to be trusted, or speaks no TLS.
    #[error("no trusted connection to {proxy}")]
    ProxyTls {
        /// Which.
        proxy: ProxyName,
        /// What is wrong.
        source: TlsFault,
    },
    /// The proxy makes no connection to the server.
    #[error("{proxy} makes no connection to `{origin}`")]
    ProxyRefused {
        /// Which.
        proxy: ProxyName,
        /// The server behind it.
        origin: String,
    },
    /// The connection ended before an answer came.
    #[error("the connection to `{origin}` was lost before an answer came")]
    Lost {
        /// The server.
        origin: String,
        /// The reason.
        source: RootCause,
    },
    /// What came is no HTTP.
    #[error("what answers at `{authority}` does not speak HTTP")]
    NotHttp {
        /// Host and port.
        authority: String,
        /// What is wrong with it.
        source: RootCause,
    },
    /// What comes breaks the rules of the protocol that it is said to be in.
    #[error("what `{origin}` sends breaks the rules of HTTP")]
    Malformed {
        /// The server.
        origin: String,
        /// Which rule.
        source: RootCause,
    },
    /// The answer ended before it was complete.
    #[error("the answer from `{origin}` broke off after {received} bytes")]
    Truncated {
        /// The server.
        origin: String,
        /// What had come until then.
        received: usize,
        /// The reason.
        source: RootCause,
    },
    /// The answer is longer than any answer should be.
    #[error("the answer from `{origin}` is longer than {limit} bytes")]
    BodyTooLarge {
        /// The server.
        origin: String,
        /// The limit.
        limit: usize,
    },
    /// The server sends us elsewhere, where the credentials must not go.
    #[error("`{from}` redirects to `{to}`, where credentials are not sent")]
    RedirectedAway {
        /// The server that was asked.
        from: String,
        /// The server that it named.
        to: String,
    },
    /// The server redirects a request that is not repeated elsewhere, or without an address.
    #[error("`{origin}` answers with a redirect that cannot be followed ({status})")]
    RedirectedAstray {
        /// The server.
        origin: String,
        /// The status of the answer.
        status: u16,
    },
    /// The redirects do not end.
    #[error("`{origin}` redirects more than {limit} times")]
    RedirectedEndlessly {
        /// The server.
        origin: String,
        /// The limit.
        limit: u32,
    },
    /// The server wants fewer requests.
    #[error("`{origin}` limits the rate of requests ({status}){}", asked(*wait))]
    RateLimited {
        /// The server.
        origin: String,
        /// The status of the answer.
        status: u16,
        /// How long it asked to wait.
        wait: Option<Duration>,
    },
    /// The server, or a gateway before it, cannot answer now.
    #[error("`{origin}` cannot answer now ({status}), asked {attempts} times")]
    Unavailable {
        /// The server.
        origin: String,
        /// The status of the last answer.
        status: u16,
        /// How often it was asked.
        attempts: u32,
    },
}

/// A proxy as an error names it: without user and password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy `{authority}` ({variable})")]
pub struct ProxyName {
    /// Host and port.
    pub authority: String,
    /// The variable that it is from.
    pub variable: &'static str,
}

/// What is wrong with a TLS connection.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// Nobody that is believed signed the certificate.
    #[error("its certificate is from an issuer that is not trusted")]
    UnknownIssuer,
    /// The certificate is too old.
    #[error("its certificate has expired")]
    Expired,
    /// The certificate is not valid yet.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The certificate is for another name.
    #[error("its certificate is not for this name{}", but_for(.0))]
    WrongName(Vec<String>),
    /// The other end speaks something else.
    #[error("it does not speak TLS")]
    NotTls,
    /// Anything else.
    #[error(transparent)]
    Other(rustls::Error),
}

/// The innermost reason that a library gave, as text: what wraps it says nothing to a user.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RootCause(String);

impl RootCause {
    /// Keeps the text of the innermost error.
    pub(super) fn of(error: &dyn std::error::Error) -> Self {
        // rustls explains itself with a link, which says nothing about this connection.
        let text = error.to_string();
        Self(text.split(": https://docs.rs/").next().unwrap_or_default().to_owned())
    }
}

impl Error {
    /// Whether the server was not reached or cannot answer now. What answered and is not to be trusted
    /// was reached.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::HostUnknown { .. }
            | Self::HostLookup { .. }
            | Self::Limited { .. }
            | Self::Refused { .. }
            | Self::ConnectTimeout { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::ProxyUnreachable { .. }
            | Self::ProxyLost { .. }
            | Self::ProxyRefused { .. }
            | Self::Lost { .. }
            | Self::Truncated { .. }
            | Self::RateLimited { .. }
            | Self::Unavailable { .. } => true,
            Self::CaFileUnreadable { .. }
            | Self::CaFileEmpty { .. }
            | Self::CaFileInvalid { .. }
            | Self::IdentityInvalid { .. }
            | Self::ProxyInvalid { .. }
            | Self::Setup(_)
            | Self::BearerInvalid
            | Self::PlainHttp { .. }
            | Self::Tls { .. }
            | Self::NotHttp { .. }
            | Self::Malformed { .. }
            | Self::ProxyTls { .. }
            | Self::ProxyAuth { .. }
            | Self::BodyTooLarge { .. }
            | Self::RedirectedAway { .. }
            | Self::RedirectedAstray { .. }
            | Self::RedirectedEndlessly { .. } => false,
        }
    }

    pub(super) fn is_connect_timeout(&self) -> bool {
        matches!(self, Self::ConnectTimeout { .. })
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CaFileUnreadable { .. }
            | Self::CaFileEmpty { .. }
            | Self::CaFileInvalid { .. } => {
                "give a file of certificates in PEM form with --ca-file or SSL_CERT_FILE"
            }
            Self::IdentityInvalid { .. } => {
                "give a certificate and a private key in PEM form that this user may read"
            }
            Self::ProxyInvalid { .. } => {
                "write it as http://HOST:PORT or socks5h://HOST:PORT, or unset it"
            }
            Self::Setup(_) => return None,
            Self::BearerInvalid => "look for a line break or another control character in it",
            Self::PlainHttp { .. } => "use https, or allow plain http with --insecure-http",
            Self::HostUnknown { .. } => {
                "check the spelling of the host, and the DNS of this machine"
            }
            Self::Limited { hint, .. } => hint,
            Self::HostLookup { .. } => "check the DNS of this machine (/etc/resolv.conf)",
            Self::Refused { .. } => "check the port, and whether the server is running",
            Self::ConnectTimeout { proxy: Some(proxy), .. }
            | Self::ProxyUnreachable { proxy, .. }
            | Self::ProxyLost { proxy, .. } => {
                return Some(format!("check {}, or name the server in NO_PROXY", proxy.variable));
            }
            Self::ConnectTimeout { proxy: None, .. } | Self::Unreachable { .. } => {
                "check the address, and whether a firewall or a missing proxy is in the way"
            }
            // What went wrong before says more than that time is over.
            Self::Timeout { source: Some(before), .. } => return before.hint(),
            Self::Timeout { source: None, .. } => "try again, or allow more time with --timeout",
            Self::Tls { source, .. } | Self::ProxyTls { source, .. } => source.hint(),
            Self::ProxyRefused { .. } => {
                "ask for the way to this server to be opened, or name the server in NO_PROXY"
            }
            Self::ProxyAuth { proxy } => {
                let variable = proxy.variable;
                return Some(format!("write {variable} as http://USER:PASSWORD@HOST:PORT"));
            }
            Self::Lost { .. } | Self::Truncated { .. } => {
                "try again; if it stays so, look at the server's log and at proxies in between"
            }
            Self::Malformed { .. } => "look at proxies and load balancers in between",
            Self::NotHttp { .. } => "check scheme and port: perhaps the server speaks https there",
            Self::BodyTooLarge { .. } => "check the address, or ask for less at once",
            Self::RedirectedAway { to, .. } => {
                return Some(format!("if `{to}` is the right server, give it as the domain"));
            }
            Self::RedirectedAstray { .. } | Self::RedirectedEndlessly { .. } => {
                "check the address of the server"
            }
            Self::RateLimited { wait: Some(wait), .. } => {
                let wait = seconds(*wait);
                return Some(format!("try again in {wait}, or allow more time with --timeout"));
            }
            Self::RateLimited { wait: None, .. } => "try again later",
            Self::Unavailable { .. } => "try again later, or look at the server's status",
        };
        Some(hint.to_owned())
    }
}

impl TlsFault {
    fn hint(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => "if the server has a private CA, name its file with --ca-file",
            Self::Expired => "renew the server's certificate; also check the clock of this machine",
            Self::NotYetValid => "check the clock of this machine",
            Self::WrongName(_) => "use a name that the certificate was made for",
            Self::NotTls => "check scheme and port: perhaps the server speaks plain http there",
            Self::Other(_) => "check the TLS settings of the server, and proxies in between",
        }
    }
}

fn through(proxy: Option<&ProxyName>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"))
}

fn but_for(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(", but for {}", names.join(", ")) }
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

fn asked(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(" and asks to wait {}", seconds(wait)))
}
