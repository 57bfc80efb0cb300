//! Proxies as the configuration passes them on. Nothing here reads an environment variable. A proxy's URL is
//! a secret as a whole, because it may contain a password.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::error::{Error, ProxyName};
use super::origin;
use crate::secret::Value;

/// Hosts that never use a proxy: plain http is allowed to loopback only because it stays on the machine.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// What a fixed proxy is set by.
const FIXED: &str = "proxy-url";

/// HTTP, HTTP over TLS, and SOCKS5; with `socks5h` the proxy resolves the names.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// The proxies, with the syntax of the variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    /// For `https` URLs.
    pub https: Option<Value>,
    /// For `http` URLs.
    pub http: Option<Value>,
    /// For URLs that have no proxy of their own.
    pub all: Option<Value>,
    /// Hosts and networks that are reached directly.
    pub no_proxy: Option<String>,
    /// The proxy for every URL, whatever the others are: that of a store's own configuration (`proxy-url`).
    pub fixed: Option<Value>,
}

impl Proxy {
    /// The proxy for this URL, unless `no_proxy` excludes it. Only the variable in question is parsed.
    ///
    /// # Errors
    /// The variable holds no valid URL of a proxy.
    pub fn for_server(&self, url: &Url) -> Result<Option<ProxyName>, Error> {
        let name =
            |(variable, url): (_, Url)| ProxyName { authority: origin::authority(&url), variable };
        if self.fixed.is_some() {
            return Ok(self.select(url.scheme())?.map(name));
        }
        // The matcher that reqwest itself uses.
        let matcher = Matcher::builder().all("http://proxy").no(self.direct_hosts()).build();
        let is_direct = url.as_str().parse().is_ok_and(|uri| matcher.intercept(&uri).is_none());
        if is_direct || self.excludes_everything() {
            return Ok(None);
        }
        Ok(self.select(url.scheme())?.map(name))
    }

    /// The TCP ports that requests to this URL need: the proxy's if there is one, and the server's own if
    /// there is none or `no_proxy` may exclude the server.
    pub fn ports(&self, url: &Url) -> Vec<u16> {
        let is_exempt = origin::is_loopback(url) && self.fixed.is_none();
        let proxy = self.select(url.scheme()).ok().flatten().filter(|_| !is_exempt);
        let own = url.port_or_known_default();
        // A cloud's metadata server is reached directly.
        let may_be_exempt = self.no_proxy.is_some() || origin::is_link_local(url);
        let is_direct = proxy.is_none() || (may_be_exempt && self.fixed.is_none());
        let proxy = proxy.and_then(|(_, proxy)| proxy.port_or_known_default());
        proxy.into_iter().chain(own.filter(|_| is_direct)).collect()
    }

    /// Whether requests of this scheme may need TLS to the proxy.
    pub(super) fn needs_tls(&self, scheme: &str) -> bool {
        matches!(self.select(scheme), Ok(Some((_, proxy))) if proxy.scheme() == "https")
    }

    /// Adds the proxy for requests of this scheme to a client. [`Self::for_server`] reports an invalid one.
    pub(super) fn apply(
        &self,
        scheme: &str,
        builder: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        let Ok(Some((_, proxy))) = self.select(scheme) else { return Ok(builder) };
        if self.fixed.is_some() {
            return Ok(builder.proxy(reqwest::Proxy::all(proxy)?));
        }
        let direct = reqwest::NoProxy::from_string(&self.direct_hosts());
        Ok(builder.proxy(reqwest::Proxy::all(proxy)?.no_proxy(direct)))
    }

    /// The same proxies, and one more host that is reached directly.
    pub(super) fn without(mut self, origin: &url::Origin) -> Self {
        if let url::Origin::Tuple(_, host, _) = origin {
            let host = host.to_string();
            let list = self.no_proxy.get_or_insert_default();
            *list = format!("{},{list}", host.trim_matches(['[', ']']));
        }
        self
    }

    fn direct_hosts(&self) -> String {
        format!("{LOOPBACK},{}", self.no_proxy.as_deref().unwrap_or_default())
    }

    /// Whether `no_proxy` has an asterisk, which the matcher takes for a name.
    fn excludes_everything(&self) -> bool {
        self.no_proxy.iter().flat_map(|list| list.split(',')).any(|host| host.trim() == "*")
    }

    fn select(&self, scheme: &str) -> Result<Option<(&'static str, Url)>, Error> {
        if let Some(fixed) = &self.fixed {
            let url = parse(fixed).ok_or(Error::ProxyInvalid { variable: FIXED })?;
            return Ok(Some((FIXED, url)));
        }
        let own = if scheme == "https" {
            ("HTTPS_PROXY", &self.https)
        } else {
            ("HTTP_PROXY", &self.http)
        };
        let is_set = |value: &&Value| !value.is_empty();
        let mut variables = [own, ("ALL_PROXY", &self.all)].into_iter();
        let selected =
            variables.find_map(|(name, value)| Some((name, value.as_ref().filter(is_set)?)));
        let Some((variable, value)) = selected.filter(|_| !self.excludes_everything()) else {
            return Ok(None);
        };
        let url = parse(value).ok_or(Error::ProxyInvalid { variable })?;
        Ok(Some((variable, url)))
    }
}

