//! Requests to an API that takes OAuth tokens: logs in when the first request needs it, and replaces a token once that
//! the API rejects.

use std::time::Duration;

use tokio::time::sleep;

use super::error::Error;
use super::oauth::AccessToken;
use crate::http::{self, Bearer, Client, Request, Response};
use crate::provider::Session;

/// How often a request is sent at most that the server fails to answer with status 500, and the first wait.
const ATTEMPTS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A session with an API.
#[derive(Debug)]
pub(crate) struct TokenApi {
    /// The name of the API in messages.
    pub(crate) service: &'static str,
    /// The client of the API and of its logins.
    pub(crate) http: Client,
    /// The login.
    pub(crate) session: Session,
}

impl TokenApi {
    /// Sends a request that only reads, with a token. The response may have any status.
    pub(crate) async fn send<E: From<Error>>(
        &self,
        request: &Request,
        log_in: impl AsyncFn() -> Result<AccessToken, E>,
    ) -> Result<Response, E> {
        let log_in = async || log_in().await.map(Into::into);
        let token = self.session.token(None, &log_in).await?;
        let response = self.attempts(&request.clone().authorized(&Bearer(&token))).await?;
        if response.status != 401 {
            return Ok(response);
        }
        let token = self.session.token(Some(&token), &log_in).await?;
        Ok(self.attempts(&request.clone().authorized(&Bearer(&token))).await?)
    }

    async fn attempts(&self, request: &Result<Request, http::Error>) -> Result<Response, Error> {
        let service = self.service;
        let transport = |source| Error::Transport { service, source: Box::new(source) };
        let request = request.as_ref().map_err(|_| transport(http::Error::HeaderInvalid))?;
        let mut attempt = 1;
        loop {
            let response = self.http.send(request).await.map_err(transport)?;
            if response.status != 500 || attempt >= ATTEMPTS {
                return Ok(response);
            }
            sleep(FIRST_WAIT * 2_u32.saturating_pow(attempt - 1)).await;
            attempt += 1;
        }
    }
}
