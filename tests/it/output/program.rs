//! Terminal programs whose output is redacted: psql, less, vim, top, tmux, an inner shell. Prints a line
//! for each that is missing.

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
    psql_works_unchanged
    less_shows_a_file
    vim_edits_a_file_with_secrets
    top_runs_until_it_quits
    tmux_resizes_the_command
    ctrl_z_stops_a_fetch_at_once
    lines_typed_ahead_reach_an_inner_shell
    an_end_of_input_typed_ahead_reaches_an_inner_terminal
    typed_input_is_wiped
    an_inner_terminal_is_chosen_for_a_shell_alone
}
