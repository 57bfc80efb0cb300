//! The client against a server that answers what each test wrote down.

use std::cell::Cell;
use std::time::{Duration, Instant};

use url::Url;

use super::retry::RetryPolicy;
use super::stub::{Stub, answer, run};
use super::{Authorize, Bearer, Client, Error, FieldValue, Options, Proxy, Request};
use crate::secret::Value;

const OK: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

fn client(options: Options) -> Client {
    let policy = RetryPolicy { base: Duration::from_millis(1), ..RetryPolicy::default() };
    Client::with_limits(options, policy, 1000)
}

fn ok() -> Client {
    client(Options::default())
}

#[test]
fn a_get_and_a_post_carry_what_they_must_and_no_more() {
    run(async {
        let server = Stub::answering(&[OK]).await;
        let mut url = server.url.join("/api/x?a=b").unwrap();
        url.set_username("user").unwrap();
        url.set_password(Some("canary-user")).unwrap();
        let token = Value::from("canary-token");
        let response =
            ok().send(&Request::get(&url).authorized(&Bearer(&token)).unwrap()).await.unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
        ok().send(&Request::post(&url, &Value::from("{\"a\":\"canary-body\"}"))).await.unwrap();

        let asked = server.asked();
        let (get, post) = (&asked[0], &asked[1]);
        assert!(get.starts_with("GET /api/x?a=b HTTP/1.1\r\n"), "{get}");
        assert!(get.contains("authorization: Bearer canary-token\r\n"), "{get}");
        assert!(get.contains("accept: application/json\r\n"), "{get}");
        assert!(get.contains(concat!("user-agent: hushed/", env!("CARGO_PKG_VERSION"), "\r\n")));
        assert!(!get.contains("content-type") && !get.contains("Basic"), "{get}");
        assert!(post.starts_with("POST ") && post.ends_with("{\"a\":\"canary-body\"}"), "{post}");
        assert!(post.contains("content-type: application/json\r\n"), "{post}");
        assert!(!post.contains("authorization"), "{post}");
    });
}

#[test]
fn an_answer_worth_repeating_is_asked_for_again() {
    // Chance takes half of the time at most.
    let impatient = || client(Options { timeout: Duration::from_secs(2), ..Options::default() });
    for first in [
        answer(503, "", "<html>"),
        answer(502, "", ""),
        answer(504, "", ""),
        answer(429, "retry-after: 0\r\n", ""),
        answer(500, "retry-after: 0\r\n", ""),
    ] {
        run(async {
            let server = Stub::answering(&[&first, OK]).await;
            assert_eq!(
                impatient().send(&Request::get(&server.url)).await.unwrap().status,
                200,
                "{first}"
            );
            assert_eq!(server.asked().len(), 2);
        });
    }
}

#[test]
fn other_answers_are_handed_over_at_once() {
    for status in [200, 304, 400, 401, 403, 404, 422, 500] {
        run(async {
            let server = Stub::answering(&[&answer(status, "", "x")]).await;
            assert_eq!(ok().send(&Request::get(&server.url)).await.unwrap().status, status);
            assert_eq!(
                ok().send(&Request::post(&server.url, &Value::from("{}"))).await.unwrap().status,
                status
            );
            assert_eq!(server.asked().len(), 2);
        });
    }
}

#[test]
fn the_attempts_end_with_an_error_that_counts_them() {
    run(async {
        let server = Stub::answering(&[&answer(503, "", "")]).await;
        let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { status: 503, attempts: 5, .. }), "{error}");
        assert_eq!(server.asked().len(), 5);
    });
}

