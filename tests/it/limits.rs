//! Resource limits (`setrlimit(2)`): under each, hushed works or names the limit, and the command inherits it.

use std::ffi::OsString;
use std::os::unix::fs::chown;

use crate::support::sandbox::{Output, Sandbox, hushed};

fn home() -> Sandbox {
    Sandbox::new().file(".env", "KEY=canary-value\n").env("HUSHED_ENV_FILE", ".env")
}

fn limited(sandbox: &Sandbox, rules: &[&str], arguments: &[&str]) -> Output {
    let program = [hushed().into_os_string()].into_iter();
    sandbox.constrained(rules, program.chain(arguments.iter().map(OsString::from))).reveals().run()
}

#[expect(clippy::print_stderr, reason = "a test that is skipped must be heard")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
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

#[test]
fn a_file_size_limit_is_named_in_the_error() {
    let sandbox = home().permits("out").permits("key");
    let rule = ["RLIMIT_FSIZE=0"];
    let fails = |arguments: &[&str]| {
        let output = limited(&sandbox, &rule, arguments).fails_with(1);
        assert!(output.stderr.starts_with("hushed: "), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains("RLIMIT_FSIZE"), "{arguments:?}: {}", output.stderr);
    };
    fails(&["export", "--output", "out"]);
    fails(&["init"]);
    for name in ["out", "hushed.toml"] {
        let written = std::fs::read(sandbox.project().join(name)).unwrap_or_default();
        assert_eq!(written, b"", "{name} has half of its content");
    }
    // Standard output is a file like any other.
    let shell = "exec \"$@\" >redirected";
    let program = hushed().into_os_string().into_string().unwrap();
    let line = ["sh", "-c", shell, "sh", &program, "export"];
    let output = sandbox.constrained(&rule, line).run().fails_with(1);
    assert!(output.stderr.contains("RLIMIT_FSIZE"), "{}", output.stderr);
}

#[test]
fn a_store_that_hits_the_file_size_limit_keeps_its_secrets() {
    let config = "[source.local]\ntype = \"local\"\nfile = \"store\"\n";
    let sandbox =
        Sandbox::new().file("hushed.toml", config).env("HUSHED_PASSPHRASE", "canary-phrase");
    let set = |rules: &[&str], value: &str| {
        let arguments = ["secrets", "set", "KEY"].map(OsString::from);
        let line = [hushed().into_os_string()].into_iter().chain(arguments);
        sandbox.constrained(rules, line).stdin(value).run()
    };
    set(&[], "canary-first").success();
    for bytes in ["RLIMIT_FSIZE=0", "RLIMIT_FSIZE=100"] {
        let output = set(&[bytes], "canary-second").fails_with(65);
        assert!(output.stderr.contains("RLIMIT_FSIZE"), "{}", output.stderr);
        let read = sandbox.command(["secrets", "get", "KEY"]).reveals().run().success();
        assert_eq!(read.stdout.trim_end(), "canary-first");
    }
    set(&[], "canary-third").success();
}

#[test]
fn a_descriptor_limit_is_named_in_the_error() {
    let sandbox = home();
    for arguments in RUNS.into_iter().chain([&["run", "--disk-free=best-effort", "--", "true"][..]])
    {
        let mut failures = 0;
        // Below 4, the loader finds no C library.
        for most in [4, 5, 6, 8, 10, 12, 16, 24] {
            let output = limited(&sandbox, &[&format!("RLIMIT_NOFILE={most}")], arguments);
            if output.code() != 0 {
                failures += 1;
                names_limit(&output, 125, "RLIMIT_NOFILE");
            }
        }
        assert!(failures < 7, "{arguments:?}: {failures}");
    }
}

#[test]
fn a_process_limit_is_named_in_the_error() {
    let sandbox = home();
    let Some(mut rules) = ordinary_user(&sandbox) else { return };
    rules.push("RLIMIT_NPROC=0");
    for arguments in [RUNS[1], RUNS[2], &["run", "--disk-free=best-effort", "--", "true"]] {
        names_limit(&limited(&sandbox, &rules, arguments), 125, "RLIMIT_NPROC");
    }
    limited(&sandbox, &rules, RUNS[0]).success();
    // A host is looked up by a thread.
    let server = ["--domain", "https://host.example", "--project", "shop", "--env", "dev"];
    let line = [&["run"][..], &server, &["--timeout", "5s", "--", "true"]].concat();
    let sandbox = sandbox.without("HUSHED_ENV_FILE").env("INFISICAL_TOKEN", "canary.token");
    names_limit(&limited(&sandbox, &rules, &line), 125, "RLIMIT_NPROC");
}

