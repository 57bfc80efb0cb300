//! The test server against the recording: every exchange that a reading client can cause.
//! Must not be made to pass by leaving an exchange out.
//!
//! Of the 239 recorded exchanges, `wire/exchanges.jsonl` has 173. Left out are those that write or
//! need what was written (`secret-create-*`, `secret-update-*`, `secret-delete-*`, `bulk-*`,
//! `secret-get-old-version`, `folders-create-*`, `folders-get-by-id`, `folders-delete-*`), the key
//! service (`kms-*`), and what belongs to the web interface or a browser (`identity-details-missing`,
//! `dashboard-secrets-identity`, `secrets-v3-nonraw-bot`, `options-cors`). One form-encoded body had
//! a client secret in it, which is replaced by the mark that the others have.

use std::time::Duration;

use serde_json::Value;

use crate::support::{
    infisical::{Generation, Limiter, Server, World},
    recorded::{self, Exchange, client_secret},
    wire::{self, Reply},
};

/// Marks where a recorded body was cut.
const CUTS: [&str; 2] = ["<… ", "\n... <cut"];

/// Marks bodies that cannot be the recorded ones byte for byte: with a token or a time in them, or
/// with a value of which only the length was recorded, which every list of the root has.
const DYNAMIC: [&str; 4] =
    ["\"accessToken\"", "\"date\"", "hex chars>", "06e45d22-e258-4d3a-b27b-f47d2e047f04"];