#[test]
fn a_wait_beyond_the_deadline_is_told_at_once() {
    for (status, headers, body) in [
        (429, "retry-after: 56\r\n", ""),
        (500, "retry-after: 56\r\nx-ratelimit-remaining: 0\r\n", "{}"),
        (429, "", "Please try again in 56 seconds"),
    ] {
        run(async {
            let server = Stub::answering(&[&answer(status, headers, body)]).await;
            let begun = Instant::now();
            let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
            assert!(matches!(error, Error::RateLimited { .. }), "{error}");
            assert!(error.to_string().ends_with("asks to wait 56 s"), "{error}");
            let hint = "try again in 56 s, or increase --timeout";
            assert_eq!(error.hint().unwrap(), hint);
            assert!(begun.elapsed() < Duration::from_secs(10));
            assert_eq!(server.asked().len(), 1);
        });
    }
}

#[test]
fn a_lost_connection_is_repeated_for_a_read_and_not_for_a_login() {
    run(async {
        let server = Stub::answering(&["", OK]).await;
        assert_eq!(ok().send(&Request::get(&server.url)).await.unwrap().status, 200);
        assert_eq!(server.asked().len(), 2);

        let server = Stub::answering(&["", OK]).await;
        let error = ok().send(&Request::post(&server.url, &Value::from("{}"))).await.unwrap_err();
        assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
        assert_eq!(server.asked().len(), 1);
    });
}

#[test]
fn a_request_for_single_use_is_repeated_only_where_it_was_certainly_not_processed() {
    for (first, asked) in [
        (answer(502, "", ""), 1),
        (answer(504, "", ""), 1),
        (answer(500, "retry-after: 0\r\n", ""), 1),
        (String::new(), 1),
        (answer(503, "", ""), 2),
        (answer(429, "retry-after: 0\r\n", ""), 2),
    ] {
        run(async {
            let server = Stub::answering(&[&first, OK]).await;
            let request = Request::get(&server.url).with_header("x-public", "a b").single_use();
            let outcome = ok().send(&request).await;
            assert_eq!((server.asked().len(), outcome.is_ok()), (asked, asked == 2), "{first}");
            assert!(server.asked()[0].contains("\r\nx-public: a b\r\n"));
        });
    }
}

#[test]
fn a_unix_socket_takes_the_place_of_host_and_proxy() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let asked = tokio::task::spawn_local(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 1000];
            let count = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, OK.as_bytes()).await.unwrap();
            String::from_utf8(head[..count].to_vec()).unwrap()
        });
        let proxy = Proxy { all: Some(Value::from("http://127.0.0.1:1")), ..Proxy::default() };
        let options = Options { unix_socket: Some(path), proxy, ..Options::default() };
        let url = Url::parse("http://localhost/v1/x").unwrap();
        assert_eq!(client(options).send(&Request::get(&url)).await.unwrap().status, 200);
        assert!(asked.await.unwrap().starts_with("GET /v1/x HTTP/1.1\r\n"));
    });
}

#[test]
fn a_body_that_breaks_off_is_an_error() {
    run(async {
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n0123456789";
        let server = Stub::answering(&[cut]).await;
        let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::Truncated { received: 10, .. }), "{error}");
        assert_eq!(server.asked().len(), 5);

        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n";
        let server = Stub::answering(&[chunked]).await;
        let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::Truncated { received: 3, .. }), "{error}");
    });
}

#[test]
fn a_body_over_the_limit_is_an_error_announced_or_not() {
    run(async {
        let long = "x".repeat(1001);
        let chunked = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n{long}\r\n0\r\n\r\n"
        );
        for answer in [answer(200, "", &long), chunked] {
            let server = Stub::answering(&[&answer]).await;
            let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
            assert!(matches!(error, Error::BodyTooLarge { limit: 1000, .. }), "{error}");
            assert_eq!(server.asked().len(), 1);
        }
        let server = Stub::answering(&[&answer(200, "", &"x".repeat(1000))]).await;
        assert_eq!(ok().send(&Request::get(&server.url)).await.unwrap().body.len(), 1000);
    });
}

