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

/// A column a phase, a row an event; in a cell what is done, and the phase that follows. Nothing done
/// and nothing changed is a dash. The phases: Running, Leaving (asked to end), Soon (asked again),
/// Killed, Winding up (descendants are asked to end), eXecuting them, Draining the output, Closed to
/// more of it, Finished.
const TABLE: &str = "
event   R             L             S              K        W             X         D           C         F
TERM    pass,grace>L  pass,second>S pass,kill>K    pass>K   kill-rest>X   second>D  finish>F    finish>F  -
INT     pass>R        pass,second>S pass,kill>K    pass>K   kill-rest>X   second>D  finish>F    finish>F  -
HUP     pass>R        pass>L        pass>S         pass>K   kill-rest>X   second>D  finish>F    finish>F  -
USR1    pass>R        pass>L        pass>S         pass>K   -             -         -           -         -
CONT    pass>R        pass>L        pass>S         pass>K   -             -         -           -         -
resize  resize>R      resize>L      resize>S       resize>K -             -         -           -         -
stopped stop>R        stop>L        stop>S         stop>K   -             -         -           -         -
ended   second>D      second>D      second>D       second>D -             -         -           -         -
time    -             kill>K        kill>K         -        kill-rest>X   second>D  close>C     -         -
quiet   -             -             -              -        -             -         finish>F    finish>F  -
alone   -             -             -              -        second>D      second>D  -           -         -
resumed -             -             -              -        -             -         -           -         -
";

fn event(name: &str) -> Event {
    match name {
        "TERM" => sent(libc::SIGTERM),
        "INT" => sent(libc::SIGINT),
        "HUP" => sent(libc::SIGHUP),
        "USR1" => sent(libc::SIGUSR1),
        "CONT" => sent(libc::SIGCONT),
        "resize" => typed(libc::SIGWINCH),
        "stopped" => Event::Stopped(libc::SIGTSTP),
        "ended" => Event::Ended(CODE),
        "time" => Event::Deadline,
        "quiet" => Event::Quiet,
        "alone" => Event::Alone,
        "resumed" => Event::Resumed,
        other => panic!("no event {other}"),
    }
}

fn phase(name: &str, last: Instant) -> Phase {
    match name {
        "R" => Phase::Running,
        "L" => Phase::Leaving { requests: 1, last },
        "S" => Phase::Leaving { requests: 2, last },
        "K" => Phase::Killed,
        "W" => Phase::Sweeping { ending: CODE, killed: false },
        "X" => Phase::Sweeping { ending: CODE, killed: true },
        "D" => Phase::Draining { ending: CODE, closed: false },
        "C" => Phase::Draining { ending: CODE, closed: true },
        "F" => Phase::Finished,
        other => panic!("no phase {other}"),
    }
}

fn actions(name: &str, event: Event) -> Vec<Action> {
    let part = |name: &str| match (name, event) {
        ("pass", Event::Signal(received)) => vec![Action::Forward(received)],
        ("grace", _) => vec![Action::Arm(GRACE)],
        ("second", _) => vec![Action::Arm(Duration::from_secs(1))],
        ("kill", _) => vec![Action::Kill, Action::Disarm],
        ("kill-rest", _) => vec![Action::Arm(LINGER), Action::EndRest(libc::SIGKILL)],
        ("close", _) => vec![Action::CloseOutput, Action::Disarm],
        ("resize", _) => vec![Action::Resize],
        ("stop", Event::Stopped(number)) => vec![Action::Stop(number)],
        ("finish", _) => vec![Action::Finish(CODE)],
        (other, _) => panic!("no action {other}"),
    };
    name.split(',').flat_map(part).collect()
}

#[test]
fn every_event_in_every_phase() {
    let before = Instant::now();
    let now = before + SHORTENED;
    let mut rows = TABLE.trim().lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let columns = rows.next().unwrap();
    for row in rows {
        assert_eq!(row.len(), columns.len(), "{row:?}");
        for (column, cell) in columns.iter().zip(&row).skip(1) {
            let event = event(row[0]);
            let (want, follows) = match cell.split_once('>') {
                Some((done, follows)) => (actions(done, event), follows),
                None => (Vec::new(), *column),
            };
            let of_group = terms(Place::OwnGroup);
            let mut state = State { terms: of_group, phase: phase(column, before), stopped: false };
            assert_eq!(state.step(event, now), want, "{} in {column}", row[0]);
            let got = std::mem::discriminant(&state.phase);
            assert_eq!(got, std::mem::discriminant(&phase(follows, now)), "{} in {column}", row[0]);
            if follows != *column {
                assert_eq!(state.phase, phase(follows, now), "{} in {column}", row[0]);
            }
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
    let again = state.step(sent(libc::SIGTERM), now + Duration::from_micros(100));
    assert_eq!(again, [forward(libc::SIGTERM)]);
    assert_eq!(state.phase, Phase::Leaving { requests: 1, last: now });
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
    assert_eq!(actions, [Action::Arm(GRACE), Action::EndRest(libc::SIGTERM)]);
}
