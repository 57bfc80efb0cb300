//! Proxies: a tunnel through `HTTPS_PROXY`, past it where `NO_PROXY` or loopback says so.
//! Must not test servers behind them.

use super::fixture::{AT_ROOT, asked, env, home, map, refusal, secrets, shop, start, variables};
use crate::support::{
    infisical::{Certificate, Generation, Server},
    proxy::Proxy,
    sandbox::Sandbox,
    socks::{SocksProxy, Target},
};

/// A name that only the proxy knows; the certificate is for it.
const NAME: &str = "other.test";

fn behind() -> (Server, Proxy, Sandbox) {
    let server =
        Server::builder(Generation::V4C, shop()).certificate(Certificate::OtherName).start();
    let host = format!("{NAME}:{}", server.address().port());
    let proxy = Proxy::start(&[(host.clone(), server.address())]);
    let sandbox = home(&server).env("INFISICAL_DOMAIN", format!("https://{host}"));
    (server, proxy, sandbox)
}

#[test]
fn a_server_is_reached_through_its_proxy() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (server, proxy, sandbox) = behind();
        for address in [format!("http://{}", proxy.address()), proxy.address().to_string()] {
            let sandbox = sandbox.command(["run", "--clean-env", "--", "env", "-0"]).reveals();
            let output = sandbox.env(variable, address).run().success();
            assert_eq!(variables(&output), map(&AT_ROOT), "{variable}");
        }
        let what = format!("CONNECT {NAME}:{}", server.address().port());
        assert_eq!(proxy.asked().len(), 2, "{variable}: one connection a run");
        assert!(proxy.asked().iter().all(|asked| asked.what == what), "{variable}");
        assert_eq!(server.requests().len(), 4);
    }
}