#[test]
fn credentials_follow_a_redirect_within_the_origin_only() {
    run(async {
        let other = Stub::answering(&[OK]).await;
        let location = format!("location: {}there\r\n", other.url);
        let server = Stub::answering(&[&answer(307, &location, "")]).await;
        let token = Value::from("canary");
        for result in [
            ok().send(&Request::get(&server.url).authorized(&Bearer(&token)).unwrap()).await,
            ok().send(&Request::post(&server.url, &Value::from("{\"secret\":\"canary\"}"))).await,
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::CrossOriginRedirect { .. }), "{error}");
            let text = error.to_string();
            let port = |url: &Url| url.port().unwrap().to_string();
            assert!(
                text.contains(&port(&server.url)) && text.contains(&port(&other.url)),
                "{text}"
            );
        }
        assert!(other.asked().is_empty());

        let server = Stub::answering(&[&answer(301, "location: /there\r\n", ""), OK]).await;
        assert_eq!(
            ok().send(&Request::get(&server.url).authorized(&Bearer(&token)).unwrap())
                .await
                .unwrap()
                .status,
            200
        );
        assert!(server.asked()[1].starts_with("GET /there "));
        assert!(server.asked()[1].contains("Bearer canary"));
    });
}

#[test]
fn redirects_end_and_a_login_is_never_redirected() {
    run(async {
        let server = Stub::answering(&[&answer(302, "location: /\r\n", "")]).await;
        let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::TooManyRedirects { limit: 5, .. }), "{error}");
        assert_eq!(server.asked().len(), 6);

        let error = ok().send(&Request::post(&server.url, &Value::from("{}"))).await.unwrap_err();
        assert!(matches!(error, Error::InvalidRedirect { status: 302, .. }), "{error}");
        assert_eq!(server.asked().len(), 7);

        let server = Stub::answering(&[&answer(302, "", "")]).await;
        let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::InvalidRedirect { status: 302, .. }), "{error}");
    });
}

