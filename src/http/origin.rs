//! Origins and hosts of URLs: their text for messages, and whether they are on this machine. No name is
//! resolved here.

use url::Host;
use url::Url;

/// The origin, such as `https://host` or `https://host:port`, without the rest of the URL.
pub(super) fn text(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The `host:port` that a connection goes to.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the host is a loopback address or `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => is_localhost(name),
        None => false,
    }
}

/// Whether the host is an address of this network segment, as the metadata servers of clouds have.
pub(super) fn is_link_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_unicast_link_local() || address.is_unique_local(),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Whether the name is `localhost` or a subdomain of it (RFC 6761, 6.3).
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether the name is `invalid` or a subdomain of it, which never exists (RFC 6761, 6.4).
pub(super) fn is_invalid(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "invalid" || name.ends_with(".invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_what_cannot_leave_the_machine() {
        for (url, want) in [
            ("http://127.0.0.1:8080/", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("http://localhost", true),
            ("http://LOCALHOST:1", true),
            ("http://localhost.", false),
            ("http://api.localhost", true),
            ("http://localhost.example.com", false),
            ("http://notlocalhost", false),
            ("http://128.0.0.1", false),
            ("http://[::2]", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), want, "{url}");
        }
    }

    #[test]
    fn a_reserved_name_is_known_by_its_end() {
        for (name, want) in [
            ("secrets.invalid", true),
            ("INVALID", true),
            ("invalid.example.com", false),
            ("notinvalid", false),
        ] {
            assert_eq!(is_invalid(name), want, "{name}");
        }
    }

    #[test]
    fn an_origin_shows_neither_user_nor_path() {
        let url = Url::parse("https://user:canary@example.com:8443/path?canary#x").unwrap();
        assert_eq!(text(&url), "https://example.com:8443");
        assert_eq!(authority(&url), "example.com:8443");
        assert_eq!(authority(&Url::parse("https://example.com/").unwrap()), "example.com:443");
    }
}
