//! Redirects, and plain http: where a request with credentials may go.

use super::*;

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