#[test]
fn plain_http_leaves_the_machine_only_when_that_is_allowed() {
    run(async {
        let url = Url::parse("http://user:canary@192.0.2.1:81/canary").unwrap();
        let error = ok().send(&Request::get(&url)).await.unwrap_err();
        assert!(matches!(&error, Error::PlainHttp { origin } if origin == "http://192.0.2.1:81"));

        // 192.0.2.1 is routed nowhere: what matters is that it was tried.
        let options = Options {
            insecure_http: true,
            timeout: Duration::from_millis(100),
            ..Options::default()
        };
        let error = client(options).send(&Request::get(&url)).await.unwrap_err();
        assert!(!matches!(error, Error::PlainHttp { .. }), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    });
}

#[test]
fn a_server_that_never_answers_meets_the_deadline() {
    run(async {
        let server = Stub::new(|_| None).await;
        let options = Options { timeout: Duration::from_millis(200), ..Options::default() };
        let error = client(options).send(&Request::get(&server.url)).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
        assert!(error.to_string().ends_with("within 0.2 s"), "{error}");

        let first = Cell::new(true);
        let unavailable = answer(503, "", "");
        let server = Stub::new(move |_| first.take().then(|| unavailable.clone().into())).await;
        let options = Options { timeout: Duration::from_millis(200), ..Options::default() };
        let error = client(options).send(&Request::get(&server.url)).await.unwrap_err();
        let Error::Timeout { source: Some(before), .. } = error else { panic!("{error}") };
        assert!(matches!(*before, Error::Unavailable { status: 503, attempts: 1, .. }), "{before}");
    });
}

#[test]
fn a_closed_port_and_an_unknown_host_are_told_apart() {
    run(async {
        let url = Stub::answering(&[OK]).await.url.clone();
        tokio::task::yield_now().await;
        let error = ok().send(&Request::get(&url)).await.unwrap_err();
        let authority = format!("127.0.0.1:{}", url.port().unwrap());
        assert!(
            matches!(&error, Error::Refused { authority: got } if *got == authority),
            "{error}"
        );

        let url = Url::parse("https://nothing.invalid").unwrap();
        let error = ok().send(&Request::get(&url)).await.unwrap_err();
        // Without a network the resolver cannot know that the name does not exist.
        assert!(matches!(error, Error::HostUnknown { .. } | Error::LookupFailed { .. }), "{error}");
        assert!(error.to_string().contains("nothing.invalid"), "{error}");
    });
}

#[test]
fn the_proxys_faults_are_told_from_the_servers() {
    run(async {
        let url = Url::parse("https://example.com/").unwrap();
        let through = |proxy: &Url| {
            let mut proxy = proxy.clone();
            proxy.set_username("canary-user").unwrap();
            proxy.set_password(Some("canary-password")).unwrap();
            let https = Some(Value::from(proxy.as_str()));
            client(Options { proxy: Proxy { https, ..Proxy::default() }, ..Options::default() })
        };
        let asks = Stub::answering(&["HTTP/1.1 407 X\r\nproxy-authenticate: Basic\r\n\r\n"]).await;
        let error = through(&asks.url).send(&Request::get(&url)).await.unwrap_err();
        assert!(matches!(error, Error::ProxyAuth { .. }), "{error}");
        assert!(asks.asked()[0].starts_with("CONNECT example.com:443 "), "{}", asks.asked()[0]);
        assert!(asks.asked()[0].contains("authorization: Basic "), "{}", asks.asked()[0]);

        let denies = Stub::answering(&["HTTP/1.1 403 X\r\n\r\n"]).await;
        let error = through(&denies.url).send(&Request::get(&url)).await.unwrap_err();
        assert!(matches!(error, Error::ProxyRefused { .. }), "{error}");

        assert_eq!(denies.asked().len(), 5, "nothing was sent to the server");

        let ends = Stub::answering(&[""]).await;
        let error = through(&ends.url).send(&Request::get(&url)).await.unwrap_err();
        assert!(matches!(error, Error::ProxyLost { .. }), "{error}");

        let gone = Stub::answering(&[OK]).await.url.clone();
        tokio::task::yield_now().await;
        let client = through(&gone);
        let error = client.send(&Request::get(&url)).await.unwrap_err();
        assert!(matches!(error, Error::ProxyUnreachable { .. }), "{error}");
        let nameless = through(&Url::parse("http://proxy.invalid:3128").unwrap());
        let nowhere = nameless.send(&Request::get(&url)).await.unwrap_err();
        let Error::ProxyUnreachable { source, .. } = &nowhere else { panic!("{nowhere}") };
        assert_eq!(source.to_string(), "there is no such name");
        let shown = format!("{error} {error:?} {client:?}");
        assert!(!shown.contains("canary"), "{shown}");
    });
}

#[test]
fn a_connection_that_is_not_made_is_told_from_an_answer_that_does_not_come() {
    run(async {
        // One in a queue for none: Linux drops every further SYN.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let _first = tokio::net::TcpStream::connect(address).await.unwrap();
        let server = Url::parse(&format!("http://{address}/")).unwrap();
        let (short, long) = (Duration::from_millis(100), Duration::from_secs(20));
        let options = |connect_timeout, timeout| Options {
            connect_timeout,
            timeout,
            insecure_http: true,
            ..Options::default()
        };
        // Its own time is over each time, or the whole time once, or the whole time at the second time.
        for (connect, whole, after) in
            [(short, long, short), (long, short, short), (3 * short, 4 * short, 4 * short)]
        {
            let error =
                client(options(connect, whole)).send(&Request::get(&server)).await.unwrap_err();
            let Error::ConnectTimeout { authority, proxy: None, after: told } = &error else {
                panic!("{error}")
            };
            assert_eq!((authority, *told), (&address.to_string(), after), "{error}");
            assert!(error.is_unreachable() && error.hint().unwrap().contains("firewall"));
        }
        assert_eq!(Options::default().connect_timeout, Duration::from_secs(5));

        // A proxy that is not there is named.
        let proxy = Proxy { all: Some(Value::from(server.as_str())), ..Proxy::default() };
        let through = client(Options { proxy, ..options(long, short) });
        let error = through
            .send(&Request::get(&Url::parse("http://192.0.2.1").unwrap()))
            .await
            .unwrap_err();
        let want = format!("through the proxy `{address}` (ALL_PROXY) within 0.1 s");
        assert!(error.to_string().ends_with(&want), "{error}");
        assert!(error.hint().unwrap().contains("NO_PROXY"));

        // There was a connection: what became of it says more.
        let silent = Stub::new(|_| None).await;
        let error =
            client(options(long, short)).send(&Request::get(&silent.url)).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { source: None, .. }), "{error}");
    });
}

