//! Memory at each stage of a run with secrets: before the exec, while supervising, and at the end.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::fd::OwnedFd,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Known, Subject, Vault, assert_found, assert_none, assert_protected, copies, envelope, exposed,
    kernels,
    launch::{self, Kernel},
    scan, uncleared, uuid,
};
use crate::support::{
    infisical::{CLIENT_SECRET, Fault, FaultKind},
    sandbox::{Sandbox, hushed},
};

pub(super) const LOGIN: &str = "/api/v1/auth/universal-auth/login";
pub(super) const LIST: &str = "/api/v4/secrets";

/// No stage takes longer to be reached on any machine that is worth waiting for.
const DEADLINE: Duration = Duration::from_secs(20);

/// Looks again and again until what is said of a stage holds.
pub(super) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < DEADLINE {
        if holds() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

/// Fails the test unless soon nothing is left: the command may be faster than what we do after it has
/// begun, or after it has written something.
pub(super) fn assert_none_remains(stage: &str, pid: u32, known: &[Known]) {
    if !eventually(|| copies(pid, known).is_empty()) {
        assert_none(stage, &copies(pid, known));
    }
}

/// Fails the test unless what there is of these is in protected memory, sooner or later.
pub(super) fn assert_not_exposed(stage: &str, pid: u32, known: &[Known]) {
    let open = || exposed(&copies(pid, known));
    assert!(eventually(|| open().is_empty()), "{stage}: in open memory:\n{}", open().join("\n"));
}

/// Prints what there is of these while a request is under way: the buffers of HTTP and TLS are not ours.
pub(super) fn report(stage: &str, pid: u32, known: &[Known]) {
    let copies = copies(pid, known);
    let open = exposed(&copies).len();
    let protected = copies.len() - open;
    let line = format!("{stage}: {open} copies in open memory, {protected} in protected\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Returns whether a process has memory that we cannot look into.
fn hides(pid: u32) -> bool {
    scan::mappings(pid).unwrap().iter().any(scan::Mapping::is_hidden)
}

/// All that is known of a run.
pub(super) fn everything(vault: &Vault) -> Vec<Known> {
    [Vault::client_secret(), vault.token(), vault.secrets.clone()].concat()
}

/// A run that is about to execute its command.
pub(super) fn before_exec(
    vault: &Vault,
    program: &Path,
    kernel: Kernel,
    flags: &[&str],
) -> Subject {
    let arguments: Vec<&str> =
        ["run"].iter().chain(flags).chain(&["--", "true"]).copied().collect();
    let subject = Subject::start(vault.command(program, &arguments), kernel, true);
    launch::until_execve(&subject.0);
    subject
}

#[test]
fn before_the_exec() {
    for kernel in kernels() {
        let vault = Vault::open();
        let subject = before_exec(&vault, &hushed(), kernel, &[]);
        let copies = subject.find(&vault.secrets);
        assert_protected("before the exec", kernel, &copies);
        assert_found("before the exec", kernel, &copies, &vault.secrets);
        assert_none("before the exec", &subject.find(&Vault::client_secret()));
        assert_none("before the exec", &subject.find(&vault.token()));
    }
}

#[test]
fn while_supervising() {
    for kernel in kernels() {
        for flag in ["--init", "--redact"] {
            let vault = Vault::open();
            // With --redact the values pass through us, which must not keep them either.
            let script =
                "if [ $1 = --redact ]; then echo \"$SECRET_00\"; fi; echo started; read line";
            let arguments = ["run", flag, "--", "sh", "-c", script, "sh", flag];
            let mut subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
            if flag == "--redact" {
                assert_eq!(subject.await_line(), "[hushed:SECRET_00]");
            }
            assert_eq!(subject.await_line(), "started");
            let known = everything(&vault);
            let stage = format!("while supervising with {flag}");
            // Redaction needs the values, in protected memory.
            if flag == "--redact" {
                assert_not_exposed(&stage, subject.0.id(), &known);
            } else {
                assert_none_remains(&stage, subject.0.id(), &known);
            }
            // Without a search the last secret took its pages along.
            if flag == "--init" {
                assert!(eventually(|| !hides(subject.0.id())), "{kernel:?}");
            }
        }
    }
}

#[test]
fn beside_a_terminal() {
    for kernel in kernels() {
        let vault = Vault::open();
        let pair = nix::pty::openpty(None, None).unwrap();
        let script = "echo started; read line";
        let arguments = ["run", "--redact", "--", "sh", "-c", script];
        let mut command = vault.command(&hushed(), &arguments);
        command.stdout(Stdio::from(pair.slave));
        let subject = Subject::start(command, kernel, false);
        let mut line = String::new();
        BufReader::new(fs::File::from(pair.master)).read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), "started");
        // The process that tells signals apart has no need of any secret.
        assert!(
            eventually(|| subject.witnesses_and_commands().0.len() == 1),
            "there is no witness"
        );
        let witness = subject.witnesses_and_commands().0[0];
        let known = everything(&vault);
        assert_none_remains("the witness", witness, &known);
        assert!(eventually(|| !hides(witness)), "the witness has hidden memory");
        assert_not_exposed("its parent", subject.0.id(), &known);
    }
}

#[test]
fn in_argv_and_environ_of_hushed() {
    let shows = |pid: u32, file: &str, secret: &str| {
        let text = fs::read(format!("/proc/{pid}/{file}")).unwrap();
        text.windows(secret.len()).any(|window| window == secret.as_bytes())
    };
    for kernel in kernels() {
        let vault = Vault::open();
        vault.server.fault(Fault::on(LIST, FaultKind::Hang));
        let subject =
            Subject::start(vault.command(&hushed(), &["run", "--", "true"]), kernel, false);
        vault.server.await_request(LIST);
        assert!(!shows(subject.0.id(), "environ", CLIENT_SECRET));
        assert!(shows(subject.0.id(), "environ", &vault.sandbox.variable("HOME")));

        for (first, second) in [("--token", None), ("--token=", Some(()))] {
            let token = vault.server.mint("reader");
            let typed = second.map_or(vec![first.to_owned(), token.clone()], |()| {
                vec![format!("{first}{token}")]
            });
            let arguments: Vec<&str> = ["run"]
                .into_iter()
                .chain(typed.iter().map(String::as_str))
                .chain(["--", "true"])
                .collect();
            vault.server.forget();
            let subject = Subject::start(vault.command(&hushed(), &arguments), kernel, false);
            vault.server.await_request(LIST);
            assert!(!shows(subject.0.id(), "cmdline", &token), "{first}");
            assert!(shows(subject.0.id(), "cmdline", "--token"), "{first}");
            drop(subject);

            vault.server.heal();
            let subject = before_exec(
                &vault,
                &hushed(),
                kernel,
                &typed.iter().map(String::as_str).collect::<Vec<_>>(),
            );
            assert_none(first, &subject.find(&[Known::new("the token", &token)]));
            vault.server.fault(Fault::on(LIST, FaultKind::Hang));
        }
    }
}

/// Looks at a run on files that is about to execute its command: of its secrets there is one copy, of
/// what opened them none.
fn check_files(sandbox: &Sandbox, flags: &[&str], secrets: &[Known], keys: &[Known]) {
    for kernel in kernels() {
        let arguments = ["run"].iter().chain(flags).chain(&["--", "true"]).copied();
        let mut command = sandbox.program(hushed(), arguments).prepared();
        command.stdin(Stdio::null());
        let subject = Subject::start(command, kernel, true);
        launch::until_execve(&subject.0);
        let stage = format!("before the exec with {flags:?}");
        let copies = subject.find(secrets);
        assert_protected(&stage, kernel, &copies);
        assert_found(&stage, kernel, &copies, secrets);
        assert_none(&stage, &subject.find(keys));
    }
}

/// Puts secrets into the local store.
fn store(sandbox: &Sandbox) -> Vec<Known> {
    let secrets: Vec<Known> = (0..3)
        .map(|number| Known::new(&format!("SECRET_{number}"), format!("canary-{}", uuid(number))))
        .collect();
    for secret in &secrets {
        let command = sandbox.command(["secrets", "set", &secret.name]);
        command.stdin(secret.value.clone()).run().success();
    }
    secrets
}

/// The file of the local store.
fn sealed(sandbox: &Sandbox) -> Vec<u8> {
    fs::read(sandbox.project().join("secrets.hushed")).unwrap()
}

#[test]
fn with_a_local_store_and_a_key_file() {
    let sandbox = Sandbox::new();
    let secrets = store(&sandbox);
    let line = fs::read_to_string(sandbox.home().join(".config/hushed/key")).unwrap();
    let text = line.trim_end().rsplit(':').next().unwrap();
    let key = STANDARD.decode(text).unwrap();
    let mut keys = envelope::of_store_key(&key, &sealed(&sandbox));
    keys.extend([Known::new("the key", key), Known::new("the key as text", text)]);
    check_files(&sandbox, &[], &secrets, &keys);
}

#[test]
fn with_a_local_store_and_a_passphrase() {
    let passphrase = "canary of a passphrase of several words";
    let sandbox = Sandbox::new().env("HUSHED_PASSPHRASE", passphrase);
    let secrets = store(&sandbox);
    let mut keys = envelope::of_store_passphrase(passphrase.as_bytes(), &sealed(&sandbox));
    keys.push(Known::new("the passphrase", passphrase));
    check_files(&sandbox, &[], &secrets, &keys);
}

#[test]
fn with_a_dotenv_file() {
    let value = format!("canary-{}", uuid(0));
    let quoted = format!("canary \"{}\" and #more", uuid(1));
    let text = format!("PLAIN={value}\nQUOTED='{quoted}'\n");
    let sandbox = Sandbox::new().file(".env", text);
    let secrets = [Known::new("PLAIN", value), Known::new("QUOTED", quoted)];
    check_files(&sandbox, &["--env-file", ".env"], &secrets, &[]);
}

/// A run that cannot say what is wrong, because nobody reads what it says.
pub(super) fn reporting(vault: &Vault, kernel: Kernel, arguments: &[&str]) -> (Subject, OwnedFd) {
    reporting_to(vault, kernel, arguments, ("/dev/null", 0))
}

/// The same, where its standard output is this file, and so many bytes may be said before.
pub(super) fn reporting_to(
    vault: &Vault,
    kernel: Kernel,
    arguments: &[&str],
    (stdout, room): (&str, usize),
) -> (Subject, OwnedFd) {
    let (reader, writer) = nix::unistd::pipe().unwrap();
    nix::fcntl::fcntl(&writer, nix::fcntl::FcntlArg::F_SETPIPE_SZ(4096)).unwrap();
    let mut file = fs::File::from(writer);
    file.write_all(&[b'.'; 4096][room..]).unwrap();
    let mut command = vault.command(&hushed(), arguments);
    command.stderr(Stdio::from(file));
    command.stdout(fs::OpenOptions::new().write(true).open(stdout).unwrap());
    let subject = Subject::start(command, kernel, false);
    let call = format!("/proc/{}/syscall", subject.0.id());
    let begin = format!("{} 0x2 ", nix::libc::SYS_write);
    let speaks = || fs::read_to_string(&call).is_ok_and(|text| text.starts_with(&begin));
    assert!(eventually(speaks), "it says nothing");
    (subject, reader)
}

#[test]
fn while_an_error_is_reported() {
    for kernel in kernels() {
        for arguments in [
            &["run", "--require", "NOSUCH", "--", "true"][..],
            &["run", "--", "./nosuch"],
            &["run", "--redact", "--", "./nosuch"],
            &["secrets", "get", "NOSUCH"],
        ] {
            let vault = Vault::open();
            let (subject, _reader) = reporting(&vault, kernel, arguments);
            let found = subject.find(&everything(&vault));
            assert_none(&format!("while {arguments:?} reports"), &found);
        }
        // What could not be written is not kept for later.
        for arguments in [&["secrets", "get", "SECRET_00"][..], &["export", "--format", "json"]] {
            let vault = Vault::open();
            let (subject, _reader) = reporting_to(&vault, kernel, arguments, ("/dev/full", 0));
            assert_none(&format!("while {arguments:?} reports"), &subject.find(&vault.secrets));
        }
        let vault = Vault::open();
        vault.server.fault(Fault::status(LOGIN, 401, r#"{"message":"Invalid credentials"}"#));
        let (subject, _reader) = reporting(&vault, kernel, &["run", "--", "true"]);
        assert_none("while a login is refused", &subject.find(&Vault::client_secret()));
    }
}

#[test]
fn without_the_allocator_copies_are_found() {
    for kernel in kernels() {
        let vault = Vault::open();
        let subject = before_exec(&vault, &uncleared(), kernel, &[]);
        let known = everything(&vault);
        assert!(!exposed(&subject.find(&known)).is_empty(), "nothing was found: {kernel:?}");
    }
}
