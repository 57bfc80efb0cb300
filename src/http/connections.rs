//! The connections that there are, to whatever origins, and a request on one of them. It asks once: whether
//! to ask again is decided elsewhere.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use hyper::Response;
use hyper::body::Incoming;
use url::Origin;

use super::connect::Connector;
use super::explain::{self, Context, Failure};
use super::link::Link;
use super::pool::{Pool, Taken};
use super::request::Request;
use super::trust::Trust;

/// What makes connections, and those that it made.
pub(super) struct Connections {
    connector: Connector,
    pools: RefCell<HashMap<Origin, Rc<Pool>>>,
}

/// The head of an answer, and whence the rest comes.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    link: Link,
    pool: Rc<Pool>,
}

impl Connections {
    /// None yet. Each may take so long to be made.
    pub(super) fn new(trust: Trust, timeout: Duration) -> Self {
        Self { connector: Connector::new(trust, timeout), pools: RefCell::default() }
    }

    /// Closes those that nothing is under way on.
    pub(super) fn let_go(&self) {
        self.pools.borrow_mut().clear();
    }

    /// Asks for what the request says where the context points, and tells when it is waiting for a
    /// connection.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        context: &Context<'_>,
        is_connecting: &Cell<bool>,
    ) -> Result<Answer, Failure> {
        let pool = Rc::clone(self.pools.borrow_mut().entry(context.url.origin()).or_default());
        loop {
            is_connecting.set(true);
            let taken = pool.take(self.connector.connect(context)).await;
            is_connecting.set(false);
            let Taken { mut link, is_used } = taken?;
            let bearer = request.placeholder(&link).map_err(explain::at_last)?;
            let built = request.build(context, link.is_http2(), bearer.as_ref());
            let answered = link.send(built.map_err(explain::at_last)?).await;
            drop(bearer);
            match answered {
                Ok(response) => return Ok(Answer { response, link, pool }),
                // It was closed while nobody used it.
                Err(unanswered) if is_used && unanswered.is_unsent => pool.forget_shared(),
                Err(unanswered) => {
                    return Err(explain::head(unanswered.cause(), unanswered.is_unsent, context));
                }
            }
        }
    }
}

impl Answer {
    /// Gives the connection to whoever needs one next. The body has been read to its end.
    pub(super) fn finish(self) {
        self.pool.give_back(self.link);
    }
}
