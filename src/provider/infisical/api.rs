//! One request to Infisical and the reading of its answer: a shape that was expected, a refusal, or
//! something that is no answer of Infisical's. It knows no login and no meaning of a refusal.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use url::Url;

use super::error::Error;
use super::error_kind::{BodyError, Operation, UnexpectedContent};
use super::error_response::ErrorResponse;
use crate::http::{self, Bearer, Request, Response};
use crate::secret::Value;

/// The server, as this source sees it.
#[derive(Debug)]
pub(super) struct Api {
    http: http::Client,
    base: Url,
}

/// What is asked for: a route below `/api`, by its parts, and the query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route<'a> {
    pub(super) operation: Operation,
    pub(super) parts: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
}

/// How something is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Post,
    Patch,
    Delete,
}

/// Why there is no answer of the expected shape.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refuses; what that means depends on the request.
    Refused(Box<ErrorResponse>),
    /// There is nothing to interpret.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Api {
    /// Takes the address in any usual spelling: with or without `/` or `/api` at its end.
    pub(super) fn new(http: http::Client, mut base: Url) -> Self {
        let path = base.path().trim_end_matches('/');
        let path = path.strip_suffix("/api").unwrap_or(path).trim_end_matches('/').to_owned();
        base.set_path(&path);
        base.set_query(None);
        base.set_fragment(None);
        // Both fail only for addresses without a host, which no request can use either.
        base.set_username("").ok();
        base.set_password(None).ok();
        Self { http, base }
    }

    /// The client.
    pub(super) fn http(&self) -> &http::Client {
        &self.http
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        self.http.close();
    }

    /// The same server, for something that has a time of its own.
    pub(super) fn apart(&self, timeout: Duration) -> Self {
        Self { http: self.http.with_own_deadline(timeout), base: self.base.clone() }
    }

    /// The address as an error shows it.
    pub(super) fn server(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Reads. The credentials are those that must not be repeated in what an error quotes.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        bearer: Option<&Value>,
        credentials: &[&Value],
    ) -> Result<T, Failure> {
        let request = Request::get(&self.url(route));
        let request = match bearer {
            Some(bearer) => request.authorized(&Bearer(bearer)),
            None => Ok(request),
        };
        let response = match request {
            Ok(request) => self.http.send(&request).await,
            Err(error) => Err(error),
        };
        self.read(route.operation, response, credentials)
    }

    /// Sends JSON, without a bearer.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        json: &Value,
        credentials: &[&Value],
    ) -> Result<T, Failure> {
        let response = self.http.send(&Request::post(&self.url(route), json)).await;
        self.read(route.operation, response, credentials)
    }

    /// Changes something, with a bearer. The server may process it only once.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        route: Route<'_>,
        json: &Value,
        bearer: &Value,
        credentials: &[&Value],
    ) -> Result<T, Failure> {
        let url = self.url(route);
        let request = match method {
            Method::Post => Request::post(&url, json),
            Method::Patch => Request::patch(&url, json),
            Method::Delete => Request::delete(&url, json),
        };
        let response = match request.single_use().authorized(&Bearer(bearer)) {
            Ok(request) => self.http.send(&request).await,
            Err(error) => Err(error),
        };
        self.read(route.operation, response, credentials)
    }

    fn url(&self, route: Route<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().push("api").extend(route.parts);
        }
        if !route.query.is_empty() {
            url.query_pairs_mut().extend_pairs(route.query);
        }
        url
    }

    fn read<T: DeserializeOwned>(
        &self,
        operation: Operation,
        response: Result<Response, http::Error>,
        credentials: &[&Value],
    ) -> Result<T, Failure> {
        let server = self.server();
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                return Err(Error::Transport { operation, server, source: error.into() }.into());
            }
        };
        match response.status {
            200..=299 => decode(&response).map_err(|error| Failure::Failed(error.at(server))),
            // What stands before a server may fail in words of its own.
            500.. => Err(Failure::Refused(ErrorResponse::new(&response, credentials).into())),
            _ => match foreign(&response) {
                Some(seen) => Err(Error::NotInfisical { server, seen }.into()),
                None => Err(Failure::Refused(ErrorResponse::new(&response, credentials).into())),
            },
        }
    }
}

/// An answer that cannot be read.
#[derive(Debug, PartialEq, Eq)]
enum DecodeError {
    Foreign(UnexpectedContent),
    InvalidBody(BodyError),
}

impl DecodeError {
    fn at(self, server: String) -> Error {
        match self {
            Self::Foreign(seen) => Error::NotInfisical { server, seen },
            Self::InvalidBody(damage) => Error::InvalidBody { server, damage },
        }
    }
}