fn parse(value: &Value) -> Option<Url> {
    let text = value.expose_str()?.trim();
    let with_scheme;
    let text = if text.contains("://") {
        text
    } else {
        with_scheme = zeroize::Zeroizing::new(format!("http://{text}"));
        &with_scheme
    };
    let url = Url::parse(text).ok();
    let mut url = url.filter(|url| SCHEMES.contains(&url.scheme()) && url.has_host())?;
    if url.port_or_known_default().is_none() {
        // The port of SOCKS (RFC 1928), which no library adds.
        url.set_port(Some(1080)).ok()?;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_optional() {
        for (given, want) in [
            ("proxy:3128", "http://proxy:3128/"),
            ("http://user:canary@proxy", "http://user:canary@proxy/"),
            (" https://proxy ", "https://proxy/"),
            ("user:canary@10.0.0.1:80", "http://user:canary@10.0.0.1/"),
            ("socks5h://proxy", "socks5h://proxy:1080"),
        ] {
            assert_eq!(parse(&Value::from(given)).unwrap().as_str(), want);
        }
        let empty = Proxy { all: Some(Value::from("")), ..Proxy::default() };
        assert!(empty.select("https").unwrap().is_none());
    }

    #[test]
    fn the_proxy_of_a_url_is_named_without_its_password() {
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
            let name =
                proxy.for_server(&Url::parse(url).unwrap()).unwrap().map(|name| name.to_string());
            let text = "the proxy `proxy:3128` (ALL_PROXY)".to_owned();
            assert_eq!(name, want.then_some(text), "{no_proxy:?} {url}");
        }
    }

    #[test]
    fn the_ports_are_of_the_proxy_or_of_the_server() {
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
            ("proxy:3128", None, "https://169.254.169.254", &[3128, 443]),
        ] {
            let https = Some(Value::from(https));
            let proxy = Proxy { https, no_proxy: no_proxy.map(str::to_owned), ..Proxy::default() };
            assert_eq!(proxy.ports(&Url::parse(url).unwrap()), want, "{url}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_an_error_only_where_it_is_used() {
        let server = |url| Url::parse(url).unwrap();
        for given in ["socks4://canary:1080", "http://", "://canary", "ftp://canary"] {
            let https = Some(Value::from(given));
            let proxy = Proxy { https, no_proxy: Some("b.test".to_owned()), ..Proxy::default() };
            let error = proxy.for_server(&server("https://a.test")).unwrap_err();
            let shown = format!("{error} {error:?} {:?}", error.hint());
            assert!(shown.contains("HTTPS_PROXY") && !shown.contains("canary"), "{shown}");
            for url in ["http://a.test", "https://b.test", "https://localhost"] {
                assert!(proxy.for_server(&server(url)).unwrap().is_none(), "{given} {url}");
            }
        }
    }

    #[test]
    fn a_host_that_is_reached_directly_is_added_to_the_others() {
        let all = Some(Value::from("proxy:3128"));
        let proxy = Proxy { all, no_proxy: Some("a.test".to_owned()), ..Proxy::default() };
        let proxy = proxy.without(&Url::parse("http://169.254.169.254").unwrap().origin());
        let proxy = proxy.without(&Url::parse("http://[fd00:ec2::254]:80").unwrap().origin());
        for (url, want) in [
            ("http://169.254.169.254/latest", false),
            ("http://[fd00:ec2::254]/latest", false),
            ("http://a.test", false),
            ("http://b.test", true),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(proxy.for_server(&url).unwrap().is_some(), want, "{url}");
        }
    }

    #[test]
    fn a_fixed_proxy_is_for_every_url() {
        for (fixed, want) in [
            ("http://user:canary@10.0.0.1:3128", "the proxy `10.0.0.1:3128` (proxy-url)"),
            ("socks5h://10.0.0.1", "the proxy `10.0.0.1:1080` (proxy-url)"),
        ] {
            let fixed = Some(Value::from(fixed));
            let no_proxy = Some("*".to_owned());
            let https = Some(Value::from("http://other"));
            let proxy = Proxy { fixed, https, no_proxy, ..Proxy::default() };
            for url in ["https://a.test", "https://localhost:6443", "http://127.0.0.1"] {
                let url = Url::parse(url).unwrap();
                let name = proxy.for_server(&url).unwrap().unwrap();
                assert_eq!(name.to_string(), want);
                assert_eq!(proxy.ports(&url).len(), 1);
            }
        }
    }
}
