//! Whether a connection is being made: what the end of the time allowed interrupts is either that, or
//! the wait for an answer; and whether one was made at all. It only counts, and changes nothing of how
//! connections are made.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// A count of the connections that are being made, which clones share.
#[derive(Clone, Debug, Default)]
pub(super) struct Connecting(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    under_way: AtomicUsize,
    made: AtomicBool,
}

/// What makes connections, counted.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    inner: S,
    count: Connecting,
}

/// One that is being made.
struct One(Connecting);

impl Connecting {
    /// Whether there is one.
    pub(super) fn is_under_way(&self) -> bool {
        self.0.under_way.load(Ordering::Relaxed) > 0
    }

    /// Whether one was made.
    pub(super) fn was_made(&self) -> bool {
        self.0.made.load(Ordering::Relaxed)
    }

    fn one(&self) -> One {
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        One(self.clone())
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for Connecting {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted { inner, count: self.clone() }
    }
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (one, made) = (self.count.one(), self.inner.call(request));
        Box::pin(async move {
            let made = made.await?;
            one.0.0.made.store(true, Ordering::Relaxed);
            Ok(made)
        })
    }
}