#[test]
fn every_recorded_exchange_is_answered_alike() {
    let exchanges = recorded::exchanges();
    let world = recorded::world(&exchanges);
    let server = Server::builder(Generation::V3Only, world).plain().start();
    let mut replay = Replay { server, tokens: Vec::new(), tag: String::new() };
    replay.server.world(World::freeze);
    let mut wrong = Vec::new();
    for exchange in &exchanges {
        replay.prepare(exchange);
        let answer = replay.send(exchange);
        replay.learn(exchange, &answer);
        if let Err(difference) = compare(exchange, &answer) {
            wrong.push(format!("{}: {difference}", exchange.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), exchanges.len(), wrong.join("\n"));
    assert_eq!(exchanges.len(), 173);
}

struct Replay {
    server: Server,
    /// Tokens by the identity's name, the newest last.
    tokens: Vec<(String, String)>,
    /// The tag of the last list of the root.
    tag: String,
}

impl Replay {
    /// Brings the world to where it was when the exchange happened.
    fn prepare(&mut self, exchange: &Exchange) {
        let advance = |seconds: u64, more: u32| {
            let by = Duration::new(seconds, more);
            self.server.world(|world| world.advance(by));
        };
        match exchange.name.as_str() {
            "token-renew-ok" => advance(1, 0),
            "token-ttl-expired" => advance(2, 0),
            "token-renew-past-maxttl-1" => {
                self.fresh("id_short_ttl");
                self.server.world(|world| world.advance(Duration::from_millis(1500)));
            }
            "token-used-after-original-ttl-thanks-to-renew"
            | "token-renew-past-maxttl-2"
            | "token-renew-past-maxttl-3" => advance(1, 500_000_000),
            "token-renew-past-maxttl-4" => advance(2, 500_000_000),
            "secrets-list-gzip" => self.fresh("id_reader"),
            "ratelimit-8081-first" => {
                self.server.world(|world| world.limiter = Some(Limiter::new(40, 60, 200)));
            }
            "ratelimit-8081-exceeded" => self.repeat(exchange, 39),
            "ratelimit-8081-login-exceeded" => self.repeat(exchange, 199),
            "secrets-list-missing-folder-recursive" => {
                self.server.world(|world| world.limiter = None);
            }
            _ => {}
        }
    }

    fn repeat(&mut self, exchange: &Exchange, times: usize) {
        for _ in 0..times {
            self.send(exchange);
        }
    }

    fn fresh(&mut self, identity: &str) {
        let token = self.server.mint(identity);
        self.tokens.push((identity.into(), token));
    }

    /// Returns the newest token of an identity.
    fn token(&mut self, identity: &str) -> String {
        if !self.tokens.iter().any(|(name, _)| name == identity) {
            self.fresh(identity);
        }
        let newest = self.tokens.iter().rev().find(|(name, _)| name == identity);
        newest.map(|(_, token)| token.clone()).unwrap()
    }

    /// Sends the recorded request with tokens and client secrets of our own.
    fn send(&mut self, exchange: &Exchange) -> Reply {
        let request = &exchange.request;
        let body = match &request["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let body = body.replace("<client-secret>", &client_secret(secret_of(exchange)));
        let body = if body.contains("<jwt>") {
            body.replace("<jwt>", &self.token(body_token(&exchange.name)))
        } else {
            body
        };
        let mut headers = Vec::new();
        for (name, value) in request["headers"].as_object().unwrap() {
            headers.push((name.clone(), self.header(exchange, name, value.as_str().unwrap())));
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (method, path) = (&request["method"], &request["path"]);
        let (method, path) = (method.as_str().unwrap(), path.as_str().unwrap());
        wire::exchange(self.server.address(), method, path, &headers, body.as_bytes())
    }

    fn header(&mut self, exchange: &Exchange, name: &str, value: &str) -> String {
        if name == "if-none-match" {
            return self.tag.clone();
        }
        if let Some((scheme, rest)) = value.split_once("<token of ") {
            return format!("{scheme}{}", self.token(rest.trim_end_matches('>')));
        }
        match (exchange.name.as_str(), value.split_once("<jwt>")) {
            ("auth-bad-signature", Some((scheme, _))) => {
                let token = self.token("id_reader");
                let (signed, _) = token.rsplit_once('.').unwrap();
                format!("{scheme}{signed}.c2lnbmF0dXJl")
            }
            (_, Some((scheme, _))) => format!("{scheme}{}", self.token("id_reader")),
            (_, None) => value.to_owned(),
        }
    }

    fn learn(&mut self, exchange: &Exchange, reply: &Reply) {
        if exchange.name == "secrets-list-root" {
            reply.header("etag").unwrap().clone_into(&mut self.tag);
        }
        if exchange.name == "token-short-login" || exchange.name == "token-renew-ok" {
            let token = reply.json()["accessToken"].as_str().unwrap().to_owned();
            self.tokens.push(("id_short_ttl".into(), token));
        }
    }
}

/// Returns whose client secret a recorded login sent.
fn secret_of(exchange: &Exchange) -> &'static str {
    let body = exchange.request["body"].to_string();
    let named = [("a828233d", "id_ip"), ("a731dc57", "id_short_ttl"), ("1b7b0d2a", "id_uses")];
    let found = named.into_iter().find(|(client, _)| body.contains(client));
    match found {
        Some((_, "id_uses")) if exchange.name.contains("expired") => "id_expired",
        Some((_, identity)) => identity,
        None => "id_reader",
    }
}

/// Returns whose token a recorded renewal or revocation sent.
fn body_token(name: &str) -> &'static str {
    match name {
        "token-revoke-ok" | "token-revoke-twice" | "token-renew-revoked" => "id_no_prod",
        "token-renew-user-jwt" => "admin",
        "token-renew-tokenauth" => "id_token_auth",
        "token-renew-default-ttl-equals-maxttl" => "id_reader",
        _ => "id_short_ttl",
    }
}

/// Compares an answer with the recorded one.
fn compare(exchange: &Exchange, reply: &Reply) -> Result<(), String> {
    let want = &exchange.response;
    if want["status"] != reply.status {
        return Err(format!("{} instead of {}: {}", reply.status, want["status"], reply.text()));
    }
    let given: Vec<&str> = ["content-type", "etag", "retry-after"]
        .into_iter()
        .chain(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"])
        .filter(|name| reply.header(name).is_some())
        .collect();
    let mut expected: Vec<&str> =
        want["headers"].as_object().unwrap().keys().map(String::as_str).collect();
    expected.sort_by_key(|name| given.iter().position(|other| other == name));
    if given != expected {
        return Err(format!("headers {given:?} instead of {expected:?}"));
    }
    for name in ["content-type", "x-ratelimit-limit", "x-ratelimit-remaining"] {
        if want["headers"][name].as_str() != reply.header(name) {
            return Err(format!("{name} is {:?}", reply.header(name)));
        }
    }
    let seconds = |name: &&str| reply.header(name).is_none_or(|text| text.parse::<u8>().is_ok());
    if !["retry-after", "x-ratelimit-reset"].iter().all(seconds) {
        return Err("a time that is no number of seconds".into());
    }
    body(&want["body"], reply)?;
    // A tag is the hash of the body: equal tags are equal bytes.
    let differs = want["headers"]["etag"].as_str() != reply.header("etag");
    let text = want["body"].to_string();
    if differs && want["status"] != 304 && !DYNAMIC.iter().any(|mark| text.contains(mark)) {
        return Err(format!("another body, byte for byte: {}", reply.text()));
    }
    Ok(())
}

fn body(want: &Value, reply: &Reply) -> Result<(), String> {
    let cut = want.as_str().and_then(|text| CUTS.iter().find_map(|mark| text.split_once(mark)));
    match cut {
        Some((head, _)) if indented(reply.text()).starts_with(head.trim_end()) => Ok(()),
        Some(_) => Err("another beginning than the recorded one".into()),
        None => alike(want, &reply.json(), ""),
    }
}

/// Compares by value what has meaning, and by type what differs from day to day.
fn alike(want: &Value, have: &Value, at: &str) -> Result<(), String> {
    let differs = || Err(format!("`{at}` is {have} instead of {want}"));
    match (want, have) {
        (Value::Object(want), Value::Object(have)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect();
            let (wanted, had): (Vec<String>, Vec<String>) = (names(want), names(have));
            if wanted != had {
                return Err(format!("`{at}` has {had:?} instead of {wanted:?}"));
            }
            want.iter().try_for_each(|(name, value)| alike(value, &have[name], name))
        }
        (Value::Array(want), Value::Array(have)) if want.len() == have.len() => {
            want.iter().zip(have).try_for_each(|(want, have)| alike(want, have, at))
        }
        (Value::String(want), Value::String(have)) => {
            let length = want.strip_prefix('<').and_then(|text| text.strip_suffix(" hex chars>"));
            let length = length.and_then(|text| text.parse::<usize>().ok());
            let dynamic = ["accessToken", "date"];
            let same = match length {
                Some(length) => have.len() == length,
                None => want == have || dynamic.contains(&at),
            };
            if same { Ok(()) } else { differs() }
        }
        (want, have) if want == have => Ok(()),
        _ => differs(),
    }
}

/// Writes compact JSON with one space a level, as the cut bodies are written.
fn indented(json: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&" ".repeat(depth));
    };
    for letter in json.chars() {
        let opens = !quoted && matches!(letter, '{' | '[');
        if !quoted && matches!(letter, '}' | ']') {
            depth -= 1;
            line(&mut out, depth);
        }
        out.push(letter);
        if opens {
            depth += 1;
        }
        if opens || !quoted && letter == ',' {
            line(&mut out, depth);
        } else if !quoted && letter == ':' {
            out.push(' ');
        }
        quoted ^= letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
    }
    out
}
