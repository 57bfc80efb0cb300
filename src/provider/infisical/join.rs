//! Waiting for several futures at once, on this thread. It starts no task.

use std::future::poll_fn;
use std::task::Poll;

/// Runs all futures together and gives their results in order; the first error ends it.
pub(super) async fn try_join<T, E>(
    futures: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let mut running: Vec<_> = futures.into_iter().map(Box::pin).map(Ok::<_, T>).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for slot in &mut running {
            let Ok(future) = slot else { continue };
            match future.as_mut().poll(context) {
                Poll::Ready(Ok(done)) => *slot = Err(done),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => waiting = true,
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(Ok(())) }
    })
    .await?;
    Ok(running.into_iter().filter_map(Result::err).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test]
    async fn futures_wait_together_and_keep_their_order() {
        let begun = Instant::now();
        let wait = |milliseconds| async move {
            sleep(Duration::from_millis(milliseconds)).await;
            Ok::<_, ()>(milliseconds)
        };
        assert_eq!(try_join([300, 100, 200].map(wait)).await, Ok(vec![300, 100, 200]));
        assert!(begun.elapsed() < Duration::from_millis(550));
        assert_eq!(try_join([0; 0].map(wait)).await, Ok(vec![]));
    }

    #[tokio::test]
    async fn an_error_does_not_wait_for_the_others() {
        let futures = [Some(()), None].map(|slow| async move {
            match slow {
                Some(()) => std::future::pending().await,
                None => Err::<(), _>("no"),
            }
        });
        assert_eq!(try_join(futures).await, Err("no"));
    }
}
