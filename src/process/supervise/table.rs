//! Every event in every state, as a table: what is decided, and which state follows.

use std::time::{Duration, Instant};

use nix::libc;

use super::state::{Action, Ending, Event, LINGER, Phase, Place, SHORTENED, State, Terms};
use crate::sys::signals::Received;

const GRACE: Duration = Duration::from_secs(10);
const CODE: Ending = Ending::Code(7);

fn signal(number: i32, of_kernel: bool) -> Received {
    Received { number, of_kernel, sender: 0, value: None }
}

fn sent(number: i32) -> Event {
    Event::Signal(signal(number, false))
}

fn typed(number: i32) -> Event {
    Event::Signal(signal(number, true))
}

fn forward(number: i32) -> Action {
    Action::Forward(signal(number, false))
}

fn terms(place: Place) -> Terms {
    Terms { place, grace: GRACE, sweep: false, term_ignored: false }
}

/// The names of the phases, without what they carry.
fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "running",
        Phase::Leaving { requests: 1, .. } => "leaving",
        Phase::Leaving { .. } => "leaving soon",
        Phase::Killed => "killed",
        Phase::Sweeping { killed: false, .. } => "sweeping",
        Phase::Sweeping { .. } => "sweeping hard",
        Phase::Draining { closed: false, .. } => "draining",
        Phase::Draining { .. } => "closed",
        Phase::Finished => "finished",
    }
}

/// Walks each phase's row: all events, the actions, and the phase that follows.
#[test]
fn every_event_in_every_phase() {
    let before = Instant::now();
    let now = before + Duration::from_secs(1);
    let phases = [
        Phase::Running,
        Phase::Leaving { requests: 1, last: before },
        Phase::Leaving { requests: 2, last: before },
        Phase::Killed,
        Phase::Sweeping { ending: CODE, killed: false },
        Phase::Sweeping { ending: CODE, killed: true },
        Phase::Draining { ending: CODE, closed: false },
        Phase::Draining { ending: CODE, closed: true },
        Phase::Finished,
    ];
    let drain = vec![Action::Arm(LINGER)];
    let kill = vec![Action::Kill, Action::Disarm];
    let sweep = vec![Action::EndRest(libc::SIGKILL), Action::Arm(LINGER)];
    let finish = vec![Action::Finish(CODE)];
    let close = vec![Action::CloseOutput, Action::Disarm];
    let stop = vec![Action::Stop(libc::SIGTSTP)];
    let hup = vec![forward(libc::SIGHUP)];
    let int = vec![forward(libc::SIGINT)];
    let term = |rest: &[Action]| [&[forward(libc::SIGTERM)], rest].concat();
    let shorten = [forward(libc::SIGINT), Action::Arm(SHORTENED)].to_vec();
    let kill_after = |number| [forward(number), Action::Kill, Action::Disarm].to_vec();
    let none = Vec::new;
    // One column a phase, in the order above.
    let rows: Vec<(Event, [(Vec<Action>, &str); 9])> = vec![
        (
            sent(libc::SIGTERM),
            [
                (term(&[Action::Arm(GRACE)]), "leaving"),
                (term(&[Action::Arm(SHORTENED)]), "leaving soon"),
                (kill_after(libc::SIGTERM), "killed"),
                (term(&[]), "killed"),
                (sweep.clone(), "sweeping hard"),
                (drain.clone(), "draining"),
                (finish.clone(), "finished"),
                (finish.clone(), "finished"),
                (none(), "finished"),
            ],
        ),
        (
            sent(libc::SIGINT),
            [
                (int.clone(), "running"),
                (shorten, "leaving soon"),
                (kill_after(libc::SIGINT), "killed"),
                (int, "killed"),
                (sweep.clone(), "sweeping hard"),
                (drain.clone(), "draining"),
                (finish.clone(), "finished"),
                (finish.clone(), "finished"),
                (none(), "finished"),
            ],
        ),
        (
            sent(libc::SIGHUP),
            [
                (hup.clone(), "running"),
                (hup.clone(), "leaving"),
                (hup.clone(), "leaving soon"),
                (hup, "killed"),
                (sweep.clone(), "sweeping hard"),
                (drain.clone(), "draining"),
                (finish.clone(), "finished"),
                (finish.clone(), "finished"),
                (none(), "finished"),
            ],
        ),
        (
            Event::Stopped(libc::SIGTSTP),
            [
                (stop.clone(), "running"),
                (stop.clone(), "leaving"),
                (stop.clone(), "leaving soon"),
                (stop, "killed"),
                (none(), "sweeping"),
                (none(), "sweeping hard"),
                (none(), "draining"),
                (none(), "closed"),
                (none(), "finished"),
            ],
        ),
        (
            Event::Ended(CODE),
            [
                (drain.clone(), "draining"),
                (drain.clone(), "draining"),
                (drain.clone(), "draining"),
                (drain.clone(), "draining"),
                (none(), "sweeping"),
                (none(), "sweeping hard"),
                (none(), "draining"),
                (none(), "closed"),
                (none(), "finished"),
            ],
        ),
        (
            Event::Deadline,
            [
                (none(), "running"),
                (kill.clone(), "killed"),
                (kill, "killed"),
                (none(), "killed"),
                (sweep, "sweeping hard"),
                (drain.clone(), "draining"),
                (close, "closed"),
                (none(), "closed"),
                (none(), "finished"),
            ],
        ),
        (
            Event::Alone,
            [
                (none(), "running"),
                (none(), "leaving"),
                (none(), "leaving soon"),
                (none(), "killed"),
                (drain.clone(), "draining"),
                (drain, "draining"),
                (none(), "draining"),
                (none(), "closed"),
                (none(), "finished"),
            ],
        ),
        (
            Event::Quiet,
            [
                (none(), "running"),
                (none(), "leaving"),
                (none(), "leaving soon"),
                (none(), "killed"),
                (none(), "sweeping"),
                (none(), "sweeping hard"),
                (finish.clone(), "finished"),
                (finish, "finished"),
                (none(), "finished"),
            ],
        ),
    ];
    for (event, row) in rows {
        for (phase, (actions, follows)) in phases.into_iter().zip(row) {
            let mut state = State { terms: terms(Place::OwnGroup), phase, stopped: false };
            let from = name(phase);
            assert_eq!(state.step(event, now), actions, "{event:?} while {from}");
            assert_eq!(name(state.phase), follows, "{event:?} while {from}");
        }
    }
}

