//! One request with the token, and what came back: a body, or a refusal that the store gives a meaning to.

use std::time::Duration;

use serde::de::DeserializeOwned;
use url::Url;

use super::error::{Error, Refusal};
use super::{Product, ServerSettings};
use crate::config::RunSettings;
use crate::http::{self, Bearer, Request, Response};
use crate::secret::Value;

/// A server, and the token for it.
#[derive(Debug)]
pub(in crate::provider) struct Api {
    http: http::Client,
    base: Url,
    token: Value,
    /// Where the token was found.
    origin: String,
    product: &'static Product,
}

/// What the server answered.
#[derive(Debug)]
pub(in crate::provider) enum Answer {
    /// What was asked for.
    Found(Response),
    /// It has not changed since the answer with this entity tag.
    Unchanged,
    /// No.
    Refused(Refusal),
}

impl Api {
    pub(in crate::provider) fn new(server: &ServerSettings, run: &RunSettings) -> Self {
        let options = http::Options {
            trust: http::TrustRoots {
                ca_file: server.ca_file.clone(),
                ssl_cert_file: run.network.ssl_cert_file.clone(),
                ssl_cert_dirs: run.network.ssl_cert_dirs.clone(),
            },
            proxy: run.network.proxy.clone(),
            timeout: run.timeout,
            spread: run.spread,
            insecure_http: server.insecure_http,
            ..http::Options::default()
        };
        Self {
            http: http::Client::new(options),
            base: server.url.clone(),
            token: server.token.value.clone(),
            origin: server.token.origin.clone(),
            product: server.product,
        }
    }

    /// The server's address, for messages.
    pub(in crate::provider) fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The URL of this path and query.
    pub(in crate::provider) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Reads a URL; with an entity tag, only if it has changed.
    pub(in crate::provider) async fn get(
        &self,
        url: &Url,
        entity_tag: Option<&str>,
    ) -> Result<Answer, Error> {
        let mut request = Request::get(url);
        if let Some(tag) = entity_tag {
            request = request.with_header("if-none-match", tag);
        }
        let request = request.authorized(&Bearer(&self.token));
        let response = match request {
            Ok(request) => self.http.send(&request).await,
            Err(error) => Err(error),
        };
        let response = response.map_err(|source| self.transport(source))?;
        match response.status {
            200..300 => Ok(Answer::Found(response)),
            304 if entity_tag.is_some() => Ok(Answer::Unchanged),
            _ => Ok(Answer::Refused(Refusal::new(&response, &self.token))),
        }
    }

    /// Reads a URL whose refusals have no meaning of their own, as JSON.
    pub(in crate::provider) async fn json<T: DeserializeOwned>(
        &self,
        url: &Url,
        what: &str,
    ) -> Result<T, Error> {
        match self.get(url, None).await? {
            Answer::Found(response) => self.decode(&response),
            Answer::Refused(refusal) => Err(self.refused(refusal, what)),
            Answer::Unchanged => Err(self.foreign("an answer without content")),
        }
    }

    /// Asks whether a server answers, without the token.
    pub(in crate::provider) async fn probe(&self, path: &[&str]) -> Result<Response, Error> {
        let client = self.http.with_own_deadline(Duration::from_secs(5));
        let response = client.send(&Request::get(&self.url(path, &[]))).await;
        response.map_err(|source| self.transport(source))
    }

    /// Parses a body.
    pub(in crate::provider) fn decode<T: DeserializeOwned>(
        &self,
        response: &Response,
    ) -> Result<T, Error> {
        // The error of the parser may quote a value.
        serde_json::from_slice(&response.body).map_err(|_quoted| self.foreign(kind(response)))
    }

    /// An answer that the store does not give.
    pub(in crate::provider) fn foreign(&self, seen: &'static str) -> Error {
        Error::Foreign { product: self.product, server: self.server().to_owned(), seen }
    }

    /// What a refusal means that has no special meaning for this request; `what` was asked for.
    pub(in crate::provider) fn refused(&self, refusal: Refusal, what: &str) -> Error {
        let (product, server) = (self.product, self.server().to_owned());
        let what = what.to_owned();
        match refusal.status {
            401 => Error::Token { product, server, origin: self.origin.clone(), refusal },
            403 => Error::Denied { product, what, refusal },
            404 if refusal.is_json => Error::Missing { what, refusal },
            _ if !refusal.is_json && refusal.status < 500 => self.foreign("no answer of its API"),
            _ => Error::Refused { product, server, what, refusal },
        }
    }

    fn transport(&self, source: http::Error) -> Error {
        let (product, server) = (self.product, self.server().to_owned());
        Error::Transport { product, server, source: Box::new(source) }
    }
}

/// What a body is that cannot be read.
fn kind(response: &Response) -> &'static str {
    let media = response.content_type.as_deref().unwrap_or_default();
    if media.starts_with("text/html") {
        "a web page"
    } else if media.contains("json") {
        "damaged JSON, or another object"
    } else {
        "no JSON"
    }
}
