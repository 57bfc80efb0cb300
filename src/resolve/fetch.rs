//! Asks all sources at once and puts what they give in their order. It decides no precedence but
//! that.

use std::future::poll_fn;
use std::task::Poll;

use super::Error;
use crate::provider::{Fetch, Source};
use crate::secret::SecretSet;

/// Fetches from all sources concurrently, and gives the secrets in the order of the sources. The
/// first source that fails ends it; what the others are doing is dropped.
pub async fn fetch(sources: &[Box<dyn Source>]) -> Result<SecretSet, Error> {
    let mut under_way: Vec<State<'_>> =
        sources.iter().map(|source| State::Waiting(source.fetch())).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (state, source) in under_way.iter_mut().zip(sources) {
            let State::Waiting(fetch) = state else { continue };
            match fetch.as_mut().poll(context) {
                Poll::Pending => waiting = true,
                Poll::Ready(Ok(set)) => *state = State::Done(set),
                Poll::Ready(Err(error)) => {
                    let source_name = source.name().to_owned();
                    return Poll::Ready(Err(Error::Source { source_name, error }));
                }
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
    Waiting(Fetch<'a>),
    Done(SecretSet),
}
