//! Requests to the metadata service of a machine: directly, with a short time limit, and repeated while the service
//! starts.

use std::time::Duration;

use tokio::time::sleep;

use super::error::{Error, Refusal};
use crate::http::{self, Client, Request, Response};

/// How often a request is sent at most, and the first wait, which doubles.
const ATTEMPTS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A metadata service.
#[derive(Clone, Copy, Debug)]
pub(super) struct MetadataService {
    /// Its name in messages.
    pub(super) name: &'static str,
    /// The time limit of one request.
    pub(super) timeout: Duration,
    /// Whether a status means that it is not ready yet.
    pub(super) is_starting: fn(u16) -> bool,
    /// What the user can do if it gives nothing.
    pub(super) hint: &'static str,
}

impl MetadataService {
    /// Sends a request. Any other status than 200 is an error.
    pub(super) async fn send(&self, http: &Client, request: &Request) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            let result = http.with_own_deadline(self.timeout).send(request).await;
            let may_help = match &result {
                Ok(response) => (self.is_starting)(response.status),
                Err(error) => matches!(
                    error,
                    http::Error::Refused { .. }
                        | http::Error::ConnectionLost { .. }
                        | http::Error::Unavailable { .. }
                        | http::Error::RateLimited { .. }
                ),
            };
            if !may_help || attempt >= ATTEMPTS {
                let response = result.map_err(|source| self.unreachable(source))?;
                return match response.status {
                    200 => Ok(response),
                    _ => Err(self.no_token(Refusal::read(&response, &[]).to_string())),
                };
            }
            sleep(FIRST_WAIT * 2_u32.saturating_pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    /// It has no token for this machine.
    pub(super) fn no_token(&self, problem: String) -> Error {
        Error::NoToken { service: self.name, problem, hint: self.hint }
    }

    /// What answers is not this service.
    pub(super) fn not_understood(&self) -> Error {
        Error::NotUnderstood { service: self.name }
    }

    fn unreachable(&self, source: http::Error) -> Error {
        Error::NoService { service: self.name, source: Box::new(source), hint: self.hint }
    }
}