/// Which signals go on to the command depends on who has told it already.
#[test]
fn what_the_terminal_has_told_is_not_told_again() {
    let group = Place::OurGroup { leader: false };
    let leader = Place::OurGroup { leader: true };
    for (place, event, goes_on) in [
        (group, typed(libc::SIGINT), false),
        (group, typed(libc::SIGQUIT), false),
        (group, typed(libc::SIGTSTP), false),
        (group, typed(libc::SIGHUP), false),
        (leader, typed(libc::SIGHUP), true),
        (leader, typed(libc::SIGINT), false),
        (group, typed(libc::SIGALRM), true),
        (group, sent(libc::SIGINT), true),
        (group, sent(libc::SIGTSTP), true),
        (group, sent(libc::SIGWINCH), true),
        (Place::OwnGroup, typed(libc::SIGINT), true),
        (Place::OwnSession, typed(libc::SIGINT), true),
        (Place::OwnSession, typed(libc::SIGHUP), true),
        (Place::OwnSession, sent(libc::SIGABRT), true),
        (Place::OwnSession, sent(40), true),
    ] {
        let Event::Signal(received) = event else { panic!("no signal") };
        let actions = State::new(terms(place)).step(event, Instant::now());
        let want = if goes_on { vec![Action::Forward(received)] } else { Vec::new() };
        assert_eq!(actions, want, "{event:?} in {place:?}");
    }
}

#[test]
fn a_change_of_size_is_passed_on_as_a_size() {
    for place in [Place::OwnSession, Place::OurGroup { leader: false }] {
        let actions = State::new(terms(place)).step(typed(libc::SIGWINCH), Instant::now());
        assert_eq!(actions, [Action::Resize], "{place:?}");
    }
}

#[test]
fn a_stopped_command_is_continued_once() {
    let now = Instant::now();
    for (place, then, want) in [
        // The shell's SIGCONT went to the group, and the command has said so: nothing is left to do.
        (Place::OurGroup { leader: false }, Event::Continued, vec![]),
        // A stop that nobody could carry out: the command goes on at once.
        (Place::OwnGroup, Event::Alone, vec![Action::Resume]),
        // In its own session it hears of no other SIGCONT, and the foreground may have changed.
        (Place::OwnSession, Event::Continued, vec![Action::Resume]),
    ] {
        let mut state = State::new(terms(place));
        assert_eq!(state.step(Event::Stopped(libc::SIGTSTP), now), [Action::Stop(libc::SIGTSTP)]);
        assert_eq!(state.step(then, now), []);
        assert_eq!(state.step(Event::Resumed, now), want, "{place:?}");
    }
}

#[test]
fn a_request_told_twice_at_once_is_one() {
    let now = Instant::now();
    let mut state = State::new(terms(Place::OwnGroup));
    state.step(sent(libc::SIGTERM), now);
    let again = state.step(sent(libc::SIGTERM), now + Duration::from_millis(1));
    assert_eq!(again, [forward(libc::SIGTERM)]);
    assert_eq!(name(state.phase), "leaving");
}

#[test]
fn an_ignored_sigterm_asks_nobody_to_end() {
    let ignored = Terms { term_ignored: true, ..terms(Place::OwnGroup) };
    let mut state = State::new(ignored);
    assert_eq!(state.step(sent(libc::SIGTERM), Instant::now()), [forward(libc::SIGTERM)]);
    assert_eq!(state.phase, Phase::Running);
}

#[test]
fn descendants_are_ended_only_when_promised() {
    let promised = Terms { sweep: true, ..terms(Place::OwnGroup) };
    let actions = State::new(promised).step(Event::Ended(CODE), Instant::now());
    assert_eq!(actions, [Action::EndRest(libc::SIGTERM), Action::Arm(GRACE)]);
}
