//! Whether a signal was sent to hushed alone, which forwards it, or to its whole process group, so that the command
//! has received it itself.

use std::io;

use nix::libc::{self, SIGHUP};
use nix::unistd::{getpid, getsid};

use crate::sys::group_witness::GroupWitness;
use crate::sys::signals::{BlockedSignals, ReceivedSignal};

/// The target of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignalTarget {
    /// hushed alone.
    Process,
    /// The process group of hushed.
    Group,
}

/// Signals that have arrived.
#[derive(Debug, Default)]
pub(super) struct SignalBatch {
    /// Each with its target, without SIGCHLD and those that hushed sent itself.
    pub signals: Vec<(ReceivedSignal, SignalTarget)>,
    /// Whether SIGCHLD was among them.
    pub child: bool,
    /// Signals that only the witness has received: sent to each process by itself.
    pub unmatched: Vec<u8>,
}

/// Reads all pending signals and determines their targets.
pub(super) fn read_signals(
    signals: &BlockedSignals,
    witness: Option<&GroupWitness>,
) -> io::Result<SignalBatch> {
    let mut batch = SignalBatch::default();
    let mut received = take_signals(signals, &mut batch.child)?;
    while !received.is_empty() {
        let mut witnessed = witness.and_then(GroupWitness::take_signals);
        // A signal may have arrived twice before the witness was asked, which then has it once.
        let again = take_signals(signals, &mut batch.child)?;
        let leads_session = getsid(None) == Ok(getpid());
        let decided = classify(&received, witnessed.as_mut(), leads_session);
        batch.unmatched.extend(witnessed.unwrap_or_default());
        received = drop_repeated(again, &decided);
        batch.signals.extend(decided);
    }
    Ok(batch)
}

/// Takes all pending signals except SIGCHLD, whose arrival is noted in `child`, and hushed's own.
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
            // hushed's own are SIGPIPE and those that it sends to its process group.
            taken.push(received);
        }
    }
    Ok(taken)
}

/// Determines the targets from what the witness received, and removes from `witnessed` what was matched. Without a
/// witness, signals from the kernel count as the terminal's.
fn classify(
    received: &[ReceivedSignal],
    mut witnessed: Option<&mut Vec<u8>>,
    leads_session: bool,
) -> Vec<(ReceivedSignal, SignalTarget)> {
    let mut target = |signal: &ReceivedSignal| match &mut witnessed {
        // The kernel sends SIGHUP to the session leader alone.
        None if signal.from_kernel && !(leads_session && signal.number == SIGHUP) => {
            SignalTarget::Group
        }
        None => SignalTarget::Process,
        Some(seen) => match seen.iter().position(|number| i32::from(*number) == signal.number) {
            Some(at) => {
                seen.swap_remove(at);
                SignalTarget::Group
            }
            None => SignalTarget::Process,
        },
    };
    received.iter().map(|signal| (*signal, target(signal))).collect()
}

/// Drops a signal that the same sender has just sent to the group: the witness may have received both as one.
fn drop_repeated(
    again: Vec<ReceivedSignal>,
    decided: &[(ReceivedSignal, SignalTarget)],
) -> Vec<ReceivedSignal> {
    let repeated = |signal: &ReceivedSignal| {
        decided.iter().any(|(before, target)| {
            *target == SignalTarget::Group
                && (before.number, before.sender) == (signal.number, signal.sender)
                && signal.value.is_none()
        })
    };
    again.into_iter().filter(|signal| !repeated(signal)).collect()
}

#[cfg(test)]
mod tests {
    use super::SignalTarget::{Group, Process};
    use super::*;

    fn signal(number: i32, sender: i32) -> ReceivedSignal {
        ReceivedSignal { number, from_kernel: sender == 0, sender, value: None }
    }

    #[test]
    fn a_signal_that_the_witness_received_was_sent_to_the_group() {
        for (received, witnessed, want) in [
            (&[(15, 7)][..], Some(&[15][..]), &[Group][..]),
            (&[(15, 7)], Some(&[]), &[Process]),
            (&[(15, 7), (15, 8)], Some(&[15]), &[Group, Process]),
            (&[(2, 0), (1, 7)], Some(&[2]), &[Group, Process]),
            // Only session leaders get SIGHUP.
            (&[(1, 0)], Some(&[]), &[Process]),
            (&[(2, 0), (2, 7)], None, &[Group, Process]),
            (&[(1, 0)], None, &[Process]),
        ] {
            let received: Vec<_> = received.iter().map(|(n, from)| signal(*n, *from)).collect();
            let mut witnessed = witnessed.map(<[u8]>::to_vec);
            let sorted = classify(&received, witnessed.as_mut(), true);
            let got: Vec<_> = sorted.into_iter().map(|(_, target)| target).collect();
            assert_eq!(got, want, "{received:?} {witnessed:?}");
        }
    }

    #[test]
    fn a_repeated_signal_to_the_group_is_dropped() {
        let decided = [(signal(15, 7), Group), (signal(10, 7), Process)];
        let again = vec![signal(15, 7), signal(15, 8), signal(10, 7)];
        assert_eq!(drop_repeated(again, &decided), [signal(15, 8), signal(10, 7)]);
    }
}