/// Reads the body of a success. The words of the JSON library are not used: they quote values.
fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, DecodeError> {
    if is_html(response) {
        return Err(DecodeError::Foreign(UnexpectedContent::Html));
    }
    let text = std::str::from_utf8(&response.body)
        .map_err(|_| DecodeError::InvalidBody(BodyError::NotUtf8))?;
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => DecodeError::Foreign(UnexpectedContent::OtherJson),
        Category::Eof => DecodeError::InvalidBody(BodyError::Incomplete),
        Category::Syntax | Category::Io if !text.trim_start().starts_with(['{', '[']) => {
            DecodeError::Foreign(UnexpectedContent::Other)
        }
        Category::Syntax | Category::Io => DecodeError::InvalidBody(BodyError::Syntax {
            line: error.line(),
            column: error.column(),
        }),
    })
}

/// Says what a refusal is, if it does not have the form of Infisical's.
fn foreign(response: &Response) -> Option<UnexpectedContent> {
    if is_html(response) {
        return Some(UnexpectedContent::Html);
    }
    match serde_json::from_slice::<serde_json::Value>(&response.body) {
        Ok(json) if json.get("message").is_some() || json.get("error").is_some() => None,
        Ok(_) => Some(UnexpectedContent::OtherJson),
        Err(_) => Some(UnexpectedContent::Other),
    }
}

fn is_html(response: &Response) -> bool {
    let html = |kind: &String| kind.to_ascii_lowercase().starts_with("text/html");
    response.content_type.as_ref().is_some_and(html)
        || response.body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Client, Options};
    use crate::provider::infisical::wire::List;

    fn api(base: &str) -> Api {
        Api::new(Client::new(Options::default()), Url::parse(base).unwrap())
    }

    #[test]
    fn every_spelling_of_an_address_means_the_same() {
        let route =
            Route { operation: Operation::Read, parts: &["v1", "a b/c"], query: &[("p", "/x&y")] };
        for (base, server) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            ("https://example.com/api", "https://example.com"),
            ("https://example.com/api/", "https://example.com"),
            (
                "https://user:canary@example.com:8443/in//?canary#canary",
                "https://example.com:8443/in",
            ),
            ("https://example.com/in/api", "https://example.com/in"),
        ] {
            let api = api(base);
            assert_eq!(api.server(), server);
            let want = format!("{server}/api/v1/a%20b%2Fc?p=%2Fx%26y");
            assert_eq!(api.url(route).as_str(), want);
        }
    }

    #[test]
    fn what_is_no_answer_of_infisicals_is_told() {
        use {BodyError as D, UnexpectedContent as S};
        let json = "application/json";
        for (kind, body, want) in [
            ("text/html; charset=utf-8", "<!doctype html>", DecodeError::Foreign(S::Html)),
            ("", "\n<html>", DecodeError::Foreign(S::Html)),
            (json, r#"{"ok":true}"#, DecodeError::Foreign(S::OtherJson)),
            (json, r#"{"secrets":"canary"}"#, DecodeError::Foreign(S::OtherJson)),
            ("text/plain", "It works!", DecodeError::Foreign(S::Other)),
            (json, r#"{"secrets":[{"secretKey":"canary"#, DecodeError::InvalidBody(D::Incomplete)),
            (json, "", DecodeError::InvalidBody(D::Incomplete)),
            (
                json,
                "{\"secrets\":\n [}",
                DecodeError::InvalidBody(D::Syntax { line: 2, column: 3 }),
            ),
        ] {
            let got = decode::<List>(&Response::of(200, kind, body)).unwrap_err();
            assert_eq!(got, want, "{body}");
        }
        let mut response = Response::of(200, json, "");
        response.body.extend_from_slice(b"{\"secrets\":[{\"secretKey\":\"\xff\"}]}");
        assert_eq!(decode::<List>(&response).unwrap_err(), DecodeError::InvalidBody(D::NotUtf8));
    }

    #[test]
    fn a_refusal_must_have_infisicals_form() {
        for (kind, body, want) in [
            ("application/json", r#"{"message":"x","error":"y"}"#, None),
            ("application/json", r#"{"error":"Not Found"}"#, None),
            ("application/json", r#"{"detail":"Not Found"}"#, Some(UnexpectedContent::OtherJson)),
            ("text/html", "<html>", Some(UnexpectedContent::Html)),
            ("text/plain", "404 page not found", Some(UnexpectedContent::Other)),
        ] {
            assert_eq!(foreign(&Response::of(404, kind, body)), want, "{body}");
        }
    }
}