#[test]
fn plain_http_goes_through_its_proxy_but_loopback_never_does() {
    run(async {
        let proxy = Stub::answering(&[OK]).await;
        let server = Stub::answering(&[OK]).await;
        let all = Some(Value::from(proxy.url.as_str()));
        let with = |no_proxy: Option<&str>| {
            let proxy = Proxy {
                all: all.clone(),
                no_proxy: no_proxy.map(str::to_owned),
                ..Proxy::default()
            };
            let timeout = Duration::from_millis(200);
            client(Options { proxy, timeout, insecure_http: true, ..Options::default() })
        };
        let mut named = server.url.clone();
        named.set_host(Some("api.localhost")).unwrap();
        with(None).send(&Request::get(&server.url)).await.unwrap();
        with(Some("")).send(&Request::get(&named)).await.unwrap();
        with(Some("example.com")).send(&Request::get(&server.url)).await.unwrap();
        assert_eq!((proxy.asked().len(), server.asked().len()), (0, 3));

        let far = Url::parse("http://192.0.2.1/x").unwrap();
        with(None).send(&Request::get(&far)).await.unwrap();
        assert!(proxy.asked()[0].starts_with("GET http://192.0.2.1/x "), "{}", proxy.asked()[0]);

        with(Some("192.0.2.0/24")).send(&Request::get(&far)).await.unwrap_err();
        assert_eq!(proxy.asked().len(), 1);
    });
}

#[test]
fn a_connection_that_was_closed_while_nobody_used_it_is_replaced() {
    run(async {
        // Nothing says that it ends with the answer.
        let open = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let server = Stub::answering(&[open]).await;
        let policy = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        let client = Client::with_limits(Options::default(), policy, 1000);
        for _ in 0..3 {
            assert_eq!(client.send(&Request::get(&server.url)).await.unwrap().status, 200);
            assert_eq!(
                client.send(&Request::post(&server.url, &Value::from("{}"))).await.unwrap().status,
                200
            );
        }
        assert_eq!(server.asked().len(), 6);
    });
}

#[test]
fn a_proxy_of_plain_http_is_told_its_user_and_the_server_is_not() {
    run(async {
        let (proxy, server) = (Stub::answering(&[OK]).await, Stub::answering(&[OK]).await);
        let mut address = proxy.url.clone();
        address.set_username("user").unwrap();
        address.set_password(Some("canary")).unwrap();
        let http = Some(Value::from(address.as_str()));
        let proxies = Proxy { http, ..Proxy::default() };
        let options = Options { proxy: proxies, insecure_http: true, ..Options::default() };
        let client = client(options);
        client
            .send(&Request::get(&Url::parse("http://192.0.2.1:8080/x?y=z").unwrap()))
            .await
            .unwrap();
        client.send(&Request::get(&server.url)).await.unwrap();
        let asked = &proxy.asked()[0];
        assert!(asked.starts_with("GET http://192.0.2.1:8080/x?y=z HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("\r\nhost: 192.0.2.1:8080\r\n"), "{asked}");
        // `user:canary`, as RFC 7617 has it.
        assert!(asked.contains("\r\nproxy-authorization: Basic dXNlcjpjYW5hcnk=\r\n"), "{asked}");
        assert!(!server.asked()[0].contains("proxy-"), "{}", server.asked()[0]);
    });
}

#[test]
fn what_is_no_http_is_told_and_not_asked_again() {
    // The last is how a server of TLS answers what is none: with an alert.
    for said in ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "\x15\x03\x01\0\x02\x02\x16"] {
        run(async {
            let server = Stub::answering(&[said]).await;
            let error = ok().send(&Request::get(&server.url)).await.unwrap_err();
            assert!(matches!(error, Error::NotHttp { .. }), "{error}");
            assert!(!error.is_unreachable(), "somebody answered");
            assert_eq!(server.asked().len(), 1);
        });
    }
}

#[test]
fn a_token_that_no_header_can_hold_is_not_sent() {
    run(async {
        let server = Stub::answering(&[OK]).await;
        let token = Value::from("canary\nwith a second line");
        let error = ok()
            .send(&Request::get(&server.url).authorized(&Bearer(&token)).unwrap())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::HeaderInvalid), "{error}");
    });
}

