//! Proxies as configuration hands them over. Nothing here reads the environment, and an address
//! of a proxy is a secret as a whole, because it may hold a password.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::error::{Error, ProxyName};
use super::origin;
use crate::secret::Value;

/// What never goes through a proxy: plain http is allowed to loopback only because it stays on
/// the machine.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The kinds of proxy: HTTP, HTTP over TLS, and SOCKS, which looks names up itself as `socks5h`.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// The proxies in force, spelled as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    /// For `https` addresses.
    pub https: Option<Value>,
    /// For `http` addresses.
    pub http: Option<Value>,
    /// For what the other two do not cover.
    pub all: Option<Value>,
    /// Hosts and networks that are reached directly.
    pub no_proxy: Option<String>,
}

impl Proxy {
    /// The proxy that a request to this address goes through, unless `no_proxy` says otherwise.
    pub fn for_server(&self, url: &Url) -> Option<ProxyName> {
        let proxies = Proxies::parse(self).ok()?;
        proxies.name(url)
    }

    /// The TCP ports that requests to this address need: the proxy's where there is one, and the
    /// server's own where there is none or `no_proxy` may name the server.
    pub fn ports(&self, url: &Url) -> Vec<u16> {
        let own = url.port_or_known_default();
        let proxies = Proxies::parse(self).ok().filter(|_| !origin::is_loopback(url));
        let proxy = proxies.as_ref().and_then(|proxies| proxies.url(url.scheme()));
        let direct = proxy.is_none() || self.no_proxy.is_some();
        let proxy = proxy.and_then(|(_, proxy)| port(proxy));
        proxy.into_iter().chain(own.filter(|_| direct)).collect()
    }
}

/// The proxies, parsed.
#[derive(Clone, Debug)]
pub(super) struct Proxies {
    https: Option<Url>,
    http: Option<Url>,
    all: Option<Url>,
    no_proxy: String,
}

impl Proxies {
    /// Parses the addresses.
    pub(super) fn parse(proxy: &Proxy) -> Result<Self, Error> {
        let list = proxy.no_proxy.as_deref().unwrap_or_default();
        let proxies = Self {
            https: parse("HTTPS_PROXY", proxy.https.as_ref())?,
            http: parse("HTTP_PROXY", proxy.http.as_ref())?,
            all: parse("ALL_PROXY", proxy.all.as_ref())?,
            no_proxy: format!("{LOOPBACK},{list}"),
        };
        // The matcher takes the star for a name, which no address ends in.
        let none = list.split(',').any(|part| part.trim() == "*");
        Ok(if none { Self { https: None, http: None, all: None, ..proxies } } else { proxies })
    }

    /// Whether a connection to a proxy itself needs TLS.
    pub(super) fn need_tls(&self) -> bool {
        [&self.https, &self.http, &self.all].into_iter().flatten().any(|u| u.scheme() == "https")
    }

    /// The proxy that a request to this address goes through, if there is one.
    pub(super) fn name(&self, url: &Url) -> Option<ProxyName> {
        let (variable, proxy) = self.url(url.scheme())?;
        // What reqwest itself asks whether an address is to be reached directly.
        let matcher = Matcher::builder().all("http://proxy").no(self.no_proxy.as_str()).build();
        matcher.intercept(&url.as_str().parse().ok()?)?;
        Some(ProxyName { authority: origin::authority(proxy), variable })
    }

    fn url(&self, scheme: &str) -> Option<(&'static str, &Url)> {
        let special = if scheme == "https" {
            ("HTTPS_PROXY", &self.https)
        } else {
            ("HTTP_PROXY", &self.http)
        };
        let mut candidates = [special, ("ALL_PROXY", &self.all)].into_iter();
        candidates.find_map(|(variable, url)| Some((variable, url.as_ref()?)))
    }

    /// Hands them to the client that is being built; the special ones come before the general one.
    pub(super) fn apply(
        &self,
        mut builder: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        let made = [
            self.https.clone().map(reqwest::Proxy::https),
            self.http.clone().map(reqwest::Proxy::http),
            self.all.clone().map(reqwest::Proxy::all),
        ];
        for proxy in made.into_iter().flatten() {
            let direct = reqwest::NoProxy::from_string(&self.no_proxy);
            builder = builder.proxy(proxy?.no_proxy(direct));
        }
        Ok(builder)
    }
}

