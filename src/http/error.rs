//! The errors of the HTTP client. Their texts name hosts and origins, never the user, path or query of a URL,
//! and never anything that was sent or received.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::message::shown_path;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of certificate authorities cannot be read.
    #[error("cannot read the CA file `{}`", shown_path(path))]
    CaFileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file contains no certificate, or an invalid one.
    #[error("the CA file `{}` {problem}", path.display())]
    CaFileInvalid {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: &'static str,
    },
    /// The client certificate or its key is invalid.
    #[error("`{}` contains no valid client certificate or private key", path.display())]
    ClientCertificateInvalid {
        /// The file.
        path: PathBuf,
    },
    /// A certificate or key in a configuration is no PEM.
    #[error("the {what} is not valid PEM")]
    PemInvalid {
        /// What it is for.
        what: &'static str,
    },
    /// A server name of its own and a proxy, which hushed cannot combine.
    #[error(
        "the server `{authority}` has a TLS name of its own, which does not work through {proxy}"
    )]
    TlsNameWithProxy {
        /// Host and port of the server.
        authority: String,
        /// The proxy.
        proxy: ProxyName,
    },
    /// The URL of a proxy is invalid.
    #[error("the value of `{variable}` is not the URL of a proxy")]
    ProxyInvalid {
        /// The environment variable.
        variable: &'static str,
    },
    /// The client cannot be created.
    #[error("cannot set up the HTTP client")]
    Setup(#[source] RootCause),
    /// A credential cannot be sent in a header.
    #[error("the token contains a character that is not allowed in an HTTP header")]
    HeaderInvalid,
    /// Plain http would expose credentials.
    #[error("`{origin}` uses plain http, which would expose credentials to the network")]
    PlainHttp {
        /// The server.
        origin: String,
    },
    /// The name has no address.
    #[error("the host `{host}` has no address")]
    HostUnknown {
        /// The name.
        host: String,
    },
    /// The resolver failed temporarily.
    #[error("cannot resolve the host `{host}`")]
    LookupFailed {
        /// The name.
        host: String,
        /// The resolver's error.
        source: RootCause,
    },
    /// A resource limit of this process prevents the connection.
    #[error("this process cannot connect to `{authority}`")]
    ResourceLimit {
        /// Host and port.
        authority: String,
        /// The error of the kernel.
        source: RootCause,
        /// What to do about the limit.
        hint: &'static str,
    },
    /// Nothing listens on the port.
    #[error("`{authority}` refuses the connection")]
    Refused {
        /// Host and port.
        authority: String,
    },
    /// The connection timed out.
    #[error("cannot connect to `{authority}`{} within {}", through(proxy.as_ref()), seconds(*after))]
    ConnectTimeout {
        /// Host and port.
        authority: String,
        /// The proxy, if there is one.
        proxy: Option<ProxyName>,
        /// The time limit.
        after: Duration,
    },
    /// The connection failed for another reason.
    #[error("cannot connect to `{authority}`")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// The reason.
        source: RootCause,
    },
    /// The time limit was reached before a complete response.
    #[error("no response from `{origin}` within {}", seconds(*after))]
    Timeout {
        /// The server.
        origin: String,
        /// The time limit for all requests.
        after: Duration,
        /// The error of the attempt before, if there was one.
        source: Option<Box<Self>>,
    },
    /// The TLS handshake failed.
    #[error("cannot establish a secure connection to `{authority}`")]
    Tls {
        /// Host and port.
        authority: String,
        /// What is wrong.
        source: TlsError,
    },
    /// The proxy cannot be reached.
    #[error("cannot connect to {proxy}")]
    ProxyUnreachable {
        /// The proxy.
        proxy: ProxyName,
        /// The reason.
        source: RootCause,
    },
    /// The proxy requires credentials, or rejects them.
    #[error("{proxy} requires valid credentials (407)")]
    ProxyAuth {
        /// The proxy.
        proxy: ProxyName,
    },
    /// The proxy closed the connection before it responded.
    #[error("{proxy} closed the connection before it responded")]
    ProxyLost {
        /// The proxy.
        proxy: ProxyName,
        /// The reason.
        source: RootCause,
    },
    /// The TLS handshake with the proxy failed.
    #[error("cannot establish a secure connection to {proxy}")]
    ProxyTls {
        /// The proxy.
        proxy: ProxyName,
        /// What is wrong.
        source: TlsError,
    },
    /// The proxy refuses to connect to the server.
    #[error("{proxy} refuses to connect to `{origin}`")]
    ProxyRefused {
        /// The proxy.
        proxy: ProxyName,
        /// The server.
        origin: String,
    },
    /// The connection was lost before the response.
    #[error("the connection to `{origin}` was lost before a response")]
    ConnectionLost {
        /// The server.
        origin: String,
        /// The reason.
        source: RootCause,
    },
    /// The server does not speak HTTP.
    #[error("the server at `{authority}` does not speak HTTP")]
    NotHttp {
        /// Host and port.
        authority: String,
        /// The reason.
        source: RootCause,
    },
    /// The response violates the protocol.
    #[error("`{origin}` sent an invalid HTTP response")]
    Malformed {
        /// The server.
        origin: String,
        /// The violation.
        source: RootCause,
    },
    /// The response ended early.
    #[error("the response from `{origin}` ended early, after {received} bytes")]
    Truncated {
        /// The server.
        origin: String,
        /// The number of bytes received.
        received: usize,
        /// The reason.
        source: RootCause,
    },
    /// The response is too large.
    #[error("the response from `{origin}` is larger than {limit} bytes")]
    BodyTooLarge {
        /// The server.
        origin: String,
        /// The limit.
        limit: usize,
    },
    /// The server redirects to an origin that must not get the credentials.
    #[error("`{from}` redirects to `{to}`, which must not get the credentials")]
    CrossOriginRedirect {
        /// The server.
        from: String,
        /// The target of the redirect.
        to: String,
    },
    /// The server redirects a request that must not be repeated, or names no target.
    #[error("`{origin}` sent a redirect that cannot be followed ({status})")]
    InvalidRedirect {
        /// The server.
        origin: String,
        /// The status code.
        status: u16,
    },
    /// There are too many redirects in a row.
    #[error("`{origin}` redirects more than {limit} times")]
    TooManyRedirects {
        /// The server.
        origin: String,
        /// The limit.
        limit: u32,
    },
    /// The server limits the rate of requests.
    #[error("`{origin}` limits the rate of requests ({status}){}", requested(*wait))]
    RateLimited {
        /// The server.
        origin: String,
        /// The status code.
        status: u16,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The server, or a gateway in front of it, is unavailable.
    #[error("`{origin}` is unavailable ({status}) after {attempts} {}", if *attempts == 1 { "attempt" } else { "attempts" })]
    Unavailable {
        /// The server.
        origin: String,
        /// The status of the last response.
        status: u16,
        /// The number of attempts.
        attempts: u32,
    },
}