/// Signs method, path and body, as AWS and others do.
struct Signer;

impl Authorize for Signer {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let body = request.body.as_ref().map_or(&b""[..], |body| body.bytes.expose());
        let signed = [request.method.as_str().as_bytes(), request.url.path().as_bytes(), body];
        let digest = ring::digest::digest(&ring::digest::SHA256, &signed.concat());
        let mut text = String::new();
        for byte in digest.as_ref() {
            std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}")).unwrap();
        }
        let name = reqwest::header::HeaderName::from_static("x-signature");
        request.headers.push((name, FieldValue::Public(text)));
        Ok(())
    }
}

#[test]
fn a_request_is_authorized_by_a_header_of_any_name_or_by_a_signer() {
    run(async {
        let server = Stub::answering(&[OK]).await;
        let token = Value::from("canary");
        let header = Request::get(&server.url).authorized(&("x-vault-token", &token)).unwrap();
        assert!(!format!("{header:?}").contains("canary"));
        ok().send(&header).await.unwrap();
        assert!(server.asked()[0].contains("\r\nx-vault-token: canary\r\n"));
        assert!(!server.asked()[0].contains("authorization"));

        let path = server.url.join("v1/sign").unwrap();
        let body = Value::from("{}");
        ok().send(&Request::post(&path, &body).authorized(&Signer).unwrap()).await.unwrap();
        // printf 'POST/v1/sign{}' | sha256sum
        let want = "8a4d43f08f0b8e977092b21ab4838f99c20a6eb3bf73bc9757d847bf06b5bc8e";
        assert!(server.asked()[1].contains(&format!("\r\nx-signature: {want}\r\n")));
    });
}

#[test]
fn a_redirect_that_keeps_the_method_takes_the_token_to_the_same_and_to_listed_origins() {
    for status in [307, 308] {
        run(async {
            let (listed, other) = (Stub::answering(&[OK]).await, Stub::answering(&[OK]).await);
            let token = Value::from("canary");
            let body = Value::from("{\"key\":1}");
            let to = |url: &Url| answer(status, &format!("location: {url}there\r\n"), "");

            let server = Stub::answering(&[&answer(status, "location: /there\r\n", ""), OK]).await;
            let post = |url| Request::post(url, &body).authorized(&("x-vault-token", &token));
            let error = ok().send(&post(&server.url).unwrap()).await.unwrap_err();
            assert!(matches!(error, Error::InvalidRedirect { .. }), "{error}");
            let server = Stub::answering(&[&answer(status, "location: /there\r\n", ""), OK]).await;
            let request = post(&server.url).unwrap().allow_redirects_to(vec![server.url.origin()]);
            assert_eq!(ok().send(&request).await.unwrap().status, 200);
            let again = &server.asked()[1];
            assert!(again.starts_with("POST /there ") && again.ends_with("{\"key\":1}"), "{again}");
            assert!(again.contains("x-vault-token: canary"), "{again}");

            let server = Stub::answering(&[&to(&listed.url)]).await;
            let request = post(&server.url).unwrap().allow_redirects_to(vec![listed.url.origin()]);
            assert_eq!(ok().send(&request).await.unwrap().status, 200);
            assert!(listed.asked()[0].contains("x-vault-token: canary"));

            let server = Stub::answering(&[&to(&other.url)]).await;
            let request = post(&server.url).unwrap().allow_redirects_to(vec![listed.url.origin()]);
            let error = ok().send(&request).await.unwrap_err();
            assert!(matches!(error, Error::CrossOriginRedirect { .. }), "{error}");
            assert!(other.asked().is_empty());

            // 302 does not keep the method, so it does not lead to listed origins.
            let server =
                Stub::answering(&[&answer(302, &format!("location: {}\r\n", listed.url), "")])
                    .await;
            let request = Request::get(&server.url).authorized(&Bearer(&token)).unwrap();
            let request = request.allow_redirects_to(vec![listed.url.origin()]);
            let error = ok().send(&request).await.unwrap_err();
            assert!(matches!(error, Error::CrossOriginRedirect { .. }), "{error}");
        });
    }
}

