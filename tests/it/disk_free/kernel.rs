//! Seccomp filters that hide or deny Landlock, seccomp and other system calls.

use super::{can_be_held, over_tls, skipped};
use crate::support::sandbox::{Output, Sandbox, hushed};

fn constrained(rules: &[&str], sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let program = hushed().into_os_string();
    let line = [program].into_iter().chain(arguments.iter().map(std::ffi::OsString::from));
    sandbox.constrained(rules, line).run()
}

/// What an outer filter does, and what is then said. A filter that answers as an old kernel would cannot be
/// told from one; whatever else it answers is not blamed on the kernel.
const LACKS: [(&str, &str); 9] = [
    ("landlock_create_ruleset=ENOSYS", "no Landlock, or a system-call filter hides it"),
    ("landlock_create_ruleset=EPERM", "a container's policy denies Landlock"),
    ("landlock_create_ruleset=KILL", "a container's policy denies Landlock"),
    ("landlock_add_rule=EPERM", "a container's policy denies Landlock"),
    ("landlock_restrict_self=EPERM", "a container's policy denies Landlock"),
    ("landlock_restrict_self=KILL", "a container's policy denies Landlock"),
    ("prctl:22=EINVAL", "no seccomp filters, or a system-call filter hides them"),
    ("prctl:22=EPERM", "a container's policy denies seccomp filters"),
    ("prctl:22=KILL", "a container's policy denies seccomp filters"),
];

#[test]
fn strict_mode_fails_before_any_request_if_a_restriction_is_missing() {
    let (server, sandbox) = over_tls();
    for (rule, want) in LACKS {
        for (command, code) in [
            (&["run", "--disk-free", "--", "true"][..], 125),
            (&["plan", "--disk-free"], 1),
            (&["export", "--disk-free"], 1),
            (&["secrets", "list", "--disk-free"], 1),
        ] {
            let output = constrained(&[rule], &sandbox, command).fails_with(code);
            let begin = "hushed: cannot enforce disk-free mode (--disk-free): ";
            assert!(output.stderr.starts_with(begin), "{rule}: {}", output.stderr);
            assert!(output.stderr.contains(want), "{rule}: {}", output.stderr);
            assert!(output.stderr.contains("--disk-free=best-effort"), "{}", output.stderr);
            assert!(
                output.stderr.contains("hint: allow the system calls landlock_"),
                "{}",
                output.stderr
            );
            assert!(!output.stderr.contains("newer kernel"), "{rule}: {}", output.stderr);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn best_effort_mode_warns_of_missing_restrictions() {
    if !can_be_held() {
        return;
    }
    let (server, sandbox) = over_tls();
    let line = ["run", "--disk-free=best-effort", "--", "true"];
    for (rule, want) in LACKS {
        let output = constrained(&[rule], &sandbox, &line).success();
        let begin = "hushed: warning: disk-free mode is only partly enforced: ";
        assert!(output.stderr.starts_with(begin), "{rule}: {}", output.stderr);
        assert!(output.stderr.contains(want), "{rule}: {}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{rule}: {}", output.stderr);
        server.forget();
    }
    // Where nothing is missing there is nothing to say.
    let output = sandbox.run(line).success();
    assert_eq!(output.stderr, "");
}

#[test]
fn filters_of_unrelated_system_calls_change_nothing() {
    if !can_be_held() {
        return;
    }
    let (_server, sandbox) = over_tls();
    for rule in [
        "seccomp=EPERM",
        "seccomp=KILL",
        "prlimit64=EPERM",
        "memfd_secret=EPERM",
        "memfd_secret=KILL",
        "unshare=KILL",
    ] {
        for line in [
            &["run", "--disk-free", "--", "true"][..],
            &["run", "--disk-free", "--redact", "--", "true"],
            &["run", "--init", "--", "true"],
            &["plan", "--disk-free"],
        ] {
            let output = constrained(&[rule], &sandbox, line).success();
            assert_eq!(output.stderr, "", "{rule} {line:?}");
        }
    }
}

#[test]
fn capabilities_that_cannot_be_dropped_are_reported() {
    if !nix::unistd::geteuid().is_root() || !can_be_held() {
        return skipped("only root has capabilities to give up");
    }
    let sandbox = Sandbox::new().file(".env", "A=canary\n").env("HUSHED_ENV_FILE", ".env");
    for rule in ["capset=EPERM", "capset=KILL"] {
        let want = "a container's policy denies dropping capabilities (capset)";
        let line = ["run", "--disk-free", "--", "true"];
        let output = constrained(&[rule], &sandbox, &line).fails_with(125);
        assert!(output.stderr.contains(want), "{}", output.stderr);
        let line = ["run", "--disk-free=best-effort", "--", "true"];
        let output = constrained(&[rule], &sandbox, &line).success();
        assert!(output.stderr.contains(want), "{}", output.stderr);
        let output = constrained(&[rule], &sandbox, &["attest"]).fails_with(1);
        assert!(output.stdout.contains("DOES NOT capabilities"), "{}", output.stdout);
    }
}

#[test]
fn attest_reports_missing_restrictions() {
    let sandbox = Sandbox::new();
    for (rule, want) in LACKS {
        let line = if rule.starts_with("landlock") { "Landlock" } else { "seccomp" };
        let output = constrained(&[rule], &sandbox, &["attest", "--json"]).fails_with(1);
        let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let found = said["lines"].as_array().unwrap().iter().find(|found| found["what"] == line);
        let found = found.unwrap();
        assert_eq!(found["holds"], false, "{rule}: {}", output.stdout);
        let denied =
            found["finding"].as_str().unwrap().starts_with("denied by a system-call filter");
        assert_eq!(denied, want.contains("denies"), "{rule}: {found}");
    }
}

#[test]
fn a_fetch_works_with_sigchld_ignored() {
    if !can_be_held() {
        return;
    }
    let (_server, sandbox) = over_tls();
    for line in [
        &["run", "--disk-free", "--", "true"][..],
        &["run", "--disk-free", "--redact", "--", "true"],
    ] {
        let output = constrained(&["SIGCHLD=IGNORE"], &sandbox, line).success();
        assert_eq!(output.stderr, "");
    }
}