/// A proxy for messages: without user and password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy `{authority}` ({variable})")]
pub struct ProxyName {
    /// Host and port.
    pub authority: String,
    /// The environment variable that sets it.
    pub variable: &'static str,
}

/// Why a TLS handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No trusted authority issued the certificate.
    #[error("its certificate was issued by an authority that is not trusted")]
    UnknownIssuer,
    /// The certificate has expired.
    #[error("its certificate has expired")]
    Expired,
    /// The certificate is not valid yet.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The certificate is a CA certificate that the user did not name.
    #[error(
        "its certificate is a CA certificate (CA:TRUE), which no server may present as its own"
    )]
    CaAsServer,
    /// The certificate is for other names.
    #[error("its certificate is not for this name{}", other_names(.0))]
    WrongName(Vec<String>),
    /// The server does not speak TLS.
    #[error("it does not speak TLS")]
    NotTls,
    /// Anything else.
    #[error(transparent)]
    Other(rustls::Error),
}

/// The innermost error of a library, as text: the errors around it tell a user nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RootCause(String);

impl RootCause {
    /// Keeps the text of the innermost error.
    pub(super) fn of(error: &dyn std::error::Error) -> Self {
        // rustls appends a link that says nothing about this connection.
        let text = error.to_string();
        Self(text.split(": https://docs.rs/").next().unwrap_or_default().to_owned())
    }
}

