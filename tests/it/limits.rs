//! Resource limits (`setrlimit(2)`): under each, hushed works or says which limit to raise, and the command
//! inherits it as it was. Must not depend on the limits that the tests themselves run under.

use std::ffi::OsString;

use crate::support::sandbox::{Output, Sandbox, hushed};

fn home() -> Sandbox {
    Sandbox::new().file(".env", "KEY=canary-value\n").env("HUSHED_ENV_FILE", ".env")
}

fn limited(sandbox: &Sandbox, rules: &[&str], arguments: &[&str]) -> Output {
    let program = [hushed().into_os_string()].into_iter();
    sandbox.constrained(rules, program.chain(arguments.iter().map(OsString::from))).reveals().run()
}

const RUNS: [&[&str]; 3] =
    [&["run", "--", "true"], &["run", "--redact", "--", "true"], &["run", "--init", "--", "true"]];

#[test]
fn a_limit_on_file_size_changes_no_command() {
    let sandbox = home();
    let others: [&[&str]; 7] = [
        &["run", "--disk-free=best-effort", "--", "true"],
        &["export"],
        &["plan"],
        &["why", "KEY"],
        &["secrets", "list"],
        &["doctor"],
        &["attest"],
    ];
    for arguments in RUNS.into_iter().chain(others) {
        let want = limited(&sandbox, &[], arguments);
        for bytes in [0, 1000, 20_000, 40_000] {
            let rule = format!("RLIMIT_FSIZE={bytes}");
            let output = limited(&sandbox, &[&rule], arguments);
            assert_eq!(output.code(), want.code(), "{rule} {arguments:?}: {}", output.stderr);
            if arguments != ["attest"] {
                assert_eq!(output.stdout, want.stdout, "{rule} {arguments:?}");
            }
            assert_eq!(output.stderr, want.stderr, "{rule} {arguments:?}");
        }
    }
}

#[test]
fn the_command_inherits_the_file_size_and_the_disposition_of_sigxfsz() {
    let sandbox = home();
    let show = ["sh", "-c", "ulimit -f; ulimit -Hf; grep -E 'Sig(Ign|Blk|Cgt)' /proc/self/status"];
    for rules in [
        &["RLIMIT_FSIZE=0"][..],
        &["RLIMIT_FSIZE=8192"],
        &["RLIMIT_FSIZE=8192", "SIGXFSZ=IGNORE"],
        &["SIGXFSZ=IGNORE", "SIGPIPE=IGNORE"],
    ] {
        let want = sandbox.constrained(rules, show).run().success().stdout;
        for run in RUNS {
            let line = [&run[..run.len() - 1], &show].concat();
            let output = limited(&sandbox, rules, &line).success();
            assert_eq!(output.stdout, want, "{rules:?} {run:?}");
        }
    }
    // Where it is not ignored, it ends the command as without hushed.
    let write = ["sh", "-c", "head -c 100000 /dev/zero >out; echo $?"];
    let want = sandbox.constrained(&["RLIMIT_FSIZE=8192"], write).run().success().stdout;
    assert_eq!(want, "153\n");
    for run in RUNS {
        let line = [&run[..run.len() - 1], &write].concat();
        assert_eq!(limited(&sandbox, &["RLIMIT_FSIZE=8192"], &line).success().stdout, want);
    }
}
