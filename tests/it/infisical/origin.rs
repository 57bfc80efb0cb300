//! Where credentials go: over TLS or to this machine, and to the server that was named alone.
//! Must not test who may name it: that is `trust`.

use super::fixture::{AT_ROOT, LIST, LOGIN, asked, home, map, refusal, secrets, shop, start};
use crate::support::infisical::{Certificate, Fault, FaultKind, Generation, Server};

#[test]
fn no_redirect_leads_to_another_server() {
    for tls in [false, true] {
        for path in [LOGIN, LIST] {
            let builder = || Server::builder(Generation::V4C, shop());
            let server = if tls { builder().start() } else { builder().plain().start() };
            let other = start();
            server.fault(Fault::on(path, FaultKind::Redirect(format!("{}{path}", other.url()))));
            let said = refusal(&home(&server), &[]);
            let want = format!("`{}` redirects to `{}`, which", server.url(), other.url());
            assert!(said.contains(&want), "{said}");
            assert_eq!(asked(&other), [""; 0]);
        }
    }
}

#[test]
fn a_redirect_within_the_server_is_followed_for_what_only_reads() {
    let server = start();
    let query = "environment=dev&includeImports=true&expandSecretReferences=true&projectId=";
    let to = format!("{LIST}/?{query}{}", super::fixture::project_id(&server));
    server.fault(Fault::on(LIST, FaultKind::Redirect(to)).times(1));
    assert_eq!(secrets(&home(&server), &[]), map(&AT_ROOT));
    server.fault(Fault::on(LOGIN, FaultKind::Redirect(LOGIN.into())));
    server.forget();
    let said = refusal(&home(&server), &[]);
    assert!(said.contains("sent a redirect that cannot be followed (307)\n"), "{said}");
    assert_eq!(asked(&server).len(), 1);
    server.heal();
    server.fault(Fault::on(LIST, FaultKind::Redirect(LIST.into())));
    assert!(refusal(&home(&server), &[]).contains("redirects more than 5 times\n"));
}

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    let server = start();
    // The kernel takes this address for loopback; a URL with it does not say so.
    let port = server.address().port();
    let elsewhere = format!("http://0.0.0.0:{port}");
    let sandbox = home(&server).env("INFISICAL_DOMAIN", elsewhere.as_str());
    let said = refusal(&sandbox, &[]);
    let want = format!("caused by: `{elsewhere}` uses plain http, which would expose credentials");
    assert!(said.contains(&want), "{said}");
    assert!(said.contains("hint: use https, or allow plain http with --insecure-http\n"), "{said}");
    assert_eq!(asked(&server), [""; 0]);
    let config = "[source.i]\ntype = \"infisical\"\ninsecure-http = true\n";
    let base = || home(&server).env("INFISICAL_DOMAIN", elsewhere.as_str());
    for (sandbox, flags) in [
        (base(), vec!["--insecure-http"]),
        (base().env("HUSHED_INSECURE_HTTP", "true"), vec![]),
        (base().file("mine.toml", config), vec!["--config", "mine.toml"]),
    ] {
        assert_eq!(secrets(&sandbox, &flags), map(&AT_ROOT), "{flags:?}");
    }
    for name in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1", "2130706433"] {
        let sandbox = home(&server).env("INFISICAL_DOMAIN", format!("http://{name}:{port}"));
        if name.starts_with('[') {
            assert!(refusal(&sandbox, &[]).contains("uses plain http"), "{name}");
        } else {
            assert_eq!(secrets(&sandbox, &[]), map(&AT_ROOT), "{name}");
        }
    }
}

#[test]
fn a_server_without_the_right_certificate_gets_nothing() {
    let other = Server::start(Generation::V4C, shop());
    for (certificate, want) in [
        (Certificate::Expired, "its certificate has expired"),
        (Certificate::OtherName, "its certificate is not for this name, but for `other.test`"),
        (Certificate::Right, "its certificate was issued by an authority that is not trusted"),
    ] {
        let server = Server::builder(Generation::V4C, shop()).certificate(certificate).start();
        let mut sandbox = home(&server);
        if certificate == Certificate::Right {
            sandbox = sandbox.env("SSL_CERT_FILE", other.ca_file());
        }
        let said = refusal(&sandbox, &[]);
        assert!(said.contains(&format!("caused by: {want}\n")), "{said}");
        assert_eq!(asked(&server), [""; 0]);
    }
    let plain = start();
    let sandbox = home(&plain).env("INFISICAL_DOMAIN", format!("https://{}", plain.address()));
    assert!(refusal(&sandbox, &[]).contains("it does not speak TLS\n"));
}

#[test]
fn an_authority_is_named_by_flag_variable_or_key() {
    let server = Server::start(Generation::V4C, shop());
    let other = Server::start(Generation::V4C, shop());
    let file = server.ca_file().display().to_string();
    let base = || home(&server).env("SSL_CERT_FILE", other.ca_file());
    let config = format!("[source.i]\ntype = \"infisical\"\nca-file = \"{file}\"\n");
    for (sandbox, flags) in [
        (home(&server), vec![]),
        (base(), vec!["--ca-file", &file]),
        (base().env("HUSHED_CA_FILE", file.as_str()), vec![]),
        (base().file("mine.toml", config), vec!["--config", "mine.toml"]),
    ] {
        assert_eq!(secrets(&sandbox, &flags), map(&AT_ROOT), "{flags:?}");
    }
    for (path, want) in
        [("nowhere", "cannot read the CA file"), ("empty", "contains no certificate")]
    {
        let sandbox = home(&server).file("empty", "");
        assert!(refusal(&sandbox, &["--ca-file", path]).contains(want), "{path}");
    }
}