impl Error {
    /// Whether the server was not reached or is unavailable, so that the same request may work later.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::HostUnknown { .. }
                | Self::LookupFailed { .. }
                | Self::ResourceLimit { .. }
                | Self::Refused { .. }
                | Self::ConnectTimeout { .. }
                | Self::Unreachable { .. }
                | Self::Timeout { .. }
                | Self::ProxyUnreachable { .. }
                | Self::ProxyLost { .. }
                | Self::ProxyRefused { .. }
                | Self::ConnectionLost { .. }
                | Self::Truncated { .. }
                | Self::RateLimited { .. }
                | Self::Unavailable { .. }
        )
    }

    pub(super) fn is_connect_timeout(&self) -> bool {
        matches!(self, Self::ConnectTimeout { .. })
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CaFileUnreadable { .. } | Self::CaFileInvalid { .. } => {
                "pass a PEM file of certificates with --ca-file or SSL_CERT_FILE"
            }
            Self::ClientCertificateInvalid { .. } => {
                "use a certificate and a private key in PEM format that this user can read"
            }
            Self::PemInvalid { .. } => "put a PEM block there (-----BEGIN CERTIFICATE-----)",
            Self::TlsNameWithProxy { .. } => {
                "add the server to NO_PROXY, or use its TLS name as host"
            }
            Self::ProxyInvalid { .. } => {
                "set it to http://HOST:PORT or socks5h://HOST:PORT, or unset it"
            }
            Self::Setup(_) => return None,
            Self::HeaderInvalid => "check it for a line break or another control character",
            Self::PlainHttp { .. } => "use https, or allow plain http with --insecure-http",
            Self::HostUnknown { .. } => {
                "check the spelling of the host name, and the DNS settings of this machine"
            }
            Self::ResourceLimit { hint, .. } => hint,
            Self::LookupFailed { .. } => {
                "check the DNS settings of this machine (/etc/resolv.conf)"
            }
            Self::Refused { .. } => "check the port, and whether the server is running",
            Self::ConnectTimeout { proxy: Some(proxy), .. }
            | Self::ProxyUnreachable { proxy, .. }
            | Self::ProxyLost { proxy, .. } => {
                return Some(format!("check {}, or add the server to NO_PROXY", proxy.variable));
            }
            Self::ConnectTimeout { proxy: None, .. } | Self::Unreachable { .. } => {
                "check the address, and whether a firewall blocks it or a proxy is missing"
            }
            // The error of the attempt before is more informative.
            Self::Timeout { source: Some(previous), .. } => return previous.hint(),
            Self::Timeout { source: None, .. } => "try again, or increase --timeout",
            Self::Tls { source, .. } | Self::ProxyTls { source, .. } => source.hint(),
            Self::ProxyRefused { .. } => {
                "ask the proxy's administrator to allow this server, or add the server to NO_PROXY"
            }
            Self::ProxyAuth { proxy } => {
                let variable = proxy.variable;
                return Some(format!("set {variable} to http://USER:PASSWORD@HOST:PORT"));
            }
            Self::ConnectionLost { .. } | Self::Truncated { .. } => {
                "try again; if it keeps failing, check the server's log and the proxies in between"
            }
            Self::Malformed { .. } => "check the proxies and load balancers in between",
            Self::NotHttp { .. } => "check scheme and port; the server may expect https",
            Self::BodyTooLarge { .. } => "check the address, or fetch fewer secrets at once",
            Self::CrossOriginRedirect { to, .. } => {
                return Some(format!("if `{to}` is the right server, set it as the domain"));
            }
            Self::InvalidRedirect { .. } | Self::TooManyRedirects { .. } => {
                "check the address of the server"
            }
            Self::RateLimited { wait: Some(wait), .. } => {
                let wait = seconds(*wait);
                return Some(format!("try again in {wait}, or increase --timeout"));
            }
            Self::RateLimited { wait: None, .. } => "try again later",
            Self::Unavailable { .. } => "try again later, or check the server's status",
        };
        Some(hint.to_owned())
    }
}

impl TlsError {
    fn hint(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => "if the server has a private CA, pass its file with --ca-file",
            Self::Expired => "renew the server's certificate, or check the clock of this machine",
            Self::NotYetValid => "check the clock of this machine",
            Self::CaAsServer => {
                "pass exactly this certificate with --ca-file, or create one with CA:FALSE"
            }
            Self::WrongName(_) => "use a name that the certificate is for",
            Self::NotTls => "check scheme and port; the server may expect plain http",
            Self::Other(_) => "check the TLS settings of the server, and the proxies in between",
        }
    }
}

fn through(proxy: Option<&ProxyName>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"))
}

fn other_names(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "; it lists no names (subjectAltName)".to_owned()
    } else {
        format!(", but for {}", names.join(", "))
    }
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

fn requested(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(" and asks to wait {}", seconds(wait)))
}
