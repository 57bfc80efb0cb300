//! Programs that live on a terminal, used as ever while their output is redacted: psql, less, vim, top,
//! a window of tmux that changes its size, an inner shell. Must not be silent where one is missing.

use std::io::Write as _;

use super::sandbox;
use crate::support::sandbox::hushed;

/// Plays one scenario of the script beside this file.
fn scenario(name: &str) {
    let sandbox = sandbox();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/output/program.py");
    let hushed = hushed().to_string_lossy().into_owned();
    let output = sandbox.program("python3", [script, &hushed, name]).run();
    if output.status.code() == Some(77) {
        let why = format!("skipped: {name}: {}\n", output.stdout.trim());
        std::io::stderr().write_all(why.as_bytes()).unwrap();
        return;
    }
    output.success();
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                scenario(stringify!($name));
            }
        )*
    };
}

scenarios! {
    psql_is_used_as_ever
    less_shows_a_file
    vim_edits_what_it_may_not_show
    top_runs_until_it_is_quit
    tmux_gives_a_new_size
    ctrl_z_stops_a_fetch_at_once
    lines_typed_ahead_reach_an_inner_shell
    an_end_of_input_typed_ahead_reaches_an_inner_terminal
    what_is_typed_is_wiped
    an_inner_terminal_is_chosen_for_a_shell_alone
}
