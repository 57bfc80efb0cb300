//! The exit status that the parent of hushed sees.

use std::os::unix::process::ExitStatusExt as _;

use super::{as_child, output, status};

#[test]
fn every_exit_code_is_passed_on() {
    for code in 0..=255 {
        let ended = status(as_child(&[], &["sh", "-c", &format!("exit {code}")]));
        assert_eq!(ended.code(), Some(code));
    }
}

#[test]
fn every_fatal_signal_is_passed_on() {
    // Those that stop or are ignored end nobody, and the C library keeps 32 to 34 for itself.
    let deadly = (1..=31).filter(|number| !matches!(number, 17..=23 | 28));
    for number in deadly.chain(35..=64) {
        let script = format!("ulimit -c 0; kill -{number} $$");
        let ended = status(as_child(&[], &["sh", "-c", &script]));
        assert_eq!(ended.signal(), Some(number), "{ended}");
        assert!(!ended.core_dumped(), "{number}");
    }
}

#[test]
fn exec_errors_have_their_own_exit_codes() {
    for (command, code, fault) in [
        (&["sh", "-c", "exit 127"][..], 127, ""),
        (&["sh", "-c", "exit 126"], 126, ""),
        (&["no-such-command"], 127, "`no-such-command` was not found in PATH"),
        (&["/no/such/command"], 127, "`/no/such/command` was not found"),
        (&["/etc/passwd"], 126, "`/etc/passwd` cannot be executed"),
        (&["/etc"], 126, "`/etc` cannot be executed"),
    ] {
        let (ended, _, errors) = output(as_child(&[], command));
        assert_eq!(ended.code(), Some(code), "{command:?}");
        assert_eq!(errors.contains("supervise_probe:"), !fault.is_empty(), "{errors}");
        assert!(errors.contains(fault), "{errors}");
    }
}

#[test]
fn a_script_without_a_shebang_is_run_by_the_shell() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("script");
    std::fs::write(&script, "echo \"ran with $1\"\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    for mode in ["--plain", "--exec"] {
        let (ended, said, errors) =
            output(as_child(&[mode], &[script.to_str().unwrap(), "canary"]));
        assert_eq!((ended.code(), &*said), (Some(0), &b"ran with canary\n"[..]), "{errors}");
    }
}