#[test]
fn what_no_proxy_names_and_loopback_are_reached_directly() {
    let server = start();
    let proxy = Proxy::start(&[]);
    let address = format!("http://{}", proxy.address());
    let base =
        || home(&server).env("HTTP_PROXY", address.as_str()).env("ALL_PROXY", address.as_str());
    assert_eq!(secrets(&base(), &[]), map(&AT_ROOT), "loopback");
    let elsewhere = format!("http://0.0.0.0:{}", server.address().port());
    for list in ["0.0.0.0", "a.test, 0.0.0.0/8", "*"] {
        let sandbox = base().env("NO_PROXY", list).env("INFISICAL_DOMAIN", elsewhere.as_str());
        assert_eq!(secrets(&sandbox, &["--insecure-http"]), map(&AT_ROOT), "{list}");
    }
    assert_eq!(proxy.asked(), []);
    let sandbox = base().env("NO_PROXY", "0.0.0.1").env("INFISICAL_DOMAIN", elsewhere.as_str());
    refusal(&sandbox, &["--insecure-http"]);
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn the_proxys_password_is_sent_to_it_and_shown_to_nobody() {
    let (server, proxy, sandbox) = behind();
    let address = format!("http://ada:canary-of-the-proxy@{}", proxy.address());
    let sandbox = sandbox.env("HTTPS_PROXY", address.as_str());
    let output = env(&sandbox, &["-v"]).run().success();
    assert!(!output.stderr.contains("ada"), "{}", output.stderr);
    let basic = "Basic YWRhOmNhbmFyeS1vZi10aGUtcHJveHk=".to_owned();
    assert_eq!(proxy.asked()[0].authorization, Some(basic));
    for request in server.requests() {
        assert_eq!(request.header("proxy-authorization"), None);
    }
    // Whatever goes wrong with it, the sandbox looks for the canary in what is said.
    let wrong = Proxy::start(&[]);
    for (address, want) in [
        (format!("http://ada:canary@{}", wrong.address()), "refuses to connect to `https://other"),
        ("http://ada:canary@127.0.0.1:1".into(), "cannot connect to the proxy"),
        ("socks5h://ada:canary@127.0.0.1:1".into(), "cannot connect to the proxy"),
        ("socks4://ada:canary@127.0.0.1:1".into(), "the value of `HTTPS_PROXY` is not the URL"),
        ("http://ada:canary@".into(), "the value of `HTTPS_PROXY` is not the URL"),
    ] {
        let said = refusal(&behind().2.env("HTTPS_PROXY", address.as_str()), &["--timeout", "1s"]);
        assert!(said.contains(want), "{said}");
        assert!(!said.contains("ada"), "{said}");
    }
    assert_eq!(asked(&server).len(), 2);
}

#[test]
fn a_header_of_a_web_request_makes_no_proxy() {
    // A CGI server puts the header `Proxy` into HTTP_PROXY.
    let server = start();
    let proxy = Proxy::start(&[]);
    let elsewhere = format!("http://0.0.0.0:{}", server.address().port());
    let sandbox = home(&server)
        .env("INFISICAL_DOMAIN", elsewhere)
        .env("HTTP_PROXY", format!("http://{}", proxy.address()))
        .env("REQUEST_METHOD", "GET");
    assert_eq!(secrets(&sandbox, &["--insecure-http"]), map(&AT_ROOT));
    assert_eq!(proxy.asked(), []);
}

/// A server that only this SOCKS proxy can find by its name.
fn behind_socks(login: Option<(&str, &str)>) -> (Server, SocksProxy, Sandbox) {
    let server =
        Server::builder(Generation::V4C, shop()).certificate(Certificate::OtherName).start();
    let host = format!("{NAME}:{}", server.address().port());
    let proxy = SocksProxy::start(&[(host.clone(), server.address())], login);
    let sandbox = home(&server).env("INFISICAL_DOMAIN", format!("https://{host}"));
    (server, proxy, sandbox)
}

#[test]
fn a_socks_proxy_resolves_the_name() {
    for variable in ["ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        let (server, proxy, sandbox) = behind_socks(None);
        let sandbox = sandbox.env(variable, format!("socks5h://{}", proxy.address()));
        assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{variable}");
        let want = Target::Name(format!("{NAME}:{}", server.address().port()));
        assert_eq!(proxy.asked(), [want], "{variable}: one connection");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_socks_proxy_is_not_asked_for_what_no_proxy_names() {
    let (_server, proxy, sandbox) = behind_socks(None);
    let address = format!("socks5h://{}", proxy.address());
    let sandbox = sandbox.env("ALL_PROXY", address).env("NO_PROXY", "test");
    refusal(&sandbox, &["--timeout", "1s"]);
    assert_eq!(proxy.asked(), []);
}

#[test]
fn a_socks_proxy_gets_its_password_and_nobody_else_sees_it() {
    let (server, proxy, sandbox) = behind_socks(Some(("ada", "canary-of-socks")));
    let address = |login: &str| format!("socks5h://{login}{}", proxy.address());
    let right = sandbox.env("ALL_PROXY", address("ada:canary-of-socks@"));
    assert_eq!(secrets(&right, &[]), map(&AT_ROOT));
    for login in ["ada:canary-wrong@", ""] {
        let (_server, _proxy, sandbox) = behind_socks(None);
        let sandbox = sandbox.env("ALL_PROXY", address(login));
        let said = refusal(&sandbox, &["--timeout", "2s"]);
        assert!(said.contains("proxy") && !said.contains("ada"), "{said}");
    }
    assert_eq!(proxy.asked().len(), 1);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_host_that_a_socks_proxy_cannot_reach_is_reported_with_the_proxy() {
    let (_server, _proxy, sandbox) = behind_socks(None);
    let other = SocksProxy::start(&[], None);
    let sandbox = sandbox.env("ALL_PROXY", format!("socks5h://{}", other.address()));
    let said = refusal(&sandbox, &["--timeout", "2s"]);
    assert!(said.contains("proxy"), "{said}");
    assert!(!other.asked().is_empty());
}
