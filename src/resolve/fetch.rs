//! Asks all sources at once and puts what they give in their order. It decides no precedence but
//! that.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use super::Error;
use super::cached::Part;
use crate::secret::SecretSet;

/// Fetches from all sources concurrently, and gives the secrets in the order of the sources. The
/// first source that fails ends it; what the others are doing is dropped.
pub async fn fetch(parts: &[Part]) -> Result<SecretSet, Error> {
    let waiting = |part| -> State<'_> { State::Waiting(Box::pin(Part::fetch(part))) };
    let mut under_way: Vec<State<'_>> = parts.iter().map(waiting).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for state in &mut under_way {
            let State::Waiting(fetch) = state else { continue };
            match fetch.as_mut().poll(context) {
                Poll::Pending => waiting = true,
                Poll::Ready(Ok(set)) => *state = State::Done(set),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(Ok(())) }
    })
    .await?;
    let mut all = SecretSet::default();
    for state in under_way {
        if let State::Done(set) = state {
            all.append(set);
        }
    }
    Ok(all)
}

enum State<'a> {
    Waiting(Pin<Box<dyn Future<Output = Result<SecretSet, Error>> + 'a>>),
    Done(SecretSet),
}