/// The port of a proxy; 1080 of one for SOCKS that names none (RFC 1928).
fn port(proxy: &Url) -> Option<u16> {
    let socks = proxy.scheme().starts_with("socks").then_some(1080);
    proxy.port_or_known_default().or(socks)
}

fn parse(variable: &'static str, value: Option<&Value>) -> Result<Option<Url>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
    let invalid = Error::ProxyInvalid { variable };
    let Some(text) = value.expose_str().map(str::trim) else { return Err(invalid) };
    let parsed =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    match parsed {
        Ok(url) if SCHEMES.contains(&url.scheme()) && url.has_host() => Ok(Some(url)),
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_lack_its_scheme() {
        for (given, want) in [
            ("proxy:3128", "http://proxy:3128/"),
            ("http://user:canary@proxy", "http://user:canary@proxy/"),
            (" https://proxy ", "https://proxy/"),
            ("user:canary@10.0.0.1:80", "http://user:canary@10.0.0.1/"),
        ] {
            let got = parse("ALL_PROXY", Some(&Value::from(given))).unwrap().unwrap();
            assert_eq!(got.as_str(), want);
        }
        assert!(parse("ALL_PROXY", Some(&Value::from(""))).unwrap().is_none());
    }

    #[test]
    fn only_who_is_on_the_way_is_named() {
        for (no_proxy, url, want) in [
            (None, "https://a.test", true),
            (None, "http://a.test", true),
            (None, "https://localhost", false),
            (None, "https://api.localhost", false),
            (None, "http://127.9.9.9", false),
            (None, "https://[::1]:8443", false),
            (Some("b.test"), "https://a.test", true),
            (Some("a.test"), "https://a.test", false),
            (Some("test, b.example"), "https://a.test:8443", false),
            (Some("10.0.0.0/8"), "https://10.1.2.3", false),
            (Some("*"), "https://a.test", false),
        ] {
            let all = Some(Value::from("http://user:canary@proxy:3128"));
            let proxy = Proxy { all, no_proxy: no_proxy.map(str::to_owned), ..Proxy::default() };
            let name = proxy.for_server(&Url::parse(url).unwrap()).map(|name| name.to_string());
            let text = "the proxy `proxy:3128` (ALL_PROXY)".to_owned();
            assert_eq!(name, want.then_some(text), "{no_proxy:?} {url}");
        }
    }

    #[test]
    fn the_ports_are_the_proxys_or_the_servers() {
        for (https, no_proxy, url, want) in [
            ("", None, "https://a.test", &[443][..]),
            ("", None, "https://a.test:8443", &[8443]),
            ("proxy:3128", None, "https://a.test", &[3128]),
            ("https://proxy", None, "https://a.test:8443", &[443]),
            ("proxy:3128", Some("a.test"), "https://a.test", &[3128, 443]),
            ("proxy:3128", Some("*"), "https://a.test", &[443]),
            ("proxy:3128", None, "https://localhost:8443", &[8443]),
            ("proxy:3128", None, "http://a.test", &[80]),
            ("socks5://proxy", None, "https://a.test", &[1080]),
            ("socks4://no", None, "https://a.test", &[443]),
        ] {
            let https = Some(Value::from(https));
            let proxy = Proxy { https, no_proxy: no_proxy.map(str::to_owned), ..Proxy::default() };
            assert_eq!(proxy.ports(&Url::parse(url).unwrap()), want, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_named_by_its_variable_alone() {
        for given in ["socks4://canary:1080", "http://", "://canary", "ftp://canary"] {
            let error = parse("HTTPS_PROXY", Some(&Value::from(given))).unwrap_err();
            let shown = format!("{error} {error:?} {:?}", error.hint());
            assert!(shown.contains("HTTPS_PROXY") && !shown.contains("canary"), "{shown}");
        }
    }
}
