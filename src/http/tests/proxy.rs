//! Proxies, and connections that are not made.

use super::*;

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
