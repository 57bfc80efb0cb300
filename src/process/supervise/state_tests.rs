//! Every event in every phase, as a table of actions and next phases.

use std::time::Duration;

use nix::libc;

use super::state::{Action, CommandExit, DRAIN_TIMEOUT, Event, Phase, Policy, SupervisorState};
use crate::sys::signals::ReceivedSignal;

const KILL_AFTER: Duration = Duration::from_secs(10);
const CODE: CommandExit = CommandExit::Code(7);
const POLICY: Policy = Policy {
    own_session: false,
    kill_after: Some(KILL_AFTER),
    end_descendants: false,
    term_ignored: false,
};

fn signal(number: i32, from_kernel: bool) -> ReceivedSignal {
    ReceivedSignal { number, from_kernel, sender: 0, value: None }
}

fn sent(number: i32) -> Event {
    Event::Signal(signal(number, false))
}

fn to_group(number: i32) -> Event {
    Event::GroupSignal(signal(number, false))
}

/// A column for each phase, a row for each event; a cell has the actions and the next phase, a dash neither. The phases:
/// Running, Terminating, Killed, descendants Warned (SIGTERM) and eXecuted (SIGKILL), Draining the output, Closed to
/// more of it, Finished.
const TABLE: &str = "
event       R             T       K        W             X         D           C         F
TERM        pass,time>T   pass>T  pass>K   -             -         finish>F    finish>F  -
INT         pass>R        pass>T  pass>K   -             -         finish>F    finish>F  -
HUP         pass>R        pass>T  pass>K   -             -         finish>F    finish>F  -
USR1        pass>R        pass>T  pass>K   -             -         -           -         -
CONT        pass>R        pass>T  pass>K   -             -         -           -         -
WINCH       pass>R        pass>T  pass>K   -             -         -           -         -
group-TERM  time>T        -       -        -             -         finish>F    finish>F  -
group-INT   -             -       -        -             -         finish>F    finish>F  -
group-CONT  -             -       -        -             -         -           -         -
group-WINCH resize>R      resize>T resize>K -            -         -           -         -
stopped     stop>R        stop>T  stop>K   -             -         -           -         -
resumed     -             -       -        -             -         -           -         -
not-stopped continue>R    continue>T continue>K -        -         -           -         -
ended       linger>D      linger>D linger>D -            -         -           -         -
time        -             kill>K  -        kill-rest>X   linger>D  close>C     -         -
output-end  -             -       -        -             -         finish>F    finish>F  -
childless   -             -       -        linger>D      linger>D  -           -         -
";

fn event(name: &str) -> Event {
    match name {
        "TERM" => sent(libc::SIGTERM),
        "INT" => sent(libc::SIGINT),
        "HUP" => sent(libc::SIGHUP),
        "USR1" => sent(libc::SIGUSR1),
        "CONT" => sent(libc::SIGCONT),
        "WINCH" => sent(libc::SIGWINCH),
        "group-TERM" => to_group(libc::SIGTERM),
        "group-INT" => to_group(libc::SIGINT),
        "group-CONT" => to_group(libc::SIGCONT),
        "group-WINCH" => to_group(libc::SIGWINCH),
        "stopped" => Event::Stopped(libc::SIGTSTP),
        "resumed" => Event::Resumed { stopped: true },
        "not-stopped" => Event::Resumed { stopped: false },
        "ended" => Event::Ended(CODE),
        "time" => Event::Deadline,
        "output-end" => Event::OutputEnded,
        "childless" => Event::NoDescendants,
        other => panic!("no event {other}"),
    }
}

fn phase(name: &str) -> Phase {
    match name {
        "R" => Phase::Running,
        "T" => Phase::Terminating,
        "K" => Phase::Killed,
        "W" => Phase::EndingDescendants { exit: CODE, killed: false },
        "X" => Phase::EndingDescendants { exit: CODE, killed: true },
        "D" => Phase::Draining { exit: CODE, closed: false },
        "C" => Phase::Draining { exit: CODE, closed: true },
        "F" => Phase::Finished,
        other => panic!("no phase {other}"),
    }
}

fn actions(name: &str, event: Event) -> Vec<Action> {
    let part = |name: &str| match (name, event) {
        ("pass", Event::Signal(received)) => vec![Action::Forward(received)],
        ("time", _) => vec![Action::StartTimer(KILL_AFTER)],
        ("linger", _) => vec![Action::StartTimer(DRAIN_TIMEOUT)],
        ("kill", _) => vec![Action::Kill, Action::StopTimer],
        ("kill-rest", _) => {
            vec![Action::StartTimer(DRAIN_TIMEOUT), Action::SignalDescendants(libc::SIGKILL)]
        }
        ("close", _) => vec![Action::CloseOutput, Action::StopTimer],
        ("resize", _) => vec![Action::Resize],
        ("continue", _) => vec![Action::Continue],
        ("stop", Event::Stopped(number)) => vec![Action::Stop(number)],
        ("finish", _) => vec![Action::Finish(CODE)],
        (other, _) => panic!("no action {other}"),
    };
    name.split(',').flat_map(part).collect()
}

#[test]
fn every_event_has_its_actions_in_every_phase() {
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
            let mut state = SupervisorState { policy: POLICY, phase: phase(column) };
            assert_eq!(state.step(event), want, "{} in {column}", row[0]);
            assert_eq!(state.phase, phase(follows), "{} in {column}", row[0]);
        }
    }
}

#[test]
fn without_kill_after_nothing_is_killed() {
    let patient = Policy { kill_after: None, ..POLICY };
    let mut state = SupervisorState::new(patient);
    for _ in 0..50 {
        assert_eq!(state.step(sent(libc::SIGTERM)), actions("pass", sent(libc::SIGTERM)));
        assert_eq!(state.step(to_group(libc::SIGTERM)), []);
    }
    assert_eq!(state.phase, Phase::Running);
}

#[test]
fn an_ignored_sigterm_starts_no_timer() {
    let mut state = SupervisorState::new(Policy { term_ignored: true, ..POLICY });
    assert_eq!(state.step(sent(libc::SIGTERM)), actions("pass", sent(libc::SIGTERM)));
    assert_eq!(state.phase, Phase::Running);
}

#[test]
fn a_separate_session_is_resized_and_continued() {
    let mut state = SupervisorState::new(Policy { own_session: true, ..POLICY });
    for (event, want) in [
        (Event::Signal(signal(libc::SIGWINCH, true)), "resize"),
        (sent(libc::SIGWINCH), "pass"),
        (sent(libc::SIGCONT), "continue"),
        (Event::Resumed { stopped: true }, "continue"),
        (sent(libc::SIGTSTP), "pass"),
    ] {
        assert_eq!(state.step(event), actions(want, event), "{event:?}");
    }
}

#[test]
fn descendants_are_terminated_with_init() {
    let actions =
        SupervisorState::new(Policy { end_descendants: true, ..POLICY }).step(Event::Ended(CODE));
    assert_eq!(actions, [Action::StartTimer(KILL_AFTER), Action::SignalDescendants(libc::SIGTERM)]);
}
