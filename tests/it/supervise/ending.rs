//! How the end of the command is told to our parent.

use std::os::unix::process::ExitStatusExt as _;

use super::{direct, output, status};

#[test]
fn every_exit_code_is_the_commands() {
    for code in 0..=255 {
        let ended = status(direct(&[], &["sh", "-c", &format!("exit {code}")]));
        assert_eq!(ended.code(), Some(code));
    }
}

#[test]
fn every_deadly_signal_is_seen_by_the_parent() {
    // Those that stop or are ignored end nobody, and the C library keeps 32 to 34 for itself.
    let deadly = (1..=31).filter(|number| !matches!(number, 17..=23 | 28));
    for number in deadly.chain(35..=64) {
        let script = format!("ulimit -c 0; kill -{number} $$");
        let ended = status(direct(&[], &["sh", "-c", &script]));
        assert_eq!(ended.signal(), Some(number), "{ended}");
        assert!(!ended.core_dumped(), "{number}");
    }
}

#[test]
fn what_was_not_executed_is_told_apart_from_the_commands_own_code() {
    for (command, code, fault) in [
        (&["sh", "-c", "exit 127"][..], 127, ""),
        (&["sh", "-c", "exit 126"], 126, ""),
        (&["no-such-command"], 127, "`no-such-command` was not found in PATH"),
        (&["/no/such/command"], 127, "`/no/such/command` was not found"),
        (&["/etc/passwd"], 126, "`/etc/passwd` cannot be executed"),
        (&["/etc"], 126, "`/etc` cannot be executed"),
    ] {
        let (ended, _, errors) = output(direct(&[], command));
        assert_eq!(ended.code(), Some(code), "{command:?}");
        assert_eq!(errors.contains("supervise_probe:"), !fault.is_empty(), "{errors}");
        assert!(errors.contains(fault), "{errors}");
    }
}

#[test]
fn a_text_without_an_interpreter_is_run_by_the_shell() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("script");
    std::fs::write(&script, "echo \"ran with $1\"\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    for mode in ["--plain", "--exec"] {
        let (ended, said, errors) = output(direct(&[mode], &[script.to_str().unwrap(), "canary"]));
        assert_eq!((ended.code(), &*said), (Some(0), &b"ran with canary\n"[..]), "{errors}");
    }
}
