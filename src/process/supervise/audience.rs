//! Whom a signal was sent to: us alone, so that it is passed on, or our whole process group, so that the
//! command has it already. Pure, but for [`next_signals`].

use std::io;

use nix::libc::{self, SIGHUP};
use nix::unistd::{getpid, getsid};

use crate::sys::group_witness::GroupWitness;
use crate::sys::signals::{BlockedSignals, ReceivedSignal};

/// Whom a signal was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Us alone.
    Process,
    /// Our whole process group.
    Group,
}

/// The signals that have come.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Each with whom it was sent to; SIGCHLD and our own are left out.
    pub signals: Vec<(ReceivedSignal, Audience)>,
    /// Whether a SIGCHLD was among them.
    pub child: bool,
    /// What the witness has seen and we have not: signals to each process by itself.
    pub unmatched: Vec<u8>,
}

/// Takes all signals that have come.
pub(super) fn next_signals(
    signals: &BlockedSignals,
    witness: Option<&GroupWitness>,
) -> io::Result<Batch> {
    let mut batch = Batch::default();
    let mut received = take_signals(signals, &mut batch.child)?;
    while !received.is_empty() {
        let mut witnessed = witness.and_then(GroupWitness::take_signals);
        // The same signal may have come again before the witness was asked, which then has it once.
        let again = take_signals(signals, &mut batch.child)?;
        let leads_session = getsid(None) == Ok(getpid());
        let decided = sort(&received, witnessed.as_mut(), leads_session);
        batch.unmatched.extend(witnessed.unwrap_or_default());
        received = without_repeated(again, &decided);
        batch.signals.extend(decided);
    }
    Ok(batch)
}

/// Takes all signals that have come, SIGCHLD and our own left out; notes whether there was a SIGCHLD.
pub(super) fn take_signals(
    signals: &BlockedSignals,
    child: &mut bool,
) -> io::Result<Vec<ReceivedSignal>> {
    let own = getpid().as_raw();
    let mut taken = Vec::new();
    while let Some(received) = signals.next()? {
        if received.number == libc::SIGCHLD {
            *child = true;
        } else if received.from_kernel || received.sender != own {
            // Ours are SIGPIPE and what we send to our process group.
            taken.push(received);
        }
    }
    Ok(taken)
}

/// Tells signals to the group from those to us by what the witness has seen, of which it takes those that
/// we have, too. Without a witness, those of the kernel are taken for the terminal's.
fn sort(
    received: &[ReceivedSignal],
    mut witnessed: Option<&mut Vec<u8>>,
    leads_session: bool,
) -> Vec<(ReceivedSignal, Audience)> {
    let mut audience = |signal: &ReceivedSignal| match &mut witnessed {
        // A hangup is told to the leader of the session alone.
        None if signal.from_kernel && !(leads_session && signal.number == SIGHUP) => {
            Audience::Group
        }
        None => Audience::Process,
        Some(seen) => match seen.iter().position(|number| i32::from(*number) == signal.number) {
            Some(at) => {
                seen.swap_remove(at);
                Audience::Group
            }
            None => Audience::Process,
        },
    };
    received.iter().map(|signal| (*signal, audience(signal))).collect()
}

/// Leaves out what the same sender has just sent to the group: the witness may have had both as one.
fn without_repeated(
    again: Vec<ReceivedSignal>,
    decided: &[(ReceivedSignal, Audience)],
) -> Vec<ReceivedSignal> {
    let repeated = |signal: &ReceivedSignal| {
        decided.iter().any(|(before, audience)| {
            *audience == Audience::Group
                && (before.number, before.sender) == (signal.number, signal.sender)
                && signal.value.is_none()
        })
    };
    again.into_iter().filter(|signal| !repeated(signal)).collect()
}

#[cfg(test)]
mod tests {
    use super::Audience::{Group, Process};
    use super::*;

    fn signal(number: i32, sender: i32) -> ReceivedSignal {
        ReceivedSignal { number, from_kernel: sender == 0, sender, value: None }
    }

    #[test]
    fn what_the_witness_has_seen_was_sent_to_the_group() {
        for (received, witnessed, want) in [
            (&[(15, 7)][..], Some(&[15][..]), &[Group][..]),
            (&[(15, 7)], Some(&[]), &[Process]),
            (&[(15, 7), (15, 8)], Some(&[15]), &[Group, Process]),
            (&[(2, 0), (1, 7)], Some(&[2]), &[Group, Process]),
            // Session leaders alone are told of a hangup.
            (&[(1, 0)], Some(&[]), &[Process]),
            (&[(2, 0), (2, 7)], None, &[Group, Process]),
            (&[(1, 0)], None, &[Process]),
        ] {
            let received: Vec<_> = received.iter().map(|(n, from)| signal(*n, *from)).collect();
            let mut witnessed = witnessed.map(<[u8]>::to_vec);
            let sorted = sort(&received, witnessed.as_mut(), true);
            let got: Vec<_> = sorted.into_iter().map(|(_, audience)| audience).collect();
            assert_eq!(got, want, "{received:?} {witnessed:?}");
        }
    }

    #[test]
    fn a_signal_to_the_group_that_came_twice_is_not_passed_on() {
        let decided = [(signal(15, 7), Group), (signal(10, 7), Process)];
        let again = vec![signal(15, 7), signal(15, 8), signal(10, 7)];
        assert_eq!(without_repeated(again, &decided), [signal(15, 8), signal(10, 7)]);
    }
}
