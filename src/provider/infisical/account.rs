//! The account behind a source: logs in and renews access tokens, for `hushed login` and `hushed token`.
//! Unlike a source it needs no project.

use super::InfisicalSource;
use super::settings::Infisical;
use crate::config::RunSettings;
use crate::provider::{Account, TokenFuture};

impl Account for Infisical {
    fn log_in<'a>(&'a self, run: &'a RunSettings) -> TokenFuture<'a> {
        Box::pin(async move { Ok(self.connect(run).access_token().await?) })
    }

    fn renew_token<'a>(&'a self, run: &'a RunSettings) -> TokenFuture<'a> {
        Box::pin(async move { Ok(self.connect(run).renewed_token().await?) })
    }
}

impl InfisicalSource {
    /// Logs in, and returns the access token.
    async fn access_token(&self) -> Result<crate::secret::Value, super::Error> {
        self.session.access_token().await
    }

    /// Renews the access token of the settings.
    async fn renewed_token(&self) -> Result<crate::secret::Value, super::Error> {
        self.session.renew().await
    }
}
