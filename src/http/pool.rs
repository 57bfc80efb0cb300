//! The connections that there are to one origin, and who may use which. It makes none itself and sends
//! nothing.

use std::cell::{Cell, RefCell};

use tokio::sync::Mutex;

use super::explain::Failure;
use super::link::{Link, Resting};

/// The connections to one origin.
#[derive(Default)]
pub(super) struct Pool {
    /// The one of HTTP/2, which everybody shares.
    shared: RefCell<Option<Link>>,
    /// Those of HTTP/1 that nobody uses now.
    idle: RefCell<Vec<Resting>>,
    /// As long as nobody knows what the server speaks, one connection is made at a time: it may do for all.
    first: Mutex<()>,
    /// Whether one connection for all is not to be had.
    is_many: Cell<bool>,
}

/// A connection for a request.
pub(super) struct Taken {
    pub(super) link: Link,
    /// Whether it served others before, and so may have been closed meanwhile.
    pub(super) is_used: bool,
}

impl Pool {
    /// A connection that takes a request now; where there is none, one is made.
    pub(super) async fn take(
        &self,
        connecting: impl Future<Output = Result<Link, Failure>>,
    ) -> Result<Taken, Failure> {
        if let Some(taken) = self.find().await {
            return Ok(taken);
        }
        let turn = if self.is_many.get() { None } else { Some(self.first.lock().await) };
        // Whoever had the turn before may have made what serves us too.
        if turn.is_some()
            && let Some(taken) = self.find().await
        {
            return Ok(taken);
        }
        let turn = turn.filter(|_| !self.is_many.get());
        let made = connecting.await;
        let shared = made.as_ref().ok().and_then(Link::share);
        self.is_many.set(shared.is_none());
        self.shared.replace(shared);
        drop(turn);
        Ok(Taken { link: made?, is_used: false })
    }

    /// Takes back what nothing is under way on.
    pub(super) fn give_back(&self, link: Link) {
        self.idle.borrow_mut().extend(link.rest());
    }

    /// Forgets the shared connection, which takes no more requests.
    pub(super) fn forget_shared(&self) {
        self.shared.take();
    }

    async fn find(&self) -> Option<Taken> {
        let shared = self.shared.borrow().as_ref().and_then(Link::share);
        if let Some(mut link) = shared {
            if link.ready().await {
                return Some(Taken { link, is_used: true });
            }
            self.forget_shared();
        }
        loop {
            let resting = self.idle.borrow_mut().pop()?;
            if let Some(link) = resting.resume().await {
                return Some(Taken { link, is_used: true });
            }
        }
    }
}
