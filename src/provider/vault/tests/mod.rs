//! The source against a server that answers with what a real `OpenBao` answered (`wire/openbao.jsonl`), and
//! against servers that misbehave.

mod faults;
mod lease;
mod login;
mod reading;

use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::error_response::ResponseKind;
use super::settings::tests::{approle, credential, path, settings};
use super::settings::{EngineSetting, SecretId, WrappedFor};
use super::*;
use crate::config::Origin;
use crate::http::stub::{Stub, answer, run};
use crate::http::{Client, Options, Response};
use crate::provider::Class;

const JSON: &str = "content-type: application/json\r\n";

/// A recorded request and its response.
struct Exchange {
    name: String,
    request: Json,
    response: Json,
}

impl Exchange {
    fn status(&self) -> u16 {
        self.response["status"].as_u64().unwrap().try_into().unwrap()
    }

    fn body(&self) -> String {
        match &self.response["body"] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The response as bytes.
    fn wire(&self) -> Vec<u8> {
        let headers = self.response["headers"].as_object().unwrap();
        let headers =
            headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap()));
        answer(self.status(), &headers.collect::<String>(), &self.body()).into_bytes()
    }
}

fn recorded() -> Vec<Exchange> {
    let exchange = |line: &str| {
        let mut value: Json = serde_json::from_str(line).unwrap();
        let name = value["name"].as_str().unwrap().to_owned();
        Exchange { name, request: value["request"].take(), response: value["response"].take() }
    };
    let lines = include_str!("../../../../tests/it/wire/openbao.jsonl").lines();
    lines.filter(|line| !line.is_empty()).map(exchange).collect()
}

fn exchange(name: &str) -> Exchange {
    let mut all = recorded();
    let at = all.iter().position(|exchange| exchange.name == name);
    all.swap_remove(at.unwrap_or_else(|| panic!("no exchange {name}")))
}

/// A server that answers with these exchanges, in this order, and then with nothing there.
async fn replaying(names: &[&str]) -> Stub {
    let answers: Vec<_> = names.iter().map(|name| exchange(name).wire()).collect();
    let next = std::cell::Cell::new(0);
    let missing = answer(404, JSON, r#"{"errors":[]}"#).into_bytes();
    Stub::new(move |_| {
        let at = next.replace(next.get() + 1);
        Some(answers.get(at).unwrap_or(&missing).clone())
    })
    .await
}

fn source(server: &Stub, change: impl FnOnce(Vault) -> Vault) -> VaultSource {
    let options = Options { timeout: Duration::from_secs(2), ..Options::default() };
    VaultSource::new(change(settings(server.url.clone())), Client::new(options))
}

/// `KEY=value` in order.
async fn fetched(source: &VaultSource) -> Vec<String> {
    let set = source.fetch().await.unwrap();
    set.iter().map(|s| format!("{}={}", s.name, s.value.expose_str().unwrap())).collect()
}

/// The class of the error, and the error with its causes and its hint, as a user sees it.
async fn told(source: &VaultSource) -> (Class, String) {
    let error = source.fetch().await.unwrap_err();
    let mut lines = vec![error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    lines.extend(error.hint().map(|hint| format!("hint: {hint}")));
    let told = lines.join("\n");
    let shown = format!("{told} {error:?} {source:?}");
    assert!(!shown.contains("canary"), "{shown}");
    (error.class(), told)
}

/// The first lines of the requests.
fn asked(server: &Stub) -> Vec<String> {
    let line = |request: &String| request.lines().next().unwrap().replace(" HTTP/1.1", "");
    server.asked().iter().map(line).collect()
}
