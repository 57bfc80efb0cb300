//! A connector layer that records whether connections are being established. The client uses it to tell a
//! connect timeout from a response timeout, and to share the first connection. It does not change how
//! connections are made.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// The state of a client's connections; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionTracker(Arc<ConnectionState>);

#[derive(Debug, Default)]
struct ConnectionState {
    pending: AtomicUsize,
    established: AtomicBool,
}

/// The connector that the tracker wraps.
#[derive(Clone, Debug)]
pub(super) struct TrackedConnector<S> {
    inner: S,
    state: Arc<ConnectionState>,
}

/// Counts one pending connection until it is dropped.
struct PendingConnection(Arc<ConnectionState>);

impl ConnectionTracker {
    /// Whether a connection is being established.
    pub(super) fn is_connecting(&self) -> bool {
        self.0.pending.load(Ordering::Relaxed) > 0
    }

    /// Whether a connection was established.
    pub(super) fn has_connected(&self) -> bool {
        self.0.established.load(Ordering::Relaxed)
    }
}

impl Drop for PendingConnection {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for ConnectionTracker {
    type Service = TrackedConnector<S>;

    fn layer(&self, inner: S) -> TrackedConnector<S> {
        TrackedConnector { inner, state: Arc::clone(&self.0) }
    }
}

impl<S, R> Service<R> for TrackedConnector<S>
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
        self.state.pending.fetch_add(1, Ordering::Relaxed);
        let pending = PendingConnection(Arc::clone(&self.state));
        let connection = self.inner.call(request);
        Box::pin(async move {
            let connection = connection.await?;
            pending.0.established.store(true, Ordering::Relaxed);
            Ok(connection)
        })
    }
}
