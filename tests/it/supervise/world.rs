//! Terminals and service managers, simulated in Python.

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
    one_terminal_for_two_streams
    ctrl_c_arrives_once
    ctrl_c_arrives_once_on_a_shared_terminal
    ctrl_c_ends_the_whole_job
    ctrl_d_ends_the_input
    ctrl_z_gives_the_prompt_and_fg_continues
    ctrl_z_works_on_a_shared_terminal
    bg_continues_until_the_command_reads_the_terminal
    a_background_command_stops_when_it_reads_the_terminal
    vim_suspends_and_writes
    less_reads_keys_from_a_pipeline
    a_pipeline_into_less
    a_shell_has_job_control
    a_password_is_not_echoed
    the_command_sees_a_new_terminal_size
    modes_that_stty_sets_stay
    modes_are_restored_after_the_command_is_killed
    modes_are_restored_after_a_panic
    modes_are_restored_after_hushed_is_killed
    a_hangup_reaches_the_command
}

scenarios! { "systemd.py":
    messages_come_from_the_main_process
    descriptors_are_relayed
    messages_of_other_processes_are_dropped
    messages_are_relayed_without_proc
    messages_of_an_undumpable_command_are_relayed_with_hidden_proc
    a_main_process_named_by_pidfd_is_removed
    variables_name_the_command
}