#[test]
fn hushed_works_without_locked_memory() {
    let sandbox = home();
    let Some(mut rules) = ordinary_user(&sandbox) else { return };
    rules.push("RLIMIT_MEMLOCK=0");
    for arguments in RUNS {
        limited(&sandbox, &rules, arguments).success();
    }
}

#[test]
fn a_memory_limit_is_named_in_the_error() {
    let many = (0..500).map(|n| format!("K{n}=canary{}\n", "x".repeat(2000)));
    let sandbox = home().file(".env", many.collect::<String>());
    let mut failures = 0;
    // With less, the dynamic loader cannot map the program.
    for kib in [1800, 2000, 3000, 5000] {
        let rule = format!("RLIMIT_DATA={}", kib * 1024);
        let output = limited(&sandbox, &[&rule], &["export", "--format", "json"]);
        if output.code() != 0 {
            failures += 1;
            names_limit(&output, 1, "RLIMIT_AS, RLIMIT_DATA");
        }
    }
    assert!(failures > 0, "no limit was too low");
}

#[test]
fn a_stack_limit_is_named_in_the_error() {
    let sandbox = home();
    for bytes in [96 << 10, 160 << 10] {
        let rule = format!("RLIMIT_STACK={bytes}");
        names_limit(&limited(&sandbox, &[&rule], RUNS[0]), 125, "RLIMIT_STACK");
        names_limit(&limited(&sandbox, &[&rule], &["plan"]), 1, "RLIMIT_STACK");
    }
    for arguments in RUNS.into_iter().chain([&["plan"][..], &["doctor"], &["export"]]) {
        limited(&sandbox, &["RLIMIT_STACK=786432"], arguments).success();
    }
}

/// Fails the test unless hushed ended with this code and names the limit in a hint.
fn names_limit(output: &Output, code: i32, limit: &str) {
    assert_eq!(output.code(), code, "{}", output.stderr);
    assert!(output.stderr.starts_with("hushed: "), "{}", output.stderr);
    assert!(output.stderr.contains("\n  hint: raise the limit"), "{}", output.stderr);
    assert!(output.stderr.contains(limit), "{}", output.stderr);
}

/// The rules that make root an ordinary user, whom limits apply to and whose the files of the home are; none
/// for others. Nothing where an ordinary user cannot execute hushed.
fn ordinary_user(sandbox: &Sandbox) -> Option<Vec<&'static str>> {
    if !nix::unistd::geteuid().is_root() {
        return Some(Vec::new());
    }
    for entry in std::fs::read_dir(sandbox.project()).unwrap() {
        chown(entry.unwrap().path(), Some(65_534), Some(65_534)).unwrap();
    }
    let rules = vec!["user=65534"];
    let output = limited(sandbox, &rules, RUNS[0]);
    if output.code() == 0 {
        return Some(rules);
    }
    skipped(&format!("an ordinary user cannot execute hushed here: {}", output.stderr));
    None
}

/// Runs a line of a shell with hushed as `$0` in a root directory that has this machine's files and these
/// folders instead, as root of its own namespaces. Nothing where that cannot be.
fn in_root_without(folders: &str, sandbox: &Sandbox, script: &str) -> Option<Output> {
    let prepare =
        format!("for at in {folders}; do mount -t tmpfs none $at; done; exec sh -c \"$0\" \"$1\"");
    let program = hushed().into_os_string().into_string().unwrap();
    let unshare = ["--user", "--map-root-user", "--mount", "sh", "-ec"];
    let line = unshare.into_iter().map(OsString::from).chain([
        prepare.into(),
        script.into(),
        program.into(),
    ]);
    let probe = ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"];
    if sandbox.program("unshare", probe).run().code() != 0 {
        skipped("namespaces cannot be made here");
        return None;
    }
    Some(sandbox.program("unshare", line).run())
}

#[test]
fn hushed_works_without_device_files() {
    let sandbox = home();
    for script in [
        "$0 run -- true",
        "$0 run --redact -- true",
        "$0 run --init -- true",
        "$0 run --disk-free=best-effort -- true",
        "$0 plan",
        // Closed streams are not given to files of ours.
        "$0 run --disk-free=best-effort -- sh -c 'test -e /proc/self/fd/0 && exit 1 || exit 0' <&-",
        "$0 run --redact -- true >&-",
    ] {
        let Some(output) = in_root_without("/dev", &sandbox, script) else { return };
        assert_eq!((output.code(), &*output.stderr), (0, ""), "{script}");
    }
}