#[test]
fn plain_http_is_allowed_to_a_listed_origin_only_and_never_through_a_proxy() {
    run(async {
        let proxy = Stub::answering(&[OK]).await;
        let url = |text: &str| Url::parse(text).unwrap();
        // Nothing listens on the discard port of an address for documentation (RFC 5737).
        let metadata = url("http://192.0.2.1:9/latest/meta-data");
        let client = |plain_http_origins| {
            client(Options {
                proxy: Proxy { http: Some(Value::from(proxy.url.as_str())), ..Proxy::default() },
                plain_http_origins,
                timeout: Duration::from_millis(200),
                ..Options::default()
            })
        };
        let refused = |error: Error| matches!(error, Error::PlainHttp { .. });
        assert!(refused(client(vec![]).send(&Request::get(&metadata)).await.unwrap_err()));
        let client = client(vec![metadata.origin()]);
        for other in ["http://192.0.2.1:8080/", "http://192.0.2.2:9/", "http://a.test:9/"] {
            assert!(refused(client.send(&Request::get(&url(other))).await.unwrap_err()), "{other}");
        }
        let error = client.send(&Request::get(&metadata)).await.unwrap_err();
        assert!(!refused(error), "it is tried");
        assert!(proxy.asked().is_empty(), "and not through the proxy");
    });
}

#[test]
fn a_redirect_to_plain_http_is_checked_as_well() {
    run(async {
        let target = "http://192.0.2.1:9/";
        let server = Stub::answering(&[&answer(307, &format!("location: {target}\r\n"), "")]).await;
        let origin = Url::parse(target).unwrap().origin();
        let request = Request::get(&server.url).allow_redirects_to(vec![origin]);
        let error = ok().send(&request).await.unwrap_err();
        assert!(matches!(error, Error::PlainHttp { .. }), "{error}");
    });
}

#[test]
fn a_limit_that_others_use_up_is_shared() {
    for (limit, remaining, want) in [
        (Some("40"), Some("0"), true),
        (Some("1"), Some("0"), false),
        (Some("40"), Some("3"), false),
        (Some("40"), None, false),
        (None, Some("0"), false),
        (Some("many"), Some("0"), false),
    ] {
        let mut response = hyper::Response::builder().status(429).header("retry-after", "2");
        for (name, value) in [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", remaining)] {
            if let Some(value) = value {
                response = response.header(name, value);
            }
        }
        let response = reqwest::Response::from(response.body("").unwrap());
        let got = super::response::is_limit_shared(&response, 1);
        assert_eq!(got, want, "{limit:?} {remaining:?}");
    }
}

#[test]
fn a_single_client_comes_back_when_the_server_asks_for_it() {
    run(async {
        let server = Stub::answering(&[&answer(429, "retry-after: 2\r\n", ""), OK]).await;
        let started = Instant::now();
        assert_eq!(
            client(Options::default()).send(&Request::get(&server.url)).await.unwrap().status,
            200
        );
        let waited = started.elapsed().as_secs_f64();
        assert!((2.0..2.6).contains(&waited), "{waited}");
    });
}
