//! The login of a source, whatever the store: it is made once, when the first request needs it; a token
//! that the server rejects is replaced once by a new login; a login that is denied is never repeated,
//! because some of them lock the identity out. How to log in and how to ask is the store's to say.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::Login;
use crate::secret::Value;

/// A token that a login gave, or that the user gave.
#[derive(Debug)]
pub struct Token {
    /// The token.
    pub value: Value,
    /// How long it is valid, if that is known.
    pub lifetime: Option<Duration>,
    /// Whether a login was made for it.
    pub is_new: bool,
}

/// What became of the login that a session began with.
#[derive(Clone, Copy, Debug)]
enum State {
    Same,
    Lost,
    New(Option<Duration>),
}

/// The login of a source.
#[derive(Debug)]
pub struct Session {
    token: RefCell<Option<Rc<Value>>>,
    state: Cell<State>,
    // Held while logging in, so that requests that fail together log in once.
    logging_in: Mutex<()>,
}

impl Default for Session {
    fn default() -> Self {
        let (token, logging_in) = (RefCell::default(), Mutex::default());
        Self { token, state: Cell::new(State::Same), logging_in }
    }
}

impl Session {
    /// Begins with a token of an earlier login.
    pub fn resume(&self, token: Value) {
        *self.token.borrow_mut() = Some(Rc::new(token));
    }

    /// What became of the login that it began with.
    pub fn outcome(&self) -> Login {
        match (self.state.get(), self.token.borrow().as_deref()) {
            (State::Same, _) => Login::Same,
            (State::New(time), Some(token)) => Login::New { token: token.clone(), time },
            (State::Lost | State::New(_), _) => Login::Lost,
        }
    }

    /// Takes the token out, to revoke it: nothing is asked with it any more.
    pub fn take(&self) -> Option<Rc<Value>> {
        self.token.take()
    }

    /// The token: that of this session, unless it is the one that was rejected; else that of a new login.
    pub async fn token<E>(
        &self,
        rejected: Option<&Rc<Value>>,
        log_in: impl AsyncFnOnce() -> Result<Token, E>,
    ) -> Result<Rc<Value>, E> {
        let _one_at_a_time = self.logging_in.lock().await;
        let current = self.token.borrow().clone();
        if let Some(token) = current
            && rejected.is_none_or(|rejected| !Rc::ptr_eq(rejected, &token))
        {
            return Ok(token);
        }
        if rejected.is_some() {
            self.state.set(State::Lost);
        }
        let token = log_in().await?;
        if token.is_new {
            self.state.set(State::New(token.lifetime));
        }
        let value = Rc::new(token.value);
        *self.token.borrow_mut() = Some(Rc::clone(&value));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::http::stub;

    fn token(text: &str) -> Token {
        Token { value: Value::from(text), lifetime: None, is_new: true }
    }

    #[test]
    fn a_login_is_made_once_and_a_rejected_token_is_replaced_once() {
        stub::run(async {
            let (session, logins) = (Session::default(), Cell::new(0));
            let log_in = async || {
                logins.set(logins.get() + 1);
                Ok::<_, Infallible>(token(&format!("canary {}", logins.get())))
            };
            let Ok(first) = session.token(None, log_in).await;
            let Ok(again) = session.token(None, log_in).await;
            assert!(Rc::ptr_eq(&first, &again));
            let Ok(second) = session.token(Some(&first), log_in).await;
            // Another request that met the same rejection takes the new one.
            let Ok(third) = session.token(Some(&first), log_in).await;
            assert!(Rc::ptr_eq(&second, &third));
            assert_eq!((logins.get(), second.expose()), (2, b"canary 2".as_slice()));
            assert!(matches!(session.outcome(), Login::New { .. }));
        });
    }

    #[test]
    fn a_resumed_token_is_the_same_login_until_it_is_rejected() {
        stub::run(async {
            let session = Session::default();
            session.resume(Value::from("canary"));
            let denied = async || Err::<Token, _>("denied");
            let resumed = session.token(None, denied).await.unwrap();
            assert!(matches!(session.outcome(), Login::Same));
            assert_eq!(session.token(Some(&resumed), denied).await.unwrap_err(), "denied");
            assert!(matches!(session.outcome(), Login::Lost));
        });
    }
}
