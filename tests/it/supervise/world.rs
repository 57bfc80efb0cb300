//! Terminals and service managers, played by Python, which has both at hand.

use std::path::Path;
use std::process::Command;

use super::{output, probe_path, skipped};

/// Runs one scenario of a script beside this file.
fn scenario(script: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/supervise").join(script);
    let mut python = Command::new("python3");
    python.arg(path).arg(probe_path()).arg(name).env_remove("NOTIFY_SOCKET");
    let (ended, said, errors) = output(python);
    let said = String::from_utf8_lossy(&said).into_owned();
    if ended.code() == Some(77) {
        skipped(said.trim());
        return;
    }
    assert!(ended.success(), "{script} {name}: {ended}\n{said}\n{errors}");
}

macro_rules! scenarios {
    ($script:literal: $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                scenario($script, stringify!($name));
            }
        )*
    };
}

scenarios! { "terminal.py":
    a_terminal_is_a_terminal
    one_terminal_of_two_streams
    ctrl_c_counts_once
    ctrl_c_counts_once_without_a_terminal_of_its_own
    ctrl_c_ends_the_whole_job
    ctrl_d_ends_the_input
    ctrl_z_gives_the_prompt_and_fg_continues
    ctrl_z_without_a_terminal_of_its_own
    bg_runs_on_and_stops_at_the_keyboard
    a_background_start_stops_at_the_keyboard
    vim_suspends_and_writes
    less_reads_keys_from_a_pipeline
    a_pipeline_into_less
    a_shell_has_job_control
    a_password_is_not_echoed
    a_new_size_is_seen
    modes_that_stty_sets_stay
    modes_are_right_after_the_command_is_killed
    modes_are_right_after_a_panic
    modes_are_right_after_we_are_killed
    a_hangup_reaches_the_command
}

scenarios! { "systemd.py":
    messages_come_from_the_main_process
    descriptors_are_passed_on
    strangers_are_not_heard
    the_command_is_heard_without_proc
    a_command_that_is_not_dumpable_is_heard_where_proc_hides_it
    a_main_process_named_by_descriptor_is_the_command
    variables_name_the_command
}
