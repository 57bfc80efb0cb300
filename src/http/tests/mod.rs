//! The client against a server that answers what each test wrote down.

use std::cell::Cell;
use std::time::{Duration, Instant};

use url::Url;

use crate::http::retry::RetryPolicy;
use crate::http::stub::{Stub, answer, run};
use crate::http::{Authorize, Bearer, Client, Error, FieldValue, Options, Proxy, Request};
use crate::secret::Value;

mod proxy;
mod redirect;
mod retry;

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
