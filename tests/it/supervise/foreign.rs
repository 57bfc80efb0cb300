//! A command of another user, and systems without `/proc` or `/dev/ptmx`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use super::{SupervisedProcess, is_alive, kill, output, probe_path, skipped, within_deadline};

/// Two users that are nobody here.
const USER: &str = "61234";
const OTHER: &str = "61235";

/// A place that every user may look into, with the supervisor and a program that becomes another user.
fn shared_place() -> Option<tempfile::TempDir> {
    if !nix::unistd::geteuid().is_root() {
        skipped("only root can make a program that becomes another user");
        return None;
    }
    let place = tempfile::tempdir().unwrap();
    let setpriv =
        ["/usr/bin/setpriv", "/bin/setpriv"].into_iter().find(|path| fs::exists(path).unwrap());
    for (from, name, mode) in
        [(probe_path().to_str().unwrap(), "probe", 0o755), (setpriv?, "become", 0o4755)]
    {
        let path = place.path().join(name);
        fs::copy(from, &path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let become_other = format!("{}/become", place.path().display());
    let mut tried = Command::new("setpriv");
    tried.args(["--reuid", USER, "--clear-groups", &become_other, "--reuid", OTHER, "true"]);
    if !tried.status().unwrap().success() {
        skipped("set-user-ID programs have no effect here");
        return None;
    }
    Some(place)
}

fn as_user(place: &tempfile::TempDir, options: &[&str], script: &str) -> Command {
    let mut command = Command::new("setpriv");
    let probe = place.path().join("probe");
    command.args(["--reuid", USER, "--clear-groups", "setsid", probe.to_str().unwrap()]);
    let script =
        script.replace("BECOME", &format!("{}/become --reuid {OTHER}", place.path().display()));
    command.args(options).args(["--", "sh", "-c", &script]).stderr(Stdio::piped());
    command
}

#[test]
fn a_command_that_changed_its_user_is_supervised() {
    let Some(place) = shared_place() else { return };
    for options in [&["--plain"][..], &["--init"], &[]] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let script = "exec BECOME sh -c 'echo ready; read x; echo over; exit 7'";
        let mut command = as_user(&place, options, script);
        command.stdin(reader);
        let mut talk = SupervisedProcess::start(command);
        assert_eq!(talk.line(), "ready");
        for signal in ["USR1", "TERM", "HUP"] {
            talk.signal(signal);
        }
        writer.write_all(b"end\n").unwrap();
        assert_eq!(talk.line(), "over", "{options:?}");
        assert_eq!(talk.wait().code(), Some(7), "{options:?}");
    }
}

#[test]
fn an_orphan_of_another_user_changes_no_exit_status() {
    let Some(place) = shared_place() else { return };
    for options in [&["--plain"][..], &["--init", "--kill-after=0.2"], &["--kill-after=0.2"]] {
        let script = "BECOME sh -c 'echo $$; exec sleep 1000 >&- 2>&-' & read x <&3";
        let script = format!("exec 3<&0; {script}");
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = as_user(&place, options, &script);
        command.stdin(reader);
        let mut talk = SupervisedProcess::start(command);
        let orphan = talk.line();
        drop(writer);
        let ended = talk.wait();
        assert_eq!(ended.code(), Some(1), "{options:?}: what `read` says at the end of its input");
        assert!(is_alive(&orphan), "{options:?}");
        kill("KILL", orphan.parse().unwrap());
    }
}

/// Runs a script where something of the system is missing.
fn without(setup: &str, script: &str) -> Option<Command> {
    let unshare = ["--mount", "--map-root-user"];
    if !Command::new("unshare")
        .args(unshare)
        .arg("true")
        .output()
        .is_ok_and(|run| run.status.success())
    {
        skipped("no mount namespace can be made here");
        return None;
    }
    let mut command = Command::new("unshare");
    let probe = probe_path();
    let line = format!("{setup} && exec {} {script}", probe.display());
    command.args(unshare).args(["sh", "-c", &line]).stdin(Stdio::null());
    Some(command)
}

#[test]
fn without_proc_the_command_gets_its_signals() {
    let receiver = "import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print(\"got\", flush=True), sys.exit(3)))
print(\"ready\", flush=True)
signal.pause()";
    for options in ["--plain", "--init", ""] {
        let script = format!("{options} -- python3 -c '{receiver}'");
        let Some(command) = without("mount -t tmpfs none /proc", &script) else { return };
        let mut talk = SupervisedProcess::start(command);
        assert_eq!(talk.line(), "ready");
        talk.signal("TERM");
        assert_eq!(talk.line(), "got", "{options}");
        assert_eq!(talk.wait().code(), Some(3), "{options}");
    }
}

#[test]
fn without_proc_kill_after_works() {
    let script = "--kill-after=0.1 -- sh -c 'trap \"\" TERM; echo ready; exec sleep 1000'";
    let Some(command) = without("mount -t tmpfs none /proc", script) else { return };
    let mut talk = SupervisedProcess::start(command);
    assert_eq!(talk.line(), "ready");
    talk.signal("TERM");
    let ended = within_deadline("the end", move || talk.wait());
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(9));
}

#[test]
fn a_missing_pseudo_terminal_is_reported_with_a_hint() {
    let probe = probe_path();
    let inner = format!(
        "mount -t tmpfs none /dev/pts && mount --bind /dev/null /dev/ptmx && exec {} -- true",
        probe.display()
    );
    let script = format!("unshare --mount --map-root-user sh -c '{inner}'");
    let (ended, said, errors) = output({
        let mut command = Command::new("script");
        command.args(["-qec", &script, "/dev/null"]).stdin(Stdio::null());
        command
    });
    if errors.contains("unshare") || String::from_utf8_lossy(&said).contains("unshare") {
        return skipped("no mount namespace can be made here");
    }
    let said = String::from_utf8_lossy(&said);
    assert_eq!(ended.code(), Some(125), "{said}");
    assert!(said.contains("cannot open a pseudo-terminal"), "{said}");
}
