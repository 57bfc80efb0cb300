//! Retries, rate limits and the time limit.

use super::*;

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
        let got = crate::http::response::is_limit_shared(&response, 1);
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
