//! One request to an AWS service: signed anew for each attempt, repeated where the error code says that this may
//! help, and its refusal in one form for all protocols.

use std::time::{Duration, SystemTime};

use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Deserialize;
use tokio::time::sleep;

use super::endpoint::Service;
use super::error::{Error, Meaning, Refusal};
use crate::http::{self, Client, Request, Response};

/// What a request does that the service receives twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repetition {
    /// The same as one that it receives once: it reads, or it has a client request token.
    Harmless,
    /// It counts twice. It is repeated only where the service has not processed it.
    Counts,
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) http: &'a Client,
    pub(super) service: Service,
    pub(super) operation: &'static str,
    /// How often it is sent at most.
    pub(super) attempts: u32,
    pub(super) repetition: Repetition,
}

impl Call<'_> {
    /// Sends what `request` makes. The outer error is final; the inner one is the service's refusal.
    pub(super) async fn send(
        &self,
        request: impl Fn() -> Result<Request, http::Error>,
    ) -> Result<Result<Response, Refusal>, Error> {
        let transport =
            |source| Error::Transport { service: self.service, source: Box::new(source) };
        let mut attempt = 1;
        loop {
            let response = self.http.send(&request().map_err(transport)?).await;
            let response = response.map_err(transport)?;
            if (200..300).contains(&response.status) {
                return Ok(Ok(response));
            }
            let refusal = refusal(&response).ok_or_else(|| self.not_understood())?;
            let meaning = refusal.meaning();
            let may_help = match meaning {
                Meaning::Throttled => true,
                Meaning::Unavailable => self.repetition == Repetition::Harmless,
                _ => false,
            };
            if !may_help || attempt >= self.attempts {
                return Ok(Err(refusal));
            }
            sleep(wait(attempt, meaning)).await;
            attempt += 1;
        }
    }

    /// A refusal without a special meaning for this request.
    pub(super) fn refused(&self, refusal: Refusal) -> Error {
        Error::Refused { service: self.service, operation: self.operation, refusal }
    }

    /// An answer that is none of the service's.
    pub(super) fn not_understood(&self) -> Error {
        Error::BadAnswer { service: self.service, operation: self.operation }
    }
}

/// How long to wait after an attempt: a random part of a window that doubles, as in the standard mode of AWS.
fn wait(attempt: u32, meaning: Meaning) -> Duration {
    let base = if meaning == Meaning::Throttled { 1000 } else { 50 };
    let window = Duration::from_millis(base) * 2_u32.saturating_pow(attempt.saturating_sub(1));
    let mut byte = [255_u8];
    // Without randomness it is the longest wait.
    SystemRandom::new().fill(&mut byte).ok();
    window.min(Duration::from_secs(20)).mul_f64(f64::from(byte[0]) / 255.0)
}

/// The error body of the JSON protocols.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "__type", alias = "code", alias = "error", default)]
    kind: Option<String>,
    #[serde(alias = "Message", alias = "error_description", default)]
    message: Option<String>,
}

/// Reads a refusal: JSON, or the XML of STS. `None` if it is no answer of AWS.
fn refusal(response: &Response) -> Option<Refusal> {
    let text = std::str::from_utf8(&response.body).ok()?.trim();
    let new = |code: &str, message: &str| {
        Refusal::new(response.status, code, message, response.date, SystemTime::now())
    };
    if let Some(code) = xml_text(text, "Code") {
        return Some(new(&code, &xml_text(text, "Message").unwrap_or_default()));
    }
    if let Ok(body) = serde_json::from_str::<ErrorBody>(text) {
        let kind = body.kind.unwrap_or_default();
        let kind = kind.split(':').next().unwrap_or_default();
        let code = kind.rsplit('#').next().unwrap_or_default();
        return Some(new(code, &body.message.unwrap_or_default()));
    }
    // A gateway has no words of AWS's, but its status counts.
    (text.is_empty() || response.status >= 500).then(|| new("", ""))
}

/// The text of the first XML element of this name.
pub(super) fn xml_text(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let mut text = inner.trim().to_owned();
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    {
        if text.contains('&') {
            text = text.replace(entity, character);
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_in_each_protocol() {
        for (status, body, want) in [
            (
                400,
                r#"{"__type":"ThrottlingException","message":"m"}"#,
                Some(("ThrottlingException", "m")),
            ),
            (400, r#"{"__type":"a.b#X:http://x","Message":"m"}"#, Some(("X", "m"))),
            (400, r#"{"__type":"X"}"#, Some(("X", ""))),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"d"}"#,
                Some(("invalid_grant", "d")),
            ),
            (
                403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                 <Message>a &lt;b&gt; &amp;amp;</Message></Error></ErrorResponse>",
                Some(("AccessDenied", "a <b> &amp;")),
            ),
            (503, "", Some(("", ""))),
            (502, "<html>no</html>", Some(("", ""))),
            (404, "<html>no</html>", None),
            (400, "no", None),
        ] {
            let got = refusal(&Response::of(status, "", body));
            let got = got.as_ref().map(|r| (r.code.as_str(), r.message.as_str()));
            assert_eq!(got, want, "{body}");
        }
    }

    #[test]
    fn the_code_decides_before_the_status() {
        for (status, code, want) in [
            (400, "ThrottlingException", Meaning::Throttled),
            (500, "InternalServiceError", Meaning::Unavailable),
            (400, "ExpiredTokenException", Meaning::ExpiredCredentials),
            (400, "AccessDeniedException", Meaning::Denied),
            (400, "ResourceNotFoundException", Meaning::Missing),
            (403, "RequestTimeTooSkewed", Meaning::Signature),
            (503, "", Meaning::Unavailable),
            (403, "", Meaning::Denied),
            (400, "ValidationException", Meaning::Other),
        ] {
            let refusal = Refusal::new(status, code, "", None, SystemTime::now());
            assert_eq!(refusal.meaning(), want, "{status} {code}");
        }
    }
}
